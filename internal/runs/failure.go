package runs

import (
	"context"
	"encoding/json"
	"fmt"

	"newsreel/archive"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// Failure is why a seed could not be captured.
type Failure struct {
	URL, Reason string
	// Detail is the error, or the rule of robots.txt that decided; "" where
	// the reason says all.
	Detail string
}

// FailureOf finds in the crawl log of a run the first end of a seed, or of what
// a seed redirects to, that is no capture; nil if there is none. Where its
// robots.txt could not be had, that is the failure.
func FailureOf(ctx context.Context, arc *archive.Archive, s *archive.Summary, doc *job.Document) (*Failure, error) {
	seeds, robots := map[string]bool{}, map[string]*Failure{}
	for _, seed := range doc.AllSeeds() {
		if url, err := weburl.Parse(seed); err == nil {
			seeds[url] = true
		}
	}
	for m, err := range arc.RunManifests(ctx, s.Collection, s.Job, s.Run) {
		if err != nil {
			return nil, err
		}
		for line, err := range arc.CrawlLog(ctx, m) {
			if err != nil {
				return nil, err
			}
			o, err := outcomeOf(line)
			if err != nil {
				return nil, fmt.Errorf("crawl log of segment %s: %w", m.Segment, err)
			}
			if o == nil {
				continue
			}
			if o.Fate == stream.FateFailed || o.Fate == stream.FateSkipped {
				f := &Failure{URL: o.URL, Reason: o.Reason, Detail: o.Detail}
				if o.Kind == stream.KindRobots {
					robots[o.URL] = f
				}
				if !seeds[o.URL] {
					continue
				}
				if why := robots[weburl.Origin(o.URL)+"/robots.txt"]; why != nil && o.Reason == stream.SkipRobots {
					return why, nil
				}
				return f, nil
			}
			if seeds[o.URL] && o.Location != "" {
				seeds[o.Location] = true
			}
		}
	}
	return nil, nil
}

// outcomeOf reads a line of a crawl log; nil for one that is no outcome.
func outcomeOf(line []byte) (*stream.Outcome, error) {
	var o struct {
		Type string `json:"type"`
		stream.Outcome
	}
	if err := json.Unmarshal(line, &o); err != nil {
		return nil, err
	}
	if o.Type != "outcome" {
		return nil, nil
	}
	return &o.Outcome, nil
}
