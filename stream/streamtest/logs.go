package streamtest

import (
	"errors"
	"testing"

	"newsreel/stream"
)

func testLogs(t *testing.T, s *suite) {
	ctx := context60(t)
	nc := s.connect(t)

	t.Run("a log that is not there is not found", func(t *testing.T) {
		if _, err := stream.Open(ctx, nc, "streamtest-nobody", 1); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Open: %v", err)
		}
	})

	t.Run("creating it again opens the same incarnation", func(t *testing.T) {
		log, cfg := s.create(t, nc, stream.Config{})
		again, err := stream.Create(ctx, nc, cfg)
		if err != nil {
			t.Fatal(err)
		}
		open, err := stream.Open(ctx, s.connect(t), cfg.Job, cfg.Run)
		if err != nil {
			t.Fatal(err)
		}
		for _, other := range []*stream.Log{again, open} {
			if other.Name() != stream.StreamName(cfg.Job, 1) || !other.Created().Equal(log.Created()) || other.MaxBytes() != cfg.MaxBytes {
				t.Errorf("got %s of %s with %d bytes, want %s of %s with %d", other.Name(), other.Created(), other.MaxBytes(),
					log.Name(), log.Created(), cfg.MaxBytes)
			}
		}
		if _, err := stream.Open(ctx, nc, cfg.Job, 2); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("another run: %v", err)
		}
	})

	t.Run("a log made again goes on behind the sequences of the first", func(t *testing.T) {
		log, _ := s.create(t, nc, stream.Config{FirstSeq: 5000})
		if c := claim(t, log, 3, "a"); c.Sequence != 5000 {
			t.Errorf("first sequence %d", c.Sequence)
		}
	})

	t.Run("deleting it twice is deleting it once", func(t *testing.T) {
		log, cfg := s.create(t, nc, stream.Config{})
		for range 2 {
			if err := log.Delete(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := stream.Open(ctx, nc, cfg.Job, cfg.Run); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("Open: %v", err)
		}
		if _, err := log.State(ctx); !errors.Is(err, stream.ErrNotFound) {
			t.Errorf("State: %v", err)
		}
	})

	t.Run("purging takes a class or a partition up to a sequence", func(t *testing.T) { purging(t, s) })
	t.Run("the last of each partition is known", func(t *testing.T) { lastOf(t, s) })
}

func purging(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	var last uint64
	for i, p := range []int{1, 2, 1, 2, 1} {
		b := log.NewBatch()
		b.Discover(p, discoveries("https://a.example/"+string(rune('a'+i))))
		commit(t, log, b)
	}
	all := []string{"in.1:a", "in.2:b", "in.1:c", "in.2:d", "in.1:e"}
	same(t, "before", stored(t, log, stream.ClassIn), all)
	for range 2 {
		if err := log.Purge(ctx, stream.ClassIn, 1, 3); err != nil {
			t.Fatal(err)
		}
		same(t, "in.1 up to 3", stored(t, log, stream.ClassIn), []string{"in.2:b", "in.2:d", "in.1:e"})
	}
	if err := log.Purge(ctx, stream.ClassIn, 1, 0); err != nil {
		t.Fatal(err)
	}
	if err := log.Purge(ctx, stream.ClassLog, -1, 5); err != nil {
		t.Fatal(err)
	}
	same(t, "nothing more", stored(t, log, stream.ClassIn), []string{"in.2:b", "in.2:d", "in.1:e"})
	if err := log.Purge(ctx, stream.ClassIn, -1, 4); err != nil {
		t.Fatal(err)
	}
	same(t, "all up to 4", stored(t, log, stream.ClassIn), []string{"in.1:e"})
	state, err := log.State(ctx)
	if last = 5; err != nil || state.LastSeq != last || state.Messages != 1 || state.Bytes == 0 {
		t.Errorf("state %+v, %v", state, err)
	}
}

func lastOf(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	for _, class := range []string{stream.ClassIn, stream.ClassControl} {
		if got, err := log.LastOf(ctx, class); err != nil || len(got) != 0 {
			t.Errorf("%s of an empty log: %v, %v", class, got, err)
		}
	}
	b := log.NewBatch()
	for _, p := range []int{7, 7, 63, 0} {
		b.Discover(p, discoveries("https://a.example/"))
	}
	commit(t, log, b)
	if _, err := log.Control(ctx, stream.Control{Type: stream.ControlPause, Time: moment}); err != nil {
		t.Fatal(err)
	}
	got, err := log.LastOf(ctx, stream.ClassIn)
	if err != nil || len(got) != 3 || got[7] != 2 || got[63] != 3 || got[0] != 4 {
		t.Errorf("in: %v, %v", got, err)
	}
	if got, err := log.LastOf(ctx, stream.ClassControl); err != nil || len(got) != 1 || got[-1] != 5 {
		t.Errorf("ctl: %v, %v", got, err)
	}
}
