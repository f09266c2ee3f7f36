// Package roles is one role as a process of its own: a crawler, an extractor or
// an archiver over NATS servers and an S3 store. It follows the store of jobs,
// works on every run that is under way, and goes on by itself when a server was
// away. Any number of each role may join and leave at any time.
//
// The goroutines of one Role and what passes between them:
//
//	follow    store of jobs                  -> known runs, news
//	weather   NATS and S3, every few seconds -> what is away, said once
//	Run       news, members, a tick          -> workers started and stopped
//	worker    one a run: crawler.Crawler, extractor.Worker, archiver.Archiver
package roles

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/crawler/frontier"
	"newsreel/extractor"
	"newsreel/internal/remote"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

// StopTime is how long Stop may take: exchanges in flight have some seconds,
// what is committed has the rest, until the work is given up letGoTime before
// the end. Then claims are released, until endTime before it; leaving and
// closing have stepTime each.
const (
	StopTime  = 30 * time.Second
	letGoTime = 12 * time.Second
	endTime   = 6 * time.Second
	stepTime  = 2 * time.Second
)

// DefaultLogBytes is reserved for the log of each run where nothing else is
// asked for.
const DefaultLogBytes = 1 << 30

// Options say what a process is.
type Options struct {
	// Role is stream.RoleCrawler, RoleExtractor or RoleArchiver.
	Role string
	// ID names this process, of [A-Za-z0-9_-], and is never used again.
	ID      string
	Version string
	Cluster *remote.Config
	// SpoolDir is an absolute path: a folder of this process alone, for what
	// does not stay in memory.
	SpoolDir string
	// LogBytes is reserved for the log of each run that this process begins;
	// 0: DefaultLogBytes.
	LogBytes int64
	// SnapshotEvery is how many entries of a partition are folded between two
	// snapshots of the frontier; 0 for the default.
	SnapshotEvery int64
	// Sandbox extracts pages that have ended processes before.
	Sandbox extractor.Sandbox
	Log     *slog.Logger
	Now     func() time.Time
}

// Role is one process's. Make it with New, run it once.
type Role struct {
	o       Options
	session *remote.Session
	keeper  *runs.Keeper
	member  *stream.Member
	space   *runs.Space
	weather *weather
	away    *away
	// Of crawlers: one table of paces and one gate for all runs, and what they
	// never reach.
	pacer      *frontier.Pacer
	partitions *crawler.Partitions
	forbidden  []netip.AddrPort
	// slots bounds how many pages an extractor works on at once.
	slots chan struct{}

	stop     sync.Once
	stopping chan struct{}
	ready    atomic.Bool
	since    time.Time

	mu      sync.Mutex
	known   map[runKey]*known
	workers map[runKey]*worker
	news    chan struct{}
	// done counts what workers that are gone did.
	done int64
}

type runKey struct {
	job    string
	number int
}

// known is a run as the store of jobs last told it.
type known struct {
	state *job.RunState
	// since is when it was first seen to be queued; next is when it may be
	// begun, or tried again.
	since, next time.Time
	beginning   bool
}

