package roles

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

// crawl claims what falls to this process of a run, and crawls it to its end.
func (w *worker) crawl(ctx context.Context, run *job.RunState, log *stream.Log) error {
	r := w.role
	var held crawler.Held
	if run.Number > 1 {
		var err error
		if held, err = r.keeper.Archive.Held(ctx, run.Document.Collection); err != nil {
			return err
		}
	}
	c, err := crawler.New(crawler.Settings{ID: r.o.ID, Version: r.o.Version, NATS: r.session.NATS, Partitions: r.partitions,
		Staging: runs.Staging{Store: r.session.Store}, SpoolDir: r.o.SpoolDir, Forbidden: r.forbidden, Space: r.space.Low,
		Committed: w.committed, SnapshotEvery: r.o.SnapshotEvery, Away: r.away.tell, Pacer: r.pacer, Log: r.o.Log, Now: r.o.Now},
		crawler.Run{Log: log, Number: run.Number, Document: run.Document.Clone(), Started: *run.Started, Held: held})
	if err != nil {
		return err
	}
	defer w.counts(c.Stats().Exchanges.Load)()
	defer w.shows(showCrawler(c))()
	holds := c.Holds
	w.holds.Store(&holds)
	defer w.holds.Store(nil)
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-w.stop:
			c.Stop()
		case <-ended:
		}
	}()
	err = c.Run(ctx)
	if errors.Is(err, stream.ErrNotFound) {
		return fmt.Errorf("%w (%v)", errLogGone, err) // over, most likely
	}
	if err != nil {
		return err
	}
	if !c.Status().Ended && !w.halting() {
		return errors.New("the crawl ended before its run")
	}
	return nil
}

// committed is the last sequence of the run's log that is known to be archived.
func (w *worker) committed() uint64 {
	if run := w.role.state(w.key); run != nil {
		return run.Committed
	}
	return 0
}

// extract shares the captures of a run with all other extractors. A page that
// is in work when it stops comes again, to another.
func (w *worker) extract(ctx context.Context, run *job.RunState, log *stream.Log) error {
	r := w.role
	rules, lost, err := r.keeper.SiteRules(ctx, run.Document)
	if err != nil {
		return err
	}
	if lost != nil {
		r.o.Log.Error("pages are archived, and not extracted", "job", run.Job, "run", run.Number, "error", lost)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	x := extractor.NewWorker(extractor.WorkerSettings{ID: r.o.ID, Staging: runs.Staging{Store: r.session.Store},
		Sandbox: r.o.Sandbox, Rules: rules, RulesLost: lost, Slots: r.slots, Log: r.o.Log}, log, run.Job, run.Number)
	defer w.counts(x.Results)()
	defer w.shows(showExtractor(x))()
	go func() {
		select {
		case <-w.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	if err := x.Run(ctx); err != nil || ctx.Err() != nil {
		return err
	}
	return fmt.Errorf("run %d of job %s: %w", run.Number, run.Job, errLogGone) // over, most likely
}

// noteEvery is how often it is told how far a run is archived.
const noteEvery = time.Second

// archive archives a run to its end, and marks it as over.
func (w *worker) archive(ctx context.Context, run *job.RunState, log *stream.Log) error {
	r := w.role
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	a := archiver.New(log, r.session.Store, r.keeper.ArchiverSettings(run, r.o.Version, r.o.SpoolDir))
	defer w.counts(func() int64 { return a.Progress().Own })()
	defer w.shows(showArchiver(a))()
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	tick := time.NewTicker(noteEvery)
	defer tick.Stop()
	var noted uint64
	sealed := false
	for {
		select {
		case <-w.stop:
			cancel()
			return <-ended
		case err := <-ended:
			if err != nil {
				return err
			}
			_, err = r.keeper.Over(ctx, run, a.Summary())
			return err
		case <-tick.C:
		}
		p := a.Progress()
		if p.Committed > noted && w.note(ctx, p.Committed) == nil {
			noted = p.Committed
		}
		if now := r.state(w.key); now != nil && now.State == job.StatePaused != sealed {
			if sealed = !sealed; sealed {
				a.Seal()
			}
		}
	}
}

// note tells the store of jobs how far the run is archived.
func (w *worker) note(ctx context.Context, committed uint64) error {
	_, err := w.role.keeper.Jobs.ChangeRun(ctx, w.key.job, w.key.number, func(r *job.RunState) bool {
		behind := r.Committed < committed
		r.Committed = max(r.Committed, committed)
		return behind && !r.Over()
	})
	return err
}
