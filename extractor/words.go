package extractor

import (
	"html"
	"strings"
	"unicode"
	"unicode/utf8"

	"newsreel/extractor/readers"
)

// wordList is a text's words in lower case; each letter of a script without
// spaces is a word.
func wordList(s string) []string {
	out := make([]string, 0, len(s)/6+1)
	start := -1
	s = strings.ToLower(s)
	for i, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'a' <= r && r <= 'z' || '0' <= r && r <= '9' {
				if start < 0 {
					start = i
				}
			} else if start >= 0 {
				out = append(out, s[start:i])
				start = -1
			}
		case denseScript(r):
			if start >= 0 {
				out = append(out, s[start:i])
				start = -1
			}
			if unicode.IsLetter(r) {
				out = append(out, s[i:i+utf8.RuneLen(r)])
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if start < 0 {
				start = i
			}
		default:
			if start >= 0 {
				out = append(out, s[start:i])
				start = -1
			}
		}
	}
	if start >= 0 {
		out = append(out, s[start:])
	}
	return out
}

func denseScript(r rune) bool {
	return r >= 0x0E00 && r <= 0x0EFF || r >= 0x3040 && r <= 0x30FF || r >= 0x3400 && r <= 0x9FFF || r >= 0x20000 && r <= 0x3FFFF
}

// folded is a text as its words alone, for comparing.
func folded(s string) string { return strings.Join(wordList(s), " ") }

// dice is twice the common words of two lists by the sum of their lengths.
func dice(a, b []string) float64 {
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(common(a, b)) / float64(len(a)+len(b))
}

// common counts the words that two lists share.
func common(a, b []string) int {
	n := make(map[string]int, len(a))
	for _, w := range a {
		n[w]++
	}
	both := 0
	for _, w := range b {
		if n[w] > 0 {
			n[w]--
			both++
		}
	}
	return both
}

// cleanMarkup resolves entities and drops tags that metadata was left with.
func cleanMarkup(s string) string {
	if strings.ContainsRune(s, '&') {
		s = html.UnescapeString(s)
	}
	if strings.ContainsRune(s, '<') {
		s = readers.StripTags(s)
	}
	return s
}
