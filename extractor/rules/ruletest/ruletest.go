// Package ruletest runs the tests that site rules bring along: saved pages with
// the fields that must come out of them.
package ruletest

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"newsreel/article"
	"newsreel/extractor"
	"newsreel/extractor/rules"
)

// maxPage is the most bytes of a saved page that are read.
const maxPage = 64 << 20

// Result is what one test came to.
type Result struct {
	Rule *rules.Rule
	Test *rules.Test
	// Err says why the test could not be run.
	Err error
	// Faults are the fields that came out otherwise.
	Faults []Fault
}

// OK tells whether all came out as wanted.
func (r *Result) OK() bool { return r.Err == nil && len(r.Faults) == 0 }

// Fault is a field that came out otherwise than wanted.
type Fault struct{ Field, Want, Got string }

// Run runs the tests of a rule. Pages are looked for beside the rule's file.
func Run(r *rules.Rule) []Result {
	out := make([]Result, 0, len(r.Tests))
	for i := range r.Tests {
		t := &r.Tests[i]
		res := Result{Rule: r, Test: t}
		if p, err := Page(r, t); err != nil {
			res.Err = err
		} else {
			res.Faults = compare(t, extractor.Extract(*p))
		}
		out = append(out, res)
	}
	return out
}

// Page reads the page of a test, with its rule.
func Page(r *rules.Rule, t *rules.Test) (*extractor.Page, error) {
	p := &extractor.Page{URL: t.URL, Rule: r}
	if t.Fetched != "" {
		var err error
		if p.Fetched, err = time.Parse(time.RFC3339, t.Fetched); err != nil {
			return nil, fmt.Errorf("fetched: %w", err)
		}
	}
	f, err := os.Open(filepath.Join(filepath.Dir(r.File), filepath.FromSlash(t.Page)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var from io.Reader = f
	if strings.HasSuffix(t.Page, ".gz") {
		z, err := gzip.NewReader(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Page, err)
		}
		defer z.Close()
		from = z
	}
	if p.Body, err = io.ReadAll(io.LimitReader(from, maxPage)); err != nil {
		return nil, fmt.Errorf("%s: %w", t.Page, err)
	}
	return p, nil
}

// compare lists what of an article is not as a test wants it.
func compare(t *rules.Test, a *article.Article) []Fault {
	var faults []Fault
	fields := make([]string, 0, len(t.Want))
	for field := range t.Want {
		fields = append(fields, field)
	}
	slices.Sort(fields)
	for _, field := range fields {
		if want, got := t.Want[field], Values(a, field); !slices.Equal(want, got) {
			faults = append(faults, Fault{field, shown(want), shown(got)})
		}
	}
	for _, text := range t.BodyHas {
		if !strings.Contains(a.Body, text) {
			faults = append(faults, Fault{"body_has", text, "not in the body"})
		}
	}
	for _, text := range t.BodyLacks {
		if strings.Contains(a.Body, text) {
			faults = append(faults, Fault{"body_lacks", "not " + text, "in the body"})
		}
	}
	return faults
}

// Values are an article's field as a test's want has it: a list of texts, empty
// where the article has none.
func Values(a *article.Article, field string) []string {
	one := func(s string) []string {
		if s == "" {
			return []string{}
		}
		return []string{s}
	}
	switch field {
	case "headline":
		return one(a.Headline)
	case "published":
		return one(a.Published)
	case "published_zone":
		return one(a.PublishedZone)
	case "modified":
		return one(a.Modified)
	case "summary":
		return one(a.Summary)
	case "body":
		return one(a.Body)
	case "authors":
		return append([]string{}, a.Authors...)
	case "captions":
		return append([]string{}, a.Captions...)
	case "credits":
		out := []string{}
		for _, p := range a.Photos {
			out = append(out, one(p.Credit)...)
		}
		return out
	case "section":
		return one(a.Section)
	case "tags":
		return append([]string{}, a.Tags...)
	case "language":
		return one(a.Language)
	case "site_name":
		return one(a.SiteName)
	case "kind":
		return one(a.Kind)
	case "paywalled":
		return []string{fmt.Sprint(a.Paywalled)}
	}
	return []string{}
}

func shown(list []string) string {
	if len(list) == 0 {
		return "(none)"
	}
	return strings.Join(list, " | ")
}
