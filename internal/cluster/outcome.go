package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"newsreel/archive"
	"newsreel/internal/datadir"
)

// Outcome reads a finished run from the cluster's store.
func (c *Cluster) Outcome(ctx context.Context, collection, job string, run int) (*Outcome, error) {
	cfg, err := c.Remote()
	if err != nil {
		return nil, err
	}
	store, err := cfg.OpenStore()
	if err != nil {
		return nil, err
	}
	defer store.Close()
	return ReadOutcome(ctx, archive.New(store, ""), collection, job, run)
}

// Alone runs a job document to its end in one process, over a data folder that
// it makes, and reads what came of it. It changes the working directory of this
// process.
func Alone(ctx context.Context, p Programs, file, dir, collection, job string) (*Outcome, error) {
	cmd := exec.CommandContext(ctx, p.Newsreel, "crawl", file, "--data", dir, "--quiet")
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NEWSREEL_") && !strings.HasPrefix(v, "COLLY_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("newsreel crawl %s: %w\n%s", file, err, said.Bytes())
	}
	folder, err := datadir.Use(dir, datadir.Purpose{Command: "compare"})
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	store, err := folder.Store()
	if err != nil {
		return nil, err
	}
	return ReadOutcome(ctx, archive.New(store, filepath.Join(dir, "spool")), collection, job, 1)
}

// lastWords are what a role says when it ended cleanly.
var lastWords = regexp.MustCompile(`msg=stopped .*done=(\d+) unit=(\w+)`)

// Done is what a role's process did, over all of its starts that ended cleanly:
// a number of exchanges, results or segments. It has ended.
func (p *Process) Done() (n int64, unit string, err error) {
	for _, m := range lastWords.FindAllStringSubmatch(p.Log(1<<24), -1) {
		done, err := strconv.ParseInt(m[1], 10, 64)
		if err != nil {
			return 0, "", fmt.Errorf("%s: %w", p.Name, err)
		}
		n, unit = n+done, m[2]
	}
	if unit == "" {
		return 0, "", fmt.Errorf("%s did not end cleanly:\n%s", p.Name, p.Log(2000))
	}
	return n, unit, nil
}
