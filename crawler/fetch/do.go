package fetch

import (
	"context"
	"errors"
	"io"
	"time"

	"newsreel/crawler/fetch/guard"
)

// Do makes one exchange. It sends exactly one request, except that a request
// on a reused connection which turns out to be dead before any byte of an
// answer (EOF, reset, broken pipe; never a time-out) is sent once more on a
// fresh one, which Resent tells.
//
// Outcomes:
//  1. an *Exchange, whole or with Truncated set; the caller closes it;
//  2. an *Error, when there is nothing to keep as a response. Its Permanent
//     says whether another try can help.
//
// A deadline of ctx counts as the exchange's; a cancelled ctx gives an *Error
// with ReasonCancelled whatever had come, as the request is to be made again.
func (c *Client) Do(ctx context.Context, r *Request) (*Exchange, error) {
	c.counters.add("exchanges")
	run := &run{client: c, request: r, ctx: ctx, began: time.Now()}
	run.exchange = c.newExchange(r.URL)
	err := run.prepare()
	if err == nil {
		err = run.exchangeOnce()
	}
	if err != nil {
		return nil, run.failed(err)
	}
	run.exchange.Duration = time.Since(run.began)
	return run.exchange, nil
}

func (c *Client) newExchange(url string) *Exchange {
	e := &Exchange{URL: url, Started: c.settings.Now(), shared: &c.memory, pools: &c.pools}
	e.loan.budget = &c.memory.budget
	return e
}

// run is one Do under way.
type run struct {
	client   *Client
	request  *Request
	ctx      context.Context
	target   target
	began    time.Time
	deadline time.Time
	byLimit  bool // the deadline is the exchange limit, not the caller's
	conn     *conn
	exchange *Exchange
	head     *head
	framer   framer
}

var errAborted = time.Unix(1, 0) // a deadline in the past ends reads and writes at once

// prepare checks what can be checked without a connection, and writes the
// request's bytes.
func (r *run) prepare() error {
	c := r.client
	limits := &c.settings.Limits
	if err := r.ctx.Err(); err != nil {
		return r.contextFailure("start")
	}
	var err error
	if r.target, err = parseTarget(r.request.URL, limits.URL); err != nil {
		c.counters.add("url")
		return fail(ReasonURL, "parse", err)
	}
	policy := &c.public
	if r.request.AllowPrivate {
		policy = &c.private
	}
	// A name that is mapped is judged by where it leads, in the dialler.
	_, mapped := c.resolve[r.target.host]
	if err := guard.JudgeURLHost(r.target.host, r.target.port, policy); err != nil && (!mapped || c.proxy != nil) {
		return fail(ReasonAddress, "judge", err)
	}
	if guard.BadPort(r.target.port) {
		return fail(ReasonAddress, "judge", &guard.Refusal{Host: r.target.authority, Why: "bad port"})
	}
	absolute, auth := false, ""
	if c.proxy != nil && c.proxy.absolute && r.target.scheme == "http" {
		absolute, auth = true, c.proxy.basic
	}
	r.exchange.RequestBytes, err = appendRequest(make([]byte, 0, 512), &r.target, r.request, c.settings.AcceptEncoding, absolute, auth)
	if err != nil {
		return fail(ReasonURL, "write request", err)
	}
	r.deadline, r.byLimit = r.began.Add(limits.Exchange), true
	if d, ok := r.ctx.Deadline(); ok && d.Before(r.deadline) {
		r.deadline, r.byLimit = d, false
	}
	return nil
}

// exchangeOnce takes a connection, and a fresh one if the first was dead.
func (r *run) exchangeOnce() error {
	key := poolKey{r.target.scheme, r.target.host, r.target.port, r.request.AllowPrivate, r.request.Certificates == CertificatesRecord}
	if r.conn = r.client.pool.get(key); r.conn != nil {
		r.client.counters.add("reused")
		err := r.onConn()
		if err == nil || !r.mayResend(err) {
			return err
		}
		r.client.counters.add("resent")
		r.exchange.Resent = true
	}
	started := time.Now()
	ctx, cancel := context.WithDeadline(r.ctx, r.deadline)
	defer cancel()
	var err error
	if r.conn, err = r.client.connect(ctx, &r.target, r.request); err != nil {
		return err
	}
	r.conn.key = key
	r.exchange.ConnectTime = time.Since(started)
	return r.onConn()
}

