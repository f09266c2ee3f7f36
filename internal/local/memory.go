package local

import (
	"context"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// The Go heap may double before it is collected, and much of what lives in a
// fast crawl is what the run log's server wrote in the last ten seconds, which
// it keeps for readers. A soft limit that follows what lives makes the
// collector come earlier. That is cheap: most of what lives (log blocks, the
// frontier's tables) holds no pointers, so there is little to look through.
const (
	leastMemory  = 256 << 20
	memoryMargin = 64 << 20
)

// memoryLimit is the limit for a heap of which live bytes were found alive: a
// quarter more and a margin, where Go's own rule would let it double.
func memoryLimit(live uint64) int64 {
	return max(leastMemory, int64(live+live/4)+memoryMargin)
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