// New makes a role that does nothing before Run.
func New(o Options) (*Role, error) {
	switch o.Role {
	case stream.RoleCrawler, stream.RoleExtractor, stream.RoleArchiver:
	default:
		return nil, fmt.Errorf("role %q: want crawler, extractor or archiver", o.Role)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.LogBytes <= 0 {
		o.LogBytes = DefaultLogBytes
	}
	space, err := runs.NewSpace(o.SpoolDir)
	if err != nil {
		return nil, err
	}
	cluster := *o.Cluster
	cluster.Log = o.Log
	o.Cluster = &cluster
	r := &Role{o: o, space: space, pacer: frontier.NewPacer(), slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		stopping: make(chan struct{}), known: map[runKey]*known{}, workers: map[runKey]*worker{},
		news: make(chan struct{}, 1), since: o.Now()}
	r.weather = newWeather(o.Cluster, o.Log)
	r.away = &away{log: o.Log, bad: r.weather.bad}
	r.weather.sent, r.weather.paused = r.sent, r.paused
	return r, nil
}

// Stop ends Run cleanly, within StopTime: what is in flight is finished,
// committed and given over to others.
func (r *Role) Stop() { r.stop.Do(func() { close(r.stopping) }) }

// Run works until Stop, which is nil, also where servers are away and something
// was given up, which is logged; or until the context ends: then everything is
// left as it is, as in a crash. Servers that are away are waited for. Errors:
// settings that are wrong (remote.ErrSettings), or a process of the same id lives.
func (r *Role) Run(whole context.Context) error {
	ctx, cancel := context.WithCancel(whole)
	defer cancel()
	starting, abandon := context.WithCancel(ctx)
	defer abandon()
	go func() {
		select {
		case <-r.stopping:
			abandon()
		case <-starting.Done():
		}
	}()
	if err := r.connect(starting); err != nil {
		if r.isStopping() {
			return nil
		}
		return err
	}
	var beside sync.WaitGroup
	defer within(stepTime, func() {
		cancel()
		beside.Wait()
		r.session.Close()
	})
	beside.Go(func() { r.weather.watch(ctx, r.session) })
	beside.Go(func() { r.follow(ctx) })
	if r.o.Role == stream.RoleArchiver {
		beside.Go(func() { r.sweeps(ctx) })
	}
	r.ready.Store(true)
	r.o.Log.Info("ready", "role", r.o.Role, "id", r.o.ID, "nats", r.o.Cluster.NATSAddresses(), "s3", r.o.Cluster.S3Address(),
		"replicas", r.session.Replicas)
	r.supervise(ctx)
	r.halt(ctx)
	return whole.Err()
}

func (r *Role) isStopping() bool {
	select {
	case <-r.stopping:
		return true
	default:
		return false
	}
}

// connectPause is between two tries to reach servers that are away.
const connectPause = 2 * time.Second

// connect waits for both servers, and joins the others of the role.
func (r *Role) connect(ctx context.Context) error {
	for {
		err := r.tryConnect(ctx)
		if err == nil || errors.Is(err, remote.ErrSettings) || errors.Is(err, stream.ErrLost) {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		r.weather.atStart(err)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(connectPause):
		}
	}
}

func (r *Role) tryConnect(ctx context.Context) error {
	session, err := r.o.Cluster.Open(ctx)
	if err != nil {
		return err
	}
	member, err := stream.Join(ctx, session.NATS, r.o.Role, r.o.ID, stream.MemberOptions{Replicas: session.Replicas, Log: r.o.Log})
	if err != nil {
		session.Close()
		return err
	}
	r.weather.begun()
	r.forbidden = r.o.Cluster.Addresses(ctx, session.NATS)
	arc := archive.New(session.Store, r.o.SpoolDir)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.session, r.member, r.partitions = session, member, crawler.NewPartitions(member)
	r.keeper = &runs.Keeper{NATS: session.NATS, Jobs: session.Jobs, Store: session.Store, Archive: arc,
		LogBytes: r.o.LogBytes, Replicas: session.Replicas, Now: r.o.Now}
	return nil
}

// halt stops all workers, and leaves. What is not finished in time is given up:
// a server may be away.
func (r *Role) halt(ctx context.Context) {
	patient, cancel := context.WithTimeout(ctx, StopTime-letGoTime)
	defer cancel()
	lettingGo, cancel := context.WithTimeout(ctx, StopTime-endTime)
	defer cancel()
	if ctx.Err() == nil {
		r.o.Log.Info("stopping: what is in flight is finished first", "role", r.o.Role, "id", r.o.ID, "at_most", StopTime)
	}
	r.mu.Lock()
	all := maps.Clone(r.workers)
	for _, w := range all {
		w.halt()
	}
	r.mu.Unlock()
	var unfinished []string
	for _, w := range all {
		if !w.wait(patient) {
			unfinished = append(unfinished, fmt.Sprintf("run %d of job %s", w.key.number, w.key.job))
			w.cancel()
		}
	}
	for _, w := range all {
		w.wait(lettingGo)
	}
	if ctx.Err() == nil {
		r.leave(ctx, unfinished)
	}
	r.o.Log.Info("stopped", "role", r.o.Role, "id", r.o.ID, "done", r.Status().Done, "unit", r.unit())
}

// leave gives the lease up, and says what could not be finished.
func (r *Role) leave(ctx context.Context, unfinished []string) {
	if len(unfinished) > 0 {
		slices.Sort(unfinished)
		nats, s3 := r.weather.now()
		r.o.Log.Warn("not all could be finished in time: what was not stored is given up, and others do it again",
			"runs", strings.Join(unfinished, ", "), "nats", nats, "s3", s3)
	}
	leaving, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	err := errors.New("no answer")
	left := make(chan error, 1)
	if within(stepTime, func() { left <- r.member.Leave(leaving) }) {
		err = <-left
	}
	if err != nil {
		r.o.Log.Warn("the lease could not be given up: others take over once it has run out", "after", stream.LeaseTTL, "error", err)
	}
}

// within does something, and says whether that took no longer than d. Else it
// goes on by itself, until the process ends: while the client of NATS greets a
// server that is stuck, all that uses it waits, whatever its context says.
func within(d time.Duration, do func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
		return true
	case <-time.After(d):
		return false
	}
}

// sweepEvery is how often one of the archivers removes what crashes left.
const sweepEvery = 10 * time.Minute

func (r *Role) sweeps(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !r.member.Owns("sweep") {
			continue
		}
		streams, err := archiver.NATSStreams(r.session.NATS)
		if err == nil {
			var report archiver.SweepReport
			report, err = archiver.Sweep(ctx, r.session.Store, streams)
			if n := report.Attempts + report.Staged + report.Streams; n > 0 {
				r.o.Log.Info("swept what crashes left", "attempts", report.Attempts, "staged", report.Staged,
					"streams", report.Streams, "bytes", report.Bytes)
			}
		}
		if err != nil && ctx.Err() == nil {
			r.o.Log.Debug("sweep", "error", err)
		}
	}
}
