package crawler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/stream"
)

// keeperTick is how often the keeper looks: short, since the end of a small
// crawl waits for it, and cheap.
const keeperTick = 50 * time.Millisecond

// keep watches over the run: limits, room, idle partitions, the end.
func (c *Crawler) keep(ctx context.Context) error {
	tick := time.NewTicker(keeperTick)
	defer tick.Stop()
	var lastRoom, lastPace time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := c.s.Now()
		c.pause(now)
		if now.Sub(lastRoom) >= time.Second {
			lastRoom = now
			if err := c.room(ctx); err != nil {
				return quiet(ctx, err)
			}
			if err := c.snapshots(ctx); err != nil {
				return quiet(ctx, err)
			}
		}
		if now.Sub(lastPace) >= time.Minute {
			lastPace = now
			c.s.Pacer.Forget(now)
		}
		if err := c.limits(ctx, now); err != nil {
			return quiet(ctx, err)
		}
		if err := c.answer(ctx); err != nil {
			return quiet(ctx, err)
		}
		if err := c.idle(ctx); err != nil {
			return quiet(ctx, err)
		}
		if err := c.end(ctx); err != nil {
			return quiet(ctx, err)
		}
	}
}

// pause stops a crawler that is to stop on a pause. Pauses that were taken back
// before this crawler came are history: what counts is how things stand once
// all of the log before its claims is folded.
func (c *Crawler) pause(now time.Time) {
	if c.s.StopOnPause && c.front.Active() && c.front.Status(now).Paused {
		c.Stop()
	}
}

// quiet drops the error of what was under way when the crawl ended.
func quiet(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// fullAt is the part of a log's bytes at which crawling pauses: the rest is
// for results, claims and control, or a full log could not be emptied.
const fullAt = 0.70

// room holds the frontier while the log or the disk is too full to go on.
func (c *Crawler) room(ctx context.Context) error {
	why := ""
	if c.s.Space != nil {
		why = c.s.Space()
	}
	if why == "" && c.run.Log.MaxBytes() > 0 {
		state, err := c.run.Log.State(ctx)
		if err != nil {
			if stream.Ambiguous(err) {
				return nil // away for now; commits wait for it
			}
			return err
		}
		if float64(state.Bytes) > fullAt*float64(c.run.Log.MaxBytes()) {
			why = fmt.Sprintf("the run log holds %d MB of %d: waiting for the archiver", state.Bytes>>20, c.run.Log.MaxBytes()>>20)
		}
	}
	c.front.Hold(why)
	return nil
}

// limits closes the run when one is reached.
func (c *Crawler) limits(ctx context.Context, now time.Time) error {
	s := c.front.Status(now)
	if s.Closed != "" || s.Ended || !c.front.Active() || s.LimitReached == "" && !c.overdue(now) {
		return nil
	}
	_, err := c.run.Log.Control(ctx, stream.Control{Type: stream.ControlClose, Reason: stream.SkipLimit, By: c.s.ID, Time: now.UTC()})
	if err != nil {
		return err
	}
	return c.waitFor(ctx, func() bool { return c.front.Status(c.s.Now()).Closed != "" })
}

// waitFor waits until what was written was folded, so that it is not written
// twice.
func (c *Crawler) waitFor(ctx context.Context, folded func() bool) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !folded() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// answer tells other owners what the robots.txt came to that theirs redirect
// to.
func (c *Crawler) answer(ctx context.Context) error {
	for _, a := range c.front.Answers() {
		lines := &stream.Lines{}
		lines.RobotsAnswer(&a)
		if err := c.run.Log.Discover(ctx, stream.PartitionOf(domainOf(originOf(a.URL))), lines); err != nil {
			return err
		}
	}
	return nil
}

// maxInlineFates is the largest list of fates that an idle mark holds itself.
const maxInlineFates = 128 << 10

// idle marks the partitions that have nothing left to do.
func (c *Crawler) idle(ctx context.Context) error {
	claims := c.front.Idle()
	for len(claims) > 0 {
		batch := c.run.Log.NewBatch()
		for batch.Messages() < stream.Partitions && batch.Bytes() < stream.BatchBytes && len(claims) > 0 {
			lines, err := c.mark(ctx, claims[0])
			if err != nil {
				return err
			}
			batch.Log(claims[0], lines)
			claims = claims[1:]
		}
		err := c.run.Log.Commit(ctx, batch)
		var lost *stream.LostError
		if errors.As(err, &lost) {
			for _, p := range lost.Partitions {
				c.front.Drop(p)
			}
		} else if err != nil {
			return err
		}
	}
	return nil
}

func (c *Crawler) mark(ctx context.Context, claim stream.Claim) (*stream.Lines, error) {
	var fates bytes.Buffer
	idle, err := c.front.Mark(claim.Partition, &fates)
	if err != nil {
		return nil, err
	}
	if fates.Len() <= maxInlineFates {
		idle.Inline = fates.Bytes()
	} else {
		id := fmt.Sprintf("fates-%d-%d", claim.Partition, c.s.Now().UnixNano())
		idle.Fates = stream.StagedKey(c.run.Log.Name(), id, c.s.ID)
		if err := c.s.Staging.PutStaged(ctx, idle.Fates, &fates, int64(fates.Len())); err != nil {
			c.front.Unmark(claim.Partition)
			return nil, fmt.Errorf("stage fates of partition %d: %w", claim.Partition, err)
		}
	}
	lines := &stream.Lines{}
	lines.Idle(&idle)
	return lines, nil
}

// end sets the end of the run when every partition is idle and nothing of in.P
// is left to fold.
func (c *Crawler) end(ctx context.Context) error {
	lastIn, control, done := c.front.Done()
	if !done || c.front.Status(c.s.Now()).Ended || !c.front.Active() {
		return nil
	}
	stored, err := c.run.Log.LastOf(ctx, stream.ClassIn)
	if err != nil {
		return err
	}
	for p, seq := range stored {
		if seq > lastIn[p] {
			return nil // not read yet
		}
	}
	if _, err := c.run.Log.End(ctx, control, c.s.Now().UTC()); err != nil && !errors.Is(err, stream.ErrLost) {
		return err
	}
	return c.waitFor(ctx, func() bool {
		s := c.front.Status(c.s.Now())
		return s.Ended || s.Control > control
	})
}
