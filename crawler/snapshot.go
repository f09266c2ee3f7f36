package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"newsreel/stream"
)

// snapshotState is what the keeper knows of the snapshots of the partitions
// that are owned here.
type snapshotState struct {
	newest map[int]stream.Snapshot
	purged map[int]uint64
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
	c.snaps.newest, c.snaps.purged = map[int]stream.Snapshot{}, map[int]uint64{}
	for p, s := range newest {
		data, err := c.s.Staging.GetStaged(ctx, s.Key, maxSnapshot)
		if err != nil {
			return fmt.Errorf("snapshot of partition %d: %w", p, err)
		}
		if err := c.front.Load(p, s.Covers, bytes.NewReader(data)); err != nil {
			return err
		}
		c.snaps.newest[p] = s
	}
	return nil
}

// snapshots stores the tables of partitions that have folded enough since the
// last time: first the object, then its name in the log, then the former
// object goes.
func (c *Crawler) snapshots(ctx context.Context) error {
	for _, claim := range c.front.SnapshotDue() {
		var tables bytes.Buffer
		s, err := c.front.Snapshot(claim.Partition, &tables)
		if err != nil {
			return err
		}
		s.Key = stream.StagedKey(c.run.Log.Name(), fmt.Sprintf("snapshot-%d-%012d", claim.Partition, s.Covers), c.s.ID)
		if err := c.s.Staging.PutStaged(ctx, s.Key, &tables, int64(tables.Len())); err != nil {
			return fmt.Errorf("store snapshot of partition %d: %w", claim.Partition, err)
		}
		batch := c.run.Log.NewBatch()
		batch.Snapshot(claim, &s)
		err = c.run.Log.Commit(ctx, batch)
		var lost *stream.LostError
		if errors.As(err, &lost) {
			c.front.Drop(claim.Partition)
			continue
		}
		if err != nil {
			return err
		}
		if old, ok := c.snaps.newest[claim.Partition]; ok {
			if err := c.s.Staging.DeleteStaged(ctx, old.Key); err != nil {
				c.s.Log.Debug("delete former snapshot", "key", old.Key, "error", err)
			}
		}
		c.snaps.newest[claim.Partition] = s
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
	for p, s := range c.snaps.newest {
		upTo := min(s.Covers, committed)
		if upTo <= c.snaps.purged[p] {
			continue
		}
		for _, class := range []string{stream.ClassIn, stream.ClassLog} {
			if err := c.run.Log.Purge(ctx, class, p, upTo); err != nil {
				return err
			}
		}
		c.snaps.purged[p] = upTo
	}
	return nil
}
