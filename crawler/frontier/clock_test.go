package frontier

import (
	"testing"
	"time"
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
