package page

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"
)

// guessable are the legacy encodings of news pages that are tried where a page
// declares none, in the order in which a tie is decided.
var guessable = []string{
	"windows-1252", "windows-1251", "koi8-r", "shift_jis", "euc-jp", "gb18030", "big5", "euc-kr",
	"windows-1256", "windows-1255", "windows-874", "windows-1250", "iso-8859-2", "windows-1253", "windows-1254", "windows-1257", "windows-1258",
}

// letters are those of the languages that a Latin encoding is used for. The
// readings of a byte in these encodings are all letters: only which ones tells
// them apart.
var letters = map[string]string{
	"windows-1252": "éèàáíóúñçãõäöüßåøæêâîôûëïìòùœ",
	"windows-1250": "ąćęłńóśźżáčďéěíňřšťúůýžöőüűăâîşţľôäđ",
	"iso-8859-2":   "ąćęłńóśźżáčďéěíňřšťúůýžöőüűăâîşţľôäđ",
	"windows-1254": "çğıöşüİâî",
	"windows-1257": "āčēģīķļņšūžąęėįųõäöü",
	"windows-1258": "ăâđêôơưáàéèóòíúùý",
}

// hinted is what a guess gains where the page states a language of its encoding.
const hinted = 0.15

// languages are those of the encodings that are told apart with difficulty.
var languages = map[string]string{
	"windows-1250": "cs hu pl sk sl hr ro bs sq", "windows-1254": "tr az ku", "windows-1257": "lt lv et", "windows-1258": "vi", "windows-1252": "is fo de fr es pt it nl sv da nb no fi en",
}

// statedLanguage is the language of the first lang attribute, or "".
func statedLanguage(body []byte) string {
	head := bytes.ToLower(body[:min(len(body), 2048)])
	_, after, ok := bytes.Cut(head, []byte("lang="))
	after = bytes.TrimLeft(after, "\"'")
	if !ok || len(after) < 2 {
		return ""
	}
	return string(after[:2])
}

// guessSample bounds the bytes that a guess reads.
const guessSample = 64 << 10

// guessCharset reads the bytes above 0x7F (with what stands next to them) in
// each known encoding, and takes the reading that looks most like text.
func guessCharset(body []byte) string {
	sample := highBytes(body)
	if len(sample) == 0 {
		return "windows-1252"
	}
	best, bestScore := "windows-1252", -1e18
	lang := statedLanguage(body)
	for i, name := range guessable {
		text := transcode(sample, name)
		score := plausibility(text, letters[name]) - float64(i)*1e-6
		if lang != "" && strings.Contains(languages[name], lang) || name == "windows-1250" && hungarian(text) {
			score += hinted
		}
		if score > bestScore {
			best, bestScore = name, score
		}
	}
	return best
}

// hungarian tells whether a reading has long and short umlauts, and no a with
// dots: of the languages that a byte's readings õ and ő lie between, none else.
func hungarian(text []byte) bool {
	return bytes.ContainsAny(text, "őű") && bytes.ContainsAny(text, "öü") && !bytes.ContainsAny(text, "äăçęâ")
}

// highBytes collects runs that hold bytes above 0x7F, without markup.
func highBytes(body []byte) []byte {
	out := make([]byte, 0, 4096)
	for i := 0; i < len(body) && len(out) < guessSample; i++ {
		if body[i] < utf8.RuneSelf {
			continue
		}
		end := i
		for end < len(body) && end-i < 4096 && body[end] != '<' && body[end] != '>' && (body[end] >= 0x30 || body[end] == ' ') {
			end++
		}
		if end == i {
			end = i + 1
		}
		out = append(append(out, body[i:end]...), ' ')
		i = end
	}
	return out
}

// plausibility is the mean worth of a reading's runes: letters of one script in
// their usual case count, controls, lone marks and mixed scripts cost.
//
// own are the letters of a Latin encoding's languages, "" for one of another
// script.
func plausibility(text []byte, own string) float64 {
	var sum, n float64
	prev := rune(' ')
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		if r < utf8.RuneSelf {
			prev = r
			continue
		}
		n++
		w := runeWorth(r, prev)
		switch {
		case own == "":
		case unicode.Is(unicode.Mn, r) && unicode.IsLetter(prev):
			w = 0.7
		case unicode.IsLetter(r) && strings.ContainsRune(own, unicode.ToLower(r)) || r == 'İ' && strings.ContainsRune(own, r):
			w += 0.15
		case unicode.IsLetter(r):
			w -= 0.4
		}
		sum += w
		prev = r
	}
	if n == 0 {
		return -1
	}
	return sum / n
}

func runeWorth(r, prev rune) float64 {
	switch {
	case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Co, r):
		return -4
	case unicode.Is(unicode.Han, r):
		switch {
		case unicode.Is(unicode.Hangul, prev):
			return -0.5 // Korean news hardly mixes the two within a word
		case strings.ContainsRune(commonHan, r):
			return 1.2
		case r >= 0x4E00 && r <= 0x9FA5:
			return 0.5
		}
		return -0.5
	case unicode.In(r, unicode.Hiragana, unicode.Katakana):
		if r >= 0xFF61 && r <= 0xFF9F { // half-width kana: the mark of a wrong reading
			return -0.5
		}
		return 1
	case unicode.Is(unicode.Hangul, r):
		if unicode.Is(unicode.Han, prev) {
			return -0.5
		}
		return 0.8
	case unicode.Is(unicode.Cyrillic, r), unicode.Is(unicode.Greek, r), unicode.Is(unicode.Hebrew, r),
		unicode.Is(unicode.Arabic, r), unicode.Is(unicode.Thai, r):
		if prev < utf8.RuneSelf && unicode.IsLetter(prev) {
			return -1
		}
		if strings.ContainsRune(commonLetters, unicode.ToLower(r)) {
			return caseWorth(r, prev) + 0.15
		}
		return caseWorth(r, prev) - 0.2
	case unicode.IsLetter(r):
		if prev < utf8.RuneSelf && unicode.IsLetter(prev) || prev == ' ' {
			return caseWorth(r, prev) - 0.1
		}
		return -0.6
	case unicode.IsPunct(r):
		return 0.3
	}
	return -0.4
}

// commonLetters are the commonest of the alphabets that are guessed between, and
// commonHan the commonest characters of Chinese news, simple and traditional.
const (
	commonLetters = "оеаинтсрвлкмдпуяюыіїαοιετσνηυρπкיוהלאמרתבשםןاليمونترةعدسفबنانรกอเงมยวลตสดทคบปพจไใแ่้าิีุูัะ"
	commonHan     = "的一是在不了有和人这這中大为為上个個国國我以要他时時来來用们們生到作地于於出就分对對成会會可主发發年动動同工也能下过過子说說而方后後多定行学學法所民得经經三之进進等部度家电電力里如化高自理起小实實加量都两兩体體制机機当當使点點从從业業本去把性好应應开開因由其前外天政日社事平形相全表间間关關各重新内數数正心明看原利比或但质第向道此变變只没沒结結解问問意建月公无無军情者最立代想已通并提直题題员員位入常文总總次品式活设設及管特件长長求市府宣布春星期五汽车車报報称稱"
)

// caseWorth is low for a capital within a word.
func caseWorth(r, prev rune) float64 {
	switch {
	case !unicode.IsUpper(r):
		return 0.9
	case unicode.IsLower(prev):
		return -1
	case unicode.IsUpper(prev):
		return 0.2
	}
	return 0.9
}
