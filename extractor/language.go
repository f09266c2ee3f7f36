package extractor

import (
	"strings"
	"unicode"

	"github.com/abadojack/whatlanggo"
	"golang.org/x/text/language"
)

// language is the page's stated language.
func (s *story) language() string {
	for _, l := range []string{s.meta.Lang, s.meta.Get("og:locale"), s.meta.Get("content-language"), s.meta.Get("language"), s.header("Content-Language")} {
		if l = strings.TrimSpace(l); len(l) >= 2 && len(l) < 12 {
			return strings.ReplaceAll(l, "_", "-")
		}
	}
	return ""
}

// header is a response field's first value.
func (s *story) header(name string) string {
	for _, f := range s.p.Header {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// sampleLetters is how much of a body tells its language.
const sampleLetters = 1200

// articleLanguage is the body's language as a BCP 47 tag: what the page states,
// unless the text is clearly in another one. Pages state their template's
// language as often as the story's.
func (s *story) articleLanguage(body string) (tag, from string, confidence float64) {
	stated := ""
	if t, err := language.Parse(s.language()); err == nil {
		stated = t.String()
	}
	for i := range s.things {
		if t, err := language.Parse(s.things[i].Language); err == nil && s.things[i].Language != "" && stated == "" {
			stated = t.String()
		}
	}
	seen, sure := detect(body)
	base, _, _ := strings.Cut(stated, "-")
	switch {
	case stated == "" && seen != "":
		return seen, "text", sure
	case stated == "":
		return "", "", 0
	case seen == "" || seen == base || kin(seen, base):
		return stated, "markup", 0.97
	case sure > 0.9:
		return seen, "text", 0.8
	}
	return stated, "markup", 0.7
}

// kin are languages that a short text does not tell apart.
func kin(a, b string) bool {
	for _, group := range []string{" no nb nn da sv ", " hr sr bs sl mk ", " id ms ", " cs sk ", " uk ru be bg ", " es gl ca pt ast ", " hi mr ne ", " fa ur ps ", " de lb gsw ", " af nl ", " zu xh ss nr ", " tr az ", " zh yue "} {
		if strings.Contains(group, " "+a+" ") && strings.Contains(group, " "+b+" ") {
			return true
		}
	}
	return false
}

// detect reads the language of a text: by script where one script is one
// language, else by its trigrams.
func detect(text string) (code string, sure float64) {
	counts := map[string]int{}
	letters, end := 0, len(text)
	for i, r := range text {
		if !unicode.IsLetter(r) {
			continue
		}
		if letters++; letters > sampleLetters {
			end = i
			break
		}
		switch {
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			counts["ja"]++
		case unicode.Is(unicode.Hangul, r):
			counts["ko"]++
		case unicode.Is(unicode.Han, r):
			counts["zh"]++
		case unicode.Is(unicode.Thai, r):
			counts["th"]++
		case unicode.Is(unicode.Greek, r):
			counts["el"]++
		case unicode.Is(unicode.Hebrew, r):
			counts["he"]++
		}
	}
	if letters < 60 {
		return "", 0
	}
	switch {
	case counts["ja"] > letters/20:
		return "ja", 0.99
	case counts["ko"] > letters/3:
		return "ko", 0.99
	case counts["zh"] > letters/2:
		return "zh", 0.95
	}
	for _, c := range []string{"th", "el", "he"} {
		if counts[c] > letters/2 {
			return c, 0.97
		}
	}
	info := whatlanggo.Detect(text[:end])
	return info.Lang.Iso6391(), info.Confidence
}
