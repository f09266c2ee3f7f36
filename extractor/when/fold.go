package when

import "strings"

// foldWord brings the spellings of a word to one, so that a month is known with
// its accents and without, and in either of two letters that look alike: MAYIS
// for Mayıs, fevrier for février, Arabic's kinds of alef, Persian and Arabic
// yeh, letters of India with their dot as one sign or as two.
func foldWord(s string) string {
	plain := true
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			plain = false
			break
		}
	}
	if plain {
		return s
	}
	return strings.Map(foldRune, s)
}

// foldRune is a lower-case letter without its accent; -1 drops a sign.
func foldRune(r rune) rune {
	switch {
	case r < 0xC0:
		return r
	case r < 0x250:
		return foldLatin(r)
	case r >= 0x300 && r < 0x370:
		return -1
	case r >= 0x370 && r < 0x530:
		return foldGreekOrCyrillic(r)
	case r >= 0x590 && r < 0x780:
		return foldSemitic(r)
	}
	switch r {
	case 0x93C, 0x9BC, 0xA3C, 0xB3C, 0x200C, 0x200D, 0x200E, 0x200F: // nukta, joiners, marks of direction
		return -1
	case 0x95E:
		return 0x92B
	case 0x9DF:
		return 0x9AF
	case 0x9DC:
		return 0x9A1
	case 0x9DD:
		return 0x9A2
	case 0xA5E:
		return 0xA2B
	case 0xB5C:
		return 0xB21
	case 0xB5D:
		return 0xB22
	case 0x1E63:
		return 's'
	case 0x1EB9:
		return 'e'
	case 0x1ECD:
		return 'o'
	}
	return r
}

// latin holds, for each letter, those that are it with an accent.
var latin = strings.Fields("aàáâãäåāăą cçćĉċč dďđ eèéêëēĕėęě gĝğġģ hĥħ iìíîïĩīĭįı jĵ kķ lĺļľł nñńņň oòóôõöøōŏő rŕŗř sśŝşšș tţťŧț uùúûüũūŭůűų wŵ yýÿŷ zźżž")

var latinFolds = func() map[rune]rune {
	m := map[rune]rune{}
	for _, row := range latin {
		for _, r := range row[1:] {
			m[r] = rune(row[0])
		}
	}
	return m
}()

func foldLatin(r rune) rune {
	if f, ok := latinFolds[r]; ok {
		return f
	}
	return r
}

func foldGreekOrCyrillic(r rune) rune {
	switch r {
	case 'ά':
		return 'α'
	case 'έ':
		return 'ε'
	case 'ή':
		return 'η'
	case 'ί', 'ϊ', 'ΐ':
		return 'ι'
	case 'ό':
		return 'ο'
	case 'ύ', 'ϋ', 'ΰ':
		return 'υ'
	case 'ώ':
		return 'ω'
	case 'ς':
		return 'σ'
	case 'ё':
		return 'е'
	case 'й':
		return 'и'
	}
	return r
}

func foldSemitic(r rune) rune {
	switch r {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ي', 'ۍ', 'ې', 'ئ':
		return 'ی'
	case 'ك', 'ڪ':
		return 'ک'
	case 'ة':
		return 'ه'
	case 0x640: // tatweel
		return -1
	}
	if r >= 0x64B && r <= 0x65F || r >= 0x591 && r <= 0x5C7 {
		return -1
	}
	return r
}
