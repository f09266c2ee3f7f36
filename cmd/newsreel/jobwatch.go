package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/local"
	"newsreel/internal/progress"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

func jobWatchCommand() *cobra.Command {
	var w watch
	cmd := &cobra.Command{
		Use:   "watch NAME",
		Short: "Follow a job's run until it is over",
		Long: `Watch shows the progress of a job that another process runs, and its summary at
the end.

  newsreel job watch NAME

Exit status as of crawl: 0 finished, 1 failed, 3 stopped before its end.`,
		Args: oneJob,
		RunE: func(cmd *cobra.Command, args []string) error { return w.run(cmd, args[0]) },
	}
	jsonFlag(cmd, &w.json, "the summary as one JSON object")
	cmd.Flags().BoolVar(&w.quiet, "quiet", false, "show no progress")
	return cmd
}

type watch struct {
	json, quiet bool
	cmd         *cobra.Command
	printer     *progress.Printer
	// failure is why a run that was looked at failed, with its document.
	failure  *runs.Failure
	document *job.Document
	// followed is when the run was last seen at work.
	followed time.Time
	// cluster is the one that is watched, nil for a folder.
	cluster *lookup
	// waiting is a run that nobody works on, as it was when it was counted.
	waiting *runView
	counted time.Time
}

// watchTick is how often it is looked whether the run is over or its process
// gone, and the progress shown when nothing happens.
const watchTick = 500 * time.Millisecond

// endsWithin is how long a process that crawls no more may take to end.
const endsWithin = 30 * time.Second

func (w *watch) run(cmd *cobra.Command, name string) error {
	w.cmd = cmd
	stderr := cmd.ErrOrStderr()
	w.printer = progress.New(stderr, isTerminal(stderr), time.Now)
	at, err := existingPlace(cmd)
	if err != nil {
		return err
	}
	ctx, undo := interruptible()
	defer undo()
	defer func() {
		if w.cluster != nil {
			w.cluster.close()
		}
	}()
	for {
		v, over, err := w.look(ctx, at, name)
		if err != nil {
			w.printer.Done()
			return interrupted(ctx, err)
		}
		if over {
			w.printer.Done()
			return w.finish(v, at)
		}
	}
}

// open uses the place. A folder is left after each look, for whoever holds it
// may end; a cluster's connections come back by themselves.
func (w *watch) open(ctx context.Context, at place) (*lookup, error) {
	if w.cluster != nil {
		return w.cluster, nil
	}
	l, err := useWithStore(ctx, at)
	if at.cluster != nil {
		w.cluster = l
	}
	return l, err
}

// look follows the newest run for as long as its process lives, and says how it
// stands then. A process that ended while it was followed is looked at again.
func (w *watch) look(ctx context.Context, at place, name string) (v *runView, over bool, err error) {
	l, err := w.open(ctx, at)
	if err != nil {
		return nil, false, err
	}
	if at.cluster == nil {
		defer l.close()
	}
	v, over, err = w.lookAt(ctx, l, name)
	if err != nil && ctx.Err() == nil && (!l.nc.IsConnected() || errors.Is(err, stream.ErrNotFound) || at.cluster != nil && stream.Ambiguous(err)) {
		// The process that served the folder ended under it, the cluster is away
		// for a while, or the run log went with the end of the run.
		pause(ctx, watchTick)
		return nil, false, ctx.Err()
	}
	return v, over, err
}

func (w *watch) lookAt(ctx context.Context, l *lookup, name string) (v *runView, over bool, err error) {
	rec, err := l.record(ctx, name)
	if err != nil {
		return nil, false, err
	}
	if rec.Latest == 0 {
		return nil, false, fmt.Errorf("job %s has never run; %s starts it", name, l.at.starts(name))
	}
	run, err := l.jobs.Run(ctx, name, rec.Latest)
	if err != nil {
		return nil, false, err
	}
	defer func() { // before the folder is closed
		if err == nil && over && v.State == job.StateFailed {
			w.document = run.Document
			w.failure, err = runs.FailureOf(ctx, l.arc, &v.Summary, run.Document)
		}
	}()
	if !l.roles() {
		v, err := l.view(ctx, run, math.MaxUint64)
		return v, true, err
	}
	v, err = l.view(ctx, run, 0)
	if err != nil || v.State == job.StateFinished || v.State == job.StateFailed {
		return v, true, err
	}
	log, live, err := l.liveLog(ctx, run)
	if err != nil {
		return nil, false, err
	}
	if l.at.cluster != nil && (log == nil || !live) {
		w.await(ctx, l, run, v)
		pause(ctx, watchTick)
		return nil, false, ctx.Err()
	}
	if (log == nil || !live) && time.Since(w.followed) < endsWithin {
		// The process that crawled it archives, and notes how it left it.
		pause(ctx, watchTick)
		return nil, false, ctx.Err()
	}
	if log == nil || !live {
		v, err := l.view(ctx, run, math.MaxUint64)
		if err != nil || !v.archiving() {
			return v, true, err
		}
		pause(ctx, watchTick)
		return nil, false, ctx.Err()
	}
	return nil, false, w.follow(ctx, l, log, run)
}

