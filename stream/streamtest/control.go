package streamtest

import (
	"errors"
	"testing"

	"newsreel/stream"
)

func testControl(t *testing.T, s *suite) {
	ctx := context60(t)

	t.Run("the first result of a capture counts", func(t *testing.T) {
		log := s.log(t)
		for _, r := range []*stream.Result{
			{CaptureID: "a", Partition: 1, Kind: stream.ResultNone},
			{CaptureID: "a", Partition: 1, Kind: stream.ResultFailed, Error: "late"},
			{CaptureID: "b", Partition: 2, Kind: stream.ResultFailed, Error: "bad page"},
			{CaptureID: "a", Partition: 1, Kind: stream.ResultArticle},
		} {
			if err := log.Result(ctx, r); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "results", stored(t, log, stream.ClassResult), []string{"art.1:a none", "art.2:b failed"})
	})

	t.Run("the end is set once, on what was known", func(t *testing.T) {
		log := s.log(t)
		pause, err := log.Control(ctx, stream.Control{Type: stream.ControlPause, By: "me", Time: moment})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.End(ctx, 0, moment); !errors.Is(err, stream.ErrLost) {
			t.Errorf("without the pause: %v", err)
		}
		resume, err := log.Control(ctx, stream.Control{Type: stream.ControlResume, Time: moment})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := log.End(ctx, pause, moment); !errors.Is(err, stream.ErrLost) {
			t.Errorf("without the resume: %v", err)
		}
		end, err := log.End(ctx, resume, moment)
		if err != nil || end <= resume {
			t.Errorf("end: %d, %v", end, err)
		}
		if _, err := log.End(ctx, resume, moment); !errors.Is(err, stream.ErrLost) {
			t.Errorf("twice: %v", err)
		}
		same(t, "control", stored(t, log, stream.ClassControl), []string{"ctl:pause", "ctl:resume", "ctl:end"})
	})

	t.Run("an end comes first in an empty subject", func(t *testing.T) {
		if _, err := s.log(t).End(ctx, 0, moment); err != nil {
			t.Error(err)
		}
	})

	t.Run("seeds come from whoever is no owner", func(t *testing.T) {
		log := s.log(t)
		if err := log.Discover(ctx, 7, discoveries("https://a.example/seed")); err != nil {
			t.Fatal(err)
		}
		same(t, "in", stored(t, log, stream.ClassIn), []string{"in.7:seed"})
	})
}
