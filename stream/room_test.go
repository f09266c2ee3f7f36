package stream_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"newsreel/capture"
	"newsreel/internal/embedded"
	"newsreel/stream"
)

// However fast crawlers store captures, a log keeps room for their results.
func TestCapturesLeaveRoomForTheirResults(t *testing.T) {
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
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	const crawlers = 3
	var logs [crawlers]*stream.Log
	var claims [crawlers]stream.Claim
	for i := range logs {
		logs[i], err = stream.Create(ctx, nc, stream.Config{Job: "room", Run: 1, MaxBytes: stream.MinLogBytes})
		if err == nil {
			claims[i], err = logs[i].Claim(ctx, i, "crawler", 0, time.Now())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	fragment := []byte(strings.Repeat("x", 100<<10))
	var ids []string
	add := func(i int) bool {
		t.Helper()
		batch, id := logs[i].NewBatch(), fmt.Sprintf("capture-%d", len(ids))
		c := &stream.Capture{Row: capture.Row{CaptureID: id}, Due: true, ResponseLen: len(fragment), Fragment: fragment}
		if err := batch.Capture(claims[i], c); err != nil {
			t.Fatal(err)
		}
		ok, err := logs[i].Admits(ctx, batch.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			return false
		}
		if err := logs[i].Commit(ctx, batch); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
		return true
	}
	for going := true; going; {
		going = false
		for i := range logs {
			going = add(i) || going
		}
	}
	state, err := logs[0].State(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if state.Bytes > stream.MinLogBytes*8/10 || logs[0].Full(state) == "" {
		t.Errorf("the log holds %d bytes of %d: %q", state.Bytes, stream.MinLogBytes, logs[0].Full(state))
	}
	for _, id := range ids {
		r := &stream.Result{CaptureID: id, Kind: stream.ResultArticle, Staged: "staged/" + id}
		if err := logs[0].Result(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	// Once it holds no capture there is nothing to wait for.
	const whole = stream.MinLogBytes
	if ok, err := logs[1].Admits(ctx, whole); ok || err != nil {
		t.Errorf("admitted beside captures: %v, %v", ok, err)
	}
	if err := logs[0].Purge(ctx, stream.ClassCapture, -1, 1<<40); err != nil {
		t.Fatal(err)
	}
	if ok, err := logs[1].Admits(ctx, whole); !ok || err != nil {
		t.Errorf("admitted where there are none: %v, %v", ok, err)
	}
}
