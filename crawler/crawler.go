// Package crawler is the role that makes captures of a job: it claims
// partitions of a run, folds the run log into a frontier, fetches what is due,
// and commits each page (its capture, its outcome, its links) in one atomic
// batch.
//
// The goroutines of one Crawler and what passes between them:
//
//	reader      run log               -> frontier (fold)
//	dispatcher  frontier.Next         -> tasks (unbuffered)
//	workers     tasks                 -> pages (one per finished exchange)
//	committer   pages                 -> run log, in atomic batches
//	gainer      history of partitions claimed meanwhile -> frontier
//	keeper      claims, releases, limits, space, idle marks, end -> run log
package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// Staging is the part of an object store that a crawler needs: it keeps what
// is too large for a message.
type Staging interface {
	PutStaged(ctx context.Context, key string, r io.Reader, size int64) error
	GetStaged(ctx context.Context, key string, limit int64) ([]byte, error)
	DeleteStaged(ctx context.Context, key string) error
}

// Held is what the collection holds already: on a recrawl pages are asked for
// with its validators, and what has not changed is read from it.
type Held interface {
	Validators(url string) (etag, lastModified string)
	Response(ctx context.Context, url string) ([]byte, error)
}

// Settings are what a crawler process is started with.
type Settings struct {
	// ID names this process among the crawlers, and is never used again, unless
	// Partitions names it.
	ID string
	// Version is that of the program, for the user agent.
	Version string
	NATS    *nats.Conn
	// Partitions is the process's gate and its lease, which all its runs share;
	// ID is the member's then. Nil: the run makes one for itself.
	Partitions *Partitions
	Staging    Staging
	// SpoolDir holds bodies that do not stay in memory.
	SpoolDir string
	// Exclusive says that the data folder is locked by this process, so that
	// nobody else can claim anything.
	Exclusive bool
	// Resolve are addresses of names beside those of the document.
	Resolve map[string]string
	// Forbidden are the addresses of our own servers, which no crawl reaches.
	Forbidden []netip.AddrPort
	// Space says why there is no room to crawl on now, "" if there is.
	Space func() string
	// Committed is the last sequence of the run log that a manifest covers.
	Committed func() uint64
	// SnapshotEvery is how many entries of a partition are folded between two
	// snapshots of the frontier; 0 for the default.
	SnapshotEvery int64
	// StopOnPause ends Run when the run is paused, instead of waiting.
	StopOnPause bool
	// Away is told that a server is away or full, once until that has passed; it
	// is tried again. Nil: it is logged.
	Away  func(runLog string, err error)
	Pacer *frontier.Pacer
	Log   *slog.Logger
	Now   func() time.Time
}

// Run is what is to be crawled.
type Run struct {
	Log    *stream.Log
	Number int
	// Document is the job's, complete and valid.
	Document *job.Document
	Started  time.Time
	// Held is nil for a first crawl.
	Held Held
}

// ErrPaused says that Run ended since the run was paused.
var ErrPaused = errors.New("the run is paused")

// Crawler crawls one run. Make it with New, use it once.
type Crawler struct {
	s      Settings
	run    Run
	doc    atomic.Pointer[job.Document]
	scope  *job.Scope
	front  *frontier.Frontier
	client *fetch.Client
	hits   limitHits
	seen   digests
	zips   compressors
	parts  *Partitions // nil on a locked folder
	owning owning
	gains  gains
	owed   []stream.RobotsAnswer // of the keeper
	snaps  snapshotState

	tasks   chan frontier.Task
	pages   chan *page
	stop    chan struct{}
	stopped sync.Once
	ended   chan struct{}
	stats   Stats
	active  atomic.Int64
	holds   atomic.Pointer[Holds]
	// waits says that a batch waits for room in the log.
	waits atomic.Bool
	// folded is the sequence of the last entry that was folded.
	folded atomic.Uint64
}

