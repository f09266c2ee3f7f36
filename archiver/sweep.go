package archiver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/archive"
	"newsreel/internal/diepoint"
	"newsreel/stream"
)

// Streams are the run logs that exist.
type Streams interface {
	// Names lists the streams of run logs.
	Names(ctx context.Context) ([]string, error)
	// Delete removes one; one that is gone is no error.
	Delete(ctx context.Context, name string) error
}

// NATSStreams are the run logs of a NATS server.
func NATSStreams(nc *nats.Conn) (Streams, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("list run logs: %w", err)
	}
	return natsStreams{js}, nil
}

type natsStreams struct{ js jetstream.JetStream }

func (s natsStreams) Names(ctx context.Context) ([]string, error) {
	var names []string
	list := s.js.StreamNames(ctx)
	for name := range list.Name() {
		if strings.HasPrefix(name, "J_") {
			names = append(names, name)
		}
	}
	if err := list.Err(); err != nil {
		return nil, fmt.Errorf("list run logs: %w", err)
	}
	return names, nil
}

func (s natsStreams) Delete(ctx context.Context, name string) error {
	err := s.js.DeleteStream(ctx, name)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete run log %s: %w", name, err)
	}
	return nil
}

// SweepReport is what a sweep removed.
type SweepReport struct {
	// Attempts are objects of attempts that came second; Staged are objects
	// of streams that are gone; Bytes is their size.
	Attempts int64 `json:"attempts"`
	Staged   int64 `json:"staged"`
	Bytes    int64 `json:"bytes"`
	// Streams are run logs of finished runs.
	Streams int64 `json:"streams"`
	// Uploads are multipart uploads that never ended.
	Uploads int64 `json:"uploads"`
	// Kept are objects that no manifest names and that an attempt under way
	// may still name.
	Kept int64 `json:"kept"`
}

// Sweep removes what crashes leave behind and nothing that may be in flight:
// objects of attempts whose range a manifest covers and that none names, run
// logs of finished runs, staged objects of run logs that are gone, and uploads
// that never ended. It can run beside everything else.
func Sweep(ctx context.Context, store Store, streams Streams) (SweepReport, error) {
	s := &sweep{store: store, arc: archive.New(store, ""), streams: streams}
	collections, err := s.arc.Collections(ctx)
	if err == nil {
		err = s.finished(ctx, collections)
	}
	for _, c := range collections {
		if err == nil {
			err = s.collection(ctx, c)
		}
	}
	if err == nil {
		err = s.staging(ctx)
	}
	if u, ok := store.(uploads); ok && err == nil {
		s.report.Uploads, err = u.AbortUploads(ctx, time.Now().Add(-abandoned))
	}
	if err != nil {
		return s.report, fmt.Errorf("sweep: %w", err)
	}
	return s.report, nil
}

// uploads is a store whose objects are put in parts.
type uploads interface {
	AbortUploads(ctx context.Context, before time.Time) (int64, error)
}

type sweep struct {
	store   Store
	arc     *archive.Archive
	streams Streams
	report  SweepReport
}

// finished deletes the run logs of runs that have a record.
func (s *sweep) finished(ctx context.Context, collections []string) error {
	names, err := s.streams.Names(ctx)
	if err != nil {
		return err
	}
	for _, c := range collections {
		if len(names) == 0 {
			return nil
		}
		runs, err := s.arc.Runs(ctx, c)
		if err != nil {
			return err
		}
		for _, r := range runs {
			if !slices.Contains(names, r.Stream) {
				continue
			}
			if err := s.streams.Delete(ctx, r.Stream); err != nil {
				return err
			}
			s.report.Streams++
			diepoint.Here("sweep.logs")
		}
	}
	return nil
}

// foundObject is an object that some attempt has put.
type foundObject struct {
	key      string
	size     int64
	modified time.Time
}

// abandoned is how old, by the server's clock, what takes minutes is when nobody
// works on it any more: an object that an attempt to archive what was extracted
// again has put and not named, and an upload that has not ended.
const abandoned = 24 * time.Hour

// covered is what the manifests of a run cover.
type covered struct {
	upTo  uint64
	ended bool
}

// collection removes the objects of attempts that lost.
func (s *sweep) collection(ctx context.Context, c string) error {
	// Objects are listed before manifests: what is named by then is found
	// there.
	var found []foundObject
	for _, kind := range []string{archive.ObjectWARC, archive.ObjectCDXJ, archive.ObjectCaptures, archive.ObjectArticles, archive.ObjectLog} {
		for o, err := range s.store.List(ctx, c+"/"+kind+"/", "") {
			if err != nil {
				return err
			}
			found = append(found, foundObject{o.Key, o.Size, o.Modified})
		}
	}
	named := map[string]bool{}
	runs := map[string]covered{}
	for m, err := range s.arc.Manifests(ctx, c) {
		if err != nil {
			return err
		}
		for _, o := range m.Objects {
			named[o.Key] = true
		}
		prefix := archive.SegmentPrefix(m.Job, m.Run)
		if m.Redo {
			prefix = archive.RedoPrefix + prefix
		}
		r := runs[prefix]
		runs[prefix] = covered{max(r.upTo, m.Last), r.ended || m.End}
	}
	var lost []string
	for _, o := range found {
		if named[o.key] {
			continue
		}
		prefix, first, ok := attemptOf(o.key)
		r := runs[prefix]
		old := strings.HasPrefix(prefix, archive.RedoPrefix) && time.Since(o.modified) > abandoned
		if !ok || first > r.upTo && !r.ended && !old {
			s.report.Kept++
			continue
		}
		lost = append(lost, o.key)
		s.report.Attempts++
		s.report.Bytes += o.size
	}
	if len(lost) == 0 {
		return nil
	}
	diepoint.Here("sweep.found")
	if err := s.store.Delete(ctx, lost...); err != nil {
		return err
	}
	diepoint.Here("sweep.attempts")
	return nil
}

// attemptOf takes an object's key apart: the prefix of its run's segments and
// the first sequence of its segment.
func attemptOf(key string) (prefix string, first uint64, ok bool) {
	name := key[strings.LastIndexByte(key, '/')+1:]
	name, _, _ = strings.Cut(name, ".") // job names hold no dot
	segment, _, ok := cutLast(name)
	if !ok {
		return "", 0, false
	}
	run, digits, ok := cutLast(segment)
	if !ok || len(digits) < 12 {
		return "", 0, false
	}
	first, err := strconv.ParseUint(digits, 10, 64)
	return run + "-", first, err == nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// staging removes what streams left behind that are gone. The streams are
// listed after the objects: an object is staged for a stream that exists, and
// names are not used again.
func (s *sweep) staging(ctx context.Context) error {
	byStream := map[string][]string{}
	sizes := map[string]int64{}
	root := strings.TrimSuffix(stream.StagingPrefix(""), "/")
	for o, err := range s.store.List(ctx, root, "") {
		if err != nil {
			return err
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(o.Key, root), "/")
		if ok {
			byStream[name] = append(byStream[name], o.Key)
			sizes[name] += o.Size
		}
	}
	if len(byStream) == 0 {
		return nil
	}
	live, err := s.streams.Names(ctx)
	if err != nil {
		return err
	}
	for _, name := range live {
		delete(byStream, name)
	}
	for name, keys := range byStream {
		if err := s.store.Delete(ctx, keys...); err != nil {
			return err
		}
		diepoint.Here("sweep.staging")
		s.report.Staged += int64(len(keys))
		s.report.Bytes += sizes[name]
	}
	return nil
}
