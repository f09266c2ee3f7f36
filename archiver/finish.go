package archiver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"newsreel/archive"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// States of a finished run.
const (
	StateFinished = "finished"
	// StateFailed says that no seed could be captured.
	StateFailed = "failed"
)

// Finish does what is left of a run whose end is committed: ledger, record,
// deletion of the stream, deletion of its staging, in this order. It can be
// repeated after a crash at any point, and returns the same summary.
func Finish(ctx context.Context, log *stream.Log, store Store, s Settings) (*archive.Summary, error) {
	a := newArchiver(natsLog{log}, store, s)
	return a.finish(ctx)
}

func (a *Archiver) finish(ctx context.Context) (*archive.Summary, error) {
	r, err := a.record(ctx)
	if err == nil && r == nil {
		diepoint.Here("finish.before")
		r, err = a.makeRecord(ctx)
		if errors.Is(err, archive.ErrNotFound) || errors.Is(err, stream.ErrNotFound) {
			// Another archiver may have finished the run meanwhile.
			if theirs, rerr := a.record(ctx); rerr == nil && theirs != nil {
				r, err = theirs, nil
			}
		}
	}
	if err != nil {
		return nil, err
	}
	diepoint.Here("finish.record")
	if err := a.log.Delete(ctx); err != nil {
		return nil, err
	}
	diepoint.Here("finish.log")
	if err := deletePrefix(ctx, a.store, stream.StagingPrefix(a.log.Name())); err != nil {
		return nil, err
	}
	return &r.Summary, nil
}

// record returns the run's record, nil if there is none yet.
func (a *Archiver) record(ctx context.Context) (*archive.RunRecord, error) {
	r, err := a.arc.ReadRun(ctx, a.s.Collection, a.s.Job, a.s.Run)
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil
	}
	if err == nil && r.Stream != a.log.Name() {
		return nil, fault("the record of run %d of %s is of run log %s, not of %s", a.s.Run, a.s.Job, r.Stream, a.log.Name())
	}
	return r, err
}

// makeRecord joins the fates into the ledger and stores ledger and record.
func (a *Archiver) makeRecord(ctx context.Context) (*archive.RunRecord, error) {
	end, err := a.findEnd(ctx)
	if err != nil {
		return nil, err
	}
	sum := archive.Summary{Job: a.s.Job, Run: a.s.Run, Collection: a.s.Collection, State: StateFinished,
		Started: a.log.Created(), Finished: &end.time, Failed: map[string]int64{}, Skipped: map[string]int64{}}
	if err := a.sumManifests(ctx, &sum); err != nil {
		return nil, err
	}
	if err := a.findIdle(ctx); err != nil {
		return nil, err
	}
	for _, idle := range a.idle {
		sumCounts(&sum, &idle.Counts)
	}
	ledger, seeds, err := a.putLedger(ctx)
	if err != nil {
		return nil, err
	}
	if seeds.all > 0 && seeds.captured == 0 && !end.cancelled {
		sum.State = StateFailed
	}
	r := &archive.RunRecord{Format: archive.ManifestFormat, Document: a.s.Document, Software: a.s.Software,
		Stream: a.log.Name(), Summary: sum, Ledger: ledger}
	if len(r.Document) == 0 {
		r.Document = json.RawMessage("null")
	}
	body, err := r.Encode()
	if err != nil {
		return nil, fault("record of the run: %w", err)
	}
	diepoint.Here("finish.ledger")
	key := archive.RunKey(a.s.Collection, a.s.Job, a.s.Run)
	err = a.store.PutIfAbsent(ctx, key, body, "application/json")
	if errors.Is(err, objstore.ErrExists) {
		return a.record(ctx) // another's, or ours whose answer was lost
	}
	return r, err
}

// runEnd is what ctl says of a run's end.
type runEnd struct {
	time      time.Time
	cancelled bool
}

