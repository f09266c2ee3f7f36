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

// gains are the partitions that were claimed while the run was read already:
// what the log holds of them before the claim is folded by a reader of its own
// (from the newest snapshot on), while the run's reader goes on with all others
// and keeps what comes for these aside.
type gains struct {
	mu    sync.Mutex
	aside map[int][]stream.Entry
	bytes int
	room  sync.Cond // bytes became less, or the crawl ends

	over bool // the crawl ends

	// new are claims that were read and are not fetched for yet.
	new chan stream.Claim
	// from is the last claim of another life: those up to it are history.
	from uint64
}

// gaining says whether a partition's history is being folded.
func (g *gains) gaining(n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, is := g.aside[n]
	return is
}

// maxAside is how many bytes may be kept aside before the run's reader waits.
const maxAside = 64 << 20

func (g *gains) init() {
	g.aside, g.new = map[int][]stream.Entry{}, make(chan stream.Claim, stream.Partitions)
	g.room.L = &g.mu
}

// apply folds an entry, or keeps it aside for a partition that is being
// gained.
func (c *Crawler) apply(e stream.Entry) error {
	if e.Class == stream.ClassOwn {
		if err := c.claimed(e); err != nil {
			return err
		}
	}
	g := &c.gains
	g.mu.Lock()
	defer g.mu.Unlock()
	if e.Partition >= 0 {
		if kept, gaining := g.aside[e.Partition]; gaining {
			for g.bytes > maxAside && g.aside[e.Partition] != nil {
				g.room.Wait()
			}
			if kept, gaining = g.aside[e.Partition]; gaining {
				g.aside[e.Partition] = append(kept, e)
				g.bytes += len(e.Data)
				return nil
			}
		}
	}
	return c.applyNow(e)
}

// applyNow folds an entry. A partition that was lost is no error.
func (c *Crawler) applyNow(e stream.Entry) error {
	err := c.front.Apply(e, c.s.Now())
	var lost *frontier.LostPartition
	if errors.As(err, &lost) {
		c.s.Log.Warn("partition lost to another crawler", "partition", lost.Partition, "by", lost.By)
		c.stats.Lost.Add(1)
		c.forgetSnapshot(lost.Partition)
		return nil
	}
	return err
}

// claimed notes a claim that was read. One of our own on a partition that is
// not folded here begins a gain.
func (c *Crawler) claimed(e stream.Entry) error {
	if c.parts == nil {
		return nil
	}
	o, err := stream.ParseOwnership(e)
	if err != nil {
		return err
	}
	c.owning.noteOwner(e.Partition, o)
	if !c.mine(o) || e.Sequence <= c.gains.from {
		return nil
	}
	claim := stream.Claim{Partition: e.Partition, Sequence: e.Sequence}
	g := &c.gains
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, gaining := g.aside[e.Partition]; g.over || gaining || c.front.Owns(e.Partition) {
		return nil
	}
	g.aside[e.Partition] = []stream.Entry{}
	g.new <- claim
	return nil
}

// gainLinger is how long the first of several claims waits for the others.
const gainLinger = 20 * time.Millisecond

// gain folds the history of partitions that were claimed, until ctx ends.
func (c *Crawler) gain(ctx context.Context) error {
	g := &c.gains
	defer context.AfterFunc(ctx, func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		g.aside, g.over = map[int][]stream.Entry{}, true
		g.room.Broadcast()
	})()
	for {
		var claims []stream.Claim
		var more <-chan time.Time
	gather:
		for {
			select {
			case <-ctx.Done():
				return nil
			case claim := <-g.new:
				claims = append(claims, claim)
				if more == nil {
					more = time.After(gainLinger)
				}
			case <-more:
				break gather
			}
		}
		if err := c.foldPatiently(ctx, claims); err != nil {
			return quiet(ctx, err)
		}
		if err := c.foldAside(claims); err != nil {
			return quiet(ctx, err)
		}
		diepoint.Here("gain.folded")
	}
}

// gainPause is before the history of partitions is folded again.
const gainPause = time.Second

// foldPatiently is foldHistory, from the start again after an error that
// passes.
func (c *Crawler) foldPatiently(ctx context.Context, claims []stream.Claim) error {
	for {
		err := c.foldHistory(ctx, claims)
		if err == nil || !stream.Passing(err) {
			return err
		}
		c.s.Log.Debug("gain partitions; trying again", "error", err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(gainPause):
		}
	}
}

// foldHistory folds what the log holds of partitions up to their claims.
func (c *Crawler) foldHistory(ctx context.Context, claims []stream.Claim) error {
	var partitions []int
	at := map[int]uint64{}
	from, before := ^uint64(0), uint64(0)
	for _, claim := range claims {
		n := claim.Partition
		c.front.Drop(n) // what an earlier try has folded
		c.front.Own(claim)
		covers := uint64(0)
		if s, ok := c.front.NewestSnapshot(n); ok {
			if err := c.loadSnapshot(ctx, n, s); err != nil {
				return err
			}
			covers = s.Covers
		}
		partitions = append(partitions, n)
		at[n] = claim.Sequence
		from, before = min(from, covers+1), max(before, claim.Sequence)
	}
	err := c.run.Log.History(ctx, partitions, from, before, func(e stream.Entry) error {
		if e.Sequence >= at[e.Partition] {
			return nil // kept aside
		}
		return c.front.Apply(e, c.s.Now())
	})
	if err != nil {
		return fmt.Errorf("read the history of partitions %v: %w", partitions, err)
	}
	c.stats.Gained.Add(int64(len(claims)))
	return nil
}

// foldAside folds what came meanwhile, the claims first, and hands the
// partitions to the run's reader.
func (c *Crawler) foldAside(claims []stream.Claim) error {
	g := &c.gains
	g.mu.Lock()
	defer g.mu.Unlock()
	defer g.room.Broadcast()
	for _, claim := range claims {
		for _, e := range g.aside[claim.Partition] {
			g.bytes -= len(e.Data)
			if err := c.applyNow(e); err != nil {
				return err
			}
		}
		delete(g.aside, claim.Partition)
	}
	return nil
}
