package weburl

import (
	"slices"
	"strings"
)

// Pattern gives what a URL has in common with those of its kind on its site:
// host kept, numbers, identifiers and slugs in the path generalised, the
// query's keys sorted and each once, its values dropped.
//
//	https://a.test/news/2024/05/a-long-title-123.html?id=7&page=2
//	https://a.test/news/0/0/{slug}.html?id&page
//
// In a part of the path each run of digits becomes "0". A run of eight or more
// hexadecimal digits with a decimal one among them becomes "{hex}", a name of
// three or more words joined by hyphens or underscores, or coded in percent
// escapes, "{slug}".
func Pattern(u string) string {
	var buf [256]byte
	end := originEnd(u)
	out := append(buf[:0], u[:end]...)
	path, query, hasQuery := strings.Cut(u[end:], "?")
	for path != "" {
		var part string
		part, path = cutPart(path)
		out = append(out, '/')
		out = appendPartPattern(out, part)
	}
	if hasQuery {
		out = appendQueryPattern(out, query)
	}
	return string(out)
}

func appendPartPattern(dst []byte, part string) []byte {
	name, suffix := part, ""
	if i := strings.LastIndexByte(part, '.'); i > 0 && len(part)-i <= 6 && !hasDigit(part[i:]) {
		name, suffix = part[:i], part[i:]
	}
	if isSlug(name) {
		dst = append(dst, "{slug}"...)
		return append(dst, suffix...)
	}
	for i := 0; i < len(name); {
		if n := hexRun(name[i:]); n > 0 {
			dst = append(dst, "{hex}"...)
			i += n
			continue
		}
		if !digit(name[i]) {
			// The rest of a word is no place for a run to begin in.
			for i < len(name) && alpha(name[i]) {
				dst = append(dst, name[i])
				i++
			}
			if i < len(name) && !alnum(name[i]) {
				dst = append(dst, name[i])
				i++
			}
			continue
		}
		for i < len(name) && digit(name[i]) {
			i++
		}
		dst = append(dst, '0')
	}
	return append(dst, suffix...)
}

func hasDigit(s string) bool {
	for i := 0; i < len(s); i++ {
		if digit(s[i]) {
			return true
		}
	}
	return false
}

// isSlug tells a title made into a name from the names of sections.
func isSlug(s string) bool {
	joints, letters, escapes := 0, 0, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '-' || c == '_' || c == '+':
			joints++
		case c == '%':
			escapes++
		case alpha(c):
			letters++
		}
	}
	return letters > 0 && (joints >= 2 && letters > 2*joints || escapes >= 6)
}

// hexRun gives the length of the identifier that s begins with: eight or more
// hexadecimal digits, some decimal and some not, hyphens of a UUID between
// them.
func hexRun(s string) int {
	const longest = 160
	s = s[:min(len(s), longest)]
	i, digits, letters := 0, 0, 0
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case digit(c):
			digits++
			continue
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			letters++
			continue
		case c == '-' && i >= 8 && i+1 < len(s) && hexDigit(s[i+1]):
			continue
		}
		break
	}
	for i > 0 && s[i-1] == '-' {
		i--
	}
	if digits+letters < 8 || digits == 0 || letters == 0 || i < len(s) && alpha(s[i]) {
		return 0
	}
	return i
}

func hexDigit(c byte) bool { return digit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func appendQueryPattern(dst []byte, query string) []byte {
	var space [16]string
	keys := space[:0]
	for query != "" && len(keys) < 64 {
		var pair string
		pair, query, _ = strings.Cut(query, "&")
		key, _, _ := strings.Cut(pair, "=")
		if key != "" && !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for i, key := range keys {
		if i == 0 {
			dst = append(dst, '?')
		} else {
			dst = append(dst, '&')
		}
		dst = appendPartPattern(dst, key)
	}
	return dst
}
