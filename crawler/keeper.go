package crawler

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// keeperTick is how often the keeper looks: short, since the end of a small
// crawl waits for it, and cheap.
const keeperTick = 50 * time.Millisecond

// keep watches over the run: who owns what, limits, room, idle partitions, the
// end. While the server is away it tries again at each tick.
func (c *Crawler) keep(ctx context.Context) error {
	tick := time.NewTicker(keeperTick)
	defer tick.Stop()
	var lastRoom, lastPace time.Time
	away := false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now := c.s.Now()
		steps := []func(context.Context) error{c.own, c.limits, c.quota, c.answer, c.idle, c.end}
		if now.Sub(lastRoom) >= time.Second {
			lastRoom = now
			steps = append(steps, c.room, c.snapshots)
		}
		if now.Sub(lastPace) >= time.Minute {
			lastPace = now
			c.s.Pacer.Forget(now)
		}
		c.pause(now)
		var err error
		for _, step := range steps {
			if err = step(ctx); err != nil {
				break
			}
		}
		switch {
		case err == nil:
			away = false
		case ctx.Err() != nil:
			return nil
		case !stream.Passing(err) && !errors.As(err, new(*storeAway)):
			return err
		case !away:
			away = true
			c.s.Away(c.run.Log.Name(), err)
		}
	}
}

// storeAway is an error of the object store that may pass.
type storeAway struct{ error }

func (e *storeAway) Unwrap() error { return e.error }

func storeError(err error) error {
	if objstore.Permanent(err) {
		return err
	}
	return &storeAway{err}
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

// Holds say why nothing is handed out: the disk of the process's spool, or the
// run's log. At most one is not "".
type Holds struct{ Disk, Log string }

// Holds may be called at any time.
func (c *Crawler) Holds() Holds {
	if h := c.holds.Load(); h != nil {
		return *h
	}
	return Holds{}
}

// room holds the frontier while the log or the disk is too full to go on.
func (c *Crawler) room(ctx context.Context) error {
	var h Holds
	if c.s.Space != nil {
		h.Disk = c.s.Space()
	}
	if h.Disk == "" && c.run.Log.MaxBytes() > 0 {
		state, err := c.run.Log.State(ctx)
		if err != nil {
			return err
		}
		h.Log = c.run.Log.Full(state)
		if h.Log == "" && c.waits.Load() {
			h.Log = c.run.Log.Waits(state)
		}
	}
	c.holds.Store(&h)
	c.front.Hold(cmp.Or(h.Disk, h.Log))
	return nil
}

// limits closes the run when one is reached.
func (c *Crawler) limits(ctx context.Context) error {
	now := c.s.Now()
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
	c.owed = append(c.owed, c.front.Answers()...)
	for ; len(c.owed) > 0; c.owed = c.owed[1:] {
		lines := &stream.Lines{}
		lines.RobotsAnswer(&c.owed[0])
		if err := c.run.Log.Discover(ctx, stream.PartitionOf(domainOf(originOf(c.owed[0].URL))), lines); err != nil {
			return err
		}
	}
	return nil
}

// maxInlineFates is the largest list of fates that an idle mark holds itself.
const maxInlineFates = 128 << 10

// idle marks the partitions that have nothing left to do.
func (c *Crawler) idle(ctx context.Context) error {
	for claims := c.front.Idle(); len(claims) > 0; {
		if ok, err := c.run.Log.Admits(ctx, c.run.Log.BatchBytes()); !ok {
			return err // they wait for room, as pages do
		}
		rest, err := c.markSome(ctx, claims)
		if err != nil {
			return err
		}
		claims = rest
	}
	return nil
}

// markSome marks as many partitions as go into one batch, and returns the rest.
// After an error none of them counts as marked.
func (c *Crawler) markSome(ctx context.Context, claims []stream.Claim) (rest []stream.Claim, err error) {
	batch, marked := c.run.Log.NewBatch(), map[int]stream.Claim{}
	defer func() {
		if err != nil {
			for p := range marked {
				c.front.Unmark(p)
			}
		}
	}()
	for batch.Messages() < stream.Partitions && batch.Bytes() < c.run.Log.BatchBytes() && len(claims) > 0 {
		claim := claims[0]
		claims = claims[1:]
		lines, err := c.mark(ctx, claim)
		if errors.Is(err, frontier.ErrNotOwned) {
			continue // lost meanwhile
		}
		if err != nil {
			return nil, err
		}
		batch.Log(claim, lines)
		marked[claim.Partition] = claim
	}
	err = c.run.Log.Commit(ctx, batch)
	diepoint.Here("idle.done")
	var lost *stream.LostError
	if errors.As(err, &lost) {
		for _, p := range lost.Partitions {
			c.front.DropClaim(marked[p])
		}
		return claims, nil
	}
	return claims, err
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
			return nil, storeError(fmt.Errorf("stage fates of partition %d: %w", claim.Partition, err))
		}
		diepoint.Here("idle.staged")
	}
	lines := &stream.Lines{}
	lines.Idle(&idle)
	return lines, nil
}

// end sets the end of the run when every partition is idle and nothing of in.P
// and log.P is left to fold. in.P alone does not tell: who came a moment ago
// has read nothing yet, and all of in.P may be purged. log.P never is, since
// the snapshot's name stays that allowed a purge; in.P is looked at first, so
// that the name is there of whatever is no longer in it.
func (c *Crawler) end(ctx context.Context) error {
	last, control, done := c.front.Done()
	if !done || c.front.Status(c.s.Now()).Ended || !c.front.Active() {
		return nil
	}
	for _, class := range []string{stream.ClassIn, stream.ClassLog} {
		stored, err := c.run.Log.LastOf(ctx, class)
		if err != nil {
			return err
		}
		for p, seq := range stored {
			if seq > last[class][p] {
				return nil // not read yet
			}
		}
	}
	diepoint.Here("end.before")
	if _, err := c.run.Log.End(ctx, control, c.s.Now().UTC()); err != nil && !errors.Is(err, stream.ErrLost) {
		return err
	}
	diepoint.Here("end.set")
	return c.waitFor(ctx, func() bool {
		s := c.front.Status(c.s.Now())
		return s.Ended || s.Control > control
	})
}

// quota takes part in handing out what limits.pages and limits.bytes allow over
// the partitions of several crawlers, by compare-and-set on ctl.
func (c *Crawler) quota(ctx context.Context) error {
	if c.parts == nil || !c.parts.member.Holds() {
		return nil
	}
	next, control, due := c.front.Quota()
	if !due {
		return nil
	}
	_, err := c.run.Log.Quota(ctx, control, &next, c.s.ID, c.s.Now().UTC())
	if err != nil && !errors.Is(err, stream.ErrLost) {
		return err
	}
	return c.waitFor(ctx, func() bool { return c.front.Status(c.s.Now()).Control > control })
}
