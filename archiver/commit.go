package archiver

import (
	"context"
	"errors"
	"fmt"
	"path"

	"newsreel/archive"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// contentTypes of the objects of a segment, and of a run's ledger.
var contentTypes = map[string]string{
	archive.ObjectWARC:     "application/warc",
	archive.ObjectCDXJ:     "text/x-cdxj",
	archive.ObjectCaptures: "application/vnd.apache.parquet",
	archive.ObjectArticles: "application/vnd.apache.parquet",
	archive.ObjectLog:      "application/gzip",
	archive.ObjectLedger:   "application/vnd.apache.parquet",
}

// warcName is the name of a segment's WARC, without folders.
func (a *Archiver) warcName(s *segment) string {
	return path.Base(archive.ObjectKey(a.s.Collection, s.name, s.attempt, archive.ObjectWARC))
}

// commit makes a sealed and complete segment exist, in this order:
//
//  1. WARC, CDXJ, captures, articles, crawl log: each is durable and has the
//     right size before the next, under names of this attempt alone;
//  2. the manifest, if no other has its name. What happens before this is
//     undone by a crash, and what comes behind it is made up for at the start;
//  3. the run log is purged of what the segment holds, unless the run ends with
//     it: the whole log is deleted then;
//  4. its staged objects are deleted.
//
// A segment without captures has no WARC and no tables. Every step can be
// repeated. lostError: another archiver's manifest was first.
func (a *Archiver) commit(ctx context.Context, s *segment) error {
	if err := a.putObjects(ctx, s); err != nil {
		return fmt.Errorf("segment %s: %w", s.name, err)
	}
	m, err := a.putManifest(ctx, s)
	if err != nil {
		return err
	}
	a.account(m)
	a.done.own++
	if a.dedup != nil {
		a.dedup.committed = s.refs
	}
	if s.end == nil {
		diepoint.Here("purge.before")
		a.purge(ctx, m.Last)
		diepoint.Here("purge.done")
	}
	if len(s.staged) > 0 {
		// What is left here goes with the run's staging at its end.
		a.note(a.store.Delete(ctx, s.staged...))
		diepoint.Here("purge.staged")
	}
	return nil
}

// putObjects stores what the manifest will name, as far as it is not there.
func (a *Archiver) putObjects(ctx context.Context, s *segment) error {
	if n := int64(len(s.captures)); n > 0 {
		records := 1 + n + s.counts.Requests
		if err := a.putObject(ctx, s, archive.ObjectWARC, s.warc, records); err != nil {
			return err
		}
		diepoint.Here("upload.warc")
		if s.object(archive.ObjectCaptures) == nil {
			var table, index *spool
			err := a.patiently(ctx, func() (err error) {
				table, index, err = a.captureTables(s)
				return err
			})
			if err == nil {
				err = a.putObject(ctx, s, archive.ObjectCDXJ, index, n)
			}
			if err == nil {
				diepoint.Here("upload.cdxj")
				err = a.putObject(ctx, s, archive.ObjectCaptures, table, n)
			}
			table.close()
			index.close()
			if err != nil {
				return err
			}
		}
		diepoint.Here("upload.captures")
		if err := a.putArticles(ctx, s); err != nil {
			return err
		}
		diepoint.Here("upload.articles")
	}
	if err := a.logDead(ctx, s); err != nil {
		return err
	}
	if s.counts.LogLines > 0 {
		if err := a.putObject(ctx, s, archive.ObjectLog, s.log.spool, s.counts.LogLines); err != nil {
			return err
		}
	}
	diepoint.Here("upload.log")
	return nil
}

func (a *Archiver) putArticles(ctx context.Context, s *segment) error {
	if !a.s.ExtractEnabled || s.object(archive.ObjectArticles) != nil {
		return nil
	}
	var table *spool
	err := a.patiently(ctx, func() (err error) {
		table, err = a.articleTable(s)
		return err
	})
	if err != nil {
		return err
	}
	defer table.close()
	return a.putObject(ctx, s, archive.ObjectArticles, table, s.counts.Articles)
}

// object returns what was put of a kind, or nil.
func (s *segment) object(kind string) *archive.Object {
	for i := range s.objects {
		if s.objects[i].Kind == kind {
			return &s.objects[i]
		}
	}
	return nil
}

func (a *Archiver) putObject(ctx context.Context, s *segment, kind string, content *spool, rows int64) error {
	if s.object(kind) != nil {
		return nil
	}
	o := archive.Object{Kind: kind, Key: archive.ObjectKey(a.s.Collection, s.name, s.attempt, kind), Rows: rows}
	err := a.patiently(ctx, func() (err error) {
		if o.Size, o.SHA256, err = content.seal(); err != nil {
			return err
		}
		return put(ctx, a.store, o.Key, content, contentTypes[kind])
	})
	if err == nil {
		s.objects = append(s.objects, o)
	}
	return err
}

// put stores a sealed spool and compares what the store then has with it.
func put(ctx context.Context, store Store, key string, content *spool, contentType string) error {
	size := content.flushed
	if err := store.Put(ctx, key, content.reader(), size, objstore.PutOptions{ContentType: contentType}); err != nil {
		return err
	}
	stored, err := store.Stat(ctx, key)
	if err == nil && stored.Size != size {
		err = fmt.Errorf("put %s: %d bytes are stored of %d", key, stored.Size, size)
	}
	return err
}

// putManifest commits. That a manifest is there already is success if it is
// this attempt's: the answer to an earlier try was lost.
func (a *Archiver) putManifest(ctx context.Context, s *segment) (*archive.Manifest, error) {
	m := &archive.Manifest{
		Format: archive.ManifestFormat, Segment: s.name, Collection: a.s.Collection, Job: a.s.Job, Run: a.s.Run,
		Attempt: s.attempt, Stream: a.log.Name(), StreamCreated: a.log.Created(), First: s.first, Last: s.last,
		End: s.end != nil, Created: a.s.Now().UTC(), Software: a.s.Software, JobHash: a.s.JobHash,
		Counts: s.counts, Objects: s.objects,
	}
	body, err := m.Encode()
	if err != nil {
		return nil, fault("manifest %s: %w", s.name, err)
	}
	key := archive.ManifestKey(a.s.Collection, s.name)
	diepoint.Here("manifest.before")
	err = a.patiently(ctx, func() error { return a.store.PutIfAbsent(ctx, key, body, "application/json") })
	diepoint.Here("manifest.stored")
	if err == nil {
		return m, nil
	}
	if !errors.Is(err, objstore.ErrExists) {
		return nil, err
	}
	theirs, err := a.theirs(ctx, s.first)
	switch {
	case err != nil:
		return nil, err
	case theirs == nil:
		return nil, fmt.Errorf("put %s: the store says that it exists, and that it does not", key)
	case theirs.Attempt == s.attempt:
		return theirs, nil
	}
	a.undo(ctx, s)
	return nil, &lostError{theirs}
}

// undo deletes what a lost attempt has put. What stays the sweep finds.
func (a *Archiver) undo(ctx context.Context, s *segment) {
	keys := make([]string, len(s.objects))
	for i, o := range s.objects {
		keys[i] = o.Key
	}
	if len(keys) > 0 {
		a.note(a.store.Delete(ctx, keys...))
	}
}

// purge removes from the run log what manifests hold, up to a sequence. What
// fails now is made up for by the next purge.
func (a *Archiver) purge(ctx context.Context, upTo uint64) {
	if !a.s.Purge {
		return
	}
	for _, class := range []string{stream.ClassCapture, stream.ClassResult} {
		if err := a.log.Purge(ctx, class, -1, upTo); err != nil {
			a.note(err)
			return
		}
		if class == stream.ClassCapture {
			diepoint.Here("purge.captures")
		}
	}
}
