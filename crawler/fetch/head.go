package fetch

import (
	"bytes"
	"strings"
)

// Notes are the leniencies and oddities of an exchange, in words that stay.
const (
	noteLeadingCRLF   = "line ends before the status line"
	noteNoHead        = "no head (HTTP/0.9)"
	noteVersion       = "unusual protocol in status line"
	noteStatusDigits  = "status code is not three digits"
	noteNoStatus      = "no status code"
	noteStatusSpace   = "unusual spacing in status line"
	noteLFHead        = "LF-only line in head"
	noteBareCR        = "bare CR in head"
	noteNUL           = "NUL in head"
	noteNoColon       = "line without a colon in head"
	noteBadName       = "bad field name"
	noteSpaceColon    = "space before colon"
	noteFolded        = "folded field line"
	noteHeadCut       = "head cut"
	noteLengthTwice   = "content-length repeated"
	noteLengthDiffers = "content-length values differ"
	noteLengthBad     = "content-length is not a number"
	noteLengthChunked = "content-length beside chunked"
	noteCoding        = "unusual transfer-encoding"
	noteOldChunked    = "chunked in HTTP/1.0"
	noteNotChunked    = "chunked but no chunk framing"
	noteChunkLenient  = "lenient chunk framing"
	noteChunkBad      = "bad chunk framing"
	noteExcess        = "bytes after the end"
	noteNoBody        = "body where the status allows none"
	noteShort         = "body shorter than announced"
	noteReset         = "connection reset"
	noteSwitching     = "unasked 101"
)

// head is a parsed response head.
type head struct {
	status       int
	reason       string
	minor        int // HTTP/1.minor
	interim      bool
	fields       []Field
	length       int
	notes        []string
	hasVersion   bool
	closeWanted  bool
	keepAsked    bool
	lengths      []string // Content-Length values, list members apart
	codings      []string // Transfer-Encoding values, lower case
	contentCoded []string // Content-Encoding values, lower case
}

func (h *head) note(words string) {
	for _, n := range h.notes {
		if n == words {
			return
		}
	}
	h.notes = append(h.notes, words)
}

// headScan finds the end of a head in bytes that come in portions: an empty
// line, whether lines end in CRLF or LF (RFC 9112, section 2.2).
type headScan struct {
	pos   int // where to go on looking
	start int // first byte of the current line
	lead  int // line ends before the status line
	begun bool
}

// find gives the length of the head in b, or 0 if it has not ended yet.
func (s *headScan) find(b []byte) int {
	if !s.begun {
		for s.lead < len(b) && (b[s.lead] == '\r' || b[s.lead] == '\n') {
			s.lead++
		}
		if s.lead == len(b) {
			return 0
		}
		s.begun, s.pos, s.start = true, s.lead, s.lead
	}
	for {
		i := bytes.IndexByte(b[s.pos:], '\n')
		if i < 0 {
			s.pos = len(b)
			return 0
		}
		end := s.pos + i
		empty := end == s.start || end == s.start+1 && b[s.start] == '\r'
		s.pos, s.start = end+1, end+1
		if empty {
			return end + 1
		}
	}
}

// looksLikeHTTP judges the first bytes of an answer: yes, no, or not yet known.
func looksLikeHTTP(b []byte) (yes, known bool) {
	for _, prefix := range [...]string{"http/", "icy "} {
		n := min(len(b), len(prefix))
		if strings.EqualFold(string(b[:n]), prefix[:n]) {
			return true, n == len(prefix)
		}
	}
	return false, true
}

// parseHead reads a head that headScan has delimited, or the whole lines of
// one that was cut. It never fails: what cannot be understood is noted.
func parseHead(b []byte, lead int) *head {
	h := &head{length: len(b), fields: make([]Field, 0, 16)}
	if lead > 0 {
		h.note(noteLeadingCRLF)
	}
	// One string for the whole head: fields are substrings of it.
	text := string(b[lead:])
	if strings.IndexByte(text, 0) >= 0 {
		h.note(noteNUL)
	}
	line, rest := h.cutLine(text)
	h.statusLine(line)
	for rest != "" {
		line, rest = h.cutLine(rest)
		if line == "" {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' {
			h.fold(line)
			continue
		}
		h.field(line)
	}
	for i := range h.fields {
		h.known(&h.fields[i])
	}
	return h
}

