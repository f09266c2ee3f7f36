package crawler

import (
	"context"
	"fmt"
	"time"

	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/internal/weburl"
	"newsreel/stream"
)

// mayFetch is asked right before an exchange: whether the lease holds by our
// own clock, and the partition in every run of the process. On a locked folder
// the lock is what holds, and nobody can take over.
func (c *Crawler) mayFetch(t frontier.Task) bool {
	return c.parts == nil || c.parts.open(t.Claim.Partition) && c.front.Current(t.Claim)
}

// join uses the process's lease and gate, or makes them for this run alone.
func (c *Crawler) join(ctx context.Context) (leave func(), err error) {
	parts, leave := c.s.Partitions, func() {}
	if parts == nil {
		member, err := stream.Join(ctx, c.s.NATS, stream.RoleCrawler, c.s.ID, stream.MemberOptions{Log: c.s.Log})
		if err != nil {
			return nil, err
		}
		parts = NewPartitions(member)
		leave = func() {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			if err := member.Leave(ctx); err != nil {
				c.s.Log.Debug("leave", "error", err)
			}
		}
	}
	c.s.ID = parts.member.ID()
	c.front.Named(c.s.ID)
	if !c.s.Exclusive {
		c.parts = parts
		c.front.Share()
		c.owning.terms = map[uint64]uint64{}
		parts.enter(c)
	}
	return leave, nil
}

// claim takes the partitions of the run that fall here: all of them on a locked
// folder.
func (c *Crawler) claim(ctx context.Context) error {
	diepoint.Here("claim.lease")
	owners, err := c.run.Log.Owners(ctx)
	if err != nil {
		return err
	}
	if c.parts != nil {
		return c.claimFirst(ctx, owners)
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

// claimFirst claims what falls here and is nobody's before the run is read, so
// that one reading serves for all of it. What comes later is gained.
func (c *Crawler) claimFirst(ctx context.Context, owners map[int]stream.Ownership) error {
	for n, o := range owners {
		c.owning.noteOwner(n, o)
	}
	state, err := c.run.Log.State(ctx)
	if err != nil {
		return err
	}
	c.gains.from = state.LastSeq
	want, term := c.parts.wanted(), c.parts.member.Term()
	var these []int
	for n, o := range c.owning.all() {
		if free, err := c.free(ctx, o); err != nil {
			return err
		} else if want[n] && (free || c.mine(o)) {
			these = append(these, n)
		}
	}
	if err := c.claimThese(ctx, these, c.owning.all(), term); err != nil {
		return err
	}
	for n, o := range c.owning.all() {
		if c.mine(o) && c.owning.terms[o.Sequence] == term {
			c.front.Own(stream.Claim{Partition: n, Sequence: o.Sequence})
			c.gains.from = max(c.gains.from, o.Sequence)
		}
	}
	return c.loadSnapshots(ctx)
}

func (c *Crawler) runNumber() int { return c.run.Number }

func originOf(url string) string { return weburl.Origin(url) }
