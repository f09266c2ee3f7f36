package frontier

import (
	"bytes"
	"testing"
	"time"

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

// The wall clock is set forth by an hour before a snapshot is written, and back
// by two before it is loaded.
func TestARetryOfASnapshotKeepsItsTime(t *testing.T) {
	const url, wait = "http://a.example/later", 3 * time.Second
	var lines stream.Lines
	lines.Discovery(&stream.Discovery{URL: url, Kind: stream.KindPage, How: "seed", Seed: true, Found: testNow})
	lines.Retry(&stream.Retry{URL: url, Reason: "status", Tries: 1, Time: testNow, NotBefore: testNow.Add(wait)})
	f := newTestFrontier()
	fold(t, f, []stream.Entry{{Class: stream.ClassLog, Partition: 7, Sequence: 1, Data: lines.Bytes()}})
	f.parts[7].hosts[0].retries[0].at = testNow.Add(time.Hour + wait)
	var tables bytes.Buffer
	s, err := f.Snapshot(7, &tables, testNow.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	again := newTestFrontier()
	now := testNow.Add(-time.Hour)
	if err := again.Load(7, s.Covers, &tables); err != nil {
		t.Fatal(err)
	}
	claim := stream.Entry{Class: stream.ClassOwn, Partition: 7, Sequence: 1 << 40, Data: []byte(`{"crawler":"c"}`), Time: now}
	if err := again.Apply(claim, now); err != nil {
		t.Fatal(err)
	}
	if got := again.parts[7].hosts[0].retries[0].at.Sub(now); got != wait {
		t.Errorf("tried again in %s", got)
	}
}
