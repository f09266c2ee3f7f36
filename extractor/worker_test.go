package extractor

import (
	"testing"
	"time"
)

func TestPageOfABlock(t *testing.T) {
	const url = "https://paper.example/a"
	for _, c := range []struct{ name, block, body, contentType string }{
		{"a response", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<p>a", "<p>a", "text/html"},
		{"a chunked one", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n<p>\r\n1\r\na\r\n0\r\n\r\n", "<p>a", ""},
		{"an answer without a head, as of HTTP/0.9", "<p>a</p>", "<p>a</p>", ""},
		{"an answer of nothing", "", "", ""},
	} {
		p, err := PageOf(url, []byte(c.block), time.Unix(1_700_000_000, 0), false, 1<<20)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if string(p.Body) != c.body || p.ContentType != c.contentType || p.URL != url {
			t.Errorf("%s: body %q of %q", c.name, p.Body, p.ContentType)
		}
	}
}
