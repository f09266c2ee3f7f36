package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
)

// Bounds of how many mismatches a report spells out, in all and of one object.
const (
	maxMismatches = 1000
	maxOfObject   = 5
)

// Report is what verifying found.
type Report struct {
	Collection string `json:"collection"`
	Segments   int64  `json:"segments"`
	Objects    int64  `json:"objects"`
	Bytes      int64  `json:"bytes"`
	// Records of all types were read, Digests recomputed, and Entries of
	// indexes and tables compared with the records that they point to.
	Records int64 `json:"records"`
	Digests int64 `json:"digests"`
	Entries int64 `json:"entries"`
	Runs    int64 `json:"runs"`
	// Mismatches are told in words, the first of each object; Mismatched is
	// how many there are.
	Mismatches []Mismatch `json:"mismatches,omitempty"`
	Mismatched int64      `json:"mismatched"`
}

// Mismatch is something that is not as it should be. Key is the object's.
type Mismatch struct {
	Key  string `json:"key"`
	Text string `json:"text"`
	// More is how many further ones of the object are not spelled out. The
	// last that is of an object has it.
	More int64 `json:"more,omitempty"`
}

// OK says that nothing mismatches.
func (r *Report) OK() bool { return r.Mismatched == 0 }

// verifier verifies one collection.
type verifier struct {
	*Archive
	ctx      context.Context
	report   *Report
	progress func(Report)
	// sums is what the segments of each run came to, by its stream.
	sums map[runKey]*runSum
	// told is where the mismatches of a key are, as far as they are spelled
	// out, and broken holds the objects of the segment under check that are
	// missing, damaged or not those that were stored.
	told   map[string]told
	broken map[string]bool
	// rules are the keys of the site rules.
	rules map[string]bool
}

// told is how many mismatches of an object are spelled out, and the last's place.
type told struct{ n, last int }

type runKey struct {
	job  string
	run  int
	redo bool
}

type runSum struct {
	counts   Counts
	segments int64
	last     *Manifest
}

// Verify recomputes every checksum of a collection and compares everything that
// says something twice:
//
//  1. size and SHA-256 of each object that a manifest names;
//  2. block and payload digest of each WARC record;
//  3. each index line and each row with the record that it points to, and their
//     numbers with each other;
//  4. the ranges of each run's segments, which follow each other without gaps;
//  5. size and SHA-256 of each finished run's ledger, and the record and the
//     ledger with the run's segments;
//  6. each site rule with the SHA-256 that is its name, and that those are there
//     which a finished run was made with;
//  7. the checksum that each manifest and each run's record holds of itself.
//
// What points into an object that is missing or damaged is no mismatch of its
// own.
//
// What does not match is in the report; an error is of the store or ctx's.
// progress, if not nil, is called after each object. Memory does not grow with
// the collection: one segment's index is held at a time, and one record.
func (a *Archive) Verify(ctx context.Context, collection string, progress func(Report)) (Report, error) {
	r := Report{Collection: collection}
	if progress == nil {
		progress = func(Report) {}
	}
	v := &verifier{Archive: a, ctx: ctx, report: &r, progress: progress, sums: map[runKey]*runSum{},
		told: map[string]told{}, broken: map[string]bool{}, rules: map[string]bool{}}
	for o, err := range a.store.List(ctx, collection+"/segments/", "") {
		if err != nil {
			return r, fmt.Errorf("verify %s: %w", collection, err)
		}
		if err := v.segment(o.Key); err != nil {
			return r, fmt.Errorf("verify %s: %w", collection, err)
		}
	}
	err := v.siteRules(collection)
	if err == nil {
		err = v.runs(collection)
	}
	if err != nil {
		return r, fmt.Errorf("verify %s: %w", collection, err)
	}
	return r, nil
}

// fail adds a mismatch.
func (v *verifier) fail(key, format string, args ...any) {
	v.report.Mismatched++
	t := v.told[key]
	switch {
	case t.n == maxOfObject:
		v.report.Mismatches[t.last].More++
	case len(v.report.Mismatches) < maxMismatches:
		v.told[key] = told{t.n + 1, len(v.report.Mismatches)}
		v.report.Mismatches = append(v.report.Mismatches, Mismatch{Key: key, Text: fmt.Sprintf(format, args...)})
	}
}

