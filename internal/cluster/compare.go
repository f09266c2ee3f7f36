package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"newsreel/archive"
)

// Outcome is what came of a run, by URL: what must be the same whoever did the
// work, and in whatever order.
type Outcome struct {
	Summary archive.Summary
	// Fates are fate, reason, kind and status of each URL of the ledger.
	Fates map[string]string
	// Captures are status, type and payload digest of each capture of a URL.
	Captures map[string][]string
	// Articles are headline, date and content hash of each article of a URL.
	Articles map[string][]string
}

// ReadOutcome reads a finished run from its archive.
func ReadOutcome(ctx context.Context, arc *archive.Archive, collection, job string, run int) (*Outcome, error) {
	record, err := arc.ReadRun(ctx, collection, job, run)
	if err != nil {
		return nil, err
	}
	o := &Outcome{Summary: record.Summary, Fates: map[string]string{}, Captures: map[string][]string{}, Articles: map[string][]string{}}
	for row, err := range arc.Ledger(ctx, collection, job, run) {
		if err != nil {
			return nil, err
		}
		o.Fates[row.URL] = strings.TrimSpace(fmt.Sprintf("%s %s %s %d", row.Fate, row.Reason, row.Kind, row.Status))
	}
	for m, err := range arc.RunManifests(ctx, collection, job, run) {
		if err != nil {
			return nil, err
		}
		for row, err := range arc.SegmentCaptures(ctx, m) {
			if err != nil {
				return nil, err
			}
			o.Captures[row.URL] = append(o.Captures[row.URL], fmt.Sprintf("%d %s %s", row.FetchStatus, row.ContentMIMESniff, row.ContentDigest))
		}
		for row, err := range arc.SegmentArticles(ctx, m) {
			if err != nil {
				return nil, err
			}
			o.Articles[row.URL] = append(o.Articles[row.URL], fmt.Sprintf("%q %s %s", row.Headline, row.Published, row.ContentHash))
		}
	}
	return o, nil
}

// Twice names what one URL has more than one of.
func (o *Outcome) Twice() []string {
	var list []string
	for url, c := range o.Captures {
		if len(c) > 1 {
			list = append(list, fmt.Sprintf("%s has %d captures", url, len(c)))
		}
	}
	for url, a := range o.Articles {
		if len(a) > 1 {
			list = append(list, fmt.Sprintf("%s has %d articles", url, len(a)))
		}
	}
	slices.Sort(list)
	return list
}

// Diff names what differs between two outcomes, a line each, sorted.
func Diff(a, b *Outcome) []string {
	fates := func(o *Outcome) map[string][]string {
		m := map[string][]string{}
		for url, fate := range o.Fates {
			m[url] = []string{fate}
		}
		return m
	}
	list := diff("fate", fates(a), fates(b))
	list = append(list, diff("captures", a.Captures, b.Captures)...)
	return append(list, diff("articles", a.Articles, b.Articles)...)
}

func diff(what string, a, b map[string][]string) []string {
	var list []string
	for url, x := range a {
		y := b[url]
		slices.Sort(x)
		slices.Sort(y)
		if !slices.Equal(x, y) {
			list = append(list, fmt.Sprintf("%s: %s of the first %v, of the second %v", url, what, x, y))
		}
	}
	for url, y := range b {
		if _, ok := a[url]; !ok {
			list = append(list, fmt.Sprintf("%s: the first has no %s, the second %v", url, what, y))
		}
	}
	slices.Sort(list)
	return list
}
