package stream_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/internal/embedded"
	"newsreel/stream"
)

func TestResultsAreStoredTogetherAndOnceEach(t *testing.T) {
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
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	log, err := stream.Create(ctx, nc, stream.Config{Job: "results", Run: 1, MaxBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	result := func(id string, partition int) *stream.Result {
		return &stream.Result{CaptureID: id, Partition: partition, Kind: stream.ResultArticle, Article: &article.Article{Headline: "Of " + id}}
	}
	for _, batch := range [][]*stream.Result{
		{result("a", 1), result("b", 2), result("c", 1)},
		{result("d", 3)},
		// b was stored already: the batch is refused, its others are not lost.
		{result("e", 1), result("b", 2), result("f", 4)},
		{},
	} {
		if err := log.Results(ctx, batch); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	err = log.ReadAll(ctx, 1, func(e stream.Entry) error {
		r, err := stream.ParseResult(e)
		if err == nil {
			if r.Article.Headline != "Of "+r.CaptureID {
				t.Errorf("result %s says %q", r.CaptureID, r.Article.Headline)
			}
			got = append(got, r.CaptureID)
		}
		return err
	}, stream.ClassResult)
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"a", "b", "c", "d", "e", "f"}; !slices.Equal(got, want) {
		t.Errorf("stored: %q, want %q", got, want)
	}
}
