package main

import (
	"fmt"
	"syscall"
	"time"

	"newsreel/chaos/wire"
	"newsreel/internal/cluster"
)

// clusterFaults are what is done to clusters, in the order of the table.
func clusterFaults() []struct {
	name string
	do   func(f *fleet)
} {
	return []struct {
		name string
		do   func(f *fleet)
	}{
		{"cluster: kill -9 of a crawler", func(f *fleet) { f.kill("crawler") }},
		{"cluster: kill -9 of an extractor", func(f *fleet) { f.kill("extractor") }},
		{"cluster: kill -9 of an archiver", func(f *fleet) { f.kill("archiver") }},
		{"cluster: SIGSTOP past the lease", (*fleet).frozen},
		{"cluster: role cut off from NATS", (*fleet).fromNATS},
		{"cluster: role cut off from S3, 503", (*fleet).fromS3},
		{"cluster: one NATS server lost", func(f *fleet) { f.serversLost(f.c.NATS[f.t.rng.IntN(3)]) }},
		{"cluster: two NATS servers lost", (*fleet).twoServers},
		{"cluster: S3 lost", func(f *fleet) { f.t.harmless(func() { f.killed(f.c.S3) }) }},
		{"cluster: roles join and leave", (*fleet).change},
	}
}

// fleets does so many faults to clusters, the same to one until its job is
// finished.
func (h *harness) fleets(count int) error {
	if _, err := h.undisturbed(apart()); err != nil {
		return err
	}
	if _, err := h.programs(); err != nil {
		return err
	}
	kinds := clusterFaults()
	share := (count + len(kinds) - 1) / len(kinds)
	if h.o.count == 1 {
		kinds = kinds[h.o.seed%uint64(len(kinds)):][:1]
	}
	rows := make([]*row, len(kinds))
	for i, k := range kinds {
		rows[i] = h.row("cluster", k.name)
	}
	h.each(len(kinds), func(i int) {
		// The kind of a trial follows from its seed, so that one can be run again.
		first := h.o.seed - h.o.seed%uint64(len(clusterFaults())) + uint64(i)
		if h.o.count == 1 {
			first = h.o.seed
		}
		for n := uint64(0); rows[i].faults() < share && h.ctx.Err() == nil && h.tolerable(); n++ {
			h.fleetTrial(rows[i], first+n*uint64(len(clusterFaults())), share, kinds[i].do)
			h.say("  %s: %d of %d", rows[i].Fault, rows[i].faults(), share)
		}
	})
	return nil
}

func (h *harness) fleetTrial(r *row, seed uint64, most int, do func(f *fleet)) {
	t := h.try(r, "cluster", seed, apart())
	if t == nil {
		return
	}
	defer t.end()
	var v verdict
	f, err := newFleet(t)
	if err == nil {
		v, err = f.disturbed(most, do)
	}
	if err != nil {
		t.fail("%v", err)
	}
	t.report(v)
}

// mostTime bounds one cluster's trial.
const mostTime = 4 * time.Minute

// disturbed does faults until the job is finished, and judges the archive.
func (f *fleet) disturbed(most int, do func(f *fleet)) (verdict, error) {
	stop := make(chan struct{})
	defer func() { close(stop); <-f.looking }()
	go f.watch(stop)
	end := time.Now().Add(mostTime)
	f.pause(3000)
	for !f.over.Load() && f.t.h.ctx.Err() == nil && time.Now().Before(end) && f.t.row.faults() < most {
		do(f)
		f.pause(2500)
	}
	for end = end.Add(patience); !f.over.Load(); f.pause(500) {
		if err := f.t.h.ctx.Err(); err != nil {
			return verdict{}, err
		}
		if time.Now().After(end) {
			return verdict{}, fmt.Errorf("the job is not finished %s after the last fault", patience)
		}
	}
	return f.judge()
}

// pause lets up to so many milliseconds pass, half of them at least.
func (f *fleet) pause(most int) {
	f.t.h.wait(time.Duration(most/2+f.t.rng.IntN(most/2)) * time.Millisecond)
}

// wait waits, unless the harness is interrupted.
func (h *harness) wait(d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-h.ctx.Done():
	}
}

