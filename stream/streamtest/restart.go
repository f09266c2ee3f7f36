package streamtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"newsreel/stream"
)

// restarts is how often the server is killed while a crawler works.
const restarts = 2

// testRestart kills the server under a crawler, an archiver's reader and an
// extractor: nothing that was committed is lost, and nothing stored twice.
func testRestart(t *testing.T, s *suite) {
	log, cfg := s.create(t, s.connect(t), stream.Config{})
	claims := []stream.Claim{claim(t, log, 1, "a"), claim(t, log, 2, "a")}
	ctx, cancel := context.WithCancel(context60(t))
	defer cancel()

	committed := make(chan int)
	go write(ctx, t, log, claims, committed)

	readings := make(chan string, 10_000)
	over, err := stream.Open(ctx, s.connect(t), cfg.Job, cfg.Run)
	if err != nil {
		t.Fatal(err)
	}
	go follow(t, read(t, over, 0, stream.ClassLog), readings)
	extracted := make(chan string, 10_000)
	captures, err := over.CapturesFor(ctx, extractTime)
	if err != nil {
		t.Fatal(err)
	}
	go extract(ctx, captures, extracted)
	lease := s.killedLease(t)

	n := 0
	for range restarts {
		for range 20 {
			n = next1(t, committed)
		}
		s.s.Restart(t)
	}
	for range 20 {
		n = next1(t, committed)
	}
	cancel()
	for m := range committed {
		n = m
	}

	var want, wantCaptures []string
	for i := range n {
		for _, c := range claims {
			id := fmt.Sprintf("%d-%d", i, c.Partition)
			want = append(want, fmt.Sprintf("log.%d:%s", c.Partition, id))
			wantCaptures = append(wantCaptures, fmt.Sprintf("cap.%d:%s", c.Partition, id))
		}
	}
	// The last batch may be stored without its answer.
	got := stored(t, log, stream.ClassLog)
	if len(got) > len(want) {
		got = got[:len(want)]
	}
	same(t, "log", got, want)
	caps := stored(t, log, stream.ClassCapture)
	same(t, "captures", caps[:min(len(caps), len(want))], wantCaptures)
	for i, w := range want {
		if got := next1(t, readings); got != w {
			t.Fatalf("entry %d of the reader: %s, want %s", i, got, w)
		}
	}
	left := map[string]bool{}
	for _, c := range wantCaptures {
		left[c] = true
	}
	for len(left) > 0 {
		delete(left, next1(t, extracted))
	}
	lease(t)
}

func next1[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v, ok := <-from:
		if !ok {
			t.Fatal("ended early")
		}
		return v
	case <-time.After(patience):
		t.Fatalf("nothing for %s", patience)
	}
	panic("unreachable")
}

// write commits pages of two partitions, one batch after the other, and tells
// how many are committed.
func write(ctx context.Context, t *testing.T, log *stream.Log, claims []stream.Claim, committed chan<- int) {
	defer close(committed)
	for i := 0; ; i++ {
		b := log.NewBatch()
		for _, c := range claims {
			page(t, b, c, fmt.Sprintf("%d-%d", i, c.Partition))
		}
		if err := log.Commit(ctx, b); err != nil {
			if ctx.Err() == nil {
				t.Errorf("Commit: %v", err)
			}
			return
		}
		select {
		case committed <- i + 1:
		case <-ctx.Done():
			committed <- i + 1
			return
		}
	}
}

func follow(t *testing.T, r *stream.Reader, readings chan<- string) {
	for {
		e, err := r.Next(context.Background()) // until it is closed
		if err != nil {
			return
		}
		readings <- describe(t, e)
	}
}

func extract(ctx context.Context, c *stream.Captures, extracted chan<- string) {
	for {
		d, err := c.Next(context.WithoutCancel(ctx))
		if err != nil {
			return // with the log
		}
		extracted <- fmt.Sprintf("cap.%d:%s", d.Capture.Partition, d.Capture.Row.CaptureID)
		_ = d.Ack() // or it comes again
	}
}

// killedLease takes a lease, and returns what tells how it fared.
func (s *suite) killedLease(t *testing.T) func(t *testing.T) {
	nc := s.connect(t)
	l := openLeases(t, s, nc)
	lease := take(t, l, "killed", stream.LeaseTTL)
	return func(t *testing.T) {
		if s.s.Memory {
			if err := settled(t, lease.Renew); err != nil && !errors.Is(err, stream.ErrLost) {
				t.Errorf("renewed: %v", err)
			}
			if err := settled(t, lease.End); err != nil {
				t.Error(err)
			}
			return
		}
		ctx := context60(t)
		if err := lease.Renew(ctx); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("renewed after the leases were lost: %v", err)
		}
		if _, err := l.Live(ctx, stream.RoleCrawler); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Live: %v", err)
		}
		if _, err := l.Take(ctx, stream.RoleCrawler, "killed", stream.LeaseTTL); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Take: %v", err)
		}
		again := openLeases(t, s, nc)
		if !again.Born().After(l.Born()) {
			t.Errorf("born %s, and again %s", l.Born(), again.Born())
		}
		if lives(t, again, "killed") {
			t.Error("lives in leases that are new")
		}
		if err := lease.Renew(ctx); !errors.Is(err, stream.ErrLost) {
			t.Errorf("renewed in leases that are new: %v", err)
		}
		if err := take(t, again, "killed", stream.LeaseTTL).End(ctx); err != nil {
			t.Error(err)
		}
	}
}

// settled is what an act comes to once the servers have elected their leaders,
// which takes three busy ones a minute now and then.
func settled(t *testing.T, act func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		try, end := context.WithTimeout(ctx, 5*time.Second)
		err := act(try)
		end()
		if !stream.Passing(err) && !errors.Is(err, context.DeadlineExceeded) || ctx.Err() != nil {
			return err
		}
		<-tick.C
	}
}