// segment verifies one segment by its manifest's key.
func (v *verifier) segment(key string) error {
	data, err := v.store.GetBytes(v.ctx, key, maxManifest)
	var m *Manifest
	if err == nil {
		m, err = parseManifest(key, data)
	}
	if err != nil {
		if v.ctx.Err() != nil {
			return err
		}
		v.fail(key, "%v", err)
		return nil
	}
	if err := checkSeal(data, m.SHA256, new(Manifest)); err != nil {
		v.fail(key, "%v", err)
	}
	v.report.Segments++
	clear(v.broken)
	v.follows(key, m)
	s := &segmentCheck{verifier: v, m: m}
	for _, step := range []struct {
		kind  string
		check func(*Object) error
	}{
		{ObjectWARC, s.warc}, {ObjectCDXJ, s.cdxj}, {ObjectCaptures, s.captures},
		{ObjectArticles, s.articles}, {ObjectLog, s.log},
	} {
		o := m.Object(step.kind)
		if o == nil {
			continue
		}
		if err := v.object(o, step.check); err != nil {
			return err
		}
	}
	s.compareCounts(key)
	return nil
}

// object runs the check of one object; that it is missing or damaged is told in
// the report.
func (v *verifier) object(o *Object, check func(*Object) error) error {
	err := check(o)
	switch {
	case err == nil:
	case v.ctx.Err() != nil:
		return v.ctx.Err()
	case errors.Is(err, ErrNotFound):
		v.broken[o.Key] = true
		v.fail(o.Key, "is missing")
	default:
		var damage *damageError
		if !errors.As(err, &damage) {
			return err
		}
		v.broken[o.Key] = true
		v.fail(o.Key, "%v", damage.error)
	}
	v.report.Objects++
	v.progress(*v.report)
	return nil
}

// damageError is an error of an object's content, not of the store.
type damageError struct{ error }

// damage marks an error of reading a table as one of its content, unless it is
// the store's.
func damage(err error) error {
	var store *storeError
	if errors.As(err, &store) {
		return err
	}
	return &damageError{err}
}

// follows checks that a segment's range follows the one before it.
func (v *verifier) follows(key string, m *Manifest) {
	k := runKey{m.Job, m.Run, m.Redo}
	sum := v.sums[k]
	if sum == nil {
		sum = &runSum{}
		v.sums[k] = sum
	}
	want := uint64(1)
	if last := sum.last; last != nil {
		want = last.Last + 1
		if m.Stream != last.Stream || !m.StreamCreated.Equal(last.StreamCreated) {
			v.fail(key, "is of run log %s made at %s, and the segment before it of %s made at %s",
				m.Stream, m.StreamCreated, last.Stream, last.StreamCreated)
		}
		if last.End {
			v.fail(key, "stands behind the segment that holds the run's end")
		}
	}
	if m.First != want {
		v.fail(key, "begins at %d of the run log, where %d follows", m.First, want)
	}
	name := SegmentName(m.Job, m.Run, m.First)
	if m.Redo {
		name = RedoName(m.Job, m.Run, m.First)
	}
	if name := ManifestKey(m.Collection, name); name != key {
		v.fail(key, "holds the manifest of %s", name)
	}
	sum.counts.Add(&m.Counts)
	sum.segments++
	sum.last = m
}

// hashed reads an object whole through read and compares its size and SHA-256
// with what the manifest, or the run's record, says. read need not read to the
// end.
func (v *verifier) hashed(o *Object, read func(io.Reader) error) error {
	body, _, err := v.store.Get(v.ctx, o.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	sum := sha256.New()
	counted := &countReader{r: io.TeeReader(body, sum)}
	rerr := read(counted)
	if _, err := io.Copy(io.Discard, counted); err != nil {
		return fmt.Errorf("read %s: %w", o.Key, err)
	}
	v.report.Bytes += counted.n
	who := "its manifest"
	if o.Kind == ObjectLedger {
		who = "its run's record"
	}
	if counted.n != o.Size {
		v.broken[o.Key] = true
		v.fail(o.Key, "has %d bytes, and %s says %d", counted.n, who, o.Size)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != o.SHA256 {
		v.broken[o.Key] = true
		v.fail(o.Key, "has SHA-256 %s, and %s says %s", got, who, o.SHA256)
	}
	return rerr
}

type countReader struct {
	r io.Reader
	n int64
}

func (c *countReader) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}
