package content

import (
	"strings"
	"testing"

	"golang.org/x/net/html/charset"
)

func encodeAs(t testing.TB, name, text string) []byte {
	t.Helper()
	enc, _ := charset.Lookup(name)
	b, err := enc.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return b
}

var samples = map[string]string{
	"ru": "Сегодня в Москве прошли переговоры министров иностранных дел. Стороны обсудили положение в Сирии и договорились о новой встрече.",
	"uk": "Сьогодні у Києві відбулася зустріч міністрів. Сторони обговорили ситуацію та домовилися про подальшу співпрацю.",
	"el": "Η συνάντηση των υπουργών πραγματοποιήθηκε σήμερα στην Αθήνα και συζητήθηκαν οι εξελίξεις.",
	"he": "הפגישה בין השרים התקיימה היום בירושלים והצדדים דנו במצב",
	"ar": "عقد الوزراء اليوم اجتماعا في القاهرة وناقشوا الوضع في المنطقة",
	"fr": "Les ministres se sont rencontrés à l'été dernier; la réunion a été très longue, où l'on a évoqué la sécurité.",
	"de": "Die Minister trafen sich am Mittwoch in Köln und erörterten die Lage; große Übereinstimmung wurde nicht erzielt.",
	"ja": "外務大臣は本日、東京で記者会見を開き、今後の日程について説明した。これからも協議を続けるとしている。",
	"ko": "외교부 장관은 오늘 서울에서 기자회견을 열고 앞으로의 일정에 대해 설명했다.",
	"zh": "外交部长今天在北京举行记者会，就当前局势回答了记者的提问，双方同意继续保持沟通。",
	"tw": "外交部長今天在臺北舉行記者會，就當前局勢回答了記者的提問，雙方同意繼續保持溝通。",
}

func TestUndeclaredCharsetIsFoundFromItsBytes(t *testing.T) {
	for _, c := range []struct{ language, name string }{
		{"ru", "windows-1251"}, {"ru", "koi8-r"}, {"ru", "ibm866"}, {"uk", "windows-1251"}, {"uk", "koi8-u"},
		{"el", "windows-1253"}, {"he", "windows-1255"}, {"ar", "windows-1256"},
		{"fr", "windows-1252"}, {"de", "windows-1252"},
		{"ja", "shift_jis"}, {"ja", "euc-jp"}, {"ko", "euc-kr"}, {"zh", "gbk"}, {"tw", "big5"},
	} {
		text := "<p>" + samples[c.language] + "</p>"
		body := encodeAs(t, c.name, text)
		enc, name := Charset(body, "text/html", "text/html")
		if enc == nil {
			t.Errorf("%s in %s taken as %s", c.language, c.name, name)
			continue
		}
		got, _ := ToUTF8(nil, body, enc, Limits{})
		if string(got) != text {
			t.Errorf("%s in %s taken as %s: %.60s", c.language, c.name, name, got)
		}
	}
}

func TestCharsetPrefersWhatTheBytesProve(t *testing.T) {
	russian := "<p>" + samples["ru"] + "</p>"
	win := string(encodeAs(t, "windows-1251", russian))
	meta := func(name string) string { return `<html><head><meta charset="` + name + `"></head>` }
	for _, c := range []struct{ what, declared, media, body, want string }{
		{"valid UTF-8 whatever the field says", "text/html; charset=windows-1251", "text/html", russian, "utf-8"},
		{"valid UTF-8 whatever the page says", "text/html", "text/html", meta("koi8-r") + russian, "utf-8"},
		{"valid UTF-8 cut within a character", "text/html; charset=koi8-r", "text/html", russian[:len(russian)-5], "utf-8"},
		{"the field before the page", "text/html; charset=windows-1251", "text/html", meta("koi8-r") + win, "windows-1251"},
		{"the page where the field is silent", "text/html", "text/html", meta("windows-1251") + win, "windows-1251"},
		{"the page where the field names nothing", "text/html; charset=nonsense", "text/html", meta("windows-1251") + win, "windows-1251"},
		{"not a declaration within a comment", "text/html", "text/html", "<!-- " + meta("koi8-r") + "-->" + meta("windows-1251") + win, "windows-1251"},
		{"latin1 as windows-1252", "text/html; charset=ISO-8859-1", "text/html", "caf\xe9", "windows-1252"},
		{"plain ASCII as UTF-8", "text/html; charset=us-ascii", "text/html", "hello", "utf-8"},
		{"escapes of ISO-2022-JP", "text/html; charset=iso-2022-jp", "text/html", "\x1b$B$3$l\x1b(B", "iso-2022-jp"},
		{"not UTF-16 that is plain ASCII", "text/html; charset=utf-16", "text/html", "<p>hello</p>", "utf-8"},
		{"UTF-16 without a mark", "text/html; charset=utf-16le", "text/html", "<\x00p\x00>\x00h\x00i\x00", "utf-16le"},
		{"a mark before all", "text/html; charset=koi8-r", "text/html", "\xef\xbb\xbfhello", "utf-8"},
		{"UTF-8 with a broken byte", "text/html; charset=utf-8", "text/html", russian + "\xff", "utf-8"},
		{"an XML declaration", "text/xml", "application/rss+xml", `<?xml version="1.0" encoding="windows-1251"?><rss>` + win, "windows-1251"},
		{"a quoted charset with spaces", `text/html; charset = "windows-1251"`, "text/html", win, "windows-1251"},
	} {
		if _, name := Charset([]byte(c.body), c.declared, c.media); name != c.want {
			t.Errorf("%s: %s, want %s", c.what, name, c.want)
		}
	}
}

func TestToUTF8StopsAtItsLimitBetweenCharacters(t *testing.T) {
	body := encodeAs(t, "windows-1251", strings.Repeat("я", 1000))
	enc, _ := charset.Lookup("windows-1251")
	for limit := int64(1); limit < 40; limit++ {
		text, cut := ToUTF8(nil, body, enc, Limits{Max: limit})
		if cut != LimitView || int64(len(text)) != limit/2*2 || strings.Trim(string(text), "я") != "" {
			t.Errorf("limit %d: %q, cut by %q", limit, text, cut)
		}
	}
}
