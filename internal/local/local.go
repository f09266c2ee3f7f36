// Package local runs a job to its end in one process over a data folder: the
// crawler, the extractor and the archiver, with the same clients and the same
// run log as when they run apart.
package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/internal/datadir"
	"newsreel/internal/objstore"
	"newsreel/job"
	"newsreel/stream"
)

// Options say what to run.
type Options struct {
	// Dir is the data folder.
	Dir string
	// Command is what the person typed, for others who want the folder.
	Command string
	// Version is that of the program.
	Version string
	// Again starts the next run of a job that is finished.
	Again bool
	// SnapshotEvery is how many entries of a partition are folded between two
	// snapshots of the frontier; 0 for the default.
	SnapshotEvery int64
	// Sandbox extracts pages that have killed this process before.
	Sandbox extractor.Sandbox
	// Resolve are addresses of names (IP or IP:port) beside those of the
	// document, for this process alone.
	Resolve map[string]string
	// Forbidden are addresses that no crawl may reach.
	Forbidden []netip.AddrPort
	Log       *slog.Logger
	Now       func() time.Time
	// Started is called once the run has been opened, before anything is
	// fetched.
	Started func(Start)
	// Progress is called a few times a second from one goroutine.
	Progress func(Progress)
}

// Start says what begins.
type Start struct {
	Run      *job.RunState
	Document *job.Document
	Dir      string
	// Resumed says that an unfinished run goes on, with the keys of the
	// document that changed.
	Resumed bool
	Changed []string
}

// Progress is how far the run is.
type Progress struct {
	Counts   stream.Counts
	InFlight int64
	Articles int64
	Revisits int64
	Started  time.Time
	// Note says what is being waited for, "" for nothing.
	Note string
	// Phase is "reading the log", "crawling" or "archiving".
	Phase string
}

// Result is how a run ended, or where it stands.
type Result struct {
	Summary archive.Summary
	// Stored says that nothing was done: the job was finished before.
	Stored bool
	// Samples are a few of its articles, if it is finished.
	Samples []Sample
	// Paused says that the run was paused, by whom a Ctrl-C is not meant.
	Paused bool
}

// Runner runs one job. Make it with Open, run it once, Close it.
type Runner struct {
	o      Options
	folder *datadir.Folder
	nc     *nats.Conn
	store  *objstore.Store
	jobs   *job.Jobs
	arc    *archive.Archive

	stop sync.Once
	stopped,
	paused chan struct{}
}

// Open locks the data folder and starts what runs inside the process. It
// changes the working directory of the process for good.
func Open(o Options) (*Runner, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	folder, err := datadir.Open(o.Dir, datadir.Purpose{Command: o.Command, Roles: true, Logger: o.Log}, datadir.RoleWait)
	if err != nil {
		return nil, err
	}
	r := &Runner{o: o, folder: folder, stopped: make(chan struct{}), paused: make(chan struct{}, 1)}
	if err := r.connect(); err != nil {
		folder.Close()
		return nil, err
	}
	return r, nil
}

func (r *Runner) connect() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	var err error
	if r.nc, err = r.folder.NATS(nats.MaxReconnects(-1)); err != nil {
		return err
	}
	if r.store, err = r.folder.Store(); err != nil {
		return err
	}
	r.arc = archive.New(r.store, r.folder.SpoolDir())
	r.jobs, err = job.OpenJobs(ctx, r.nc, 1)
	return err
}

// Close ends what runs inside the process and gives the folder back.
func (r *Runner) Close() error {
	r.nc.Close()
	return r.folder.Close()
}

// Jobs is the store of jobs in the folder.
func (r *Runner) Jobs() *job.Jobs { return r.jobs }

// Path is the folder's absolute path.
func (r *Runner) Path() string { return r.folder.Path() }

// Stop ends the run cleanly before its end: what is in flight is committed and
// archived, and the same command goes on from there.
func (r *Runner) Stop() { r.stop.Do(func() { close(r.stopped) }) }

