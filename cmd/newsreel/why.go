package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/capture"
	"newsreel/internal/progress"
	"newsreel/internal/weburl"
	"newsreel/stream"
)

func whyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why URL",
		Short: "Tell what became of a URL, and why",
		Long: `Why tells, for each run of each job in the data folder that came across a URL,
its one fate (captured, failed, skipped or waiting) and how it came to that: via
which page it was found, the tries, the status, the robots.txt rule, and where
the record stands. A URL that no run of a job came across is judged by the
job's scope.

  newsreel why https://www.example.com/private/
  newsreel why --json https://www.example.com/private/`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("why wants one URL, as in: newsreel why https://www.example.com/"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			url, err := weburl.ParseLimit(args[0], maxAskedURL)
			if err != nil {
				return usage(wrongURL(err))
			}
			return lookUp(cmd, func(ctx context.Context, l *lookup) error { return why(ctx, cmd, l, url, asJSON) })
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object for each job and run")
	return cmd
}

// maxAskedURL is the longest URL in bytes that is looked up: longer than what
// is fetched, for the ledger names what was too long as well.
const maxAskedURL = 32 << 10

// wrongURL says what is wrong with a URL that was typed.
func wrongURL(err error) error {
	if errors.Is(err, weburl.ErrScheme) || errors.Is(err, weburl.ErrNoBase) {
		return fmt.Errorf("%w; a URL begins with https:// or http://", err)
	}
	return err
}

