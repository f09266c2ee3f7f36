package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"newsreel/chaos/world"
)

// takeover is how long hosts waited for another crawler, and what the one that
// had them did when it woke.
type takeover struct {
	Fault string
	// Faults are crawlers that were killed or frozen, Hosts those that they had
	// fetched from and that were fetched from again.
	Faults int
	Hosts  int
	// Median, Best and Worst are seconds from the fault to the next fetch.
	Median float64
	Best   float64
	Worst  float64
	// Twice are requests for what had been asked for, TooClose those sooner than
	// promised.
	Twice    int
	TooClose int
	// Woken is what the frozen ones did when they woke.
	Woken woken

	seconds []float64
}

// gone is from where on a host counts as left: many times the delay.
const gone = 5 * delay

// takeovers measures until so many hosts have changed hands, by kill -9 and then
// by SIGSTOP, and prints what it saw.
func (h *harness) takeovers(hosts int, w io.Writer) error {
	for _, freeze := range []bool{false, true} {
		if h.o.only == "stop" && !freeze || h.o.only == "kill" && freeze {
			continue
		}
		t, err := h.begin(h.row("cluster", "takeover"), "takeover", h.o.seed, world.Size{Hosts: 15, Articles: 900})
		if err != nil {
			return err
		}
		m := &takeover{Fault: "kill -9"}
		if freeze {
			m.Fault = "SIGSTOP"
		}
		err = t.takeOver(m, hosts, freeze)
		t.end()
		if err != nil {
			return err
		}
		slices.Sort(m.seconds)
		if n := len(m.seconds); n > 0 {
			m.Hosts, m.Best, m.Median, m.Worst = n, m.seconds[0], m.seconds[n/2], m.seconds[n-1]
		}
		fmt.Fprintf(w, "%s of a crawler, %d times: %d hosts fetched from again after %.1f s (median), %.1f s at least, %.1f s at most; "+
			"%d requests for what had been asked for, %d sooner than promised\n",
			m.Fault, m.Faults, m.Hosts, m.Median, m.Best, m.Worst, m.Twice, m.TooClose)
		if freeze {
			fmt.Fprintf(w, "woken crawlers: %d partitions found lost, %d URLs that they held not fetched any more, %d pages given up, "+
				"%d batches refused by the log, %d fetches of what had been asked for\n",
				m.Woken.Lost, m.Woken.Lapsed, m.Woken.Late, m.Woken.Fenced, m.Woken.Fetches)
		}
	}
	return nil
}

func (t *trial) takeOver(m *takeover, hosts int, freeze bool) error {
	f, err := newFleet(t, clusterFault{})
	if err != nil {
		return err
	}
	for len(m.seconds) < hosts && t.h.ctx.Err() == nil {
		f.pause(12000) // until those that joined have their share
		c := f.one("crawler")
		var before counters
		if freeze {
			if before, err = c.counters(); err != nil {
				return err
			}
		}
		at := t.world.Now()
		if freeze {
			_ = c.Freeze()
		} else {
			c.Kill()
		}
		m.Faults++
		seen := t.waitFor(at)
		for _, d := range seen {
			m.seconds = append(m.seconds, d.Seconds())
		}
		t.h.say("  %s: %d hosts of %d", m.Fault, len(m.seconds), hosts)
		if freeze {
			err = t.thaw(c, before, &m.Woken)
		} else {
			err = c.Start()
		}
		if err != nil {
			return err
		}
		t.faults = append(t.faults, span{at, t.world.Now(), lapse})
		if len(seen) == 0 && m.Faults > 4 && len(m.seconds) == 0 {
			return fmt.Errorf("no host changed hands; the job may be over")
		}
	}
	f.pause(4000)
	t.count(m)
	return nil
}

// waitFor waits until every host that was left is fetched from again, and
// returns how long each waited.
func (t *trial) waitFor(at time.Duration) map[string]time.Duration {
	deadline := time.Now().Add(40 * time.Second)
	for {
		last, next := map[string]time.Duration{}, map[string]time.Duration{}
		for _, r := range t.world.Log() {
			if r.Begun <= at+delay/2 {
				last[r.Host] = r.Begun
			} else if next[r.Host] == 0 {
				next[r.Host] = r.Begun
			}
		}
		left, waiting := map[string]time.Duration{}, 0
		for host, before := range last {
			switch {
			case at-before > gone: // it has nothing to fetch
			case next[host] == 0:
				waiting++
			case next[host]-before > gone:
				left[host] = next[host] - at
			}
		}
		if waiting == 0 && t.world.Now()-at > gone || time.Now().After(deadline) || t.h.ctx.Err() != nil {
			return left
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// count counts repeated requests and those that came too soon.
func (t *trial) count(m *takeover) {
	urls, hosts := map[string]int{}, map[string]world.Request{}
	for _, r := range t.world.Log() {
		if urls[r.URL]++; urls[r.URL] > 1 && !(urls[r.URL] == 2 && world.Patient(r.URL)) {
			m.Twice++
		}
		if before, seen := hosts[r.Host]; seen && t.tooClose(before, r) {
			m.TooClose++
		}
		hosts[r.Host] = r
	}
}
