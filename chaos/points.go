package main

import (
	"fmt"
	"syscall"
	"time"

	"newsreel/chaos/proc"
	"newsreel/chaos/world"
	"newsreel/internal/diepoint"
)

// Sizes of worlds: small, so that a kill costs a second, and one with what does
// not fit into a message.
func small() world.Size { return world.Size{Hosts: 3, Articles: 24} }
func large() world.Size { return world.Size{Hosts: 2, Articles: 12, Large: true} }

// slow is the small world with answers that take their time: a crawl of it meets
// what is looked at once a second, snapshots and purges.
func slow() world.Size { return world.Size{Hosts: 3, Articles: 24, Slow: 120 * time.Millisecond} }

// way is what it takes to come to a point; the zero way is to crawl.
type way struct {
	// large takes the world with large pages, slow the one that is slow.
	large, slow bool
	// after are points at which the crawl dies before, one after the other.
	after []string
	// finished lets the crawl finish after those.
	finished bool
	// sweep and signal come to the point by a sweep, and by a clean stop.
	sweep, signal bool
	// retry comes to it by a retry of dead letters. cluster says that only a crawler
	// comes to it that shares its run with others.
	retry, cluster bool
}

// ways to the points that a plain crawl does not pass.
func ways() map[string]way {
	return map[string]way{
		"snapshot.before": {slow: true},
		"snapshot.stored": {slow: true},
		"snapshot.named":  {slow: true},
		"snapshot.done":   {slow: true},
		"purge.in":        {slow: true},
		"purge.log":       {slow: true},
		"fold.snapshot":   {slow: true, after: []string{"snapshot.named"}},
		"claim.shared":    {cluster: true},
		"claim.released":  {cluster: true},
		"gain.folded":     {cluster: true},
		"redo.before":     {retry: true},
		"redo.stored":     {retry: true},
		"fetch.staged":    {large: true},
		"extract.staged":  {large: true},
		"upload.begun":    {large: true},
		"upload.part":     {large: true},
		"upload.complete": {large: true},
		"purge.staged":    {large: true},
		"idle.staged":     {large: true},
		"stop.crawl":      {signal: true},
		"stop.flushed":    {signal: true},
		"sweep.logs":      {after: []string{"finish.record"}, sweep: true},
		"sweep.staging":   {slow: true, after: []string{"finish.log"}, sweep: true},
		"sweep.found":     {after: []string{"upload.log"}, finished: true, sweep: true},
		"sweep.attempts":  {after: []string{"upload.log"}, finished: true, sweep: true},
	}
}

// clusterPoints are those that only a crawler of a cluster passes.
func clusterPoints() (names []string) {
	for _, p := range diepoint.Points() {
		if ways()[p.Name].cluster {
			names = append(names, p.Name)
		}
	}
	return names
}

// points kills a crawl at each named point but those of clusters, rounds times,
// and lets it finish.
func (h *harness) points(rounds int) error {
	var names []string
	for range rounds {
		for _, p := range diepoint.Points() {
			if !ways()[p.Name].cluster && (h.o.point == "" || h.o.point == p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	if len(names) == 0 {
		return fmt.Errorf("no point of a crawl in one process is named %q", h.o.point)
	}
	r := h.row("points", "kill -9 at named points")
	h.eachOf(2*h.o.jobs, len(names), func(i int) {
		if !h.tolerable() {
			return
		}
		h.atPoint(r, names[i], h.o.seed+uint64(i))
	})
	h.allHit(r, names)
	return nil
}

// allHit holds that a row's fault struck at each of these points.
func (h *harness) allHit(r *row, names []string) {
	for _, name := range r.unhit(names) {
		h.breaks("the point %s was never hit", name)
	}
}

func (h *harness) atPoint(r *row, point string, seed uint64) {
	w := ways()[point]
	size := small()
	switch {
	case w.large:
		size = large()
	case w.slow:
		size = slow()
	}
	t := h.try(r, point, seed, size)
	if t == nil {
		return
	}
	if err := t.dieAt(point, w); err != nil {
		t.fail("%v", err)
		t.report(verdict{})
		t.end()
		return
	}
	r.hit(point)
	t.conclude()
}

// dieAt lets the crawl come to a point and die there.
func (t *trial) dieAt(point string, w way) error {
	if w.retry {
		return t.retryInto(point)
	}
	for _, before := range w.after {
		if err := t.crawlInto(before, false); err != nil {
			return err
		}
	}
	if w.finished {
		if err := t.crawlToEnd(); err != nil {
			return err
		}
	}
	if !w.sweep {
		return t.crawlInto(point, w.signal)
	}
	p, err := t.command([]string{diepoint.DieAt + "=" + point}, "sweep")
	if err != nil {
		return err
	}
	return t.diesAt(p, point)
}

// retryInto makes a dead letter of the page that a process was extracting twice as
// it died, lets a retry of it die at a point, and lets another succeed.
func (t *trial) retryInto(point string) error {
	t.env = []string{"NEWSREEL_POISON=<html lang=en>"}
	for range 2 {
		if err := t.crawlInto("extract.taken", false); err != nil {
			return err
		}
	}
	if err := t.crawlToEnd(); err != nil {
		return err
	}
	t.env = nil
	p, err := t.command([]string{diepoint.DieAt + "=" + point}, "dead", "retry", "--all")
	if err == nil {
		err = t.diesAt(p, point)
	}
	if err != nil {
		return err
	}
	if p, err = t.command(nil, "dead", "retry", "--all"); err != nil {
		return err
	}
	return t.finished(p)
}

func (t *trial) crawlInto(point string, signal bool) error {
	p, err := t.crawl(diepoint.DieAt + "=" + point)
	if err != nil {
		return err
	}
	if signal {
		begun := t.world.Requests()
		p.Until(patience, func() bool { return t.world.Requests() >= begun+30 })
		p.Signal(syscall.SIGTERM)
	}
	return t.diesAt(p, point)
}

// diesAt waits for a process that is to die at a point.
func (t *trial) diesAt(p *proc.Process, point string) error {
	if !p.Wait(patience) {
		p.Kill()
		return fmt.Errorf("%s: the process does not end", point)
	}
	if !p.DiedAt(point) {
		return fmt.Errorf("the point %s was never hit: the process ended with status %d: %s", point, p.Code(), lastLine(p.Stderr()))
	}
	t.died(p)
	return nil
}

// onCrawl says whether a point is one that a crawl of the small world passes.
func onCrawl(point string) bool {
	w := ways()[point]
	return !w.large && !w.sweep && !w.signal && !w.retry && !w.cluster
}
