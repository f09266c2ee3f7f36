package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"newsreel/archive"
	"newsreel/chaos/disk"
	"newsreel/chaos/look"
	"newsreel/chaos/wire"
	"newsreel/chaos/world"
	"newsreel/internal/clock"
	"newsreel/internal/cluster"
)

// apart is the world that clusters crawl, delay the time between two starts at a
// host of it, which is kept by the crawlers and held by its log.
func apart() world.Size { return world.Size{Hosts: 6, Articles: 48} }

const delay = 400 * time.Millisecond

// spoolBytes is the size of a disk for the spool of a role.
const spoolBytes = 512 << 20

// fleet is a cluster at work on a trial's world: NATS servers, an S3 server, and
// roles behind wires of their own.
type fleet struct {
	t       *trial
	c       *cluster.Cluster
	members []*member
	over    atomic.Bool
	looking chan struct{}
	// disks says that crawlers and archivers spool to disks of their own.
	disks bool
	joins int
}

// member is one role's process and the wires between it and the servers.
type member struct {
	*cluster.Process
	kind string
	nats []*wire.Wire
	s3   *wire.Wire
	// clock is the file that its wall clock is set by, disk holds its spool, in
	// fleets that have disks.
	clock string
	disk  *disk.Disk
}

func (h *harness) programs() (cluster.Programs, error) {
	h.refs.Lock()
	defer h.refs.Unlock()
	if h.built != nil {
		return *h.built, nil
	}
	dir := filepath.Join(h.dir, "programs")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return cluster.Programs{}, err
	}
	p, err := cluster.BuildServers(h.ctx, dir)
	if err != nil {
		return p, err
	}
	p.Newsreel = h.binary
	h.built = &p
	return p, nil
}