func (a *Archiver) findEnd(ctx context.Context) (runEnd, error) {
	var end runEnd
	found := false
	err := a.log.ReadAll(ctx, 1, func(e stream.Entry) error {
		c, err := stream.ParseControl(e)
		if err != nil {
			return fault("%w", err)
		}
		switch {
		case c.Type == stream.ControlEnd:
			end.time, found = c.Time.UTC(), true
			if c.Time.IsZero() {
				end.time = e.Time.UTC()
			}
		case c.Type == stream.ControlClose && c.Reason == stream.SkipCancelled:
			end.cancelled = true
		}
		return nil
	}, stream.ClassControl)
	if err == nil && !found {
		err = fault("run log %s holds no end", a.log.Name())
	}
	return end, err
}

// sumManifests sums the run's segments, and makes sure that they hold all of
// the run log up to its end.
func (a *Archiver) sumManifests(ctx context.Context, sum *archive.Summary) error {
	next, ended := uint64(1), false
	for m, err := range a.arc.RunManifests(ctx, a.s.Collection, a.s.Job, a.s.Run) {
		if err != nil {
			return err
		}
		if m.First != next {
			return fault("segment %s begins at %d where %d follows", m.Segment, m.First, next)
		}
		next, ended = m.Last+1, m.End
		sum.Segments++
		sum.Captures += m.Counts.Captures
		sum.Revisits += m.Counts.Revisits
		sum.Articles += m.Counts.Articles
	}
	if !ended {
		return fault("the run's end is not committed")
	}
	return nil
}

func sumCounts(sum *archive.Summary, c *stream.Counts) {
	sum.Discovered += c.Discovered
	sum.Captured += c.Captured
	sum.Waiting += c.Waiting
	sum.Outside += c.Outside
	sum.Bytes += c.Bytes
	for reason, n := range c.Failed {
		sum.Failed[reason] += n
	}
	for reason, n := range c.Skipped {
		sum.Skipped[reason] += n
	}
}

// findIdle finds the newest idle mark of each partition, unless this archiver
// saw them all: in the run log or, where that was purged of it, in the crawl
// logs of the segments (which leave out those of partitions without a URL).
func (a *Archiver) findIdle(ctx context.Context) error {
	if a.idleComplete {
		return nil
	}
	clear(a.idle)
	err := a.log.ReadAll(ctx, 1, func(e stream.Entry) error {
		if !bytes.HasPrefix(e.Data, []byte("i\t")) && !bytes.Contains(e.Data, []byte("\ni\t")) {
			return nil
		}
		err := stream.ParseLines(e.Data, stream.Visitor{Idle: func(i *stream.Idle) { a.idle[e.Partition] = i }})
		if err != nil {
			return fault("log message %d: %w", e.Sequence, err)
		}
		return nil
	}, stream.ClassLog)
	if err == nil && len(a.idle) < stream.Partitions {
		err = a.findArchivedIdle(ctx)
	}
	a.idleComplete = err == nil
	return err
}

// findArchivedIdle looks for the idle marks of other partitions than are known.
func (a *Archiver) findArchivedIdle(ctx context.Context) error {
	archived := map[int]*stream.Idle{}
	for m, err := range a.arc.RunManifests(ctx, a.s.Collection, a.s.Job, a.s.Run) {
		if err != nil {
			return err
		}
		for line, err := range a.arc.CrawlLog(ctx, m) {
			if err != nil {
				return err
			}
			if !bytes.Contains(line, []byte(`"type":"idle"`)) {
				continue
			}
			var mark idleLine
			if err := json.Unmarshal(line, &mark); err != nil {
				return fault("crawl log of %s: %w", m.Segment, err)
			}
			if mark.Type == "idle" && mark.Idle != nil {
				archived[mark.Partition] = mark.Idle // later ones are newer
			}
		}
	}
	for p, idle := range archived {
		if a.idle[p] == nil {
			a.idle[p] = idle
		}
	}
	return nil
}

// deletePrefix deletes all objects below a prefix.
func deletePrefix(ctx context.Context, store Store, prefix string) error {
	for {
		var keys []string
		for o, err := range store.List(ctx, prefix, "") {
			if err != nil {
				return fmt.Errorf("delete %s: %w", prefix, err)
			}
			if keys = append(keys, o.Key); len(keys) == 1000 {
				break
			}
		}
		if len(keys) == 0 {
			return nil
		}
		if err := store.Delete(ctx, keys...); err != nil {
			return err
		}
	}
}
