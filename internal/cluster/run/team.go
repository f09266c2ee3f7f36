package main

import (
	"context"
	"fmt"
	"time"

	"newsreel/internal/cluster"
)

// team are the processes of the roles.
type team struct {
	c       *cluster.Cluster
	members []*cluster.Process
}

// share is how many processes a role gets.
type share struct {
	role string
	n    int
}

func startTeam(c *cluster.Cluster, shares []share) (*team, error) {
	t := &team{c: c}
	for _, s := range shares {
		for range s.n {
			p, err := c.Role(s.role)
			if err != nil {
				return nil, err
			}
			t.members = append(t.members, p)
		}
	}
	return t, nil
}

// shares stops all processes, tells what each did, and holds that each did
// something.
func (t *team) shares(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := t.c.Stop(ctx); err != nil {
		return err
	}
	var idle error
	say("What each process did:")
	for _, p := range t.members {
		n, unit, err := p.Done()
		if err != nil {
			return err
		}
		say("  %-12s %6d %s, %s of CPU", p.Name, n, unit, p.CPU().Round(10*time.Millisecond))
		if n == 0 {
			idle = fmt.Errorf("%s: %w", p.Name, errIdle)
		}
	}
	return idle
}
