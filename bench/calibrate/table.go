package main

import (
	"bytes"
	"fmt"
	"io"
	"sort"

	"newsreel/extractor"
)

// weightOfPrior is how many pages the wider group of a signal stands for: a
// signal seen on few pages says little by itself.
const weightOfPrior = 4

// surest bounds what is stated: the extractor's rules were made in sight of the
// gold pages, so that pages never seen are right a little less often.
const surest = 0.98

type count struct{ pages, right float64 }

// table holds counts by signal; "*" stands for any reader or any support.
type table map[extractor.Signal]*count

func fit(seen []observation) table {
	t := table{}
	for _, o := range seen {
		for _, s := range wider(o.signal) {
			c := t[s]
			if c == nil {
				c = &count{}
				t[s] = c
			}
			c.pages++
			if o.right {
				c.right++
			}
		}
	}
	return t
}

// wider lists a signal and the groups that it belongs to, narrowest first.
func wider(s extractor.Signal) [3]extractor.Signal {
	return [3]extractor.Signal{s, {Field: s.Field, Reader: "*", Support: s.Support}, {Field: s.Field, Reader: "*", Support: "*"}}
}

// confidence is the share of right pages, drawn towards that of the next wider
// group as far as pages are few.
func (t table) confidence(s extractor.Signal) float64 {
	groups := wider(s)
	v := 0.8
	for i := len(groups) - 1; i >= 0; i-- {
		if c := t[groups[i]]; c != nil {
			v = (c.right + weightOfPrior*v) / (c.pages + weightOfPrior)
		}
	}
	return min(v, surest)
}

// file is the table as text, a signal a line.
func (t table) file() []byte {
	var keys []extractor.Signal
	for s := range t {
		keys = append(keys, s)
	}
	sort.Slice(keys, func(i, j int) bool {
		a, b := keys[i], keys[j]
		if a.Field != b.Field {
			return a.Field < b.Field
		}
		if a.Reader != b.Reader {
			return a.Reader < b.Reader
		}
		return a.Support < b.Support
	})
	var b bytes.Buffer
	b.WriteString("# Confidences by signal. Written by: go run ./bench/calibrate -o extractor/confidence.tsv\n")
	b.WriteString("# field\treader\tsupport\tpages\tright\tconfidence\n")
	for _, s := range keys {
		v := t.confidence(s)
		fmt.Fprintf(&b, "%s\t%s\t%s\t%.0f\t%.0f\t%.3f\n", s.Field, s.Reader, s.Support, t[s].pages, t[s].right, v)
	}
	return b.Bytes()
}

// judged is an observation with the confidence that a table stated for it.
type judged struct {
	observation
	stated float64
}

var bins = []float64{0, 0.5, 0.7, 0.8, 0.9, 0.95, 1.01}

// printReliability prints, field by field, how often fields were right of those
// that were said to be about as sure.
func printReliability(w io.Writer, held []judged) {
	for _, whole := range []bool{true, false} {
		if whole {
			fmt.Fprintln(w, "Gold pages as they are, each judged by a table of other publishers' pages")
		} else {
			fmt.Fprintln(w, "\nThe same with the copies that lack markup")
		}
		fmt.Fprintf(w, "%-10s %-12s %6s %8s %8s\n", "field", "said", "pages", "said on average", "right")
		for _, field := range []string{"headline", "published", "body", "captions", "authors"} {
			printField(w, field, held, whole)
		}
	}
}

func printField(w io.Writer, field string, held []judged, whole bool) {
	for i := 0; i+1 < len(bins); i++ {
		var n, right, sum float64
		for _, j := range held {
			if j.signal.Field != field || j.stated < bins[i] || j.stated >= bins[i+1] || whole && j.variant != "whole" {
				continue
			}
			n++
			sum += j.stated
			if j.right {
				right++
			}
		}
		if n > 0 {
			fmt.Fprintf(w, "%-10s %.2f to %.2f %6.0f %15.3f %8.3f\n", field, bins[i], min(bins[i+1], 1), n, sum/n, right/n)
		}
	}
}
