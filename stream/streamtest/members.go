package streamtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"newsreel/stream"
)

// memberTTL is a lease's time in these tests; a renewal every 0.9 s leaves the
// server that is being killed two tries.
const memberTTL = 3 * time.Second

func (s *suite) join(t *testing.T, nc *nats.Conn, role, id string) *stream.Member {
	t.Helper()
	m, err := stream.Join(context60(t), nc, role, id, stream.MemberOptions{Replicas: s.s.Replicas, TTL: memberTTL})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sees(m *stream.Member, ids ...string) func() bool {
	return func() bool { return slices.Equal(m.Live(), ids) }
}

func testMembers(t *testing.T, s *suite) {
	ctx := context60(t)

	t.Run("those of a role see each other come and go", func(t *testing.T) {
		role := "role" + nuid.Next()
		a := s.join(t, s.connect(t), role, "a")
		if !a.Holds() || a.ID() != "a" || !sees(a, "a")() || !a.Owns("any") {
			t.Errorf("alone: holds %v, live %v", a.Holds(), a.Live())
		}
		if _, err := stream.Join(ctx, s.connect(t), role, "a", stream.MemberOptions{Replicas: s.s.Replicas, TTL: memberTTL}); !errors.Is(err, stream.ErrLost) {
			t.Errorf("a second of the same id: %v", err)
		}
		b := s.join(t, s.connect(t), role, "b")
		other := s.join(t, s.connect(t), role+"2", "c")
		until(t, "both see both", func() bool { return sees(a, "a", "b")() && sees(b, "a", "b")() })
		for n := range 64 {
			if key := fmt.Sprint(n); a.Owns(key) == b.Owns(key) {
				t.Errorf("key %s is owned by both or none", key)
			}
		}
		select {
		case <-a.Changed():
		case <-time.After(patience):
			t.Error("nobody told that b came")
		}
		if gone, err := a.Gone(ctx, "b"); gone || err != nil {
			t.Errorf("b is gone: %v, %v", gone, err)
		}
		left := time.Now()
		if err := b.Leave(ctx); err != nil {
			t.Fatal(err)
		}
		if b.Holds() || b.Owns("any") {
			t.Error("holds after it left")
		}
		until(t, "a sees b leave", sees(a, "a"))
		if took := time.Since(left); took > memberTTL {
			t.Errorf("seen %s later, no sooner than had it died", took)
		}
		if gone, err := a.Gone(ctx, "b"); !gone || err != nil {
			t.Errorf("b is gone: %v, %v", gone, err)
		}
		if err := errors.Join(a.Leave(ctx), other.Leave(ctx)); err != nil {
			t.Error(err)
		}
	})

	t.Run("one that is cut off is gone after its time, and comes back", func(t *testing.T) {
		role := "role" + nuid.Next()
		nc := s.connect(t)
		a, b := s.join(t, s.connect(t), role, "a"), s.join(t, nc, role, "b")
		until(t, "a sees b", sees(a, "a", "b"))
		term := b.Term()
		nc.Close()
		until(t, "b holds no more", func() bool { return !b.Holds() })
		if sees(a, "a")() {
			t.Error("a takes b for gone while b may still have held its lease")
		}
		until(t, "a sees b gone", sees(a, "a"))
		if gone, err := a.Gone(ctx, "b"); !gone || err != nil {
			t.Errorf("b is gone: %v, %v", gone, err)
		}
		if b.Owns("any") || b.Term() != term {
			t.Error("b owns what it holds no more")
		}
		_ = b.Leave(ctx) // its connection is closed
		never, err := a.Gone(ctx, "never")
		until(t, "leases are old enough", func() bool {
			never, err = a.Gone(ctx, "never")
			return never || err != nil
		})
		if err != nil {
			t.Errorf("one that never lived: %v", err)
		}
		if err := a.Leave(ctx); err != nil {
			t.Error(err)
		}
	})
}

// testMembersRestart kills the server under a member: it holds its lease again,
// in leases that are new where the server forgot them.
func testMembersRestart(t *testing.T, s *suite) {
	role := "role" + nuid.Next()
	m := s.join(t, s.connect(t), role, "m")
	for range restarts {
		s.s.Restart(t)
	}
	nc := s.connect(t)
	until(t, "holds again, and is seen", func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		l, err := stream.OpenLeases(ctx, nc, s.s.Replicas)
		if err != nil {
			return false
		}
		live, err := l.Live(ctx, role)
		return err == nil && slices.Equal(live, []string{"m"}) && m.Holds()
	})
	late := s.join(t, s.connect(t), role, "late")
	until(t, "both see both", func() bool { return sees(m, "late", "m")() && sees(late, "late", "m")() })
	if gone, err := late.Gone(context60(t), "never"); !s.s.Memory && (gone || err != nil) {
		t.Errorf("somebody is gone from leases that were just made: %v", err)
	}
	if err := errors.Join(m.Leave(context60(t)), late.Leave(context60(t))); err != nil {
		t.Error(err)
	}
}
