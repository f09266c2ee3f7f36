package clock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAStepMovesTheWallClockAndNotTheMonotonicOne(t *testing.T) {
	began := time.Now()
	for _, seconds := range []int64{0, 1, -1, 3600, -3600, 86400 * 400, -86400 * 400} {
		got := step(began, seconds)
		if d := got.Sub(began); d != 0 {
			t.Errorf("%d: the monotonic clock moved by %s", seconds, d)
		}
		if d := got.Round(0).Sub(began.Round(0)); d != time.Duration(seconds)*time.Second {
			t.Errorf("%d: the wall clock moved by %s", seconds, d)
		}
	}
}

func TestTheFileIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "offset")
	t.Setenv(File, path)
	now := FromEnvironment()
	for _, text := range []string{"", "3600\n", "-7200", "no number", "0"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		want, ok := map[string]time.Duration{"3600\n": time.Hour, "-7200": -2 * time.Hour, "no number": -2 * time.Hour, "0": 0}[text]
		for deadline := time.Now().Add(5 * time.Second); ok; {
			d := now().Round(0).Sub(time.Now().Round(0)) - want
			if d.Abs() < time.Second {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%q: off by %s", text, d)
			}
		}
	}
}

func TestWithoutAFileItIsTheSystemsClock(t *testing.T) {
	t.Setenv(File, "")
	if d := FromEnvironment()().Sub(time.Now()); d.Abs() > time.Second {
		t.Errorf("off by %s", d)
	}
}
