package extractor

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"time"

	"newsreel/article"
)

// HandlerSettings are what a Handler is made with. The zero value will do.
type HandlerSettings struct {
	// Extract extracts a page; nil: [Extract], with panics as errors. A
	// [Guard]'s method keeps the process alive whatever the page.
	Extract func(context.Context, Page) (*article.Article, error)
	// MaxBytes bounds a page, decompressed; 0: 32 MiB.
	MaxBytes int64
	// Concurrent is how many pages are extracted at once; 0: one a processor.
	// Four times as many may wait; more are told to come later.
	Concurrent int
}

// Handler answers pages with articles:
//
//	POST /?url=https://paper.example/a&fetched=2024-05-03T18:19:08Z
//	Content-Type: text/html; charset=windows-1251
//
//	the page, as its server sent it; with Content-Encoding: gzip or none
//
// The answer is the article's JSON. url is where the page was found, fetched
// when (RFC 3339); both may be missing. A Content-Type of application/json takes
// {"url", "fetched", "content_type", "html"} instead, html being text.
//
// Errors are {"error": "…"}: 400 for a wrong request, 405 for another method
// than POST, 413 for a page that is too large, 415 for what is no HTML, 422 for
// a page that could not be extracted, 503 with Retry-After when too many wait.
func Handler(s HandlerSettings) http.Handler {
	if s.Extract == nil {
		s.Extract = NewGuard(nil).Extract
	}
	if s.MaxBytes <= 0 {
		s.MaxBytes = 32 << 20
	}
	if s.Concurrent <= 0 {
		s.Concurrent = runtime.GOMAXPROCS(0)
	}
	return &handler{s: s, running: make(chan struct{}, s.Concurrent), waiting: make(chan struct{}, 5*s.Concurrent)}
}

type handler struct {
	s HandlerSettings
	// running and waiting hold a token for each page under extraction, and for
	// each in the house.
	running, waiting chan struct{}
}

// refusal is an answer other than an article.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// ServeHTTP answers one page.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := h.answer(w, r)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	if err == nil {
		_ = e.Encode(a) // the other side is gone
		return
	}
	status := http.StatusUnprocessableEntity
	if no := (*refusal)(nil); errors.As(err, &no) {
		status = no.status
	}
	switch status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	w.WriteHeader(status)
	_ = e.Encode(map[string]string{"error": err.Error()})
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request) (*article.Article, error) {
	if r.Method != http.MethodPost {
		return nil, refuse(http.StatusMethodNotAllowed, "send a page with POST: curl --data-binary @page.html 'http://%s/?url=https://www.example.com/news/1'", r.Host)
	}
	select {
	case h.waiting <- struct{}{}:
		defer func() { <-h.waiting }()
	default:
		return nil, refuse(http.StatusServiceUnavailable, "too many pages wait; come again")
	}
	p, err := h.page(w, r)
	if err != nil {
		return nil, err
	}
	select {
	case h.running <- struct{}{}:
		defer func() { <-h.running }()
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	a, err := h.s.Extract(r.Context(), *p)
	if err == nil && !p.Fetched.IsZero() {
		a.Fetched = p.Fetched.UTC().Format(time.RFC3339Nano)
	}
	return a, err
}

// sentPage is a page in a request of JSON.
type sentPage struct {
	URL         string `json:"url"`
	Fetched     string `json:"fetched"`
	ContentType string `json:"content_type"`
	HTML        string `json:"html"`
}

func (h *handler) page(w http.ResponseWriter, r *http.Request) (*Page, error) {
	media, err := pageType(r.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	body, err := h.body(w, r)
	if err != nil {
		return nil, err
	}
	sent := sentPage{URL: r.URL.Query().Get("url"), Fetched: r.URL.Query().Get("fetched"), ContentType: r.Header.Get("Content-Type")}
	switch media {
	case "application/json":
		sent.ContentType = ""
		d := json.NewDecoder(strings.NewReader(string(body)))
		d.DisallowUnknownFields()
		if err := d.Decode(&sent); err != nil {
			return nil, refuse(http.StatusBadRequest, "the body is not {\"url\", \"fetched\", \"content_type\", \"html\"}: %s", err)
		}
		body = []byte(sent.HTML)
	case "", "application/x-www-form-urlencoded", "application/octet-stream":
		sent.ContentType = "" // what clients send that were told nothing
	}
	if len(body) == 0 {
		return nil, refuse(http.StatusBadRequest, "the page is empty")
	}
	p := &Page{Body: body, URL: sent.URL, ContentType: sent.ContentType}
	if u, err := url.Parse(sent.URL); sent.URL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return nil, refuse(http.StatusBadRequest, "url %q is no address of http or https", sent.URL)
	}
	if sent.Fetched != "" {
		if p.Fetched, err = time.Parse(time.RFC3339, sent.Fetched); err != nil {
			return nil, refuse(http.StatusBadRequest, "fetched %q is not RFC 3339, such as 2024-05-03T18:19:08Z", sent.Fetched)
		}
	}
	return p, nil
}

// pageType is the media type of what is sent, if that can be a page.
func pageType(contentType string) (string, error) {
	if contentType == "" {
		return "", nil
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil && media == "" {
		return "", nil
	}
	switch media {
	case "text/html", "application/xhtml+xml", "text/plain", "application/json", "application/octet-stream", "application/x-www-form-urlencoded", "application/xml", "text/xml":
		return media, nil
	}
	return "", refuse(http.StatusUnsupportedMediaType, "%s is no page; send text/html, or application/json with the page in html", media)
}

// body reads what is sent, within bounds, and decompresses gzip.
func (h *handler) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	var from io.Reader = http.MaxBytesReader(w, r.Body, h.s.MaxBytes)
	switch coding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); coding {
	case "", "identity":
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(from)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "the body is not gzip: %s", err)
		}
		defer z.Close()
		from = z
	default:
		return nil, refuse(http.StatusUnsupportedMediaType, "content-encoding %s is not understood; gzip is", coding)
	}
	body, err := io.ReadAll(io.LimitReader(from, h.s.MaxBytes+1))
	tooLarge := (*http.MaxBytesError)(nil)
	switch {
	case errors.As(err, &tooLarge), int64(len(body)) > h.s.MaxBytes:
		return nil, refuse(http.StatusRequestEntityTooLarge, "the page is larger than %d bytes", h.s.MaxBytes)
	case err != nil:
		return nil, refuse(http.StatusBadRequest, "the body cannot be read: %s", err)
	}
	return body, nil
}
