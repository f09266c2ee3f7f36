package torture

import (
	"fmt"
	"strings"
)

func lengths() []Case {
	body, big := page("length"), large("length")
	withLengths := func(name, note, sent string, fields ...string) Case {
		c := noted(okay(name, crlf(append([]string{"HTTP/1.1 200 OK", html}, fields...)...), sent), note)
		c.End = Close
		return c
	}
	n := len(big)
	closing := okay("until close", crlf("HTTP/1.1 200 OK", html), big)
	closing.End = Close
	zero := okay("length of zero", crlf("HTTP/1.1 200 OK", html, "Content-Length: 0"), "")
	zero.Clean = true
	long := okay("length too long", crlf("HTTP/1.1 200 OK", html, "Content-Length: 1000000"), big)
	long.End, long.Truncated, long.Note = Close, "disconnect", "body shorter than announced"
	short := noted(okay("length too short", crlf("HTTP/1.1 200 OK", html, length(body)), body), "bytes after the end")
	short.Sent, short.Excess = append(short.Sent, "<p>more</p>"...), len("<p>more</p>")
	none := func(code int, reason, note, extra string, fields ...string) Case {
		c := Case{Name: fmt.Sprintf("%d %s with a body", code, reason), Status: code, Excess: len(extra), Note: note}
		c.Sent = []byte(crlf(append([]string{fmt.Sprintf("HTTP/1.1 %d %s", code, reason), html}, fields...)...) + extra)
		return c
	}
	clean304 := Case{Name: "304 with the length of the page", Status: 304, Clean: true,
		Sent: []byte(crlf("HTTP/1.1 304 Not Modified", "ETag: \"x\"", "Content-Length: 5000"))}
	reset := Case{Name: "205 without a length", Status: 205, Clean: true, Sent: []byte(crlf("HTTP/1.1 205 Reset Content"))}
	cow := withLengths("transfer-encoding of unknown name", "unusual transfer-encoding", big, "Transfer-Encoding: cow", length(big))
	cow.DecodeBad = true
	return []Case{
		closing, zero, long, short, clean304, reset, cow,
		none(204, "No Content", "body where the status allows none", body, length(body)),
		none(304, "Not Modified", "body where the status allows none", body, length(body)),
		withLengths("length given twice", "content-length repeated", big, length(big), length(big)),
		withLengths("length as a list", "content-length repeated", big, fmt.Sprintf("Content-Length: %d, %d", n, n)),
		withLengths("lengths that differ", "content-length values differ", big, "Content-Length: 5", length(big)),
		withLengths("length that is junk", "content-length is not a number", big, "Content-Length: abc"),
		withLengths("length with a unit", "content-length is not a number", big, fmt.Sprintf("Content-Length: %d bytes", n)),
		withLengths("length with a plus", "content-length is not a number", big, "Content-Length: +5"),
		withLengths("length below zero", "content-length is not a number", big, "Content-Length: -5"),
		withLengths("length beyond all numbers", "content-length is not a number", big, "Content-Length: 99999999999999999999"),
		withLengths("empty length", "content-length is not a number", big, "Content-Length:"),
		withLengths("transfer-encoding identity", "unusual transfer-encoding", big, "Transfer-Encoding: identity"),
		withLengths("connection close with a length", "", big, "Connection: close", length(big)),
	}
}

// chunks frames body in pieces of size bytes.
func chunks(body string, size int, extension, lineEnd string) string {
	var b strings.Builder
	for len(body) > 0 {
		n := min(size, len(body))
		fmt.Fprintf(&b, "%x%s%s%s%s", n, extension, lineEnd, body[:n], lineEnd)
		body = body[n:]
	}
	return b.String()
}

