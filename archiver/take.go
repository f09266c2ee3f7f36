package archiver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"time"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/diepoint"
	"newsreel/stream"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// take takes the next message of the run log.
func (a *Archiver) take(ctx context.Context, e stream.Entry) error {
	if e.Sequence < a.next {
		return nil // a restarted reader gave it again
	}
	var err error
	switch e.Class {
	case stream.ClassCapture:
		err = a.takeCapture(ctx, e)
	case stream.ClassResult:
		err = a.takeResult(ctx, e)
	case stream.ClassLog:
		err = a.takeLog(ctx, e)
	case stream.ClassControl:
		err = a.takeControl(ctx, e)
	}
	if err != nil {
		return err
	}
	a.next = e.Sequence + 1
	if a.open != nil {
		a.open.last = e.Sequence
		if a.full(a.open) {
			return a.seal(ctx)
		}
	}
	return nil
}

func (a *Archiver) full(s *segment) bool {
	return s.warc != nil && s.warc.size() >= s.limit || len(s.captures) >= maxCaptures
}

// begin returns the open segment, and opens one if there is none.
func (a *Archiver) begin() *segment {
	if a.open == nil {
		first := a.done.last + 1
		if n := len(a.ready); n > 0 {
			first = a.ready[n-1].last + 1
		}
		a.open = &segment{first: first, attempt: a.s.Attempt(), name: archive.SegmentName(a.s.Job, a.s.Run, first),
			limit: min(a.s.SegmentSize, spaceFor(a.s.SpoolDir))}
	}
	if a.open.opened.IsZero() {
		a.open.opened = a.s.Now()
	}
	return a.open
}

// spool makes a segment's spool where it is missing.
func (a *Archiver) spool(ctx context.Context, s **spool, hashed bool) error {
	if *s != nil {
		return nil
	}
	return a.patiently(ctx, func() (err error) {
		*s, err = newSpool(a.s.SpoolDir, hashed)
		return err
	})
}

func (a *Archiver) takeCapture(ctx context.Context, e stream.Entry) error {
	if a.end != nil {
		return fault("capture message %d stands behind the run's end", e.Sequence)
	}
	c, err := stream.ParseCapture(e)
	if err != nil {
		return fault("%w", err)
	}
	if s := a.open; s != nil && s.warc != nil && s.warc.size()+int64(c.ResponseLen)+int64(c.RequestLen) > maxWARC {
		if err := a.seal(ctx); err != nil {
			return err
		}
	}
	s := a.begin()
	if gone, err := a.gone(ctx, c); gone || err != nil {
		if gone {
			a.notTaken(s, e, c, err)
			err = nil
		}
		return err
	}
	if err := a.openFiles(ctx, s); err != nil {
		return err
	}
	row := captured{offset: int32(s.warc.size()), key: sortKey(&c.Row)}
	if err := a.keep(ctx, s, c, &row); err != nil {
		return err
	}
	raw, _, err := stream.SplitRow(e)
	if err != nil {
		return fault("%w", err)
	}
	row.row, row.rowLen = s.rows.size(), int32(len(raw))
	if err := a.patiently(ctx, func() error { return s.rows.append(raw) }); err != nil {
		return err
	}
	s.captures = append(s.captures, row)
	s.counts.Captures++
	if c.Staged != "" {
		s.staged = append(s.staged, c.Staged)
	}
	if c.Due && a.s.ExtractEnabled {
		a.due[c.Row.CaptureID] = awaited{s, int32(len(s.captures) - 1)}
		s.waiting++
	}
	return nil
}

// openFiles makes the spools of a segment's captures, and writes the warcinfo
// record that opens the WARC.
func (a *Archiver) openFiles(ctx context.Context, s *segment) error {
	if s.warc != nil && s.warc.size() > 0 {
		return nil
	}
	if err := errors.Join(a.spool(ctx, &s.warc, true), a.spool(ctx, &s.rows, false)); err != nil {
		return err
	}
	name := a.warcName(s)
	h, block := warc.Warcinfo(a.warcinfo(), name, warc.RecordIDFor(name), a.s.Now())
	member, err := a.enc.AppendMember(nil, h, block)
	if err != nil {
		return fault("warcinfo: %w", err)
	}
	return a.patiently(ctx, func() error { return s.warc.append(member) })
}

// warcinfo describes the file to who finds it alone. (WARC/1.1, warcinfo)
func (a *Archiver) warcinfo() []warc.Field {
	fields := []warc.Field{
		{Name: "software", Value: a.s.Software},
		{Name: "format", Value: "WARC File Format 1.1"},
		{Name: "conformsTo", Value: "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"},
		{Name: "isPartOf", Value: a.s.Collection + "/" + a.s.Job + "-" + strconv.Itoa(a.s.Run)},
	}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, warc.Field{Name: name, Value: value})
		}
	}
	add("robots", a.s.RobotsPolicy)
	add("operator", a.s.Contact)
	if len(a.s.Document) > 0 {
		var compact bytes.Buffer
		if json.Compact(&compact, a.s.Document) == nil {
			add("newsreel-job", compact.String())
		}
	}
	add("newsreel-job-hash", a.s.JobHash)
	return fields
}

