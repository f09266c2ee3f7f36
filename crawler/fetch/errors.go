package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"
)

// Reasons of an Error. The first group are failures, ReasonAddress and
// ReasonURL refusals by policy, ReasonCancelled the caller's own wish.
const (
	ReasonDNS       = "dns"
	ReasonConnect   = "connect"
	ReasonTLS       = "tls"
	ReasonTimeout   = "timeout"
	ReasonReset     = "reset"
	ReasonMalformed = "malformed"
	ReasonProxy     = "proxy"
	ReasonInternal  = "internal"

	ReasonAddress   = "address"
	ReasonURL       = "url"
	ReasonCancelled = "cancelled"
)

// maxReceived bounds Error.Received.
const maxReceived = 4 << 10

// Error is an exchange that gave no response to keep.
type Error struct {
	Reason   string         // one of the Reason constants
	Op       string         // what was being done: "look up", "dial", "read head", …
	URL      string         // as requested
	Err      error          // the cause
	Limit    string         // the limit that ended it, if one did
	Received []byte         // the first 4 KiB of what came, for the crawl log
	Interim  [][]byte       // interim heads that came before the failure
	Remote   netip.AddrPort // the server, as far as one was reached
	Started  time.Time
	Resent   bool // the request was sent a second time on a fresh connection
}

// Error says operation, URL and cause.
func (e *Error) Error() string { return fmt.Sprintf("%s %s: %v", e.Op, e.URL, e.Err) }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Permanent reports whether the same request would fail the same way: refusals
// by policy, names that do not exist, certificates that do not verify, answers
// that are not HTTP. Everything else is worth a later try.
func (e *Error) Permanent() bool {
	switch e.Reason {
	case ReasonAddress, ReasonURL, ReasonMalformed:
		return true
	case ReasonDNS:
		var dns *net.DNSError
		return errors.As(e.Err, &dns) && dns.IsNotFound && !dns.IsTemporary
	case ReasonTLS:
		return isCertificateError(e.Err)
	}
	return false
}

// failure is an error on its way to becoming an Error: reason and operation
// are known, the exchange's own facts are added at the end.
type failure struct {
	reason, op, limit string
	err               error
}

func (f *failure) Error() string { return f.op + ": " + f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(reason, op string, err error) *failure { return &failure{reason: reason, op: op, err: err} }

// isStale reports the errors by which a peer shows that it had closed a
// connection before our request reached it. A time-out is not among them: the
// server may be working on the request.
func isStale(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.DeadlineExceeded) ||
		errors.As(err, &timeout) && timeout.Timeout()
}
