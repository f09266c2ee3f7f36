package archiver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// pages makes n due captures with bodies of their own.
func pages(n int) []exchange {
	xs := make([]exchange, n)
	for i := range xs {
		xs[i] = exchange{id: fmt.Sprintf("c%03d", i), url: fmt.Sprintf("http://a.example/%d", i), due: true,
			body: strings.Repeat(fmt.Sprintf("<p>Page %d.</p>", i), 50), at: 0}
	}
	return xs
}

func TestRunIsArchivedToItsEnd(t *testing.T) {
	r := newRun(t, "whole", 1)
	xs := pages(20)
	r.crawl(xs[:10]...)
	r.crawl(xs[10:]...)
	// The same payload at another URL, an empty one twice, a 304 of a page.
	r.crawl(
		exchange{id: "dup", url: "http://b.example/copy", body: xs[3].body, due: true},
		exchange{id: "e1", url: "http://b.example/e1"}, exchange{id: "e2", url: "http://b.example/e2"},
		exchange{id: "nm", url: xs[4].url, status: 304, at: 60e9},
		exchange{id: "big", url: "http://b.example/big", body: randomText(900 << 10), due: true},
		exchange{id: "big2", url: "http://b.example/big2", body: randomText(900 << 10)})
	r.extract(r.put...)
	r.end()
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))

	ms := r.manifests()
	if len(ms) != 1 || !ms[0].End {
		t.Fatalf("manifests: %+v", ms)
	}
	want := archive.Counts{Captures: 26, Responses: 23, Revisits: 3, Requests: 26, Articles: 22, Received: ms[0].Counts.Received, LogLines: 27}
	if diff := cmp.Diff(want, ms[0].Counts); diff != "" {
		t.Errorf("counts differ:\n%s", diff)
	}
	sum := a.Summary()
	if sum.State != StateFinished || sum.Captures != 26 || sum.Revisits != 3 || sum.Articles != 22 || sum.Discovered != 25 ||
		sum.Captured != 25 || sum.Segments != 1 || sum.Bytes == 0 {
		t.Errorf("summary: %+v", sum)
	}
	report, err := archive.New(shared.store, "").Verify(deadline(t), "whole", nil)
	r.must(err)
	if !report.OK() || report.Segments != 1 || report.Records != 53 || report.Runs != 1 || report.Entries != 26+26+22+25 {
		t.Errorf("verify: %+v", report)
	}
	if _, err := stream.Open(context.Background(), shared.nc, "whole", 1); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("the stream: %v", err)
	}
	for o, err := range shared.store.List(context.Background(), stream.StagingPrefix(r.log.Name()), "") {
		t.Errorf("left in staging: %v %v", o.Key, err)
	}
	// Done again it is the same.
	again, err := Finish(deadline(t), r.log, shared.store, r.s)
	r.must(err)
	if diff := cmp.Diff(sum, again); diff != "" {
		t.Errorf("summary differs when finished again:\n%s", diff)
	}
}

// randomText is text that does not compress much, the same for each length.
func randomText(n int) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	b := make([]byte, n)
	state := uint64(n)
	for i := range b {
		state = state*6364136223846793005 + 1442695040888963407
		b[i] = letters[state>>58]
	}
	return string(b)
}

// start runs an archiver until the test ends, and returns how to stop it.
func start(t testing.TB, a *Archiver) (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop = func() error {
		cancel()
		if stopped {
			return nil
		}
		stopped = true
		select {
		case err := <-done:
			return err
		case <-time.After(20 * time.Second):
			t.Fatal("the archiver does not stop")
			return nil
		}
	}
	t.Cleanup(func() { stop() })
	return stop
}

// until waits for a condition of an archiver's progress.
func until(t testing.TB, a *Archiver, what string, met func(Progress) bool) {
	t.Helper()
	ctx := deadline(t)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !met(a.Progress()) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never %s: %+v", what, a.Progress())
		}
	}
}

