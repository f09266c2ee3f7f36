package weburl

import (
	"net/netip"
	"strings"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/net/publicsuffix"
)

// maxOddHost bounds the hosts that are given to IDNA, whose time grows with
// the square of a label. Names that resolve have at most 253 bytes in ASCII.
const maxOddHost = 2 << 10

// appendHost appends the serialised host. Plain lower or upper case names and
// canonical IPv4 addresses are done here; IDNA, IPv6 and the odd spellings of
// IPv4 are the library's.
func appendHost(dst []byte, host string) ([]byte, error) {
	start := len(dst)
	if plainHost(host) {
		dst = append(dst, host...)
		for i := start; i < len(dst); i++ {
			if c := dst[i]; c >= 'A' && c <= 'Z' {
				dst[i] = c | 0x20
			}
		}
		return dst, nil
	}
	if a, err := netip.ParseAddr(host); err == nil && a.Is4() {
		return append(dst, host...), nil
	}
	if len(host) > maxOddHost {
		return dst, ErrHost
	}
	u, err := url.Parse("http://" + host + "/")
	if err != nil || u.Hostname() == "" {
		return dst, ErrHost
	}
	return append(dst, u.Hostname()...), nil
}

// plainHost tells whether the host is only to be lower-cased: letters, digits
// and hyphens in labels that IDNA has no opinion on, the last of them no
// number.
func plainHost(host string) bool {
	label := 0 // length of the label so far
	last := byte('.')
	for i := 0; i < len(host); i++ {
		c := host[i]
		if class[c]&hostPlain == 0 {
			return false
		}
		if c == '.' {
			if last == '.' || last == '-' {
				return false
			}
			label = -1
		}
		if c == '-' && (last == '.' || last == '-') {
			return false
		}
		if label++; label > 63 {
			return false
		}
		last = c
	}
	if len(host) > 253 || last == '.' || last == '-' {
		return false
	}
	return !digit(host[strings.LastIndexByte(host, '.')+1])
}

// originEnd gives the end of scheme, host and port in a serialised URL.
func originEnd(u string) int {
	i := strings.Index(u, "://")
	if i < 0 {
		return 0
	}
	i += len("://")
	if j := strings.IndexByte(u[i:], '/'); j >= 0 {
		return i + j
	}
	return len(u)
}

// Scheme gives "http" or "https".
func Scheme(u string) string {
	if strings.HasPrefix(u, "https:") {
		return "https"
	}
	return "http"
}

// Origin gives scheme, host and port: the URL up to its path.
func Origin(u string) string { return u[:originEnd(u)] }

// Host gives host and port, the port only where it is not the scheme's own:
// what politeness is kept for.
func Host(u string) string {
	end := originEnd(u)
	return u[strings.IndexByte(u[:end], '/')+len("//") : end]
}

// Hostname gives the host without a port; an IPv6 address keeps its brackets.
func Hostname(u string) string {
	host := Host(u)
	if i := strings.LastIndexByte(host, ':'); i >= 0 && !strings.HasSuffix(host, "]") {
		return host[:i]
	}
	return host
}

// Path gives path and query: the request target of origin form.
func Path(u string) string { return u[originEnd(u):] }

// RegistrableDomain gives the public suffix of a host name (no port) and one
// label more. An IP address, a single label, and a name that is itself a
// public suffix are their own domain. A trailing dot is dropped.
func RegistrableDomain(hostname string) string {
	hostname = strings.TrimSuffix(hostname, ".")
	if hostname == "" || hostname[len(hostname)-1] == ']' || digit(hostname[len(hostname)-1]) && isIP(hostname) {
		return hostname
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(hostname)
	if err != nil {
		return hostname
	}
	return domain
}

func isIP(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil
}
