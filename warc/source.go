package warc

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// bufferSize is that of each of a source's two buffers.
const bufferSize = 32 << 10

// source finds gzip members and uncompressed records in a stream of bytes and
// knows the offset of each.
type source struct {
	tape  *tape
	raw   *bufio.Reader // the stream
	gz    *gzip.Reader
	plain *bufio.Reader // what gz gives
	probe prober
	// cur is where records are read: plain within a gzip member, else raw.
	cur *bufio.Reader
	// inMember says that a gzip member is open; memberStart is its offset.
	inMember    bool
	memberStart int64
	// explained is where the reading of the last damaged member ended.
	explained int64
}

func newSource(r io.Reader) *source {
	t := &tape{r: r}
	s := &source{tape: t, raw: bufio.NewReaderSize(t, bufferSize)}
	s.cur = s.raw
	return s
}

// offset returns how many bytes of the stream were used.
func (s *source) offset() int64 { return s.tape.pos - int64(s.raw.Buffered()) }

// open begins the gzip member that the stream stands at.
func (s *source) open() error {
	s.memberStart = s.offset()
	var err error
	if s.gz == nil {
		s.gz, err = gzip.NewReader(s.raw)
		s.plain = bufio.NewReaderSize(nil, bufferSize)
	} else {
		err = s.gz.Reset(s.raw)
	}
	if err != nil {
		if s.gz == nil {
			s.gz = new(gzip.Reader)
		}
		return err
	}
	s.gz.Multistream(false)
	s.plain.Reset(s.gz)
	s.cur, s.inMember = s.plain, true
	return nil
}

// close leaves the gzip member, which was read to its end.
func (s *source) close() { s.cur, s.inMember = s.raw, false }

// abandon leaves a gzip member that cannot be read on, and goes back to look
// for what comes behind its first byte.
func (s *source) abandon() {
	s.close()
	s.explained = max(s.explained, s.offset())
	s.tape.rewind(s.offset(), s.memberStart+1)
	s.raw.Reset(s.tape)
}

// atEnd reports whether nothing is left of the member or, outside of members,
// of the stream; err is what reading met instead of a clean end.
func (s *source) atEnd() (bool, error) {
	_, err := s.cur.Peek(1)
	if err == nil {
		return false, nil
	}
	if errors.Is(err, io.EOF) {
		return true, nil
	}
	return true, err
}

// nextIsRecord reports whether the stream, outside of members, stands at a
// gzip member or at an uncompressed record.
func (s *source) nextIsRecord() bool {
	window, _ := s.raw.Peek(probeLength)
	return isVersionLine(window) || s.probe.startsRecord(window)
}

// nextIsMember reports whether the stream stands at what is, to all
// appearance, a gzip member, whatever it holds.
func (s *source) nextIsMember() bool {
	window, _ := s.raw.Peek(4)
	return isMagic(window)
}

// skipGarbage goes on to the next member or record that begins a record, or to
// the stream's end, and tells what it passed over, if there is anything that
// damage found before does not explain.
func (s *source) skipGarbage() (fault Fault, told bool, err error) {
	start := s.offset()
	padding := true
	for {
		window, err := s.raw.Peek(bufferSize / 2)
		if len(window) == 0 {
			break
		}
		n, found := s.scan(window, err != nil)
		padding = padding && len(bytes.TrimLeft(window[:n], "\x00")) == 0
		s.raw.Discard(n)
		if found {
			break
		}
	}
	start = max(start, s.explained)
	n := s.offset() - start
	if n <= 0 {
		return Fault{}, false, s.tape.failure()
	}
	if padding {
		return Fault{start, FaultPadding, fmt.Sprintf("%d NUL bytes", n)}, true, s.tape.failure()
	}
	return Fault{start, FaultGarbage, fmt.Sprintf("%d bytes that belong to no record", n)}, true, s.tape.failure()
}

// scan returns how many bytes of the window come before the next record; if
// there is none, how many of them need not be looked at again.
func (s *source) scan(window []byte, last bool) (int, bool) {
	limit := len(window)
	if !last {
		limit -= probeLength
	}
	for i := 0; i < limit; i++ {
		j := bytes.IndexAny(window[i:limit], "\x1fW")
		if j < 0 {
			break
		}
		i += j
		if s.probe.startsRecord(window[i:]) || isVersionLine(window[i:]) {
			return i, true
		}
	}
	return limit, false
}

// isMagic reports whether b begins as a gzip member does (RFC 1952).
func isMagic(b []byte) bool {
	return len(b) >= 4 && b[0] == 0x1f && b[1] == 0x8b && b[2] == 8 && b[3]&0xe0 == 0
}

// isVersionLine reports whether b begins as a record does.
func isVersionLine(b []byte) bool {
	return len(b) >= 8 && string(b[:5]) == "WARC/" && '0' <= b[5] && b[5] <= '9' && b[6] == '.'
}

// probeLength is how much of a member is looked at to see what it holds.
const probeLength = 512

// prober looks into the beginning of a gzip member without using it up.
type prober struct {
	in bytes.Reader
	gz *gzip.Reader
}

// startsRecord reports whether window is the beginning of a gzip member that
// begins with a record. If the member's beginning alone does not tell, such as
// when its header is long, the answer is no.
func (p *prober) startsRecord(window []byte) bool {
	if !isMagic(window) {
		return false
	}
	p.in.Reset(window)
	if p.gz == nil {
		p.gz = new(gzip.Reader)
	}
	if p.gz.Reset(&p.in) != nil {
		return false
	}
	var first [8]byte
	n, _ := io.ReadFull(p.gz, first[:])
	return isVersionLine(first[:n])
}