func TestFlushCommitsWhatIsReadAndTheNextArchiverGoesOn(t *testing.T) {
	r := newRun(t, "resumed", 1)
	xs := pages(12)
	r.crawl(xs[:5]...)
	r.extract(xs[:5]...)
	a := New(r.log, shared.store, r.s)
	stop := start(t, a)
	r.must(a.Flush(deadline(t)))
	if p := a.Progress(); p.Segments != 1 || p.Counts.Captures != 5 || p.Counts.Articles != 5 || p.Open != 0 {
		t.Errorf("progress: %+v", p)
	}
	r.must(a.Flush(deadline(t))) // nothing new: no empty segment
	r.crawl(xs[5:]...)
	until(t, a, "read", func(p Progress) bool { return p.Open == 7 })
	if err := stop(); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped with %v", err)
	}
	if err := a.Flush(deadline(t)); !errors.Is(err, ErrStopped) {
		t.Errorf("flushed after the stop: %v", err)
	}
	if got := len(r.manifests()); got != 1 {
		t.Fatalf("%d segments", got)
	}
	// A capture's payload that stands in a committed segment, its result at
	// last, and that of a capture that is committed.
	r.crawl(exchange{id: "again", url: "http://a.example/again", body: xs[2].body})
	r.extract(xs[5:]...)
	r.extract(xs[0])
	r.end()
	next := New(r.log, shared.store, r.s)
	r.must(next.Run(deadline(t)))
	ms := r.manifests()
	if len(ms) != 2 || ms[1].First != ms[0].Last+1 || ms[1].Counts.Articles != 7 || ms[1].Counts.Revisits != 1 {
		t.Errorf("manifests: %+v %+v", ms[0], ms[len(ms)-1])
	}
	if s := next.Summary(); s.Articles != 12 || s.Captures != 13 || s.Segments != 2 {
		t.Errorf("summary: %+v", s)
	}
	r.verified()
}

// verified makes sure that the collection is sound.
func (r *run) verified() {
	r.t.Helper()
	report, err := archive.New(shared.store, "").Verify(deadline(r.t), r.s.Collection, nil)
	r.must(err)
	if !report.OK() {
		r.t.Errorf("verify: %+v", report.Mismatches)
	}
}

func TestTwoArchiversCommitEachRangeOnce(t *testing.T) {
	r := newRun(t, "rivals", 1)
	r.s.SegmentSize = 4000
	var errs [2]error
	var wg sync.WaitGroup
	ctx := deadline(t)
	for i := range errs {
		wg.Go(func() { errs[i] = New(r.log, shared.store, r.s).Run(ctx) })
	}
	xs := pages(60)
	for i := 0; i < len(xs); i += 6 {
		r.crawl(xs[i : i+6]...)
		r.extract(xs[i : i+6]...)
	}
	r.end()
	wg.Wait()
	if errs != [2]error{} {
		t.Fatal(errs)
	}
	captures := int64(0)
	for _, m := range r.manifests() {
		captures += m.Counts.Captures
	}
	if captures != 60 {
		t.Errorf("%d captures", captures)
	}
	r.verified()
}

func TestSegmentsWaitForResultsUntilTheRunIsCancelled(t *testing.T) {
	r := newRun(t, "cancelled", 1)
	xs := pages(6)
	r.crawl(xs...)
	r.extract(xs[:4]...)
	a := New(r.log, shared.store, r.s)
	a.pauses.cancel = 50 * time.Millisecond
	stop := start(t, a)
	a.Seal()
	until(t, a, "waiting", func(p Progress) bool { return p.Sealed == 1 && p.Awaited == 2 && !p.WaitingSince.IsZero() })
	_, err := r.log.Control(deadline(t), stream.Control{Type: stream.ControlClose, Reason: stream.SkipCancelled, Time: epoch})
	r.must(err)
	until(t, a, "committed", func(p Progress) bool { return p.Segments == 1 })
	r.end()
	until(t, a, "finished", func(p Progress) bool { return p.Finished })
	r.must(stop())
	if c := r.manifests()[0].Counts; c.NotAwaited != 2 || c.Articles != 4 {
		t.Errorf("counts: %+v", c)
	}
	r.verified()
}

