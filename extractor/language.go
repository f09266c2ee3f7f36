package extractor

import (
	"strings"
	"unicode"

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
	case sure > 0.85:
		return seen, "text", 0.85
	}
	return stated, "markup", 0.7
}

// kin are languages that a short text does not tell apart.
func kin(a, b string) bool {
	for _, group := range []string{" no nb nn da sv ", " hr sr bs sl mk sh ", " id ms ", " cs sk ", " uk ru be bg mk sr ", " es gl ca pt ast ", " hi mr ne ", " fa ur ps ar ckb ", " de lb gsw nds ", " af nl fy ", " zu xh ss nr ", " tr az ", " zh yue ", " et fi ", " lv lt "} {
		if strings.Contains(group, " "+a+" ") && strings.Contains(group, " "+b+" ") {
			return true
		}
	}
	return false
}

// sampleBytes of a body tell its language.
const sampleBytes = 4096

// detect reads the language of a text: by script where one script is one
// language, else by its commonest small words.
func detect(text string) (code string, sure float64) {
	if len(text) > sampleBytes {
		text = strings.ToValidUTF8(text[:sampleBytes], "")
	}
	counts := map[string]int{}
	letters := 0
	for _, r := range text {
		if r < 0x80 {
			if 'a' <= r|0x20 && r|0x20 <= 'z' {
				letters++
			}
			continue
		}
		if !unicode.IsLetter(r) {
			continue
		}
		letters++
		counts[scriptLanguage(r)]++
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
	for _, c := range []string{"th", "el", "he", "ka", "hy", "bn", "ta", "te", "ml", "kn", "gu", "pa", "my", "km", "lo", "am", "si"} {
		if counts[c] > letters/2 {
			return c, 0.97
		}
	}
	return bySmallWords(text)
}

// scriptLanguage is the language of a letter whose script has but one in news.
func scriptLanguage(r rune) string {
	switch {
	case r < 0x0370:
		return ""
	case r < 0x0400:
		return "el"
	case r < 0x0530:
		return ""
	case r < 0x0590:
		return "hy"
	case r < 0x0600:
		return "he"
	case r < 0x0980:
		return ""
	case r < 0x0A00:
		return "bn"
	case r < 0x0A80:
		return "pa"
	case r < 0x0B00:
		return "gu"
	case r >= 0x0B80 && r < 0x0C00:
		return "ta"
	case r >= 0x0C00 && r < 0x0C80:
		return "te"
	case r >= 0x0C80 && r < 0x0D00:
		return "kn"
	case r >= 0x0D00 && r < 0x0D80:
		return "ml"
	case r >= 0x0D80 && r < 0x0E00:
		return "si"
	case r >= 0x0E00 && r < 0x0E80:
		return "th"
	case r >= 0x0E80 && r < 0x0F00:
		return "lo"
	case r >= 0x1000 && r < 0x10A0:
		return "my"
	case r >= 0x10A0 && r < 0x1100:
		return "ka"
	case r >= 0x1200 && r < 0x1380:
		return "am"
	case r >= 0x1780 && r < 0x1800:
		return "km"
	case r >= 0x3040 && r < 0x3100:
		return "ja"
	case r >= 0x3400 && r < 0xA000:
		return "zh"
	case r >= 0xAC00 && r < 0xD7B0:
		return "ko"
	}
	return ""
}

// smallWords are each language's commonest words that few others share.
var smallWords = map[string]string{
	"en": "the and of to in is that for with was his are from have has were this been which their",
	"de": "der die und den von das mit ist dem des nicht sich auf für ein eine auch als wird bei",
	"fr": "le les des est dans une que qui pour sur pas plus par au avec ce du été il cette",
	"es": "el los las una que por con para del se como más su al este pero han sido lo ya",
	"pt": "os uma que não com para por mais dos da do em ao foi são pelo como na no seu",
	"it": "il di che per non una sono del della con è nel gli alla dei più anche dal ha le",
	"ca": "els les una amb que per del no és als han aquest més també dels la són seva ha",
	"ro": "și în care pentru din nu cu este sunt au fost mai că la pe prin după acest către",
	"nl": "het een van de en dat niet zijn voor met op is aan ook worden bij werd naar maar",
	"af": "die het en van nie om vir met dat hy sal wat is op te deur hulle ook was",
	"sv": "och att det som en på är av för inte med till har den om ett var men sig från",
	"da": "og at det er en til på af ikke med for der den har som til blev været også fra",
	"no": "og det er en til på av ikke med for som har at den han var fra etter blir også",
	"is": "og að ekki sem er við það um fyrir hann voru með hefur þá verið var til því en",
	"fi": "ja on ei että se oli hän myös kuin ovat mutta joka sen mukaan ole olisi tai mitä",
	"et": "ja on ei et see oli ka kes mis kui aga ning tema pole oma ta või nii",
	"lv": "un ir ar par no kas ka lai bija to arī nav tas pie kā gan līdz pēc",
	"lt": "ir kad yra su tai ne bet kaip apie buvo savo dėl nuo jau taip tik per į iš",
	"pl": "w i na z się nie do że jest to o jak po przez za od dla są który tym",
	"cs": "se na je že v z s do o ve pro za by ale jako jsou to není po při",
	"sk": "sa na je že v z s do o vo pre za by ale ako sú to nie po pri",
	"sl": "je in v na za da se so z ki pa tudi ne po pri bi od kot bo",
	"hr": "je i u na da se za su od koji s kao što nije o to ali će iz",
	"hu": "a az és hogy nem is egy meg volt ez csak már még mint de el szerint azt",
	"tr": "ve bir bu da için ile de olarak çok olan daha gibi kadar sonra ancak ise",
	"az": "və bir bu üçün ilə də olan olub ki edib isə daha kimi sonra görə",
	"sq": "dhe në e të për me nga që një është ka janë do nuk si më por se",
	"eu": "eta da ez du dira bat dute zen egin baina ere izan dela den",
	"ga": "agus an na ar go le sé is do ag bhí tá leis ina",
	"cy": "yn y yr a i o ar mae wedi ei gan bod hefyd eu",
	"id": "yang dan di dengan untuk dari ini itu pada tidak dalam akan juga ke oleh",
	"ms": "yang dan di dengan untuk dari ini itu pada tidak dalam akan juga oleh kata beliau",
	"tl": "ang ng sa na mga at ay para hindi ni kay ito nang siya",
	"vi": "và của là có không được cho các trong với một người này đã để những khi",
	"sw": "na ya wa kwa ni katika za la kuwa hiyo huo hii cha kama",
	"zu": "ukuthi futhi uma yena ngoba lapho khona le la uthe bese kodwa nga kanye",
	"ru": "и в не на что с по как это из за его для от он был были также она",
	"uk": "і в не на що з та до як за це про для від у він був також його",
	"be": "і ў не на што з па як гэта за для ад ён быў таксама яго да",
	"bg": "и в на не да се за от са че с по като има е до този още",
	"mk": "и во на не да се за од што ќе со по како е до беше ја",
	"sr": "и у на не да се за од је су са по као што до али који",
	"kk": "және мен бұл үшін бар болып деп осы бір қазақстан де да туралы",
	"ar": "في من على إلى أن التي عن الذي مع هذا ما كان لا بعد قال",
	"fa": "در به از که این را با است برای آن های می شد بر تا",
	"ur": "کے میں کی ہے اور سے کا کو نے پر کہ ہیں کہا یہ",
	"hi": "के में की है और से का को ने पर कि हैं यह भी नहीं",
	"mr": "आणि आहे या होते तर ही हे आहेत केली त्या करून मध्ये",
}

var smallWordLangs = func() map[string][]string {
	m := map[string][]string{}
	for lang, words := range smallWords {
		for _, w := range strings.Fields(words) {
			m[w] = append(m[w], lang)
		}
	}
	return m
}()

// bySmallWords counts small words; a word of several languages counts for each,
// the less the more they are.
func bySmallWords(text string) (code string, sure float64) {
	scores := map[string]float64{}
	n := 0
	for _, w := range wordList(text) {
		langs := smallWordLangs[w]
		if len(langs) > 0 {
			n++
		}
		for _, l := range langs {
			scores[l] += 1 / float64(len(langs))
		}
	}
	best, second := "", 0.0
	for lang, v := range scores {
		switch {
		case best == "" || v > scores[best] || v == scores[best] && lang < best:
			if best != "" {
				second = max(second, scores[best])
			}
			best = lang
		case v > second:
			second = v
		}
	}
	if n < 6 || best == "" {
		return "", 0
	}
	return best, min(0.97, 0.5+0.5*(scores[best]-second)/scores[best])
}
