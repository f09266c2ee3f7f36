package warc

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrChunkFraming says that chunk framing is broken or cut short.
var ErrChunkFraming = errors.New("chunk framing broken")

// maxChunkLine bounds the line that a chunk's size stands on, as browsers do.
const maxChunkLine = 16 << 10

// Dechunk takes the chunk framing off body (RFC 9112, chunked transfer coding)
// and returns the content and how many bytes of body the framing spans, with
// its trailers. It takes lines that end with LF alone and blanks around sizes.
// Where the framing breaks or ends early it is ErrChunkFraming, with what came
// before. The payload shares body's memory if it is in one piece.
func Dechunk(body []byte) (payload []byte, consumed int, err error) {
	var owned bool
	pos := 0
	for {
		size, next, ok := chunkSize(body, pos)
		if !ok {
			return payload, pos, fmt.Errorf("chunk size at %d: %w", pos, ErrChunkFraming)
		}
		if size == 0 {
			end, whole := trailerEnd(body, next)
			if !whole {
				return payload, end, fmt.Errorf("trailers at %d: %w", next, ErrChunkFraming)
			}
			return payload, end, nil
		}
		data := body[next:]
		if uint64(len(data)) > size {
			data = data[:size]
		}
		switch {
		case payload == nil:
			payload = data[:len(data):len(data)]
		case !owned:
			payload, owned = append(make([]byte, 0, len(body)), payload...), true
			fallthrough
		default:
			payload = append(payload, data...)
		}
		pos = next + len(data)
		if uint64(len(data)) < size {
			return payload, pos, fmt.Errorf("chunk at %d: %d of %d bytes: %w", next, len(data), size, ErrChunkFraming)
		}
		switch {
		case bytes.HasPrefix(body[pos:], []byte("\r\n")):
			pos += 2
		case bytes.HasPrefix(body[pos:], []byte("\n")):
			pos++
		default:
			return payload, pos, fmt.Errorf("end of chunk at %d: %w", pos, ErrChunkFraming)
		}
	}
}

// chunkSize reads the size line at pos and returns where the chunk begins.
func chunkSize(body []byte, pos int) (size uint64, next int, ok bool) {
	window := body[pos:min(len(body), pos+maxChunkLine)]
	size, digits, ok := leadingSize(window)
	end := bytes.IndexByte(window, '\n')
	if !ok || end < digits {
		return 0, pos, false
	}
	return size, pos + end + 1, true
}

// leadingSize reads the hexadecimal digits that a size line begins with. They
// may be followed by blanks, an extension, or the line's end, but nothing else.
func leadingSize(line []byte) (size uint64, digits int, ok bool) {
	for digits < len(line) {
		digit, isHex := hexDigit(line[digits])
		if !isHex {
			break
		}
		if size >= 1<<59 {
			return 0, digits, false
		}
		size = size<<4 | uint64(digit)
		digits++
	}
	if digits == 0 || digits < len(line) && bytes.IndexByte([]byte("; \t\r\n"), line[digits]) < 0 {
		return 0, digits, false
	}
	return size, digits, true
}

// trailerEnd returns where the trailers that begin at pos end, after the empty
// line, and whether there was one.
func trailerEnd(body []byte, pos int) (int, bool) {
	for pos < len(body) {
		line, next := cutLine(body, pos)
		whole := body[next-1] == '\n'
		pos = next
		if len(line) == 0 && whole {
			return pos, true
		}
	}
	return pos, false
}

// looksChunked reports whether a body begins with a chunk's size, even if it is
// cut short within that line: tools that wrote bodies without their framing
// left Transfer-Encoding in place.
func looksChunked(body []byte) bool {
	_, _, ok := leadingSize(body[:min(len(body), maxChunkLine)])
	return ok
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
