package main

import (
	"context"
	"fmt"
	"log/slog"

	"newsreel/internal/progress"
	"newsreel/job"
)

// pace says how fast a crawl will go, and why.
func pace(d *job.Document) []string {
	p := d.Politeness
	delay := p.Delay.Std()
	lines := []string{}
	switch {
	case delay > 0:
		perHour := int64(3600/delay.Seconds()) * max(1, 1)
		lines = append(lines, fmt.Sprintf("At most %s requests an hour to a host: one every %s (--delay), or slower where its robots.txt asks for it; %d at once to a site's hosts together (--per-domain).",
			progress.Count(perHour), p.Delay, p.PerDomain))
	default:
		lines = append(lines, fmt.Sprintf("No delay between requests (--delay 0s): as fast as each host answers, %d at once to a host.", p.PerHost))
	}
	if p.Robots == "ignore" {
		lines = append(lines, "robots.txt is ignored (--robots ignore): be sure that you may.")
	}
	if p.Contact == "" && p.UserAgent == "" {
		lines = append(lines, "Nobody can reach you about this crawl: --contact you@example.org puts an address into the user agent.")
	}
	return lines
}

// warnings shows the log of the roles above the progress bar.
func warnings(p *progress.Printer) *slog.Logger { return slog.New(&messages{p: p}) }

type messages struct {
	p     *progress.Printer
	attrs []slog.Attr
}

func (m *messages) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }

func (m *messages) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	add := func(a slog.Attr) bool {
		text += fmt.Sprintf(" %s=%v", a.Key, a.Value)
		return true
	}
	for _, a := range m.attrs {
		add(a)
	}
	r.Attrs(add)
	m.p.Message(text)
	return nil
}

func (m *messages) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &messages{p: m.p, attrs: append(append([]slog.Attr(nil), m.attrs...), attrs...)}
}

func (m *messages) WithGroup(string) slog.Handler { return m }