// cutLine takes one line off. A CR that ends no line counts as a space
// (RFC 9112, section 2.2).
func (h *head) cutLine(text string) (line, rest string) {
	i := strings.IndexByte(text, '\n')
	if i < 0 {
		line = text
	} else {
		line, rest = text[:i], text[i+1:]
		if strings.HasSuffix(line, "\r") {
			line = line[:len(line)-1]
		} else {
			h.note(noteLFHead)
		}
	}
	if strings.IndexByte(line, '\r') >= 0 {
		h.note(noteBareCR)
		line = strings.ReplaceAll(line, "\r", " ")
	}
	return line, rest
}

func (h *head) statusLine(line string) {
	version, rest, _ := strings.Cut(line, " ")
	switch strings.ToUpper(version) {
	case "HTTP/1.1":
		h.minor, h.hasVersion = 1, true
	case "HTTP/1.0":
		h.hasVersion = true
	default:
		h.minor = 1
		h.note(noteVersion)
	}
	trimmed := strings.TrimLeft(rest, " \t")
	if trimmed != rest {
		h.note(noteStatusSpace)
	}
	digits := 0
	for digits < len(trimmed) && trimmed[digits] >= '0' && trimmed[digits] <= '9' {
		if digits < 3 {
			h.status = h.status*10 + int(trimmed[digits]-'0')
		}
		digits++
	}
	h.reason = strings.TrimSpace(trimmed[digits:])
	if digits == 0 || h.status < 100 {
		// Browsers take a missing or impossible code for success.
		h.note(noteNoStatus)
		h.status = 200
		return
	}
	if digits != 3 || digits < len(trimmed) && trimmed[digits] != ' ' {
		h.note(noteStatusDigits)
	}
	h.interim = h.status < 200 && h.status != 101
	if h.status == 101 {
		h.note(noteSwitching)
	}
}

func (h *head) field(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok {
		h.note(noteNoColon)
		return
	}
	if trimmed := strings.TrimRight(name, " \t"); trimmed != name {
		h.note(noteSpaceColon)
		name = trimmed
	}
	if !isToken(name) {
		h.note(noteBadName)
	}
	h.fields = append(h.fields, Field{name, trimSpace(value)})
}

// fold joins a continuation line to the field before it (RFC 9112, section 5.2).
func (h *head) fold(line string) {
	value := trimSpace(line)
	if value == "" {
		return
	}
	h.note(noteFolded)
	if len(h.fields) == 0 {
		h.field(value)
		return
	}
	last := &h.fields[len(h.fields)-1]
	if len(last.Value) < 64<<10 { // joining many lines would cost their square
		last.Value = trimSpace(last.Value + " " + value)
	}
}

func trimSpace(s string) string { return strings.Trim(s, " \t\x00") }

func isToken(name string) bool {
	if name == "" {
		return false
	}
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return true
}

// known picks out the fields on which framing and decoding rest.
func (h *head) known(f *Field) {
	switch len(f.Name) {
	case len("Connection"):
		if strings.EqualFold(f.Name, "Connection") {
			for value := range listMembers(f.Value) {
				h.closeWanted = h.closeWanted || value == "close"
				h.keepAsked = h.keepAsked || value == "keep-alive"
			}
		}
	case len("Content-Length"):
		if strings.EqualFold(f.Name, "Content-Length") {
			h.lengths = appendMembers(h.lengths, f.Value)
		}
	case len("Content-Encoding"):
		if strings.EqualFold(f.Name, "Content-Encoding") {
			h.contentCoded = appendMembers(h.contentCoded, f.Value)
		}
	case len("Transfer-Encoding"):
		if strings.EqualFold(f.Name, "Transfer-Encoding") {
			h.codings = appendMembers(h.codings, f.Value)
		}
	}
}

// listMembers gives the members of a comma-separated list, trimmed and lower
// case; an empty list has one empty member.
func listMembers(list string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for part := range strings.SplitSeq(list, ",") {
			if !yield(strings.ToLower(trimSpace(part))) {
				return
			}
		}
	}
}

// appendMembers keeps at most 64 members: enough for any honest answer.
func appendMembers(to []string, list string) []string {
	for value := range listMembers(list) {
		if len(to) < 64 {
			to = append(to, value)
		}
	}
	return to
}
