package weburl

import "strings"

// TrapLimits bounds what a sensible URL looks like. A zero field is no limit.
type TrapLimits struct {
	MaxLength int // bytes of the whole URL
	MaxDepth  int // parts of the path
	MaxRepeat int // times that one part may stand in a path; reaching it is a trap
}

// DefaultTrapLimits gives 8 KiB, 100 parts, and the same part three times.
func DefaultTrapLimits() TrapLimits {
	return TrapLimits{MaxLength: MaxLength, MaxDepth: 100, MaxRepeat: 3}
}

// What TrapReason gives.
const (
	TrapLength = "url too long"
	TrapDepth  = "path too deep"
	TrapRepeat = "path part repeats"
)

// TrapReason tells why a URL looks like one of endlessly many, or "". Numbers
// of one or two digits do not count as repeating: /2011/11/11/11/ is a date
// and an hour.
func TrapReason(u string, limits TrapLimits) string {
	if limits.MaxLength > 0 && len(u) > limits.MaxLength {
		return TrapLength
	}
	path := Path(u)
	if i := strings.IndexByte(path, '?'); i >= 0 {
		path = path[:i]
	}
	depth := 0
	for i := 0; i < len(path); i++ {
		if path[i] == '/' && i+1 < len(path) && path[i+1] != '/' {
			depth++
		}
	}
	if limits.MaxDepth > 0 && depth > limits.MaxDepth {
		return TrapDepth
	}
	if limits.MaxRepeat > 0 && depth >= limits.MaxRepeat && repeats(path, limits.MaxRepeat) {
		return TrapRepeat
	}
	return ""
}

// repeats tells whether some part stands in path times times. Each part is
// compared with those after it: paths are short, and deep ones are judged
// before; without a depth limit the first 200 parts are looked at.
func repeats(path string, times int) bool {
	const looked = 200
	for n := 0; path != "" && n < looked; n++ {
		var part string
		part, path = cutPart(path)
		if part == "" || smallNumber(part) {
			continue
		}
		seen := 1
		for rest, m := path, n; rest != "" && m < looked; m++ {
			var other string
			if other, rest = cutPart(rest); other == part {
				seen++
			}
		}
		if seen >= times {
			return true
		}
	}
	return false
}

func cutPart(path string) (part, rest string) {
	path = strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

func smallNumber(s string) bool {
	for i := 0; i < len(s); i++ {
		if !digit(s[i]) {
			return false
		}
	}
	return len(s) <= 2
}
