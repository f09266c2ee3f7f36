package local

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The Go heap may double before it is collected, and the run log's server
// keeps what was just written where only the collector takes it away, so that
// a fast crawl holds hundreds of megabytes that nobody reads again. A soft
// limit makes the collector come earlier, which costs next to nothing while
// what lives is far below it: so it follows what lives.
const (
	leastMemory  = 256 << 20
	memoryMargin = 64 << 20
)

// memoryLimit is the limit for a heap of which live bytes were found alive: 1.5
// times as much and a margin, where Go's own rule would let it double.
func memoryLimit(live uint64) int64 {
	return max(leastMemory, int64(live+live/2)+memoryMargin)
}

// limitMemory keeps the soft memory limit of the process in step with what
// lives until ctx ends. GOMEMLIMIT in the environment has the last word.
func limitMemory(ctx context.Context) {
	if os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	before := debug.SetMemoryLimit(leastMemory)
	defer debug.SetMemoryLimit(before)
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			metrics.Read(live)
			debug.SetMemoryLimit(memoryLimit(live[0].Value.Uint64()))
		}
	}
}
