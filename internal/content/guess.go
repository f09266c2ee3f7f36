package content

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
)

// guessLen is how much text a guess is made from.
const guessLen = 64 << 10

// guess names the encoding of bytes that declare none truly and are not UTF-8:
// by the shape of multi-byte text, then by the script and letter case that
// single-byte candidates would give, then by the page's language, as browsers
// choose their fallback. What stays in doubt is windows-1252.
func guess(body []byte) (encoding.Encoding, string) {
	sample := body[:min(len(body), guessLen)]
	if name := guessDouble(sample); name != "" {
		return charset.Lookup(name)
	}
	high := highRuns(sample)
	hint := languageFallback(sample)
	best, bestScore := "windows-1252", scoreSingle(high, "windows-1252")
	for _, name := range [...]string{"windows-1251", "koi8-u", "ibm866", "windows-1253", "windows-1255", "windows-1256", "windows-874"} {
		// Other scripts have to be clearly likelier than accented Latin.
		if score := scoreSingle(high, name); score > bestScore+bestScore/4+1 {
			best, bestScore = name, score
		}
	}
	if hint != "" && (best == "windows-1252" || hint == best) {
		best = hint
	}
	return charset.Lookup(best)
}

// guessDouble recognises East Asian encodings by their byte pairs.
func guessDouble(sample []byte) string {
	var pairs, broken, kanaEUC, hangul, level1, trailLow, kanaSJIS int
	for i := 0; i < len(sample); i++ {
		lead := sample[i]
		if lead < 0x80 {
			continue
		}
		if i+1 == len(sample) {
			break
		}
		trail := sample[i+1]
		if lead == 0x80 || lead == 0xff || trail < 0x40 || trail == 0x7f || trail == 0xff {
			broken++
			continue
		}
		i++
		pairs++
		switch {
		case lead == 0x82 && trail >= 0x9f && trail <= 0xf1, lead == 0x83 && trail <= 0x96:
			kanaSJIS++
		case (lead == 0xa4 || lead == 0xa5) && trail >= 0xa1:
			kanaEUC++
		}
		if lead >= 0xb0 && lead <= 0xc8 && trail >= 0xa1 {
			hangul++
		}
		if lead >= 0xb0 && lead <= 0xd7 && trail >= 0xa1 {
			level1++
		}
		if lead >= 0xa4 && lead <= 0xc6 && trail < 0x80 {
			trailLow++
		}
	}
	if pairs < 4 || broken*50 > pairs {
		return ""
	}
	switch {
	case kanaSJIS*5 > pairs:
		return "shift_jis"
	case kanaEUC*5 > pairs:
		return "euc-jp"
	case hangul*10 > pairs*8:
		return "euc-kr"
	case trailLow*4 > pairs:
		return "big5"
	case level1*10 > pairs*6:
		return "gbk"
	}
	return ""
}

// highRuns gives the words of sample that have bytes beyond ASCII in them.
func highRuns(sample []byte) [][]byte {
	var words [][]byte
	start, high := -1, false
	for i := 0; i <= len(sample); i++ {
		inWord := i < len(sample) && (sample[i] >= 0x80 || sample[i]|0x20 >= 'a' && sample[i]|0x20 <= 'z')
		if inWord {
			if start < 0 {
				start, high = i, false
			}
			high = high || sample[i] >= 0x80
			continue
		}
		if start >= 0 && high {
			words = append(words, sample[start:i])
		}
		if start = -1; len(words) == 4096 {
			break
		}
	}
	return words
}

// common are letters that make up most of a text in their script.
const common = "оеаинтсрвл" + "αοιετνσρ" + "יוהלארמתבש" + "اليومن" + "éèàáíóúñçãõäöüßåøæ" + "กานรอเ"

// scoreSingle weighs words decoded as name: letters of one script in natural
// case count for it, symbols within words and odd mixtures against it.
func scoreSingle(words [][]byte, name string) int {
	enc, _ := charset.Lookup(name)
	if enc == nil {
		return 0
	}
	decoder := enc.NewDecoder()
	score := 0
	for _, word := range words {
		text, err := decoder.Bytes(word)
		if err != nil {
			continue
		}
		score += scoreWord(text)
	}
	return score
}

func scoreWord(text []byte) int {
	score := 0
	var before rune
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case r == utf8.RuneError || unicode.IsControl(r):
			score -= 10
		case r < utf8.RuneSelf:
			if before >= 0x250 && unicode.IsLetter(before) {
				score -= 3 // a Latin letter within a word of another script
			}
		case !unicode.IsLetter(r) && !unicode.IsMark(r):
			if before != 0 && len(text) > 0 {
				score -= 3 // a symbol within a word
			}
		default:
			if strings.ContainsRune(common, r) {
				score += 2
			}
			if unicode.IsUpper(r) && unicode.IsLower(before) {
				score -= 4
			}
			if r >= 0x250 && before != 0 && before < utf8.RuneSelf {
				score -= 3
			}
			if r < 0x250 && before >= 0x80 && before < 0x250 {
				score -= 2 // two accented letters side by side are rare
			}
		}
		before = r
	}
	return score
}

// languageFallback is the encoding that browsers assume for the language that
// the page says it is in (HTML standard, table of suggested defaults).
func languageFallback(sample []byte) string {
	head := sample[:min(len(sample), 2048)]
	i := bytes.Index(head, []byte("lang="))
	if i < 0 {
		return ""
	}
	value := strings.TrimLeft(string(head[i+len("lang="):min(len(head), i+len("lang=")+8)]), `"'`)
	if len(value) < 2 {
		return ""
	}
	switch strings.ToLower(value[:2]) {
	case "ar", "fa":
		return "windows-1256"
	case "ru", "uk", "bg", "be", "mk", "sr", "ky", "tg", "tt":
		return "windows-1251"
	case "cs", "hu", "pl", "sk", "sl", "hr", "ro", "bs":
		return "windows-1250"
	case "el":
		return "windows-1253"
	case "et", "lt", "lv":
		return "windows-1257"
	case "he":
		return "windows-1255"
	case "tr", "az", "ku":
		return "windows-1254"
	case "th":
		return "windows-874"
	case "vi":
		return "windows-1258"
	}
	return ""
}
