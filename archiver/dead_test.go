package archiver

import (
	"context"
	"errors"
	"sync"
	"testing"

	"newsreel/archive"
	"newsreel/stream"
)

// deadLetters are those of a collection, by id.
func deadLetters(t *testing.T, collection string) map[string]archive.DeadLetter {
	t.Helper()
	found := map[string]archive.DeadLetter{}
	for d, err := range archive.New(shared.store, "").DeadLetters(deadline(t), collection, "") {
		if err != nil {
			t.Fatal(err)
		}
		found[d.ID] = d
	}
	return found
}

func (r *run) fail(xs ...exchange) {
	r.t.Helper()
	for _, x := range xs {
		r.must(r.log.Result(context.Background(), &stream.Result{CaptureID: x.id, Partition: partition,
			Kind: stream.ResultFailed, Error: "it ended\nits process", URL: x.url, CaptureSequence: 3}))
	}
}

func TestDeadLettersAreListedAndExtractedAgainOnce(t *testing.T) {
	r := newRun(t, "dead", 1)
	xs := pages(8)
	r.crawl(xs...)
	r.fail(xs[1], xs[4], xs[6])
	r.extract(xs...) // for three of them a second result, which nobody asked for
	r.end()
	r.must(New(r.log, shared.store, r.s).Run(deadline(t)))

	dead := deadLetters(t, "dead")
	d := dead[xs[4].id]
	if len(dead) != 3 || d.URL != xs[4].url || d.Reason != "it ended its process" || d.Stage != archive.StageExtraction ||
		d.Job != "dead" || d.Run != 1 || d.Segment == "" || d.Time.IsZero() {
		t.Fatalf("dead letters: %+v", dead)
	}
	arc := archive.New(shared.store, "")
	m, err := arc.Manifest(deadline(t), "dead", d.Segment)
	r.must(err)
	redo := func(x exchange, kind string) Redone {
		row, err := arc.CaptureByID(deadline(t), m, x.id)
		r.must(err)
		if _, err := arc.Response(deadline(t), row, 1<<20); err != nil {
			t.Errorf("response of %s: %v", x.id, err)
		}
		result := &stream.Result{CaptureID: x.id, Partition: partition, Kind: kind}
		if kind == stream.ResultArticle {
			result.Article = makeArticle(x)
		}
		return Redone{*row, result}
	}
	// Four do so at once, each with another choice.
	sets := [][]Redone{{redo(xs[4], stream.ResultArticle)}, {redo(xs[4], stream.ResultArticle), redo(xs[1], stream.ResultNone)},
		{redo(xs[1], stream.ResultNone)}, {redo(xs[4], stream.ResultArticle), redo(xs[1], stream.ResultNone)}}
	archived := make([]int, len(sets))
	var wg sync.WaitGroup
	for i, set := range sets {
		wg.Go(func() {
			n, err := Redo(deadline(t), shared.store, r.s, set)
			if err != nil {
				t.Error(err)
			}
			archived[i] = n
		})
	}
	wg.Wait()
	if n := archived[0] + archived[1] + archived[2] + archived[3]; n != 2 {
		t.Errorf("%v results archived, want 2 in all", archived)
	}
	if dead := deadLetters(t, "dead"); len(dead) != 1 || dead[xs[6].id].URL == "" {
		t.Errorf("dead letters left: %+v", dead)
	}
	articles := map[string]int{}
	for row, err := range arc.Articles(deadline(t), archive.Filter{Collection: "dead"}) {
		r.must(err)
		articles[row.CaptureID]++
		if row.Run != 1 || row.WARCFilename == "" {
			t.Errorf("article %+v", row)
		}
	}
	if len(articles) != 6 || articles[xs[4].id] != 1 {
		t.Errorf("articles: %v", articles)
	}
	report, err := arc.Verify(deadline(t), "dead", nil)
	if err != nil || !report.OK() {
		t.Errorf("verify: %v %+v", err, report)
	}
	streams, err := NATSStreams(shared.nc)
	r.must(err)
	if _, err := Sweep(deadline(t), shared.store, streams); err != nil {
		t.Error(err)
	}
	if report, err := arc.Verify(deadline(t), "dead", nil); err != nil || !report.OK() {
		t.Errorf("verify after a sweep: %v %+v", err, report)
	}
}

func TestAResultThatWasAskedForCountsAfterAFailedOne(t *testing.T) {
	r := newRun(t, "asked", 1)
	xs := pages(3)
	r.crawl(xs...)
	r.fail(xs...)
	for _, kind := range []string{stream.ResultFailed, stream.ResultArticle, stream.ResultArticle, stream.ResultNone} {
		result := &stream.Result{CaptureID: xs[1].id, Partition: partition, Kind: kind, Again: true}
		if kind == stream.ResultArticle {
			result.Article = makeArticle(xs[1])
		}
		r.must(r.log.Result(deadline(t), result))
	}
	r.end()
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))
	if n := a.Summary().Articles; n != 1 {
		t.Errorf("%d articles", n)
	}
	c := r.manifests()[0].Counts
	if c.ExtractFailed != 2 || c.Articles != 1 || c.NoArticle != 0 {
		t.Errorf("counts %+v", c)
	}
	if dead := deadLetters(t, "asked"); len(dead) != 2 || dead[xs[1].id].ID != "" {
		t.Errorf("dead letters: %+v", dead)
	}
}

func TestACaptureWhoseBytesAreGoneHoldsNothingUp(t *testing.T) {
	r := newRun(t, "gone", 1)
	big := exchange{id: "big", url: "http://b.example/big", body: randomText(900 << 10), due: true}
	xs := pages(2)
	r.crawl(xs[0], big, xs[1])
	r.extract(xs...)
	key := stream.StagedKey(r.log.Name(), big.id, "1")
	r.must(shared.store.Delete(deadline(t), key))
	r.end()
	r.must(New(r.log, shared.store, r.s).Run(deadline(t)))
	d := deadLetters(t, "gone")["big"]
	if d.Stage != archive.StageArchiving || d.URL != big.url || d.Reason == "" {
		t.Errorf("dead letter %+v", d)
	}
	c := r.manifests()[0].Counts
	if c.NotTaken != 1 || c.Captures != 2 || c.Articles != 2 {
		t.Errorf("counts %+v", c)
	}
	arc := archive.New(shared.store, "")
	if report, err := arc.Verify(deadline(t), "gone", nil); err != nil || !report.OK() {
		t.Errorf("verify: %v %+v", err, report)
	}
	if _, err := arc.CaptureByID(deadline(t), r.manifests()[0], "big"); !errors.Is(err, archive.ErrNotFound) {
		t.Errorf("capture: %v", err)
	}
}
