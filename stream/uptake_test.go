package stream_test

import (
	"context"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/internal/embedded"
	"newsreel/stream"
)

// What was sent and not answered counts until something is, or until the log is
// seen to take messages while nothing is under way. To ask changes nothing.
func TestALogTellsForHowLongItHasTakenNothing(t *testing.T) {
	server, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { server.Shutdown() }()
	nc, err := server.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	log, err := stream.Create(ctx, nc, stream.Config{Job: "taken", Run: 1, MaxBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	result := func(id string) *stream.Result {
		return &stream.Result{CaptureID: id, Partition: 1, Kind: stream.ResultArticle, Article: &article.Article{Headline: id}}
	}
	if err := log.Result(ctx, result("a")); err != nil {
		t.Fatal(err)
	}
	before, err := log.State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Takes(ctx); err != nil || log.Untaken() != 0 {
		t.Errorf("a log that takes messages: %v, nothing taken for %s", err, log.Untaken())
	}
	if after, err := log.State(ctx); err != nil || after != before {
		t.Errorf("asking made %+v of %+v, %v", after, before, err)
	}
	all, err := stream.AllCopies(ctx, nc)
	if err != nil || len(all) != 1 || all[0].Stream != log.Name() || all[0].Err != nil || len(all[0].Behind) > 0 {
		t.Errorf("copies %+v, %v", all, err)
	}

	gone, stop := context.WithCancel(ctx)
	stop()
	if err := log.Result(gone, result("b")); !stream.Passing(err) {
		t.Fatalf("a result of which nobody knows: %v", err)
	}
	first := log.Untaken()
	if err := log.Result(gone, result("c")); !stream.Passing(err) {
		t.Fatalf("another: %v", err)
	}
	if second := log.Untaken(); first <= 0 || second <= first {
		t.Errorf("nothing is taken for %s, then for %s", first, second)
	}
	if err := log.Takes(ctx); err != nil || log.Untaken() != 0 {
		t.Errorf("once it takes messages again: %v, nothing taken for %s", err, log.Untaken())
	}
	_ = log.Result(gone, result("d"))
	if err := log.Result(ctx, result("e")); err != nil || log.Untaken() != 0 {
		t.Errorf("once it took one: %v, nothing taken for %s", err, log.Untaken())
	}
	if err := log.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := log.Takes(ctx); err == nil || stream.Passing(err) {
		t.Errorf("a log that is gone: %v", err)
	}
}
