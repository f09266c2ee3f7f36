package crawler

import (
	"context"
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"time"

	"newsreel/crawler/discover"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/internal/diepoint"
	"newsreel/job"
	"newsreel/stream"
)

// work makes the exchanges of tasks, one at a time, with a Colly collector of
// its own.
func (c *Crawler) work(ctx context.Context) {
	w := &worker{c: c, colly: fetch.NewWorker(c.client), record: newRecorder(c, rand.Reader)}
	for task := range c.tasks {
		if ctx.Err() != nil {
			c.front.Return(task)
			continue
		}
		if !c.mayFetch(task) {
			c.stats.Lapsed.Add(1)
			c.front.Return(task)
			continue
		}
		c.active.Add(1)
		p := w.fetch(ctx, task)
		c.active.Add(-1)
		if p == nil {
			c.front.Return(task)
			continue
		}
		if p.outcome != nil {
			c.front.Received(task, p.outcome.Bytes)
		}
		c.front.Landed(task, c.s.Now())
		// What was fetched is committed even if fetching has ended.
		c.pages <- p
	}
}

type worker struct {
	c      *Crawler
	colly  *fetch.Worker
	record *recorder
}

// fetch makes the exchange of a task and says what became of it. nil: given up
// since the crawl stops.
func (w *worker) fetch(ctx context.Context, t frontier.Task) *page {
	c := w.c
	doc := c.doc.Load()
	started := c.s.Now()
	c.stats.Exchanges.Add(1)
	req := &fetch.Request{URL: t.URL, UserAgent: doc.Politeness.Agent(c.s.Version), Accept: accept(t.Kind),
		AllowPrivate: doc.Network.AllowPrivate, Certificates: doc.Network.Certificates}
	if c.run.Held != nil && t.Kind != stream.KindRobots {
		req.IfNoneMatch, req.IfModifiedSince = c.run.Held.Validators(t.URL)
	}
	p := newPage(t)
	var found *discover.Found
	diepoint.Here("fetch.before")
	ex, err := w.colly.Fetch(ctx, req, func(v *fetch.View) {
		found = w.visit(p, v, doc)
	})
	if ex == nil {
		if ctx.Err() != nil {
			return nil
		}
		return c.failPage(t, err, started)
	}
	defer ex.Close()
	diepoint.Here("fetch.done")
	c.front.Sent(t, ex.Started.Add(ex.ConnectTime))
	if ctx.Err() != nil && ex.Truncated != "" {
		return nil // cut by our stopping, not by the server
	}
	if ex.Resent {
		c.stats.Resent.Add(1)
	}
	if again := c.again(p, ex, doc); again {
		return p
	}
	if ex.Status == http.StatusNotModified && c.run.Held != nil {
		found, err = w.unchanged(ctx, p, doc)
	}
	failed := w.keep(ctx, p, ex, found, doc)
	if failed != nil {
		if ctx.Err() != nil {
			return nil
		}
		return c.failPage(t, failed, started)
	}
	if err != nil {
		// The response is kept; what was to be read out of it is not.
		p.outcome.Notes = append(p.outcome.Notes, "links: "+err.Error())
	}
	return p
}

// unchanged reads the links of a page that has not changed from what is held.
func (w *worker) unchanged(ctx context.Context, p *page, doc *job.Document) (*discover.Found, error) {
	if p.task.Kind == stream.KindAsset {
		return nil, nil
	}
	block, err := w.c.run.Held.Response(ctx, p.task.URL)
	if err != nil {
		return nil, err
	}
	held, err := w.c.client.Replay(p.task.URL, block)
	if err != nil {
		return nil, err
	}
	defer held.Close()
	return w.visit(p, held.View(), doc), nil
}

// accept is what a kind of URL is asked for as.
func accept(kind string) string {
	switch kind {
	case stream.KindAsset:
		return "image/avif,image/webp,image/*,*/*;q=0.8"
	case stream.KindPage:
		return "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	}
	return "*/*"
}

// visit reads links out of a view. It runs inside Colly's response callback.
func (w *worker) visit(p *page, v *fetch.View, doc *job.Document) *discover.Found {
	if p.task.Kind == stream.KindRobots || v.Status < 200 || v.Status >= 300 || len(v.Body) == 0 {
		return nil
	}
	if strings.HasPrefix(v.MediaType, "image/") || strings.HasPrefix(v.MediaType, "video/") || strings.HasPrefix(v.MediaType, "audio/") {
		return nil
	}
	return discover.Discover(discover.Input{Body: v.Body, MediaType: v.MediaType, URL: v.URL, Charset: v.Charset,
		Hint: discover.Kind(p.task.Kind), Limits: discoverLimits(doc)})
}

// again turns an answer that says "later" into a retry while there are tries
// left: it stands in the crawl log, and the last one is kept as a capture.
func (c *Crawler) again(p *page, ex *fetch.Exchange, doc *job.Document) bool {
	switch ex.Status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
	default:
		return false
	}
	tries := p.task.Tries + 1
	if tries >= int(doc.Politeness.Tries) {
		return false
	}
	now := c.s.Now()
	wait := backoff(tries)
	if after, ok := retryAfter(ex.Header("Retry-After"), now); ok {
		wait = min(max(wait, after), maxRetryAfter)
		c.s.Pacer.Hold(p.task.Host, now.Add(wait))
	}
	p.retry = &stream.Retry{URL: p.task.URL, Reason: "status", Status: ex.Status, Tries: tries, Time: now.UTC(),
		NotBefore: now.Add(wait).UTC(), Detail: "status " + strconv.Itoa(ex.Status), Notes: notesOf(ex, ex.View(), nil)}
	return true
}

// maxRetryAfter bounds how long a server may keep us away from it.
const maxRetryAfter = 10 * time.Minute

// retryAfter reads a Retry-After field. (RFC 9110, 10.2.3)
func retryAfter(value string, now time.Time) (time.Duration, bool) {
	if value == "" {
		return 0, false
	}
	if seconds, err := strconv.Atoi(strings.TrimSpace(value)); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second, true
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	return max(at.Sub(now), 0), true
}
