package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/stream"
)

// snapshotState is what is known of the snapshots of the partitions that are
// owned here.
type snapshotState struct {
	mu     sync.Mutex
	newest map[int]stream.Snapshot
	purged map[int]uint64
}

// keepSnapshot notes the newest snapshot of a partition, and returns the former
// one.
func (c *Crawler) keepSnapshot(n int, s stream.Snapshot) (former stream.Snapshot, had bool) {
	c.snaps.mu.Lock()
	defer c.snaps.mu.Unlock()
	if c.snaps.newest == nil {
		c.snaps.newest, c.snaps.purged = map[int]stream.Snapshot{}, map[int]uint64{}
	}
	former, had = c.snaps.newest[n]
	c.snaps.newest[n] = s
	return former, had
}

// forgetSnapshot leaves a partition's snapshots to its next owner.
func (c *Crawler) forgetSnapshot(n int) {
	c.snaps.mu.Lock()
	defer c.snaps.mu.Unlock()
	delete(c.snaps.newest, n)
}

// maxSnapshot is the largest snapshot that is read back, in bytes.
const maxSnapshot = 4 << 30

// loadSnapshots fills the owned partitions from their newest snapshots, so
// that the fold begins behind them.
func (c *Crawler) loadSnapshots(ctx context.Context) error {
	newest, err := c.run.Log.Snapshots(ctx)
	if err != nil {
		return err
	}
	for p, s := range newest {
		if c.front.Owns(p) {
			if err := c.loadSnapshot(ctx, p, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadSnapshot fills a partition from a snapshot.
func (c *Crawler) loadSnapshot(ctx context.Context, n int, s stream.Snapshot) error {
	data, err := c.s.Staging.GetStaged(ctx, s.Key, maxSnapshot)
	if err != nil {
		return fmt.Errorf("snapshot of partition %d: %w", n, err)
	}
	if err := c.front.Load(n, s.Covers, bytes.NewReader(data)); err != nil {
		return err
	}
	c.keepSnapshot(n, s)
	diepoint.Here("fold.snapshot")
	return nil
}

// snapshots stores the tables of partitions that have folded enough since the
// last time: first the object, then its name in the log, then the former
// object goes.
func (c *Crawler) snapshots(ctx context.Context) error {
	for _, claim := range c.front.SnapshotDue() {
		var tables bytes.Buffer
		s, err := c.front.Snapshot(claim.Partition, &tables, c.s.Now())
		if errors.Is(err, frontier.ErrNotOwned) {
			continue // lost meanwhile
		}
		if err != nil {
			return err
		}
		s.Key = stream.StagedKey(c.run.Log.Name(), fmt.Sprintf("snapshot-%d-%012d", claim.Partition, s.Covers), c.s.ID)
		diepoint.Here("snapshot.before")
		if err := c.s.Staging.PutStaged(ctx, s.Key, &tables, int64(tables.Len())); err != nil {
			return storeError(fmt.Errorf("store snapshot of partition %d: %w", claim.Partition, err))
		}
		diepoint.Here("snapshot.stored")
		batch := c.run.Log.NewBatch()
		batch.Snapshot(claim, &s)
		err = c.run.Log.Commit(ctx, batch)
		var lost *stream.LostError
		if errors.As(err, &lost) {
			c.front.DropClaim(claim)
			continue
		}
		if err != nil {
			return err
		}
		diepoint.Here("snapshot.named")
		if old, ok := c.keepSnapshot(claim.Partition, s); ok {
			if err := c.s.Staging.DeleteStaged(ctx, old.Key); err != nil {
				c.s.Log.Debug("delete former snapshot", "key", old.Key, "error", err)
			}
			diepoint.Here("snapshot.done")
		}
	}
	return c.purge(ctx)
}

// purge empties in.P and log.P up to what a durable snapshot holds and a
// committed manifest covers: the frontier needs no more of them, and the
// archiver has made the crawl log of them.
func (c *Crawler) purge(ctx context.Context) error {
	if c.s.Committed == nil {
		return nil
	}
	committed := c.s.Committed()
	c.snaps.mu.Lock()
	newest := maps.Clone(c.snaps.newest)
	c.snaps.mu.Unlock()
	for p, s := range newest {
		upTo := min(s.Covers, committed)
		if upTo <= c.snaps.purged[p] {
			continue
		}
		for _, class := range []string{stream.ClassIn, stream.ClassLog} {
			if err := c.run.Log.Purge(ctx, class, p, upTo); err != nil {
				return err
			}
			if class == stream.ClassIn {
				diepoint.Here("purge.in")
			}
		}
		diepoint.Here("purge.log")
		c.snaps.purged[p] = upTo
	}
	return nil
}
