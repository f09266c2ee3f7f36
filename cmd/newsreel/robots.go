package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"newsreel/internal/robots"
	"newsreel/internal/weburl"
)

func robotsCommand() *cobra.Command {
	var c robotsCheck
	cmd := &cobra.Command{
		Use:   "robots FILE|URL [--agent NAME] URL…",
		Short: "Say what a robots.txt allows, and which line decides",
		Long: `Robots reads a robots.txt, from a file, from standard input (-) or from its
site, and says for each URL whether an agent may fetch it, and the rule and the
line that decide (RFC 9309).

  newsreel robots robots.txt --agent newsreel https://www.example.com/private/
  newsreel robots https://www.example.com/robots.txt / /search?q=x

A robots.txt that its site does not have allows everything; one that cannot be
had (5xx, no answer) allows nothing.`,
		RunE: c.run,
	}
	cmd.Flags().StringVar(&c.agent, "agent", "newsreel", "product token, or the User-Agent that begins with it")
	c.get.flags(cmd)
	jsonFlag(cmd, &c.json, "one JSON object for each URL")
	return cmd
}

type robotsCheck struct {
	agent string
	json  bool
	get   getter
}

// robotsLine is what is printed of a URL with --json.
type robotsLine struct {
	URL     string `json:"url"`
	Allowed bool   `json:"allowed"`
	Rule    string `json:"rule"`
	Line    int    `json:"line"`
}

func (c *robotsCheck) run(cmd *cobra.Command, args []string) error {
	if len(args) < 2 {
		return usage(errors.New("robots wants a robots.txt and the URLs to judge, as in: newsreel robots https://www.example.com/robots.txt /private/"))
	}
	for _, url := range args[1:] {
		if strings.TrimSpace(url) == "" {
			return usage(errors.New("robots: a URL to judge is empty; / is a site's front page"))
		}
	}
	if c.agent == "" {
		return usage(errors.New("--agent wants a name"))
	}
	ctx, undo := interruptible()
	defer undo()
	file, err := c.read(ctx, cmd.InOrStdin(), args[0])
	if err != nil {
		return interrupted(ctx, err)
	}
	for _, url := range args[1:] {
		v := file.Test(c.agent, url)
		if c.json {
			err = printJSON(cmd.OutOrStdout(), robotsLine{url, v.Allowed, v.Rule, v.Line})
		} else {
			_, err = fmt.Fprintln(cmd.OutOrStdout(), robotsText(url, v))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// robotsText is a verdict as a line for people.
func robotsText(url string, v robots.Verdict) string {
	word, why := "allowed    ", "no rule matches"
	if !v.Allowed {
		word = "not allowed"
	}
	switch {
	case v.Line > 0:
		why = fmt.Sprintf("line %d: %s", v.Line, plain(v.Rule))
	case v.Rule != "":
		why = plain(v.Rule)
	}
	return fmt.Sprintf("%s  %s  (%s)", word, plain(url), why)
}

func (c *robotsCheck) read(ctx context.Context, stdin io.Reader, from string) (robots.Outcome, error) {
	switch {
	case from == "-":
		return readRobots("standard input", stdin)
	case strings.Contains(from, "://"):
		return c.fetch(ctx, from)
	}
	f, err := os.Open(from)
	if err != nil {
		return robots.Outcome{}, fmt.Errorf("robots.txt: %w", err)
	}
	defer f.Close()
	return readRobots(from, f)
}

func readRobots(name string, r io.Reader) (robots.Outcome, error) {
	// One byte more, so that the parser sees that its limit cut something.
	body, err := io.ReadAll(io.LimitReader(r, robots.MaxBytes+1))
	if err != nil {
		return robots.Outcome{}, fmt.Errorf("robots.txt of %s: %w", name, err)
	}
	return robots.FromStatus(200, body), nil
}

// fetch gets a robots.txt from its site. A URL of the site itself will do.
func (c *robotsCheck) fetch(ctx context.Context, raw string) (robots.Outcome, error) {
	url, err := weburl.Parse(raw)
	if err != nil {
		return robots.Outcome{}, usage(err)
	}
	if weburl.Path(url) == "/" {
		url = weburl.Origin(url) + "/robots.txt"
	}
	var out robots.Outcome
	err = c.get.get(ctx, url, func(a *answer) error {
		out = robots.FromStatus(a.ex.Status, a.view().RawBody)
		return nil
	})
	var none *noAnswerError
	if errors.As(err, &none) && none.tryLater() {
		out, err = robots.FromStatus(0, nil), nil
		out.Reason += ": " + none.Unwrap().Error()
	}
	return out, err
}
