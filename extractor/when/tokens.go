package when

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind uint8

const (
	word tokenKind = iota
	number
	symbol
)

// token is a word, a number or one sign of a printed text. Words are in lower
// case and folded (see foldWord), digits of all scripts are read as numbers.
type token struct {
	kind       tokenKind
	text       string
	value      int
	digits     int
	start, end int
	// spaced tells whether white space stands before it.
	spaced bool
}

func (t token) is(s string) bool { return t.kind != number && t.text == s }

// in tells whether the token is one of a list that is parted by spaces.
func (t token) in(list string) bool {
	if t.kind == number || t.text == "" {
		return false
	}
	for list != "" {
		var w string
		w, list, _ = strings.Cut(list, " ")
		if w == t.text {
			return true
		}
	}
	return false
}

// maxText bounds the text that is looked through for dates.
const maxText = 4096

func tokenize(s string) []token {
	if len(s) > maxText {
		s = s[:maxText]
	}
	var out []token
	spaced := false
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case unicode.IsSpace(r) || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == '\ufeff' || r == '\u00ad':
			spaced = true
			i += size
			continue
		case digitValue(r) >= 0:
			t := token{kind: number, start: i, spaced: spaced}
			for i < len(s) {
				r, size := utf8.DecodeRuneInString(s[i:])
				d := digitValue(r)
				if d < 0 {
					break
				}
				if t.digits < 9 {
					t.value = t.value*10 + d
				}
				t.digits++
				i += size
			}
			t.end = i
			out = append(out, t)
		case hanDigit(r) >= 0 && hanNumber(s[i:]) > 0:
			t := token{kind: number, start: i, spaced: spaced}
			t.end = i + hanNumber(s[i:])
			t.value, t.digits = hanValue(s[i:t.end])
			i = t.end
			out = append(out, t)
		case cjkUnit(r):
			out = append(out, token{kind: word, text: string(r), start: i, end: i + size, spaced: spaced})
			i += size
		case unicode.IsLetter(r) || unicode.Is(unicode.M, r):
			start := i
			for i < len(s) {
				r, size := utf8.DecodeRuneInString(s[i:])
				if cjkUnit(r) || hanDigit(r) >= 0 && hanNumber(s[i:]) > 0 || !unicode.IsLetter(r) && !unicode.Is(unicode.M, r) && r != '\u200c' && r != '\u200d' {
					break
				}
				i += size
			}
			i = thaiShort(s, start, i)
			out = append(out, token{kind: word, text: foldWord(strings.ToLower(s[start:i])), start: start, end: i, spaced: spaced})
		default:
			out = append(out, token{kind: symbol, text: sign(r, s[i:i+size]), start: i, end: i + size, spaced: spaced})
			i += size
		}
		spaced = false
	}
	return out
}

// sign makes one of the many dashes, colons and stops.
func sign(r rune, text string) string {
	switch r {
	case '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212':
		return "-"
	case '：':
		return ":"
	case '／':
		return "/"
	case '．', '。':
		return "."
	case '，', '、', '،', '၊', '։', '՝':
		return ","
	case '（':
		return "("
	case '）':
		return ")"
	}
	return text
}

func cjkUnit(r rune) bool {
	switch r {
	case '年', '月', '日', '時', '时', '分', '秒', '号', '號', '點', '点', '년', '월', '일', '시', '분', '초':
		return true
	}
	return false
}

// thaiShort takes the stops into a short Thai month: "ม.ค.".
func thaiShort(s string, start, end int) int {
	if r, _ := utf8.DecodeRuneInString(s[start:]); !unicode.Is(unicode.Thai, r) {
		return end
	}
	rest := s[end:]
	if !strings.HasPrefix(rest, ".") {
		return end
	}
	i := 1
	for i < len(rest) {
		r, size := utf8.DecodeRuneInString(rest[i:])
		if !unicode.Is(unicode.Thai, r) {
			break
		}
		i += size
	}
	if i == 1 || i >= len(rest) || rest[i] != '.' || i > 8 {
		return end
	}
	return end + i + 1
}

// digitValue is the value of a decimal digit of any script, or -1.
func digitValue(r rune) int {
	switch {
	case '0' <= r && r <= '9':
		return int(r - '0')
	case r < 0x660:
		return -1
	}
	for _, zero := range []rune{0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0xF20, 0x1040, 0x17E0, 0x1810, 0xFF10} {
		if zero <= r && r <= zero+9 {
			return int(r - zero)
		}
	}
	return -1
}

// hanDigit is the value of a numeral of Chinese script, 10 for ten, or -1.
func hanDigit(r rune) int {
	switch r {
	case '〇', '○', '零':
		return 0
	case '十':
		return 10
	}
	if r < 0x4E00 || r > 0x9FFF {
		return -1
	}
	for i, d := range []rune("一二三四五六七八九") {
		if r == d {
			return i + 1
		}
	}
	return -1
}

// hanNumber is the length in bytes of a number in Chinese numerals that a unit
// of date or time follows, as in 二〇二四年五月十三日, or 0.
func hanNumber(s string) int {
	for i, r := range s {
		if hanDigit(r) < 0 {
			if i > 0 && i <= 15 && cjkUnit(r) {
				return i
			}
			return 0
		}
	}
	return 0
}

// hanValue reads digits one by one (二〇二四) or by tens (二十三).
func hanValue(s string) (value, digits int) {
	tens, last := 0, 0
	ten := false
	for _, r := range s {
		d := hanDigit(r)
		digits++
		if d == 10 {
			ten = true
			tens += 10 * max(last, 1)
			last = 0
			continue
		}
		last = last*10 + d
	}
	if ten {
		return min(tens+last, 99), 2
	}
	return last, digits
}
