package crawler

import (
	"errors"
	"time"

	"newsreel/capture"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/stream"
)

// page is what became of a task: exactly one of outcome and retry is set. All
// of it is committed at once, or nothing.
type page struct {
	task    frontier.Task
	capture *stream.Capture
	outcome *stream.Outcome
	retry   *stream.Retry
	// found is discoveries of any partition.
	found []stream.Discovery
	// seed is a redirect target that widens the scope, "" for none.
	seed string
}

// newPage begins the page of a task. The discovery of a URL that is new to the
// log goes with its outcome.
func newPage(t frontier.Task) *page {
	p := &page{task: t}
	if t.New {
		p.found = append(p.found, stream.Discovery{URL: t.URL, Kind: t.Kind, How: t.How, Depth: t.Depth,
			Hops: t.Hops, Path: t.Path, Via: t.Via, Found: t.Found})
	}
	return p
}

func (p *page) end(fate, reason string, now time.Time) *stream.Outcome {
	t := p.task
	p.outcome = &stream.Outcome{URL: t.URL, Fate: fate, Reason: reason, Kind: t.Kind, How: t.How, Via: t.Via,
		Tries: t.Tries, Time: now.UTC()}
	return p.outcome
}

// skipPage logs that a URL is not fetched, and why.
func skipPage(t frontier.Task, now time.Time) *page {
	p := newPage(t)
	p.end(stream.FateSkipped, t.Skip, now).Detail = t.Detail
	return p
}

// failPage logs an attempt that gave no response to keep: a retry while there
// are tries left, an end otherwise.
func (c *Crawler) failPage(t frontier.Task, err error, started time.Time) *page {
	p, now := newPage(t), c.s.Now()
	var fe *fetch.Error
	reason, permanent := stream.FailInternal, false
	var notes []string
	if errors.As(err, &fe) {
		reason, permanent = fe.Reason, fe.Permanent()
		notes = errorNotes(fe)
	}
	switch reason {
	case fetch.ReasonAddress, fetch.ReasonURL:
		p.end(stream.FateSkipped, reason, now)
	default:
		tries := t.Tries + 1
		if !permanent && tries < int(c.doc.Load().Politeness.Tries) {
			p.retry = &stream.Retry{URL: t.URL, Reason: reason, Tries: tries, Time: now.UTC(),
				NotBefore: now.Add(backoff(tries)).UTC(), Detail: err.Error(), Notes: notes}
			return p
		}
		p.end(stream.FateFailed, reason, now).Tries = tries
	}
	p.outcome.Detail, p.outcome.MS = err.Error(), now.Sub(started).Milliseconds()
	p.outcome.Notes = notes
	if fe != nil {
		p.outcome.Interim = texts(fe.Interim)
	}
	if t.Kind == stream.KindRobots {
		p.outcome.Robots = &stream.Robots{State: stream.RobotsDeny, Expires: now.Add(unreachableFor).UTC()}
		if reason == fetch.ReasonAddress {
			p.outcome.Robots.State = stream.RobotsAddress
		}
	}
	return p
}

// noteResent says that one attempt was two requests at the server.
const noteResent = "sent again on a new connection"

// errorNotes is what the crawl log is told of an exchange that failed.
func errorNotes(e *fetch.Error) []string {
	var notes []string
	if len(e.Received) > 0 {
		notes = append(notes, "received: "+clip(string(e.Received), 512))
	}
	if e.Limit != "" {
		notes = append(notes, "limit "+e.Limit)
	}
	if e.Resent {
		notes = append(notes, noteResent)
	}
	return notes
}

// unreachableFor is how long a host whose robots.txt cannot be had is left
// alone before it is asked again. (RFC 9309, 2.3.1.4)
const unreachableFor = 24 * time.Hour

// backoff is the wait before a try: a second, doubling.
func backoff(tries int) time.Duration {
	return time.Second << min(max(tries-1, 0), 10)
}

// Bounds of what one outcome says in words. A server that sends a million
// interim heads is still one line of the log, which must fit into a message.
const (
	maxNotes   = 40
	maxNote    = 600
	maxDetail  = 2 << 10
	maxInterim = 16 << 10
)

func texts(heads [][]byte) []string {
	var out []string
	left := maxInterim
	for _, h := range heads {
		if left <= 0 {
			return append(out, "…")
		}
		text := clip(string(h), min(left, 4096))
		left -= len(text)
		out = append(out, text)
	}
	return out
}

// bounded bounds what a server can make us say of an attempt.
func bounded(detail *string, notes *[]string) {
	*detail = clip(*detail, maxDetail)
	if len(*notes) > maxNotes {
		*notes = append((*notes)[:maxNotes:maxNotes], "…")
	}
	for i, n := range *notes {
		(*notes)[i] = clip(n, maxNote)
	}
}

func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}

// subset is the part of the archive that a capture belongs to.
func subset(kind string, status int) string {
	switch {
	case kind == stream.KindRobots:
		return capture.SubsetRobots
	case status >= 200 && status < 300:
		return capture.SubsetWARC
	}
	return capture.SubsetDiagnostics
}