// countAgain is how often the log of a run that nobody works on is counted.
const countAgain = time.Minute

// await shows how far a run of a cluster is that nobody works on, and what it
// waits for.
func (w *watch) await(ctx context.Context, l *lookup, run *job.RunState, v *runView) {
	if w.quiet {
		return
	}
	if w.waiting == nil || w.waiting.State != v.State || time.Since(w.counted) >= countAgain {
		whole, err := l.view(ctx, run, math.MaxUint64)
		if err != nil {
			return // look again
		}
		w.waiting, w.counted = whole, time.Now()
		w.waiting.State = v.State
	}
	s := snapshotOf(&w.waiting.Summary, v.Started)
	switch s.Note = w.waiting.Message; {
	case s.Note != "":
	case v.State == job.StateQueued:
		s.Note = "queued: waiting for a crawler to take it"
	case v.State == job.StatePaused:
		s.Note = "paused"
	default:
		s.Note = "waiting for crawlers"
	}
	w.printer.Update(s)
}

func snapshotOf(n *archive.Summary, started time.Time) progress.Snapshot {
	return progress.Snapshot{Discovered: n.Discovered, Captured: n.Captured, Failed: total(n.Failed), Skipped: total(n.Skipped),
		Waiting: n.Waiting, Articles: n.Articles, Bytes: n.Bytes, Started: started}
}

// archiving says whether only the archiving of a run is left.
func (v *runView) archiving() bool {
	return v.State == stateStopped && v.Waiting == 0 && v.Discovered > 0
}

// pause waits for d or the end of ctx.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// follow shows progress until the run is over or the process is gone. It reads
// what is new of the log now and then, rather than wait in it: of a log that is
// deleted a reader learns late.
func (w *watch) follow(ctx context.Context, l *lookup, log *stream.Log, run *job.RunState) error {
	fold, err := l.newRunFold(ctx, log, run)
	if err != nil {
		return err
	}
	started := time.Now()
	if run.Started != nil {
		started = *run.Started
	}
	last := uint64(0)
	for {
		if over, err := w.over(ctx, l, log, run); over || err != nil {
			return err
		}
		w.followed, w.waiting = time.Now(), nil
		err := log.ReadAll(ctx, last+1, func(e stream.Entry) error {
			last = e.Sequence
			return fold.apply(e)
		}, fold.classes()...)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return nil // the log or the process is gone: look again
		}
		if !w.quiet {
			w.show(fold, started, time.Now())
		}
		pause(ctx, watchTick)
	}
}

// over says whether there is nothing more to follow: the record of the run is
// stored, or nobody works on it.
func (w *watch) over(ctx context.Context, l *lookup, log *stream.Log, run *job.RunState) (bool, error) {
	if !l.nc.IsConnected() {
		return true, nil
	}
	_, err := l.arc.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
	if err == nil {
		return true, nil
	}
	if !errors.Is(err, archive.ErrNotFound) {
		return !l.nc.IsConnected(), nil
	}
	live, err := l.live(ctx, log)
	if err != nil {
		return true, nil // look again, with a connection that works
	}
	return !live && l.at.cluster == nil, nil
}

func (w *watch) show(fold *runFold, started, now time.Time) {
	var n archive.Summary
	fold.fill(&n)
	s := snapshotOf(&n, started)
	status := fold.front.Status(now)
	switch {
	case status.Ended:
		s.Note = "archiving"
	case status.Paused:
		s.Note = "pausing"
	}
	if took := now.Sub(started).Seconds(); took > 0 {
		s.PagesPerSecond = float64(n.Captures) / took
	}
	w.printer.Update(s)
}

// finish prints how the run stands, and ends as crawl does.
func (w *watch) finish(v *runView, at place) error {
	out := w.cmd.OutOrStdout()
	if w.json {
		if err := printJSON(out, v); err != nil {
			return err
		}
	} else {
		printSummary(out, at, &local.Result{Summary: v.Summary, Paused: v.State == job.StatePaused})
	}
	switch v.State {
	case job.StateFinished:
		return nil
	case job.StateFailed:
		return &exitError{code: exitFailed, err: errors.New(whyFailed(&local.Result{Summary: v.Summary, Failure: w.failure}, w.document))}
	}
	return &exitError{code: exitStopped, err: fmt.Errorf("run %d of job %s is %s, and no process works on it; this goes on with it:\n  %s",
		v.Run, v.Job, v.State, at.starts(v.Job))}
}
