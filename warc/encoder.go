package warc

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// DefaultLevel is the gzip level that suits crawling: the processor's time for
// a page counts for more than the last per cent of its size.
const DefaultLevel = gzip.DefaultCompression

// Encoder writes records as gzip members, one record a member. It keeps its
// compressor, so that a record costs no allocation beyond the growth of the
// destination. It is not for concurrent use.
type Encoder struct {
	gz   *gzip.Writer
	out  appender
	head []byte
	copy []byte
}

// appender is a Writer that appends to a slice.
type appender struct{ b []byte }

func (a *appender) Write(p []byte) (int, error) {
	a.b = append(a.b, p...)
	return len(p), nil
}

// NewEncoder returns an Encoder for a gzip level from 1 to 9, or DefaultLevel;
// any other level is taken as DefaultLevel.
func NewEncoder(level int) *Encoder {
	if level < gzip.BestSpeed || level > gzip.BestCompression {
		level = DefaultLevel
	}
	gz, err := gzip.NewWriterLevel(io.Discard, level)
	if err != nil {
		panic(err) // the level is in range
	}
	return &Encoder{gz: gz}
}

// AppendMember is (*Encoder).AppendMember with an Encoder of its own, for the
// odd record; who writes many keeps an Encoder.
func AppendMember(dst []byte, h Header, block ...[]byte) ([]byte, error) {
	return NewEncoder(DefaultLevel).AppendMember(dst, h, block...)
}

// AppendMember appends a record to dst as one gzip member. Its block is the
// parts of block one after the other; Content-Length is set from them, and one
// in h is passed over. A head that WARC/1.1 does not allow is ErrInvalid, and
// dst comes back as it was.
func (e *Encoder) AppendMember(dst []byte, h Header, block ...[]byte) ([]byte, error) {
	var length int64
	for _, part := range block {
		length += int64(len(part))
	}
	var err error
	if e.head, err = AppendHead(e.head[:0], h, length); err != nil {
		return dst, err
	}
	e.out.b = dst
	e.gz.Reset(&e.out)
	_, err = e.gz.Write(e.head)
	for _, part := range block {
		if err == nil {
			_, err = e.gz.Write(part)
		}
	}
	if err == nil {
		_, err = e.gz.Write(closing)
	}
	if err == nil {
		err = e.gz.Close()
	}
	out := e.out.b
	e.out.b = nil
	if err != nil {
		return out[:len(dst)], fmt.Errorf("compress record %s: %w", h.Get(FieldRecordID), err)
	}
	return out, nil
}

// closing is what follows each record's block.
var closing = []byte("\r\n\r\n")

// WriteMember writes a record to w as one gzip member, with the length bytes
// of block as its block, in memory that does not grow with them. It returns
// the member's length. A block that is shorter than length is an error
// (io.ErrUnexpectedEOF), after which w holds half a member; bytes beyond
// length are not read.
func (e *Encoder) WriteMember(w io.Writer, h Header, block io.Reader, length int64) (int64, error) {
	var err error
	if e.head, err = AppendHead(e.head[:0], h, length); err != nil {
		return 0, err
	}
	counted := &countWriter{w: w}
	e.gz.Reset(counted)
	if _, err = e.gz.Write(e.head); err == nil && length > 0 {
		if e.copy == nil {
			e.copy = make([]byte, 32<<10)
		}
		var n int64
		n, err = io.CopyBuffer(onlyWriter{e.gz}, io.LimitReader(block, length), e.copy)
		if err == nil && n < length {
			err = fmt.Errorf("%d of %d bytes: %w", n, length, io.ErrUnexpectedEOF)
		}
	}
	if err == nil {
		_, err = e.gz.Write(closing)
	}
	if err == nil {
		err = e.gz.Close()
	}
	if err != nil {
		return counted.n, fmt.Errorf("write record %s: %w", h.Get(FieldRecordID), err)
	}
	return counted.n, nil
}

// onlyWriter hides other methods, so that io.CopyBuffer uses its buffer.
type onlyWriter struct{ io.Writer }

type countWriter struct {
	w io.Writer
	n int64
}

func (c *countWriter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// AppendHead appends a record's version line and fields, closed by an empty
// line, with length as Content-Length in the last place. A head that WARC/1.1
// does not allow is ErrInvalid, and dst comes back as it was.
func AppendHead(dst []byte, h Header, length int64) ([]byte, error) {
	if length < 0 {
		return dst, fmt.Errorf("%w: length %d", ErrInvalid, length)
	}
	if err := h.validate(); err != nil {
		return dst, err
	}
	dst = append(dst, Version+"\r\n"...)
	for _, f := range h {
		if strings.EqualFold(f.Name, FieldContentLength) {
			continue
		}
		dst = append(dst, f.Name...)
		dst = append(dst, ": "...)
		dst = append(dst, f.Value...)
		dst = append(dst, "\r\n"...)
	}
	dst = append(dst, FieldContentLength+": "...)
	dst = strconv.AppendInt(dst, length, 10)
	return append(dst, closing...), nil
}
