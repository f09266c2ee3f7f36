package archiver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/archive"
	"newsreel/stream"
)

// pauses are the times that an archiver lets pass. Tests have shorter ones.
type pauses struct {
	// tick is how often ages and deadlines are looked at.
	tick time.Duration
	// quiet is how long nothing must have come before the log counts as read
	// to its end.
	quiet time.Duration
	// alone is how long nothing must have come before it is asked if another
	// archiver is ahead.
	alone time.Duration
	// cancel is how long results are awaited after a run was cancelled.
	cancel time.Duration
	// stop bounds what is still committed after ctx has ended.
	stop time.Duration
	// retry and maxRetry are the first and the longest pause before what
	// failed is tried again.
	retry, maxRetry time.Duration
}

var realPauses = pauses{tick: 200 * time.Millisecond, quiet: 150 * time.Millisecond, alone: 5 * time.Second,
	cancel: 30 * time.Second, stop: 30 * time.Second, retry: 100 * time.Millisecond, maxRetry: 5 * time.Second}

// classes are what the archiver reads of a run log.
var classes = []string{stream.ClassOwn, stream.ClassCapture, stream.ClassResult, stream.ClassLog, stream.ClassControl}

// lostError says that another archiver committed the range first.
type lostError struct{ theirs *archive.Manifest }

func (e *lostError) Error() string {
	return fmt.Sprintf("segment %s was committed by another archiver (attempt %s)", e.theirs.Segment, e.theirs.Attempt)
}

