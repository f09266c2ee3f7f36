package archive

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"newsreel/capture"
	"newsreel/warc"
)

// Stages at which something may become a dead letter.
const (
	// StageExtraction: the capture is archived, and its page could not be
	// extracted.
	StageExtraction = "extraction"
	// StageArchiving: the bytes of the capture were gone before they were
	// archived.
	StageArchiving = "archiving"
)

// Types of the crawl log's lines about them.
const (
	LineDead   = "dead"
	LineRedone = "redone"
)

// DeadLetter is a capture that could not be processed.
type DeadLetter struct {
	// ID is the capture's id.
	ID         string `json:"id"`
	URL        string `json:"url"`
	Collection string `json:"collection"`
	Job        string `json:"job"`
	Run        int    `json:"run"`
	// Stage is where it failed, Reason why, in words, and Time when.
	Stage  string    `json:"stage"`
	Reason string    `json:"reason"`
	Time   time.Time `json:"time"`
	// Segment holds the capture; "" if it stands in the run log only.
	Segment string `json:"segment,omitempty"`
}

// DeadLine is a line of the crawl log about a capture that could not be
// processed (type LineDead) or that was extracted again (LineRedone).
type DeadLine struct {
	Sequence  uint64    `json:"seq,omitempty"`
	Partition int       `json:"partition"`
	Type      string    `json:"type"`
	Time      time.Time `json:"time"`
	URL       string    `json:"url"`
	Capture   string    `json:"capture"`
	Stage     string    `json:"stage,omitempty"`
	Reason    string    `json:"reason,omitempty"`
	// Result is what an extraction came to that was made again.
	Result string `json:"result,omitempty"`
}

// DeadLetters yields the captures of a collection that could not be processed
// and were not since, segment by segment. With a job it yields those of its runs
// alone. Segments without any cost the reading of their manifests.
func (a *Archive) DeadLetters(ctx context.Context, collection, job string) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		redone := map[runKey]map[string]bool{}
		for m, err := range a.Manifests(ctx, collection) {
			if err != nil {
				yield(DeadLetter{}, err)
				return
			}
			if job != "" && m.Job != job || m.Redo || m.Counts.ExtractFailed+m.Counts.NotTaken == 0 {
				continue
			}
			key := runKey{job: m.Job, run: m.Run}
			if redone[key] == nil {
				if redone[key], err = a.Redone(ctx, collection, m.Job, m.Run); err != nil {
					yield(DeadLetter{}, err)
					return
				}
			}
			for line, err := range a.deadLines(ctx, m, LineDead) {
				if err != nil {
					yield(DeadLetter{}, err)
					return
				}
				if redone[key][line.Capture] {
					continue
				}
				d := DeadLetter{ID: line.Capture, URL: line.URL, Collection: m.Collection, Job: m.Job, Run: m.Run,
					Stage: line.Stage, Reason: line.Reason, Time: line.Time, Segment: m.Segment}
				if !yield(d, nil) {
					return
				}
			}
		}
	}
}

// Redone returns the ids of a run's captures that were extracted again.
func (a *Archive) Redone(ctx context.Context, collection, job string, run int) (map[string]bool, error) {
	ids := map[string]bool{}
	for m, err := range a.RedoManifests(ctx, collection, job, run) {
		if err != nil {
			return nil, err
		}
		for line, err := range a.deadLines(ctx, m, LineRedone) {
			if err != nil {
				return nil, err
			}
			ids[line.Capture] = true
		}
	}
	return ids, nil
}

// deadLines yields the lines of a type of a segment's crawl log.
func (a *Archive) deadLines(ctx context.Context, m *Manifest, kind string) iter.Seq2[DeadLine, error] {
	mark := []byte(`"type":"` + kind + `"`)
	return func(yield func(DeadLine, error) bool) {
		for text, err := range a.CrawlLog(ctx, m) {
			if err != nil {
				yield(DeadLine{}, err)
				return
			}
			if !bytes.Contains(text, mark) {
				continue
			}
			var line DeadLine
			if err := json.Unmarshal(text, &line); err != nil {
				yield(DeadLine{}, fmt.Errorf("crawl log of %s: %w: %w", m.Segment, ErrDamaged, err))
				return
			}
			if line.Type == kind && !yield(line, nil) {
				return
			}
		}
	}
}

// CaptureByID returns the row of a capture of a segment, or ErrNotFound.
func (a *Archive) CaptureByID(ctx context.Context, m *Manifest, id string) (*capture.Row, error) {
	for row, err := range a.SegmentCaptures(ctx, m) {
		if err != nil {
			return nil, err
		}
		if row.CaptureID == id {
			found := *row
			return &found, nil
		}
	}
	return nil, fmt.Errorf("capture %s in segment %s: %w", id, m.Segment, ErrNotFound)
}

// Response returns the block of the response that a capture holds, an HTTP
// message as the server sent it: of a revisit, that of the capture that it
// refers to. The record has at most limit bytes. Errors: ErrNotFound, ErrDamaged,
// or the store's.
func (a *Archive) Response(ctx context.Context, r *capture.Row, limit int64) ([]byte, error) {
	record, block, err := a.record(ctx, r, limit)
	if err != nil {
		return nil, err
	}
	if record.Type() == warc.TypeResponse {
		return block, nil
	}
	target, date := record.Header.Get(warc.FieldRefersToTargetURI), record.Header.Get(warc.FieldRefersToDate)
	rows, err := a.Lookup(ctx, r.Collection, target)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		if rows[i].RecordType != capture.RecordResponse || rows[i].CaptureID != r.RevisitOf {
			continue
		}
		if record, block, err = a.record(ctx, &rows[i], limit); err != nil {
			return nil, err
		}
		return block, nil
	}
	return nil, fmt.Errorf("capture %s: the capture of %s at %s that it refers to: %w", r.CaptureID, target, date, ErrNotFound)
}

// record reads the response or revisit record of a capture.
func (a *Archive) record(ctx context.Context, r *capture.Row, limit int64) (*warc.Record, []byte, error) {
	if int64(r.WARCRecordLength) > limit {
		return nil, nil, fmt.Errorf("capture %s: %w", r.CaptureID, errors.New("its record is too large"))
	}
	member, err := readRange(ctx, a.store, r.Collection+"/"+ObjectWARC+"/"+r.WARCFilename,
		int64(r.WARCRecordOffset), int64(r.WARCRecordLength))
	if err != nil {
		return nil, nil, fmt.Errorf("capture %s: %w", r.CaptureID, err)
	}
	record, block, err := warc.ReadMember(member, limit)
	if err != nil {
		return nil, nil, fmt.Errorf("capture %s: %w: %w", r.CaptureID, ErrDamaged, err)
	}
	return record, block, nil
}
