package main

import (
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
	fold := newRunFold()
	if err := log.ReadAll(ctx, 0, fold.apply, fold.classes()...); err != nil {
		return err
	}
	if err := l.addArchived(ctx, &v.Summary, fold); err != nil {
		return err
	}
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

// addArchived fills a summary from the fold of the log and from the segments
// that are committed.
func (l *lookup) addArchived(ctx context.Context, s *archive.Summary, fold *runFold) error {
	n := fold.front.Status(time.Now()).Counts
	s.Discovered, s.Captured, s.Waiting, s.Outside = n.Discovered, n.Captured, n.Waiting, n.Outside
	s.Failed, s.Skipped, s.Captures, s.Bytes = n.Failed, n.Skipped, n.Captures, n.Bytes
	committed := uint64(0)
	for m, err := range l.arc.RunManifests(ctx, s.Collection, s.Job, s.Run) {
		if err != nil {
			return err
		}
		s.Segments++
		s.Articles += m.Counts.Articles
		s.Revisits += m.Counts.Revisits
		committed = m.Last
	}
	s.Articles += fold.articlesAfter(committed)
	return nil
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

// runFold folds a run's log into its ledger, as its crawler does.
type runFold struct {
	front *frontier.Frontier
	// articles are the captures whose first result is an article, with the
	// sequence of that result.
	articles map[string]uint64
}

func newRunFold() *runFold {
	f := &runFold{articles: map[string]uint64{},
		front: frontier.New(frontier.NewPacer(), frontier.Rules{}, func(origin string) string {
			return weburl.RegistrableDomain(weburl.Hostname(origin))
		})}
	for p := range stream.Partitions {
		// A claim behind all others: the fold is that of an owner, and nothing
		// is handed out.
		f.front.Own(stream.Claim{Partition: p, Sequence: math.MaxUint64})
	}
	return f
}

func (f *runFold) classes() []string {
	return []string{stream.ClassOwn, stream.ClassIn, stream.ClassLog, stream.ClassControl, stream.ClassResult}
}

func (f *runFold) apply(e stream.Entry) error {
	if e.Class != stream.ClassResult {
		return f.front.Apply(e, e.Time)
	}
	id := e.Header.Get(stream.HeaderCapture)
	if _, again := f.articles[id]; again {
		return nil
	}
	f.articles[id] = 0
	if e.Header.Get(stream.HeaderResult) == stream.ResultArticle {
		f.articles[id] = e.Sequence
	}
	return nil
}

// articlesAfter counts the articles that stand behind a sequence of the log.
func (f *runFold) articlesAfter(sequence uint64) (n int64) {
	for _, at := range f.articles {
		if at > sequence {
			n++
		}
	}
	return n
}
