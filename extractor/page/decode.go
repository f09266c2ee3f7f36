package page

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// Decode turns a page's bytes into UTF-8 and names the encoding that it took
// and why ("utf-8 (valid)", "windows-1251 (header)"). In order: a byte order
// mark; bytes that are valid UTF-8 are UTF-8 whatever header and meta say; the
// charset of contentType; the meta element in the first bytes; and at last a
// guess by the letters that a reading gives. Bytes that the encoding does not
// know become U+FFFD. The text may be body itself.
func Decode(body []byte, contentType string) (text []byte, how string) {
	switch {
	case bytes.HasPrefix(body, []byte{0xEF, 0xBB, 0xBF}):
		return bytes.ToValidUTF8(body[3:], []byte("\uFFFD")), "utf-8 (byte order mark)"
	case bytes.HasPrefix(body, []byte{0xFE, 0xFF}):
		return transcode(body[2:], "utf-16be"), "utf-16be (byte order mark)"
	case bytes.HasPrefix(body, []byte{0xFF, 0xFE}):
		return transcode(body[2:], "utf-16le"), "utf-16le (byte order mark)"
	}
	declared, from := headerCharset(contentType), "header"
	if declared == "" {
		declared, from = metaCharset(body), "meta"
	}
	if declared == "iso-2022-jp" && bytes.Contains(body, []byte("\x1b$")) {
		return transcode(body, declared), declared + " (" + from + ")"
	}
	if utf8.Valid(body) {
		return body, "utf-8 (valid)"
	}
	if validUTF8(body) {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8 (valid)"
	}
	if mostlyUTF8(body) {
		return bytes.ToValidUTF8(body, []byte("\uFFFD")), "utf-8 (but for a few bytes)"
	}
	if declared != "" && declared != "utf-8" && declared != "utf-16le" && declared != "utf-16be" {
		return transcode(body, declared), declared + " (" + from + ")"
	}
	guess := guessCharset(body)
	return transcode(body, guess), guess + " (guess)"
}

// headerCharset is the canonical name of the charset that a Content-Type
// states, or "".
func headerCharset(contentType string) string {
	if contentType == "" {
		return ""
	}
	label := ""
	if _, params, err := mime.ParseMediaType(contentType); err == nil {
		label = params["charset"]
	} else if _, after, ok := strings.Cut(strings.ToLower(contentType), "charset="); ok {
		label = strings.Trim(strings.SplitN(after, ";", 2)[0], " \t\"'")
	}
	return canonicalCharset(label)
}

func canonicalCharset(label string) string {
	if label == "" {
		return ""
	}
	enc, name := charset.Lookup(label)
	if enc == nil {
		return ""
	}
	return name
}

// metaCharset looks for a charset in the first 4 KiB, as text: a meta element
// that browsers' own prescan of 1 KiB would miss still tells the truth.
func metaCharset(body []byte) string {
	head := bytes.ToLower(body[:min(len(body), 4096)])
	for {
		at := bytes.Index(head, []byte("charset"))
		if at < 0 {
			return ""
		}
		head = head[at+len("charset"):]
		rest := bytes.TrimLeft(head, " \t\r\n")
		if len(rest) == 0 || rest[0] != '=' {
			continue
		}
		rest = bytes.TrimLeft(rest[1:], " \t\r\n\"'")
		end := bytes.IndexAny(rest, " \t\r\n\"'/>;")
		if end < 0 {
			end = len(rest)
		}
		if name := canonicalCharset(string(rest[:end])); name != "" {
			return name
		}
	}
}

// validUTF8 forgives a last rune cut in two, as where a body was truncated.
func validUTF8(b []byte) bool {
	if utf8.Valid(b) {
		return true
	}
	for cut := 1; cut < utf8.UTFMax && cut < len(b); cut++ {
		tail := b[len(b)-cut:]
		if utf8.RuneStart(tail[0]) {
			return !utf8.FullRune(tail) && utf8.Valid(b[:len(b)-cut])
		}
	}
	return false
}

// mostlyUTF8 tells whether nearly all bytes above 0x7F stand in valid
// sequences, as on pages that paste one foreign byte into UTF-8.
func mostlyUTF8(b []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(b); {
		if b[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			bad++
		} else {
			good++
		}
		i += n
	}
	return good > 20*bad
}

func transcode(b []byte, name string) []byte {
	var enc encoding.Encoding
	if e, err := htmlindex.Get(name); err == nil {
		enc = e
	} else if e, _ := charset.Lookup(name); e != nil {
		enc = e
	}
	if enc == nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	out, err := enc.NewDecoder().Bytes(b)
	if err != nil && len(out) == 0 {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}
