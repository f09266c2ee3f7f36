package warc

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// Record is one record as read. Block must be read before the next record is
// asked for; what is left of it is skipped then.
type Record struct {
	// Version is the version line as it stands, such as "WARC/1.0".
	Version string
	Header  Header
	// Block is the record's block. It ends with io.EOF, with a
	// *TruncatedError where the record was cut short, or with the error of
	// the reader below.
	Block io.Reader
	// Length is Content-Length in bytes; -1 where the field is missing or not
	// a number and the block goes to the end of its gzip member.
	Length int64
	// Offset is that of the gzip member that the record begins in or,
	// uncompressed, that of its first byte.
	Offset int64
	// MemberLength is the number of bytes from Offset to the end of the
	// record's last gzip member or, uncompressed, to the end of the line ends
	// that close the record. It is 0 until the block was read to its end.
	MemberLength int64
	// Compressed says whether the record was in a gzip member.
	Compressed bool
	// Faults are what was forgiven, in the order found; some are known only
	// after the block was read to its end.
	Faults []Fault
}

// Type returns WARC-Type in lower case.
func (r *Record) Type() string { return strings.ToLower(r.Header.Get(FieldType)) }

// ID returns WARC-Record-ID as written, with its angle brackets.
func (r *Record) ID() string { return r.Header.Get(FieldRecordID) }

// TargetURI returns WARC-Target-URI, without the angle brackets that the
// grammar of WARC/1.0 asked for and some tools wrote.
func (r *Record) TargetURI() string { return TargetURI(r.Header) }

// TargetURI returns the header's WARC-Target-URI without angle brackets.
func TargetURI(h Header) string {
	uri := h.Get(FieldTargetURI)
	if len(uri) > 1 && uri[0] == '<' && uri[len(uri)-1] == '>' {
		return uri[1 : len(uri)-1]
	}
	return uri
}

// Date returns WARC-Date in UTC.
func (r *Record) Date() (time.Time, error) { return ParseDate(r.Header.Get(FieldDate)) }

// ReadBlock reads the block to its end. A block of more than limit bytes is
// ErrTooLarge; of a block cut short what there is comes with the error.
func (r *Record) ReadBlock(limit int64) ([]byte, error) {
	if r.Length > limit {
		return nil, fmt.Errorf("read block of %s: %d bytes: %w", r.ID(), r.Length, ErrTooLarge)
	}
	var block []byte
	if r.Length > 0 && r.Length <= 1<<20 {
		block = make([]byte, 0, r.Length+1)
	}
	block, err := appendAll(block, io.LimitReader(r.Block, limit+1))
	if int64(len(block)) > limit {
		return nil, fmt.Errorf("read block of %s: over %d bytes: %w", r.ID(), limit, ErrTooLarge)
	}
	return block, err
}

// appendAll appends what r holds to dst.
func appendAll(dst []byte, r io.Reader) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			dst = append(dst, 0)[:len(dst)]
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		if errors.Is(err, io.EOF) {
			return dst, nil
		}
		if err != nil {
			return dst, err
		}
	}
}

// dateLayouts are the granularities of WARC-Date (W3C's profile of ISO 8601),
// and the offsets and 14 digits that older tools wrote.
var dateLayouts = []string{
	time.RFC3339Nano, "20060102150405", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05", "2006-01-02", "2006-01", "2006",
}

// ParseDate reads a WARC-Date, in any of the granularities that WARC/1.1
// allows, and returns it in UTC. (WARC/1.1, WARC-Date)
func ParseDate(s string) (time.Time, error) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("parse WARC-Date %q: not a date", s)
}

// FormatDate writes a time as WARC-Date: UTC, microseconds, Z.
func FormatDate(t time.Time) string {
	return t.UTC().Format("2006-01-02T15:04:05.000000Z")
}