// mayResend holds if the peer had closed a connection that had served before,
// and not one byte of an answer came.
func (r *run) mayResend(err error) bool {
	var f *failure
	return r.conn.reused && errors.As(err, &f) && f.reason == ReasonReset && isStale(f.err) &&
		r.exchange.Response.Len() == 0 && len(r.exchange.Interim) == 0 && r.ctx.Err() == nil
}

// onConn sends the request on r.conn and reads the answer; the connection goes
// back to the pool or is closed.
func (r *run) onConn() error {
	e, cn := r.exchange, r.conn
	e.Response.Close()
	e.Response = newRecording(&r.client.memory, int(r.client.settings.SpillAfter))
	e.Remote, e.Protocols, e.CipherSuite, e.CertificateError = cn.remote, cn.protocols, cn.cipher, cn.certificate
	e.Reused = cn.reused
	cn.SetDeadline(r.deadline)
	stop := context.AfterFunc(r.ctx, func() { cn.SetDeadline(errAborted) })
	err := r.sendAndRead()
	if !stop() && err == nil && errors.Is(r.ctx.Err(), context.Canceled) {
		err = r.contextFailure("read")
	}
	e.Response.finish()
	if err == nil && r.framer.sure && r.framer.done && e.Truncated == "" && len(e.Excess) == 0 && r.ctx.Err() == nil {
		r.client.pool.put(cn)
	} else {
		cn.Close()
	}
	return err
}

func (r *run) sendAndRead() error {
	if _, err := r.conn.Write(r.exchange.RequestBytes); err != nil {
		return r.ioFailure("send request", err)
	}
	return r.read()
}

func (r *run) read() error {
	rest, err := r.readHead()
	if err != nil {
		return err
	}
	return r.readBody(rest)
}

// contextFailure is what the caller's context says.
func (r *run) contextFailure(op string) error {
	if errors.Is(r.ctx.Err(), context.DeadlineExceeded) {
		return fail(ReasonTimeout, op, r.ctx.Err())
	}
	return fail(ReasonCancelled, op, context.Canceled)
}

// ioFailure names what ended a read or write before there was a response.
func (r *run) ioFailure(op string, err error) error {
	switch {
	case errors.Is(r.ctx.Err(), context.Canceled):
		return r.contextFailure(op)
	case isTimeout(err):
		f := fail(ReasonTimeout, op, err)
		f.limit = "exchange"
		if time.Now().Before(r.deadline) {
			f.limit = "first_byte"
		} else if !r.byLimit {
			f.limit = ""
		}
		if f.limit != "" {
			r.client.counters.add(f.limit)
		}
		return f
	case r.exchange.Response.spillErr != nil:
		return fail(ReasonInternal, op, err)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fail(ReasonReset, op, io.EOF)
	}
	return fail(ReasonReset, op, err)
}

// failed makes the Error, and lets go of the exchange.
func (r *run) failed(err error) *Error {
	e := r.exchange
	out := &Error{Reason: ReasonInternal, Op: "fetch", URL: r.request.URL, Err: err,
		Interim: e.Interim, Remote: e.Remote, Started: e.Started, Resent: e.Resent}
	var f *failure
	if errors.As(err, &f) {
		out.Reason, out.Op, out.Err, out.Limit = f.reason, f.op, f.err, f.limit
	}
	if out.Reason == ReasonAddress {
		r.client.counters.add("address")
	}
	if e.Response != nil {
		received := e.Response.mem[:min(len(e.Response.mem), maxReceived)]
		out.Received = append([]byte(nil), received...)
		e.Response.Close()
	}
	return out
}
