// Package weburl turns what pages write as links into the URLs that are
// fetched, and takes such URLs apart.
//
// A URL is a string here: absolute, http or https, in the serialisation of the
// URL standard (https://url.spec.whatwg.org/), without fragment, userinfo and
// default port. Path and query stay as that standard leaves them, so that
// `/50%-off` and `/a|b` are asked for as browsers ask. Functions that take
// such a URL do not check it again.
package weburl

import (
	"errors"
	"strings"

	"golang.org/x/text/encoding"
)

// MaxLength is the length in bytes beyond which Parse and a Base without a
// limit of its own refuse a URL, before and after serialisation.
const MaxLength = 8 << 10

// Conditions that an *Error wraps. All are permanent: the same input fails
// always.
var (
	ErrScheme  = errors.New("not http or https")
	ErrTooLong = errors.New("url too long")
	ErrHost    = errors.New("invalid host")
	ErrPort    = errors.New("invalid port")
	ErrNoBase  = errors.New("relative url without a base")
)

// Error says which reference could not become a URL. Err is one of the named
// conditions of this package.
type Error struct {
	Ref string // at most 200 bytes of what was written
	Err error
}

func (e *Error) Error() string { return "parse url " + quote(e.Ref) + ": " + e.Err.Error() }

// Unwrap gives the condition, for errors.Is.
func (e *Error) Unwrap() error { return e.Err }

func newError(ref string, cause error) error {
	const shown = 200
	if len(ref) > shown {
		ref = ref[:shown]
	}
	return &Error{Ref: strings.Clone(ref), Err: cause}
}

// quote makes a hostile reference printable on one line.
func quote(s string) string {
	clean := func(r rune) rune {
		if r < 0x20 || r == 0x7f || r == '\uFFFD' {
			return '.'
		}
		return r
	}
	return "\"" + strings.Map(clean, s) + "\""
}

// Parse gives the serialised URL of an absolute http or https URL as a person
// or a document wrote it: surrounding blanks, inner tabs and newlines, the
// fragment, userinfo and a default port go. Errors are *Error.
func Parse(raw string) (string, error) { return ParseLimit(raw, MaxLength) }

// ParseLimit is Parse with a limit in bytes of its own; 0 or less is
// MaxLength.
func ParseLimit(raw string, limit int) (string, error) {
	var buf [256]byte
	out, err := appendResolved(buf[:0], nil, raw, nil, limit)
	if err != nil {
		return "", err
	}
	return string(out), nil
}

// Base is a document's base URL, taken apart once for all of its links. It is
// immutable after NewBase and may be shared.
type Base struct {
	url     string
	scheme  string // "http" or "https"
	origin  int    // end of scheme, host and port in url
	dir     int    // end of the path's last slash
	pathEnd int    // end of the path
	limit   int
}

// NewBase parses raw and makes it a base. limit bounds the URLs resolved
// against it; 0 or less is MaxLength. Errors are *Error.
func NewBase(raw string, limit int) (*Base, error) {
	u, err := ParseLimit(raw, limit)
	if err != nil {
		return nil, err
	}
	b := &Base{url: u, limit: limit, scheme: Scheme(u), origin: originEnd(u), pathEnd: len(u)}
	if i := strings.IndexByte(u[b.origin:], '?'); i >= 0 {
		b.pathEnd = b.origin + i
	}
	b.dir = strings.LastIndexByte(u[:b.pathEnd], '/') + 1
	return b, nil
}

// String gives the base's URL.
func (b *Base) String() string { return b.url }

// Resolve gives the URL that ref means in a document with the given base (nil:
// ref must be absolute). queryEncoding is the document's encoding as
// QueryEncoding gives it; nil is UTF-8. Errors are *Error.
func Resolve(base *Base, ref string, queryEncoding encoding.Encoding) (string, error) {
	var buf [256]byte
	out, err := AppendResolve(buf[:0], base, ref, queryEncoding)
	if err != nil {
		return "", err
	}
	return string(out), nil
}

// AppendResolve is Resolve that appends the URL to dst. On an error it gives
// dst as it was. It does not keep ref, which may be a view of a buffer that is
// written again.
func AppendResolve(dst []byte, base *Base, ref string, queryEncoding encoding.Encoding) ([]byte, error) {
	limit := 0
	if base != nil {
		limit = base.limit
	}
	return appendResolved(dst, base, ref, queryEncoding, limit)
}
