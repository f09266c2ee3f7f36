package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Copies is how a stream is kept now.
type Copies struct {
	Stream string
	// Replicas are asked for. Behind are the servers, by name, that are away or
	// have not caught up: their copies do not count.
	Replicas int
	Behind   []string
	// Err is why it takes no messages, nil if it does.
	Err error
}

// copiesLook is between two looks at a server that is behind: it may be
// catching up.
const copiesLook = 2 * time.Second

// AllCopies looks at the leases, at every run log, and at the streams of the
// other names, sorted by name. A stream that is gone meanwhile is left out.
func AllCopies(ctx context.Context, nc *nats.Conn, others ...string) ([]Copies, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("copies: %w", err)
	}
	var names []string
	lister := js.StreamNames(ctx)
	for name := range lister.Name() {
		if name == leaseStream || strings.HasPrefix(name, streamPrefix) || slices.Contains(others, name) {
			names = append(names, name)
		}
	}
	if err := lister.Err(); err != nil {
		return nil, fmt.Errorf("copies: %w", err)
	}
	slices.Sort(names)
	var all []Copies
	waited := false
	for i := 0; i < len(names); i++ {
		c, err := copiesOf(ctx, js, names[i])
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			continue
		}
		if len(c.Behind) > 0 && !waited {
			waited = true // once for all: they are behind together
			select {
			case <-ctx.Done():
			case <-time.After(copiesLook):
				i--
				continue
			}
		}
		if c.Err = err; err != nil {
			c.Stream = names[i]
		}
		all = append(all, c)
	}
	return all, nil
}

func copiesOf(ctx context.Context, js jetstream.JetStream, name string) (Copies, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	s, err := js.Stream(ctx, name)
	if err != nil {
		return Copies{}, err
	}
	info := s.CachedInfo()
	c := Copies{Stream: name, Replicas: info.Config.Replicas}
	if info.Cluster != nil {
		for _, peer := range info.Cluster.Replicas {
			if peer.Offline || !peer.Current {
				c.Behind = append(c.Behind, peer.Name)
			}
		}
		slices.Sort(c.Behind)
	}
	return c, takes(ctx, s, prefixOf(name))
}

// prefixOf is what the subjects of a stream begin with.
func prefixOf(name string) string {
	if bucket, ok := strings.CutPrefix(name, "KV_"); ok {
		return "$KV." + bucket
	}
	return name
}
