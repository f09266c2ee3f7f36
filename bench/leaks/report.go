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

// series is what was sampled, in order.
type series struct {
	title   string
	samples []sample
	// settled are taken at rest after the last of samples. Without them the
	// last sixth of samples is the end.
	settled []sample
}

// quantities are judged on medians: of the second sixth of the samples, when
// all is warm, and of the end. Memory that a collector gives back when it likes
// breathes by some megabytes; the rest is counted exactly.
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
func (r *series) report(out io.Writer) bool {
	fmt.Fprintf(out, "%s\n\n", r.title)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "at\tpages\t")
	for _, q := range quantities() {
		fmt.Fprintf(w, "%s\t", q.name)
	}
	fmt.Fprintln(w)
	row := func(s sample) {
		fmt.Fprintf(w, "%.0f\t%d\t", s.At, s.Pages)
		for _, q := range quantities() {
			fmt.Fprintf(w, "%.0f\t", q.of(s)/q.unit)
		}
		fmt.Fprintln(w)
	}
	step := max((len(r.samples)+19)/20, 1)
	for i, s := range r.samples {
		if (len(r.samples)-1-i)%step == 0 {
			row(s)
		}
	}
	if len(r.settled) > 0 {
		row(r.settled[len(r.settled)-1])
	}
	w.Flush()
	fmt.Fprintln(out)
	if len(r.samples) < leastSamples {
		fmt.Fprintf(out, "no verdict: %d samples, and %d are needed\n", len(r.samples), leastSamples)
		return false
	}
	flat := true
	for _, q := range quantities() {
		before, after, ok := r.flat(q)
		verdict := "flat"
		if !ok {
			verdict, flat = "GROWS", false
		}
		fmt.Fprintf(out, "%-12s  %.0f then, %.0f at the end: %s\n", q.name, before/q.unit, after/q.unit, verdict)
	}
	return flat
}

// flat says whether a quantity is at the end what it was when all was warm.
func (r *series) flat(q quantity) (before, after float64, ok bool) {
	n := len(r.samples) / 6
	end := r.settled
	if len(end) == 0 {
		end = r.samples[len(r.samples)-n:]
	}
	before, after = q.median(r.samples[n:2*n]), q.median(end)
	slack := q.slack
	if n < fewSamples {
		slack *= 4
	}
	return before, after, after <= before*(1+q.share)+slack
}

// fewSamples are too few for a median to be free of what one of them caught: a
// heap in the midst of a segment.
const fewSamples = 5

func (q quantity) median(samples []sample) float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = q.of(s)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
