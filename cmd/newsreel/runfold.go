package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"newsreel/archive"
	"newsreel/crawler/frontier"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// runFold folds a run's log into its ledger, as its crawler does, and counts
// what is archived and what is extracted beside it.
type runFold struct {
	front *frontier.Frontier
	// archived is what the segments come to that were committed when the fold
	// began; committed is the last sequence of theirs.
	archived  archive.Counts
	segments  int64
	committed uint64
	// open are the captures behind it that have no result yet; articles counts
	// the articles of others behind it.
	open     map[string]struct{}
	articles int64
}

// foldRun folds the log of a run up to now.
func (l *lookup) foldRun(ctx context.Context, log *stream.Log, run *job.RunState) (*runFold, error) {
	f, err := l.newRunFold(ctx, log, run)
	if err != nil {
		return nil, err
	}
	return f, log.ReadAll(ctx, 0, f.apply, f.classes()...)
}

// newRunFold begins the fold of a run's log from the newest snapshots of its
// partitions.
func (l *lookup) newRunFold(ctx context.Context, log *stream.Log, run *job.RunState) (*runFold, error) {
	front, err := l.newFrontier(ctx, log, -1)
	if err != nil {
		return nil, err
	}
	f := &runFold{front: front, open: map[string]struct{}{}}
	for m, err := range l.arc.RunManifests(ctx, run.Document.Collection, run.Job, run.Number) {
		if err != nil {
			return nil, err
		}
		f.segments++
		f.committed = m.Last
		f.archived.Add(&m.Counts)
	}
	return f, nil
}

func (f *runFold) classes() []string {
	return []string{stream.ClassOwn, stream.ClassIn, stream.ClassLog, stream.ClassControl, stream.ClassResult}
}

func (f *runFold) apply(e stream.Entry) error {
	if e.Class == stream.ClassResult {
		id := e.Header.Get(stream.HeaderCapture)
		if _, first := f.open[id]; first && e.Header.Get(stream.HeaderResult) == stream.ResultArticle {
			f.articles++
		}
		delete(f.open, id)
		return nil
	}
	if e.Class == stream.ClassLog && e.Sequence > f.committed {
		f.captures(e.Data)
	}
	return f.front.Apply(e, e.Time)
}

// captures notes the captures of a log message by the one field that matters:
// parsing all of it is the frontier's.
func (f *runFold) captures(lines []byte) {
	mark := []byte(`"capture":"`)
	for {
		_, rest, ok := bytes.Cut(lines, mark)
		if !ok {
			return
		}
		id, rest, ok := bytes.Cut(rest, []byte(`"`))
		if !ok {
			return
		}
		f.open[string(id)] = struct{}{}
		lines = rest
	}
}

// fill fills a summary with what was folded.
func (f *runFold) fill(s *archive.Summary) {
	n := f.front.Status(time.Now()).Counts
	s.Discovered, s.Captured, s.Waiting, s.Outside = n.Discovered, n.Captured, n.Waiting, n.Outside
	s.Failed, s.Skipped, s.Captures, s.Bytes = n.Failed, n.Skipped, n.Captures, n.Bytes
	s.Segments, s.Revisits, s.Articles = f.segments, f.archived.Revisits, f.archived.Articles+f.articles
}

// snapshotTries is how often snapshots are looked for: the crawler deletes one
// when a newer one is stored.
const snapshotTries = 3

// newFrontier makes a frontier that folds one partition of a run, or all for
// -1, as its owner would, and hands nothing out.
func (l *lookup) newFrontier(ctx context.Context, log *stream.Log, partition int) (*frontier.Frontier, error) {
	for try := 1; ; try++ {
		f := frontier.New(frontier.NewPacer(), frontier.Rules{}, func(origin string) string {
			return weburl.RegistrableDomain(weburl.Hostname(origin))
		})
		for p := range stream.Partitions {
			if partition < 0 || p == partition {
				// A claim behind all others.
				f.Own(stream.Claim{Partition: p, Sequence: math.MaxUint64})
			}
		}
		err := l.loadSnapshots(ctx, log, f, partition)
		if err == nil {
			return f, nil
		}
		if try == snapshotTries || !errors.Is(err, archive.ErrNotFound) {
			return nil, err
		}
	}
}

func (l *lookup) loadSnapshots(ctx context.Context, log *stream.Log, f *frontier.Frontier, partition int) error {
	snapshots, err := log.Snapshots(ctx)
	if err != nil {
		return err
	}
	for p, s := range snapshots {
		if partition >= 0 && p != partition {
			continue
		}
		if err := l.loadSnapshot(ctx, f, p, s); err != nil {
			return fmt.Errorf("snapshot of partition %d: %w", p, err)
		}
	}
	return nil
}

func (l *lookup) loadSnapshot(ctx context.Context, f *frontier.Frontier, p int, s stream.Snapshot) error {
	body, _, err := l.store.Get(ctx, s.Key)
	if err != nil {
		return err
	}
	defer body.Close()
	return f.Load(p, s.Covers, time.Now(), body)
}
