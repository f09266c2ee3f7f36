package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"time"

	"newsreel/internal/demo"
	"newsreel/internal/local"
	"newsreel/job"
)

// Pages of a cycle's world: small, so that starting and stopping is most of it.
const (
	cycleHosts = 4
	cyclePages = 10
)

// cycles starts and stops whole runs in this process, each over a folder of its
// own, and takes a sample after each.
func cycles(ctx context.Context, o options, log io.Writer) (*series, error) {
	dir, err := filepath.Abs(o.dir)
	if err != nil {
		return nil, err
	}
	r := &series{title: fmt.Sprintf("%d start-stop cycles in one process", o.cycles)}
	var pages int64
	for n := range o.cycles {
		folder := filepath.Join(dir, fmt.Sprintf("cycle-%d", n+1))
		got, err := cycle(ctx, folder, n%2 == 1)
		if err != nil {
			return nil, fmt.Errorf("cycle %d: %w", n+1, err)
		}
		if err := os.RemoveAll(folder); err != nil {
			return nil, err
		}
		pages += got
		s, err := ofThisProcess()
		if err != nil {
			return nil, err
		}
		s.At, s.Pages = float64(n+1), pages
		r.samples = append(r.samples, s)
		if (n+1)%10 == 0 {
			fmt.Fprintf(log, "cycles: %d of %d\n", n+1, o.cycles)
		}
	}
	return r, r.settle(ctx, float64(o.cycles), pages)
}

// release is how long a stopped NATS server may be held in memory by timers of
// its own, which run for two minutes.
const release = 150 * time.Second

// settle waits until what was stopped is gone from memory, for release at most.
func (r *series) settle(ctx context.Context, at float64, pages int64) error {
	deadline := time.Now().Add(release)
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(r.samples) >= leastSamples {
		s, err := ofThisProcess()
		if err != nil {
			return err
		}
		s.At, s.Pages = at, pages
		r.settled = []sample{s}
		flat := true
		for _, q := range quantities() {
			_, _, ok := r.flat(q)
			flat = flat && ok
		}
		if flat || time.Now().After(deadline) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// cycle crawls a world to its end in a new folder; if asked it is stopped in
// between and resumed. It returns the pages that were fetched.
func cycle(ctx context.Context, folder string, stop bool) (int64, error) {
	world := demo.Bench(cycleHosts, cyclePages, demo.SizeRange{Min: 5_000, Max: 10_000})
	seeds, err := world.Start()
	if err != nil {
		return 0, err
	}
	defer world.Close()
	doc, err := job.Parse("cycle.yaml", []byte("name: cycle\nseeds:\n  urls: ["+strings.Join(seeds, ", ")+
		"]\npoliteness:\n  delay: 1ms\n  per_domain: 4\nnetwork:\n  allow_private: true\narchive:\n  assets: none\n"))
	if err != nil {
		return 0, err
	}
	if stop {
		if err := once(ctx, folder, doc, true); err != nil {
			return 0, err
		}
	}
	if err := once(ctx, folder, doc, false); err != nil {
		return 0, err
	}
	counts := world.Counts()
	if counts.Distinct != counts.URLs {
		return 0, fmt.Errorf("%d of %d URLs were fetched", counts.Distinct, counts.URLs)
	}
	return int64(counts.Requests), nil
}

// once opens the folder, runs the job to its end or, if asked, to a stop after
// a few pages, and closes it.
func once(ctx context.Context, folder string, doc *job.Document, stop bool) error {
	var r *local.Runner
	opts := local.Options{Dir: folder, Command: "leaks", Version: "leaks", Progress: func(p local.Progress) {
		if stop && p.Counts.Captured > 5 {
			r.Stop()
		}
	}}
	var err error
	if r, err = local.Open(opts); err != nil {
		return err
	}
	result, err := r.Run(ctx, doc)
	if cerr := r.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	if !stop && result.Summary.State != job.StateFinished {
		return fmt.Errorf("state %s, want finished", result.Summary.State)
	}
	return nil
}

// rest is how long goroutines and connections that are on their way out may
// take to be gone.
const rest = 5 * time.Second

// ofThisProcess samples this process when it has come to rest: when a third of
// a second brings nothing down any more.
func ofThisProcess() (sample, error) {
	deadline := time.Now().Add(rest)
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	var last sample
	for still := 0; ; {
		debug.FreeOSMemory() // collects too
		s := sample{Goroutines: int64(runtime.NumGoroutine()), Live: liveHeap()}
		if err := s.ofProcess(os.Getpid()); err != nil {
			return s, err
		}
		if s.Goroutines == last.Goroutines && s.Files == last.Files {
			still++
		} else {
			still = 0
		}
		if last = s; still == 3 || time.Now().After(deadline) {
			return s, nil
		}
		<-tick.C
	}
}

func liveHeap() int64 {
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return int64(live[0].Value.Uint64())
}
