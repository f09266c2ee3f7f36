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
	"newsreel/capture"
	"newsreel/internal/content"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
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
	// result, and those that a Guard does not leave to this process.
	Sandbox Sandbox
	// Rules gives the site rule for a page's address; nil where there are none.
	Rules Chooser
	// RulesLost, where it is an error, says that the rules cannot be had now or
	// later: every page that is due a result fails with this reason.
	RulesLost error
	// Journal is the path of a file that tells a process that starts which
	// pages the one before it had when it died; "" for none. One for each run
	// log, on a disk that the next process sees too.
	Journal string
	// Workers is how many pages are extracted at once; 0: one a processor.
	Workers int
	// Slots, where there are some, bounds how many pages all workers that share
	// it extract at once: its capacity.
	Slots chan struct{}
	// Decompressed bounds a body, in bytes; 0: 64 MiB.
	Decompressed int64
	Log          *slog.Logger
}

// Worker is the role that turns the captures of a run into results: exactly
// one durable result for each capture that is due one.
type Worker struct {
	s     WorkerSettings
	guard *Guard
	// journal is open while Run runs.
	journal *journal
	log     *stream.Log
	job     string
	run     int
	done    atomic.Int64
	failed  atomic.Int64
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
	return &Worker{s: s, guard: NewGuard(s.Sandbox), log: log, job: job, run: run}
}

// Results counts the results stored.
func (w *Worker) Results() int64 { return w.done.Load() }

// Failed counts those of them that say that a page could not be extracted: dead
// letters.
func (w *Worker) Failed() int64 { return w.failed.Load() }

// poisonAt is the delivery of a capture that is extracted in the sandbox: the
// process that had it before ended twice without a result.
const poisonAt = 3

