package discover

import (
	"bytes"
	"html"
	"strings"
)

// xmlScanner reads XML as leniently as feeds and sitemaps need: a missing
// declaration, unknown prefixes, stray ampersands and names of HTML entities
// are no errors, and what stands before a break has been given already. It
// knows no document type: entities that one defines are text, so that nothing
// outside is read and nothing grows.
type xmlScanner struct {
	doc     []byte
	pos     int
	name    []byte // of the current tag, lower-cased, with its prefix; valid until the next call
	nameBuf [64]byte
	attrs   []attr
	empty   bool // the current tag ends in "/>"
	text    []byte
	typed   bool   // the document type was seen
	fault   string // what was cut short; set at the end
}

type xmlToken int

const (
	xmlEnd xmlToken = iota // of the document
	xmlStart
	xmlClose
	xmlText
)

// next gives the next token. text and attrs are valid until the next call.
func (x *xmlScanner) next() xmlToken {
	for x.pos < len(x.doc) {
		if x.doc[x.pos] != '<' {
			end := bytes.IndexByte(x.doc[x.pos:], '<')
			if end < 0 {
				end = len(x.doc) - x.pos
			}
			x.text = unescapeXML(x.doc[x.pos : x.pos+end])
			x.pos += end
			return xmlText
		}
		rest := x.doc[x.pos:]
		switch {
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			x.text = x.until(9, "]]>", "character data")
			return xmlText
		case bytes.HasPrefix(rest, []byte("<!--")):
			x.until(4, "-->", "a comment")
		case bytes.HasPrefix(rest, []byte("<?")):
			x.until(2, "?>", "an instruction")
		case bytes.HasPrefix(rest, []byte("<!")):
			x.doctype()
		case len(rest) > 1 && rest[1] == '/':
			name := x.until(2, ">", "a tag")
			x.setName(bytes.TrimSpace(name))
			return xmlClose
		case len(rest) > 1 && nameStart(rest[1]):
			if !x.tag() {
				return xmlEnd
			}
			return xmlStart
		default:
			x.text = rest[:1] // a stray "<"
			x.pos++
			return xmlText
		}
	}
	return xmlEnd
}

func nameStart(c byte) bool { return isLetter(c) || c == '_' || c >= 0x80 }

// until gives what stands between skip bytes from here and end, and goes past
// that. Without an end it is the rest of the document, and a fault.
func (x *xmlScanner) until(skip int, end, what string) []byte {
	body := x.doc[x.pos+skip:]
	i := bytes.Index(body, []byte(end))
	if i < 0 {
		x.fault = "document ends in " + what
		x.pos = len(x.doc)
		return body
	}
	x.pos += skip + i + len(end)
	return body[:i]
}

// doctype passes over a document type with its internal subset. Only the
// first may have one.
func (x *xmlScanner) doctype() {
	const longest = 64 << 10
	if head := x.doc[x.pos:min(x.pos+longest, len(x.doc))]; !x.typed {
		x.typed = true
		if rest := afterDoctype(string(head)); rest != "" {
			x.pos += len(head) - len(rest)
			return
		}
	}
	x.until(2, ">", "a document type")
}

// tag reads a start tag; false if the document ends in it.
func (x *xmlScanner) tag() bool {
	z := scanner{doc: x.doc, attrs: x.attrs[:0]}
	p := x.pos + 1
	start := p
	for p < len(x.doc) && x.doc[p] != '>' && x.doc[p] != '/' && !space(x.doc[p]) {
		p++
	}
	x.setName(x.doc[start:p])
	z.pos = start
	ok := z.tag()
	x.attrs, x.empty, x.pos = z.attrs, z.closing, z.pos
	if !ok {
		x.fault = "document ends in a tag"
	}
	return ok
}

func (x *xmlScanner) setName(b []byte) {
	n := copy(x.nameBuf[:], b)
	for i, c := range x.nameBuf[:n] {
		if c >= 'A' && c <= 'Z' {
			x.nameBuf[i] = c | 0x20
		}
	}
	x.name = x.nameBuf[:n]
}

// local gives a name without its prefix.
func local(name []byte) []byte { return name[bytes.LastIndexByte(name, ':')+1:] }

// attr gives an attribute's value; name is in lower case, with its prefix.
func (x *xmlScanner) attr(name string) string {
	for i := range x.attrs {
		if equalFold(x.attrs[i].name, name) {
			return strings.TrimSpace(string(unescapeXML(x.attrs[i].value)))
		}
	}
	return ""
}

// unescapeXML decodes character references, those of HTML among them.
func unescapeXML(b []byte) []byte {
	if bytes.IndexByte(b, '&') < 0 || bytes.IndexByte(b, ';') < 0 {
		return b
	}
	return []byte(unescapeClosed(string(b)))
}

// unescapeClosed decodes only references that end in a semicolon: XML has no
// others, and "?a=1&copy=2" is written so by mistake.
func unescapeClosed(s string) string {
	var out strings.Builder
	for {
		i := strings.IndexByte(s, '&')
		if i < 0 {
			break
		}
		out.WriteString(s[:i])
		s = s[i:]
		n := 1
		for n < len(s) && n < 40 && (isLetter(s[n]) || s[n] == '#' || s[n] >= '0' && s[n] <= '9') {
			n++
		}
		if n > 1 && n < len(s) && s[n] == ';' {
			n++
			if text := html.UnescapeString(s[:n]); !strings.HasSuffix(text, ";") || s[:n] == "&semi;" || s[:n] == "&#59;" {
				out.WriteString(text)
				s = s[n:]
				continue
			}
		}
		out.WriteByte('&')
		s = s[1:]
	}
	out.WriteString(s)
	return out.String()
}
