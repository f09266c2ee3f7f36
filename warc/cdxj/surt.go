// Package cdxj makes, reads and sorts the lines of CDXJ indexes: which capture
// of which URL stands where in which WARC file.
package cdxj

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nlnwa/whatwg-url/url"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// SURT returns the sort-friendly form of a URL, `com,example)/path?a&b`, byte
// for byte as the replay tools warcio.js and wabac.js build it: "www." and
// default ports go, all is lower case, the query's arguments are sorted. What
// is no http or https URL in lower-case letters comes back as it is; what
// cannot be parsed too, less its "www.".
func SURT(rawURL string) string {
	if !strings.HasPrefix(rawURL, "https:") && !strings.HasPrefix(rawURL, "http:") {
		return rawURL
	}
	rawURL = cutWWW(rawURL)
	if surt, ok := plainSURT(rawURL); ok {
		return surt
	}
	if surt, ok := parsedSURT(rawURL); ok {
		return surt
	}
	return rawURL
}

// parsedSURT builds the SURT with a parser that follows the URL standard; ok is
// false where that refuses the URL.
func parsedSURT(rawURL string) (surt string, ok bool) {
	u, err := url.Parse(lower(rawURL))
	if err != nil || u.Hostname() == "" {
		return "", false
	}
	buf := make([]byte, 0, len(rawURL)+4)
	buf = appendHost(buf, u.Hostname())
	if port := u.Port(); port != "" {
		buf = append(append(buf, ':'), port...)
	}
	buf = append(append(buf, ')'), u.Pathname()...)
	return string(appendQuery(buf, strings.TrimPrefix(u.Search(), "?"))), true
}

// Key returns the key that a URL's captures are looked up by: SURT(rawURL).
func Key(rawURL string) string { return SURT(rawURL) }

// cutWWW takes "www.", "www2." and the like off the front of the host.
func cutWWW(rawURL string) string {
	scheme, rest, ok := strings.Cut(rawURL, "://www")
	if !ok || scheme != "http" && scheme != "https" {
		return rawURL
	}
	rest = strings.TrimLeft(rest, "0123456789")
	if !strings.HasPrefix(rest, ".") {
		return rawURL
	}
	return scheme + "://" + rest[1:]
}

// lower is ECMAScript's toLowerCase: Unicode's mapping, special cases and the
// final sigma included.
func lower(s string) string {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return cases.Lower(language.Und).String(strings.ToValidUTF8(s, "\uFFFD"))
		}
	}
	return strings.ToLower(s)
}

// plainSURT does the work for the common URLs, in which no byte needs coding
// and no path segment resolving, without a parser; ok is false for others.
func plainSURT(rawURL string) (surt string, ok bool) {
	scheme, rest, found := strings.Cut(rawURL, "://")
	if !found || scheme != "http" && scheme != "https" {
		return "", false
	}
	rest, _, _ = strings.Cut(rest, "#")
	hostEnd := strings.IndexAny(rest, "/?")
	if hostEnd < 0 {
		hostEnd = len(rest)
	}
	host, port, hasPort := strings.Cut(rest[:hostEnd], ":")
	path, query, _ := strings.Cut(rest[hostEnd:], "?")
	if !plainHost(host) || hasPort && !plainPort(port) || !plainPath(path) || !plainBytes(query) {
		return "", false
	}
	if port == "80" && scheme == "http" || port == "443" && scheme == "https" {
		port = ""
	}
	buf := appendHost(make([]byte, 0, len(rest)+4), host)
	if port != "" {
		buf = append(append(buf, ':'), port...)
	}
	buf = append(buf, ')')
	if path == "" {
		path = "/"
	}
	buf = append(buf, path...)
	for i, c := range buf {
		if 'A' <= c && c <= 'Z' {
			buf[i] = c + 'a' - 'A'
		}
	}
	if query == "" {
		return string(buf), true
	}
	return string(appendQuery(buf, strings.ToLower(query))), true
}

// appendHost appends a host's labels, the last one first.
func appendHost(buf []byte, host string) []byte {
	for {
		i := strings.LastIndexByte(host, '.')
		buf = append(buf, host[i+1:]...)
		if i < 0 {
			return buf
		}
		buf = append(buf, ',')
		host = host[:i]
	}
}

// appendQuery appends a query with its arguments sorted.
func appendQuery(buf []byte, query string) []byte {
	if query == "" {
		return buf
	}
	buf = append(buf, '?')
	if strings.IndexByte(query, '&') < 0 {
		return append(buf, query...)
	}
	args := strings.Split(query, "&")
	slices.Sort(args)
	for i, arg := range args {
		if i > 0 {
			buf = append(buf, '&')
		}
		buf = append(buf, arg...)
	}
	return buf
}

// plainHost reports whether a host is a name that parsing leaves as it is,
// but for case: no address, no coded or international label.
func plainHost(host string) bool {
	if host == "" || host[0] == '.' || host[len(host)-1] == '.' {
		return false
	}
	labelStart := 0
	for i := 0; i < len(host); i++ {
		switch c := host[i]; {
		case c == '.':
			labelStart = i + 1
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_':
		case c == '-':
			// Where "--" stands third is a label that may be coded.
			if i == labelStart+2 {
				return false
			}
		default:
			return false
		}
	}
	first := host[labelStart:]
	return first != "" && (first[0] < '0' || first[0] > '9')
}

// plainPort reports whether a port is written as parsing leaves it.
func plainPort(port string) bool {
	if len(port) == 0 || len(port) > 4 || port[0] == '0' {
		return false
	}
	return strings.Trim(port, "0123456789") == ""
}

// plainPath reports whether a path is one that parsing leaves as it is.
func plainPath(path string) bool {
	if !plainBytes(path) || strings.Contains(path, "/.") {
		return false
	}
	for i := 0; i+2 < len(path); i++ {
		if path[i] == '%' && path[i+1] == '2' && path[i+2]|0x20 == 'e' {
			return false
		}
	}
	return true
}

// plainBytes reports whether s has only bytes that no URL parser codes.
func plainBytes(s string) bool {
	for i := 0; i < len(s); i++ {
		if !plainByte[s[i]] {
			return false
		}
	}
	return true
}

// plainByte are the bytes that stay as they are in path and query alike.
var plainByte = func() (table [256]bool) {
	for c := range 256 {
		b := byte(c)
		table[c] = 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' ||
			strings.IndexByte("-._~!$&()*+,;=:@/%", b) >= 0
	}
	return table
}()
