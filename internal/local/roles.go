package local

import (
	"context"
	"crypto/rand"
	"errors"
	"path/filepath"
	"sync"
	"time"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/internal/diepoint"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

// roles runs the three roles side by side until the run's end or a stop.
func (r *Runner) roles(ctx context.Context, log *stream.Log, s *Start) (*Result, error) {
	id := rand.Text()[:10]
	doc := s.Document
	work, cancel := context.WithCancel(ctx)
	defer cancel()

	space, err := runs.NewSpace(r.folder.Path())
	if err != nil {
		return nil, err
	}
	a := archiver.New(log, r.store, r.runs.ArchiverSettings(s.Run, r.o.Version, r.folder.SpoolDir()))
	held, err := r.held(ctx, s)
	if err != nil {
		return nil, err
	}
	c, err := crawler.New(crawler.Settings{ID: id, Version: r.o.Version, NATS: r.nc, Staging: runs.Staging{Store: r.store},
		SpoolDir: r.folder.SpoolDir(), Exclusive: true, Forbidden: r.o.Forbidden, Resolve: r.o.Resolve, Space: space.Low, Committed: a.Committed, SnapshotEvery: r.o.SnapshotEvery,
		StopOnPause: true, Log: r.o.Log, Now: r.o.Now},
		crawler.Run{Log: log, Number: s.Run.Number, Document: doc, Started: *s.Run.Started, Held: held})
	if err != nil {
		return nil, err
	}
	rules, lost, err := r.runs.SiteRules(ctx, doc)
	if err != nil {
		return nil, err
	}
	if lost != nil {
		r.o.Log.Error("pages are archived, and not extracted", "error", lost)
	}
	w := extractor.NewWorker(extractor.WorkerSettings{ID: id, Staging: runs.Staging{Store: r.store}, Sandbox: r.o.Sandbox, Rules: rules, RulesLost: lost, Log: r.o.Log,
		Journal: filepath.Join(r.folder.Path(), "run", "extracting-"+log.Name())},
		log, s.Run.Job, s.Run.Number)

	var running sync.WaitGroup
	start := func(run func(context.Context) error) chan error {
		ended := make(chan error, 1)
		running.Add(1)
		go func() { defer running.Done(); ended <- run(work) }()
		return ended
	}
	running.Add(1)
	go func() { defer running.Done(); r.heal(work, space) }()
	crawled, archived := start(c.Run), start(a.Run)
	var extracted chan error
	if doc.Extract.Enabled {
		extracted = start(w.Run)
	}
	watching, unwatch := context.WithCancel(ctx)
	var watcher sync.WaitGroup
	watcher.Go(func() { r.watch(watching, s, space, c, a, w) })
	watcher.Go(func() { limitMemory(watching) })

	result, err := r.await(ctx, s, log, c, a, crawled, archived, extracted)
	cancel()
	running.Wait()
	unwatch()
	watcher.Wait()
	if result != nil && r.o.Progress != nil {
		r.o.Progress(lastProgress(&result.Summary))
	}
	return result, err
}

// held is what a recrawl knows of earlier runs, nil for a first one.
func (r *Runner) held(ctx context.Context, s *Start) (crawler.Held, error) {
	if s.Run.Number == 1 {
		return nil, nil
	}
	return r.arc.Held(ctx, s.Document.Collection)
}

// await follows the roles: a crawl that ended is archived, a crawl that was
// stopped is sealed, and an error of any role ends all.
func (r *Runner) await(ctx context.Context, s *Start, log *stream.Log, c *crawler.Crawler, a *archiver.Archiver, crawled, archived, extracted chan error) (*Result, error) {
	stopped := r.stopped
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-stopped:
			stopped = nil
			c.Stop()
		case err := <-extracted:
			if err != nil {
				return nil, err
			}
			extracted = nil
		case err := <-archived:
			if err != nil {
				return nil, err
			}
			return r.finished(ctx, s, a.Summary())
		case err := <-crawled:
			if errors.Is(err, stream.ErrNotFound) {
				// The archiver has finished the run and deleted its log while the
				// crawler was still tidying up; its word comes next.
				crawled = nil
				continue
			}
			paused := errors.Is(err, crawler.ErrPaused)
			if err != nil && !paused {
				return nil, err
			}
			if !c.Status().Ended {
				return r.halt(ctx, s, log, c, a, paused)
			}
			crawled = nil
		}
	}
}

func (r *Runner) finished(ctx context.Context, s *Start, summary *archive.Summary) (*Result, error) {
	if _, err := r.runs.Over(ctx, s.Run, summary); err != nil {
		return nil, err
	}
	result := &Result{Summary: *summary}
	var err error
	if summary.State == job.StateFailed {
		if result.Failure, err = runs.FailureOf(ctx, r.arc, summary, s.Document); err != nil {
			return nil, err
		}
	}
	result.Samples, err = r.samples(ctx, summary, sampleCount)
	return result, err
}

// sampleCount is how many articles a result shows.
const sampleCount = 8

// flushGrace is how long a clean stop waits for what was crawled to be
// archived. What is not is in the run log, and archived next time.
const flushGrace = 15 * time.Second

func (r *Runner) halt(ctx context.Context, s *Start, log *stream.Log, c *crawler.Crawler, a *archiver.Archiver, paused bool) (*Result, error) {
	diepoint.Here("stop.crawl")
	flushing, cancel := context.WithTimeout(ctx, flushGrace)
	defer cancel()
	if err := a.Flush(flushing); err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	diepoint.Here("stop.flushed")
	state, message := job.StateRunning, "stopped before its end; the same command goes on"
	if paused {
		state, message = job.StatePaused, "paused"
	}
	_, err := r.jobs.ChangeRun(ctx, s.Run.Job, s.Run.Number, func(run *job.RunState) bool {
		run.State, run.Message = state, message
		return true
	})
	if err != nil {
		return nil, err
	}
	return &Result{Summary: stoppedSummary(s, log, c, a), Paused: paused}, nil
}
