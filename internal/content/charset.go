package content

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
)

// prescanLen is how far a page's own declaration of its charset is looked for.
const prescanLen = 4 << 10

// Charset finds the character encoding of a text body, and its name as the
// WHATWG Encoding standard has it. A nil encoding means that body is UTF-8 and
// can stay as it is. In this order: a byte order mark; UTF-8 if the body is
// valid UTF-8, whatever is declared (only escape sequences and UTF-16 look like
// ASCII and are something else); the field's charset; the page's own; and what
// the bytes look like. Half a character at the end of UTF-8 is forgiven, as
// bodies are cut.
func Charset(body []byte, contentType, media string) (encoding.Encoding, string) {
	whole := utf8.Valid(body)
	if enc, name := byMark(body); enc != nil {
		if name == "utf-8" && whole {
			enc = nil
		}
		return enc, name
	}
	declared := declaredCharset(body, contentType, media)
	wide := strings.HasPrefix(declared, "utf-16")
	if wide && !plausible16(body) {
		declared, wide = "", false
	}
	hidden := (wide || declared == "iso-2022-jp") && isASCII(body)
	if whole && !hidden {
		return nil, "utf-8"
	}
	if !whole && !wide && isCutUTF8(body) {
		return encoding.Nop, "utf-8"
	}
	if declared != "" && declared != "utf-8" {
		if enc, name := charset.Lookup(declared); enc != nil && name != "replacement" {
			return enc, name
		}
	}
	if declared == "utf-8" && mostlyUTF8(body) {
		return encoding.Nop, "utf-8" // a few broken bytes: they are replaced
	}
	return guess(body)
}

func isASCII(body []byte) bool { return bytes.IndexFunc(body, beyondASCII) < 0 }

func byMark(body []byte) (encoding.Encoding, string) {
	for _, mark := range [...]struct{ bytes, name string }{
		{"\xef\xbb\xbf", "utf-8"}, {"\xff\xfe", "utf-16le"}, {"\xfe\xff", "utf-16be"},
	} {
		if bytes.HasPrefix(body, []byte(mark.bytes)) {
			enc, name := charset.Lookup(mark.name)
			return enc, name
		}
	}
	return nil, ""
}

// isCutUTF8 reports text with whole multi-byte characters in it, of which only
// the last is not whole.
func isCutUTF8(body []byte) bool {
	for cut := 1; cut < utf8.UTFMax && cut < len(body); cut++ {
		if tail := body[len(body)-cut:]; utf8.RuneStart(tail[0]) {
			rest := body[:len(body)-cut]
			return tail[0] >= 0xc2 && !utf8.FullRune(tail) && utf8.Valid(rest) && !isASCII(rest)
		}
	}
	return false
}

func beyondASCII(r rune) bool { return r >= utf8.RuneSelf }

