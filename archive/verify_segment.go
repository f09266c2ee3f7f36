package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"path"
	"strings"

	"github.com/klauspost/compress/gzip"

	"newsreel/capture"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// maxBlock is the largest block that is held in memory. Of larger ones the
// block digest is recomputed, and the payload's is not.
const maxBlock = 256 << 20

// segmentCheck verifies the objects of one segment against each other.
type segmentCheck struct {
	*verifier
	m       *Manifest
	records map[int64]recordSum
	seed    maphash.Seed

	responses, revisits, requests, lines, rows, found, logLines int64
}

// recordSum is what is kept of a WARC record until the indexes are read.
type recordSum struct {
	capture     bool // response or revisit
	revisit     bool
	length      int64
	url, digest uint64 // hashes
	timestamp   string
}

// warc reads a WARC and recomputes the digests of its records.
func (s *segmentCheck) warc(o *Object) error {
	s.seed, s.records = maphash.MakeSeed(), map[int64]recordSum{}
	return s.hashed(o, func(r io.Reader) error {
		in := warc.NewReader(r)
		n := int64(0)
		for ; ; n++ {
			rec, err := in.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err == nil {
				err = s.record(o, rec, n)
			}
			if err != nil {
				return &damageError{fmt.Errorf("record %d: %w", n, err)}
			}
		}
		for _, f := range in.TrailingFaults() {
			s.fail(o.Key, "behind the last record: %v", f)
		}
		s.same(o.Key, "records in its manifest", o.Rows, n, "it has")
		return nil
	})
}

func (s *segmentCheck) record(o *Object, rec *warc.Record, n int64) error {
	s.report.Records++
	if rec.Length > maxBlock {
		if err := s.hugeBlock(o, rec); err != nil {
			return err
		}
	} else if err := s.block(o, rec); err != nil {
		return err
	}
	for _, f := range rec.Faults {
		s.fail(o.Key, "record at %d: %v", rec.Offset, f)
	}
	typ := rec.Type()
	if (n == 0) != (typ == warc.TypeWarcinfo) {
		s.fail(o.Key, "record at %d: %s in place %d", rec.Offset, typ, n)
	}
	line := cdxj.FromHeader(rec.Header, warc.HTTPBlock{})
	sum := recordSum{length: rec.MemberLength, url: s.hash(line.URL), digest: s.hashDigest(line.Digest), timestamp: line.Timestamp}
	switch typ {
	case warc.TypeResponse:
		s.responses++
		sum.capture = true
	case warc.TypeRevisit:
		s.revisits++
		sum.capture, sum.revisit = true, true
	case warc.TypeRequest:
		s.requests++
	}
	s.records[rec.Offset] = sum
	return nil
}

// block recomputes the digests of a record whose block fits into memory.
func (s *segmentCheck) block(o *Object, rec *warc.Record) error {
	block, err := rec.ReadBlock(maxBlock)
	if err != nil {
		return err
	}
	for _, verify := range []func(*warc.Record, []byte) error{warc.VerifyBlockDigest, warc.VerifyPayloadDigest} {
		err := verify(rec, block)
		switch {
		case err == nil:
			s.report.Digests++
		case errors.Is(err, warc.ErrNoDigest):
		default:
			s.fail(o.Key, "record at %d: %v", rec.Offset, err)
		}
	}
	if rec.Header.Get(warc.FieldBlockDigest) == "" {
		s.fail(o.Key, "record at %d: no %s", rec.Offset, warc.FieldBlockDigest)
	}
	return nil
}

// hugeBlock recomputes the block digest of a record as it passes.
func (s *segmentCheck) hugeBlock(o *Object, rec *warc.Record) error {
	said := warc.Digest(rec.Header.Get(warc.FieldBlockDigest))
	h := warc.NewHash(said.Algorithm())
	if h == nil {
		s.fail(o.Key, "record at %d: %s %q", rec.Offset, warc.FieldBlockDigest, said)
		return nil
	}
	if _, err := io.Copy(h, rec.Block); err != nil {
		return err
	}
	s.report.Digests++
	if got := warc.FormatDigest(said.Algorithm(), h.Sum(nil)); !got.Equal(said) {
		s.fail(o.Key, "record at %d: %s is %s, computed %s", rec.Offset, warc.FieldBlockDigest, said, got)
	}
	return nil
}

func (s *segmentCheck) hash(text string) uint64 { return maphash.String(s.seed, text) }

