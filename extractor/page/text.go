package page

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fold makes every run of white space one space, and drops soft hyphens, zero
// width spaces and other marks that nobody sees.
func Fold(s string) string {
	if folded(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for i, r := range s {
		if ' ' < r && r < utf8.RuneSelf {
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteByte(s[i])
			continue
		}
		switch {
		case r == ' ' || r == '\n' || r == '\t' || r == '\r' || r == '\u00a0' || r > 0x7f && unicode.IsSpace(r):
			space = true
		case unseen(r):
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return b.String()
}

func folded(s string) bool {
	prev := byte(' ')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == ' ' && prev == ' ' {
			return false
		}
		prev = c
	}
	return len(s) == 0 || prev != ' '
}

// unseen are runes without a shape of their own. The joiners U+200C and U+200D
// stay: Persian and the Indic scripts spell with them.
func unseen(r rune) bool {
	switch r {
	case 0xAD, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068, 0x2069:
		return true
	}
	return r < ' ' && r != '\n' && r != '\t' && r != '\r'
}

// Letters counts the letters and digits of a text; a Han, kana, Hangul or Thai
// letter counts twice, for it says as much as two of an alphabet.
func Letters(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			if 'a' <= r|0x20 && r|0x20 <= 'z' || '0' <= r && r <= '9' {
				n++
			}
		case r >= 0x0E00 && r <= 0x0E7F, r >= 0x3040 && r <= 0x9FFF, r >= 0xAC00 && r <= 0xD7AF:
			n += 2
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			n++
		}
	}
	return n
}