// Run runs the job of the document until its end, Stop, or a pause.
func (r *Runner) Run(ctx context.Context, doc *job.Document) (*Result, error) {
	rec, err := r.jobs.Put(ctx, doc, r.o.Now())
	var changed *job.ChangeError
	if errors.As(err, &changed) {
		return nil, err
	}
	if err != nil {
		return nil, fmt.Errorf("store job %s: %w", doc.Name, err)
	}
	begin, done, err := r.open(ctx, rec)
	if err != nil || done != nil {
		return done, err
	}
	log, err := r.openLog(ctx, begin.Run)
	if err != nil {
		return nil, err
	}
	if err := r.begin(ctx, log, begin); err != nil {
		return nil, err
	}
	if r.o.Started != nil {
		r.o.Started(*begin)
	}
	return r.roles(ctx, log, begin)
}

// open finds the run that is to go on, or makes the next one. A job that is
// finished gives its stored result.
func (r *Runner) open(ctx context.Context, rec *job.Record) (*Start, *Result, error) {
	s := &Start{Document: rec.Document, Dir: r.folder.Path()}
	if rec.Latest > 0 {
		run, err := r.jobs.Run(ctx, rec.Name, rec.Latest)
		if err != nil {
			return nil, nil, err
		}
		if err := r.settle(ctx, run); err != nil {
			return nil, nil, err
		}
		switch {
		case !run.Over():
			s.Run, s.Resumed = run, run.Started != nil
			s.Changed, err = job.Resume(run.Document, rec.Document)
			return s, nil, err
		case run.State == job.StateFinished && !r.o.Again:
			stored, err := r.arc.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
			if err != nil {
				return nil, nil, err
			}
			samples, err := r.samples(ctx, &stored.Summary, sampleCount)
			return nil, &Result{Summary: stored.Summary, Stored: true, Samples: samples}, err
		}
	}
	inS3, err := r.arc.LastRun(ctx, rec.Document.Collection, rec.Name)
	if err != nil {
		return nil, nil, err
	}
	s.Run, err = r.jobs.NewRun(ctx, rec, max(rec.Latest, inS3)+1, r.o.Now())
	return s, nil, err
}

