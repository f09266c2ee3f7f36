package archive

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// folder brings texts into the form that words are looked for in: letters and
// digits without case and diacritics, everything between them one blank, and a
// blank at both ends. It remembers what it looked up; not for concurrent use.
type folder struct {
	runes map[rune]string
	buf   []byte
}

func newFolder() *folder { return &folder{runes: map[rune]string{}} }

// asciiFold holds what ASCII characters become: themselves, their lower case,
// or a blank.
var asciiFold = func() (table [utf8.RuneSelf]byte) {
	for c := range table {
		switch {
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9':
			table[c] = byte(c)
		case 'A' <= c && c <= 'Z':
			table[c] = byte(c) + 'a' - 'A'
		default:
			table[c] = ' '
		}
	}
	return table
}()

// fold folds a text. The result is valid until the next call.
func (f *folder) fold(text string) []byte {
	b := slices.Grow(f.buf[:0], len(text)+2)[:len(text)+2]
	b[0] = ' '
	n := 1 // bytes of the result; there is always room for what is left of text
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf {
			if low := asciiFold[c]; low != ' ' || b[n-1] != ' ' {
				b[n] = low
				n++
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		s := f.foldRune(r)
		if s == " " && b[n-1] == ' ' {
			continue
		}
		if need := n + len(s) + len(text) - i + 1; need > len(b) {
			b = slices.Grow(b, need-len(b))[:need]
		}
		n += copy(b[n:], s)
	}
	if b[n-1] != ' ' {
		b[n] = ' '
		n++
	}
	f.buf = b
	return b[:n]
}

// foldIndexed folds a text and says for each byte of the result where in the
// text it comes from.
func (f *folder) foldIndexed(text string) (folded []byte, from []int32) {
	folded, from = []byte{' '}, []int32{0}
	add := func(s string, at int) {
		if s == " " && folded[len(folded)-1] == ' ' {
			return
		}
		for j := range len(s) {
			folded, from = append(folded, s[j]), append(from, int32(at))
		}
	}
	for i, r := range text {
		if r < utf8.RuneSelf {
			add(string(rune(asciiFold[r])), i)
		} else {
			add(f.foldRune(r), i)
		}
	}
	add(" ", len(text))
	return folded, from
}

// letters that Unicode does not take apart into a base and a mark.
var letters = map[rune]string{'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ł': "l", 'ħ': "h", 'ı': "i", 'þ': "th", 'ð': "d"}

// foldRune returns what a character that is not ASCII becomes: "" for a mark
// that only decorates, " " for what is no part of a word.
func (f *folder) foldRune(r rune) string {
	if s, ok := f.runes[r]; ok {
		return s
	}
	s := foldRune(r)
	if len(f.runes) < 1<<16 {
		f.runes[r] = s
	}
	return s
}

func foldRune(r rune) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(string(r)) {
		r = unicode.ToLower(r)
		switch {
		case decorates(r):
		case letters[r] != "":
			b.WriteString(letters[r])
		case unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r):
			b.WriteRune(r)
		default:
			b.WriteByte(' ')
		}
	}
	s := norm.NFC.String(b.String())
	if strings.TrimSpace(s) == "" && s != "" {
		return " "
	}
	return s
}

// decorates says whether a mark is a diacritic that people leave out when they
// search: those of the European scripts, of Hebrew and of Arabic. The vowel
// signs of Indic and Thai script are no such marks.
func decorates(r rune) bool {
	switch {
	case 0x0300 <= r && r <= 0x036f, 0x1ab0 <= r && r <= 0x1aff, 0x1dc0 <= r && r <= 0x1dff, 0x20d0 <= r && r <= 0x20ff,
		0xfe20 <= r && r <= 0xfe2f:
		return true
	case 0x0591 <= r && r <= 0x05c7:
		return unicode.IsMark(r)
	case 0x064b <= r && r <= 0x065f, r == 0x0670:
		return true
	case r == 0x00ad, r == 0x200b, r == 0x200c, r == 0x200d, r == 0x2060:
		return true // soft hyphen and characters without width
	}
	return false
}

// unspaced says whether words are written without blanks around them in the
// script of a character, so that they can only be looked for within others.
func unspaced(r rune) bool {
	return r > 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai,
		unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan) || r == 'ー'
}
