package local

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/crawler"
	"newsreel/extractor"
	"newsreel/stream"
	"newsreel/warc"
)

// watch reports how far the run is, five times a second.
func (r *Runner) watch(ctx context.Context, s *Start, c *crawler.Crawler, a *archiver.Archiver, w *extractor.Worker) {
	if r.o.Progress == nil {
		return
	}
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		r.o.Progress(progressOf(s, c, a, r.o.Now()))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// waitsAfter is how long sealed segments wait for results before it is said.
const waitsAfter = 60 * time.Second

func progressOf(s *Start, c *crawler.Crawler, a *archiver.Archiver, now time.Time) Progress {
	status, stored := c.Status(), a.Progress()
	counts := stored.Counts
	counts.Add(&stored.Uncommitted)
	p := Progress{Counts: status.Counts, InFlight: c.Active(), Articles: counts.Articles, Revisits: counts.Revisits,
		Started: *s.Run.Started, Phase: "crawling"}
	switch {
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

func archiverSettings(r *Runner, s *Start) archiver.Settings {
	d := s.Document
	document, err := json.Marshal(d.Public())
	if err != nil {
		panic("local: " + err.Error()) // a document always marshals
	}
	alg := warc.SHA1
	if d.Archive.Digest == "sha256" {
		alg = warc.SHA256
	}
	return archiver.Settings{Collection: d.Collection, Job: s.Run.Job, Run: s.Run.Number, JobHash: d.Hash(),
		Software: "newsreel/" + r.o.Version, Document: document, RobotsPolicy: d.Politeness.Robots,
		Contact: d.Politeness.Contact, SegmentSize: int64(d.Archive.SegmentSize), SegmentAge: d.Archive.SegmentAge.Std(),
		Dedup: d.Archive.Dedup, DigestAlgorithm: alg, ExtractEnabled: d.Extract.Enabled,
		SpoolDir: r.folder.SpoolDir(), Purge: true, Now: r.o.Now}
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
