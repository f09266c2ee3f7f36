package fetch

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"newsreel/crawler/fetch/torture"
)

// heapPeak samples what the heap holds until stop is called.
func heapPeak() (stop func() uint64) {
	done, result := make(chan struct{}), make(chan uint64)
	go func() {
		var peak uint64
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			var stats runtime.MemStats
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapInuse)
			select {
			case <-done:
				result <- peak
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(done); return <-result }
}

// TestMemoryStaysBoundedUnderEndlessBodiesAndBombs states the bound: the
// budget, and for each exchange its head, two view buffers of up to 1 MiB,
// Colly's copy and a spill buffer; doubled, as the collector lets garbage grow.
func TestMemoryStaysBoundedUnderEndlessBodiesAndBombs(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	const workers, budget = 16, 24 << 20
	settings := testSettings(t)
	settings.MemoryBudget = budget
	settings.Limits.Body, settings.Limits.Head = 64<<20, 1<<20
	settings.Limits.Ratio = 100_000 // so that bombs are met by the view's limit and the budget
	settings.Limits.View = 64 << 20
	settings.Limits.Exchange = 4 * time.Second
	client := newTestClient(t, settings)
	var targets []string
	for _, c := range server.Cases() {
		switch c.Name {
		case "gzip bomb", "brotli bomb", "zstd bomb", "gzip bomb in a gzip", "endless body", "endless chunks", "endless head", "endless trailers":
			targets = append(targets, server.URL(c.Path))
		}
	}
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	stop := heapPeak()
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() {
			worker := NewWorker(client)
			for n := range 3 {
				ex, err := worker.Fetch(t.Context(), get(targets[(i+n)%len(targets)]), nil)
				if err != nil {
					t.Error(err)
					continue
				}
				if used := client.MemoryUsed(); used > budget+workers*(4<<20) {
					t.Errorf("%d bytes of the budget in use", used)
				}
				ex.Close()
			}
		})
	}
	group.Wait()
	peak := stop()
	grown := int64(peak) - int64(before.HeapInuse)
	bound := int64(2 * (budget + workers*(1<<20+2<<20+2<<20+64<<10)))
	t.Logf("heap grew by %d MiB, bound is %d MiB", grown>>20, bound>>20)
	if grown > bound {
		t.Errorf("heap grew by %d MiB, bound is %d MiB", grown>>20, bound>>20)
	}
	if entries, err := os.ReadDir(settings.SpillDir); err != nil || len(entries) > 0 {
		t.Errorf("%d spill files left, %v", len(entries), err)
	}
}

func TestWithoutBudgetEverythingSpillsAndNothingIsLost(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	settings := testSettings(t)
	settings.MemoryBudget = 1
	client := newTestClient(t, settings)
	for _, c := range server.Cases() {
		if c.Slow || c.Error != "" || c.Limit != "" {
			continue
		}
		ex, err := client.Do(t.Context(), get(server.URL(c.Path)))
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		recorded, err := io.ReadAll(ex.Response.Reader())
		if err != nil || !bytes.Equal(recorded, c.Message()) {
			t.Errorf("%s: %d bytes recorded, %v", c.Name, len(recorded), err)
		}
		ex.Close()
	}
	if client.Counters()["spilled"] == 0 {
		t.Error("nothing spilled")
	}
}

func TestRecordingReadsTheSameHoweverItSpills(t *testing.T) {
	data := make([]byte, 300_000)
	for i := range data {
		data[i] = byte(i * 7 >> 3)
	}
	for _, limit := range []int{1, 100, 32 << 10, 40_000, 128 << 10, 300_000, 1 << 20} {
		shared := &memory{dir: t.TempDir(), counters: new(counters)}
		shared.budget.limit = 1 << 30
		r := newRecording(shared, limit)
		for rest := data; len(rest) > 0; {
			room, err := r.space(false)
			if err != nil {
				t.Fatal(err)
			}
			n := copy(room, rest[:min(len(rest), 10_000)])
			if _, err := r.commit(n); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		for _, cut := range []struct{ off, n int64 }{{0, 300_000}, {5, 10}, {99, 2}, {0, 40_000}, {32<<10 - 1, 2}, {250_000, 50_000}, {299_999, 9}} {
			got, err := io.ReadAll(r.section(cut.off, cut.n))
			want := data[cut.off:min(cut.off+cut.n, 300_000)]
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("limit %d, section %v: %d bytes, %v", limit, cut, len(got), err)
			}
		}
		_, whole := r.Bytes()
		if whole != (limit >= 300_000) {
			t.Errorf("limit %d: in memory %v", limit, whole)
		}
		r.cut(200_000)
		if got, _ := io.ReadAll(r.Reader()); !bytes.Equal(got, data[:200_000]) || r.Len() != 200_000 {
			t.Errorf("limit %d: cut to %d", limit, len(got))
		}
		if r.Close() != nil || r.Close() != nil || shared.budget.used.Load() != 0 {
			t.Errorf("limit %d: not closed well", limit)
		}
	}
}

func TestFailingSpillDirIsAnInternalError(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	settings := testSettings(t)
	settings.SpillDir = settings.SpillDir + "/missing"
	settings.SpillAfter = 1000
	client := newTestClient(t, settings)
	_, err := client.Do(t.Context(), get(server.URL("/case/until-close")))
	if e := reason(t, err); e.Reason != ReasonInternal || e.Permanent() {
		t.Error(err)
	}
}
