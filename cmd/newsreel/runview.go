package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/archive"
	"newsreel/crawler/frontier"
	"newsreel/internal/progress"
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
	// away is why the S3 store cannot be asked, nil if it can: the counts of
	// what is archived are not known then.
	away error
}

// stateStopped is the state of a run that goes on when it is started again.
const stateStopped = "stopped"

// waitsAfter is how long extractors may be behind before it is said.
const waitsAfter = 60 * time.Second

// viewTries is how often a run is looked at whose log is deleted meanwhile (its
// record is stored then), or has no leader among the servers for a moment.
const viewTries = 10

// view tells how a run stands: from its record once it is over, else by
// folding its log, if that has at most most messages.
func (l *lookup) view(ctx context.Context, run *job.RunState, most uint64) (*runView, error) {
	for try := 1; ; try++ {
		v, err := l.viewOnce(ctx, run, most)
		if !errors.Is(err, stream.ErrNotFound) && !stream.Passing(err) || try == viewTries || ctx.Err() != nil {
			return v, err
		}
		pause(ctx, time.Duration(try)*50*time.Millisecond)
	}
}

func (l *lookup) viewOnce(ctx context.Context, run *job.RunState, most uint64) (*runView, error) {
	collection := run.Document.Collection
	v := &runView{Message: run.Message, known: true}
	v.away = l.there(ctx)
	if v.away == nil {
		stored, err := l.arc.ReadRun(ctx, collection, run.Job, run.Number)
		if err == nil {
			v.Summary = stored.Summary
			return v, nil
		}
		if !errors.Is(err, archive.ErrNotFound) {
			return nil, err
		}
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
		v.known = run.Started == nil && !run.Over()
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
	if state.Messages > most || v.away != nil {
		v.known = false
		// In a cluster the store of jobs tells of a pause as soon as the log does.
		v.State = stateOf(run, v, frontier.Status{Paused: l.at.cluster != nil && run.State == job.StatePaused})
		return nil
	}
	fold, err := l.foldRun(ctx, log, run)
	if err != nil {
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
	if full := log.Full(state); full != "" && !status.Ended {
		v.WaitsFor = joined("crawling pauses: "+full, v.WaitsFor)
	}
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

// joined is two remarks as one, of which the second may be "".
func joined(first, second string) string {
	if second == "" {
		return first
	}
	return first + "; " + second
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
