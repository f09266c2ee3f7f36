package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/progress"
)

func searchCommand() *cobra.Command {
	var s searchRun
	cmd := &cobra.Command{
		Use:   "search QUERY",
		Short: "Search the archived articles",
		Long: `Search prints the articles that hold all words of the query in headline,
standfirst, captions or body, whatever their case and accents. Words in double
quotes must follow each other. Those with the words in the headline come first,
then the newer ones.

  newsreel search harbour
  newsreel search '"fishing boats" harbour' --site example.com --from 2024-01-01
  newsreel search harbour --lang en --json`,
		RunE: s.run,
	}
	s.filter.bind(cmd, "default all")
	cmd.Flags().IntVar(&s.limit, "limit", 20, "most articles to print")
	jsonFlag(cmd, &s.json, "one JSON object for each article")
	return cmd
}

type searchRun struct {
	filter filterFlags
	limit  int
	json   bool
}

func (s *searchRun) run(cmd *cobra.Command, args []string) error {
	query := strings.TrimSpace(strings.Join(args, " "))
	if query == "" {
		return usage(errors.New("search for what? As in: newsreel search harbour"))
	}
	if s.limit < 1 {
		return usage(errors.New("--limit wants 1 or more"))
	}
	f, err := s.filter.filter()
	if err != nil {
		return usage(err)
	}
	f.Query = query
	return lookUp(cmd, func(ctx context.Context, l *lookup) error {
		found, err := s.search(ctx, l, f)
		if errors.Is(err, archive.ErrQuery) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		return s.print(cmd, l, found)
	})
}

// search looks through one collection or all, and merges what it finds.
func (s *searchRun) search(ctx context.Context, l *lookup, f archive.Filter) (archive.Results, error) {
	var all archive.Results
	collections, err := l.collections(ctx, f.Collection)
	if err != nil {
		return all, err
	}
	for _, c := range collections {
		f.Collection = c
		found, err := l.arc.Search(ctx, f, s.limit)
		if err != nil {
			return all, err
		}
		all.Total += found.Total
		all.Hits = append(all.Hits, found.Hits...)
	}
	if len(collections) > 1 {
		// Each list is in its order; between lists the day decides.
		slices.SortStableFunc(all.Hits, func(x, y archive.Hit) int { return cmp.Compare(hitDay(&y), hitDay(&x)) })
	}
	all.Hits = all.Hits[:min(len(all.Hits), s.limit)]
	return all, nil
}

// hitDay is the day of an article: that on its page, or of its capture.
func hitDay(h *archive.Hit) string {
	day := cmp.Or(h.Published, h.Fetched)
	return day[:min(len(day), len("2006-01-02"))]
}

func (s *searchRun) print(cmd *cobra.Command, l *lookup, found archive.Results) error {
	out := cmd.OutOrStdout()
	for i := range found.Hits {
		var err error
		if s.json {
			err = printJSON(out, &found.Hits[i])
		} else {
			err = printHit(out, &found.Hits[i])
		}
		if err != nil {
			return err
		}
	}
	switch {
	case found.Total == 0:
		say(cmd, "No article in %s holds all of these words.", l.at)
	case found.Total > len(found.Hits):
		say(cmd, "%d of %s articles; --limit %s prints more.", len(found.Hits), progress.Count(int64(found.Total)), fmt.Sprint(min(found.Total, 10*s.limit)))
	}
	return nil
}

// printHit prints an article for a person: headline, where and when, why it
// was found, and its URL.
func printHit(w io.Writer, h *archive.Hit) error {
	day := hitDay(h)
	if h.Published == "" {
		day = "fetched " + day
	}
	about := []string{day}
	for _, part := range []string{cmp.Or(h.SiteName, h.Domain), h.Language} {
		if part != "" {
			about = append(about, plain(part))
		}
	}
	text := plain(cmp.Or(h.Headline, "(no headline)")) + "\n  " + strings.Join(about, " · ") + "\n"
	if h.Snippet != "" {
		text += "  " + plain(h.Snippet) + "\n"
	}
	_, err := io.WriteString(w, text+"  "+plain(h.URL)+"\n\n")
	return err
}
