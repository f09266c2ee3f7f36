package streamtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"newsreel/capture"
	"newsreel/stream"
)

func testBatches(t *testing.T, s *suite) {
	t.Run("a batch stands together and in order", func(t *testing.T) { together(t, s) })
	t.Run("what was lost is dropped, the rest is stored", func(t *testing.T) { fences(t, s) })
	t.Run("a batch sent twice is stored once", func(t *testing.T) { twice(t, s) })
	t.Run("a full log takes a batch after a purge", func(t *testing.T) { fullLog(t, s) })
	t.Run("the largest messages fit", func(t *testing.T) { largest(t, s) })
	t.Run("a batch that no server takes is refused whole", func(t *testing.T) { tooLarge(t, s) })
	t.Run("a batch for a deleted log is not found", func(t *testing.T) {
		ctx := context60(t)
		log := s.log(t)
		own, foreign := log.NewBatch(), log.NewBatch()
		page(t, own, claim(t, log, 1, "a"), "x")
		foreign.Discover(2, discoveries("https://a.example/"))
		if err := log.Delete(ctx); err != nil {
			t.Fatal(err)
		}
		for _, b := range []*stream.Batch{own, foreign} {
			if err := log.Commit(ctx, b); !errors.Is(err, stream.ErrNotFound) {
				t.Errorf("Commit: %v", err)
			}
		}
	})
}

func together(t *testing.T, s *suite) {
	log := s.log(t)
	if err := log.Commit(context60(t), log.NewBatch()); err != nil {
		t.Errorf("an empty batch: %v", err)
	}
	// Writers beside each other, each on a partition of its own.
	const writers, each = 4, 8
	errs := make(chan error, writers)
	for w := range writers {
		c := claim(t, log, w, fmt.Sprint(w))
		go func() {
			for i := range each {
				b := log.NewBatch()
				for _, part := range []string{"x", "y"} {
					if err := b.Capture(c, newCapture(fmt.Sprintf("%d-%d%s", w, i, part), 5000)); err != nil {
						errs <- err
						return
					}
				}
				b.Log(c, outcome(fmt.Sprintf("https://a.example/%d-%d", w, i)))
				if err := log.Commit(t.Context(), b); err != nil {
					errs <- err
					return
				}
			}
			errs <- nil
		}()
	}
	for range writers {
		if err := <-errs; err != nil {
			t.Fatal(err)
		}
	}
	got := stored(t, log, stream.ClassCapture, stream.ClassLog)
	if len(got) != writers*each*3 {
		t.Fatalf("%d messages, want %d", len(got), writers*each*3)
	}
	seen := map[string]int{}
	for at := 0; at < len(got); at += 3 {
		var w, i int
		if _, err := fmt.Sscanf(got[at], "cap.%d:%d-%dx", &w, &w, &i); err != nil {
			t.Fatalf("%q at %d begins no batch", got[at], at)
		}
		want := []string{fmt.Sprintf("cap.%d:%d-%dx", w, w, i), fmt.Sprintf("cap.%d:%d-%dy", w, w, i), fmt.Sprintf("log.%d:%d-%d", w, w, i)}
		same(t, "a batch", got[at:at+3], want)
		if key := fmt.Sprint(w); seen[key] != i {
			t.Errorf("writer %d: batch %d where %d is next", w, i, seen[key])
		} else {
			seen[key]++
		}
	}
}

func fences(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	var claims []stream.Claim
	for p := range 4 {
		claims = append(claims, claim(t, log, p, "a"))
	}
	claim(t, log, 1, "b")
	claim(t, log, 3, "b")
	b := log.NewBatch()
	for round := range 2 {
		for p, c := range claims {
			page(t, b, c, fmt.Sprintf("p%d%d", p, round))
		}
	}
	err := log.Commit(ctx, b)
	var lost *stream.LostError
	if !errors.As(err, &lost) || !errors.Is(err, stream.ErrLost) || !slices.Equal(lost.Partitions, []int{1, 3}) {
		t.Fatalf("Commit: %v", err)
	}
	same(t, "captures", stored(t, log, stream.ClassCapture), []string{"cap.0:p00", "cap.2:p20", "cap.0:p01", "cap.2:p21"})
	same(t, "outcomes", stored(t, log, stream.ClassLog), []string{"log.0:p00", "log.2:p20", "log.0:p01", "log.2:p21"})
	if links := stored(t, log, stream.ClassIn); len(links) != 8 {
		t.Errorf("links: %q; those of lost pages are true too", links)
	}

	only := log.NewBatch()
	page(t, only, claims[1], "late")
	only.Discover(8, discoveries("https://a.example/late"))
	if err := log.Commit(ctx, only); !errors.As(err, &lost) || !slices.Equal(lost.Partitions, []int{1}) {
		t.Errorf("a batch of the lost alone: %v", err)
	}
	nothing := log.NewBatch()
	nothing.Log(claims[3], outcome("https://a.example/late"))
	if err := log.Commit(ctx, nothing); !errors.As(err, &lost) || !slices.Equal(lost.Partitions, []int{3}) {
		t.Errorf("a batch of which nothing is left: %v", err)
	}
	if got := stored(t, log, stream.ClassLog, stream.ClassCapture); len(got) != 8 {
		t.Errorf("stored after it was lost: %q", got)
	}
}

