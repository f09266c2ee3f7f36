package fetch

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/gocolly/colly/v2"
)

// Worker drives exchanges through Colly. It makes one at a time; run as many
// workers as exchanges are wanted at once. Colly is shown a View of what is
// already recorded, and never the exchange: whatever it refuses, rewrites or
// drops, a Fetch has exactly one outcome.
type Worker struct {
	client    *Client
	collector *colly.Collector
	task      *task
}

// task is the Fetch under way.
type task struct {
	ctx      context.Context
	request  *Request
	visit    func(*View)
	called   bool // the transport was called
	visited  bool
	exchange *Exchange
	err      error
}

// NewWorker makes a worker with a Collector of its own: callbacks and Context
// are then never shared.
func NewWorker(c *Client) *Worker {
	w := &Worker{client: c, collector: colly.NewCollector()}
	w.configure()
	w.collector.OnResponse(func(*colly.Response) { w.show() })
	return w
}

// configure assigns fields rather than passing options: COLLY_* variables of
// the environment overrule options, and are read before this.
func (w *Worker) configure() {
	c := w.collector
	// One goroutine a URL without bound otherwise, and charset errors lost.
	c.Async = false
	// Statuses of 203 and above give no callback otherwise.
	c.ParseHTTPErrorResponse = true
	// Its store sees a 64-bit hash only, is not atomic, and marks redirect
	// targets that were never fetched. The frontier knows what was seen.
	c.AllowURLRevisit = true
	// It asks for robots.txt by itself, without context, and sorts the query
	// before matching. Ours is a fetch like any other.
	c.IgnoreRobotsTxt = true
	// It counts compressed bytes; ours counts decoded ones.
	c.MaxBodySize = 0
	// The view is UTF-8 already; its detector guesses wrong.
	c.DetectCharset = false
	// A HEAD before each GET otherwise.
	c.CheckHead = false
	c.TraceHTTP = false
	c.CacheDir = ""
	c.MaxDepth = 0
	c.MaxRequests = 0
	c.AllowedDomains, c.DisallowedDomains = nil, nil
	c.URLFilters, c.DisallowedURLFilters = nil, nil
	// Never SetProxy or SetStorage: they replace this client's transport and
	// bring the cookie jar back. No jar (hosts would share it), no timeout (the exchange has limits),
	// no redirect followed (each hop is a capture of its own).
	c.SetClient(&http.Client{
		Transport:     transport{w},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
}

// Fetch makes the exchange of r, and calls visit once with its view, on this
// goroutine. Outcomes:
//  1. an *Exchange and nil: kept and visited; the caller closes it;
//  2. nil and an *Error: there is no response, visit was not called;
//  3. an *Exchange and an *Error with ReasonInternal: the response is kept, but
//     visit panicked; the error holds the panic's value.
//
// The view is valid until the exchange is closed.
func (w *Worker) Fetch(ctx context.Context, r *Request, visit func(*View)) (*Exchange, error) {
	t := &task{ctx: ctx, request: r, visit: visit}
	w.task = t
	defer func() { w.task = nil; w.collector.Context = context.Background() }()
	panicked := w.drive(t)
	if !t.called {
		// Colly refuses some URLs before it calls the transport.
		t.run(w.client)
	}
	if t.exchange == nil && t.err == nil {
		t.err = &Error{Reason: ReasonInternal, Op: "fetch", URL: r.URL, Err: panicked}
	}
	if t.exchange == nil {
		return nil, t.err
	}
	if !t.visited && panicked == nil {
		panicked = guarded(w.show)
	}
	if panicked != nil {
		return t.exchange, &Error{Reason: ReasonInternal, Op: "visit", URL: r.URL, Err: panicked, Remote: t.exchange.Remote, Started: t.exchange.Started}
	}
	return t.exchange, nil
}

// drive hands the request to Colly. Its error says nothing that the task does
// not know better.
func (w *Worker) drive(t *task) error {
	w.collector.Context = t.ctx
	return guarded(func() { _ = w.collector.Request(http.MethodGet, t.request.URL, nil, nil, http.Header{}) })
}

func (w *Worker) show() {
	t := w.task
	if t.visited {
		return
	}
	t.visited = true
	if t.visit != nil {
		t.visit(t.exchange.View())
	}
}

// guarded turns a panic into an error.
func guarded(f func()) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f()
	return nil
}

func (t *task) run(c *Client) {
	t.called = true
	t.exchange, t.err = c.Do(t.ctx, t.request)
}

// transport is Colly's way to the client. It sends the task's request, not
// Colly's: Colly normalises URLs and turns userinfo into credentials.
type transport struct{ worker *Worker }

// maxShown is how much of a body Colly gets to see.
const maxShown = 16 << 10

var errSecond = errors.New("one request a task")

// RoundTrip makes the exchange and answers with its view: decoded, UTF-8, and
// without Location, which could make http.Client fail on an odd target.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	task := t.worker.task
	if task == nil || task.called {
		return nil, errSecond
	}
	task.run(t.worker.client)
	if task.err != nil {
		return nil, task.err
	}
	view := task.exchange.View()
	header := http.Header{}
	if view.MediaType != "" {
		media := view.MediaType
		if view.Charset != "" {
			media += "; charset=utf-8"
		}
		header["Content-Type"] = []string{media}
	}
	// Colly copies what it is shown, and nothing reads the copy: the callback
	// gets the view. Of a large body the beginning does.
	body := view.Body[:min(len(view.Body), maxShown)]
	return &http.Response{
		Status: task.exchange.Reason, StatusCode: view.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: header, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Uncompressed: true, Request: req,
	}, nil
}
