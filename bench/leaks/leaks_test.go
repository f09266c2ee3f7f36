package main

import (
	"strings"
	"testing"
	"time"
)

// A few cycles and a short soak, by the same code as the long ones.
func TestStartingAndStoppingLeavesNothing(t *testing.T) {
	var out, log strings.Builder
	err := run(t.Context(), options{cycles: leastSamples, soak: 20 * time.Second, rate: 5, dir: t.TempDir()}, &out, &log)
	if err != nil {
		t.Fatalf("%v\n%s%s", err, &log, &out)
	}
	t.Logf("%s", &out)
}

func TestVerdicts(t *testing.T) {
	steady := func(n int, change func(i int, s *sample)) []sample {
		list := make([]sample, n)
		for i := range list {
			list[i] = sample{At: float64(i), Resident: 80 << 20, Live: 20 << 20, Goroutines: 100, Threads: 9, Files: 27}
			change(i, &list[i])
		}
		return list
	}
	tests := []struct {
		name string
		r    series
		flat bool
	}{
		{"the same all the time", series{samples: steady(60, func(int, *sample) {})}, true},
		{"memory that breathes", series{samples: steady(60, func(i int, s *sample) { s.Resident += int64(i%7) << 20 })}, true},
		{"a warm-up", series{samples: steady(60, func(i int, s *sample) {
			if i < 10 {
				s.Live, s.Goroutines = 1<<20, 10
			}
		})}, true},
		{"a megabyte each time", series{samples: steady(60, func(i int, s *sample) { s.Live += int64(i) << 20 })}, false},
		{"a goroutine each time", series{samples: steady(60, func(i int, s *sample) { s.Goroutines += int64(i) })}, false},
		{"a file each ten times", series{samples: steady(60, func(i int, s *sample) { s.Files += int64(i / 5) })}, false},
		{"memory that is gone at rest", series{samples: steady(60, func(i int, s *sample) { s.Live += int64(i) << 20 }),
			settled: steady(1, func(int, *sample) {})}, true},
		{"too few samples", series{samples: steady(5, func(int, *sample) {})}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out strings.Builder
			if got := tt.r.report(&out); got != tt.flat {
				t.Errorf("flat is %v, want %v:\n%s", got, tt.flat, &out)
			}
		})
	}
}
