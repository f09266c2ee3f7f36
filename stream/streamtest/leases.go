package streamtest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"newsreel/stream"
)

// leaseTTL is short, but as the server rounds down to seconds, and a second is
// slack, no shorter than this.
const leaseTTL = 2 * time.Second

func openLeases(t *testing.T, s *suite, nc *nats.Conn) *stream.Leases {
	t.Helper()
	l, err := stream.OpenLeases(context60(t), nc, s.s.Replicas)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func take(t *testing.T, l *stream.Leases, crawler string, ttl time.Duration) *stream.Lease {
	t.Helper()
	lease, err := l.Take(context60(t), stream.RoleCrawler, crawler, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return lease
}

func lives(t *testing.T, l *stream.Leases, crawler string) bool {
	t.Helper()
	live, err := l.Live(context60(t), stream.RoleCrawler)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Contains(live, crawler)
}

func testLeases(t *testing.T, s *suite) {
	ctx := context60(t)
	nc := s.connect(t)
	l := openLeases(t, s, nc)

	t.Run("a lease is one crawler's until it is given up", func(t *testing.T) {
		a, b := "a-"+nuid.Next(), "b-"+nuid.Next()
		if lives(t, l, a) {
			t.Error("lives before it took a lease")
		}
		sent := time.Now()
		lease := take(t, l, a, stream.LeaseTTL)
		if lease.Deadline.Before(sent) || lease.Deadline.After(time.Now().Add(stream.LeaseTTL)) {
			t.Errorf("deadline %s after it was taken", lease.Deadline.Sub(sent))
		}
		if _, err := l.Take(ctx, stream.RoleCrawler, a, stream.LeaseTTL); !errors.Is(err, stream.ErrLost) {
			t.Errorf("a second holder: %v", err)
		}
		other := take(t, openLeases(t, s, s.connect(t)), b, stream.LeaseTTL)
		if !lives(t, l, a) || !lives(t, l, b) {
			t.Error("does not live")
		}
		before := lease.Deadline
		if err := lease.Renew(ctx); err != nil || !lease.Deadline.After(before) {
			t.Errorf("renewed until %s, %v", lease.Deadline, err)
		}
		for range 2 {
			if err := lease.End(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if lives(t, l, a) || !lives(t, l, b) {
			t.Error("lives after its end, or ends another's")
		}
		again := take(t, l, a, stream.LeaseTTL)
		if err := lease.Renew(ctx); !errors.Is(err, stream.ErrLost) {
			t.Errorf("renewed after its end: %v", err)
		}
		if err := lease.End(ctx); err != nil || !lives(t, l, a) {
			t.Errorf("the end of a lost lease ended its successor: %v", err)
		}
		if err := errors.Join(again.End(ctx), other.End(ctx)); err != nil {
			t.Error(err)
		}
	})

	t.Run("a lease that is not renewed runs out", func(t *testing.T) {
		id := "c-" + nuid.Next()
		lease := take(t, l, id, leaseTTL)
		kept := take(t, l, "kept-"+id, leaseTTL)
		taken := time.Now()
		until(t, "ran out", func() bool {
			if time.Until(kept.Deadline) < leaseTTL/4 {
				if err := kept.Renew(ctx); err != nil {
					t.Fatal(err)
				}
			}
			return !lives(t, l, id)
		})
		if time.Now().Before(lease.Deadline) {
			t.Errorf("ran out after %s, before its holder's deadline", time.Since(taken))
		}
		if !lives(t, l, "kept-"+id) {
			t.Error("ran out though renewed")
		}
		if err := lease.Renew(ctx); !errors.Is(err, stream.ErrLost) {
			t.Errorf("renewed after it ran out: %v", err)
		}
		next := take(t, l, id, leaseTTL)
		if err := errors.Join(next.End(ctx), kept.End(ctx)); err != nil {
			t.Error(err)
		}
	})
}
