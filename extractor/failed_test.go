package extractor_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"newsreel/capture"
	"newsreel/extractor"
	"newsreel/internal/embedded"
	"newsreel/stream"
)

// What could not be extracted counts as a result, and as a failed one.
func TestFailedResultsAreCounted(t *testing.T) {
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Shutdown()
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	log, err := stream.Create(ctx, nc, stream.Config{Job: "failed", Run: 1, MaxBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	claim, err := log.Claim(ctx, 1, "crawler", 0, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	batch := log.NewBatch()
	for _, id := range []string{"a", "b", "c"} {
		// Of a fragment that cannot be read as a page.
		c := &stream.Capture{Row: capture.Row{CaptureID: id, URL: "https://paper.example/" + id}, Due: true, ResponseLen: 4, Fragment: []byte("torn")}
		if err := batch.Capture(claim, c); err != nil {
			t.Fatal(err)
		}
	}
	if err := log.Commit(ctx, batch); err != nil {
		t.Fatal(err)
	}
	w := extractor.NewWorker(extractor.WorkerSettings{ID: "x"}, log, "failed", 1)
	working, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(working) }()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for w.Failed() < 3 && ctx.Err() == nil {
		<-tick.C
	}
	stop()
	if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if w.Failed() != 3 || w.Results() != 3 {
		t.Errorf("%d of %d results failed, want 3 of 3", w.Failed(), w.Results())
	}
}
