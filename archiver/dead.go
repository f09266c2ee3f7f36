package archiver

import (
	"context"
	"slices"
	"strings"
	"time"

	"newsreel/archive"
	"newsreel/stream"
)

// maxReason bounds what is kept of why something failed, in bytes.
const maxReason = 300

// deadLetter is a capture of a segment that could not be processed. It becomes a
// line of the crawl log.
type deadLetter struct {
	id, url       string
	stage, reason string
	// capture is its place in the segment's captures, -1 if it is not there.
	capture   int32
	sequence  uint64
	partition int
	time      time.Time
}

// failed takes a result that says that a capture could not be extracted.
func (a *Archiver) failed(e stream.Entry, w awaited, id string) {
	d := deadLetter{id: id, stage: archive.StageExtraction, capture: w.capture, sequence: e.Sequence,
		partition: e.Partition, time: e.Time.UTC(), reason: "unknown"}
	if r, err := stream.ParseResult(e); err == nil && r.Error != "" {
		d.url, d.reason = r.URL, shorten(r.Error)
	}
	w.segment.dead = append(w.segment.dead, d)
	w.segment.counts.ExtractFailed++
	a.dead[id] = w
}

// revived forgets that a capture was a dead letter: another result for it came
// before its segment was committed.
func (a *Archiver) revived(id string) {
	s := a.dead[id].segment
	s.dead = slices.DeleteFunc(s.dead, func(d deadLetter) bool { return d.id == id })
	s.counts.ExtractFailed--
	delete(a.dead, id)
}

// notTaken keeps of a capture whose bytes are gone that they are.
func (a *Archiver) notTaken(s *segment, e stream.Entry, c *stream.Capture, cause error) {
	s.dead = append(s.dead, deadLetter{id: c.Row.CaptureID, url: c.Row.URL, stage: archive.StageArchiving, capture: -1,
		reason: shorten(cause.Error()), sequence: e.Sequence, partition: e.Partition, time: e.Time.UTC()})
	s.counts.NotTaken++
}

// shorten makes a reason one short line.
func shorten(reason string) string {
	reason = strings.Join(strings.Fields(strings.ToValidUTF8(reason, "")), " ")
	if len(reason) > maxReason {
		reason = strings.ToValidUTF8(reason[:maxReason], "") + " …"
	}
	return reason
}

// logDead writes a segment's dead letters to its crawl log, once, before it is
// put. The segment takes no results any more.
func (a *Archiver) logDead(ctx context.Context, s *segment) error {
	if len(s.dead) == 0 || s.object(archive.ObjectLog) != nil {
		return nil
	}
	lines := make([]archive.DeadLine, len(s.dead))
	for i, d := range s.dead {
		if d.url == "" && d.capture >= 0 {
			err := a.patiently(ctx, func() error {
				row, err := a.row(s, &s.captures[d.capture])
				if err == nil {
					d.id, d.url = row.CaptureID, row.URL
				}
				return err
			})
			if err != nil {
				return err
			}
		}
		lines[i] = archive.DeadLine{Sequence: d.sequence, Partition: d.partition, Type: archive.LineDead, Time: d.time,
			URL: d.url, Capture: d.id, Stage: d.stage, Reason: d.reason}
		delete(a.dead, d.id)
	}
	s.dead = nil
	return a.addLines(ctx, s, lines)
}

// addLines adds lines to the crawl log of a segment whose log has ended.
func (a *Archiver) addLines(ctx context.Context, s *segment, lines []archive.DeadLine) error {
	if s.log == nil {
		err := a.patiently(ctx, func() (err error) {
			s.log, err = newLogSpool(a.s.SpoolDir)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.log.reopen(); err != nil {
		return fault("crawl log: %w", err)
	}
	for _, line := range lines {
		if err := s.log.add(line); err != nil {
			return fault("crawl log: %w", err)
		}
	}
	s.counts.LogLines += int64(len(lines))
	if err := s.log.end(); err != nil {
		return fault("crawl log: %w", err)
	}
	return a.patiently(ctx, s.log.drain)
}
