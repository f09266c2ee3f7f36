package streamtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"newsreel/stream"
)

// extractTime is the suite's: an extractor that is silent for so long loses a
// capture.
const extractTime = time.Second

func testCaptures(t *testing.T, s *suite) {
	t.Run("each capture goes to one extractor", func(t *testing.T) { shared(t, s) })
	t.Run("a capture that nobody acknowledged comes again", func(t *testing.T) { redelivered(t, s) })
	t.Run("an extractor learns that the log is gone", func(t *testing.T) {
		ctx := context60(t)
		log := s.log(t)
		c, err := log.Captures(ctx)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			_, err := c.Next(ctx)
			done <- err
		}()
		if err := log.Delete(ctx); err != nil {
			t.Fatal(err)
		}
		if err := <-done; !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Next: %v", err)
		}
		if _, err := c.Next(ctx); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Next of a log that is gone: %v", err)
		}
		if _, err := log.Captures(ctx); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Captures: %v", err)
		}
	})
}

func publish(t *testing.T, log *stream.Log, n int) {
	t.Helper()
	c := claim(t, log, 1, "a")
	b := log.NewBatch()
	for i := range n {
		if err := b.Capture(c, newCapture(fmt.Sprintf("c%03d", i), 2000)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, log, b)
}

func shared(t *testing.T, s *suite) {
	const n, extractors = 60, 3
	ctx, cancel := context.WithCancel(context60(t))
	defer cancel()
	log, cfg := s.create(t, s.connect(t), stream.Config{})
	if _, err := log.Backlog(ctx); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("backlog before the first extractor: %v", err)
	}
	got := make(chan *stream.Delivery)
	ended := make(chan error, extractors)
	for range extractors {
		l, err := stream.Open(ctx, s.connect(t), cfg.Job, cfg.Run)
		if err != nil {
			t.Fatal(err)
		}
		c, err := l.Captures(ctx)
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			for {
				d, err := c.Next(ctx)
				if err == nil {
					err = d.Ack()
				}
				if err != nil {
					ended <- err
					return
				}
				got <- d
			}
		}()
	}
	publish(t, log, n)
	seen := map[string]bool{}
	for len(seen) < n {
		d := <-got
		if id := d.Capture.Row.CaptureID; seen[id] || d.Delivered != 1 || !d.Capture.Due || d.Capture.Partition != 1 {
			t.Fatalf("capture %s: delivery %d, %+v", id, d.Delivered, d.Capture)
		} else {
			seen[id] = true
		}
	}
	until(t, "no backlog", func() bool {
		b, err := log.Backlog(ctx)
		return err == nil && b.Captures == 0 && b.Oldest.IsZero()
	})
	cancel()
	for range extractors {
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Next after the end: %v", err)
		}
	}
}

func redelivered(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	c, err := log.CapturesFor(ctx, extractTime)
	if err != nil {
		t.Fatal(err)
	}
	publish(t, log, 2)
	held, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stop := held.Hold()
	lost, err := c.Next(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := log.Backlog(ctx); err != nil || b.Captures != 2 || b.Oldest.IsZero() {
		t.Errorf("backlog %+v, %v", b, err)
	}
	for i := 2; i <= 3; i++ {
		d, err := c.Next(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if d.Delivered != i || d.Capture.Row.CaptureID != lost.Capture.Row.CaptureID {
			t.Fatalf("delivery %d of %s, want %d of %s", d.Delivered, d.Capture.Row.CaptureID, i, lost.Capture.Row.CaptureID)
		}
		if i == 3 {
			if err := d.Ack(); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop()
	if err := held.Ack(); err != nil {
		t.Fatal(err)
	}
	until(t, "no backlog", func() bool {
		b, err := log.Backlog(ctx)
		return err == nil && b.Captures == 0
	})
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if d, err := c.Next(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing is left: %+v, %v", d, err)
	}
}
