package archiver

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"github.com/klauspost/compress/gzip"

	"newsreel/archive"
	"newsreel/stream"
)

// segment is a range of the run log on its way to be committed. Its bulk is in
// spools; what is in memory is an index.
type segment struct {
	first, last uint64
	attempt     string
	name        string
	// limit is the size of the WARC that seals it, in bytes.
	limit int64
	// opened is when the first capture or log line came, zero before.
	opened time.Time
	// sealedAt is when it was sealed, zero while it is open.
	sealedAt time.Time
	// end is set when the range holds the run's end.
	end *stream.Control

	warc, rows, articles *spool
	log                  *logSpool
	captures             []captured
	found                []extracted
	// dead are the captures that could not be processed, until they stand in
	// the log.
	dead []deadLetter
	// waiting counts the captures whose result has not come.
	waiting int
	counts  archive.Counts
	// staged are the keys of objects that go after the commit.
	staged []string
	// refs is the size of dedup's references when it was sealed.
	refs int64

	// objects is what the commit put already.
	objects []archive.Object
}

// captured is one capture of a segment.
type captured struct {
	// key is the line of the index up to its JSON: SURT and timestamp.
	key string
	// row and rowLen is where its row stands in rows, as JSON.
	row    int64
	rowLen int32
	// file is the WARC that holds its record, "" for the segment's own, and
	// offset and length are the record's there.
	file           string
	offset, length int32
	// revisitOf and digest are set on revisits.
	revisitOf, digest string
}

// extracted is one article of a segment.
type extracted struct {
	domain, day string
	capture     int32 // in captures
	offset      int64 // in articles, of the result's body
	length      int32
}

// sealed says whether the segment takes no more captures.
func (s *segment) sealed() bool { return !s.sealedAt.IsZero() }

// hasContent says whether there is anything to keep: claims and results of
// earlier segments alone make none.
func (s *segment) hasContent() bool {
	return len(s.captures) > 0 || s.counts.LogLines > 0 || len(s.dead) > 0 || s.end != nil
}

// close frees the spools.
func (s *segment) close() {
	s.warc.close()
	s.rows.close()
	s.articles.close()
	if s.log != nil {
		s.log.spool.close()
	}
}

// logSpool is the crawl log under construction: JSON lines, compressed.
type logSpool struct {
	spool *spool
	zip   *gzip.Writer
	out   bytes.Buffer
	line  bytes.Buffer
	json  *json.Encoder
}

func newLogSpool(dir string) (*logSpool, error) {
	s, err := newSpool(dir, true)
	if err != nil {
		return nil, err
	}
	l := &logSpool{spool: s}
	l.zip, err = gzip.NewWriterLevel(&l.out, gzip.BestSpeed)
	l.json = json.NewEncoder(&l.line)
	l.json.SetEscapeHTML(false)
	return l, err
}

// add takes a line; drain has to follow.
func (l *logSpool) add(v any) error {
	l.line.Reset()
	if err := l.json.Encode(v); err != nil {
		return err
	}
	_, err := l.zip.Write(l.line.Bytes())
	return err
}

// drain moves what is compressed to the spool. It may be tried again.
func (l *logSpool) drain() error {
	if l.out.Len() == 0 {
		return nil
	}
	if err := l.spool.append(l.out.Bytes()); err != nil {
		return err
	}
	l.out.Reset()
	return nil
}

// reopen begins another gzip member behind the end of the log, if it has ended.
func (l *logSpool) reopen() (err error) {
	if l.zip == nil {
		l.zip, err = gzip.NewWriterLevel(&l.out, gzip.BestSpeed)
	}
	return err
}

// end closes the compression; drain has to follow.
func (l *logSpool) end() error {
	if l.zip == nil {
		return nil
	}
	zip := l.zip
	l.zip = nil
	return zip.Close()
}

// logLine is one line of the crawl log: an outcome, a retry or an idle mark, and
// the sequence and partition of the message that it came in.
type logLine struct {
	Sequence  uint64 `json:"seq"`
	Partition int    `json:"partition"`
	Type      string `json:"type"`
	*stream.Outcome
}

type retryLine struct {
	Sequence  uint64 `json:"seq"`
	Partition int    `json:"partition"`
	Type      string `json:"type"`
	*stream.Retry
}

// idleLine keeps an idle mark: the run log may be purged of it before the run's
// end, and the ledger is made of what it names.
type idleLine struct {
	Sequence  uint64 `json:"seq"`
	Partition int    `json:"partition"`
	Type      string `json:"type"`
	*stream.Idle
}

// addLog takes the lines of a log.P message that tell of fetching, and gives
// idle marks to idle too.
func (s *segment) addLog(e stream.Entry, idle func(*stream.Idle)) error {
	var errs []error
	err := stream.ParseLines(e.Data, stream.Visitor{
		Outcome: func(o *stream.Outcome) {
			s.counts.Received += o.Bytes
			s.counts.LogLines++
			if o.Robots != nil {
				// The rules are for resuming crawlers, and in the WARC.
				robots := *o.Robots
				robots.Rules = nil
				o.Robots = &robots
			}
			errs = append(errs, s.log.add(logLine{e.Sequence, e.Partition, "outcome", o}))
		},
		Retry: func(r *stream.Retry) {
			s.counts.LogLines++
			errs = append(errs, s.log.add(retryLine{e.Sequence, e.Partition, "retry", r}))
		},
		Idle: func(i *stream.Idle) {
			idle(i)
			if i.Counts.Discovered == 0 {
				return // nothing is lost with it
			}
			s.counts.LogLines++
			errs = append(errs, s.log.add(idleLine{e.Sequence, e.Partition, "idle", i}))
		},
	})
	return errors.Join(append(errs, err)...)
}
