package streamtest

import (
	"errors"
	"slices"
	"testing"

	"newsreel/stream"
)

func testClaims(t *testing.T, s *suite) {
	ctx := context60(t)

	t.Run("one of two claims of a partition is lost", func(t *testing.T) {
		log := s.log(t)
		if _, err := log.Owner(ctx, 9); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("owner of nobody's: %v", err)
		}
		first, err := log.Claim(ctx, 9, "a", 0, moment)
		if err != nil || first.Partition != 9 || first.Sequence == 0 {
			t.Fatalf("%+v, %v", first, err)
		}
		if _, err := log.Claim(ctx, 9, "b", 0, moment); !errors.Is(err, stream.ErrLost) {
			t.Errorf("second: %v", err)
		}
		if _, err := log.Claim(ctx, 10, "b", 0, moment); err != nil {
			t.Errorf("another partition: %v", err)
		}
		o, err := log.Owner(ctx, 9)
		if err != nil || o.Crawler != "a" || o.Released || o.Sequence != first.Sequence || !o.Time.Equal(moment) {
			t.Errorf("owner %+v, %v", o, err)
		}
		taken, err := log.Claim(ctx, 9, "b", first.Sequence, moment)
		if err != nil || taken.Sequence <= first.Sequence {
			t.Errorf("takeover: %+v, %v", taken, err)
		}
	})

	t.Run("a claim repeated after a lost answer is the same claim", func(t *testing.T) {
		log := s.log(t)
		first, err := log.Claim(ctx, 1, "a", 0, moment)
		if err != nil {
			t.Fatal(err)
		}
		again, err := log.Claim(ctx, 1, "a", 0, moment)
		if err != nil || again != first {
			t.Errorf("got %+v, %v, want %+v", again, err, first)
		}
	})

	t.Run("a released partition says so", func(t *testing.T) {
		log := s.log(t)
		c := claim(t, log, 5, "a")
		if _, err := log.Release(ctx, c, "a", moment); err != nil {
			t.Fatal(err)
		}
		if o, err := log.Owner(ctx, 5); err != nil || !o.Released || o.Crawler != "a" {
			t.Errorf("owner %+v, %v", o, err)
		}
		claim(t, log, 5, "b")
		if _, err := log.Release(ctx, c, "a", moment); !errors.Is(err, stream.ErrLost) {
			t.Errorf("release of what is lost: %v", err)
		}
	})

	t.Run("all partitions are claimed at once, or none", func(t *testing.T) { claimAll(t, s) })
}

func claimAll(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	if owners, err := log.Owners(ctx); err != nil || len(owners) != 0 {
		t.Fatalf("owners of an empty log: %v, %v", owners, err)
	}
	claim(t, log, 11, "old")
	if _, err := log.ClaimAll(ctx, "a", nil, moment); !errors.Is(err, stream.ErrLost) {
		t.Errorf("with one that was not known: %v", err)
	}
	same(t, "after the refusal", stored(t, log, stream.ClassOwn), []string{"own.11:old"})

	owners, err := log.Owners(ctx)
	if err != nil || len(owners) != 1 || owners[11].Crawler != "old" || owners[11].Sequence == 0 {
		t.Fatalf("owners %v, %v", owners, err)
	}
	claims, err := log.ClaimAll(ctx, "a", owners, moment)
	if err != nil || len(claims) != stream.Partitions {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	var now map[int]stream.Ownership
	until(t, "all owners are known", func() bool {
		now, err = log.Owners(ctx)
		return err == nil && len(now) == stream.Partitions && now[11].Crawler == "a"
	})
	for p, c := range claims {
		if c.Partition != p || now[p].Sequence != c.Sequence || now[p].Crawler != "a" {
			t.Errorf("claim %+v, owner %+v", c, now[p])
		}
	}
	again, err := log.ClaimAll(ctx, "a", owners, moment)
	if err != nil || !slices.Equal(again, claims) {
		t.Errorf("repeated after a lost answer: %v, %v", again, err)
	}
	if _, err := log.ClaimAll(ctx, "b", owners, moment); !errors.Is(err, stream.ErrLost) {
		t.Errorf("of another with what it knew before: %v", err)
	}
}