// Run extracts until ctx ends or the run log is deleted. A capture is
// acknowledged after its result is stored, so that one that kills this process
// comes again, to this or another extractor.
func (w *Worker) Run(ctx context.Context) error {
	captures, err := w.log.Captures(ctx)
	if err == nil {
		w.journal, err = openJournal(w.s.Journal)
	}
	if err != nil {
		return fmt.Errorf("extractor: %w", err)
	}
	defer w.journal.close()
	var wg, storing sync.WaitGroup
	errs := make(chan error, w.s.Workers)
	results := make(chan extracted, 4*w.s.Workers)
	storing.Go(func() { w.keep(ctx, results) })
	for n := range w.s.Workers {
		wg.Go(func() { errs <- w.work(ctx, n, captures, results) })
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

func (w *Worker) work(ctx context.Context, n int, captures *stream.Captures, results chan<- extracted) error {
	for {
		d, err := captures.Next(ctx)
		switch {
		case ctx.Err() != nil, errors.Is(err, stream.ErrNotFound):
			return nil
		case err != nil:
			return err
		}
		if err := w.handle(ctx, n, d, results); err != nil {
			if ctx.Err() != nil || errors.Is(err, jetstream.ErrStreamNotFound) {
				return nil
			}
			w.s.Log.Warn("page not extracted; it comes again", "error", err)
		}
	}
}

func (w *Worker) handle(ctx context.Context, n int, d *stream.Delivery, results chan<- extracted) error {
	if !d.Capture.Due {
		return d.Ack()
	}
	release := d.Hold()
	w.journal.begin(n, d.Capture.Row.CaptureID)
	diepoint.Here("extract.taken")
	result, err := w.slotted(ctx, d)
	w.journal.end(n)
	if err == nil {
		err = w.stage(ctx, result)
	}
	if err != nil {
		release()
		return err
	}
	diepoint.Here("extract.done")
	// The worker goes on with the next page while this one is stored.
	results <- extracted{delivery: d, result: result, release: release}
	return nil
}

// slotted extracts once there is a slot.
func (w *Worker) slotted(ctx context.Context, d *stream.Delivery) (*stream.Result, error) {
	if w.s.Slots != nil {
		select {
		case w.s.Slots <- struct{}{}:
			defer func() { <-w.s.Slots }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return w.extract(ctx, d)
}

// extract returns an error only for what may go away: the page comes again.
func (w *Worker) extract(ctx context.Context, d *stream.Delivery) (*stream.Result, error) {
	extract := w.guard.Extract
	if w.s.Sandbox != nil && (d.Delivered >= poisonAt || w.journal.suspect(d.Capture.Row.CaptureID)) {
		extract = w.s.Sandbox
	}
	return w.result(ctx, d.Capture, extract)
}

// Again extracts a capture whose extraction failed once more, in a process of
// its own, and returns the result. It stores nothing but, where the result is
// large, its staged form. Errors are of what may go away.
func (w *Worker) Again(ctx context.Context, c *stream.Capture) (*stream.Result, error) {
	result, err := w.result(ctx, c, w.s.Sandbox)
	if err == nil {
		err = w.stage(ctx, result)
	}
	return result, err
}

// Archived extracts a capture of the archive, of which block is the response, in
// a process of its own, and returns the result. It needs no run log. Errors are
// ctx's alone.
func (w *Worker) Archived(ctx context.Context, row *capture.Row, block []byte) (*stream.Result, error) {
	c := &stream.Capture{Row: *row}
	return w.resultOf(ctx, c, w.s.Sandbox, func() (Page, error) { return w.pageOf(c, block) })
}

func (w *Worker) result(ctx context.Context, c *stream.Capture, extract Sandbox) (*stream.Result, error) {
	return w.resultOf(ctx, c, extract, func() (Page, error) { return w.page(ctx, c) })
}

func (w *Worker) resultOf(ctx context.Context, c *stream.Capture, extract Sandbox, open func() (Page, error)) (*stream.Result, error) {
	result := &stream.Result{CaptureID: c.Row.CaptureID, Partition: c.Partition}
	page, err := open()
	var a *article.Article
	switch {
	case err == nil && w.s.RulesLost != nil:
		err = w.s.RulesLost
	case err == nil:
		if w.s.Rules != nil {
			page.Rule = w.s.Rules(page.URL)
		}
		a, err = extract(ctx, page)
	case !errors.Is(err, errPage):
		return nil, err
	}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		result.Kind, result.Error = stream.ResultFailed, err.Error()
		result.URL, result.CaptureSequence = c.Row.URL, c.Sequence
		return result, nil
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
		fragment, err = w.s.Staging.GetStaged(ctx, c.Staged, 128<<20)
		if errors.Is(err, objstore.ErrNotFound) {
			// It is archived already, and the result is not asked for; or it
			// is lost, and no other time will bring it.
			return Page{}, fmt.Errorf("%w %s: its staged fragment is gone", errPage, c.Row.CaptureID)
		}
		if err != nil {
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
	return w.pageOf(c, block)
}

func (w *Worker) pageOf(c *stream.Capture, block []byte) (Page, error) {
	return PageOf(c.Row.URL, block, time.UnixMicro(c.Row.FetchTime).UTC(), c.Row.ContentTruncated != "", w.s.Decompressed)
}

// PageOf makes a page of the block of a response record: an HTTP message as
// the server sent it, or an HTTP/0.9 answer, which is a body without a head.
func PageOf(url string, block []byte, fetched time.Time, truncated bool, maxBytes int64) (Page, error) {
	message, err := warc.ParseHTTPBlock(block)
	if err != nil && !errors.Is(err, warc.ErrNotHTTP) {
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
	return w.put(ctx, r)
}

// put stages a result, if it is not.
func (w *Worker) put(ctx context.Context, r *stream.Result) error {
	body, err := r.Body()
	if err != nil || r.Staged != "" {
		return err
	}
	key := stream.StagedKey(w.log.Name(), "result-"+r.CaptureID, w.s.ID)
	if err := w.s.Staging.PutStaged(ctx, key, bytes.NewReader(body), int64(len(body))); err != nil {
		return fmt.Errorf("stage result of capture %s: %w", r.CaptureID, err)
	}
	r.Staged = key
	diepoint.Here("extract.staged")
	return nil
}
