// Package local runs a job to its end in one process over a data folder: the
// crawler, the extractor and the archiver, with the same clients and the same
// run log as when they run apart.
package local

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/archive"
	"newsreel/extractor"
	"newsreel/internal/datadir"
	"newsreel/internal/objstore"
	"newsreel/internal/runs"
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
	// Progress is called a few times a second, never twice at once, and a last
	// time when all is done.
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
	// OldRules says that it goes on with the site rules that it began with, which
	// are not those that the job has now.
	OldRules bool
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
	// Phase is "reading the log", "crawling", "archiving" or, in the last
	// one, which has the counts of the result, "over".
	Phase string
}

// Result is how a run ended, or where it stands.
type Result struct {
	Summary archive.Summary
	// Stored says that nothing was done: the job was finished before.
	Stored bool
	// Failure says of a failed run why its first seed was not captured, if its
	// crawl log tells.
	Failure *runs.Failure
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
	runs   *runs.Keeper

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
	if r.jobs, err = job.OpenJobs(ctx, r.nc, 1); err != nil {
		return err
	}
	r.runs = &runs.Keeper{NATS: r.nc, Jobs: r.jobs, Store: r.store, Archive: r.arc,
		LogBytes: r.folder.Limits().MaxStoreBytes / logShare, Now: r.o.Now}
	return nil
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
	if err := r.runs.KeepSiteRules(ctx, doc); err != nil {
		return nil, err
	}
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
