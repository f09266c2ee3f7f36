package weburl

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

// The URL standard's parser, cut down to what can come out: special schemes
// other than file, no userinfo, no fragment. It makes one pass, and each byte
// is looked at a bounded number of times, whatever the input. Tests hold it to
// github.com/nlnwa/whatwg-url, which also parses the hosts that are not plain.

// Classes of bytes. Bits of one table, so that one look-up answers all.
const (
	pathPlain  = 1 << iota // stays as it is in a path, and is no slash
	queryPlain             // stays as it is in the query of a special URL
	hostPlain              // may stand in a host that needs no IDNA
	schemeByte
)

const hexDigits = "0123456789ABCDEF"

var class = buildClass()

func buildClass() (t [256]uint8) {
	for c := 0x21; c < 0x7f; c++ {
		if !strings.ContainsRune("\"#<>?`{}/\\", rune(c)) {
			t[c] |= pathPlain
		}
		if !strings.ContainsRune("\"#<>'", rune(c)) {
			t[c] |= queryPlain
		}
		if alnum(byte(c)) || c == '-' || c == '.' || c == '_' {
			t[c] |= hostPlain
		}
		if alnum(byte(c)) || c == '+' || c == '-' || c == '.' {
			t[c] |= schemeByte
		}
	}
	return t
}

func alpha(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func digit(c byte) bool { return c >= '0' && c <= '9' }
func alnum(c byte) bool { return alpha(c) || digit(c) }
func slash(c byte) bool { return c == '/' || c == '\\' }

func appendResolved(dst []byte, base *Base, raw string, enc encoding.Encoding, limit int) ([]byte, error) {
	if limit <= 0 {
		limit = MaxLength
	}
	start := len(dst)
	ref := trim(raw)
	if len(ref) > limit {
		// A data: or javascript: URL is no link, however long.
		if _, scheme := cutScheme(ref[:min(len(ref), 32)]); scheme != "" && !isHTTP(scheme) {
			return dst, newError(raw, ErrScheme)
		}
		// The fragment goes, so it does not count.
		if i := strings.IndexByte(ref, '#'); i < 0 || i > limit {
			return dst, newError(raw, ErrTooLong)
		}
	}
	ref = dropFragment(dropNewlines(ref))
	out, err := appendRef(dst, base, ref, enc)
	if err != nil {
		return dst[:start], newError(raw, err)
	}
	if len(out)-start > limit {
		return dst[:start], newError(raw, ErrTooLong)
	}
	return out, nil
}

// trim drops leading and trailing C0 controls and spaces.
func trim(s string) string {
	for len(s) > 0 && s[0] <= ' ' {
		s = s[1:]
	}
	for len(s) > 0 && s[len(s)-1] <= ' ' {
		s = s[:len(s)-1]
	}
	return s
}

func dropNewlines(s string) string {
	if strings.IndexByte(s, '\n') < 0 && strings.IndexByte(s, '\t') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.NewReplacer("\t", "", "\n", "", "\r", "").Replace(s)
}

func dropFragment(s string) string {
	if i := strings.IndexByte(s, '#'); i >= 0 {
		return s[:i]
	}
	return s
}

// cutScheme parts a leading "scheme:" off; scheme is "" where there is none.
func cutScheme(s string) (rest, scheme string) {
	if len(s) == 0 || !alpha(s[0]) {
		return s, ""
	}
	for i := 1; i < len(s); i++ {
		if s[i] == ':' {
			return s[i+1:], s[:i]
		}
		if class[s[i]]&schemeByte == 0 {
			break
		}
	}
	return s, ""
}

func isHTTP(scheme string) bool {
	return strings.EqualFold(scheme, "http") || strings.EqualFold(scheme, "https")
}

// appendRef follows the standard's states from "scheme start" on.
func appendRef(dst []byte, base *Base, ref string, enc encoding.Encoding) ([]byte, error) {
	rest, scheme := cutScheme(ref)
	switch {
	case scheme == "":
		if base == nil {
			return dst, ErrNoBase
		}
		return appendRelative(dst, base, ref, enc)
	case !isHTTP(scheme):
		return dst, ErrScheme
	}
	name := "http"
	if len(scheme) == len("https") {
		name = "https"
	}
	if base != nil && base.scheme == name && !strings.HasPrefix(rest, "//") {
		return appendRelative(dst, base, rest, enc)
	}
	return appendAuthority(dst, name, skipSlashes(rest), enc)
}

func skipSlashes(s string) string {
	for len(s) > 0 && slash(s[0]) {
		s = s[1:]
	}
	return s
}

func appendRelative(dst []byte, base *Base, ref string, enc encoding.Encoding) ([]byte, error) {
	start := len(dst)
	switch {
	case ref == "":
		return append(dst, base.url...), nil
	case slash(ref[0]) && len(ref) > 1 && slash(ref[1]):
		return appendAuthority(dst, base.scheme, skipSlashes(ref), enc)
	case slash(ref[0]):
		dst = append(dst, base.url[:base.origin]...)
		return appendPath(dst, start+base.origin, ref[1:], enc), nil
	case ref[0] == '?':
		dst = append(dst, base.url[:base.pathEnd]...)
		return appendQuery(dst, ref, enc), nil
	}
	dst = append(dst, base.url[:base.dir-1]...)
	return appendPath(dst, start+base.origin, ref, enc), nil
}

// appendAuthority takes what follows the slashes after the scheme.
func appendAuthority(dst []byte, scheme, rest string, enc encoding.Encoding) ([]byte, error) {
	end := 0
	at := -1
	for end < len(rest) && rest[end] != '/' && rest[end] != '?' && rest[end] != '\\' {
		if rest[end] == '@' {
			at = end
		}
		end++
	}
	host, port, err := splitPort(rest[at+1 : end])
	if err != nil {
		return dst, err
	}
	dst = append(dst, scheme...)
	dst = append(dst, "://"...)
	if dst, err = appendHost(dst, host); err != nil {
		return dst, err
	}
	if port >= 0 && (scheme != "http" || port != 80) && (scheme != "https" || port != 443) {
		dst = append(dst, ':')
		dst = strconv.AppendInt(dst, int64(port), 10)
	}
	rest = rest[end:]
	if rest != "" && slash(rest[0]) {
		rest = rest[1:]
	}
	return appendPath(dst, len(dst), rest, enc), nil
}

// splitPort parts "host:port" at the first colon outside brackets; port is -1
// where none is given.
func splitPort(s string) (host string, port int, err error) {
	bracket := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '[':
			bracket = true
		case s[i] == ']':
			bracket = false
		case s[i] == ':' && !bracket:
			port, err = parsePort(s[i+1:])
			if i == 0 {
				err = ErrHost
			}
			return s[:i], port, err
		}
	}
	if s == "" {
		return "", -1, ErrHost
	}
	return s, -1, nil
}

