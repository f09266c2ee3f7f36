package archive

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Limits of the JSON objects of an archive, in bytes. Documents with long lists
// of seeds are the largest of them.
const (
	maxManifest  = 1 << 20
	maxRunRecord = 64 << 20
)

// stagingPrefix is where runs under way keep what is too large for a message.
const stagingPrefix = "staging/"

// Collections returns the names of the collections that hold a segment or a
// finished run, in order. It asks for a few keys of each and never for all.
func (a *Archive) Collections(ctx context.Context) ([]string, error) {
	var names []string
	after := ""
	for {
		name, found, err := a.nextFolder(ctx, after)
		if err != nil || !found {
			return names, err
		}
		// '~' sorts behind every byte that a key holds.
		after = name + "/~"
		if name+"/" == stagingPrefix {
			continue
		}
		for _, folder := range []string{"/segments/", "/jobs/"} {
			some, err := a.any(ctx, name+folder)
			if err != nil {
				return names, err
			}
			if some {
				names = append(names, name)
				break
			}
		}
	}
}

// nextFolder returns the first folder of the bucket behind a key.
func (a *Archive) nextFolder(ctx context.Context, after string) (name string, found bool, err error) {
	for o, err := range a.store.List(ctx, "", after) {
		if err != nil {
			return "", false, fmt.Errorf("list collections: %w", err)
		}
		if name, _, ok := strings.Cut(o.Key, "/"); ok {
			return name, true, nil
		}
	}
	return "", false, nil
}

func (a *Archive) any(ctx context.Context, prefix string) (bool, error) {
	for _, err := range a.store.List(ctx, prefix, "") {
		if err != nil {
			return false, fmt.Errorf("list %s: %w", prefix, err)
		}
		return true, nil
	}
	return false, nil
}

// Manifests yields the manifests of a collection in the order of their names:
// by job, run and sequence. (The numbers of runs are not padded: run 10 comes
// before run 2.)
func (a *Archive) Manifests(ctx context.Context, collection string) iter.Seq2[*Manifest, error] {
	return a.manifests(ctx, collection, "", func(string) bool { return true })
}

// RunManifests yields the manifests of one run, in stream order.
func (a *Archive) RunManifests(ctx context.Context, collection, job string, run int) iter.Seq2[*Manifest, error] {
	prefix := SegmentPrefix(job, run)
	return a.manifests(ctx, collection, prefix, func(segment string) bool {
		_, ok := SegmentSequence(segment, job, run)
		return ok
	})
}

// RedoManifests yields the manifests of what was extracted again of a run, in
// the order of their numbers.
func (a *Archive) RedoManifests(ctx context.Context, collection, job string, run int) iter.Seq2[*Manifest, error] {
	return a.manifests(ctx, collection, RedoPrefix+SegmentPrefix(job, run), func(segment string) bool {
		_, ok := SegmentSequence(strings.TrimPrefix(segment, RedoPrefix), job, run)
		return ok
	})
}

