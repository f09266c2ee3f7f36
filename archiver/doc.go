// Package archiver makes stored objects of captures and articles. It reads one
// run's log in order and commits it in segments, each exactly once in effect:
//
//  1. captures, results and log lines of a range of the run log are spooled
//     (segment.go), duplicates rewritten as revisits (dedup.go);
//  2. the range is sealed by size, age, request or the run's end, and waits
//     until every capture has its extraction result (run.go);
//  3. WARC, CDXJ, captures, articles and crawl log are put under names of this
//     attempt alone and compared by size, then the manifest is put if no other
//     has it: that is the commit (commit.go, tables.go);
//  4. what is committed is purged from the run log, and its staged objects are
//     deleted;
//  5. after the segment that holds the run's end the partitions' lists of
//     fates are joined into ledger and summary, and the stream goes
//     (finish.go, ledger.go).
//
// Whatever is lost in a crash is made again from the run log, since nothing is
// purged before the manifest. Of two archivers on one run, the one whose
// manifest came second drops its attempt and goes on behind the other's.
package archiver

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"newsreel/archive"
	"newsreel/internal/objstore"
	"newsreel/stream"
	"newsreel/warc"
)

// Store is what the archiver needs of an object store: put-if-absent, put,
// get, list and delete. *objstore.Store is one.
type Store interface {
	archive.Store
	PutIfAbsent(ctx context.Context, key string, body []byte, contentType string) error
	Put(ctx context.Context, key string, r io.Reader, size int64, opts objstore.PutOptions) error
	Delete(ctx context.Context, keys ...string) error
}

// Defaults of Settings.
const (
	DefaultSegmentSize = 1 << 30
	DefaultSegmentAge  = 10 * time.Minute
)

// Bounds of a segment beside its size: its rows are held in an index in
// memory, and offsets in captures.parquet have 32 bits.
const (
	maxCaptures = 100_000
	maxWARC     = 1<<31 - 1
)

// Settings of an Archiver.
type Settings struct {
	Collection, Job string
	Run             int
	// JobHash tells job documents apart; Software is name and version.
	JobHash, Software string
	// Document is the job document as JSON, for warcinfo and the run's record.
	Document json.RawMessage
	// RobotsPolicy and Contact go into warcinfo (robots, operator).
	RobotsPolicy, Contact string
	// SegmentSize in bytes of WARC and SegmentAge seal a segment; 0 is the
	// default.
	SegmentSize int64
	SegmentAge  time.Duration
	// Dedup writes payloads that the collection holds already as revisits.
	Dedup bool
	// DigestAlgorithm is that of the collection's payload digests, "" for
	// SHA-1.
	DigestAlgorithm warc.DigestAlgorithm
	// ExtractEnabled says that results are awaited for captures that are due.
	ExtractEnabled bool
	// SpoolDir is the folder for temporary files, "" for the system's.
	SpoolDir string
	// Purge removes what is committed from the run log.
	Purge bool
	// Now is the clock, Attempt gives a new unique id of [a-z0-9] at each
	// call; nil for time.Now and random ids.
	Now     func() time.Time
	Attempt func() string
}

// runLog is what the archiver needs of a run's log.
type runLog interface {
	Name() string
	Created() time.Time
	State(ctx context.Context) (stream.State, error)
	Read(ctx context.Context, from uint64, classes ...string) (entries, error)
	ReadAll(ctx context.Context, from uint64, f func(stream.Entry) error, classes ...string) error
	Purge(ctx context.Context, class string, partition int, upTo uint64) error
	Delete(ctx context.Context) error
}

// entries is an ordered reader of a run log.
type entries interface {
	Next(ctx context.Context) (stream.Entry, error)
	Close()
}

// natsLog is a *stream.Log as a runLog.
type natsLog struct{ *stream.Log }

func (l natsLog) Read(ctx context.Context, from uint64, classes ...string) (entries, error) {
	r, err := l.Log.Read(ctx, from, classes...)
	if err != nil {
		return nil, err
	}
	return r, nil
}
