package roles

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"

	"newsreel/internal/progress"
	"newsreel/internal/remote"
)

// Times of the weather.
const (
	weatherTick = time.Second
	// askEvery is how often servers are asked that are connected to.
	askEvery = 5 * time.Second
	askTime  = 3 * time.Second
	// awayAfter is how long a server is away before it is said: a client goes
	// over to another of a cluster in less.
	awayAfter = 3 * time.Second
)

// weather watches the servers, and says once what is away and what may be done,
// and once that it is back. Nobody else speaks of a server that is away.
type weather struct {
	log     *slog.Logger
	cluster *remote.Config
	// sent is what the role has to do with NATS beside the store of jobs.
	sent func() sent
	// paused is why the role's crawling pauses.
	paused func() paused

	mu sync.Mutex
	// uptake is NATS's too: it answers, and takes no messages.
	nats, s3, uptake condition
	// disk and logs are why crawling pauses.
	disk, logs condition
	start      string
}

// condition is one that is to pass.
type condition struct {
	// why it is so, "" if it is not; since when; and whether that was said.
	why   string
	since time.Time
	said  bool
	// over is since when it is not so any more, zero if it is.
	over time.Time
}

// words are how a condition is spoken of, with what goes with them.
type words struct {
	begins, ends string
	with         []any
	cure         string
	// calm is how long it is not so before that is said.
	calm time.Duration
}

func newWeather(cluster *remote.Config, log *slog.Logger) *weather {
	unknown := condition{why: "not reached yet"}
	return &weather{cluster: cluster, log: log, nats: unknown, s3: unknown,
		sent: func() sent { return sent{} }, paused: func() paused { return paused{} }}
}

// bad says whether a server is away, so that other troubles follow from it.
func (w *weather) bad() bool {
	nats, s3 := w.now()
	return nats != "" || s3 != ""
}

// now says what is wrong with NATS and S3.
func (w *weather) now() (nats, s3 string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	nats = w.nats.why
	if nats == "" && w.uptake.why != "" {
		nats = takesNothing + " (" + w.uptake.why + ")"
	}
	return nats, w.s3.why
}

// connected says whether NATS is there and answers.
func (w *weather) connected() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.nats.why == ""
}

// atStart says why the role cannot begin yet, once.
func (w *weather) atStart(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	text := oneLine(err.Error())
	if errors.Is(err, remote.ErrStore) { // NATS is asked first
		w.nats, w.s3.why = condition{}, text
	} else {
		w.nats.why = text
	}
	if w.start != text {
		w.start = text
		w.log.Warn("waiting for the cluster; it is tried again until it is there", "why", text)
	}
}

// begun ends what atStart began.
func (w *weather) begun() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.start != "" {
		w.log.Info("the cluster is there")
	}
	w.start = ""
	w.nats, w.s3 = condition{}, condition{}
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", ": ") }

// watch looks at the servers until ctx ends.
func (w *weather) watch(ctx context.Context, s *remote.Session) {
	var asking sync.WaitGroup
	defer asking.Wait()
	asking.Go(func() { w.watchS3(ctx, s) })
	asking.Go(func() { w.watchUptake(ctx) })
	asking.Go(func() { w.watchPauses(ctx) })
	tick := time.NewTicker(weatherTick)
	defer tick.Stop()
	var asked time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch {
		case !s.NATS.IsConnected():
			why := "no connection"
			if err := s.NATS.LastError(); err != nil {
				why = err.Error()
			}
			w.see(&w.nats, serverAway("NATS", w.cluster.NATSAddresses(), "see that the servers run and can be reached; of a cluster most must"), why)
			asked = time.Time{}
		case time.Since(asked) >= askEvery:
			asked = time.Now()
			try, cancel := context.WithTimeout(ctx, askTime)
			_, err := s.Jobs.Replicas(try)
			cancel()
			if ctx.Err() != nil {
				return
			}
			why := ""
			if err != nil {
				why = "connected, but JetStream does not answer (" + err.Error() + ")"
			}
			w.see(&w.nats, serverAway("NATS", w.cluster.NATSAddresses(), "of a cluster most servers must run; "+freeIt), why)
		}
	}
}

func (w *weather) watchS3(ctx context.Context, s *remote.Session) {
	tick := time.NewTicker(weatherTick)
	defer tick.Stop()
	var asked time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if nats, s3 := w.now(); (s3 == "" || nats != "") && time.Since(asked) < askEvery {
			continue
		}
		asked = time.Now()
		try, cancel := context.WithTimeout(ctx, askTime)
		err := s.Store.EnsureBucket(try)
		cancel()
		if ctx.Err() != nil {
			return
		}
		why := ""
		if err != nil {
			why = oneLine(w.cluster.S3Error(err).Error())
		}
		w.see(&w.s3, serverAway("the S3 store", w.cluster.S3Address(),
			"what is crawled waits in the run logs until it is back, and crawling pauses when they are full"), why)
	}
}

// serverAway is how a server is spoken of that is away.
func serverAway(what, where, cure string) words {
	return words{begins: what + " is away: nothing is lost, this waits and goes on by itself", ends: what + " is back",
		with: []any{"at", where}, cure: cure}
}

// see takes what a look came to: why a condition is, "" if it is not.
func (w *weather) see(c *condition, say words, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	if why != "" {
		c.over = time.Time{}
	} else if c.over.IsZero() {
		c.over = now
	}
	switch {
	case why == "" && now.Sub(c.over) < say.calm:
		return
	case why == "" && c.said:
		w.log.Info(say.ends, append(say.with, "after", progress.Duration(now.Sub(c.since)))...)
		fallthrough
	case why == "":
		*c = condition{}
	case c.why == "":
		*c = condition{why: why, since: now}
	default:
		c.why = why
	}
	if c.why != "" && !c.said && now.Sub(c.since) >= awayAfter {
		c.said = true
		with := append(say.with, "why", c.why)
		if say.cure != "" {
			with = append(with, "cure", say.cure)
		}
		w.log.Warn(say.begins, with...)
	}
}
