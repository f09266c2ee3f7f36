package extractor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/internal/embedded"
	"newsreel/stream"
)

// staged is a store of staged objects.
type staged map[string][]byte

func (s staged) PutStaged(_ context.Context, key string, r io.Reader, _ int64) error {
	body, err := io.ReadAll(r)
	s[key] = body
	return err
}

func (s staged) GetStaged(context.Context, string, int64) ([]byte, error) {
	return nil, errors.New("nothing is read here")
}

// A result that the run log has no room for is staged, and its name stored.
func TestAResultGoesIntoALogThatIsFull(t *testing.T) {
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
	log, err := stream.Create(ctx, nc, stream.Config{Job: "full", Run: 1, MaxBytes: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	result := func(id string, size int) *stream.Result {
		return &stream.Result{CaptureID: id, Kind: stream.ResultArticle, Article: &article.Article{Body: strings.Repeat("x", size)}}
	}
	for _, id := range []string{"filler-a", "filler-b"} {
		if err := log.Result(ctx, result(id, 500<<10)); err != nil {
			t.Fatal(err)
		}
	}
	store := staged{}
	w := NewWorker(WorkerSettings{ID: "x", Staging: store}, log, "full", 1)
	large := result("large", 100<<10)
	for _, batch := range [][]extracted{
		{{result: large}, {result: result("small", 10)}},
		{{result: result("alone", 100<<10)}},
	} {
		if err := w.store(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	got := map[string]string{}
	err = log.ReadAll(ctx, 1, func(e stream.Entry) error {
		r, err := stream.ParseResult(e)
		if err == nil {
			got[r.CaptureID] = r.Staged
		}
		return err
	}, stream.ClassResult)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"large", "small", "alone"} {
		if key, ok := got[id]; !ok || key == "" || store[key] == nil {
			t.Errorf("result %s: stored %v, staged as %q", id, ok, key)
		}
	}
	if body, _ := large.Body(); !bytes.Equal(body, store[got["large"]]) {
		t.Error("what is staged is not the result's body")
	}
}