// hashDigest hashes a digest, the same however it is spelled. Indexes and
// tables leave the label of SHA-1 out, as other tools' do.
func (s *segmentCheck) hashDigest(d warc.Digest) uint64 {
	if d != "" && !strings.Contains(string(d), ":") {
		d = "sha1:" + d
	}
	if sum := d.Bytes(); sum != nil {
		return maphash.Bytes(s.seed, append([]byte(d.Algorithm()), sum...))
	}
	return s.hash(string(d))
}

// entry is what an index line or a row says of a record.
type entry struct {
	filename, url, timestamp string
	digest                   warc.Digest
	offset, length           int64
	revisit                  bool
}

// points checks that an entry says what the record says that it points to.
// What points into a WARC that is broken is not compared.
func (s *segmentCheck) points(key, where string, e entry) {
	if o := s.m.Object(ObjectWARC); o == nil || path.Base(o.Key) != e.filename {
		s.fail(key, "%s: points to %s, which is not the segment's WARC", where, e.filename)
		return
	}
	if s.isBroken(ObjectWARC) {
		return // which is told, and says nothing against the entry
	}
	s.report.Entries++
	rec, ok := s.records[e.offset]
	switch {
	case !ok || !rec.capture:
		s.fail(key, "%s: no response or revisit stands at %d", where, e.offset)
	case rec.length != e.length:
		s.fail(key, "%s: the record at %d has %d bytes, and not %d", where, e.offset, rec.length, e.length)
	case rec.url != s.hash(e.url):
		s.fail(key, "%s: the record at %d is not of %s", where, e.offset, e.url)
	case rec.digest != s.hashDigest(e.digest):
		s.fail(key, "%s: the record at %d has not the digest %s", where, e.offset, e.digest)
	case rec.timestamp != e.timestamp:
		s.fail(key, "%s: the record at %d is of %s, and not of %s", where, e.offset, rec.timestamp, e.timestamp)
	case rec.revisit != e.revisit:
		s.fail(key, "%s: the record at %d is a response where a revisit is named, or the other way", where, e.offset)
	}
}

func (s *segmentCheck) cdxj(o *Object) error {
	return s.hashed(o, func(r io.Reader) error {
		var previous []byte
		lines := newLineScanner(r)
		for lines.Scan() {
			s.lines++
			where := fmt.Sprintf("line %d", s.lines)
			if bytes.Compare(lines.Bytes(), previous) < 0 {
				s.fail(o.Key, "%s: does not come after the line before it", where)
			}
			previous = append(previous[:0], lines.Bytes()...)
			l, err := cdxj.ParseLine(lines.Bytes())
			if err != nil {
				s.fail(o.Key, "%s: %v", where, err)
				continue
			}
			if l.SURT != cdxj.SURT(l.URL) {
				s.fail(o.Key, "%s: the SURT of %s is not %s", where, l.URL, l.SURT)
			}
			s.points(o.Key, where, entry{l.Filename, l.URL, l.Timestamp, l.Digest, l.Offset, l.Length, l.MIME == cdxj.RevisitMIME})
		}
		if err := lines.Err(); err != nil {
			return &damageError{fmt.Errorf("line %d: %w", s.lines+1, err)}
		}
		return nil
	})
}

// newLineScanner reads lines of up to 16 MiB.
func newLineScanner(r io.Reader) *bufio.Scanner {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 64<<10), 16<<20)
	return lines
}

// whole compares size and SHA-256 of an object that is read by pieces later.
func (s *segmentCheck) whole(o *Object) error {
	return s.hashed(o, func(io.Reader) error { return nil })
}

func (s *segmentCheck) captures(o *Object) error {
	if err := s.whole(o); err != nil {
		return err
	}
	previous := ""
	for row, err := range scan[capture.Row](s.ctx, s.store, o) {
		if err != nil {
			return damage(err)
		}
		s.rows++
		where := "capture " + row.CaptureID
		if row.URLSurtkey < previous {
			s.fail(o.Key, "%s: %s does not come after %s", where, row.URLSurtkey, previous)
		}
		previous = strings.Clone(row.URLSurtkey)
		s.points(o.Key, where, entry{row.WARCFilename, row.URL, timestamp14(row.FetchTime), warc.Digest(row.ContentDigest),
			int64(row.WARCRecordOffset), int64(row.WARCRecordLength), row.RecordType == capture.RecordRevisit})
		if (row.RecordType == capture.RecordRevisit) != (row.RevisitOf != "") {
			s.fail(o.Key, "%s: record type %s, revisit of %q", where, row.RecordType, row.RevisitOf)
		}
	}
	return nil
}

// articlePlace is what verifying reads of articles.parquet.
type articlePlace struct {
	ID               string `parquet:"id"`
	URL              string `parquet:"url"`
	WARCFilename     string `parquet:"warc_filename"`
	WARCRecordOffset int32  `parquet:"warc_record_offset"`
	WARCRecordLength int32  `parquet:"warc_record_length"`
}