// Stats count what a crawler did. They are read while it works.
type Stats struct {
	Exchanges, Batches, Resent atomic.Int64
	// Gained, Released and Lost count partitions that were taken over from
	// others or from nobody, given to a newcomer, and claimed by another.
	Gained, Released, Lost atomic.Int64
	// Lapsed counts URLs that were handed out and not fetched, since the lease
	// or the partition was no longer held. Fenced counts batches of which the
	// server refused a part, Late pages given up before they were sent.
	Lapsed, Fenced, Late atomic.Int64
}

// New makes a crawler for a run.
func New(s Settings, run Run) (*Crawler, error) {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.Away == nil {
		s.Away = func(runLog string, err error) {
			s.Log.Warn("a server is away or full; trying again", "log", runLog, "error", err)
		}
	}
	if s.Pacer == nil {
		s.Pacer = frontier.NewPacer()
	}
	client, err := fetch.NewClient(clientSettings(s, run.Document))
	if err != nil {
		return nil, fmt.Errorf("crawler: %w", err)
	}
	c := &Crawler{s: s, run: run, client: client, scope: job.NewScope(run.Document, nil),
		tasks: make(chan frontier.Task), pages: make(chan *page, 64),
		stop: make(chan struct{}), ended: make(chan struct{})}
	c.doc.Store(run.Document)
	c.front = frontier.New(s.Pacer, rulesOf(run.Document, s.Version), domainOf)
	c.gains.init()
	if s.SnapshotEvery > 0 {
		c.front.SnapshotEvery(s.SnapshotEvery)
	}
	return c, nil
}

func domainOf(origin string) string { return weburl.RegistrableDomain(weburl.Hostname(origin)) }

// Stop ends the handing out of URLs. Run returns once what is in flight has
// been committed.
func (c *Crawler) Stop() { c.stopped.Do(func() { close(c.stop) }) }

// Status says how far the run is. It may be called at any time.
func (c *Crawler) Status() frontier.Status { return c.front.Status(c.s.Now()) }

// Stats counts what the crawler does. It may be read at any time.
func (c *Crawler) Stats() *Stats { return &c.stats }

// Active counts the exchanges that are going on.
func (c *Crawler) Active() int64 { return c.active.Load() }

// Memory is how many URLs the frontier knows and the bytes they take.
func (c *Crawler) Memory() (urls, bytes int) { return c.front.Memory() }

// Run crawls until the run ends (nil), Stop (nil; Status().Ended tells), a
// pause with StopOnPause (ErrPaused), or an error of ours; stream.ErrNotFound
// says that the run log was deleted meanwhile: the run is over, or another
// process has ended it. If ctx ends, what is in flight is given up: it will be
// fetched again. Partitions that are held are released when Run returns.
func (c *Crawler) Run(ctx context.Context) error {
	defer c.client.Close()
	leave, err := c.join(ctx)
	if err != nil {
		return fmt.Errorf("crawl %s: %w", c.run.Log.Name(), err)
	}
	defer leave()
	defer c.front.Close()
	defer c.releaseAll()
	if err := c.claim(ctx); err != nil {
		return fmt.Errorf("crawl %s: %w", c.run.Log.Name(), err)
	}
	// Three lives: the reader and the keeper go on until everything is
	// committed; fetching ends at Stop, with some seconds of grace; committing
	// ends when the workers have.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	g, gctx := errgroup.WithContext(ctx)
	fetching, giveUp := context.WithCancel(gctx) // an error of any ends it
	defer giveUp()
	reading, stopReading := context.WithCancel(gctx)
	g.Go(func() error { return c.read(reading) })
	g.Go(func() error { return c.keep(reading) })
	g.Go(func() error { return c.gain(reading) })
	g.Go(func() error { c.grace(reading, giveUp); return nil })
	g.Go(func() error {
		defer stopReading()
		err := c.fetchAndCommit(gctx, fetching)
		if err == nil {
			err = c.catchUp(gctx)
		}
		return quiet(gctx, err)
	})
	err = g.Wait()
	if errors.Is(err, errOver) {
		err = nil
	}
	if err == nil && c.s.StopOnPause && c.front.Status(c.s.Now()).Paused && !c.front.Status(c.s.Now()).Ended {
		err = ErrPaused
	}
	if err != nil && !errors.Is(err, ErrPaused) {
		return fmt.Errorf("crawl %s: %w", c.run.Log.Name(), err)
	}
	return err
}

