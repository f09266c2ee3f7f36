package torture

import (
	"fmt"
	"strings"
)

const html = "Content-Type: text/html; charset=utf-8"

func heads() []Case {
	body, big := page("head"), large("head")
	plain := okay("plain answer", crlf("HTTP/1.1 200 OK", html, length(body)), body)
	plain.Clean = true
	dup := okay("duplicate and odd-case fields", crlf("HTTP/1.1 200 OK", "content-TYPE: text/html", "X-A: 1", "x-a: 2", "X-A: 1", length(body)), body)
	dup.Clean = true
	many := okay("5000 fields", crlf("HTTP/1.1 200 OK", html, length(body), strings.TrimSuffix(strings.Repeat("X-Field: value\r\n", 5000), "\r\n")), body)
	many.Clean = true
	mega := okay("head of nearly a megabyte", crlf("HTTP/1.1 200 OK", html, length(body), "X-Long: "+strings.Repeat("a", 1_000_000)), body)
	mega.Clean = true
	empty := okay("no fields at all", "HTTP/1.1 200 OK\r\n\r\n", body)
	empty.End = Close
	return []Case{
		plain, dup, many, mega, empty,
		noted(okay("head with LF-only lines", strings.ReplaceAll(crlf("HTTP/1.1 200 OK", html, length(big)), "\r\n", "\n"), big), "LF-only line in head"),
		noted(okay("head with mixed line ends", "HTTP/1.1 200 OK\n"+html+"\r\n"+length(body)+"\n\r\n", body), "LF-only line in head"),
		noted(okay("bare CR in a field value", crlf("HTTP/1.1 200 OK", html, "X-A: one\rtwo", length(body)), body), "bare CR in head"),
		noted(okay("bare CR before a large body", crlf("HTTP/1.1 200 OK", "X-A: \r\rX", html, length(big)), big), "bare CR in head"),
		noted(okay("NUL in a field value", crlf("HTTP/1.1 200 OK", html, "X-A: a\x00b", length(big)), big), "NUL in head"),
		noted(okay("line without a colon", crlf("HTTP/1.1 200 OK", "this is no field", html, length(big)), big), "line without a colon in head"),
		noted(okay("bad field names", crlf("HTTP/1.1 200 OK", "X A: 1", "\xe9t\xe9: 2", ": 3", "(x): 4", html, length(big)), big), "bad field name"),
		noted(okay("space before the colon", crlf("HTTP/1.1 200 OK", html, "Content-Length : "+fmt.Sprint(len(body))), body), "space before colon"),
		noted(okay("folded field line", crlf("HTTP/1.1 200 OK", "X-A: one", "  two", "\tthree", html, length(body)), body), "folded field line"),
		noted(okay("continuation before any field", crlf("HTTP/1.1 200 OK", "  lost", html, length(body)), body), "folded field line"),
		noted(okay("leading CRLF", "\r\n\r\n"+crlf("HTTP/1.1 200 OK", html, length(big)), big), "line ends before the status line"),
		noted(okay("leading LF", "\n"+crlf("HTTP/1.1 200 OK", html, length(body)), body), "line ends before the status line"),
	}
}

func noted(c Case, note string) Case {
	c.Note = note
	return c
}

func statusLines() []Case {
	body, big := page("status line"), large("status line")
	line := func(name, status, note string, code int) Case {
		c := noted(okay(name, crlf(status, html, length(body)), body), note)
		c.Status = code
		return c
	}
	reasonless := okay("no reason", crlf("HTTP/1.1 200 ", html, length(body)), body)
	reasonless.Clean = true
	bare := okay("no reason and no space", crlf("HTTP/1.1 200", html, length(body)), body)
	bare.Clean = true
	old := okay("HTTP/1.0 kept alive", crlf("HTTP/1.0 200 OK", "Connection: keep-alive", html, length(body)), body)
	old.Clean = true
	closing := okay("HTTP/1.0 until close", crlf("HTTP/1.0 200 OK", html), big)
	closing.End = Close
	nine := noted(Case{Name: "HTTP/0.9", Sent: []byte(big), Body: []byte(big), End: Close}, "no head (HTTP/0.9)")
	short := noted(Case{Name: "HTTP/0.9 of two bytes", Sent: []byte("ok"), Body: []byte("ok"), End: Close}, "no head (HTTP/0.9)")
	missing := okay("404 with a page", crlf("HTTP/1.1 404 Not Found", html, length(body)), body)
	missing.Status, missing.Clean = 404, true
	moved := okay("redirect to an odd place", crlf("HTTP/1.1 301 Moved", "Location: http://[bad/%zz space", html, length(body)), body)
	moved.Status, moved.Clean = 301, true
	unknown := okay("status that nobody knows", crlf("HTTP/1.1 799 Nobody", html, length(body)), body)
	unknown.Status, unknown.Clean = 799, true
	switching := noted(okay("unasked 101", crlf("HTTP/1.1 101 Switching Protocols", "Upgrade: x", html), body), "unasked 101")
	switching.Status, switching.End = 101, Close
	return []Case{
		reasonless, bare, old, closing, nine, short, missing, moved, unknown, switching,
		line("four-digit status", "HTTP/1.1 2000 OK", "status code is not three digits", 200),
		line("two-digit status", "HTTP/1.1 20 OK", "no status code", 200),
		line("status without a code", "HTTP/1.1 OK", "no status code", 200),
		line("status with letters behind it", "HTTP/1.1 404b Gone", "status code is not three digits", 404),
		line("HTTP/2 in the status line", "HTTP/2 200", "unusual protocol in status line", 200),
		line("HTTP/1.2 in the status line", "HTTP/1.2 200 OK", "unusual protocol in status line", 200),
		line("ICY status line", "ICY 200 OK", "unusual protocol in status line", 200),
		line("two spaces in the status line", "HTTP/1.1  200 OK", "unusual spacing in status line", 200),
		line("lower-case protocol", "http/1.1 200 ok", "", 200),
	}
}

func interims() []Case {
	body := page("interim")
	final := crlf("HTTP/1.1 200 OK", html, length(body)) + body
	with := func(name, interim string) Case {
		return Case{Name: name, Sent: []byte(interim + final), Interim: len(interim), Body: []byte(body), Clean: true}
	}
	hints := crlf("HTTP/1.1 103 Early Hints", "Link: </style.css>; rel=preload")
	return []Case{
		with("100 and 103 before 200", crlf("HTTP/1.1 100 Continue")+hints),
		with("eight times 102", strings.Repeat(crlf("HTTP/1.1 102 Processing"), 8)),
		{Name: "interim and then nothing", Sent: []byte(hints), Interim: len(hints), End: Close, Error: "reset"},
		{Name: "interim without end", Repeat: []byte(strings.Repeat(hints, 50)), End: Endless, Error: "malformed"},
	}
}