func TestWithoutExtractionNothingIsAwaited(t *testing.T) {
	r := newRun(t, "plain", 1)
	r.s.ExtractEnabled = false
	r.crawl(pages(3)...)
	r.end()
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))
	m := r.manifests()[0]
	if m.Object(archive.ObjectArticles) != nil || m.Counts.Captures != 3 {
		t.Errorf("manifest: %+v", m)
	}
	r.verified()
}

func TestRunWithoutCapturesFailsAndIsFinished(t *testing.T) {
	r := newRun(t, "nothing", 1)
	var fates bytes.Buffer
	w := stream.NewFateWriter(&fates)
	r.must(w.Write(&stream.FateLine{URL: "http://a.example/", Fate: stream.FateFailed, Reason: stream.FailDNS, How: capture.BySeed}))
	r.must(w.Close())
	key := stream.StagedKey(r.log.Name(), "fates-7", "1")
	r.must(shared.store.Put(deadline(t), key, bytes.NewReader(fates.Bytes()), int64(fates.Len()), objstore.PutOptions{}))
	var lines stream.Lines
	lines.Retry(&stream.Retry{URL: "http://a.example/", Reason: stream.FailDNS, Tries: 1})
	lines.Idle(&stream.Idle{Fates: key, Counts: stream.Counts{Discovered: 1, Failed: map[string]int64{"dns": 1}}})
	b := r.log.NewBatch()
	b.Log(r.claim, &lines)
	r.must(r.log.Commit(deadline(t), b))
	_, err := r.log.End(deadline(t), 0, epoch)
	r.must(err)
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))
	s := a.Summary()
	if s.State != StateFailed || s.Discovered != 1 || s.Failed["dns"] != 1 || s.Segments != 1 {
		t.Errorf("summary: %+v", s)
	}
	ms := r.manifests()
	if len(ms) != 1 || len(ms[0].Objects) != 1 || ms[0].Objects[0].Kind != archive.ObjectLog {
		t.Errorf("manifests: %+v", ms)
	}
	fate, err := archive.New(shared.store, "").Fates(deadline(t), "nothing", "http://a.example/")
	if err != nil || len(fate) != 1 || fate[0].Reason != "dns" || fate[0].Run != 1 {
		t.Errorf("fate: %+v, %v", fate, err)
	}
	r.verified()
}

func TestAStreamMadeAgainIsRefused(t *testing.T) {
	r := newRun(t, "again", 1)
	r.crawl(pages(2)...)
	r.s.ExtractEnabled = false
	a := New(r.log, shared.store, r.s)
	stop := start(t, a)
	r.must(a.Flush(deadline(t)))
	stop()
	r.must(r.log.Delete(deadline(t)))
	remade := newRun(t, "again", 1)
	err := New(remade.log, shared.store, r.s).Run(deadline(t))
	if err == nil || !strings.Contains(err.Error(), "lost and made again") {
		t.Errorf("archived all the same: %v", err)
	}
}

func TestTheNextRunKnowsTheCollection(t *testing.T) {
	xs := pages(4)
	for number := 1; number <= 2; number++ {
		r := newRun(t, "weekly", number)
		for i := range xs {
			xs[i].id = fmt.Sprintf("r%dc%d", number, i)
			xs[i].at = time.Duration(number) * time.Hour
		}
		r.crawl(xs...)
		r.extract(xs...)
		r.end()
		a := New(r.log, shared.store, r.s)
		r.must(a.Run(deadline(t)))
		if s := a.Summary(); s.Revisits != int64(4*(number-1)) {
			t.Errorf("run %d: %+v", number, s)
		}
		r.verified()
	}
	arc := archive.New(shared.store, "")
	rows, err := arc.Lookup(deadline(t), "weekly", xs[1].url)
	if err != nil || len(rows) != 2 || rows[1].RevisitOf != rows[0].CaptureID {
		t.Errorf("look-up: %+v, %v", rows, err)
	}
	var out bytes.Buffer
	n, err := arc.Export(deadline(t), &out, archive.FormatWARC, archive.Filter{Collection: "weekly", Query: "page",
		From: epoch, To: epoch})
	if err != nil || n != 8 {
		t.Errorf("%d records, %v", n, err)
	}
}
