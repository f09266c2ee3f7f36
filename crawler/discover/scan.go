package discover

import (
	"bytes"
)

// scanner finds the start tags of an HTML document, following the tokenizer of
// the HTML standard (13.2.5) as far as tags and the text of raw elements go.
// It builds nothing: names and values are views of the document. Unlike a
// parser with scripting it looks into noscript. Tests hold it to
// golang.org/x/net/html, which does the same at three times the cost.
type scanner struct {
	doc     []byte
	pos     int
	name    []byte // of the current tag, in lower case; a view of nameBuf
	nameBuf [24]byte
	attrs   []attr
	closing bool // the current tag ends in "/>"
	foreign bool // inside svg or math
}

// attr is an attribute as written: name in any case, value not yet decoded.
type attr struct {
	name, value []byte
}

// next goes to the next start tag; false is the document's end. Text of raw
// elements is to be taken with rawText before next is called again.
func (z *scanner) next() bool {
	for {
		i := bytes.IndexByte(z.doc[z.pos:], '<')
		if i < 0 || z.pos+i+1 >= len(z.doc) {
			z.pos = len(z.doc)
			return false
		}
		p := z.pos + i + 1
		switch c := z.doc[p]; {
		case isLetter(c):
			z.pos = p
			return z.tag()
		case c == '/':
			z.endTag(p + 1)
		case c == '!' && bytes.HasPrefix(z.doc[p+1:], []byte("--")):
			z.comment(p + 3)
		case c == '!' || c == '?':
			z.skipPast(p, '>')
		default:
			z.pos = p
		}
	}
}

func (z *scanner) skipPast(p int, c byte) {
	if i := bytes.IndexByte(z.doc[p:], c); i >= 0 {
		z.pos = p + i + 1
	} else {
		z.pos = len(z.doc)
	}
}

func (z *scanner) endTag(p int) {
	if p >= len(z.doc) || !isLetter(z.doc[p]) {
		z.skipPast(p, '>')
		return
	}
	z.pos = p
	if !z.tag() {
		return
	}
	if n := string(z.name); n == "svg" || n == "math" {
		z.foreign = false
	}
}

// comment passes over a comment whose text begins at p. It ends at "-->",
// "--!>", and at once with ">" or "->".
func (z *scanner) comment(p int) {
	rest := z.doc[p:]
	if bytes.HasPrefix(rest, []byte(">")) || bytes.HasPrefix(rest, []byte("->")) {
		z.skipPast(p, '>')
		return
	}
	for {
		i := bytes.Index(z.doc[p:], []byte("--"))
		if i < 0 {
			z.pos = len(z.doc)
			return
		}
		p += i + 2
		switch rest := z.doc[p:]; {
		case bytes.HasPrefix(rest, []byte(">")):
			z.pos = p + 1
			return
		case bytes.HasPrefix(rest, []byte("!>")):
			z.pos = p + 2
			return
		}
		p-- // "--->" ends a comment too
	}
}

