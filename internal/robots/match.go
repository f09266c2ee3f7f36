package robots

import (
	"bytes"
	"strings"
)

// pattern is the path of a rule: pieces parted by "*". Pieces and targets are
// compared in one normal form (see normalise), so a comparison is of bytes.
type pattern struct {
	first    []byte   // must begin the target
	rest     [][]byte // must follow in this order, each as early as it can
	last     []byte   // must end the target, where anchored and starred
	anchored bool     // the pattern ends in "$"
	starred  bool     // it holds a "*"
	escaped  bool     // it holds a coded ":" or "/", see target
	octets   int      // length in the normal form, which weighs rules
}

func compile(value string) pattern {
	var p pattern
	if strings.HasSuffix(value, "$") {
		p.anchored = true
		value = value[:len(value)-1]
	}
	normal := normalise(make([]byte, 0, len(value)), value, true)
	p.octets = len(normal)
	if p.anchored {
		p.octets++
	}
	p.escaped = bytes.Contains(normal, []byte("%2F")) || bytes.Contains(normal, []byte("%3A"))
	pieces := bytes.Split(normal, []byte("*"))
	p.first, pieces = pieces[0], pieces[1:]
	if p.starred = len(pieces) > 0; !p.starred {
		return p
	}
	if p.anchored {
		p.last, pieces = pieces[len(pieces)-1], pieces[:len(pieces)-1]
	}
	for _, piece := range pieces {
		if len(piece) > 0 {
			p.rest = append(p.rest, piece)
		}
	}
	return p
}

// target is an address to be judged, in normal form. In a query ":" and "/"
// mean the same coded and plain (RFC 9309, 2.2.2, second example), but a rule
// may have its "?" under a "*": so both spellings are tried.
type target struct {
	plain   []byte
	decoded []byte // plain with "%3A" and "%2F" of the query decoded; nil if the same
	coded   []byte // plain with ":" and "/" of the query coded; nil if the same
}

func newTarget(buf []byte, path string) target {
	t := target{plain: normalise(buf, path, false)}
	i := bytes.IndexByte(t.plain, '?')
	if i < 0 {
		return t
	}
	query := t.plain[i:]
	if bytes.Contains(query, []byte("%3A")) || bytes.Contains(query, []byte("%2F")) {
		query = bytes.ReplaceAll(query, []byte("%3A"), []byte(":"))
		query = bytes.ReplaceAll(query, []byte("%2F"), []byte("/"))
		t.decoded = append(bytes.Clone(t.plain[:i]), query...)
	}
	if bytes.ContainsAny(query, ":/") {
		query = bytes.ReplaceAll(query, []byte(":"), []byte("%3A"))
		query = bytes.ReplaceAll(query, []byte("/"), []byte("%2F"))
		t.coded = append(bytes.Clone(t.plain[:i]), query...)
	}
	return t
}

func (p *pattern) match(t *target) bool {
	if p.matchBytes(t.plain) || t.decoded != nil && p.matchBytes(t.decoded) {
		return true
	}
	return p.escaped && t.coded != nil && p.matchBytes(t.coded)
}

// matchBytes looks for each piece once, as early as it can stand, which is
// enough: a later place never helps the pieces after it. So the time is linear
// in target and pattern.
func (p *pattern) matchBytes(s []byte) bool {
	if !bytes.HasPrefix(s, p.first) {
		return false
	}
	s = s[len(p.first):]
	if !p.starred {
		return !p.anchored || len(s) == 0
	}
	for _, piece := range p.rest {
		i := bytes.Index(s, piece)
		if i < 0 {
			return false
		}
		s = s[i+len(piece):]
	}
	return bytes.HasSuffix(s, p.last)
}

const hexDigits = "0123456789ABCDEF"

// normalise appends s with percent-codes of unreserved characters undone,
// those of others in upper case, and bytes that no URI may hold coded
// (RFC 9309, 2.2.2; RFC 3986, 6.2.2). "*" and "$" are coded in a target, and
// "$" in a pattern, whose anchor is already gone: only a pattern's "*" stays.
func normalise(dst []byte, s string, isPattern bool) []byte {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]):
			c = unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if unreserved(c) {
				dst = append(dst, c)
			} else {
				dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
			}
		case c == '*' && isPattern || c != '*' && c != '$' && mayStand(c):
			dst = append(dst, c)
		default:
			dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
		}
	}
	return dst
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

func unreserved(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

// mayStand tells the printable ASCII characters of a URI; a stray "%" is left
// as it is.
func mayStand(c byte) bool {
	return c > ' ' && c < 0x7f && strings.IndexByte("\"<>\\^`{|}", c) < 0
}