func twice(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	c, other := claim(t, log, 1, "a"), claim(t, log, 2, "a")
	b := log.NewBatch()
	page(t, b, c, "x")
	page(t, b, other, "y")
	want := []string{"cap.1:x", "in.2:x", "log.1:x", "cap.2:y", "in.3:y", "log.2:y"}
	classes := []string{stream.ClassCapture, stream.ClassIn, stream.ClassLog}
	for range 3 {
		commit(t, log, b)
		same(t, "stored", stored(t, log, classes...), want)
	}
	// A batch that was stored is not refused because the claim is lost by now.
	claim(t, log, 1, "b")
	if err := log.Commit(ctx, b); err != nil {
		t.Errorf("Commit: %v", err)
	}
	same(t, "stored", stored(t, log, classes...), want)
}

func fullLog(t *testing.T, s *suite) {
	ctx := context60(t)
	log, _ := s.create(t, s.connect(t), stream.Config{MaxBytes: 1 << 20})
	c, gone := claim(t, log, 1, "a"), claim(t, log, 2, "a")
	claim(t, log, 2, "b")
	var b *stream.Batch
	var err error
	n := 0
	for ; err == nil; n++ {
		if n > 20 {
			t.Fatal("never full")
		}
		b = log.NewBatch()
		if err := b.Capture(c, newCapture(fmt.Sprintf("c%02d", n), 100<<10)); err != nil {
			t.Fatal(err)
		}
		b.Log(gone, outcome("https://a.example/gone"))
		b.Log(c, outcome("https://a.example/x"))
		if err = log.Commit(ctx, b); errors.Is(err, stream.ErrLost) {
			err = nil
		}
	}
	if !errors.Is(err, stream.ErrFull) {
		t.Fatalf("Commit: %v", err)
	}
	same(t, "last", stored(t, log, stream.ClassCapture)[n-2:], []string{fmt.Sprintf("cap.1:c%02d", n-2)})
	if err := log.Commit(ctx, b); !errors.Is(err, stream.ErrFull) {
		t.Fatalf("once more: %v", err)
	}
	if err := log.Purge(ctx, stream.ClassCapture, -1, 1<<40); err != nil {
		t.Fatal(err)
	}
	// That a part was dropped before the log was full is not forgotten.
	if err := log.Commit(ctx, b); !errors.Is(err, stream.ErrLost) {
		t.Fatalf("after the purge: %v", err)
	}
	same(t, "after", stored(t, log, stream.ClassCapture), []string{fmt.Sprintf("cap.1:c%02d", n-1)})
}

// largest commits a capture, a result and discoveries as large as they come,
// with a row of the longest URLs, which no header takes.
func largest(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	c := claim(t, log, 1, "a")
	big := newCapture("big", stream.MaxInline)
	long := "https://a.example/?" + strings.Repeat(`\&<`, 8<<10/3)
	big.Row = capture.Row{CaptureID: "big", URL: long, URLSurtkey: long, URLQuery: long, FetchRedirect: long, ViaURL: long}
	staged := newCapture("staged", 0)
	staged.Row = big.Row
	staged.Row.CaptureID, staged.Staged, staged.ResponseLen = "staged", "staging/x", 5<<30
	b := log.NewBatch()
	for _, c1 := range []*stream.Capture{big, staged} {
		if err := b.Capture(c, c1); err != nil {
			t.Fatal(err)
		}
	}
	lines := &stream.Lines{}
	for lines.Len() < stream.MaxInline {
		lines.Discovery(&stream.Discovery{URL: long, Kind: stream.KindPage, How: capture.ByLink, Via: long, Found: moment})
	}
	b.Log(c, lines)
	b.Discover(3, lines)
	commit(t, log, b)
	r := &stream.Result{CaptureID: "big", Partition: 1, Kind: stream.ResultFailed, Error: strings.Repeat("e", stream.MaxInline-20)}
	if err := log.Result(ctx, r); err != nil {
		t.Fatal(err)
	}
	want := []*stream.Capture{big, staged}
	err := log.ReadAll(ctx, 0, func(e stream.Entry) error {
		got, err := stream.ParseCapture(e)
		if err != nil {
			return err
		}
		w := want[0]
		want = want[1:]
		if got.Row.URL != long || got.Row.ViaURL != long || got.Staged != w.Staged || string(got.Fragment) != string(w.Fragment) ||
			got.ResponseLen != w.ResponseLen || got.Row.CaptureID != w.Row.CaptureID || got.Epoch != c.Sequence {
			t.Errorf("capture %s came back otherwise", w.Row.CaptureID)
		}
		return nil
	}, stream.ClassCapture)
	if err != nil || len(want) != 0 {
		t.Errorf("%d captures missing, %v", len(want), err)
	}
}

func tooLarge(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	c := claim(t, log, 1, "a")
	big := log.NewBatch()
	big.Log(c, outcome("https://a.example/small"))
	lines := discoveries("https://a.example/" + strings.Repeat("x", 1<<20))
	big.Log(c, lines)
	if err := log.Commit(ctx, big); !errors.Is(err, nats.ErrMaxPayload) {
		t.Errorf("a message over max_payload: %v", err)
	}
	fits, many := log.NewBatch(), log.NewBatch()
	for range 1000 {
		fits.Log(c, outcome("https://a.example/x"))
		many.Log(c, outcome("https://a.example/x"))
	}
	many.Log(c, outcome("https://a.example/x"))
	if err := log.Commit(ctx, many); err == nil || errors.Is(err, stream.ErrFull) {
		t.Errorf("1,001 messages: %v", err)
	}
	if got := stored(t, log, stream.ClassLog); len(got) != 0 {
		t.Errorf("%d messages of refused batches are stored", len(got))
	}
	commit(t, log, fits)
	if got := stored(t, log, stream.ClassLog); len(got) != 1000 {
		t.Errorf("%d messages of 1,000", len(got))
	}
}
