package crawler

import (
	"context"
	"fmt"
	"time"

	"newsreel/internal/diepoint"
	"newsreel/internal/weburl"
	"newsreel/stream"
)

// mayFetch says whether the lease still holds by our own clock. On a locked
// folder the lock is what holds, and nobody can take over.
func (c *Crawler) mayFetch() bool { return c.s.Exclusive || c.member.Holds() }

// join uses the process's lease, or takes one for this run alone.
func (c *Crawler) join(ctx context.Context) (leave func(), err error) {
	if c.member = c.s.Member; c.member != nil {
		return func() {}, nil
	}
	c.member, err = stream.Join(ctx, c.s.NATS, stream.RoleCrawler, c.s.ID, stream.MemberOptions{Log: c.s.Log})
	if err != nil {
		return nil, err
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if err := c.member.Leave(ctx); err != nil {
			c.s.Log.Debug("leave", "error", err)
		}
	}, nil
}

// claim takes every partition of the run.
func (c *Crawler) claim(ctx context.Context) error {
	diepoint.Here("claim.lease")
	owners, err := c.run.Log.Owners(ctx)
	if err != nil {
		return err
	}
	claims, err := c.run.Log.ClaimAll(ctx, c.s.ID, owners, c.s.Now().UTC())
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	for _, claim := range claims {
		c.front.Own(claim)
	}
	diepoint.Here("claim.done")
	return c.loadSnapshots(ctx)
}

func (c *Crawler) runNumber() int { return c.run.Number }

func originOf(url string) string { return weburl.Origin(url) }
