package local

import (
	"context"
	"math"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheMemoryLimitFollowsWhatLives(t *testing.T) {
	for live, want := range map[uint64]int64{0: 256 << 20, 100 << 20: 256 << 20, 400 << 20: 564 << 20, 4 << 30: 5<<30 + 64<<20} {
		if got := memoryLimit(live); got != want {
			t.Errorf("%d bytes alive: limit %d, want %d", live, got, want)
		}
	}
}

func TestTheMemoryLimitGoesWithTheRun(t *testing.T) {
	t.Setenv("GOMEMLIMIT", "")
	before := debug.SetMemoryLimit(-1)
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); limitMemory(ctx) }()
		<-time.After(time.Second) // of the test's own clock
		if got := debug.SetMemoryLimit(-1); got == math.MaxInt64 || got < leastMemory {
			t.Errorf("limit %d while it runs", got)
		}
		cancel()
		<-done
	})
	if got := debug.SetMemoryLimit(-1); got != before {
		t.Errorf("limit %d after it, want %d", got, before)
	}
}
