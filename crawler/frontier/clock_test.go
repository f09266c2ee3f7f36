package frontier

import (
	"bytes"
	"testing"
	"time"

	"newsreel/capture"
	"newsreel/stream"
)

func TestAStepOfTheClockDoesNotMoveARetry(t *testing.T) {
	now := time.Now()
	written := func(offset time.Duration) time.Time { return now.Add(offset).Round(0) } // by the wall clock
	for _, c := range []struct {
		name           string
		at             time.Time
		most, from, to time.Duration
	}{
		{"a retry in its time", written(3 * time.Second), 4 * time.Second, 3 * time.Second, 3 * time.Second},
		{"one that is overdue", written(-time.Minute), time.Second, 0, 0},
		{"one of before the clock was set back", written(2 * time.Hour), time.Second, time.Second, time.Second},
		{"one that says it was due before it failed", written(time.Hour), -time.Second, 0, 0},
	} {
		got := anchored(c.at, now, c.most).Sub(now)
		if got < c.from-time.Millisecond || got > c.to+time.Millisecond {
			t.Errorf("%s: in %s", c.name, got)
		}
	}
}

// A snapshot that was written while the clock was hours ahead delays no try for
// hours once the clock is right again.
func TestAStepOfTheClockDoesNotMoveARetryOfASnapshot(t *testing.T) {
	const url = "http://paper.example/a"
	ahead := foldedAt
	right := ahead.Add(-2 * time.Hour)
	first := newTestFrontier()
	var lines stream.Lines
	lines.Discovery(&stream.Discovery{URL: url, Kind: stream.KindPage, How: capture.BySeed, Seed: true, Found: ahead})
	lines.Retry(&stream.Retry{URL: url, Reason: stream.FailTimeout, Tries: 1, Time: ahead, NotBefore: ahead.Add(4 * time.Second)})
	fold(t, first, []stream.Entry{{Class: stream.ClassLog, Partition: 7, Sequence: 2, Epoch: 1 << 40, Data: lines.Bytes(), Time: ahead}})
	var tables bytes.Buffer
	s, err := first.Snapshot(7, ahead, &tables)
	if err != nil {
		t.Fatal(err)
	}
	second := newTestFrontier()
	if err := second.Load(7, s.Covers, right, &tables); err != nil {
		t.Fatal(err)
	}
	for _, h := range second.parts[7].hosts {
		for _, r := range h.retries {
			if wait := r.at.Sub(right); wait < 0 || wait > 4*time.Second {
				t.Errorf("the next try is in %s", wait)
			}
			return
		}
	}
	t.Error("the try is lost")
}