// sortKey is the beginning of a capture's line in the index.
func sortKey(r *capture.Row) string {
	line := cdxj.Line{SURT: cdxj.SURT(r.URL), Timestamp: timestamp(r)}.Append(nil)
	key, _, _ := bytes.Cut(line, []byte(" {"))
	return string(key)
}

func timestamp(r *capture.Row) string {
	return time.UnixMicro(r.FetchTime).UTC().Format("20060102150405")
}

// keep appends a capture's records to the WARC: as they are, or the response
// as a revisit of an earlier one.
func (a *Archiver) keep(ctx context.Context, s *segment, c *stream.Capture, row *captured) error {
	revisit, err := a.revisit(ctx, c, row)
	if err != nil {
		return err
	}
	switch {
	case revisit != nil:
		err = a.patiently(ctx, func() error { return s.warc.append(revisit) })
		row.length = int32(len(revisit))
		if err == nil {
			err = a.appendFragment(ctx, s, c, int64(c.ResponseLen))
		}
		s.counts.Revisits++
	default:
		err = a.appendFragment(ctx, s, c, 0)
		row.length = int32(c.ResponseLen)
		s.counts.Responses++
	}
	if c.RequestLen > 0 {
		s.counts.Requests++
	}
	if err != nil || a.dedup == nil {
		return err
	}
	if revisit != nil {
		known := c.Row
		known.ContentDigest = row.digest
		if known.FetchStatus == 304 {
			known.FetchStatus = 200
		}
		a.dedup.addRevisit(&known)
		return nil
	}
	return a.patiently(ctx, func() error { return a.dedup.add(&c.Row) })
}

