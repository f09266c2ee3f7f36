package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"newsreel/chaos/disk"
	"newsreel/internal/clock"
	"newsreel/internal/diepoint"
)

// diskBytes is the size of a trial's disk. Its file is sparse.
const diskBytes = 3 << 30

// withDisks says whether file systems can be mounted here, and says so loudly
// where they cannot.
func (h *harness) withDisks(what string) bool {
	dir, err := os.MkdirTemp(h.dir, "disk-*")
	if err == nil {
		defer os.RemoveAll(dir)
		var d *disk.Disk
		if d, err = disk.New(dir, 64<<20); err == nil {
			err = d.Close()
		}
	}
	if err == nil {
		return true
	}
	text := fmt.Sprintf("%s, since no file system can be mounted here: %v", what, err)
	h.say("NOT TRIED: %s", text)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.missing = append(h.missing, text)
	return false
}

// onDisk gives the trial a disk of its own for its data folder.
func (t *trial) onDisk() (*disk.Disk, error) {
	d, err := disk.New(t.dir, diskBytes)
	if err != nil {
		return nil, err
	}
	t.cleanup = append(t.cleanup, func() { _ = d.Close() })
	t.data = filepath.Join(d.Path(), "data")
	return d, nil
}

// mostCuts bounds the cuts of one crawl, so that it ends.
const mostCuts = 8

// cuts cuts the power of crawls at random moments and at named points.
func (h *harness) cuts(count int) error {
	if !h.withDisks("power cuts") {
		return nil
	}
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("power", "power cut")
	h.until(r, count, func(seed uint64) {
		t := h.try(r, "power", seed, small())
		if t == nil {
			return
		}
		if err := t.cutAgainAndAgain(); err != nil {
			t.fail("%v", err)
			t.report(verdict{})
			t.end()
			return
		}
		t.conclude()
	})
	return nil
}

func (t *trial) cutAgainAndAgain() error {
	d, err := t.onDisk()
	if err != nil {
		return err
	}
	for range mostCuts {
		var env []string
		point := ""
		if t.rng.IntN(2) == 0 {
			// It stands still there, so that the cut is exactly at the point.
			point = t.randomPoint()
			env = []string{fmt.Sprintf("%s=%s:%d", diepoint.StopAt, point, 1+t.rng.IntN(6))}
		}
		p, err := t.crawl(env...)
		if err != nil {
			return err
		}
		gone := time.Now().Add(t.moment())
		p.Until(patience, func() bool { return time.Now().After(gone) || point != "" && p.Stopped() })
		if p.Over() {
			return t.finished(p)
		}
		if point != "" && p.DiedAt(point) {
			t.row.hit(point)
		}
		var stopped error
		t.fault(func() {
			p.Kill()
			stopped = d.Stop()
		})
		if stopped != nil {
			return stopped
		}
		if err := d.Again(); err != nil {
			return err
		}
		t.data = filepath.Join(d.Path(), "data")
	}
	return nil
}

// fulls fills the disk of crawls, and frees it. A crawl that lives through it
// must go on by itself; one that dies meanwhile goes on when it is started again.
func (h *harness) fulls(count int) error {
	if !h.withDisks("full disks") {
		return nil
	}
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("disk", "disk full, freed")
	h.each(count, func(i int) {
		t := h.try(r, "disk", h.o.seed+uint64(i), small())
		if t == nil {
			return
		}
		defer t.conclude()
		if err := t.filled(); err != nil {
			t.fail("%v", err)
		}
	})
	return nil
}

func (t *trial) filled() error {
	d, err := t.onDisk()
	if err != nil {
		return err
	}
	p, err := t.crawl()
	if err != nil {
		return err
	}
	p.Wait(time.Duration(100+t.rng.IntN(1500)) * time.Millisecond)
	leave := []int64{0, 64 << 10, 1 << 20, 20 << 20}[t.rng.IntN(4)]
	kill := t.rng.IntN(3) == 0
	var filling error
	t.note("%d bytes are left; killed meanwhile: %v", leave, kill)
	disturb := t.harmless
	if kill { // what was fetched may have waited for its commit since the disk was full
		disturb = t.fault
	}
	disturb(func() {
		filling = d.Fill(leave)
		p.Wait(time.Duration(1000+t.rng.IntN(3000)) * time.Millisecond)
		if kill {
			p.Kill()
		}
		if err := d.Free(); filling == nil {
			filling = err
		}
	})
	if filling != nil {
		return filling
	}
	if kill {
		return nil // conclude starts it again
	}
	return t.finished(p)
}

// clocks steps the wall clock of crawls forth and back while they go on, and
// between a kill and the next start.
func (h *harness) clocks(count int) error {
	if _, err := h.undisturbed(small()); err != nil {
		return err
	}
	r := h.row("clock", "wall clock stepped")
	h.each(count, func(i int) {
		t := h.try(r, "clock", h.o.seed+uint64(i), small())
		if t == nil {
			return
		}
		defer t.conclude()
		if err := t.stepped(); err != nil {
			t.fail("%v", err)
		}
	})
	return nil
}

func (t *trial) stepped() error {
	path := filepath.Join(t.dir, "clock")
	t.env = append(t.env, clock.File+"="+path)
	for range 4 {
		p, err := t.crawl()
		if err != nil {
			return err
		}
		for range 2 {
			p.Wait(t.moment())
			// Up to two hours, in either direction.
			offset := t.rng.IntN(4*3600) - 2*3600
			t.note("the clock is %d s off", offset)
			var failed error
			t.harmless(func() { failed = os.WriteFile(path, []byte(strconv.Itoa(offset)), 0o600) })
			if failed != nil {
				return failed
			}
		}
		if p.Wait(t.moment()) {
			return t.finished(p)
		}
		t.kill(p)
	}
	return nil
}