// SegmentSequence returns the first sequence of a segment from its name, if it
// is one of the run. (The names of run 1 of "a" and of run 2 of "a-1" begin
// alike.)
func SegmentSequence(segment, job string, run int) (first uint64, ok bool) {
	digits, ok := strings.CutPrefix(segment, SegmentPrefix(job, run))
	if !ok || len(digits) < 12 || strings.Trim(digits, "0123456789") != "" {
		return 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil
}

func (a *Archive) manifests(ctx context.Context, collection, prefix string, want func(segment string) bool) iter.Seq2[*Manifest, error] {
	return func(yield func(*Manifest, error) bool) {
		folder := collection + "/segments/"
		for o, err := range a.store.List(ctx, folder+prefix, "") {
			if err != nil {
				yield(nil, fmt.Errorf("list segments of %s: %w", collection, err))
				return
			}
			segment, ok := strings.CutSuffix(strings.TrimPrefix(o.Key, folder), ".json")
			if !ok || !want(segment) {
				continue
			}
			m, err := a.Manifest(ctx, collection, segment)
			if !yield(m, err) || err != nil {
				return
			}
		}
	}
}

// Manifest reads the manifest of a segment. Errors: ErrNotFound, or what is
// wrong with it.
func (a *Archive) Manifest(ctx context.Context, collection, segment string) (*Manifest, error) {
	return ReadManifest(ctx, a.store, ManifestKey(collection, segment))
}

// ReadManifest reads a manifest by its key. A manifest of a later format than
// this version knows is refused.
func ReadManifest(ctx context.Context, store Store, key string) (*Manifest, error) {
	data, err := store.GetBytes(ctx, key, maxManifest)
	if err != nil {
		return nil, fmt.Errorf("read manifest: %w", err)
	}
	return parseManifest(key, data)
}

func parseManifest(key string, data []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := decode(data, m); err != nil {
		return nil, fmt.Errorf("read manifest %s: %w", key, err)
	}
	if m.Last < m.First {
		return nil, fmt.Errorf("read manifest %s: %w: range %d to %d", key, ErrDamaged, m.First, m.Last)
	}
	return m, nil
}

// Object returns the segment's object of a kind, or nil: a segment without
// captures has no WARC.
func (m *Manifest) Object(kind string) *Object {
	i := slices.IndexFunc(m.Objects, func(o Object) bool { return o.Kind == kind })
	if i < 0 {
		return nil
	}
	return &m.Objects[i]
}

// Runs returns the finished runs of a collection, ordered by job and run.
func (a *Archive) Runs(ctx context.Context, collection string) ([]RunRecord, error) {
	var runs []RunRecord
	for o, err := range a.store.List(ctx, collection+"/jobs/", "") {
		if err != nil {
			return runs, fmt.Errorf("list runs of %s: %w", collection, err)
		}
		if !strings.HasSuffix(o.Key, ".json") {
			continue
		}
		r, err := readRun(ctx, a.store, o.Key)
		if err != nil {
			return runs, err
		}
		runs = append(runs, *r)
	}
	slices.SortFunc(runs, func(x, y RunRecord) int {
		if c := strings.Compare(x.Summary.Job, y.Summary.Job); c != 0 {
			return c
		}
		return x.Summary.Run - y.Summary.Run
	})
	return runs, nil
}

// ReadRun reads the record of a finished run. ErrNotFound: the run does not
// exist or is not finished.
func (a *Archive) ReadRun(ctx context.Context, collection, job string, run int) (*RunRecord, error) {
	return ReadRun(ctx, a.store, collection, job, run)
}

// ReadRun is (*Archive).ReadRun for who has a store only.
func ReadRun(ctx context.Context, store Store, collection, job string, run int) (*RunRecord, error) {
	return readRun(ctx, store, RunKey(collection, job, run))
}

func readRun(ctx context.Context, store Store, key string) (*RunRecord, error) {
	data, err := store.GetBytes(ctx, key, maxRunRecord)
	if err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	return parseRun(key, data)
}

func parseRun(key string, data []byte) (*RunRecord, error) {
	r := new(RunRecord)
	if err := decode(data, r); err != nil {
		return nil, fmt.Errorf("read run %s: %w", key, err)
	}
	return r, nil
}

// decode reads a manifest or a run's record. Its format is looked at before
// anything else, since no more is known of a later one.
func decode(data []byte, v any) error {
	var form struct {
		Format   int    `json:"format"`
		Software string `json:"software"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if form.Format > ManifestFormat {
		return fmt.Errorf("%w: it has format %d, written by %.60q, and this version of newsreel knows formats up to %d: use that version or a later one",
			ErrNewer, form.Format, form.Software, ManifestFormat)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// LastRun returns the highest number of a run of a job that the collection
// holds a segment or a record of, 0 for none.
func (a *Archive) LastRun(ctx context.Context, collection, job string) (int, error) {
	last := 0
	for o, err := range a.store.List(ctx, collection+"/jobs/"+job+"/", "") {
		if err != nil {
			return 0, fmt.Errorf("list runs of %s: %w", job, err)
		}
		name := strings.TrimSuffix(o.Key[strings.LastIndexByte(o.Key, '/')+1:], ".json")
		if n, err := strconv.Atoi(name); err == nil {
			last = max(last, n)
		}
	}
	// A run that is not finished has segments only. A run's name is looked
	// for from the highest known on: runs are numbered without gaps.
	for {
		some, err := a.runHasSegments(ctx, collection, job, last+1)
		if err != nil || !some {
			return last, err
		}
		last++
	}
}

func (a *Archive) runHasSegments(ctx context.Context, collection, job string, run int) (bool, error) {
	folder := collection + "/segments/"
	for o, err := range a.store.List(ctx, folder+SegmentPrefix(job, run), "") {
		if err != nil {
			return false, fmt.Errorf("list segments of %s: %w", collection, err)
		}
		segment := strings.TrimSuffix(strings.TrimPrefix(o.Key, folder), ".json")
		if _, ok := SegmentSequence(segment, job, run); ok {
			return true, nil
		}
	}
	return false, nil
}

// isNotFound says whether an error is the store's ErrNotFound.
func isNotFound(err error) bool { return errors.Is(err, ErrNotFound) }

// sortedKeys returns the keys of a map in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