func (s *segmentCheck) articles(o *Object) error {
	if err := s.whole(o); err != nil {
		return err
	}
	if s.m.Redo {
		return s.redone(o)
	}
	file := ""
	if w := s.m.Object(ObjectWARC); w != nil {
		file = path.Base(w.Key)
	}
	for row, err := range scan[articlePlace](s.ctx, s.store, o) {
		if err != nil {
			return damage(err)
		}
		s.found++
		if s.isBroken(ObjectWARC) {
			continue
		}
		s.report.Entries++
		rec, ok := s.records[int64(row.WARCRecordOffset)]
		if row.WARCFilename != file || !ok || !rec.capture || rec.length != int64(row.WARCRecordLength) {
			s.fail(o.Key, "article %s: no record of %d bytes stands at %d of %s", row.ID,
				row.WARCRecordLength, row.WARCRecordOffset, row.WARCFilename)
		}
	}
	return nil
}

// redone checks that the articles of captures that were extracted again point to
// the records of these captures, which stand in WARC files of other segments.
func (s *segmentCheck) redone(o *Object) error {
	for row, err := range scan[articlePlace](s.ctx, s.store, o) {
		if err != nil {
			return damage(err)
		}
		s.found++
		s.report.Entries++
		header, err := s.recordAt(row.WARCFilename, int64(row.WARCRecordOffset), int64(row.WARCRecordLength))
		switch {
		case s.ctx.Err() != nil:
			return s.ctx.Err()
		case err != nil:
			s.fail(o.Key, "article %s: %v", row.ID, err)
		case header.Get(warc.FieldTargetURI) != row.URL:
			s.fail(o.Key, "article %s: the record at %d of %s is not of %s", row.ID, row.WARCRecordOffset, row.WARCFilename, row.URL)
		}
	}
	return nil
}

// recordAt reads the header of a record by its place in a WARC file.
func (s *segmentCheck) recordAt(file string, offset, length int64) (warc.Header, error) {
	member, err := readRange(s.ctx, s.store, s.m.Collection+"/"+ObjectWARC+"/"+file, offset, length)
	if err != nil {
		return nil, err
	}
	record, _, err := warc.ReadMember(member, maxBlock)
	if err != nil {
		return nil, fmt.Errorf("record at %d of %s: %w", offset, file, err)
	}
	return record.Header, nil
}

func (s *segmentCheck) log(o *Object) error {
	return s.hashed(o, func(r io.Reader) error {
		zip, err := gzip.NewReader(r)
		if err != nil {
			return &damageError{err}
		}
		lines := newLineScanner(zip)
		for lines.Scan() {
			s.logLines++
			if !json.Valid(lines.Bytes()) {
				s.fail(o.Key, "line %d is no JSON", s.logLines)
			}
		}
		if err := lines.Err(); err != nil {
			return &damageError{fmt.Errorf("line %d: %w", s.logLines+1, err)}
		}
		return nil
	})
}

// isBroken says whether the segment's object of a kind is missing or damaged.
func (s *segmentCheck) isBroken(kind string) bool {
	o := s.m.Object(kind)
	return o != nil && s.broken[o.Key]
}

// compareCounts compares the manifest's counts with what was read, as far as it
// could be read.
func (s *segmentCheck) compareCounts(key string) {
	c := &s.m.Counts
	if s.m.Object(ObjectWARC) == nil && c.Captures > 0 {
		s.fail(key, "names no WARC, and says that it has %d captures", c.Captures)
	}
	for _, n := range []struct {
		kind, what  string
		said, found int64
		where       string
	}{
		{ObjectWARC, "responses", c.Responses, s.responses, "its WARC has"},
		{ObjectWARC, "revisits", c.Revisits, s.revisits, "its WARC has"},
		{ObjectWARC, "requests", c.Requests, s.requests, "its WARC has"},
		{ObjectWARC, "captures", c.Captures, s.responses + s.revisits, "its WARC has"},
		{ObjectCDXJ, "captures", c.Captures, s.lines, "lines of its index are"},
		{ObjectCaptures, "captures", c.Captures, s.rows, "rows of its captures table are"},
		{ObjectArticles, "articles", c.Articles, s.found, "rows of its articles table are"},
		{ObjectLog, "log lines", c.LogLines, s.logLines, "lines of its crawl log are"},
	} {
		if !s.isBroken(n.kind) {
			s.same(key, n.what, n.said, n.found, n.where)
		}
	}
}
