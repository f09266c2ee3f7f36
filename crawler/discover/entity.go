package discover

import (
	"bytes"
	"html"
	"strings"
)

// unescapeAttr decodes the character references of an attribute's value. As
// the HTML standard has it (13.2.5.73), a name without a semicolon is left
// alone where "=" or a letter or digit follows: "?a=1&copy=2" is no copyright
// sign. b itself comes back where nothing is to be decoded.
func unescapeAttr(b []byte) []byte {
	i := bytes.IndexByte(b, '&')
	if i < 0 {
		return b
	}
	out := make([]byte, 0, len(b))
	for i >= 0 {
		out = append(out, b[:i]...)
		b = b[i:]
		n := 1
		if text, size := reference(b); size > 0 {
			out = append(out, text...)
			n = size
		} else {
			out = append(out, '&')
		}
		b = b[n:]
		i = bytes.IndexByte(b, '&')
	}
	return append(out, b...)
}

// reference decodes the reference that b begins with and gives its length, 0
// if it is none.
func reference(b []byte) (string, int) {
	const longest = 40 // the longest name has 31 letters
	n := 1
	if n < len(b) && b[n] == '#' {
		n++
	}
	for n < len(b) && n < longest && (isLetter(b[n]) || b[n] >= '0' && b[n] <= '9') {
		n++
	}
	if n == 1 || n == longest {
		return "", 0
	}
	name := string(b[:n])
	closed := n < len(b) && b[n] == ';'
	if name[1] == '#' {
		return numeric(name, closed)
	}
	if closed {
		if text := html.UnescapeString(name + ";"); text != name+";" && (!strings.HasSuffix(text, ";") || name == "&semi") {
			return text, n + 1
		}
		return "", 0
	}
	if n < len(b) && b[n] == '=' {
		return "", 0
	}
	// Only the old names do without a semicolon, and with one they mean the
	// same.
	if text := html.UnescapeString(name); text != name && text == html.UnescapeString(name+";") {
		return text, n
	}
	return "", 0
}

func numeric(name string, closed bool) (string, int) {
	digits, end := name[2:], 2
	hex := len(digits) > 0 && digits[0]|0x20 == 'x'
	if hex {
		digits, end = digits[1:], 3
	}
	n := 0
	for n < len(digits) && (digits[n] >= '0' && digits[n] <= '9' || hex && digits[n]|0x20 >= 'a' && digits[n]|0x20 <= 'f') {
		n++
	}
	if n == 0 {
		return "", 0
	}
	end += n
	text := html.UnescapeString(name[:end] + ";")
	if closed && end == len(name) {
		end++
	}
	return text, end
}
