package main

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"newsreel/chaos/look"
	"newsreel/chaos/world"
)

// verdict is what one trial came to.
type verdict struct {
	lost, twice, torn, orphans, refetched, uncaused int
}

// conclude lets the crawl finish, judges it and ends the trial.
func (t *trial) conclude() {
	defer t.end()
	var v verdict
	err := t.crawlToEnd()
	if err == nil {
		v, err = t.judge()
	}
	if err != nil {
		t.fail("%v", err)
	}
	t.report(v)
}

// report adds the trial to its row, and says what went wrong.
func (t *trial) report(v verdict) {
	t.row.add(t, v)
	if len(t.failed) == 0 {
		return
	}
	t.h.mu.Lock()
	t.h.kept = append(t.h.kept, t.dir)
	t.h.mu.Unlock()
	for i, text := range t.failed {
		if i == 12 {
			t.h.say("  and %d more", len(t.failed)-i)
			break
		}
		t.h.say("%s, seed %d: %s", t.name, t.seed, text)
	}
	t.h.say("  its folder is %s; again: go run ./chaos %s", t.dir, t.again())
}

// again is how the trial is run again.
func (t *trial) again() string {
	text := fmt.Sprintf("--only %s --seed %d --count 1", t.row.Mode, t.seed)
	if t.h.o.ci {
		text += " --ci"
	}
	if t.row.Mode == "points" {
		text += " --point " + t.name
	}
	return text
}

// judge compares a finished crawl with the undisturbed one.
func (t *trial) judge() (v verdict, err error) {
	ref, err := t.h.undisturbed(t.world.Size)
	if err != nil {
		return v, err
	}
	t.look()
	t.verify(&v)
	got, err := t.read()
	if err != nil {
		return v, fmt.Errorf("read the archive: %w", err)
	}
	t.compare(ref.holding, got, &v)
	if err := t.swept(got, &v); err != nil {
		return v, err
	}
	t.refetched(&v)
	if t.delay > 0 {
		t.pacing()
	}
	return v, nil
}

// compare counts what differs, and what is there twice or torn.
func (t *trial) compare(want, got *look.Holding, v *verdict) {
	d := look.Compare(want, got)
	for _, list := range [][]string{d.Lost, d.Changed, got.Twice, got.Torn} {
		for _, text := range list {
			t.fail("%s", text)
		}
	}
	v.lost, v.twice = len(d.Lost)+len(d.Changed), len(got.Twice)
	v.torn += len(got.Torn)
}

// verify lets the program hold its own archive to its checksums.
func (t *trial) verify(v *verdict) {
	p, err := t.command(nil, "verify")
	if err != nil {
		t.fail("verify: %v", err)
		return
	}
	if !p.Wait(patience) || p.Code() != 0 {
		v.torn++
		t.fail("verify ends with status %d: %s %s", p.Code(), p.Stdout(), lastLine(p.Stderr()))
	}
}

// swept sweeps and looks for what nothing names.
func (t *trial) swept(got *look.Holding, v *verdict) error {
	p, err := t.command(nil, "sweep")
	if err != nil {
		return err
	}
	if !p.Wait(patience) || p.Code() != 0 {
		return fmt.Errorf("sweep ends with status %d: %s", p.Code(), lastLine(p.Stderr()))
	}
	orphans, err := look.Orphans(t.h.ctx, t.store(), got.Named)
	if err != nil {
		return err
	}
	logs, _ := filepath.Glob(filepath.Join(t.data, "nats", "jetstream", "*", "streams", "J_*"))
	spool, _ := os.ReadDir(filepath.Join(t.data, "spool"))
	for _, e := range spool {
		logs = append(logs, "spool/"+e.Name())
	}
	for _, key := range append(orphans, logs...) {
		v.orphans++
		t.fail("nothing names %s", key)
	}
	return nil
}

// lag is how much later than its sender's death a request may come to the log
// of the world.
const lag = 200 * time.Millisecond

// refetched counts requests for what had been asked for already. Each must have a
// fault that can have interrupted the one before.
func (t *trial) refetched(v *verdict) {
	last, times := map[string]world.Request{}, map[string]int{}
	for _, r := range t.world.Log() {
		before, seen := last[r.URL]
		last[r.URL] = r
		if times[r.URL]++; !seen || times[r.URL] == 2 && world.Patient(r.URL) {
			continue
		}
		v.refetched++
		if !t.caused(before, r) {
			v.uncaused++
			t.fail("%s was fetched from %.3f s to %.3f s and again at %.3f s without cause", r.URL,
				before.Begun.Seconds(), before.Ended.Seconds(), r.Begun.Seconds())
		}
	}
}

// commitTime is how long after its answer a page may wait to be committed, where
// nothing is wrong: for others of its batch (milliseconds), and for disks and
// servers on a machine with much to do.
const commitTime = 2 * time.Second

// lapse is how long after a fault of a cluster exchanges may be interrupted still:
// a lease that was renewed last before it or in it lasts so long, and what was
// fetched under it may come too late.
const lapse = 10*time.Second + commitTime

// caused says whether a fault can have interrupted an exchange before it was
// committed, so that it was made again.
func (t *trial) caused(first, second world.Request) bool {
	for _, f := range t.faults {
		committed := first.Ended != 0 && first.Ended+commitTime+t.world.Stalled(first.Begun, f.from) < f.from
		if !committed && first.Begun <= f.to+f.after && f.from <= second.Begun {
			return true
		}
	}
	return false
}
