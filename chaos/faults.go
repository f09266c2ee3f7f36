package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"newsreel/chaos/wire"
	"newsreel/internal/cluster"
)

// clusterFault is something that is done to clusters.
type clusterFault struct {
	name string
	do   func(f *fleet)
	// least is how often at the least, whatever is asked for.
	least int
	// points says that it strikes at each of the cluster's named points.
	points bool
	// servers is how many NATS servers the cluster has, three where it is 0. One
	// alone syncs always, as deployed.
	servers int
	// stories says that the world has pages that go by way of S3.
	stories bool
	// disks says that spools lie on disks of their own.
	disks bool
}

// clusterFaults are what is done to clusters, in the order of the table.
func clusterFaults() []clusterFault {
	return []clusterFault{
		{name: "cluster: kill -9 of a crawler", do: func(f *fleet) { f.kill("crawler") }},
		{name: "cluster: kill -9 of an extractor", do: func(f *fleet) { f.kill("extractor") }},
		{name: "cluster: kill -9 of an archiver", do: func(f *fleet) { f.kill("archiver") }},
		claims(),
		{name: "cluster: SIGSTOP past the lease", do: (*fleet).frozen},
		{name: "cluster: role cut off from NATS", do: (*fleet).fromNATS},
		{name: "cluster: role cut off from S3, 503", stories: true, do: (*fleet).fromS3},
		{name: "cluster: one NATS server lost", do: func(f *fleet) { f.serversLost(f.c.NATS[f.t.rng.IntN(3)]) }},
		{name: "cluster: two NATS servers lost", do: (*fleet).twoServers},
		{name: "cluster: the only NATS server lost", servers: 1, do: func(f *fleet) { f.serversLost(f.c.NATS[0]) }},
		{name: "cluster: S3 lost", do: (*fleet).storeLost},
		{name: "cluster: wall clock of a role stepped", do: (*fleet).stepped},
		{name: "cluster: disk of a spool full, freed", disks: true, do: (*fleet).filled},
		{name: "cluster: job paused, resumed", do: (*fleet).paused},
		{name: "cluster: roles join and leave", do: (*fleet).change},
	}
}

func claims() clusterFault {
	return clusterFault{name: "cluster: kill -9 at named points", points: true, least: len(clusterPoints()), do: (*fleet).atPoint}
}

// clusterPart is the part for every change: two clusters, some minutes.
func clusterPart() []clusterFault {
	return []clusterFault{claims(), {name: "cluster: kill -9 of each role, servers lost", least: 5, do: func(f *fleet) {
		switch f.t.row.faults() {
		case 0:
			f.kill("crawler")
		case 1:
			f.kill("extractor")
		case 2:
			f.kill("archiver")
		case 3:
			f.storeLost()
		default:
			f.serversLost(f.c.NATS[f.t.rng.IntN(3)])
		}
	}}}
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
	if h.o.ci {
		kinds = clusterPart()
	}
	all := uint64(len(kinds))
	if h.o.count == 1 {
		kinds = kinds[h.o.seed%all:][:1]
	}
	kinds = slices.DeleteFunc(kinds, func(k clusterFault) bool { return !strings.Contains(k.name, h.o.fault) })
	if len(kinds) == 0 {
		return fmt.Errorf("no fault of clusters has %q in its name", h.o.fault)
	}
	for _, k := range kinds {
		if k.disks && !h.withDisks("spools on full disks") {
			kinds = slices.DeleteFunc(kinds, func(k clusterFault) bool { return k.disks })
			break
		}
	}
	share := (count + len(kinds) - 1) / len(kinds)
	rows := make([]*row, len(kinds))
	for i, k := range kinds {
		rows[i] = h.row("cluster", k.name)
	}
	h.each(len(kinds), func(i int) {
		k, r, share := kinds[i], rows[i], max(share, kinds[i].least)
		// The kind of a trial follows from its seed, so that one can be run again.
		first := h.o.seed - h.o.seed%all + uint64(i)
		if h.o.count == 1 {
			first = h.o.seed
		}
		for n := uint64(0); h.ctx.Err() == nil && h.tolerable(); n++ {
			most := share
			if k.points && n < 3 { // a job may be over before all points were come to
				most = max(share, r.faults()+len(r.unhit(clusterPoints())))
			}
			if r.faults() >= most {
				break
			}
			h.fleetTrial(r, first+n*all, most, k)
			h.say("  %s: %d of %d", r.Fault, r.faults(), share)
		}
		if k.points {
			h.allHit(r, clusterPoints())
		}
	})
	return nil
}

func (h *harness) fleetTrial(r *row, seed uint64, most int, k clusterFault) {
	size := apart()
	size.Stories = k.stories
	t := h.try(r, "cluster", seed, size)
	if t == nil {
		return
	}
	defer t.end()
	var v verdict
	f, err := newFleet(t, k)
	if err == nil {
		v, err = f.disturbed(most, k.do)
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

// storeLost kills the S3 server, and starts it again.
func (f *fleet) storeLost() {
	f.t.harmless(func() { f.killed(f.c.S3) })
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
	m := f.one([]string{"archiver", "crawler", "extractor"}[f.t.rng.IntN(3)])
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

// stepped sets the wall clock of a role off by up to two hours, either way, or to
// another such time if it is off already.
func (f *fleet) stepped() {
	m := f.any()
	offset := f.t.rng.IntN(4*3600) - 2*3600
	f.t.harmless(func() {
		f.t.note("the clock of %s is %d s off", m.Name, offset)
		if err := os.WriteFile(m.clock, []byte(strconv.Itoa(offset)), 0o600); err != nil {
			f.t.fail("%v", err)
		}
	})
}

// filled fills the disk of a crawler's or an archiver's spool, and frees it.
func (f *fleet) filled() {
	m := f.one([]string{"archiver", "archiver", "crawler"}[f.t.rng.IntN(3)])
	leave := []int64{0, 64 << 10, 1 << 20, 20 << 20}[f.t.rng.IntN(4)]
	f.t.harmless(func() {
		f.t.note("%d bytes are left to %s", leave, m.Name)
		err := m.disk.Fill(leave)
		f.pause(6000)
		if ferr := m.disk.Free(); err == nil {
			err = ferr
		}
		if err != nil {
			f.t.fail("%v", err)
		}
	})
}

// pausing is how long after the answer to `job pause` exchanges may begin still:
// crawlers look at their jobs every few seconds.
const pausing = 6 * time.Second

// paused pauses the job and resumes it. Nothing is asked for meanwhile.
func (f *fleet) paused() {
	f.t.harmless(func() {
		f.t.note("pause")
		if _, err := f.command("job", "pause", jobName); err != nil {
			f.overOr(err)
			return
		}
		from := f.t.world.Now() + pausing
		f.t.h.wait(pausing)
		f.pause(4000)
		to := f.t.world.Now()
		f.t.note("resume")
		if _, err := f.command("job", "resume", jobName); err != nil {
			f.overOr(err)
		}
		for _, r := range f.t.world.Log() {
			if r.Begun > from && r.Begun < to {
				f.t.fail("%s was asked for at %.3f s, and the job was paused", r.URL, r.Begun.Seconds())
			}
		}
	})
}

// overOr fails the trial unless the job is over, or soon seen to be.
func (f *fleet) overOr(err error) {
	for range 20 {
		if f.over.Load() {
			return
		}
		f.pause(500)
	}
	f.t.fail("%v", err)
}
