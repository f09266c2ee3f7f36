package warc

import (
	"bytes"
	"errors"
	"strings"
)

// HTTPBlock is what the head of an HTTP message in a record's block says.
// Fields hold the bytes as they stand in the block, trimmed of blanks.
type HTTPBlock struct {
	// HeadEnd is where the body begins in the block.
	HeadEnd int
	// Proto is "HTTP/1.1" or whatever stands in its place.
	Proto string
	// Status and StatusText are a response's; Status is 0 if it is no number
	// of three digits.
	Status     int
	StatusText string
	// Method and RequestTarget are a request's.
	Method, RequestTarget string
	Header                Header
	// Chunked says that Transfer-Encoding names chunked and the body does begin
	// with a chunk.
	Chunked bool
}

// ErrNotHTTP says that a block does not begin with a status or request line.
var ErrNotHTTP = errors.New("no HTTP status or request line")

// maxHTTPFields bounds the fields of a message that are looked at.
const maxHTTPFields = 10_000

// ParseHTTPBlock reads the head of the HTTP message, response or request, that
// block begins with. It takes what clients take: line ends without CR, empty
// lines in front, folded fields, lines that are no field (passed over), a head
// that never ends. A block without a status or request line is ErrNotHTTP; its
// payload is the whole block (as an HTTP/0.9 answer's is).
func ParseHTTPBlock(block []byte) (HTTPBlock, error) {
	start := 0
	for start < len(block) && (block[start] == '\r' || block[start] == '\n') {
		start++
	}
	var b HTTPBlock
	line, next := cutLine(block, start)
	if !b.startLine(line) {
		return HTTPBlock{}, ErrNotHTTP
	}
	for next < len(block) {
		line, next = cutLine(block, next)
		if len(line) == 0 {
			break
		}
		b.addLine(line)
	}
	b.HeadEnd = next
	b.Chunked = b.saysChunked() && looksChunked(block[next:])
	return b, nil
}

// cutLine returns the line that begins at start, without its end, and where
// the next one begins.
func cutLine(block []byte, start int) (line []byte, next int) {
	i := bytes.IndexByte(block[start:], '\n')
	if i < 0 {
		return block[start:], len(block)
	}
	next = start + i + 1
	return bytes.TrimSuffix(block[start:next-1], []byte("\r")), next
}

// startLine takes a status line or a request line, and reports whether it was
// one.
func (b *HTTPBlock) startLine(line []byte) bool {
	first, rest, _ := strings.Cut(string(line), " ")
	if len(first) >= 5 && strings.EqualFold(first[:5], "HTTP/") || len(line) > 3 && strings.EqualFold(first, "ICY") {
		b.Proto = first
		code, text, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
		b.Status, b.StatusText = parseStatus(code), text
		return true
	}
	target, proto, ok := cutLast(rest)
	if !ok || !isToken(first) || !strings.HasPrefix(proto, "HTTP/") {
		return false
	}
	b.Method, b.RequestTarget, b.Proto = first, target, proto
	return true
}

// cutLast cuts s at its last blank.
func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// parseStatus reads a status code of three digits; anything else is 0.
func parseStatus(s string) int {
	if len(s) != 3 || strings.Trim(s, "0123456789") != "" {
		return 0
	}
	return int(s[0]-'0')*100 + int(s[1]-'0')*10 + int(s[2]-'0')
}

// addLine takes a line of the head: a field, the continuation of one, or
// something else, which is passed over.
func (b *HTTPBlock) addLine(line []byte) {
	if (line[0] == ' ' || line[0] == '\t') && len(b.Header) > 0 {
		last := &b.Header[len(b.Header)-1]
		if len(last.Value)+len(line) <= maxFoldedValue {
			last.Value = strings.TrimSpace(last.Value + " " + string(bytes.TrimSpace(line)))
		}
		return
	}
	name, value, ok := bytes.Cut(line, []byte(":"))
	if name = bytes.TrimSpace(name); !ok || len(name) == 0 || len(b.Header) >= maxHTTPFields {
		return
	}
	b.Header = append(b.Header, Field{string(name), string(bytes.TrimSpace(value))})
}

// maxFoldedValue bounds what continuation lines add to a value: joining them
// must not take quadratic time.
const maxFoldedValue = 8 << 10

// saysChunked reports whether chunked is among the transfer codings.
func (b *HTTPBlock) saysChunked() bool {
	for _, f := range b.Header {
		if !strings.EqualFold(f.Name, "Transfer-Encoding") {
			continue
		}
		for coding := range strings.SplitSeq(f.Value, ",") {
			if strings.EqualFold(strings.TrimSpace(coding), "chunked") {
				return true
			}
		}
	}
	return false
}

// MIME returns the media type of Content-Type without parameters, in lower
// case; "" if there is none.
func (b HTTPBlock) MIME() string {
	mime, _, _ := strings.Cut(b.Header.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(mime))
}

// Payload returns the body of the message without chunk framing, with its
// content-encoding kept, as WARC-Payload-Digest takes it. Where the framing is
// broken it is what a client gets that reads as far as it can. It shares
// block's memory unless the body is chunked in more than one piece.
func (b HTTPBlock) Payload(block []byte) []byte {
	body := block[min(b.HeadEnd, len(block)):len(block):len(block)]
	if !b.Chunked {
		return body
	}
	payload, _, _ := Dechunk(body)
	return payload
}
