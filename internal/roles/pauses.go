package roles

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// pauseCalm is how long crawling goes on before it is said: a small run log
// fills and is emptied again and again.
const pauseCalm = 15 * time.Second

// paused is why a role's crawling pauses.
type paused struct {
	// disk is why, for all runs; logs are the runs of which the log is full.
	disk string
	logs []string
}

func (r *Role) paused() paused {
	r.mu.Lock()
	defer r.mu.Unlock()
	var p paused
	for key, w := range r.workers {
		holds := w.holds.Load()
		if holds == nil {
			continue
		}
		switch h := (*holds)(); {
		case h.Disk != "":
			p.disk = h.Disk
		case h.Log != "":
			p.logs = append(p.logs, fmt.Sprintf("run %d of job %s: %s", key.number, key.job, h.Log))
		}
	}
	slices.Sort(p.logs)
	return p
}

// full says of which runs the log is full, "" of none.
func (p paused) full() string {
	const most = 3
	if len(p.logs) <= most {
		return strings.Join(p.logs, "; ")
	}
	return fmt.Sprintf("%s; and %d more", strings.Join(p.logs[:most], "; "), len(p.logs)-most)
}

// watchPauses says once why crawling pauses, however many runs do, and once that
// it goes on, until ctx ends.
func (w *weather) watchPauses(ctx context.Context) {
	tick := time.NewTicker(weatherTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		p := w.paused()
		w.see(&w.disk, words{begins: "crawling pauses: the disk is nearly full", ends: "crawling goes on: the disk has room again",
			cure: "free some space on it, or name another disk with --spool", calm: pauseCalm}, p.disk)
		w.see(&w.logs, words{begins: "crawling pauses: a run log is nearly full", ends: "crawling goes on: the run logs have room again",
			cure: "it is emptied as the run is archived: see that archivers and extractors run and that S3 takes objects; --log-bytes gives the logs of later runs more room",
			calm: pauseCalm}, p.full())
	}
}

// pauses says why crawling pauses, "" if it does not.
func (w *weather) pauses() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var list []string
	for _, c := range []condition{w.disk, w.logs} {
		if c.why != "" && c.over.IsZero() {
			list = append(list, "pauses: "+c.why)
		}
	}
	return strings.Join(list, "; ")
}
