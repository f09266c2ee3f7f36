// Package fuzzguard holds what a fuzz target runs to bounds on time and memory,
// so that a fuzzer finds slow and swollen inputs as it finds crashes.
package fuzzguard

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"
)

// The bounds of one run.
const (
	// Times is how many bytes of memory each byte of the input may take.
	Times = 50
	// Slack is what a run may take whatever its input: tables and first buffers.
	Slack = 8 << 20
	// Longest is how long a run may take, on a machine that does other things too.
	Longest = 10 * time.Second
)

// Run runs f on an input of size bytes and fails the test where that takes too
// long or too much memory. Memory is what is live at once, measured only where
// what is allocated in all would be too much.
func Run(t testing.TB, size int, f func()) {
	t.Helper()
	limit := uint64(Times*size + Slack)
	before, start := read("/gc/heap/allocs:bytes"), time.Now()
	f()
	if d := time.Since(start); d > Longest {
		t.Errorf("%d bytes took %s", size, d)
	}
	if read("/gc/heap/allocs:bytes")-before <= limit {
		return
	}
	if live := peak(f); live > limit {
		t.Errorf("%d bytes took %d bytes of memory, more than %d times as much and %d MiB", size, live, Times, Slack>>20)
	}
}

func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// peak runs f while the garbage collector runs all the time, and gives the most
// that the heap grew.
func peak(f func()) uint64 {
	const objects = "/memory/classes/heap/objects:bytes"
	defer debug.SetGCPercent(debug.SetGCPercent(5))
	runtime.GC()
	base := read(objects)
	stop, done := make(chan struct{}), make(chan uint64)
	go func() {
		most := base
		tick := time.NewTicker(200 * time.Microsecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				done <- most
				return
			case <-tick.C:
				most = max(most, read(objects))
			}
		}
	}()
	f()
	close(stop)
	return <-done - base
}
