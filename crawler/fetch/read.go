package fetch

import (
	"context"
	"errors"
	"io"
	"time"

	"newsreel/internal/content"
)

// maxInterim bounds the interim responses before one answer.
const maxInterim = 64

// maxExcess bounds Exchange.Excess.
const maxExcess = 64 << 10

// receive reads once into the recording.
func (r *run) receive(inMemory bool) ([]byte, error) {
	room, err := r.exchange.Response.space(inMemory)
	if err != nil {
		return nil, err
	}
	n, err := r.conn.Read(room)
	p, commitErr := r.exchange.Response.commit(n)
	if commitErr != nil {
		return nil, commitErr
	}
	if n > 0 {
		// What came counts first; an error that lasts comes again.
		return p, nil
	}
	return nil, err
}

// readHead reads until the head of the final response is there, and parts off
// interim ones. It returns the body bytes that came along.
func (r *run) readHead() ([]byte, error) {
	e, limits := r.exchange, &r.client.settings.Limits
	sent := time.Now()
	r.conn.SetReadDeadline(earlier(r.deadline, sent.Add(limits.FirstByte)))
	var scan headScan
	interimBytes, isHTTP := 0, false
	for {
		b := e.Response.mem
		if len(b) > 0 {
			length, done := 0, false
			if !isHTTP {
				if length, done = r.withoutHead(b); done {
					return b, nil
				}
				isHTTP = length < 0
			}
			if length = scan.find(b); length > 0 && isHTTP {
				h := parseHead(b[:length], scan.lead)
				if !h.interim {
					r.setHead(h)
					return b[length:], nil
				}
				interimBytes += length
				e.Interim = append(e.Interim, append([]byte(nil), b[:length]...))
				e.Response.drop(length)
				scan, isHTTP = headScan{}, false
				if len(e.Interim) <= maxInterim {
					continue
				}
				return nil, fail(ReasonMalformed, "read head", errors.New("too many interim responses"))
			}
			if len(b)+interimBytes > limits.Head {
				r.headTooLong(scan.lead)
				return nil, nil
			}
		}
		first := len(b) == 0 && len(e.Interim) == 0
		if _, err := r.receive(true); err != nil {
			if err == io.EOF && r.endsWithoutHead() {
				return e.Response.mem, nil
			}
			return nil, r.ioFailure("read head", err)
		}
		if first {
			e.FirstByte = time.Since(sent)
			r.conn.SetReadDeadline(r.deadline)
			r.abortIfDone()
		}
	}
}

