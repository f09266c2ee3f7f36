package page

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
)

// samples are sentences of news in the encodings of their time.
var samples = []struct {
	name string
	enc  encoding.Encoding
	text string
}{
	{"windows-1252", charmap.Windows1252, "Die Brücke über den Fluss bleibt für längere Zeit gesperrt, heißt es."},
	{"windows-1251", charmap.Windows1251, "Городские власти сообщили, что мост через реку будет закрыт до весны."},
	{"koi8-r", charmap.KOI8R, "Городские власти сообщили, что мост через реку будет закрыт до весны."},
	{"shift_jis", japanese.ShiftJIS, "みなと市は、市内を流れる川にかかる橋を来週から春まで通行止めにすると発表した。"},
	{"euc-jp", japanese.EUCJP, "みなと市は、市内を流れる川にかかる橋を来週から春まで通行止めにすると発表した。"},
	{"gb18030", simplifiedchinese.GB18030, "市政府星期五宣布，由于桥墩出现裂缝，横跨河流的大桥将对汽车关闭到明年春天。"},
	{"big5", traditionalchinese.Big5, "市政府星期五宣布，由於橋墩出現裂縫，橫跨河流的大橋將對汽車關閉到明年春天。"},
	{"euc-kr", korean.EUCKR, "시는 금요일 강을 가로지르는 다리를 내년 봄까지 자동차에 대해 폐쇄한다고 발표했다."},
	{"windows-1256", charmap.Windows1256, "أعلنت البلدية يوم الجمعة أن الجسر سيبقى مغلقا أمام السيارات حتى الربيع"},
	{"windows-1255", charmap.Windows1255, "העירייה הודיעה ביום שישי כי הגשר יישאר סגור למכוניות עד האביב"},
	{"windows-874", charmap.Windows874, "เทศบาลประกาศเมื่อวันศุกร์ว่าสะพานจะปิดไม่ให้รถผ่านจนถึงฤดูใบไม้ผลิ"},
}

func TestDecodeReadsLegacyEncodings(t *testing.T) {
	for _, s := range samples {
		raw, err := s.enc.NewEncoder().Bytes([]byte(strings.Repeat(s.text+" ", 5)))
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Repeat(s.text+" ", 5)
		for _, c := range []struct{ how, head, contentType string }{
			{"header", "", "text/html; charset=" + s.name},
			{"meta", `<meta charset="` + s.name + `">`, "text/html"},
			{"guess", "", ""},
		} {
			got, how := Decode(append([]byte(c.head), raw...), c.contentType)
			if string(got) != c.head+want {
				t.Errorf("%s by %s: read as %s: %.60s", s.name, c.how, how, got)
			}
		}
	}
}

func TestValidUTF8IsUTF8WhateverThePageSays(t *testing.T) {
	text := `<meta charset="windows-1251"><p>Brücke — мост — 橋</p>`
	for _, contentType := range []string{"", "text/html; charset=iso-8859-1", "text/html; charset=shift_jis"} {
		if got, how := Decode([]byte(text), contentType); string(got) != text {
			t.Errorf("%q: read as %s: %s", contentType, how, got)
		}
	}
	cut := []byte(text)[:strings.Index(text, "橋")+1]
	if got, _ := Decode(cut, "text/html; charset=big5"); !strings.HasPrefix(string(got), `<meta charset="windows-1251"><p>Brücke — мост — `) {
		t.Errorf("cut within a rune: %s", got)
	}
}

func TestDecodeObeysByteOrderMarks(t *testing.T) {
	raw, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes([]byte("<p>Brücke</p>"))
	if err != nil {
		t.Fatal(err)
	}
	if got, how := Decode(raw, "text/html; charset=utf-8"); string(got) != "<p>Brücke</p>" {
		t.Errorf("%s: %q", how, got)
	}
	if got, how := Decode([]byte("\xEF\xBB\xBF<p>"), ""); string(got) != "<p>" {
		t.Errorf("%s: %q", how, got)
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range samples {
		raw, _ := s.enc.NewEncoder().Bytes([]byte(s.text))
		f.Add(raw, "text/html; charset="+s.name)
		f.Add(raw, "")
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		text, how := Decode(body, contentType)
		if how == "" || len(text) > 4*len(body)+16 {
			t.Errorf("%d bytes became %d (%s)", len(body), len(text), how)
		}
	})
}
