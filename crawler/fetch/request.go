package fetch

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"newsreel/crawler/fetch/guard"
)

// Field is one header field, order, case and duplicates kept.
type Field struct{ Name, Value string }

// Request is one GET.
type Request struct {
	// URL is absolute and already normalised. The request target is taken from
	// it verbatim (so /50%-off goes out as it is); the fragment is dropped and
	// userinfo is never sent.
	URL             string
	UserAgent       string
	Accept          string // "*/*" if empty
	IfNoneMatch     string
	IfModifiedSince string
	Extra           []Field // sent last, as given
	// AllowPrivate lets the exchange reach addresses that are not public. It
	// is part of the pool's key: connections are not shared across it.
	AllowPrivate bool
	// Certificates is "strict" (the default) or "record": a certificate that
	// does not verify is then a fact in Exchange.CertificateError.
	Certificates string
}

// Values of Request.Certificates.
const (
	CertificatesStrict = "strict"
	CertificatesRecord = "record"
)

// target is a URL taken apart without changing a byte of the request target.
type target struct {
	scheme    string // http or https
	authority string // as the Host field has it
	host      string // lower case, without brackets and final dot
	port      uint16
	path      string // origin form: path and query
}

var (
	errScheme    = errors.New("scheme is neither http nor https")
	errHost      = errors.New("no usable host")
	errPort      = errors.New("port is not a number from 1 to 65535")
	errCharacter = errors.New("control character or space in URL")
	errField     = errors.New("control character in header field")
)

// parseTarget splits raw at the places where RFC 3986 does, and checks only
// what could break out of the request line or name another server.
func parseTarget(raw string, maxURL int) (target, error) {
	var t target
	if len(raw) > maxURL {
		return t, fmt.Errorf("URL of %d bytes, limit is %d", len(raw), maxURL)
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] <= ' ' || raw[i] == 0x7f {
			return t, errCharacter
		}
	}
	scheme, rest, ok := strings.Cut(raw, "://")
	t.scheme = strings.ToLower(scheme)
	if !ok || t.scheme != "http" && t.scheme != "https" {
		return t, errScheme
	}
	rest, _, _ = strings.Cut(rest, "#")
	authority := rest
	t.path = "/"
	if i := strings.IndexAny(rest, `/?\`); i >= 0 {
		authority, t.path = rest[:i], rest[i:]
		if t.path[0] != '/' {
			t.path = "/" + strings.TrimPrefix(t.path, `\`)
		}
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		authority = authority[i+1:]
	}
	return t, t.setAuthority(authority)
}

func (t *target) setAuthority(authority string) error {
	host, port := authority, ""
	if i := strings.LastIndexByte(authority, ':'); i >= 0 && !strings.HasSuffix(authority, "]") {
		host, port = authority[:i], authority[i+1:]
	}
	t.port = 80
	if t.scheme == "https" {
		t.port = 443
	}
	standard := true
	if port != "" {
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil || n == 0 {
			return errPort
		}
		standard = uint16(n) == t.port
		t.port = uint16(n)
	}
	ascii, err := guard.NormalHost(host)
	if err != nil || ascii == "" {
		return errHost
	}
	t.authority = ascii
	t.host = strings.TrimSuffix(strings.Trim(ascii, "[]"), ".")
	if t.host == "" {
		return errHost
	}
	if !standard {
		t.authority += ":" + strconv.Itoa(int(t.port))
	}
	return nil
}

// literal is the host as an address, if it is one.
func (t *target) literal() (netip.Addr, bool) {
	addr, err := netip.ParseAddr(t.host)
	return addr, err == nil
}

// appendRequest writes the request's bytes. absolute puts the whole URL in the
// request line, as a plain-http proxy wants it.
func appendRequest(b []byte, t *target, r *Request, acceptEncoding string, absolute bool, proxyAuth string) ([]byte, error) {
	b = append(b, "GET "...)
	if absolute {
		b = append(append(append(b, t.scheme...), "://"...), t.authority...)
	}
	b = append(append(b, t.path...), " HTTP/1.1\r\n"...)
	accept := or(r.Accept, "*/*")
	if acceptEncoding == "-" {
		acceptEncoding = ""
	}
	standard := [...]Field{
		{"Host", t.authority}, {"User-Agent", r.UserAgent}, {"Accept", accept},
		{"Accept-Encoding", acceptEncoding},
		{"If-None-Match", r.IfNoneMatch}, {"If-Modified-Since", r.IfModifiedSince},
		{"Proxy-Authorization", proxyAuth},
	}
	var err error
	for _, f := range standard {
		if f.Value == "" {
			continue
		}
		if b, err = appendField(b, f); err != nil {
			return nil, err
		}
	}
	for _, f := range r.Extra {
		if b, err = appendField(b, f); err != nil {
			return nil, err
		}
	}
	return append(b, "\r\n"...), nil
}

func appendField(b []byte, f Field) ([]byte, error) {
	for _, s := range [...]string{f.Name, f.Value} {
		if strings.ContainsAny(s, "\r\n\x00") {
			return nil, errField
		}
	}
	return append(append(append(append(b, f.Name...), ": "...), f.Value...), "\r\n"...), nil
}