// Run archives until the run's end is committed and the run is finished, which
// is nil, or ctx ends: then what is sealed and complete is still committed, and
// the rest will be read from the run log again. Once only.
//
// A full store and a server that is away are waited out and told in Progress.
// Errors besides ctx's: the run log is not the one that the manifests are of;
// the store refuses; a message that cannot be read.
func (a *Archiver) Run(ctx context.Context) error {
	defer func() {
		a.drop()
		a.dedup.close()
		close(a.over)
	}()
	var ended bool
	err := a.patiently(ctx, func() (err error) {
		ended, err = a.start(ctx)
		return err
	})
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return fmt.Errorf("archive run %d of %s: %w", a.s.Run, a.s.Job, err)
	}
	for !ended {
		ended, err = a.readOn(ctx)
		var lost *lostError
		switch {
		case errors.As(err, &lost):
			if ended, err = a.adopt(ctx, lost.theirs); err != nil {
				return fmt.Errorf("archive run %d of %s: %w", a.s.Run, a.s.Job, err)
			}
		case ctx.Err() != nil:
			a.stop(ctx)
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("archive run %d of %s: %w", a.s.Run, a.s.Job, err)
		}
	}
	var summary *archive.Summary
	err = a.patiently(ctx, func() (err error) {
		summary, err = a.finish(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("finish run %d of %s: %w", a.s.Run, a.s.Job, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.summary, a.progress.Finished = summary, true
	return nil
}

// start finds where the archive ends, and says whether it covers the run's end.
func (a *Archiver) start(ctx context.Context) (ended bool, err error) {
	a.next = 1
	a.done.segments, a.done.last, a.done.counts = 0, 0, archive.Counts{}
	a.dedup.close()
	a.dedup = nil
	for m, err := range a.arc.RunManifests(ctx, a.s.Collection, a.s.Job, a.s.Run) {
		if err != nil {
			return false, err
		}
		if err := a.follow(m); err != nil {
			return false, err
		}
		ended = m.End
	}
	a.idleComplete = a.next == 1
	a.update()
	if ended {
		return true, nil
	}
	if a.next > 1 {
		a.purge(ctx, a.next-1)
	}
	if err := a.readControls(ctx); err != nil {
		return false, err
	}
	if !a.s.Dedup {
		return false, nil
	}
	if a.dedup, err = newDedup(a.s.SpoolDir); err != nil {
		return false, err
	}
	for m, err := range a.arc.Manifests(ctx, a.s.Collection) {
		if err == nil {
			err = a.loadKnown(ctx, m)
		}
		if err != nil {
			return false, err
		}
	}
	return false, nil
}

// follow takes a manifest of the run as committed, if it is of this run log
// and follows the one before.
func (a *Archiver) follow(m *archive.Manifest) error {
	if m.Stream != a.log.Name() || !m.StreamCreated.Equal(a.log.Created()) {
		return fault("segment %s is of run log %s made at %s, and the run log now is %s made at %s: "+
			"the stream was lost and made again; start another run", m.Segment, m.Stream,
			m.StreamCreated.Format(time.RFC3339), a.log.Name(), a.log.Created().Format(time.RFC3339))
	}
	if m.First != a.next {
		return fault("segment %s begins at %d where %d follows: a manifest is missing", m.Segment, m.First, a.next)
	}
	a.next = m.Last + 1
	a.account(m)
	return nil
}

// readControls learns what stands in ctl of a range that is committed already.
func (a *Archiver) readControls(ctx context.Context) error {
	return a.log.ReadAll(ctx, 1, func(e stream.Entry) error {
		c, err := stream.ParseControl(e)
		if err == nil && e.Sequence < a.next {
			a.control(&c)
		}
		return err
	}, stream.ClassControl)
}

func (a *Archiver) loadKnown(ctx context.Context, m *archive.Manifest) error {
	for row, err := range a.arc.KnownCaptures(ctx, m) {
		if err == nil {
			err = a.dedup.load(row)
		}
		if err != nil {
			return err
		}
	}
	a.dedup.committed = a.dedup.refs.size()
	return nil
}

// adopt goes on behind a segment that another archiver committed: what was
// read behind its start is dropped and read again.
func (a *Archiver) adopt(ctx context.Context, m *archive.Manifest) (ended bool, err error) {
	a.drop()
	a.next = m.First
	a.idleComplete = false
	if a.dedup != nil {
		a.dedup.drop()
	}
	for {
		if err := a.follow(m); err != nil {
			return false, err
		}
		if a.dedup != nil {
			err := a.patiently(ctx, func() error { return a.loadKnown(ctx, m) })
			if err != nil {
				return false, err
			}
		}
		if m.End {
			return true, nil
		}
		following, err := a.theirs(ctx, a.next)
		if err != nil || following == nil {
			return false, err
		}
		m = following
	}
}

// theirs returns the manifest of the segment that begins at a sequence, nil if
// there is none.
func (a *Archiver) theirs(ctx context.Context, first uint64) (m *archive.Manifest, err error) {
	segment := archive.SegmentName(a.s.Job, a.s.Run, first)
	err = a.patiently(ctx, func() error {
		m, err = a.arc.Manifest(ctx, a.s.Collection, segment)
		return err
	})
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil
	}
	return m, err
}

// drop frees everything that is not committed.
func (a *Archiver) drop() {
	for _, s := range a.ready {
		s.close()
	}
	if a.open != nil {
		a.open.close()
	}
	a.ready, a.open, a.end = nil, nil, nil
	clear(a.due)
	clear(a.dead)
}

// stop commits what is sealed and complete after ctx has ended.
func (a *Archiver) stop(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.pauses.stop)
	defer cancel()
	if _, err := a.commitReady(ctx); err != nil {
		a.note(err)
	}
}

// readOn reads and commits until the run's end is committed, ctx ends, or
// another archiver is found to be ahead (lostError).
func (a *Archiver) readOn(ctx context.Context) (ended bool, err error) {
	rctx, cancel := context.WithCancel(ctx)
	feed := a.feed(rctx, a.next)
	defer func() {
		cancel()
		for range feed { // until the reader is gone
		}
	}()
	tick := time.NewTicker(a.pauses.tick)
	defer tick.Stop()
	a.lastEntry = a.s.Now()
	var flushes []flush
	for {
		if ended, err := a.commitReady(ctx); ended || err != nil {
			return ended, err
		}
		a.update()
		select {
		case <-ctx.Done():
			return false, ctx.Err()
		case e, ok := <-feed:
			if !ok {
				return false, ctx.Err()
			}
			a.lastEntry, a.pending = a.s.Now(), e.Pending
			if err := a.take(ctx, e); err != nil {
				return false, err
			}
		case done := <-a.seals:
			state, err := a.log.State(ctx)
			if err != nil {
				a.note(err)
			}
			flushes = append(flushes, flush{upTo: state.LastSeq, done: done})
		case <-tick.C:
			if err := a.tick(ctx, len(feed)); err != nil {
				return false, err
			}
		}
		if flushes, err = a.flushed(ctx, flushes, len(feed)); err != nil {
			return false, err
		}
	}
}

// flush is a request to seal what the run log holds up to a sequence.
type flush struct {
	upTo uint64
	done chan<- uint64 // nil if nobody waits
}

// flushed seals once the log is read as far as asked, or nothing more comes
// (what is last in it may be of classes that are not read).
func (a *Archiver) flushed(ctx context.Context, flushes []flush, waiting int) ([]flush, error) {
	for len(flushes) > 0 {
		f := flushes[0]
		if a.next <= f.upTo && !a.quiet(waiting) && a.end == nil {
			break
		}
		upTo := a.done.last
		if a.open != nil && a.open.hasContent() {
			if err := a.seal(ctx); err != nil {
				return flushes, err
			}
		}
		if len(a.ready) > 0 {
			upTo = a.ready[len(a.ready)-1].last
		}
		if f.done != nil {
			f.done <- upTo
		}
		flushes = flushes[1:]
	}
	return flushes, nil
}

// quiet says whether the log seems to be read to its end.
func (a *Archiver) quiet(waiting int) bool {
	return a.pending == 0 && waiting == 0 && a.s.Now().Sub(a.lastEntry) >= a.pauses.quiet
}

// tick looks at what time alone brings about.
func (a *Archiver) tick(ctx context.Context, waiting int) error {
	now := a.s.Now()
	if s := a.open; s != nil && s.hasContent() && now.Sub(s.opened) >= a.s.SegmentAge {
		if err := a.seal(ctx); err != nil {
			return err
		}
	}
	if !a.cancelled.IsZero() {
		for _, s := range a.ready {
			if now.Sub(latest(s.sealedAt, a.cancelled)) >= a.pauses.cancel {
				a.giveUp(s)
			}
		}
	}
	if waiting > 0 || now.Sub(a.lastEntry) < a.pauses.alone {
		return nil
	}
	a.lastEntry = now // ask again after as long
	m, err := a.theirs(ctx, a.done.last+1)
	if err != nil || m == nil {
		return err
	}
	return &lostError{m}
}

func latest(x, y time.Time) time.Time {
	if x.After(y) {
		return x
	}
	return y
}

// giveUp stops waiting for a segment's results.
func (a *Archiver) giveUp(s *segment) {
	for id, w := range a.due {
		if w.segment == s {
			delete(a.due, id)
			s.counts.NotAwaited++
			s.waiting--
		}
	}
}

// commitReady commits the sealed segments that are complete, in order, and says
// whether the run's end is among them.
func (a *Archiver) commitReady(ctx context.Context) (ended bool, err error) {
	for len(a.ready) > 0 && a.ready[0].waiting == 0 {
		s := a.ready[0]
		if err := a.commit(ctx, s); err != nil {
			return false, err
		}
		a.ready = a.ready[1:]
		a.update()
		s.close()
		a.update()
		if s.end != nil {
			return true, nil
		}
	}
	return false, nil
}

// feed reads the log from a sequence on until ctx ends; the channel is closed
// then. A reader that fails is started again behind what it gave last.
func (a *Archiver) feed(ctx context.Context, from uint64) <-chan stream.Entry {
	out := make(chan stream.Entry, 64)
	go func() {
		defer close(out)
		pause := a.pauses.retry
		for failed := false; ctx.Err() == nil; failed = true {
			err := a.pump(ctx, &from, failed, out)
			if ctx.Err() != nil {
				return
			}
			a.note(err)
			select {
			case <-ctx.Done():
			case <-time.After(pause):
				pause = min(2*pause, a.pauses.maxRetry)
			}
		}
	}()
	return out
}

// pump is one reader of feed.
func (a *Archiver) pump(ctx context.Context, from *uint64, failed bool, out chan<- stream.Entry) error {
	r, err := a.log.Read(ctx, *from, classes...)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		e, err := r.Next(ctx)
		if err != nil {
			return err
		}
		if failed {
			a.note(nil)
			failed = false
		}
		select {
		case out <- e:
			*from = e.Sequence + 1
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