// abortIfDone repeats an abort that a new deadline may have undone.
func (r *run) abortIfDone() {
	if r.ctx.Err() != nil {
		r.conn.SetDeadline(errAborted)
	}
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// withoutHead decides whether the answer has a head at all. done means that it
// has none and everything is body (HTTP/0.9); n is -1 if it has one, 0 if that
// cannot be said yet.
func (r *run) withoutHead(b []byte) (n int, done bool) {
	lead := 0
	for lead < len(b) && (b[lead] == '\r' || b[lead] == '\n') {
		lead++
	}
	if lead == len(b) {
		return 0, false
	}
	yes, known := looksLikeHTTP(b[lead:])
	switch {
	case yes && known:
		return -1, false
	case yes:
		return 0, false
	}
	r.bodyOnly()
	return 0, true
}

func (r *run) bodyOnly() {
	h := &head{status: 200, notes: []string{noteNoHead}}
	r.setHead(h)
	r.framer = framer{kind: bodyClose, notes: h.note}
}

// endsWithoutHead settles an answer that ended before it was clear what it is.
func (r *run) endsWithoutHead() bool {
	b := r.exchange.Response.mem
	if len(b) == 0 {
		return false
	}
	if yes, _ := looksLikeHTTP(b); yes || b[0] == '\r' || b[0] == '\n' {
		return false
	}
	r.bodyOnly()
	return true
}

func (r *run) setHead(h *head) {
	e := r.exchange
	r.head = h
	e.Status, e.Reason, e.Fields, e.HeadLen = h.status, h.reason, h.fields, h.length
	r.framer = newFramer(h, &r.client.settings.Limits)
}

// headTooLong keeps a head that went over its limit, as far as it came.
func (r *run) headTooLong(lead int) {
	e := r.exchange
	limit := r.client.settings.Limits.Head
	e.Response.cut(int64(limit))
	h := parseHead(e.Response.mem, min(lead, limit))
	h.note(noteHeadCut)
	h.length = limit
	r.setHead(h)
	r.framer = framer{kind: bodyNone, notes: h.note}
	r.cutBy("head", TruncatedLength)
}

func (r *run) cutBy(limit, truncated string) {
	r.exchange.Limit, r.exchange.Truncated = limit, truncated
	if limit != "" {
		r.client.counters.add(limit)
	}
}

// readBody reads to the end of the message, or as far as it goes.
func (r *run) readBody(p []byte) error {
	e, f := r.exchange, &r.framer
	limits := &r.client.settings.Limits
	over := e.Truncated != "" || r.account(p)
	if !over && f.kind == bodyLength {
		// One byte more, so that what comes after the end is seen. Only now:
		// p lies in the memory that is exchanged for more.
		e.Response.expect(min(f.left, limits.Body) + 1)
	}
	for !over {
		p, err := r.receive(false)
		if err != nil {
			if err = r.bodyEnd(err); err != nil {
				return err
			}
			break
		}
		over = r.account(p)
	}
	r.complete()
	return nil
}

// account gives p to the framer and reports whether reading is over.
func (r *run) account(p []byte) bool {
	e, f := r.exchange, &r.framer
	limits := &r.client.settings.Limits
	wasBroken := f.broken
	used := f.feed(p)
	if over := f.got - limits.Body; over > 0 {
		f.got -= over
		e.Response.cut(int64(e.HeadLen) + limits.Body)
		r.cutBy("body", TruncatedLength)
		return true
	}
	if used < len(p) {
		rest := p[used:]
		e.Excess = append(e.Excess, rest[:min(len(rest), maxExcess)]...)
		e.Response.cut(e.Response.Len() - int64(len(rest)))
		if f.kind == bodyNone {
			f.notes(noteNoBody)
		} else {
			f.notes(noteExcess)
		}
	}
	if f.broken && !wasBroken {
		switch f.chunks.err {
		case errChunkLine:
			r.cutBy("chunk_line", TruncatedLength)
		case errTrailers:
			r.cutBy("head", TruncatedLength)
		default:
			// The server goes on in a framing of its own: take what it sends,
			// but do not wait for it as long as for a good body.
			r.deadline = earlier(r.deadline, time.Now().Add(limits.FirstByte))
			r.conn.SetReadDeadline(r.deadline)
			r.abortIfDone()
		}
	}
	return f.done || e.Truncated != ""
}

// bodyEnd judges the error that ended the body.
func (r *run) bodyEnd(err error) error {
	e, f := r.exchange, &r.framer
	switch {
	case errors.Is(r.ctx.Err(), context.Canceled):
		return r.contextFailure("read body")
	case e.Response.spillErr != nil:
		return fail(ReasonInternal, "read body", err)
	case isTimeout(err):
		limit := "exchange"
		if !r.byLimit && !time.Now().Before(r.deadline) {
			limit = ""
		}
		r.cutBy(limit, TruncatedTime)
	case f.kind == bodyClose && errors.Is(err, io.EOF):
		if f.broken {
			e.Truncated = TruncatedUnspecified
		}
	case f.kind == bodyChunked && f.chunks.state == chunkTrailer && errors.Is(err, io.EOF):
		// The last chunk is there; only the empty line after it is not.
		f.notes(noteChunkLenient)
	default:
		e.Truncated = TruncatedDisconnect
		if errors.Is(err, io.EOF) {
			f.notes(noteShort)
		} else {
			f.notes(noteReset)
		}
	}
	return nil
}

// complete fills in what is known once the last byte is there.
func (r *run) complete() {
	e, f, h := r.exchange, &r.framer, r.head
	limits := &r.client.settings.Limits
	e.Notes = h.notes
	e.body, e.maxLine, e.maxHead = f.kind, limits.ChunkLine, limits.Head
	e.payloadLen = e.Response.Len() - int64(e.HeadLen)
	if f.broken {
		e.body = bodyChunked
	}
	if e.body == bodyChunked {
		e.payloadLen = f.chunks.decoded
		if e.Limit == "body" {
			e.payloadLen, _ = io.Copy(io.Discard, e.Payload())
		}
	}
	for _, coding := range h.codings {
		if coding != "chunked" && coding != "identity" && coding != "" {
			e.codings = append(e.codings, coding)
		}
	}
	e.coded = h.contentCoded
	e.limits = content.Limits{Max: limits.View, Decompressed: limits.Decompressed, Ratio: limits.Ratio, Memory: &e.loan}
}
