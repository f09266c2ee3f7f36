package fetch

import (
	"strconv"
	"strings"
)

// bodyKind is how a body is delimited.
type bodyKind uint8

const (
	bodyNone bodyKind = iota
	bodyLength
	bodyChunked
	bodyClose // until the connection closes
)

// framer finds where a response's body ends, as a browser would, in bytes that
// come in any portions.
type framer struct {
	kind    bodyKind
	left    int64 // bytes still to come, of bodyLength
	got     int64 // body bytes seen, framing included
	chunks  chunkScanner
	sure    bool // framing leaves no doubt: the connection may be used again
	done    bool
	broken  bool // chunk framing broke after it had begun well
	maxLeft int64
	notes   func(string)
	// fallback is the framing that holds if a body said to be chunked is not.
	fallback     bodyKind
	fallbackLeft int64
}

// newFramer decides on the framing of the body that follows h (RFC 9112,
// section 6.3, and what browsers forgive).
func newFramer(h *head, limits *Limits) framer {
	f := framer{kind: bodyClose, notes: h.note}
	length, lengthSure := f.contentLength(h)
	strict := h.hasVersion && len(h.notes) == 0
	keep := h.minor == 1 && !h.closeWanted || h.minor == 0 && h.keepAsked && !h.closeWanted
	if length >= 0 {
		f.kind, f.left = bodyLength, length
	}
	switch {
	case h.status == 204 || h.status == 304 || h.status == 205 && length < 0 && len(h.codings) == 0:
		f.kind, f.left = bodyNone, 0
		f.sure = strict && keep
	case f.isChunked(h):
		f.fallback, f.fallbackLeft = f.kind, f.left
		f.kind = bodyChunked
		f.chunks = chunkScanner{maxLine: limits.ChunkLine, maxTrailers: limits.Head}
		if len(h.lengths) > 0 {
			h.note(noteLengthChunked)
		}
		if h.minor == 0 {
			h.note(noteOldChunked)
		}
		f.sure = strict && keep && len(h.lengths) == 0 && len(h.codings) == 1 && h.minor == 1
	default:
		f.sure = strict && keep && lengthSure && len(h.codings) == 0
	}
	if h.status == 101 {
		f.kind, f.sure = bodyClose, false
	}
	f.done = f.kind == bodyNone || f.kind == bodyLength && f.left == 0
	return f
}

func (f *framer) isChunked(h *head) bool {
	chunked := false
	for _, coding := range h.codings {
		chunked = chunked || coding == "chunked"
	}
	if len(h.codings) > 0 && !(chunked && len(h.codings) == 1) {
		h.note(noteCoding)
	}
	return chunked
}

// contentLength gives the announced length, or -1. Values that differ leave
// the largest: the end of the connection then decides. Anything but digits
// counts for nothing, as in browsers.
func (f *framer) contentLength(h *head) (length int64, sure bool) {
	length = -1
	for _, text := range h.lengths {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || strings.HasPrefix(text, "+") || n < 0 {
			h.note(noteLengthBad)
			continue
		}
		if length >= 0 && n != length {
			h.note(noteLengthDiffers)
		}
		length = max(length, n)
	}
	if len(h.lengths) > 1 {
		h.note(noteLengthTwice)
	}
	return length, length >= 0 && len(h.lengths) == 1
}

// feed takes the next body bytes and returns how many of them belong to the
// body; when that is less than len(p) the body has ended.
func (f *framer) feed(p []byte) int {
	n := 0
	switch f.kind {
	case bodyNone:
	case bodyClose:
		n = len(p)
	case bodyLength:
		n = int(min(f.left, int64(len(p))))
		f.left -= int64(n)
		f.done = f.left == 0
	case bodyChunked:
		n = f.feedChunks(p)
	}
	f.got += int64(n)
	return n
}

func (f *framer) feedChunks(p []byte) int {
	n := 0
	for n < len(p) {
		used, _ := f.chunks.next(p[n:])
		n += used
		switch f.chunks.state {
		case chunkDone:
			f.done = true
			if f.chunks.lenient {
				f.notes(noteChunkLenient)
				f.sure = false
			}
			return n
		case chunkBroken:
			return f.chunksBroke(p, n)
		}
	}
	return n
}

// chunksBroke goes on without chunk framing. If it broke in its first line
// there never was any, and the body is what the other fields say. Otherwise the
// payload ends here, and the rest is kept as it comes.
func (f *framer) chunksBroke(p []byte, n int) int {
	f.sure = false
	if f.chunks.chunks > 0 || f.chunks.err == errChunkLine {
		f.broken = true
		f.notes(noteChunkBad)
		f.kind = bodyClose
		return len(p)
	}
	f.notes(noteNotChunked)
	f.kind = f.fallback
	if f.kind != bodyLength {
		return len(p)
	}
	// What was taken for a size line counts towards the length.
	f.left = f.fallbackLeft - f.got
	if f.left < 0 {
		f.left = 0
	}
	n = int(min(f.left, int64(len(p))))
	f.left -= int64(n)
	f.done = f.left == 0
	return n
}
