package extractor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"newsreel/article"
	"newsreel/internal/content"
	"newsreel/stream"
	"newsreel/warc"
)

// Staging is the part of an object store that an extractor needs: what is too
// large for a message is read from it and put to it.
type Staging interface {
	GetStaged(ctx context.Context, key string, limit int64) ([]byte, error)
	PutStaged(ctx context.Context, key string, r io.Reader, size int64) error
}

// Sandbox extracts a page in a process of its own, with limits on memory and
// time, and returns an error only if that process died or ran over them.
type Sandbox func(ctx context.Context, p Page) (*article.Article, error)

// WorkerSettings are what an extractor process is started with.
type WorkerSettings struct {
	// ID names this process.
	ID      string
	Staging Staging
	// Sandbox extracts a page whose extraction has ended twice without a
	// result.
	Sandbox Sandbox
	// Workers is how many pages are extracted at once; 0: one a processor.
	Workers int
	// Decompressed bounds a body, in bytes; 0: 64 MiB.
	Decompressed int64
	Log          *slog.Logger
}

// Worker is the role that turns the captures of a run into results: exactly
// one durable result for each capture that is due one.
type Worker struct {
	s    WorkerSettings
	log  *stream.Log
	job  string
	run  int
	done atomic.Int64
}

// NewWorker makes the extractor of one run of a job.
func NewWorker(s WorkerSettings, log *stream.Log, job string, run int) *Worker {
	if s.Workers <= 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	if s.Decompressed <= 0 {
		s.Decompressed = 64 << 20
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	return &Worker{s: s, log: log, job: job, run: run}
}

// Results counts the results stored.
func (w *Worker) Results() int64 { return w.done.Load() }

// poisonAt is the delivery of a capture that is extracted in the sandbox: the
// process that had it before ended twice without a result.
const poisonAt = 3

// Run extracts until ctx ends or the run log is deleted. A capture is
// acknowledged after its result is stored, so that one that kills this process
// comes again, to this or another extractor.
func (w *Worker) Run(ctx context.Context) error {
	captures, err := w.log.Captures(ctx)
	if err != nil {
		return fmt.Errorf("extractor: %w", err)
	}
	var wg, storing sync.WaitGroup
	errs := make(chan error, w.s.Workers)
	results := make(chan extracted, 4*w.s.Workers)
	storing.Go(func() { w.keep(ctx, results) })
	for range w.s.Workers {
		wg.Go(func() { errs <- w.work(ctx, captures, results) })
	}
	wg.Wait()
	close(results)
	storing.Wait()
	close(errs)
	for err := range errs {
		if err != nil && ctx.Err() == nil {
			return fmt.Errorf("extractor: %w", err)
		}
	}
	return nil
}

func (w *Worker) work(ctx context.Context, captures *stream.Captures, results chan<- extracted) error {
	for {
		d, err := captures.Next(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, stream.ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		if err := w.handle(ctx, d, results); err != nil {
			if ctx.Err() != nil || errors.Is(err, jetstream.ErrStreamNotFound) {
				return nil
			}
			w.s.Log.Warn("page not extracted; it comes again", "error", err)
		}
	}
}

func (w *Worker) handle(ctx context.Context, d *stream.Delivery, results chan<- extracted) error {
	if !d.Capture.Due {
		return d.Ack()
	}
	release := d.Hold()
	result, err := w.extract(ctx, d)
	if err == nil {
		err = w.stage(ctx, result)
	}
	if err != nil {
		release()
		return err
	}
	// The worker goes on with the next page while this one is stored.
	results <- extracted{delivery: d, result: result, release: release}
	return nil
}

// extract returns an error only for what may go away: the page comes again.
func (w *Worker) extract(ctx context.Context, d *stream.Delivery) (*stream.Result, error) {
	c := d.Capture
	result := &stream.Result{CaptureID: c.Row.CaptureID, Partition: c.Partition}
	page, err := w.page(ctx, c)
	if err != nil {
		if errors.Is(err, errPage) {
			result.Kind, result.Error = stream.ResultFailed, err.Error()
			return result, nil
		}
		return nil, err
	}
	var a *article.Article
	if d.Delivered >= poisonAt && w.s.Sandbox != nil {
		if a, err = w.s.Sandbox(ctx, page); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			result.Kind, result.Error = stream.ResultFailed, err.Error()
			return result, nil
		}
	} else {
		a = Extract(page)
	}
	w.complete(a, c)
	result.Kind, result.Article = stream.ResultArticle, a
	if !IsArticle(a) {
		result.Kind = stream.ResultNone
	}
	return result, nil
}

// IsArticle says whether a record is an article, or a page of another kind
// (an index, a login form) of which nothing is stored but the capture.
func IsArticle(a *article.Article) bool {
	switch a.Kind {
	case article.KindArticle, article.KindLiveblog, article.KindGallery, article.KindVideo:
		return a.Headline != "" || a.Body != ""
	}
	return false
}

// complete fills what the page itself does not say.
func (w *Worker) complete(a *article.Article, c *stream.Capture) {
	a.ID = c.Row.CaptureID
	a.CaptureID = c.Row.CaptureID
	a.Collection, a.Job, a.Run = c.Row.Collection, w.job, w.run
	a.Fetched = time.UnixMicro(c.Row.FetchTime).UTC().Format("2006-01-02T15:04:05.000000Z")
	canonical := a.CanonicalURL
	if canonical == "" {
		canonical = a.URL
	}
	a.ArticleID = ArticleID(c.Row.Collection, canonical)
}

// errPage says that a capture cannot be read as a page, now or later.
var errPage = errors.New("unreadable capture")

// page opens a capture's response record.
func (w *Worker) page(ctx context.Context, c *stream.Capture) (Page, error) {
	fragment := c.Fragment
	if c.Staged != "" {
		var err error
		if fragment, err = w.s.Staging.GetStaged(ctx, c.Staged, 128<<20); err != nil {
			return Page{}, fmt.Errorf("capture %s: %w", c.Row.CaptureID, err)
		}
	}
	if c.ResponseLen > len(fragment) {
		return Page{}, fmt.Errorf("%w %s: fragment of %d bytes", errPage, c.Row.CaptureID, len(fragment))
	}
	_, block, err := warc.ReadMember(fragment[:c.ResponseLen], 256<<20)
	if err != nil {
		return Page{}, fmt.Errorf("%w %s: %v", errPage, c.Row.CaptureID, err)
	}
	return PageOf(c.Row.URL, block, time.UnixMicro(c.Row.FetchTime).UTC(), c.Row.ContentTruncated != "", w.s.Decompressed)
}

// PageOf makes a page of the block of a response record: an HTTP message as
// the server sent it.
func PageOf(url string, block []byte, fetched time.Time, truncated bool, maxBytes int64) (Page, error) {
	message, err := warc.ParseHTTPBlock(block)
	if err != nil {
		return Page{}, fmt.Errorf("%w: %v", errPage, err)
	}
	payload := message.Payload(block)
	p := Page{URL: url, Fetched: fetched, Truncated: truncated}
	var codings []string
	for _, f := range message.Header {
		switch strings.ToLower(f.Name) {
		case "content-type":
			p.ContentType = f.Value
		case "content-encoding":
			for _, coding := range strings.Split(f.Value, ",") {
				codings = append(codings, strings.ToLower(strings.TrimSpace(coding)))
			}
		case "content-language", "last-modified", "link":
			p.Header = append(p.Header, Field{Name: f.Name, Value: f.Value})
		}
	}
	if len(codings) == 0 {
		p.Body = payload
		return p, nil
	}
	body := content.Decode(func() io.Reader { return bytes.NewReader(payload) }, int64(len(payload)), codings,
		content.Limits{Max: maxBytes, Decompressed: maxBytes, Ratio: 1000}, nil, nil)
	p.Body = body.Bytes
	p.Truncated = p.Truncated || body.Limit != "" || body.Err != nil
	return p, nil
}

// stage puts a result that is too large for a message to the object store.
func (w *Worker) stage(ctx context.Context, r *stream.Result) error {
	body, err := r.Body()
	if err != nil || len(body) <= stream.MaxInline {
		return err
	}
	r.Staged = stream.StagedKey(w.log.Name(), "result-"+r.CaptureID, w.s.ID)
	if err := w.s.Staging.PutStaged(ctx, r.Staged, bytes.NewReader(body), int64(len(body))); err != nil {
		return fmt.Errorf("stage result of capture %s: %w", r.CaptureID, err)
	}
	return nil
}