func why(ctx context.Context, cmd *cobra.Command, l *lookup, url string, asJSON bool) error {
	stories, err := l.stories(ctx, url)
	if err != nil {
		return err
	}
	if len(stories) == 0 {
		fetches := "crawl"
		if l.at.cluster != nil {
			fetches = "job submit"
		}
		return fmt.Errorf("there are no jobs in %s, so nothing is known of any URL; `newsreel %s%s %s` would fetch this one", l.at, fetches, l.at.flags, shellWord(url))
	}
	out := cmd.OutOrStdout()
	if !asJSON {
		fmt.Fprintln(out, plain(url))
	}
	for _, s := range stories {
		if asJSON {
			err = printJSON(out, s)
		} else {
			err = printStory(out, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Fates of a URL that no run came across, beside those of the ledger.
const (
	fateOutside  = "outside"  // the scope leaves it out
	fateExcluded = "excluded" // include or exclude would refuse it
	fateUnknown  = "unknown"  // it is within the scope, and was not found
)

// story is what became of a URL in one run, as `why --json` prints it.
type story struct {
	URL        string `json:"url"`
	Job        string `json:"job"`
	Run        int    `json:"run,omitempty"`
	Collection string `json:"collection"`
	// State is the run's.
	State  string `json:"state"`
	Fate   string `json:"fate"`
	Reason string `json:"reason,omitempty"`
	// Detail is the error, or the rule of robots.txt that decided.
	Detail string `json:"detail,omitempty"`
	// Rule is what in the scope decides on a URL that was not come across.
	Rule         string     `json:"rule,omitempty"`
	Kind         string     `json:"kind,omitempty"`
	Status       int        `json:"status,omitempty"`
	Tries        int        `json:"tries,omitempty"`
	DiscoveredBy string     `json:"discovered_by,omitempty"`
	Via          string     `json:"via_url,omitempty"`
	HopPath      string     `json:"hop_path,omitempty"`
	Depth        int        `json:"depth"`
	Discovered   *time.Time `json:"discovered,omitempty"`
	Ended        *time.Time `json:"ended,omitempty"`
	Redirect     string     `json:"redirect,omitempty"`
	RobotsRule   string     `json:"robots_rule,omitempty"`
	Notes        []string   `json:"notes,omitempty"`
	// Retries are the attempts before the last.
	Retries []attempt    `json:"retries,omitempty"`
	Capture *captureNote `json:"capture,omitempty"`
}

// attempt is a try that was followed by another.
type attempt struct {
	Time      time.Time `json:"time"`
	Reason    string    `json:"reason"`
	Status    int       `json:"status,omitempty"`
	Detail    string    `json:"detail,omitempty"`
	NotBefore time.Time `json:"not_before"`
}

// captureNote says where a capture is. The file is missing for one that is
// not archived yet.
type captureNote struct {
	ID        string    `json:"id"`
	Time      time.Time `json:"time"`
	Record    string    `json:"record_type,omitempty"`
	RevisitOf string    `json:"revisit_of,omitempty"`
	MIME      string    `json:"mime,omitempty"`
	Digest    string    `json:"digest,omitempty"`
	File      string    `json:"warc_filename,omitempty"`
	Offset    int64     `json:"warc_record_offset,omitempty"`
	Length    int64     `json:"warc_record_length,omitempty"`
}

// printStory prints a story for a person.
func printStory(w io.Writer, s *story) error {
	var b strings.Builder
	of := "Job " + s.Job
	if s.Run > 0 {
		of += fmt.Sprintf(", run %d", s.Run)
	}
	fmt.Fprintf(&b, "\n%s (%s): %s\n", of, s.State, fateText(s))
	line := func(name, format string, args ...any) {
		fmt.Fprintf(&b, "  %-9s %s\n", name, plain(fmt.Sprintf(format, args...)))
	}
	if s.Rule != "" {
		line("scope", "%s", s.Rule)
	}
	if s.Discovered != nil {
		line("found", "%s", foundText(s))
	}
	if s.RobotsRule != "" {
		line("robots", "%s allows it: %s", weburl.Origin(s.URL)+"/robots.txt", s.RobotsRule)
	}
	for i, r := range s.Retries {
		line("try "+fmt.Sprint(i+1), "%s %s; again %s later", r.Time.Format(time.DateTime), because(r.Reason, r.Detail), progress.Duration(r.NotBefore.Sub(r.Time)))
	}
	if s.Ended != nil {
		line("ended", "%s", endedText(s))
	}
	if s.Detail != "" {
		name := "because"
		if s.Reason == stream.SkipRobots {
			name = "robots"
		}
		line(name, "%s", s.Detail)
	}
	for _, note := range s.Notes {
		line("note", "%s", note)
	}
	if c := s.Capture; c != nil {
		printCapture(line, s, c)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func printCapture(line func(string, string, ...any), s *story, c *captureNote) {
	text := c.ID
	if c.MIME != "" {
		text += ", " + c.MIME
	}
	line("capture", "%s", text)
	if c.File == "" {
		line("record", "not archived yet")
		return
	}
	line("record", "%s/warc/%s, %d bytes at %d", s.Collection, c.File, c.Length, c.Offset)
	if c.Record == capture.RecordRevisit {
		line("", "a revisit: the content is that of capture %s", c.RevisitOf)
	}
}

// fateText is a fate in words.
func fateText(s *story) string {
	switch s.Fate {
	case fateOutside:
		return "outside the scope: links to it are counted, and it is not fetched"
	case fateExcluded:
		return "excluded by the scope: it would be skipped"
	case fateUnknown:
		return "not come across, though it is within the scope"
	case stream.FateCaptured:
		text := fmt.Sprintf("captured, status %d", s.Status)
		if s.Redirect != "" {
			text += ", a redirect to " + plain(s.Redirect)
		}
		return text
	case stream.FateWaiting:
		return "waiting to be fetched"
	}
	return s.Fate + ": " + reasonText(s.Reason)
}

var howTexts = map[string]string{
	capture.BySeed: "as a seed", capture.ByFeed: "in the feed", capture.BySitemap: "in the sitemap",
	capture.ByLink: "by a link on", capture.ByRedirect: "as the target of the redirect", capture.ByRobots: "for the robots.txt of",
	capture.ByAsset: "as a part of", capture.ByRecrawl: "as a page of the run before",
}

// foundText says when and how a URL was found.
func foundText(s *story) string {
	text := s.Discovered.Format(time.DateTime)
	how := howTexts[s.DiscoveredBy]
	if s.DiscoveredBy == capture.ByRobots && s.Kind != stream.KindRobots {
		how = "named by" // a sitemap
	}
	if how != "" {
		text += " " + how
	}
	if s.Via != "" {
		text += " " + s.Via
	}
	var at []string
	if s.HopPath != "" {
		at = append(at, "hop path "+s.HopPath)
	}
	if s.Depth > 0 {
		at = append(at, fmt.Sprintf("depth %d", s.Depth))
	}
	if len(at) > 0 {
		text += " (" + strings.Join(at, ", ") + ")"
	}
	return text
}

func endedText(s *story) string {
	text := s.Ended.Format(time.DateTime)
	switch {
	case s.Tries == 1:
		text += " at the first try"
	case s.Tries > 1:
		text += fmt.Sprintf(" after %d tries", s.Tries)
	}
	return text
}