func chunked() []Case {
	body, big := page("chunks"), large("chunks")
	head := crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: chunked")
	with := func(name, note, framed, decoded string) Case {
		c := noted(okay(name, head, framed), note)
		c.Body = []byte(decoded)
		c.Clean = note == ""
		return c
	}
	headed := func(name, note, head, framed, decoded string, end End) Case {
		return Case{Name: name, Note: note, Sent: []byte(head + framed), Body: []byte(decoded), End: end}
	}
	whole := chunks(big, 8000, "", "\r\n") + "0\r\n\r\n"
	bad := with("chunk size that breaks in the middle", "bad chunk framing", chunks(body, 40, "", "\r\n")+"zz\r\n"+big, body)
	bad.End, bad.Truncated = Close, "unspecified"
	noEnd := with("chunk data without a line end", "bad chunk framing", "5\r\nhello5\r\nworld\r\n0\r\n\r\n", "hello")
	noEnd.End, noEnd.Truncated = Close, "unspecified"
	last := with("last chunk missing", "body shorter than announced", chunks(body, 40, "", "\r\n"), body)
	last.End, last.Truncated = Close, "disconnect"
	noLine := with("last chunk without its empty line", "lenient chunk framing", chunks(body, 40, "", "\r\n")+"0\r\n", body)
	noLine.End = Close
	after := with("bytes after the last chunk", "bytes after the end", whole, big)
	after.Sent, after.Excess = append(after.Sent, "surplus"...), len("surplus")
	huge := with("chunk size beyond all numbers", "chunked but no chunk framing", "ffffffffffffffffff\r\n"+body, "ffffffffffffffffff\r\n"+body)
	huge.End = Close
	not := with("chunked that is not", "chunked but no chunk framing", big, big)
	not.End = Close
	notLength := headed("chunked that is not but has a length", "chunked but no chunk framing",
		crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: chunked", length(big)), big, big, Keep)
	return []Case{
		bad, noEnd, last, noLine, after, huge, not, notLength,
		with("chunked", "", whole, big),
		with("chunks of one byte", "", chunks(body, 1, "", "\r\n")+"0\r\n\r\n", body),
		with("chunk extensions and trailers", "", chunks(big, 5000, `;name="v;\r"`, "\r\n")+"0;last\r\nX-Sum: 1\r\nX-B: 2\r\n\r\n", big),
		with("chunk sizes in capitals with zeros before", "", fmt.Sprintf("0000%X\r\n%s\r\n000\r\n\r\n", len(body), body), body),
		with("LF-only chunk lines", "lenient chunk framing", chunks(big, 9000, "", "\n")+"0\n\n", big),
		with("spaces after chunk sizes", "lenient chunk framing", chunks(body, 50, "  ", "\r\n")+"0 \r\n\r\n", body),
		with("empty chunked body", "", "0\r\n\r\n", ""),
		headed("chunked beside a length", "content-length beside chunked", crlf("HTTP/1.1 200 OK", html, "Content-Length: 5", "Transfer-Encoding: chunked"), whole, big, Keep),
		headed("chunked in HTTP/1.0", "chunked in HTTP/1.0", crlf("HTTP/1.0 200 OK", html, "Transfer-Encoding: chunked"), whole, big, Close),
		headed("chunked in capitals, twice", "unusual transfer-encoding", crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: Chunked", "Transfer-Encoding: CHUNKED"), whole, big, Keep),
	}
}

func cuts() []Case {
	body := large("cut")
	head := crlf("HTTP/1.1 200 OK", html, "Content-Length: 1000000")
	framed := crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: chunked") + chunks(body, 5000, "", "\r\n")
	failing := func(name, sent string, end End, reason string) Case {
		return Case{Name: name, Sent: []byte(sent), End: end, Error: reason, Slow: end == Hang}
	}
	cut := func(name, sent string, end End, truncated string) Case {
		c := Case{Name: name, Sent: []byte(sent), Body: []byte(body), End: end, Truncated: truncated, Slow: end == Hang}
		if end == Hang {
			c.Limit = "exchange"
		}
		return c
	}
	drip := okay("slow drip", crlf("HTTP/1.1 200 OK", html, length(page("drip"))), page("drip"))
	drip.Drip, drip.Clean = 3, true
	return []Case{
		drip,
		failing("closed before any byte", "", Close, "reset"),
		failing("reset before any byte", "", Reset, "reset"),
		failing("silent for ever", "", Hang, "timeout"),
		failing("closed in the status line", "HTTP/1.1 2", Close, "reset"),
		failing("closed in the head", "HTTP/1.1 200 OK\r\n"+html+"\r\n", Close, "reset"),
		failing("reset in the head", "HTTP/1.1 200 OK\r\n"+html+"\r\n", Reset, "reset"),
		failing("silent in the head", "HTTP/1.1 200 OK\r\n"+html+"\r\n", Hang, "timeout"),
		failing("nothing but line ends", "\r\n\r\n", Close, "reset"),
		cut("reset in a body with a length", head+body, Reset, "disconnect"),
		cut("reset in a body until close", crlf("HTTP/1.1 200 OK", html)+body, Reset, "disconnect"),
		cut("reset in a chunked body", framed, Reset, "disconnect"),
		cut("closed in a chunk", framed+"ff\r\n", Close, "disconnect"),
		cut("silent in the body", head+body, Hang, "time"),
		cut("silent in a chunked body", framed, Hang, "time"),
	}
}

func endless() []Case {
	line := strings.Repeat("It goes on and on. ", 400)
	without := func(name, head, repeat, limit string) Case {
		return Case{Name: name, Sent: []byte(head), Repeat: []byte(repeat), End: Endless,
			Prefix: true, Truncated: "length", Limit: limit, Slow: true}
	}
	chunk := fmt.Sprintf("%x\r\n%s\r\n", len(line), line)
	framed := crlf("HTTP/1.1 200 OK", html, "Transfer-Encoding: chunked")
	return []Case{
		without("endless body", crlf("HTTP/1.1 200 OK", "Content-Type: text/plain"), line, "body"),
		without("endless body with an endless length", crlf("HTTP/1.1 200 OK", "Content-Type: text/plain", "Content-Length: 9000000000000000000"), line, "body"),
		without("endless chunks", framed, chunk, "body"),
		without("endless chunks of one byte", framed, strings.Repeat("1\r\na\r\n", 1000), "body"),
		without("endless head", "HTTP/1.1 200 OK\r\n", strings.Repeat("X-More: and more\r\n", 500), "head"),
		without("endless field", "HTTP/1.1 200 OK\r\nX-Long: ", line, "head"),
		without("endless chunk extension", framed+"5;", line, "chunk_line"),
		without("endless trailers", framed+"5\r\nhello\r\n0\r\n", strings.Repeat("X-More: and more\r\n", 500), "head"),
	}
}
