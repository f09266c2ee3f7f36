package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"newsreel/internal/demo"
)

// Origin is a world of sites, served by a process of its own.
type Origin struct {
	*Process
	// Job is the document that crawls the demo's newspapers; Seeds are those
	// of a bench world.
	Job   string
	Seeds []string
}

// StartOrigin serves a world whose log lies in dir: the demo's newspapers for
// -demo, or the bench world that args describe (see bench/origin).
func StartOrigin(ctx context.Context, dir, name string, p Programs, args ...string) (*Origin, error) {
	o := &Origin{Process: newProcess(dir, name, p.Origin, os.Environ(), func(int) []string { return args })}
	if err := os.Remove(filepath.Join(dir, name+".log")); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if err := o.Start(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		line, _, whole := strings.Cut(o.Log(1<<20), "\n")
		if whole {
			var first struct {
				Job   string   `json:"job"`
				Seeds []string `json:"seeds"`
			}
			if err := json.Unmarshal([]byte(line), &first); err != nil {
				o.Kill()
				return nil, fmt.Errorf("origin: %w: %s", err, line)
			}
			o.Job, o.Seeds = first.Job, first.Seeds
			return o, nil
		}
		select {
		case <-ctx.Done():
			o.Kill()
			return nil, fmt.Errorf("origin: %w", ctx.Err())
		case <-tick.C:
		}
	}
}

// Requests are those that an origin of the demo's newspapers was sent, once it
// was stopped.
func (o *Origin) Requests() ([]demo.Request, error) {
	data, err := os.ReadFile(o.LogPath())
	if err != nil {
		return nil, err
	}
	var list []demo.Request
	for i, line := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if i == 0 {
			continue // the job
		}
		var r demo.Request
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			return nil, fmt.Errorf("origin: %w: %s", err, line)
		}
		list = append(list, r)
	}
	return list, nil
}
