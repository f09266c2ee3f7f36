package local

import (
	"context"
	"fmt"
	"time"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/internal/runs"
	"newsreel/stream"
)

// watch reports how far the run is, five times a second.
func (r *Runner) watch(ctx context.Context, s *Start, space *runs.Space, c *crawler.Crawler, a *archiver.Archiver, w *extractor.Worker) {
	if r.o.Progress == nil {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		r.o.Progress(progressOf(s, space.Low(), c, a, r.o.Now()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// waitsAfter is how long sealed segments wait for results before it is said.
const waitsAfter = 60 * time.Second

// progressOf is how far the run is. low says why there is too little room on the
// disk, "" if there is enough: it is told before what fails for it.
func progressOf(s *Start, low string, c *crawler.Crawler, a *archiver.Archiver, now time.Time) Progress {
	status, stored := c.Status(), a.Progress()
	counts := stored.Counts
	counts.Add(&stored.Uncommitted)
	p := Progress{Counts: status.Counts, InFlight: c.Active(), Articles: counts.Articles, Revisits: counts.Revisits,
		Started: *s.Run.Started, Phase: "crawling"}
	switch {
	case low != "":
		p.Note = low
	case stored.LastError != "":
		p.Note = "storing: " + stored.LastError
	case status.Held != "":
		p.Note = status.Held
	case !stored.WaitingSince.IsZero() && now.Sub(stored.WaitingSince) > waitsAfter:
		p.Note = fmt.Sprintf("waiting for the extraction of %d pages", stored.Awaited)
	case status.Ended:
		p.Phase = "archiving"
	}
	return p
}

// lastProgress is a result as the last line of its progress.
func lastProgress(s *archive.Summary) Progress {
	return Progress{Counts: stream.Counts{Discovered: s.Discovered, Captured: s.Captured, Failed: s.Failed, Skipped: s.Skipped,
		Waiting: s.Waiting, Captures: s.Captures, Bytes: s.Bytes, Outside: s.Outside},
		Articles: s.Articles, Revisits: s.Revisits, Started: s.Started, Phase: "over"}
}

// stoppedSummary is the ledger of a run that goes on another time.
func stoppedSummary(s *Start, log *stream.Log, c *crawler.Crawler, a *archiver.Archiver) archive.Summary {
	n, stored := c.Status().Counts, a.Progress()
	counts := stored.Counts
	counts.Add(&stored.Uncommitted)
	return archive.Summary{Job: s.Run.Job, Run: s.Run.Number, Collection: s.Document.Collection, State: "stopped",
		Started: log.Created(), Discovered: n.Discovered, Captured: n.Captured, Failed: n.Failed, Skipped: n.Skipped,
		Waiting: n.Waiting, Captures: n.Captures, Revisits: counts.Revisits, Articles: counts.Articles, Bytes: n.Bytes,
		Segments: stored.Segments, Outside: n.Outside}
}
