package content

import (
	"bytes"
	"strings"
)

// sniffLen is the part of a body that is looked at (mimesniff, "resource header").
const sniffLen = 1445

type magic struct {
	offset int
	bytes  string
	media  string
}

// magics are byte patterns that settle the type whatever was declared
// (mimesniff, sections 6.1 to 6.4, and what news sites serve besides).
var magics = []magic{
	{0, "%PDF-", "application/pdf"},
	{0, "%!PS-Adobe-", "application/postscript"},
	{0, "\x89PNG\r\n\x1a\n", "image/png"},
	{0, "\xff\xd8\xff", "image/jpeg"},
	{0, "GIF87a", "image/gif"},
	{0, "GIF89a", "image/gif"},
	{8, "WEBPVP", "image/webp"},
	{4, "ftypavif", "image/avif"},
	{4, "ftypavis", "image/avif"},
	{4, "ftypheic", "image/heic"},
	{0, "\x00\x00\x01\x00", "image/x-icon"},
	{0, "\x00\x00\x02\x00", "image/x-icon"},
	{0, "BM", "image/bmp"},
	{0, "\x1f\x8b\x08", "application/gzip"},
	{0, "PK\x03\x04", "application/zip"},
	{0, "Rar!\x1a\x07", "application/x-rar-compressed"},
	{0, "\x28\xb5\x2f\xfd", "application/zstd"},
	{0, "OggS\x00", "application/ogg"},
	{0, "ID3", "audio/mpeg"},
	{8, "WAVE", "audio/wave"},
	{8, "AVI ", "video/avi"},
	{4, "ftyp", "video/mp4"},
	{0, "\x1a\x45\xdf\xa3", "video/webm"},
	{0, "wOFF", "font/woff"},
	{0, "wOF2", "font/woff2"},
	{0, "\x00asm", "application/wasm"},
}

// htmlTags begin a page (mimesniff, section 7.1); a space or > must follow.
var htmlTags = []string{
	"<!DOCTYPE HTML", "<HTML", "<HEAD", "<SCRIPT", "<IFRAME", "<H1", "<DIV", "<FONT", "<TABLE",
	"<A", "<STYLE", "<TITLE", "<B", "<BODY", "<BR", "<P",
	// Not in the standard, but what pages without a doctype begin with.
	"<META", "<LINK", "<ARTICLE", "<SECTION", "<MAIN", "<HEADER", "<NAV", "<SPAN", "<UL", "<H2", "<H3", "<CENTER", "<FORM",
}

// Sniff gives the media type of a decoded body, lower case and without
// parameters. The declared type is believed where the bytes do not speak
// against it; patterns of images, PDF, archives, markup, feeds and JSON
// overrule it. Feeds are application/rss+xml, application/atom+xml,
// application/rdf+xml or application/feed+json, other XML application/xml or
// text/xml as declared, pages text/html or application/xhtml+xml.
// (WHATWG mimesniff, with no trust in the field alone.)
func Sniff(declared string, body []byte) string {
	declared = mediaType(declared)
	head := body[:min(len(body), sniffLen)]
	if len(head) == 0 {
		return declared
	}
	if media := byMagic(head, declared); media != "" {
		return media
	}
	utf16 := bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff"))
	text := narrow(head, utf16)
	if media := byMarkup(text, declared); media != "" {
		return media
	}
	if media := byJSON(text, body, declared); media != "" {
		return media
	}
	if !utf16 && isBinary(head) && !strings.Contains(declared, "charset=utf-16") {
		if isTextual(declared) || declared == "" {
			return "application/octet-stream"
		}
		return declared
	}
	if declared == "" || declared == "application/octet-stream" || !strings.Contains(declared, "/") || isImage(declared) {
		return "text/plain"
	}
	return declared
}

func mediaType(declared string) string {
	media, _, _ := strings.Cut(declared, ";")
	// A repeated field arrives joined by commas; the last value counts.
	if i := strings.LastIndexByte(media, ','); i >= 0 {
		media = media[i+1:]
	}
	return strings.ToLower(strings.TrimSpace(media))
}

func isTextual(media string) bool {
	return strings.HasPrefix(media, "text/") || isXML(media) || isJSON(media) || media == "application/javascript"
}

func isImage(media string) bool {
	return strings.HasPrefix(media, "image/") && media != "image/svg+xml"
}

func isXML(media string) bool {
	return strings.HasSuffix(media, "+xml") || media == "text/xml" || media == "application/xml"
}

func isJSON(media string) bool {
	return strings.HasSuffix(media, "+json") || media == "application/json" || media == "text/json"
}

func byMagic(head []byte, declared string) string {
	for _, m := range magics {
		if len(head) < m.offset+len(m.bytes) || string(head[m.offset:m.offset+len(m.bytes)]) != m.bytes {
			continue
		}
		// Two letters are too little to overrule a type that says text.
		if len(m.bytes) <= 3 && m.bytes[0] < 0x80 && m.bytes[0] >= ' ' && !isBinary(head) {
			continue
		}
		if m.offset > 0 && !isBinary(head) {
			continue
		}
		if m.media == "video/mp4" && strings.HasPrefix(declared, "audio/") {
			return declared
		}
		if m.media == "application/zip" && strings.HasPrefix(declared, "application/") && declared != "application/octet-stream" {
			return declared // office documents and other formats in a zip
		}
		return m.media
	}
	return ""
}

