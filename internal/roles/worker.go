package roles

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"newsreel/crawler"
	"newsreel/internal/observe"
	"newsreel/stream"
)

// worker is what this process does for one run. It is tried again, after a
// pause, for as long as it is wanted.
type worker struct {
	role *Role
	key  runKey
	// stop is closed for a clean end, cancel ends at once.
	stop    chan struct{}
	stopped sync.Once
	cancel  context.CancelFunc
	done    chan struct{}
	// over says that nothing is left to do for the run; read after done.
	over bool
	// finished counts the exchanges, results or segments of former tries;
	// current counts those of this one.
	finished atomic.Int64
	current  atomic.Pointer[func() int64]
	trouble  atomic.Pointer[string]
	// said is the trouble that was logged last.
	said string
	// troubled is since when it fails, zero if it does not.
	troubled time.Time
	// log is the run's, while it is worked on.
	log atomic.Pointer[stream.Log]
	// holds says why the crawler of this try pauses.
	holds atomic.Pointer[func() crawler.Holds]
	// shown gives the metrics of this try.
	shown atomic.Pointer[func(observe.Emit)]
}

func (r *Role) start(ctx context.Context, key runKey) *worker {
	ctx, cancel := context.WithCancel(ctx)
	w := &worker{role: r, key: key, stop: make(chan struct{}), cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(w.done)
		defer cancel()
		w.loop(ctx)
	}()
	return w
}

// halt asks for a clean end.
func (w *worker) halt() { w.stopped.Do(func() { close(w.stop) }) }

// wait waits until it has ended, which is true, or ctx has.
func (w *worker) wait(ctx context.Context) bool {
	select {
	case <-w.done:
		return true
	case <-ctx.Done():
		return w.ended()
	}
}

func (w *worker) ended() bool {
	select {
	case <-w.done:
		return true
	default:
		return false
	}
}

func (w *worker) halting() bool {
	select {
	case <-w.stop:
		return true
	default:
		return false
	}
}

// counts shows how much this try has done; the function that it returns ends
// it.
func (w *worker) counts(f func() int64) (end func()) {
	w.current.Store(&f)
	w.trouble.Store(nil)
	return func() {
		w.current.Store(nil)
		w.finished.Add(f())
	}
}

func (w *worker) count() int64 {
	n := w.finished.Load()
	if f := w.current.Load(); f != nil {
		n += (*f)()
	}
	return n
}

// errLogGone says that a run that is not over has no log.
var errLogGone = errors.New("its run log is gone")

const (
	firstPause, longestPause = time.Second, 30 * time.Second
	// patienceWithLogs is how long a run log may be missing before it is said:
	// a run's end deletes the log first, and a cluster that starts may not know
	// it yet.
	patienceWithLogs = 30 * time.Second
	// patienceWithServers is how long what passes by itself is not spoken of:
	// servers choose a leader in less.
	patienceWithServers = 15 * time.Second
)

// loop works until nothing is left to do, a stop, or the end of ctx.
func (w *worker) loop(ctx context.Context) {
	pause := firstPause
	var missing time.Time
	for {
		began := time.Now()
		err := w.once(ctx)
		if ctx.Err() != nil || w.halting() {
			return
		}
		if err == nil {
			w.over = true
			return
		}
		if time.Since(began) > longestPause {
			pause = firstPause
			w.troubled = time.Time{}
		}
		if w.troubled.IsZero() {
			w.troubled = time.Now()
		}
		switch {
		case !errors.Is(err, errLogGone):
			missing = time.Time{}
			w.report(err)
		case missing.IsZero():
			missing = began
		case time.Since(missing) > patienceWithLogs:
			w.report(fmt.Errorf("%w: the NATS servers have lost it; `newsreel job cancel %s` gives the run up", err, w.key.job))
		}
		select {
		case <-ctx.Done():
			return
		case <-w.stop:
			return
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}

// report says what went wrong, once.
func (w *worker) report(err error) {
	if stream.Passing(err) && time.Since(w.troubled) < patienceWithServers {
		return
	}
	text := err.Error()
	w.trouble.Store(&text)
	if w.said == text || w.role.weather.bad() {
		return
	}
	w.said = text
	w.role.o.Log.Warn("trouble with a run; it is tried again", "job", w.key.job, "run", w.key.number, "error", err)
}

// once works on the run until it is over (nil) or something went wrong.
func (w *worker) once(ctx context.Context) error {
	r := w.role
	run := r.state(w.key)
	if run == nil || run.Over() {
		return nil
	}
	log, err := stream.Open(ctx, r.session.NATS, run.Job, run.Number)
	if errors.Is(err, stream.ErrNotFound) {
		now, serr := r.keeper.Settle(ctx, run)
		switch {
		case serr != nil:
			return serr
		case now.Over():
			return nil
		}
		return fmt.Errorf("run %d of job %s: %w", run.Number, run.Job, errLogGone)
	}
	if err != nil {
		return err
	}
	w.log.Store(log)
	defer w.log.Store(nil)
	switch r.o.Role {
	case stream.RoleCrawler:
		return w.crawl(ctx, run, log)
	case stream.RoleExtractor:
		return w.extract(ctx, run, log)
	}
	return w.archive(ctx, run, log)
}