// mostlyUTF8 reports text with more whole multi-byte characters than broken ones.
func mostlyUTF8(body []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(body); {
		if body[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		i += size
	}
	return good > bad
}

// plausible16 holds if body could be UTF-16: about half of ASCII markup is zeros.
func plausible16(body []byte) bool {
	head := body[:min(len(body), 1024)]
	return bytes.Count(head, []byte{0})*8 >= len(head)
}

func declaredCharset(body []byte, contentType, media string) string {
	if name := fieldCharset(contentType); name != "" {
		return name
	}
	head := body[:min(len(body), prescanLen)]
	switch {
	case strings.Contains(media, "xml"):
		if name := xmlCharset(head); name != "" {
			return name
		}
		return "utf-8"
	case strings.Contains(media, "json"):
		return "utf-8"
	case media == "text/html":
		if name := xmlCharset(head); name != "" {
			return name
		}
		return metaCharset(head)
	}
	return ""
}

// fieldCharset reads the charset parameter as leniently as browsers do.
func fieldCharset(contentType string) string {
	// Lower case first: broken UTF-8 changes its length in the process.
	rest := strings.ToLower(contentType)
	for {
		i := strings.Index(rest, "charset")
		if i < 0 {
			return ""
		}
		rest = rest[i+len("charset"):]
		value := strings.TrimLeft(rest, " \t")
		if !strings.HasPrefix(value, "=") {
			continue
		}
		value = strings.TrimLeft(value[1:], " \t\"'")
		if end := strings.IndexAny(value, "\"'; ,"); end >= 0 {
			value = value[:end]
		}
		return known(value)
	}
}

// known gives the standard's name of a label, or "".
func known(label string) string {
	if label == "" {
		return ""
	}
	_, name := charset.Lookup(label)
	return name
}

func xmlCharset(head []byte) string {
	head = bytes.TrimLeft(head, " \t\r\n")
	end := bytes.Index(head, []byte("?>"))
	if !bytes.HasPrefix(head, []byte("<?xml")) || end < 0 {
		return ""
	}
	declaration := string(head[:end])
	i := strings.Index(declaration, "encoding")
	if i < 0 {
		return ""
	}
	value := strings.TrimLeft(declaration[i+len("encoding"):], " \t\r\n=")
	if len(value) < 2 {
		return ""
	}
	name, _, ok := strings.Cut(value[1:], value[:1])
	if !ok {
		return ""
	}
	return asASCIIBased(known(name))
}

// asASCIIBased corrects what a declaration in ASCII cannot truly say.
func asASCIIBased(name string) string {
	switch name {
	case "utf-16be", "utf-16le":
		return "utf-8"
	case "x-user-defined":
		return "windows-1252"
	}
	return name
}

// metaCharset looks for <meta charset> and its http-equiv form (HTML standard,
// "prescan a byte stream to determine its encoding"), comments passed over.
func metaCharset(head []byte) string {
	for {
		i := bytes.IndexByte(head, '<')
		if i < 0 {
			return ""
		}
		head = head[i:]
		if bytes.HasPrefix(head, []byte("<!--")) {
			end := bytes.Index(head[2:], []byte("-->"))
			if end < 0 {
				return ""
			}
			head = head[2+end+3:]
			continue
		}
		end := bytes.IndexByte(head, '>')
		if end < 0 {
			return ""
		}
		tag := head[1:end]
		head = head[end+1:]
		if len(tag) < 5 || !strings.EqualFold(string(tag[:4]), "meta") {
			continue
		}
		if name := metaTag(string(tag[4:])); name != "" {
			return name
		}
	}
}

func metaTag(tag string) string {
	tag = strings.ToLower(tag)
	i := strings.Index(tag, "charset")
	if i < 0 {
		return ""
	}
	value := strings.TrimLeft(tag[i+len("charset"):], " \t\r\n\f")
	if !strings.HasPrefix(value, "=") {
		return ""
	}
	value = strings.TrimLeft(value[1:], " \t\r\n\f\"'")
	if end := strings.IndexAny(value, " \t\r\n\f\"';/"); end >= 0 {
		value = value[:end]
	}
	return asASCIIBased(known(value))
}

// ToUTF8 converts body from enc, appending to dst, within limits.Max and
// limits.Memory; limit names the one that cut it. What is not valid becomes
// U+FFFD.
func ToUTF8(dst, body []byte, enc encoding.Encoding, limits Limits) (text []byte, limit string) {
	start := len(dst)
	transformer := transform.Transformer(runes.ReplaceIllFormed())
	if enc != encoding.Nop {
		transformer = enc.NewDecoder().Transformer
	}
	for {
		if cap(dst)-len(dst) < 64 {
			bigger := max(2*cap(dst), len(dst)+len(body)+len(body)/4+64)
			if bigger > freeMemory && !limits.reserve(int64(bigger-cap(dst))) {
				return trimRune(dst), LimitMemory
			}
			dst = append(make([]byte, 0, bigger), dst...)
		}
		written, read, err := transformer.Transform(dst[len(dst):cap(dst)], body, true)
		dst, body = dst[:len(dst)+written], body[read:]
		if limits.Max > 0 && int64(len(dst)-start) > limits.Max {
			return trimRune(dst[:start+int(limits.Max)]), LimitView
		}
		if err != transform.ErrShortDst {
			return dst, ""
		}
	}
}

// trimRune takes half a character off the end.
func trimRune(b []byte) []byte {
	for cut := 1; cut <= utf8.UTFMax && cut <= len(b); cut++ {
		if tail := b[len(b)-cut:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return b[:len(b)-cut]
			}
			return b
		}
	}
	return b
}