func parsePort(s string) (int, error) {
	if s == "" {
		return -1, nil
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return -1, ErrPort
		}
		if n = n*10 + int(s[i]-'0'); n > 65535 {
			return -1, ErrPort
		}
	}
	return n, nil
}

// appendPath appends path and query in rest to dst, whose path so far begins
// at from and holds whole parts, the last without its slash. Dot segments are
// taken out on the way.
func appendPath(dst []byte, from int, rest string, enc encoding.Encoding) []byte {
	for {
		seg := len(dst)
		dst = append(dst, '/')
		i := 0
		dst, i = appendPart(dst, rest)
		end := i >= len(rest) || rest[i] == '?'
		switch dots(dst[seg+1:]) {
		case 1:
			dst = dst[:seg]
			if end {
				dst = append(dst, '/')
			}
		case 2:
			dst = dst[:parent(dst[:seg], from)]
			if end {
				dst = append(dst, '/')
			}
		}
		rest = rest[i:]
		if end {
			return appendQuery(dst, rest, enc)
		}
		rest = rest[1:]
	}
}

// appendPart appends one path segment, coded as the standard's path
// percent-encode set says, and gives its length in s.
func appendPart(dst []byte, s string) ([]byte, int) {
	i := 0
	for i < len(s) {
		run := i
		for run < len(s) && class[s[run]]&pathPlain != 0 {
			run++
		}
		dst = append(dst, s[i:run]...)
		i = run
		if i == len(s) || s[i] == '?' || slash(s[i]) {
			break
		}
		dst, i = appendCoded(dst, s, i)
	}
	return dst, i
}

// appendCoded percent-codes the code point at s[i] as UTF-8 and gives the
// place of the next. A byte that is not UTF-8 counts as U+FFFD.
func appendCoded(dst []byte, s string, i int) ([]byte, int) {
	if s[i] < utf8.RuneSelf {
		return append(dst, '%', hexDigits[s[i]>>4], hexDigits[s[i]&15]), i + 1
	}
	r, n := utf8.DecodeRuneInString(s[i:])
	var b [utf8.UTFMax]byte
	for _, c := range b[:utf8.EncodeRune(b[:], r)] {
		dst = append(dst, '%', hexDigits[c>>4], hexDigits[c&15])
	}
	return dst, i + n
}

// parent gives the length of path without its last segment; the path begins
// at from.
func parent(path []byte, from int) int {
	for i := len(path) - 1; i >= from; i-- {
		if path[i] == '/' {
			return i
		}
	}
	return from
}

// dots gives 1 for a single-dot segment, 2 for a double-dot one, else 0.
func dots(seg []byte) int {
	n := 0
	for len(seg) > 0 {
		switch {
		case seg[0] == '.':
			seg = seg[1:]
		case len(seg) >= 3 && seg[0] == '%' && seg[1] == '2' && seg[2]|0x20 == 'e':
			seg = seg[3:]
		default:
			return 0
		}
		if n++; n > 2 {
			return 0
		}
	}
	return n
}