// settle marks a run as over whose record is stored already: the process ended
// between the two.
func (r *Runner) settle(ctx context.Context, run *job.RunState) error {
	if run.Over() {
		return nil
	}
	stored, err := r.arc.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
	if errors.Is(err, archive.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.over(ctx, run, &stored.Summary)
}

func (r *Runner) over(ctx context.Context, run *job.RunState, s *archive.Summary) error {
	// A stream whose record is stored has served its time.
	log, err := stream.Open(ctx, r.nc, run.Job, run.Number)
	if err == nil {
		if err := log.Delete(ctx); err != nil {
			return err
		}
	} else if !errors.Is(err, stream.ErrNotFound) {
		return err
	}
	run.State, run.Finished = s.State, s.Finished
	return r.jobs.SaveRun(ctx, run)
}

// logShare is the part of the store of run logs that one run reserves.
const logShare = 4

func (r *Runner) openLog(ctx context.Context, run *job.RunState) (*stream.Log, error) {
	size := r.folder.Limits().MaxStoreBytes / logShare
	log, err := stream.Create(ctx, r.nc, stream.Config{Job: run.Job, Run: run.Number, MaxBytes: size})
	if err != nil {
		return nil, fmt.Errorf("%w\nthe store of run logs is full or damaged; `newsreel doctor` tells more", err)
	}
	return log, nil
}

// begin writes the seeds of a new run, or what changed on a resumed one, and
// sets a paused one going.
func (r *Runner) begin(ctx context.Context, log *stream.Log, s *Start) error {
	now := r.o.Now().UTC()
	run := s.Run
	if !s.Resumed {
		if err := publishSeeds(ctx, log, s.Document, now); err != nil {
			return err
		}
		run.Started = &now
	}
	if len(s.Changed) > 0 {
		data, err := json.Marshal(s.Document)
		if err != nil {
			return err
		}
		if _, err := log.Control(ctx, stream.Control{Type: stream.ControlDocument, Document: data, By: "command line", Time: now}); err != nil {
			return err
		}
		run.Document.Limits, run.Document.Politeness = s.Document.Limits, s.Document.Politeness
	}
	if s.Resumed {
		if _, err := log.Control(ctx, stream.Control{Type: stream.ControlResume, By: "command line", Time: now}); err != nil {
			return err
		}
	}
	s.Document = run.Document
	run.State, run.Message = job.StateRunning, ""
	return r.jobs.SaveRun(ctx, run)
}

// roles runs the three roles side by side until the run's end or a stop.
func (r *Runner) roles(ctx context.Context, log *stream.Log, s *Start) (*Result, error) {
	id := rand.Text()[:10]
	doc := s.Document
	work, cancel := context.WithCancel(ctx)
	defer cancel()

	space, err := newSpace(r.folder.Path())
	if err != nil {
		return nil, err
	}
	a := archiver.New(log, r.store, archiverSettings(r, s))
	held, err := r.held(ctx, s)
	if err != nil {
		return nil, err
	}
	c, err := crawler.New(crawler.Settings{ID: id, Version: r.o.Version, NATS: r.nc, Staging: staging{r.store},
		SpoolDir: r.folder.SpoolDir(), Exclusive: true, Forbidden: r.o.Forbidden, Resolve: r.o.Resolve, Space: space.low, Committed: a.Committed, SnapshotEvery: r.o.SnapshotEvery,
		StopOnPause: true, Log: r.o.Log, Now: r.o.Now},
		crawler.Run{Log: log, Number: s.Run.Number, Document: doc, Started: *s.Run.Started, Held: held})
	if err != nil {
		return nil, err
	}
	w := extractor.NewWorker(extractor.WorkerSettings{ID: id, Staging: staging{r.store}, Sandbox: r.o.Sandbox, Log: r.o.Log},
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
	watcher.Go(func() { r.watch(watching, s, c, a, w) })
	watcher.Go(func() { limitMemory(watching) })
	defer watcher.Wait()
	defer unwatch()

	result, err := r.await(ctx, s, c, a, crawled, archived, extracted)
	cancel()
	running.Wait()
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
func (r *Runner) await(ctx context.Context, s *Start, c *crawler.Crawler, a *archiver.Archiver, crawled, archived, extracted chan error) (*Result, error) {
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
			paused := errors.Is(err, crawler.ErrPaused)
			if err != nil && !paused {
				return nil, err
			}
			if !c.Status().Ended {
				return r.halt(ctx, s, c, a, paused)
			}
			crawled = nil
		}
	}
}

func (r *Runner) finished(ctx context.Context, s *Start, summary *archive.Summary) (*Result, error) {
	if err := r.over(ctx, s.Run, summary); err != nil {
		return nil, err
	}
	samples, err := r.samples(ctx, summary, sampleCount)
	return &Result{Summary: *summary, Samples: samples}, err
}

// sampleCount is how many articles a result shows.
const sampleCount = 8

// flushGrace is how long a clean stop waits for what was crawled to be
// archived. What is not is in the run log, and archived next time.
const flushGrace = 15 * time.Second

func (r *Runner) halt(ctx context.Context, s *Start, c *crawler.Crawler, a *archiver.Archiver, paused bool) (*Result, error) {
	flushing, cancel := context.WithTimeout(ctx, flushGrace)
	defer cancel()
	if err := a.Flush(flushing); err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	s.Run.State = job.StateRunning
	s.Run.Message = "stopped before its end; the same command goes on"
	if paused {
		s.Run.State, s.Run.Message = job.StatePaused, "paused"
	}
	if err := r.jobs.SaveRun(ctx, s.Run); err != nil {
		return nil, err
	}
	return &Result{Summary: stoppedSummary(s, c, a), Paused: paused}, nil
}
