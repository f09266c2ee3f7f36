package main

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"newsreel/internal/diepoint"
)

// mostKills bounds the kills of one crawl, so that it ends.
const mostKills = 25

// until runs trials, some at once, until a row has so many faults. made is at
// most one trial's after that.
func (h *harness) until(r *row, count int, one func(seed uint64)) {
	var next atomic.Uint64
	var wg sync.WaitGroup
	last := time.Now()
	for range h.o.jobs {
		wg.Go(func() {
			for r.faults() < count && h.ctx.Err() == nil && h.tolerable() {
				one(h.o.seed + next.Add(1) - 1)
				if h.o.count == 1 {
					return // one trial again
				}
				h.mu.Lock()
				due := time.Since(last) > time.Minute
				if due {
					last = time.Now()
				}
				h.mu.Unlock()
				if due {
					h.say("  %s: %d of %d", r.Fault, r.faults(), count)
				}
			}
		})
		if h.o.count == 1 {
			break
		}
	}
	wg.Wait()
}

// tolerable says whether going on can still teach anything.
func (h *harness) tolerable() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.kept)+len(h.broken) < 20
}

// kills kills crawls at random moments, and at random passes of random points.
func (h *harness) kills(count int) error {
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("kill", "kill -9 at random")
	h.until(r, count, func(seed uint64) {
		t := h.try(r, "kill", seed, small())
		if t == nil {
			return
		}
		if err := t.killedAgainAndAgain(); err != nil {
			t.fail("%v", err)
			t.report(verdict{})
			t.end()
			return
		}
		t.conclude()
	})
	return nil
}

// killedAgainAndAgain kills a crawl until it has outrun its killer.
func (t *trial) killedAgainAndAgain() error {
	for range mostKills {
		var env []string
		point := ""
		if t.rng.IntN(3) == 0 {
			point = t.randomPoint()
			env = []string{fmt.Sprintf("%s=%s:%d", diepoint.DieAt, point, 1+t.rng.IntN(6))}
		}
		p, err := t.crawl(env...)
		if err != nil {
			return err
		}
		moment := t.moment()
		if t.rng.IntN(8) == 0 {
			p.Wait(moment / 2)
			t.look()
			moment /= 2
		}
		if !p.Wait(moment) {
			t.kill(p)
			continue
		}
		if p.Killed() && point != "" && p.DiedAt(point) {
			t.died(p)
			t.row.hit(point)
			continue
		}
		return t.finished(p)
	}
	return nil
}

// moment is how long a process lives: often it dies as it starts.
func (t *trial) moment() time.Duration {
	if t.rng.IntN(10) < 3 {
		return time.Duration(t.rng.IntN(250)) * time.Millisecond
	}
	return time.Duration(50+t.rng.IntN(1400)) * time.Millisecond
}

func (t *trial) randomPoint() string {
	for {
		points := diepoint.Points()
		if p := points[t.rng.IntN(len(points))].Name; onCrawl(p) {
			return p
		}
	}
}

// signals stops crawls cleanly, and not so cleanly.
func (h *harness) signals(count int) error {
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("signal", "SIGTERM, SIGINT, twice")
	h.until(r, count, func(seed uint64) {
		t := h.try(r, "signal", seed, small())
		if t == nil {
			return
		}
		for range 6 {
			if err := t.signalled(); err != nil {
				t.fail("%v", err)
			}
		}
		t.conclude()
	})
	return nil
}

// stopTime is how long a clean stop may take: what is in flight is finished
// (5 s), and archived (15 s).
const stopTime = 25 * time.Second

// signalled stops a crawl at a random moment. It must say that it stopped, or
// have come to its end.
func (t *trial) signalled() error {
	p, err := t.crawl()
	if err != nil {
		return err
	}
	p.Wait(t.moment())
	which := []syscall.Signal{syscall.SIGTERM, syscall.SIGINT}[t.rng.IntN(2)]
	twice := t.rng.IntN(3) == 0
	stop := func() {
		p.Signal(which)
		if twice {
			p.Wait(time.Duration(t.rng.IntN(200)) * time.Millisecond)
			p.Signal(which)
		}
	}
	from := t.world.Now()
	t.harmless(stop)
	if !p.Wait(stopTime) {
		p.Kill()
		return fmt.Errorf("%v: the crawl has not stopped after %s", which, stopTime)
	}
	if twice || p.Killed() {
		// It ends at the second signal, or at the first before it heeds any: a
		// clean stop commits all that was asked for.
		t.faults = append(t.faults, span{from, t.world.Now(), lag})
	}
	if code := p.Code(); code != 0 && code != 3 && !p.Killed() {
		return fmt.Errorf("%v: the crawl ends with status %d: %s", which, code, lastLine(p.Stderr()))
	}
	return nil
}

// stillFor is longer than a lease.
const stillFor = 11 * time.Second

// stops lets crawls stand still for longer than a lease, and go on.
func (h *harness) stops(count int) error {
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("stop", "SIGSTOP for 11 s, SIGCONT")
	// A process that stands still takes no CPU: many can at once.
	h.eachOf(4*h.o.jobs, count, func(i int) {
		t := h.try(r, "stop", h.o.seed+uint64(i), small())
		if t == nil {
			return
		}
		defer t.conclude()
		p, err := t.crawl()
		if err != nil {
			t.fail("%v", err)
			return
		}
		p.Wait(time.Duration(100+t.rng.IntN(1500)) * time.Millisecond)
		from := t.world.Now()
		t.harmless(func() {
			p.Signal(syscall.SIGSTOP)
			p.Wait(stillFor)
			p.Signal(syscall.SIGCONT)
		})
		if !p.Wait(patience) {
			t.fail("the crawl does not end")
		} else if p.Code() != 0 {
			// What was being asked for was not answered in time: it says so,
			// and the same command goes on.
			t.note("it gave up: %s", lastLine(p.Stderr()))
			t.faults = append(t.faults, span{from, t.world.Now(), lag})
			r.gaveUp()
		}
	})
	return nil
}
