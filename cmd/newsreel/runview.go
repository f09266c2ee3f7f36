package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"newsreel/archive"
	"newsreel/crawler/frontier"
	"newsreel/internal/progress"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// runView is a run as look-ups show it. Summary.State is, beside those of the
// contract (finished, failed, stopped), running, paused or queued.
type runView struct {
	archive.Summary
	// Message says why the state is what it is, where that needs words.
	Message string `json:"message,omitempty"`
	// Waiting is what the run waits for, beside URLs.
	WaitsFor string `json:"waits_for,omitempty"`
	// known says that the counts are; they are not where the log is too long
	// to be read for a list.
	known bool
	// live says that a process works on the run.
	live bool
}

// stateStopped is the state of a run that goes on when it is started again.
const stateStopped = "stopped"

// waitsAfter is how long extractors may be behind before it is said.
const waitsAfter = 60 * time.Second

// view tells how a run stands: from its record once it is over, else by
// folding its log, if that has at most most messages.
func (l *lookup) view(ctx context.Context, run *job.RunState, most uint64) (*runView, error) {
	collection := run.Document.Collection
	v := &runView{Message: run.Message, known: true}
	stored, err := l.arc.ReadRun(ctx, collection, run.Job, run.Number)
	if err == nil {
		v.Summary = stored.Summary
		return v, nil
	}
	if !errors.Is(err, archive.ErrNotFound) {
		return nil, err
	}
	v.Summary = archive.Summary{Job: run.Job, Run: run.Number, Collection: collection, State: run.State, Started: run.Created,
		Failed: map[string]int64{}, Skipped: map[string]int64{}}
	if run.Started != nil {
		v.Started = *run.Started
	}
	log, live, err := l.liveLog(ctx, run)
	if err != nil {
		return nil, err
	}
	v.live = live
	if log == nil {
		v.known = run.Started == nil
		v.State = stateOf(run, v, frontier.Status{})
		return v, nil
	}
	return v, l.viewLog(ctx, log, run, v, most)
}

func (l *lookup) viewLog(ctx context.Context, log *stream.Log, run *job.RunState, v *runView, most uint64) error {
	state, err := log.State(ctx)
	if err != nil {
		return err
	}
	if state.Messages > most {
		v.known = false
		v.State = stateOf(run, v, frontier.Status{})
		return nil
	}
	fold, err := l.newRunFold(ctx, run)
	if err != nil {
		return err
	}
	if err := log.ReadAll(ctx, 0, fold.apply, fold.classes()...); err != nil {
		return err
	}
	fold.fill(&v.Summary)
	status := fold.front.Status(time.Now())
	v.State = stateOf(run, v, status)
	if status.Ended && !v.live {
		v.Message = "crawled to its end, and not archived to the end yet"
	} else if status.Closed == stream.SkipCancelled {
		v.Message = "cancelled, and not archived to the end yet"
	}
	v.WaitsFor, err = waitsFor(ctx, log, time.Now())
	return err
}

// stateOf is the word for what an unfinished run is doing.
func stateOf(run *job.RunState, v *runView, s frontier.Status) string {
	switch {
	case run.Over():
		return run.State
	case s.Paused, run.State == job.StatePaused && !v.live:
		return job.StatePaused
	case v.live:
		return job.StateRunning
	case run.Started == nil:
		return job.StateQueued
	}
	return stateStopped
}

// waitsFor says whether extractors are behind for longer than they should be.
func waitsFor(ctx context.Context, log *stream.Log, now time.Time) (string, error) {
	b, err := log.Backlog(ctx)
	if errors.Is(err, stream.ErrNotFound) || err == nil && b.Captures == 0 {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	since := now.Sub(b.Oldest)
	if since < waitsAfter {
		return "", nil
	}
	return fmt.Sprintf("sealed segments wait for extractors: %s captures are not looked at, the oldest for %s",
		progress.Count(b.Captures), progress.Duration(since)), nil
}

// runFold folds a run's log into its ledger, as its crawler does, and counts
// what is archived and what is extracted beside it.
type runFold struct {
	front *frontier.Frontier
	// archived is what the segments come to that were committed when the fold
	// began; committed is the last sequence of theirs.
	archived  archive.Counts
	segments  int64
	committed uint64
	// open are the captures behind it that have no result yet; articles counts
	// the articles of others behind it.
	open     map[string]struct{}
	articles int64
}

func (l *lookup) newRunFold(ctx context.Context, run *job.RunState) (*runFold, error) {
	f := &runFold{open: map[string]struct{}{},
		front: frontier.New(frontier.NewPacer(), frontier.Rules{}, func(origin string) string {
			return weburl.RegistrableDomain(weburl.Hostname(origin))
		})}
	for p := range stream.Partitions {
		// A claim behind all others: the fold is that of an owner, and nothing
		// is handed out.
		f.front.Own(stream.Claim{Partition: p, Sequence: math.MaxUint64})
	}
	for m, err := range l.arc.RunManifests(ctx, run.Document.Collection, run.Job, run.Number) {
		if err != nil {
			return nil, err
		}
		f.segments++
		f.committed = m.Last
		f.archived.Add(&m.Counts)
	}
	return f, nil
}

func (f *runFold) classes() []string {
	return []string{stream.ClassOwn, stream.ClassIn, stream.ClassLog, stream.ClassControl, stream.ClassResult}
}

func (f *runFold) apply(e stream.Entry) error {
	if e.Class == stream.ClassResult {
		id := e.Header.Get(stream.HeaderCapture)
		if _, first := f.open[id]; first && e.Header.Get(stream.HeaderResult) == stream.ResultArticle {
			f.articles++
		}
		delete(f.open, id)
		return nil
	}
	if e.Class == stream.ClassLog && e.Sequence > f.committed {
		f.captures(e.Data)
	}
	return f.front.Apply(e, e.Time)
}

// captures notes the captures of a log message by the one field that matters:
// parsing all of it is the frontier's.
func (f *runFold) captures(lines []byte) {
	mark := []byte(`"capture":"`)
	for {
		_, rest, ok := bytes.Cut(lines, mark)
		if !ok {
			return
		}
		id, rest, ok := bytes.Cut(rest, []byte(`"`))
		if !ok {
			return
		}
		f.open[string(id)] = struct{}{}
		lines = rest
	}
}

// fill fills a summary with what was folded.
func (f *runFold) fill(s *archive.Summary) {
	n := f.front.Status(time.Now()).Counts
	s.Discovered, s.Captured, s.Waiting, s.Outside = n.Discovered, n.Captured, n.Waiting, n.Outside
	s.Failed, s.Skipped, s.Captures, s.Bytes = n.Failed, n.Skipped, n.Captures, n.Bytes
	s.Segments, s.Revisits, s.Articles = f.segments, f.archived.Revisits, f.archived.Articles+f.articles
}