// appendFragment appends a capture's records from an offset in its fragment.
func (a *Archiver) appendFragment(ctx context.Context, s *segment, c *stream.Capture, from int64) error {
	if c.Staged == "" {
		return a.patiently(ctx, func() error { return s.warc.append(c.Fragment[from:]) })
	}
	const piece = 1 << 20
	for total := int64(c.ResponseLen) + int64(c.RequestLen); from < total; from += piece {
		b, err := a.staged(ctx, c, from, min(piece, total-from))
		if err == nil {
			err = a.patiently(ctx, func() error { return s.warc.append(b) })
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// staged reads a piece of a staged fragment. One that is gone was committed by
// another archiver, or lost.
func (a *Archiver) staged(ctx context.Context, c *stream.Capture, from, n int64) ([]byte, error) {
	b := make([]byte, n)
	err := a.patiently(ctx, func() error {
		body, err := a.store.GetRange(ctx, c.Staged, from, n)
		if err != nil {
			return err
		}
		defer body.Close()
		_, err = io.ReadFull(body, b)
		return err
	})
	if err == nil {
		return b, nil
	}
	return nil, a.missing(ctx, fmt.Errorf("capture %s: staged fragment: %w", c.Row.CaptureID, err))
}

// gone says whether the bytes of a capture were staged and are no more, with
// no other archiver ahead that has them: then nobody will ever have them, and
// the run goes on without. An error without gone is of the store, or lostError.
func (a *Archiver) gone(ctx context.Context, c *stream.Capture) (bool, error) {
	if c.Staged == "" {
		return false, nil
	}
	err := a.patiently(ctx, func() error {
		_, err := a.store.Stat(ctx, c.Staged)
		return err
	})
	if err == nil {
		return false, nil
	}
	err = a.missing(ctx, fmt.Errorf("staged fragment %s: %w", c.Staged, err))
	var lost *lostError
	return !errors.As(err, &lost) && errors.Is(err, archive.ErrNotFound), err
}

// missing looks whether something is missing because another archiver is
// ahead, and returns lostError then, else the error.
func (a *Archiver) missing(ctx context.Context, err error) error {
	if !errors.Is(err, archive.ErrNotFound) {
		return err
	}
	if m, merr := a.theirs(ctx, a.done.last+1); merr == nil && m != nil {
		return &lostError{m}
	}
	return err
}

// maxHead bounds how much of a response is read to make a revisit of it.
const maxHead = 8 << 20

// revisit returns the revisit record that takes the place of the capture's
// response, or nil where there is nothing to refer to.
func (a *Archiver) revisit(ctx context.Context, c *stream.Capture, row *captured) ([]byte, error) {
	if a.dedup == nil {
		return nil, nil
	}
	ref, profile, ok, err := a.dedup.find(&c.Row)
	if err != nil || !ok {
		return nil, err
	}
	response := c.Fragment
	if c.Staged == "" {
		response = response[:c.ResponseLen]
	} else if response, err = a.staged(ctx, c, 0, min(int64(c.ResponseLen), maxHead)); err != nil {
		return nil, err
	}
	rewrite := warc.RewriteAsRevisit
	if profile == warc.ProfileServerNotModified {
		rewrite = warc.RewriteAsNotModified
	}
	member, err := rewrite(a.enc, response, ref.warcReference())
	if err != nil {
		return nil, nil // it is kept as it is, which is never wrong
	}
	row.revisitOf, row.digest = ref.captureID, ref.digest
	return member, nil
}

func (a *Archiver) takeResult(ctx context.Context, e stream.Entry) error {
	r := stream.Result{CaptureID: e.Header.Get(stream.HeaderCapture), Kind: e.Header.Get(stream.HeaderResult)}
	staged := e.Header.Get(stream.HeaderStaged)
	w, ok := a.due[r.CaptureID]
	again, failed := a.dead[r.CaptureID]
	switch {
	case ok:
	case failed && r.Kind != stream.ResultFailed && e.Header.Get(stream.HeaderAgain) != "":
		w = again // its capture is not committed
	default:
		return nil // a second result, or one of a capture that is committed
	}
	s := w.segment
	switch r.Kind {
	case stream.ResultArticle:
		body := e.Data
		if staged != "" {
			err := a.patiently(ctx, func() (err error) {
				body, err = a.store.GetBytes(ctx, staged, maxResult)
				return err
			})
			if err != nil {
				return a.missing(ctx, fmt.Errorf("result of capture %s: %w", r.CaptureID, err))
			}
		}
		if err := a.takeArticle(ctx, w, body); err != nil {
			return err
		}
	case stream.ResultNone:
		s.counts.NoArticle++
	default:
		a.failed(e, w, r.CaptureID)
	}
	if staged != "" {
		s.staged = append(s.staged, staged)
	}
	if !ok {
		a.revived(r.CaptureID)
		return nil
	}
	delete(a.due, r.CaptureID)
	s.waiting--
	return nil
}

// maxResult bounds a staged result, in bytes.
const maxResult = 64 << 20

// takeArticle keeps an article's JSON, and by what it is sorted.
func (a *Archiver) takeArticle(ctx context.Context, w awaited, body []byte) error {
	s := w.segment
	domain, day := fieldOf(body, "domain"), fieldOf(body, "published")
	if err := a.spool(ctx, &s.articles, false); err != nil {
		return err
	}
	s.found = append(s.found, extracted{domain: domain, day: day[:min(len(day), len(time.DateOnly))],
		capture: w.capture, offset: s.articles.size(), length: int32(len(body))})
	s.counts.Articles++
	return a.patiently(ctx, func() error { return s.articles.append(body) })
}

// fieldOf returns a text field of an article without reading all its JSON:
// within a JSON text the quotes around a name stand unescaped only where it is
// a name, and of these names no inner object has a text. A value with an
// escape in it is cut there, which at worst sorts an article elsewhere.
func fieldOf(body []byte, name string) string {
	mark := `"` + name + `":"`
	i := bytes.Index(body, []byte(mark))
	if i < 0 {
		return ""
	}
	value := body[i+len(mark):]
	end := bytes.IndexAny(value, `"\`)
	if end < 0 {
		return ""
	}
	return string(value[:end])
}

func (a *Archiver) takeLog(ctx context.Context, e stream.Entry) error {
	if a.end != nil {
		return nil
	}
	s := a.begin()
	if s.log == nil {
		err := a.patiently(ctx, func() (err error) {
			s.log, err = newLogSpool(a.s.SpoolDir)
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := s.addLog(e, func(i *stream.Idle) { a.idle[e.Partition] = i }); err != nil {
		return fault("log message %d: %w", e.Sequence, err)
	}
	return a.patiently(ctx, s.log.drain)
}

func (a *Archiver) takeControl(ctx context.Context, e stream.Entry) error {
	c, err := stream.ParseControl(e)
	if err != nil {
		return fault("%w", err)
	}
	a.control(&c)
	if c.Type != stream.ControlEnd || a.end != nil {
		return nil
	}
	s := a.begin()
	a.end, s.end, s.last = &c, &c, e.Sequence
	a.next = e.Sequence + 1
	return a.seal(ctx)
}

// control notes what a control message says of waiting.
func (a *Archiver) control(c *stream.Control) {
	if c.Type == stream.ControlClose && c.Reason == stream.SkipCancelled && a.cancelled.IsZero() {
		a.cancelled = a.s.Now()
	}
}

// seal ends the open segment.
func (a *Archiver) seal(ctx context.Context) error {
	diepoint.Here("seal.before")
	s := a.open
	if s.log != nil {
		if err := s.log.end(); err != nil {
			return fault("crawl log: %w", err)
		}
		if err := a.patiently(ctx, s.log.drain); err != nil {
			return err
		}
	}
	s.sealedAt = a.s.Now()
	if a.dedup != nil {
		s.refs = a.dedup.refs.size()
	}
	a.ready, a.open = append(a.ready, s), nil
	diepoint.Here("seal.done")
	return nil
}

// subset is where Common Crawl's index would have a capture.
func subset(r *capture.Row) string {
	if u, err := url.Parse(r.URL); r.DiscoveredBy == capture.ByRobots || err == nil && u.Path == "/robots.txt" {
		return capture.SubsetRobots
	}
	held := r.FetchStatus == 304 && r.RecordType == capture.RecordRevisit
	if r.FetchStatus >= 200 && r.FetchStatus < 300 || held {
		return capture.SubsetWARC
	}
	return capture.SubsetDiagnostics
}
