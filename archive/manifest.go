// Package archive reads what is archived: manifests, captures, articles,
// indexes and ledgers, through the object store. Writing them is the
// archiver's.
package archive

import (
	"encoding/json"
	"fmt"
	"time"
)

// ManifestFormat is the format number of the manifests that this version
// writes.
const ManifestFormat = 1

// Kinds of the objects that a manifest names.
const (
	ObjectWARC     = "warc"
	ObjectCDXJ     = "cdxj"
	ObjectCaptures = "captures"
	ObjectArticles = "articles"
	ObjectLog      = "log"
	// ObjectLedger is named by a run's record.
	ObjectLedger = "urls"
)

// Manifest is what makes a segment exist: C/segments/SEGMENT.json. It is put
// once, with If-None-Match: *, after every object that it names is durable.
type Manifest struct {
	Format     int    `json:"format"`
	Segment    string `json:"segment"`
	Collection string `json:"collection"`
	Job        string `json:"job"`
	Run        int    `json:"run"`
	// Attempt is the id of the attempt that committed; its objects carry it in
	// their names, and a lost answer is judged by it.
	Attempt string `json:"attempt"`
	// Stream, StreamCreated, First and Last say which part of which run log
	// the segment holds; Last is where the next one starts after.
	Stream        string    `json:"stream"`
	StreamCreated time.Time `json:"stream_created"`
	First         uint64    `json:"first"`
	Last          uint64    `json:"last"`
	// End says that the run's end lies within the range.
	End bool `json:"end,omitempty"`
	// Redo says that the segment holds results of captures of the run that
	// were extracted again. First and Last are then its number among those of
	// the run, from 1.
	Redo     bool      `json:"redo,omitempty"`
	Created  time.Time `json:"created"`
	Software string    `json:"software"`
	JobHash  string    `json:"job_hash"`
	Counts   Counts    `json:"counts"`
	Objects  []Object  `json:"objects"`
	// SHA256 is of the stored JSON with this value empty. Encode sets it.
	// Early manifests have none.
	SHA256 string `json:"sha256"`
}

// Counts of a segment.
type Counts struct {
	// Captures = Responses + Revisits.
	Captures  int64 `json:"captures"`
	Responses int64 `json:"responses"`
	Revisits  int64 `json:"revisits"`
	Requests  int64 `json:"requests"`
	// Articles, NoArticle and ExtractFailed are the results of the captures
	// for which one was due; NotAwaited those that a cancel did not wait for.
	Articles      int64 `json:"articles"`
	NoArticle     int64 `json:"no_article"`
	ExtractFailed int64 `json:"extract_failed"`
	NotAwaited    int64 `json:"not_awaited,omitempty"`
	// NotTaken are the captures whose bytes were gone before they were
	// archived; none of the other numbers counts them.
	NotTaken int64 `json:"not_taken,omitempty"`
	// Received is the bytes on the wire of the responses.
	Received int64 `json:"received"`
	LogLines int64 `json:"log_lines"`
}

// Object is one object of a segment, or a run's ledger.
type Object struct {
	Kind   string `json:"kind"`
	Key    string `json:"key"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	// Rows counts records, lines or rows, by kind.
	Rows int64 `json:"rows"`
}

// SegmentName is the name of a run's segment that starts at a sequence.
func SegmentName(job string, run int, first uint64) string {
	return fmt.Sprintf("%s-%d-%012d", job, run, first)
}

// SegmentPrefix is what the names of a run's segments begin with.
func SegmentPrefix(job string, run int) string { return fmt.Sprintf("%s-%d-", job, run) }

// RedoPrefix begins the names of segments of results that were made again. No
// job's name holds a capital letter.
const RedoPrefix = "REDO-"

// RedoName is the name of a run's segment number n of results that were made
// again.
func RedoName(job string, run int, n uint64) string { return RedoPrefix + SegmentName(job, run, n) }

// ManifestKey is the key of a segment's manifest.
func ManifestKey(collection, segment string) string {
	return collection + "/segments/" + segment + ".json"
}

// ObjectKey is the key of a segment's object of a kind, for one attempt.
func ObjectKey(collection, segment, attempt, kind string) string {
	dir, ext := kind, map[string]string{ObjectWARC: ".warc.gz", ObjectCDXJ: ".cdxj",
		ObjectCaptures: ".parquet", ObjectArticles: ".parquet", ObjectLog: ".jsonl.gz"}[kind]
	return collection + "/" + dir + "/" + segment + "-" + attempt + ext
}

// RunKey is the key of a finished run's document and summary.
func RunKey(collection, job string, run int) string {
	return fmt.Sprintf("%s/jobs/%s/%d.json", collection, job, run)
}

// LedgerKey is the key of a finished run's ledger, one row a URL.
func LedgerKey(collection, job string, run int) string {
	return fmt.Sprintf("%s/urls/%s-%d.parquet", collection, job, run)
}

// RuleKey is the key of a site rule that runs of the collection were made with,
// by the SHA-256 of its text.
func RuleKey(collection, sha256 string) string { return collection + "/rules/" + sha256 + ".yaml" }

// RunRecord is a finished run: what was asked and what came of it.
type RunRecord struct {
	Format   int             `json:"format"`
	Document json.RawMessage `json:"document"`
	Software string          `json:"software"`
	Stream   string          `json:"stream"`
	Summary  Summary         `json:"summary"`
	// Ledger is the run's ledger as it was stored. Early records have none.
	Ledger *Object `json:"ledger,omitempty"`
	// SHA256 is of the stored JSON with this value empty. Encode sets it.
	// Early records have none.
	SHA256 string `json:"sha256"`
}

// Summary is what `newsreel crawl --json` prints. The ledger counts distinct
// URLs within the scope and closes at any moment: Discovered = Captured +
// sum(Failed) + sum(Skipped) + Waiting.
type Summary struct {
	Job        string           `json:"job"`
	Run        int              `json:"run"`
	Collection string           `json:"collection"`
	State      string           `json:"state"`
	Started    time.Time        `json:"started"`
	Finished   *time.Time       `json:"finished,omitempty"`
	Discovered int64            `json:"discovered"`
	Captured   int64            `json:"captured"`
	Failed     map[string]int64 `json:"failed"`
	Skipped    map[string]int64 `json:"skipped"`
	Waiting    int64            `json:"waiting"`
	Captures   int64            `json:"captures"`
	Revisits   int64            `json:"revisits"`
	Articles   int64            `json:"articles"`
	Bytes      int64            `json:"bytes"`
	Segments   int64            `json:"segments"`
	Outside    int64            `json:"outside"`
}

// LedgerRow is one URL of a run and its fate, a row of C/urls/JOB-RUN.parquet.
type LedgerRow struct {
	URL    string `json:"url" parquet:"url"`
	Fate   string `json:"fate" parquet:"fate"`
	Reason string `json:"reason,omitempty" parquet:"reason,optional"`
	Kind   string `json:"kind,omitempty" parquet:"kind,optional"`
	Status int16  `json:"status,omitempty" parquet:"status,optional"`
	How    string `json:"discovered_by,omitempty" parquet:"discovered_by,optional"`
	Via    string `json:"via_url,omitempty" parquet:"via_url,optional"`
	Depth  int32  `json:"depth" parquet:"depth"`
	Tries  int32  `json:"tries,omitempty" parquet:"tries,optional"`
	// Found is when the URL was discovered, microseconds since 1970, UTC.
	Found int64 `json:"discovered_time,omitempty" parquet:"discovered_time,timestamp(microsecond:utc),optional"`
}