// errOver ends the goroutines when the run's end was folded.
var errOver = errors.New("the run is over")

// stopGrace is how long exchanges in flight may go on after Stop.
const stopGrace = 5 * time.Second

func (c *Crawler) grace(ctx context.Context, giveUp func()) {
	select {
	case <-ctx.Done():
		return
	case <-c.stop:
	}
	select {
	case <-ctx.Done():
	case <-time.After(stopGrace):
		giveUp()
	}
}

func (c *Crawler) fetchAndCommit(ctx, fetching context.Context) error {
	var workers sync.WaitGroup
	for range max(1, int(c.run.Document.Politeness.Concurrency)) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			c.work(fetching)
		}()
	}
	committed := make(chan error, 1)
	go func() { committed <- c.commit(ctx) }()
	c.dispatch(fetching)
	close(c.tasks)
	workers.Wait()
	close(c.pages)
	return <-committed
}

// dispatch hands tasks to the workers until Stop or the run's end.
func (c *Crawler) dispatch(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		task, wait, ok := c.front.Next(c.s.Now())
		if !ok {
			timer.Reset(wait)
			select {
			case <-c.front.Wake():
			case <-timer.C:
			case <-c.stop:
				return
			case <-c.ended:
				return
			case <-ctx.Done():
				return
			}
			continue
		}
		if task.Skip != "" {
			c.hits.add(protectLimit(task.Detail))
			c.hand(ctx, skipPage(task, c.s.Now()))
			continue
		}
		select {
		case c.tasks <- task:
		case <-ctx.Done():
			c.front.Return(task)
			return
		}
	}
}

// hand passes a finished page to the committer.
func (c *Crawler) hand(ctx context.Context, p *page) {
	select {
	case c.pages <- p:
	case <-ctx.Done():
	}
}

// read folds the run log, from its start or the newest snapshots on.
func (c *Crawler) read(ctx context.Context) error {
	r, err := c.run.Log.Read(ctx, 0, stream.ClassOwn, stream.ClassIn, stream.ClassLog, stream.ClassControl)
	if err != nil {
		return quiet(ctx, err)
	}
	defer r.Close()
	for {
		e, err := r.Next(ctx)
		if err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		diepoint.Here("fold.entry")
		if err := c.fold(e); err != nil {
			return err
		}
		c.folded.Store(e.Sequence)
	}
}

// catchUp waits until what was committed is folded, so that the counts of a
// crawl that was stopped are those of its log.
func (c *Crawler) catchUp(ctx context.Context) error {
	last, err := c.run.Log.LastOf(ctx, stream.ClassLog)
	if err != nil {
		return err
	}
	for _, seq := range last {
		if err := c.waitFor(ctx, func() bool { return c.folded.Load() >= seq }); err != nil {
			return err
		}
	}
	return nil
}

func (c *Crawler) fold(e stream.Entry) error {
	if err := c.apply(e); err != nil || e.Class != stream.ClassControl {
		return err
	}
	ctl, err := stream.ParseControl(e)
	if err != nil {
		return err
	}
	switch ctl.Type {
	case stream.ControlSeed:
		c.scope.AddSeed(ctl.URL)
	case stream.ControlDocument:
		return c.newDocument(ctl.Document)
	case stream.ControlEnd:
		close(c.ended)
		return errOver
	}
	return nil
}
