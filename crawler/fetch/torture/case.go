package torture

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// End is what the server does after Case.Sent.
type End int

// Ends of an answer.
const (
	Keep    End = iota // wait for the next request
	Close              // close the connection
	Reset              // close it with RST
	Hang               // say nothing more
	Endless            // send Case.Repeat for ever
)

// Case is one scripted answer and what has to come of it.
type Case struct {
	Name string // reads as a sentence
	Path string

	Sent    []byte // the bytes sent, interim heads and excess included
	Repeat  []byte // what follows without end, if End is Endless
	End     End
	Drip    int // bytes a write, a millisecond between two; 0: all at once
	Interim int // length of the interim heads at the front of Sent
	Excess  int // length of what follows the end of the message, at the back of Sent

	// What has to come of it: an exchange with the body, or an error.
	Body      []byte // decoded, in its own charset; nil where Prefix says
	Text      []byte // as UTF-8, if that is something else
	Status    int
	Truncated string // WARC-Truncated
	Limit     string // the limit that cut the recording, or the decoded body
	Prefix    bool   // Body is only the beginning of what is decoded
	DecodeBad bool   // decoding ends with an error, after Body
	Error     string // reason of the error, if there is no response to keep
	Note      string // a note that has to be there
	Clean     bool   // no note at all, and the connection serves again
	MediaType string // as sniffed, where that is the point
	Slow      bool   // ends only by a time limit, or takes long to reach a size limit
}

// Message is the response message: what belongs in a record, of what was sent
// in full. It is not meant for endless cases.
func (c *Case) Message() []byte { return c.Sent[c.Interim : len(c.Sent)-c.Excess] }

// Check compares a recorded response with what was sent: equal, or where the
// answer has no end or was cut by a limit, a beginning of it.
func (c *Case) Check(recorded []byte) error {
	message := c.Message()
	if c.End != Endless && c.Limit == "" {
		return same(recorded, message)
	}
	n := min(len(recorded), len(message))
	if err := same(recorded[:n], message[:n]); err != nil {
		return err
	}
	rest := recorded[n:]
	if len(rest) > 0 && len(c.Repeat) == 0 {
		return fmt.Errorf("%d bytes recorded, %d sent", len(recorded), len(message))
	}
	for len(rest) > 0 {
		n := min(len(rest), len(c.Repeat))
		if err := same(rest[:n], c.Repeat[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

func same(got, want []byte) error {
	if bytes.Equal(got, want) {
		return nil
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	return fmt.Errorf("%d bytes recorded, %d sent, first difference at %d: %.40q, want %.40q",
		len(got), len(want), at, got[at:], want[at:])
}

// Cases gives all answers, each at a path of its own. Their bytes are shared,
// and not to be written to.
func Cases() []Case { return slices.Clone(built()) }

// built makes the table once: packing the bombs takes a while.
var built = sync.OnceValue(build)

func build() []Case {
	var all []Case
	for _, group := range [...][]Case{
		heads(), statusLines(), lengths(), chunked(), interims(), codings(), charsets(), cuts(), endless(),
	} {
		all = append(all, group...)
	}
	for i := range all {
		c := &all[i]
		c.Path = "/case/" + strings.Trim(strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
				return r
			}
			return '-'
		}, strings.ToLower(c.Name)), "-")
		if c.Status == 0 && c.Error == "" {
			c.Status = 200
		}
	}
	return all
}

// response is an ordinary answer.
func response(status, media, body string) []byte {
	return fmt.Appendf(nil, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, media, len(body), body)
}

// page is a small document that says where it is from.
func page(name string) string {
	return "<!DOCTYPE html><html><head><title>" + name + "</title></head><body><p>The answer: " + name + ".</p></body></html>\n"
}

// large is a document of some 300 KB, more than one read takes.
func large(name string) string {
	return strings.Replace(page(name), "</p>", "</p>"+strings.Repeat("<p>All of this has to be recorded, to the last line.</p>\n", 5500), 1)
}

// okay makes an answer of a head, whose lines end as they are given, and a body.
func okay(name, head, body string) Case {
	return Case{Name: name, Sent: []byte(head + body), Body: []byte(body)}
}

func crlf(lines ...string) string { return strings.Join(lines, "\r\n") + "\r\n\r\n" }

func length(body string) string { return fmt.Sprintf("Content-Length: %d", len(body)) }
