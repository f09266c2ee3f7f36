package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
)

// filterFlags are what search and export choose articles and captures by.
type filterFlags struct {
	collection, site, from, to, lang string
}

// bind gives a command the flags; without says what an empty --collection means.
func (f *filterFlags) bind(cmd *cobra.Command, without string) {
	fs := cmd.Flags()
	fs.StringVar(&f.collection, "collection", "", "collection `NAME` ("+without+")")
	fs.StringVar(&f.site, "site", "", "host or domain, with everything below it")
	fs.StringVar(&f.from, "from", "", "first `DAY`, as 2024-05-03")
	fs.StringVar(&f.to, "to", "", "last `DAY`")
	fs.StringVar(&f.lang, "lang", "", "language of articles, as en or pt-BR")
}

// filter reads the flags. Its collection is still to be checked.
func (f *filterFlags) filter() (archive.Filter, error) {
	out := archive.Filter{Collection: f.collection, Site: f.site, Lang: f.lang}
	for _, day := range []struct {
		flag, text string
		into       *time.Time
	}{{"--from", f.from, &out.From}, {"--to", f.to, &out.To}} {
		if day.text == "" {
			continue
		}
		t, err := time.Parse(time.DateOnly, day.text)
		if err != nil {
			return out, fmt.Errorf("%s %q: wants a day, as 2024-05-03", day.flag, day.text)
		}
		*day.into = t
	}
	if !out.From.IsZero() && !out.To.IsZero() && out.To.Before(out.From) {
		return out, fmt.Errorf("--to %s is before --from %s", f.to, f.from)
	}
	return out, nil
}

// collections are the collections that a command is about: the one named, or
// all. A name that is none is an error that lists those there are.
func (l *lookup) collections(ctx context.Context, name string) ([]string, error) {
	all, err := l.arc.Collections(ctx)
	if err != nil {
		return nil, err
	}
	switch {
	case len(all) == 0:
		return nil, fmt.Errorf("nothing is archived in %s yet; `newsreel job list%s` shows what is under way", l.at, l.at.flags)
	case name == "":
		return all, nil
	case !slices.Contains(all, name):
		return nil, fmt.Errorf("no collection %s in %s; there is %s", name, l.at, strings.Join(all, ", "))
	}
	return []string{name}, nil
}

// oneCollection is the collection named, or the only one.
func (l *lookup) oneCollection(ctx context.Context, name string) (string, error) {
	all, err := l.collections(ctx, name)
	if err != nil {
		return "", err
	}
	if len(all) > 1 {
		return "", usage(fmt.Errorf("which collection? --collection names one of %s", strings.Join(all, ", ")))
	}
	return all[0], nil
}
