package demo

import (
	"bytes"
	"crypto/sha1"
	"encoding/base32"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// edition is the world at one time: what is served, and what a crawl makes of
// it.
type edition struct {
	number    int
	hosts     map[string]bool
	resources map[string]*resource
	expected  []Expected
	// unserved are URLs that a crawl knows and must not or cannot fetch.
	unserved []Expected
}

// put adds a resource under its URL.
func (e *edition) put(r *resource) error {
	u, err := url.Parse(r.expect.URL)
	if err != nil {
		return err
	}
	if e.resources[r.expect.URL] != nil {
		return fmt.Errorf("%s: added twice", r.expect.URL)
	}
	e.hosts[u.Host] = true
	r.expect.Fate = Captured
	if r.expect.Status == 0 {
		r.expect.Status = http.StatusOK
	}
	if r.expect.Status/100 == 3 {
		r.expect.Kind = KindRedirect
	}
	html := strings.HasPrefix(r.typ, "text/html")
	r.expect.Due = html && r.expect.Kind == KindPage && r.expect.Status == http.StatusOK
	r.expect.Validators = r.etag != "" || !r.modified.IsZero()
	r.expect.Truncated = r.missing > 0
	payload := r.body
	if r.gzipped != nil {
		payload = r.gzipped
	}
	sum := sha1.Sum(payload)
	r.expect.Digest = base32.StdEncoding.EncodeToString(sum[:])
	e.resources[r.expect.URL] = r
	return nil
}

// skip notes a URL that a crawl comes to know and does not fetch.
func (e *edition) skip(reason string, urls ...string) {
	for _, u := range urls {
		e.unserved = append(e.unserved, Expected{URL: u, Fate: Skipped, Reason: reason, Kind: KindPage})
	}
}

// close works out what only the whole edition shows.
func (e *edition) close() {
	same := map[string]int{}
	for _, r := range e.resources {
		same[r.expect.Digest]++
	}
	for _, r := range e.resources {
		r.expect.Duplicate = same[r.expect.Digest] > 1
		e.expected = append(e.expected, r.expect)
	}
	e.expected = append(e.expected, e.unserved...)
	e.sort()
}

func (e *edition) sort() {
	slices.SortFunc(e.expected, func(a, b Expected) int { return strings.Compare(a.URL, b.URL) })
}

// compare notes what is as it was in the edition before.
func (e *edition) compare(before *edition) {
	for i := range e.expected {
		x := &e.expected[i]
		if old := before.resources[x.URL]; old != nil && x.Fate == Captured {
			x.Unchanged = old.expect.Digest == x.Digest && old.expect.Status == x.Status
		}
	}
}

// text adds a small resource without ado.
func (e *edition) text(kind, url, typ, body string) error {
	return e.put(&resource{expect: Expected{URL: url, Kind: kind}, typ: typ, body: []byte(body)})
}

// redirect adds a hop with a body of its own, as servers send one.
func (e *edition) redirect(status int, from, to string) error {
	body := fmt.Sprintf("<html><head><title>%d</title></head><body>From <i>%s</i> go on to <a href=\"%s\">here</a>.</body></html>\n",
		status, from, to)
	return e.put(&resource{
		expect: Expected{URL: from, Status: status}, typ: "text/html", location: to, body: []byte(body),
	})
}

// squeeze compresses without time or name, so that the bytes are the same each
// time.
func squeeze(b []byte) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	io.Copy(z, bytes.NewReader(b))
	z.Close()
	return out.Bytes()
}

// day is a date of the content, at midnight UTC.
func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
