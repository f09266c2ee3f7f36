package main

import (
	"context"
	"strings"
	"time"

	"newsreel/internal/diepoint"
)

// atPoint lets a crawler die at a named point of a cluster, at each in turn: it is
// ended, started again with the order to die there, and again without.
func (f *fleet) atPoint() {
	points := clusterPoints()
	point := points[f.t.row.faults()%len(points)]
	if unhit := f.t.row.unhit(points); len(unhit) > 0 {
		point = unhit[len(unhit)-1]
	}
	m := f.one("crawler")
	f.t.note("%s is to die at %s", m.Name, point)
	if point == "claim.released" {
		f.stop(m) // so that its share is free at once
	} else {
		f.t.interrupts(lag, m.Kill)
	}
	said := strings.Count(m.Log(1<<20), diepoint.SaidDies+point+"\n")
	if err := m.StartWith(diepoint.DieAt + "=" + point); err != nil {
		f.t.fail("%v", err)
		return
	}
	if point == "claim.released" {
		f.comeAndGo(m)
	}
	deadline := time.Now().Add(releaseTime)
	for m.Running() && time.Now().Before(deadline) && !f.over.Load() {
		f.t.h.wait(20 * time.Millisecond)
	}
	at := f.t.world.Now()
	f.t.faults = append(f.t.faults, span{at - lag, at, lag})
	f.t.row.injected(1)
	switch {
	case strings.Count(m.Log(1<<20), diepoint.SaidDies+point+"\n") > said:
		f.t.row.hit(point)
	case !f.over.Load():
		f.t.fail("%s does not come to %s", m.Name, point)
	}
	m.Kill()
	if err := m.Start(); err != nil {
		f.t.fail("%v", err)
	}
}

// releaseTime is how long a crawler may take to come to a point of a cluster: the
// partitions of the one that was killed are free once its lease has ended.
const releaseTime = 40 * time.Second

// stop lets a role end cleanly.
func (f *fleet) stop(m *member) {
	ctx, cancel := context.WithTimeout(f.t.h.ctx, releaseTime)
	defer cancel()
	if err := m.Stop(ctx); err != nil {
		f.t.fail("%v", err)
	}
}

// comeAndGo lets another crawler leave, so that its partitions fall to this one and
// the third, and come back, so that they are released again.
func (f *fleet) comeAndGo(m *member) {
	other := f.one("crawler")
	for other == m {
		other = f.one("crawler")
	}
	f.pause(6000)
	f.stop(other)
	f.pause(4000)
	if err := other.Start(); err != nil {
		f.t.fail("%v", err)
	}
}