func (f *fleet) one(kind string) *member {
	var of []*member
	for _, m := range f.members {
		if m.kind == kind {
			of = append(of, m)
		}
	}
	return of[f.t.rng.IntN(len(of))]
}

func (f *fleet) any() *member { return f.members[f.t.rng.IntN(len(f.members))] }

// disturbs notes a fault of some roles. Extractors and archivers fetch nothing, and
// S3 holds up no page of the small world: only what befalls crawlers, or all by
// way of NATS, can interrupt an exchange.
func (f *fleet) disturbs(kind string, after time.Duration, do func()) {
	if kind == "crawler" || kind == everyRole {
		f.t.interrupts(after, do)
	} else {
		do()
	}
	f.t.row.injected(1)
}

// everyRole stands for roles of all kinds.
const everyRole = ""

// kill kills a role, and starts it again some seconds later. What a crawler was
// asking for is interrupted at once, and nothing later.
func (f *fleet) kill(kind string) {
	f.disturbs(kind, lag, func() { f.killed(f.one(kind).Process) })
}

// serversLost kills NATS servers, and starts them again some seconds later.
func (f *fleet) serversLost(list ...*cluster.Process) {
	f.disturbs(everyRole, lapse, func() { f.killed(list...) })
}

// killed kills processes, and starts them again some seconds later.
func (f *fleet) killed(list ...*cluster.Process) {
	for _, p := range list {
		f.t.note("kill %s", p.Name)
		p.Kill()
	}
	f.pause(4000)
	for _, p := range list {
		if err := p.Start(); err != nil {
			f.t.fail("%v", err)
		}
	}
}

func (f *fleet) twoServers() {
	first := f.t.rng.IntN(3)
	f.serversLost(f.c.NATS[first], f.c.NATS[(first+1)%3])
}

func (f *fleet) frozen() {
	m := f.any()
	f.disturbs(m.kind, lapse, func() {
		f.t.note("freeze %s", m.Name)
		_ = m.Freeze()
		f.pause(2000)
		deadline := time.Now().Add(stillFor)
		for time.Now().Before(deadline) && f.t.h.ctx.Err() == nil {
			f.pause(500)
		}
		_ = m.Thaw()
	})
}

// fromNATS spoils the wires between a role and all NATS servers.
func (f *fleet) fromNATS() {
	m := f.any()
	way := []int32{wire.Refused, wire.Dark, wire.Slow, wire.Good}[f.t.rng.IntN(4)]
	f.disturbs(m.kind, lapse, func() {
		f.t.note("%s: wires to NATS %d", m.Name, way)
		for _, w := range m.nats {
			w.Set(way)
			if way == wire.Good {
				w.Cut()
			}
		}
		if f.pause(3000); way != wire.Good && f.t.rng.IntN(3) == 0 {
			f.pause(24000) // past the lease
		}
		for _, w := range m.nats {
			w.Set(wire.Good)
		}
	})
}

func (f *fleet) fromS3() {
	m := f.one([]string{"archiver", "archiver", "crawler"}[f.t.rng.IntN(3)])
	way := []int32{wire.Refused, wire.Dark, wire.Slow, wire.Busy, wire.Good}[f.t.rng.IntN(5)]
	f.t.harmless(func() {
		f.t.note("%s: wire to S3 %d", m.Name, way)
		m.s3.Set(way)
		if way == wire.Good {
			m.s3.Cut()
		}
		f.pause(5000)
		m.s3.Set(wire.Good)
	})
}

// change lets a role leave cleanly, and another join, in either order.
func (f *fleet) change() {
	m := f.any()
	f.t.harmless(func() {
		f.t.note("%s leaves, another joins", m.Name)
		first := f.t.rng.IntN(2) == 0
		if first {
			f.joined(m.kind)
		}
		_ = m.Signal(syscall.SIGTERM)
		if !first {
			f.joined(m.kind)
		}
		for i, o := range f.members {
			if o == m {
				f.members = append(f.members[:i:i], f.members[i+1:]...)
				break
			}
		}
	})
}

func (f *fleet) joined(kind string) {
	if err := f.join(kind); err != nil {
		f.t.fail("%v", err)
	}
}
