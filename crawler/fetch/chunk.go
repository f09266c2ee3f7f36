package fetch

import (
	"bytes"
	"errors"
	"io"
)

// chunkState is where a chunkScanner stands.
type chunkState uint8

const (
	chunkSize    chunkState = iota // in a chunk-size line
	chunkData                      // in chunk data
	chunkEnd                       // in the line end after chunk data
	chunkTrailer                   // in the trailer section
	chunkDone
	chunkBroken
)

var (
	errChunkSize = errors.New("chunk size is not a hexadecimal number")
	errChunkEnd  = errors.New("chunk data is not followed by a line end")
	errChunkLine = errors.New("chunk-size line over its limit")
	errTrailers  = errors.New("trailers over their limit")
)

// chunkScanner follows chunked framing (RFC 9112, section 7.1) through bytes
// that come in any portions. It is lenient as browsers are: lines may end in LF
// alone, spaces may follow a size, extensions are passed over.
type chunkScanner struct {
	maxLine, maxTrailers int

	state    chunkState
	left     int64 // chunk data still to come
	size     int64
	digits   int
	pastSize bool // in the padding or extension after a size
	afterCR  bool
	line     int // bytes of the line so far, its end not counted
	trailers int
	chunks   int // size lines read
	decoded  int64
	lenient  bool // something was forgiven
	lfOnly   bool
	err      error
}

// next consumes a part of p and returns how much, and which part of that is
// chunk data. It stops at the end of the body; call it until p is used up or
// the state is chunkDone or chunkBroken.
func (s *chunkScanner) next(p []byte) (n int, data []byte) {
	switch s.state {
	case chunkData:
		n = int(min(s.left, int64(len(p))))
		s.left -= int64(n)
		s.decoded += int64(n)
		if s.left == 0 {
			s.state, s.line, s.afterCR = chunkEnd, 0, false
		}
		return n, p[:n]
	case chunkSize:
		return s.sizeLine(p), nil
	case chunkEnd:
		return s.dataEnd(p), nil
	case chunkTrailer:
		return s.trailer(p), nil
	}
	return 0, nil
}

func (s *chunkScanner) broken(err error) { s.state, s.err = chunkBroken, err }

func (s *chunkScanner) sizeLine(p []byte) int {
	for i, c := range p {
		switch {
		case c == '\n':
			if s.digits == 0 {
				s.broken(errChunkSize)
				return i
			}
			s.lineEnd()
			s.startChunk()
			return i + 1
		case s.afterCR:
			s.lenient, s.afterCR, s.pastSize = true, c == '\r', true
		case c == '\r':
			s.afterCR = true
		case s.pastSize:
		default:
			if !s.sizeByte(c) {
				return i
			}
		}
		if s.line++; s.line > s.maxLine {
			s.broken(errChunkLine)
			return i + 1
		}
	}
	return len(p)
}

// sizeByte takes one byte before the extension; false if it cannot be there.
func (s *chunkScanner) sizeByte(c byte) bool {
	digit := hexDigit(c)
	switch {
	case digit >= 0:
		if s.size >= 1<<59 {
			s.broken(errChunkSize)
			return false
		}
		s.size = s.size<<4 | int64(digit)
		s.digits++
	case s.digits > 0 && c == ';':
		s.pastSize = true
	case s.digits > 0 && (c == ' ' || c == '\t'):
		s.pastSize, s.lenient = true, true
	default:
		s.broken(errChunkSize)
		return false
	}
	return true
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

func (s *chunkScanner) lineEnd() {
	if !s.afterCR {
		s.lenient, s.lfOnly = true, true
	}
	s.afterCR, s.line = false, 0
}

func (s *chunkScanner) startChunk() {
	s.chunks++
	s.left, s.state = s.size, chunkData
	if s.size == 0 {
		s.state = chunkTrailer
	}
	s.size, s.digits, s.pastSize = 0, 0, false
}

func (s *chunkScanner) dataEnd(p []byte) int {
	for i, c := range p {
		switch {
		case c == '\n':
			s.lineEnd()
			s.state = chunkSize
			return i + 1
		case c == '\r' && !s.afterCR:
			s.afterCR = true
		default:
			s.broken(errChunkEnd)
			return i
		}
	}
	return len(p)
}

func (s *chunkScanner) trailer(p []byte) int {
	for i := 0; i < len(p); {
		end := bytes.IndexByte(p[i:], '\n')
		if end < 0 {
			rest := p[i:]
			s.trailers += len(rest)
			s.line += len(rest)
			s.afterCR = rest[len(rest)-1] == '\r'
			if s.trailers > s.maxTrailers {
				s.broken(errTrailers)
			}
			return len(p)
		}
		length := s.line + end
		cr := end > 0 && p[i+end-1] == '\r' || end == 0 && s.afterCR
		i += end + 1
		s.trailers += end + 1
		s.afterCR = cr
		empty := length == 0 || length == 1 && cr
		s.lineEnd()
		if empty {
			s.state = chunkDone
			return i
		}
		if s.trailers > s.maxTrailers {
			s.broken(errTrailers)
			return i
		}
	}
	return len(p)
}

// chunkReader undoes chunk framing; it ends where the framing does, however
// that came about.
type chunkReader struct {
	src     io.Reader
	scanner chunkScanner
	buf     []byte
	pending []byte
	err     error
}

func newChunkReader(src io.Reader, maxLine, maxTrailers int) *chunkReader {
	return &chunkReader{src: src, scanner: chunkScanner{maxLine: maxLine, maxTrailers: maxTrailers}}
}

func (r *chunkReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	total := 0
	for total == 0 {
		if len(r.pending) == 0 {
			if r.err != nil {
				return 0, r.err
			}
			r.fill()
			continue
		}
		for len(r.pending) > 0 && total < len(p) {
			window := r.pending
			if r.scanner.state == chunkData {
				window = window[:min(len(window), len(p)-total)]
			}
			n, data := r.scanner.next(window)
			total += copy(p[total:], data)
			r.pending = r.pending[n:]
			if r.scanner.state >= chunkDone {
				r.pending, r.err = nil, io.EOF
			}
		}
	}
	return total, nil
}

func (r *chunkReader) fill() {
	if s, ok := r.src.(*sliceReader); ok {
		r.pending, s.b, r.err = s.b, nil, nil
		if len(r.pending) == 0 {
			r.err = io.EOF
		}
		return
	}
	if r.buf == nil {
		r.buf = make([]byte, 16<<10)
	}
	n, err := r.src.Read(r.buf)
	r.pending, r.err = r.buf[:n], err
}