// newFleet starts a cluster of three NATS servers, or of what a fault needs, and a
// job that crawls the world.
func newFleet(t *trial, fault clusterFault) (*fleet, error) {
	programs, err := t.h.programs()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(t.dir, "cluster")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	c, err := cluster.Start(t.h.ctx, cluster.Config{Dir: dir, Programs: programs, NATSServers: cmp.Or(fault.servers, 3), NoSync: fault.servers != 1,
		MaxStore: 1 << 30, Advertise: "127.0.0.2"})
	if err != nil {
		return nil, err
	}
	f := &fleet{t: t, c: c, looking: make(chan struct{}), disks: fault.disks}
	t.cleanup = append(t.cleanup, c.Kill)
	args := []string{"job", "submit", "--name", jobName, "--allow-private", "--delay", delay.String(), "--per-host", "1",
		"--segment-size", "64KiB", "--segment-age", "2s"}
	for _, pair := range t.world.Resolve() {
		args = append(args, "--resolve", pair)
	}
	if _, err := c.Newsreel(t.h.ctx, append(args, t.world.Seeds()...)...); err != nil {
		return nil, err
	}
	for _, kind := range []string{"crawler", "crawler", "crawler", "extractor", "extractor", "archiver", "archiver"} {
		if err := f.join(kind); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// join starts a role behind wires of its own.
func (f *fleet) join(kind string) error {
	cfg, err := f.c.Remote()
	if err != nil {
		return err
	}
	m := &member{kind: kind, clock: filepath.Join(f.t.dir, fmt.Sprintf("clock-%d", f.joins))}
	f.joins++
	var urls []string
	for _, url := range cfg.NATS {
		w, err := wire.New(strings.TrimPrefix(url, "nats://"))
		if err != nil {
			return err
		}
		m.nats = append(m.nats, w)
		urls = append(urls, "nats://"+w.Addr())
		f.t.cleanup = append(f.t.cleanup, w.Close)
	}
	if m.s3, err = wire.New(strings.TrimPrefix(cfg.S3, "http://")); err != nil {
		return err
	}
	f.t.cleanup = append(f.t.cleanup, m.s3.Close)
	args := []string{"--nats", strings.Join(urls, ","), "--s3", "http://" + m.s3.Addr()}
	if kind != "extractor" {
		args = append(args, "--log-bytes", "128MB")
	}
	if kind == "crawler" {
		args = append(args, "--snapshot-every", "10", "--health", "127.0.0.1:0")
	}
	if f.disks && kind != "extractor" {
		dir := m.clock + "-disk"
		if err := os.Mkdir(dir, 0o755); err != nil {
			return err
		}
		if m.disk, err = disk.New(dir, spoolBytes); err != nil {
			return err
		}
		f.t.cleanup = append([]func(){func() { _ = m.disk.Close() }}, f.t.cleanup...) // once its process is gone
		args = append(args, "--spool", filepath.Join(m.disk.Path(), "spool"))
	}
	if m.Process, err = f.c.RoleEnv(kind, []string{clock.File + "=" + m.clock}, args...); err != nil {
		return err
	}
	f.members = append(f.members, m)
	return nil
}

// watch looks at the job until it is finished or stop is closed: each ledger
// must close.
func (f *fleet) watch(stop <-chan struct{}) {
	defer close(f.looking)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(f.t.h.ctx, 15*time.Second)
		out, err := f.c.Newsreel(ctx, "job", "show", jobName, "--json")
		cancel()
		var s shown
		if err != nil || json.Unmarshal([]byte(out), &s) != nil || len(s.Runs) == 0 {
			continue // the servers are away
		}
		r := s.Runs[len(s.Runs)-1]
		f.t.closes(&r)
		if r.State == "finished" || r.State == "failed" {
			f.over.Store(true)
			return
		}
	}
}

// command runs a command on the cluster. Right after a server has come back it
// may say that it has no answer yet: it is asked three times.
func (f *fleet) command(args ...string) (out string, err error) {
	for range 3 {
		if out, err = f.c.Newsreel(f.t.h.ctx, args...); err == nil {
			break
		}
		f.t.note("%v", err)
		f.pause(4000)
	}
	return out, err
}

// judge compares what the cluster archived with the undisturbed crawl.
func (f *fleet) judge() (v verdict, err error) {
	t := f.t
	ref, err := t.h.undisturbed(t.world.Size)
	if err != nil {
		return v, err
	}
	if out, err := f.command("verify"); err != nil {
		v.torn++
		t.fail("verify: %v %s", err, out)
	}
	cfg, err := f.c.Remote()
	if err != nil {
		return v, err
	}
	store, err := cfg.OpenStore()
	if err != nil {
		return v, err
	}
	defer store.Close()
	got, err := look.Archive(t.h.ctx, store, t.dir, jobName, 1)
	if err != nil {
		return v, fmt.Errorf("read the archive: %w", err)
	}
	t.compare(ref.holding, got, &v)
	if _, err := f.command("sweep"); err != nil {
		return v, err
	}
	orphans, err := look.Orphans(t.h.ctx, archive.Store(store), got.Named)
	if err != nil {
		return v, err
	}
	for _, key := range orphans {
		v.orphans++
		t.fail("nothing names %s", key)
	}
	t.refetched(&v)
	t.pacing()
	return v, nil
}

// early is by how much two requests may come closer together at the origin than
// they were sent: the way there does not take the same time twice, on a machine
// with much to do least of all.
const early = 120 * time.Millisecond

// tooClose says whether a request came sooner after another than was promised,
// for all that the log of a busy machine can tell.
func (t *trial) tooClose(before, r world.Request) bool {
	gap := r.Begun - before.Begun
	return gap < t.delay-early && gap < t.delay-early-t.world.Stalled(before.Begun-t.delay/2, r.Begun)
}

// pacing holds the world's log to what was promised to its hosts.
func (t *trial) pacing() {
	last := map[string]world.Request{}
	for _, r := range t.world.Log() {
		before, seen := last[r.Host]
		last[r.Host] = r
		if !seen {
			continue
		}
		t.row.gap(r.Begun - before.Begun)
		if t.tooClose(before, r) {
			t.row.close()
			t.fail("%s was asked for at %.3f s, %.0f ms after %s", r.URL, r.Begun.Seconds(), (r.Begun-before.Begun).Seconds()*1000, before.URL)
		}
		if before.Ended == 0 || before.Ended > r.Begun {
			t.row.close()
			t.fail("%s was asked for at %.3f s while %s was answered", r.URL, r.Begun.Seconds(), before.URL)
		}
	}
}
