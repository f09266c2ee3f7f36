package content

import (
	"strings"
	"testing"
)

func TestSniffGoesByTheBytes(t *testing.T) {
	for _, c := range []struct{ what, declared, body, want string }{
		{"page", "text/html; charset=utf-8", "<!DOCTYPE html><p>x", "text/html"},
		{"page without doctype", "text/html", "<p>x</p>", "text/html"},
		{"page without a type", "", "  \n<html><body>", "text/html"},
		{"page as octets", "application/octet-stream", "<!doctype HTML>\n<html>", "text/html"},
		{"page behind a comment", "", "<!-- served by x --><html>", "text/html"},
		{"page that is all comment", "text/html", "<!-- " + strings.Repeat("x", 3000), "text/html"},
		{"page instead of an image", "image/jpeg", "<!DOCTYPE html><title>Not found</title>", "text/html"},
		{"page as PDF", "application/pdf", "<html><title>Login</title>", "text/html"},
		{"page with a byte order mark", "text/plain", "\xef\xbb\xbf<!DOCTYPE html><html>", "text/html"},
		{"page in UTF-16", "", "\xff\xfe<\x00h\x00t\x00m\x00l\x00>\x00", "text/html"},
		{"text said to be a page", "text/html", "just words", "text/html"},
		{"XHTML", "application/xhtml+xml", `<?xml version="1.0"?><!DOCTYPE html><html xmlns="x">`, "application/xhtml+xml"},
		{"XHTML served as a page", "text/html", `<?xml version="1.0"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0"><html>`, "text/html"},
		{"RSS as a page", "text/html", `<?xml version="1.0"?><!-- c --><rss version="2.0">`, "application/rss+xml"},
		{"RSS without declaration", "text/xml", `<rss version="2.0">`, "application/rss+xml"},
		{"RSS with a stylesheet", "application/xml", `<?xml version="1.0"?><?xml-stylesheet href="a"?><rss>`, "application/rss+xml"},
		{"Atom", "application/xml", `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">`, "application/atom+xml"},
		{"RSS 1.0", "text/xml", `<?xml version="1.0"?><rdf:RDF xmlns="x">`, "application/rdf+xml"},
		{"sitemap", "text/xml", `<?xml version="1.0"?><urlset>`, "text/xml"},
		{"sitemap as a page", "text/html", `<?xml version="1.0"?><sitemapindex xmlns="x">`, "application/xml"},
		{"SVG", "text/plain", `<svg xmlns="http://www.w3.org/2000/svg">`, "image/svg+xml"},
		{"other XML", "application/soap+xml", `<?xml version="1.0"?><soap:Envelope>`, "application/soap+xml"},
		{"JSON", "application/json", `{"a":1}`, "application/json"},
		{"JSON as a page", "text/html", `{"a": [1,2]}`, "application/json"},
		{"JSON list as text", "text/plain", "[1,2,3]\n", "application/json"},
		{"JSON-LD", "application/ld+json", `{"@context":"x"}`, "application/ld+json"},
		{"JSON feed", "application/json", `{"version":"https://jsonfeed.org/version/1.1"}`, "application/feed+json"},
		{"text in brackets", "text/plain", "[Note] all is well", "text/plain"},
		{"script", "text/javascript", "[1].map(x)", "text/javascript"},
		{"PDF", "text/html", "%PDF-1.7\n", "application/pdf"},
		{"PNG as text", "text/plain", "\x89PNG\r\n\x1a\n", "image/png"},
		{"JPEG", "", "\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"},
		{"GIF", "image/png", "GIF89a\x01\x00", "image/gif"},
		{"WebP", "image/jpeg", "RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"AVIF", "image/jpeg", "\x00\x00\x00\x1cftypavif\x00\x00", "image/avif"},
		{"MP4", "", "\x00\x00\x00\x18ftypmp42\x00\x00", "video/mp4"},
		{"gzip", "text/xml", "\x1f\x8b\x08\x00", "application/gzip"},
		{"office document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
		{"text that begins like a bitmap", "text/plain", "BMW recalls cars", "text/plain"},
		{"text that begins like a tag of MP3", "text/html", "ID3 is a format", "text/html"},
		{"stylesheet", "text/css", "body { color: red }", "text/css"},
		{"binary said to be text", "text/plain", "\x00\x01\x02", "application/octet-stream"},
		{"binary of a type of its own", "application/x-own", "\x00\x01\x02", "application/x-own"},
		{"text of no type", "", "words", "text/plain"},
		{"nothing", "Text/HTML", "", "text/html"},
		{"two types", "text/plain, text/html", "words", "text/html"},
	} {
		if got := Sniff(c.declared, []byte(c.body)); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func BenchmarkSniffAndCharset(b *testing.B) {
	page := []byte("<!DOCTYPE html><html><head><meta charset=utf-8></head>" + strings.Repeat("<p>Новости дня и ночи</p>\n", 1800))
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		media := Sniff("text/html; charset=utf-8", page)
		Charset(page, "text/html; charset=utf-8", media)
	}
}