// narrow drops a byte order mark and leading space, and the zero bytes of UTF-16.
func narrow(head []byte, utf16 bool) []byte {
	if utf16 {
		narrowed := make([]byte, 0, len(head)/2)
		for _, c := range head[2:] {
			if c != 0 {
				narrowed = append(narrowed, c)
			}
		}
		head = narrowed
	}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	return bytes.TrimLeft(head, " \t\r\n\f")
}

func byMarkup(text []byte, declared string) string {
	for {
		if len(text) == 0 || text[0] != '<' {
			return ""
		}
		switch {
		case bytes.HasPrefix(text, []byte("<?xml")):
			return byRoot(text, declared)
		case bytes.HasPrefix(text, []byte("<!--")):
			end := bytes.Index(text, []byte("-->"))
			if end < 0 {
				return markupDefault(declared)
			}
			text = bytes.TrimLeft(text[end+3:], " \t\r\n\f")
			if len(text) == 0 {
				return markupDefault(declared)
			}
			continue
		}
		if media := rootMedia(elementName(text), declared); media != "" {
			return media
		}
		for _, tag := range htmlTags {
			if len(text) > len(tag) && strings.EqualFold(string(text[:len(tag)]), tag) && (text[len(tag)] == ' ' || text[len(tag)] == '>' || text[len(tag)] == '\n' || text[len(tag)] == '\r' || text[len(tag)] == '\t') {
				if isXML(declared) {
					return xmlPage(declared)
				}
				return "text/html"
			}
		}
		return ""
	}
}

// markupDefault is for text of which only a comment was seen.
func markupDefault(declared string) string {
	if isXML(declared) {
		return declared
	}
	return "text/html"
}

// xmlPage is the type of a page declared as XML of some kind.
func xmlPage(declared string) string {
	if declared == "application/xhtml+xml" {
		return declared
	}
	return "text/html"
}

// byRoot goes by the root element of an XML document.
func byRoot(text []byte, declared string) string {
	for len(text) > 0 {
		i := bytes.IndexByte(text, '<')
		if i < 0 || i+1 >= len(text) {
			break
		}
		text = text[i:]
		switch {
		case bytes.HasPrefix(text, []byte("<!--")):
			end := bytes.Index(text, []byte("-->"))
			if end < 0 {
				return xmlDefault(declared)
			}
			text = text[end+3:]
			continue
		case text[1] == '?':
			text = text[2:]
			continue
		case len(text) > 14 && strings.EqualFold(string(text[:14]), "<!DOCTYPE html"):
			return pageOf(declared)
		case text[1] == '!':
			text = text[2:]
			continue
		}
		name := elementName(text)
		if strings.EqualFold(name, "html") {
			return pageOf(declared)
		}
		if media := rootMedia(name, declared); media != "" {
			return media
		}
		break
	}
	return xmlDefault(declared)
}

// pageOf is the type of a page that begins with an XML declaration: browsers
// take it as XHTML only where the field says so.
func pageOf(declared string) string {
	if declared == "application/xhtml+xml" || declared == "application/xml" || declared == "text/xml" {
		return "application/xhtml+xml"
	}
	return "text/html"
}

func xmlDefault(declared string) string {
	if isXML(declared) {
		return declared
	}
	return "application/xml"
}

func elementName(text []byte) string {
	end := 1
	for end < len(text) && !strings.ContainsRune(" \t\r\n\f/>", rune(text[end])) {
		end++
	}
	return string(text[1:end])
}

func rootMedia(name, declared string) string {
	switch name {
	case "rss":
		return "application/rss+xml"
	case "feed", "atom:feed":
		return "application/atom+xml"
	case "rdf:RDF":
		return "application/rdf+xml"
	case "svg":
		return "image/svg+xml"
	case "urlset", "sitemapindex":
		return xmlDefault(declared)
	}
	return ""
}

func byJSON(text, body []byte, declared string) string {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return ""
	}
	if isJSON(declared) {
		if bytes.Contains(text, []byte("jsonfeed.org/version/")) {
			return "application/feed+json"
		}
		return declared
	}
	switch declared {
	case "", "text/plain", "text/html", "application/octet-stream":
	default:
		return ""
	}
	// Declared as something else: only what closes as it opens is believed.
	body = bytes.TrimRight(body, " \t\r\n")
	if len(text) < 2 || body[len(body)-1] != text[0]+2 {
		return ""
	}
	next := bytes.TrimLeft(text[1:], " \t\r\n")
	if len(next) == 0 || !strings.ContainsRune(`"[{]}-0123456789tfn`, rune(next[0])) || text[0] == '{' && next[0] != '"' && next[0] != '}' {
		return ""
	}
	if bytes.Contains(text, []byte("jsonfeed.org/version/")) {
		return "application/feed+json"
	}
	return "application/json"
}

// isBinary finds bytes that no text has (mimesniff, "binary data byte").
func isBinary(head []byte) bool {
	for _, c := range head {
		if c <= 8 || c == 0x0b || c >= 0x0e && c <= 0x1a || c >= 0x1c && c <= 0x1f {
			return true
		}
	}
	return false
}
