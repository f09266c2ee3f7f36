package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
)

// quantity is one thing that must not grow.
type quantity struct {
	name string
	of   func(sample) float64
	// unit divides what is shown.
	unit float64
	// share and slack are how much the end may be above the beginning: a part
	// of it, and a number.
	share, slack float64
}

// quantities are judged on medians of a sixth of the samples each. Memory
// that a collector gives back when it likes breathes by some megabytes; the
// rest is counted exactly.
func quantities() []quantity {
	return []quantity{
		{"resident MB", func(s sample) float64 { return float64(s.Resident) }, 1 << 20, 0.15, 16 << 20},
		{"live heap MB", func(s sample) float64 { return float64(s.Live) }, 1 << 20, 0.10, 4 << 20},
		{"goroutines", func(s sample) float64 { return float64(s.Goroutines) }, 1, 0, 4},
		{"threads", func(s sample) float64 { return float64(s.Threads) }, 1, 0, 4},
		{"open files", func(s sample) float64 { return float64(s.Files) }, 1, 0, 4},
	}
}

// leastSamples is how many a verdict needs.
const leastSamples = 6

// report prints at most twenty of the samples and a verdict for each quantity,
// and says whether all are flat.
func report(out io.Writer, title string, samples []sample) bool {
	fmt.Fprintf(out, "%s\n\n", title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "at\tpages\t")
	for _, q := range quantities() {
		fmt.Fprintf(w, "%s\t", q.name)
	}
	fmt.Fprintln(w)
	step := max((len(samples)+19)/20, 1)
	for i := range samples {
		if (len(samples)-1-i)%step != 0 {
			continue
		}
		s := samples[i]
		fmt.Fprintf(w, "%.0f\t%d\t", s.At, s.Pages)
		for _, q := range quantities() {
			fmt.Fprintf(w, "%.0f\t", q.of(s)/q.unit)
		}
		fmt.Fprintln(w)
	}
	w.Flush()
	fmt.Fprintln(out)
	if len(samples) < leastSamples {
		fmt.Fprintf(out, "no verdict: %d samples, and %d are needed\n", len(samples), leastSamples)
		return false
	}
	flat := true
	for _, q := range quantities() {
		before, after, ok := q.flat(samples)
		verdict := "flat"
		if !ok {
			verdict, flat = "GROWS", false
		}
		fmt.Fprintf(out, "%-12s  %.0f then, %.0f at the end: %s\n", q.name, before/q.unit, after/q.unit, verdict)
	}
	return flat
}

// flat compares the median of the second sixth, when all is warm, with that of
// the last.
func (q quantity) flat(samples []sample) (before, after float64, ok bool) {
	n := len(samples) / 6
	before, after = q.median(samples[n:2*n]), q.median(samples[len(samples)-n:])
	return before, after, after <= before*(1+q.share)+q.slack
}

func (q quantity) median(samples []sample) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = q.of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