func space(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' }

// tag reads a tag whose name begins at pos; false if the document ends in it.
func (z *scanner) tag() bool {
	doc, p := z.doc, z.pos
	n := 0
	for ; p < len(doc) && doc[p] != '>' && doc[p] != '/' && !space(doc[p]); p++ {
		if n < len(z.nameBuf) {
			c := doc[p]
			if c >= 'A' && c <= 'Z' {
				c |= 0x20
			}
			z.nameBuf[n] = c
			n++
		}
	}
	z.name = z.nameBuf[:n]
	z.attrs = z.attrs[:0]
	z.closing = false
	for {
		for p < len(doc) && (space(doc[p]) || doc[p] == '/') {
			p++
		}
		if p >= len(doc) {
			z.pos = len(doc)
			return false
		}
		if doc[p] == '>' {
			z.closing = doc[p-1] == '/'
			z.pos = p + 1
			return true
		}
		if p = z.attribute(p); p < 0 {
			z.pos = len(doc)
			return false
		}
	}
}

// maxAttrs bounds the attributes kept of a tag; those after it are passed
// over.
const maxAttrs = 64

// attribute reads one attribute that begins at p and gives the place after
// it, or -1 if the document ends first.
func (z *scanner) attribute(p int) int {
	doc, start := z.doc, p
	p++ // a leading "=" is part of the name
	for p < len(doc) && doc[p] != '=' && doc[p] != '>' && doc[p] != '/' && !space(doc[p]) {
		p++
	}
	name := doc[start:p]
	for p < len(doc) && space(doc[p]) {
		p++
	}
	if p >= len(doc) {
		return -1
	}
	var value []byte
	if doc[p] == '=' {
		if value, p = attributeValue(doc, p+1); p < 0 {
			return -1
		}
	}
	if len(z.attrs) < maxAttrs {
		z.attrs = append(z.attrs, attr{name, value})
	}
	return p
}

func attributeValue(doc []byte, p int) (value []byte, end int) {
	for p < len(doc) && space(doc[p]) {
		p++
	}
	if p >= len(doc) {
		return nil, -1
	}
	if q := doc[p]; q == '"' || q == '\'' {
		i := bytes.IndexByte(doc[p+1:], q)
		if i < 0 {
			return nil, -1
		}
		return doc[p+1 : p+1+i], p + i + 2
	}
	start := p
	for p < len(doc) && doc[p] != '>' && !space(doc[p]) {
		p++
	}
	if p >= len(doc) {
		return nil, -1
	}
	return doc[start:p], p
}

// get gives the first attribute of that name, which is lower case, as written.
func (z *scanner) get(name string) ([]byte, bool) {
	for i := range z.attrs {
		if equalFold(z.attrs[i].name, name) {
			return z.attrs[i].value, true
		}
	}
	return nil, false
}

// value gives an attribute with its character references decoded; nil if it
// is missing.
func (z *scanner) value(name string) []byte {
	v, _ := z.get(name)
	return unescapeAttr(v)
}

// equalFold compares ASCII without case; lower is in lower case.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}

// rawText gives the text of the current element if it is one whose content is
// not markup, and goes to its end tag; nil for all others.
func (z *scanner) rawText() []byte {
	switch string(z.name) {
	case "svg", "math":
		z.foreign = !z.closing
		return nil
	case "script", "style", "title", "textarea", "iframe", "xmp", "noembed", "noframes":
	case "plaintext":
		z.pos = len(z.doc)
		return nil
	default:
		return nil
	}
	if z.foreign && z.closing {
		return nil
	}
	rest := z.doc[z.pos:]
	end := rawEnd(rest, z.name)
	if string(z.name) == "script" {
		end = scriptEnd(rest, end)
	}
	z.pos += end
	return rest[:end]
}

// rawEnd gives the place of the first end tag of that name in s, or its
// length.
func rawEnd(s, name []byte) int {
	p := 0
	for {
		i := bytes.IndexByte(s[p:], '<')
		if i < 0 {
			return len(s)
		}
		p += i + 1
		if tagAt(s, p, '/', name) {
			return p - 1
		}
	}
}

// tagAt tells whether name stands at p, after the byte before if that is not
// 0, and ends there.
func tagAt(s []byte, p int, before byte, name []byte) bool {
	if before != 0 {
		if p >= len(s) || s[p] != before {
			return false
		}
		p++
	}
	if p+len(name) >= len(s) || !equalFold(s[p:p+len(name)], string(name)) {
		return false
	}
	c := s[p+len(name)]
	return space(c) || c == '/' || c == '>'
}

// scriptEnd gives where a script ends, whose first end tag is at end: a
// "<script" inside "<!--" makes the next end tag part of the text (HTML,
// 13.2.5.17 and on).
func scriptEnd(s []byte, end int) int {
	if !bytes.Contains(s[:end], []byte("<!--")) {
		return end
	}
	name := []byte("script")
	escaped, double := false, false
	for p := 0; p < len(s); {
		i := bytes.IndexAny(s[p:], "<-")
		if i < 0 {
			return len(s)
		}
		p += i
		switch {
		case s[p] == '-':
			if escaped && bytes.HasPrefix(s[p:], []byte("-->")) {
				escaped, double = false, false
				p += 2
			}
		case bytes.HasPrefix(s[p:], []byte("<!--")) && !escaped:
			escaped = true
			p++ // the dashes may be those of "-->": <!--> is a whole comment
		case tagAt(s, p+1, '/', name):
			if !double {
				return p
			}
			double = false
		case escaped && tagAt(s, p+1, 0, name):
			double = true
		}
		p++
	}
	return len(s)
}
