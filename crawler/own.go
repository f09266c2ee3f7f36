package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/stream"
)

// ownTick is how often a run looks which partitions fall to it.
const ownTick = 200 * time.Millisecond

// owning is what a run knows of who owns its partitions. The reader folds
// claims into owners; the keeper makes and releases claims.
type owning struct {
	mu     sync.Mutex
	owners [stream.Partitions]stream.Ownership

	// Of the keeper. terms are the lease's terms in which claims were made, by
	// their sequences.
	terms    map[uint64]uint64
	retiring [stream.Partitions]bool
	last     time.Time
}

// noteOwner takes over a claim that was read, or made just now.
func (o *owning) noteOwner(partition int, owner stream.Ownership) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if owner.Sequence > o.owners[partition].Sequence {
		o.owners[partition] = owner
	}
}

func (o *owning) all() [stream.Partitions]stream.Ownership {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.owners
}

func (c *Crawler) mine(o stream.Ownership) bool {
	return o.Crawler == c.s.ID && !o.Released && o.Sequence > 0
}

// own keeps the run's partitions as they fall to the live crawlers: it opens
// and shuts them with the process's gate, claims again what it held through a
// lapse of the lease, releases what falls to another, and claims what falls
// here and is nobody's.
func (c *Crawler) own(ctx context.Context) error {
	if c.parts == nil {
		return nil
	}
	now := c.s.Now()
	member := c.parts.member
	holds, term, want := member.Holds(), member.Term(), c.parts.wanted()
	owners := c.owning.all()
	for n, o := range owners {
		// Only what is folded counts as held: by then the hosts that the former
		// owner may just have asked are held back, for all runs.
		held := c.mine(o) && c.owning.terms[o.Sequence] == term && !c.owning.retiring[n] && c.front.Folded(n)
		c.parts.set(c, n, held)
	}
	for n := range owners {
		c.front.SetOpen(n, c.parts.open(n), now)
	}
	if !holds || c.stopping() || now.Sub(c.owning.last) < ownTick {
		return nil
	}
	c.owning.last = now
	var claims []int
	for n, o := range owners {
		s := frontier.Standing{Mine: c.mine(o), Fresh: c.owning.terms[o.Sequence] == term, Wanted: want[n],
			Here: c.front.Owns(n) || c.gains.gaining(n), Coming: c.folded.Load() < o.Sequence,
			Retiring: c.owning.retiring[n], Drained: c.front.Drained(n)}
		if !s.Mine {
			c.owning.retiring[n] = false
		}
		if !s.Mine && s.Wanted {
			var err error
			if s.Free, err = c.free(ctx, o); err != nil {
				return err
			}
		}
		switch s.Step() {
		case frontier.Claim:
			claims = append(claims, n)
		case frontier.Retire:
			c.owning.retiring[n] = true
			c.parts.set(c, n, false)
			c.front.Retire(n, true, now)
		case frontier.Release:
			if err := c.giveUp(ctx, n, o); err != nil {
				return err
			}
		case frontier.Resume:
			c.owning.retiring[n] = false // its newcomer has gone again
			c.front.Retire(n, false, now)
		}
	}
	return c.claimThese(ctx, claims, owners, term)
}

// free says whether a partition may be claimed: it was never claimed, it was
// released, or the lease of who claimed it has ended.
func (c *Crawler) free(ctx context.Context, o stream.Ownership) (bool, error) {
	if o.Sequence == 0 || o.Released {
		return true, nil
	}
	gone, err := c.parts.member.Gone(ctx, o.Crawler)
	if err != nil {
		return false, away(err)
	}
	return gone, nil
}

// away drops the error of a server that is away: the next look asks again.
func away(err error) error {
	if stream.Passing(err) || errors.Is(err, stream.ErrNotFound) {
		return nil
	}
	return err
}

// giveUp releases a partition of which nothing is under way.
func (c *Crawler) giveUp(ctx context.Context, n int, o stream.Ownership) error {
	at := c.s.Now().UTC()
	claim := stream.Claim{Partition: n, Sequence: o.Sequence}
	seq, err := c.run.Log.Release(ctx, claim, c.s.ID, at)
	if errors.Is(err, stream.ErrLost) || err != nil && stream.Passing(err) {
		return nil // the log will tell, or the next look
	}
	if err != nil {
		return err
	}
	diepoint.Here("claim.released")
	c.owning.noteOwner(n, stream.Ownership{Crawler: c.s.ID, Released: true, Time: at, Sequence: seq})
	c.front.DropClaim(claim)
	c.forgetSnapshot(n)
	c.stats.Released.Add(1)
	return nil
}

// claimTime bounds the wait for the answer to claims: where it is lost, the
// log tells whether they were made.
const claimTime = 3 * time.Second

// claimThese claims partitions: all at once, or one by one where another was
// faster with some. They are folded when the reader finds the claims.
func (c *Crawler) claimThese(ctx context.Context, these []int, owners [stream.Partitions]stream.Ownership, term uint64) error {
	if len(these) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, claimTime)
	defer cancel()
	previous := map[int]stream.Ownership{}
	for _, n := range these {
		previous[n] = owners[n]
	}
	groups := [][]int{these}
	if len(these) > 1 {
		for _, n := range these {
			groups = append(groups, []int{n})
		}
	}
	for _, group := range groups {
		at := c.s.Now().UTC()
		claims, err := c.run.Log.ClaimEach(ctx, c.s.ID, group, previous, at)
		if err == nil {
			diepoint.Here("claim.shared")
		}
		for _, claim := range claims {
			delete(c.owning.terms, previous[claim.Partition].Sequence)
			c.owning.terms[claim.Sequence] = term
			c.owning.noteOwner(claim.Partition, stream.Ownership{Crawler: c.s.ID, Time: at, Sequence: claim.Sequence})
		}
		switch {
		case err == nil && len(group) == len(these):
			return nil
		case err == nil || errors.Is(err, stream.ErrLost):
		case ctx.Err() != nil || stream.Passing(err) || errors.Is(err, stream.ErrFull):
			return nil
		default:
			return fmt.Errorf("claim: %w", err)
		}
	}
	return nil
}

// stopping says whether Stop was called.
func (c *Crawler) stopping() bool {
	select {
	case <-c.stop:
		return true
	default:
		return false
	}
}

// releaseAll gives up what is held when Run ends, so that others need not wait
// for the lease to end. On a locked folder nobody else is there.
func (c *Crawler) releaseAll() {
	if c.parts == nil {
		return
	}
	defer c.parts.leave(c)
	if c.front.Status(c.s.Now()).Ended {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), claimTime)
	defer cancel()
	for n, o := range c.owning.all() {
		if !c.mine(o) || ctx.Err() != nil {
			continue
		}
		if err := c.giveUp(ctx, n, o); err != nil {
			c.s.Log.Debug("release", "partition", n, "error", err)
		}
	}
}
