package archiver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// Redone is a capture that was extracted again, with what it came to.
type Redone struct {
	// Capture is its row in the archive.
	Capture capture.Row
	// Result is an article or none: one that failed again is not redone.
	Result *stream.Result
}

// redoTries is how often Redo looks for a number that nobody else has taken.
const redoTries = 100

// Redo archives the results of captures of one run that were extracted again,
// as a segment of its own: articles and crawl log first, the manifest last, if
// no other has its number. It returns how many were archived: what somebody else
// archived meanwhile is left out, so that nothing is there twice.
//
// The settings are those of the archiver of the run, of which Collection, Job,
// Run, Software, SpoolDir, Now and Attempt count.
func Redo(ctx context.Context, store Store, s Settings, results []Redone) (int, error) {
	s.ExtractEnabled = true
	a := newArchiver(nil, store, s)
	for range redoTries {
		n, done, err := a.redo(ctx, results)
		if done || err != nil {
			if err != nil {
				err = fmt.Errorf("archive what was extracted again of run %d of %s: %w", s.Run, s.Job, err)
			}
			return n, err
		}
	}
	return 0, fmt.Errorf("archive what was extracted again of run %d of %s: others do so all the time", s.Run, s.Job)
}

// redo tries once; done is false if another took the number.
func (a *Archiver) redo(ctx context.Context, results []Redone) (n int, done bool, err error) {
	// The number is taken before it is asked what is done: whatever is archived
	// in between takes the same one.
	m, err := a.redoManifest(ctx)
	if err != nil {
		return 0, false, err
	}
	redone, err := a.arc.Redone(ctx, a.s.Collection, a.s.Job, a.s.Run)
	if err != nil {
		return 0, false, err
	}
	results = slices.DeleteFunc(slices.Clone(results), func(r Redone) bool { return redone[r.Capture.CaptureID] })
	if len(results) == 0 {
		return 0, true, nil
	}
	sg := &segment{first: m.First, last: m.Last, attempt: m.Attempt, name: m.Segment}
	defer sg.close()
	if err := a.fillRedo(ctx, sg, results); err != nil {
		return 0, false, err
	}
	m.Counts, m.Objects = sg.counts, sg.objects
	body, err := m.Encode()
	if err != nil {
		return 0, false, err
	}
	key := archive.ManifestKey(a.s.Collection, m.Segment)
	diepoint.Here("redo.before")
	err = a.store.PutIfAbsent(ctx, key, body, "application/json")
	diepoint.Here("redo.stored")
	if errors.Is(err, objstore.ErrExists) {
		theirs, rerr := archive.ReadManifest(ctx, a.store, key)
		if rerr == nil && theirs.Attempt == m.Attempt {
			return len(results), true, nil // the answer to an earlier try was lost
		}
		a.undo(ctx, sg)
		return 0, false, rerr
	}
	return len(results), err == nil, err
}

// redoManifest is the manifest that comes next, without counts and objects.
func (a *Archiver) redoManifest(ctx context.Context) (*archive.Manifest, error) {
	m := &archive.Manifest{Format: archive.ManifestFormat, Collection: a.s.Collection, Job: a.s.Job, Run: a.s.Run,
		Attempt: a.s.Attempt(), Redo: true, Created: a.s.Now().UTC(), Software: a.s.Software, First: 1}
	for of, err := range a.arc.RunManifests(ctx, a.s.Collection, a.s.Job, a.s.Run) {
		if err != nil {
			return nil, err
		}
		m.Stream, m.StreamCreated, m.JobHash = of.Stream, of.StreamCreated, of.JobHash
		break
	}
	for before, err := range a.arc.RedoManifests(ctx, a.s.Collection, a.s.Job, a.s.Run) {
		if err != nil {
			return nil, err
		}
		m.First = before.Last + 1
	}
	m.Last = m.First
	m.Segment = archive.RedoName(m.Job, m.Run, m.First)
	return m, nil
}

// fillRedo puts the objects of a segment of results.
func (a *Archiver) fillRedo(ctx context.Context, s *segment, results []Redone) error {
	lines := make([]archive.DeadLine, len(results))
	for i, r := range results {
		c := &r.Capture
		s.captures = append(s.captures, captured{file: c.WARCFilename, offset: c.WARCRecordOffset, length: c.WARCRecordLength})
		lines[i] = archive.DeadLine{Partition: r.Result.Partition, Type: archive.LineRedone, Time: a.s.Now().UTC(), URL: c.URL,
			Capture: c.CaptureID, Result: r.Result.Kind}
		if r.Result.Kind != stream.ResultArticle {
			s.counts.NoArticle++
			continue
		}
		body, err := r.Result.Body()
		if err == nil {
			err = a.takeArticle(ctx, awaited{s, int32(i)}, body)
		}
		if err != nil {
			return err
		}
	}
	if s.counts.Articles > 0 {
		if err := a.putArticles(ctx, s); err != nil {
			return err
		}
	}
	if err := a.addLines(ctx, s, lines); err != nil {
		return err
	}
	return a.putObject(ctx, s, archive.ObjectLog, s.log.spool, s.counts.LogLines)
}
