package page

import (
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/unicode/norm"

	"newsreel/internal/fuzzguard"
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
	{"windows-1253", charmap.Windows1253, "Ο δήμος ανακοίνωσε την Παρασκευή ότι η γέφυρα θα μείνει κλειστή για τα αυτοκίνητα ως την άνοιξη."},
	{"windows-1254", charmap.Windows1254, "Belediye, nehrin üzerindeki köprünün ilkbahara kadar araçlara kapalı kalacağını cuma günü açıkladı; ayaklarında çatlaklar bulunmuştu. İşçiler şimdi çalışıyor."},
	{"windows-1257", charmap.Windows1257, "Miesto valdžia penktadienį pranešė, kad tiltas per upę automobiliams bus uždarytas iki pavasario, nes atramose rasta įtrūkimų."},
	{"windows-1257", charmap.Windows1257, "Pilsētas dome piektdien paziņoja, ka tilts pār upi automašīnām būs slēgts līdz pavasarim, jo balstos atrastas plaisas."},
	{"windows-1250", charmap.Windows1250, "Władze miasta ogłosiły w piątek, że most nad rzeką będzie zamknięty dla samochodów aż do wiosny. Znaleziono pęknięcia."},
	{"windows-1250", charmap.Windows1250, "Město v pátek oznámilo, že most přes řeku zůstane pro auta uzavřen až do jara, protože v pilířích byly nalezeny trhliny."},
	{"windows-1250", charmap.Windows1250, "A város pénteken bejelentette, hogy a folyón átívelő híd tavaszig zárva marad az autók előtt, mert repedéseket találtak két pillérben; a gyűlés ügyében döntöttek."},
	{"iso-8859-2", charmap.ISO8859_2, "Władze miasta ogłosiły w piątek, że most nad rzeką będzie zamknięty dla samochodów aż do wiosny. Wciąż są źle oznaczone ścieżki."},
	{"windows-1252", charmap.Windows1252, "La ville a annoncé vendredi que le pont sur la rivière resterait fermé aux voitures jusqu'à l'été, où l'on espère achever les travaux déjà commencés."},
	{"windows-1252", charmap.Windows1252, "El ayuntamiento anunció el viernes que el puente sobre el río seguirá cerrado a los vehículos hasta el próximo año, según informó el señor Núñez."},
	{"windows-1252", charmap.Windows1252, "A câmara anunciou que a ponte não abrirá à circulação até à primavera, após as inspeções e as reuniões das comissões."},
	{"windows-1252", charmap.Windows1252, "Staden meddelade på fredagen att bron över ån förblir stängd för bilar fram till våren, då arbetet väntas vara färdigt."},
	{"windows-1251", charmap.Windows1251, "Міська влада повідомила, що міст через річку буде зачинено для автомобілів до весни, бо у його опорах знайшли тріщини."},
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

// TestVietnameseIsReadWithItsMarks spells with marks of their own, as its legacy
// encoding does.
func TestVietnameseIsReadWithItsMarks(t *testing.T) {
	text := norm.NFD.String("Thành phố cho biết cây cầu bắc qua sông sẽ đóng cửa đối với ô tô cho đến mùa xuân vì các vết nứt. Người dân vẫn được đi bộ qua.")
	// The encoding has â, ă, ê, ô, ơ, ư and đ whole, and five marks.
	text = strings.NewReplacer("a\u0302", "â", "a\u0306", "ă", "e\u0302", "ê", "o\u0302", "ô", "o\u031b", "ơ", "u\u031b", "ư").Replace(norm.NFD.String(text))
	text = strings.NewReplacer("a\u0323\u0302", "â\u0323", "e\u0323\u0302", "ê\u0323", "o\u0323\u0302", "ô\u0323", "a\u0323\u0306", "ă\u0323").Replace(text)
	raw, err := charmap.Windows1258.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, contentType := range []string{"text/html; charset=windows-1258", ""} {
		if got, how := Decode(raw, contentType); string(got) != text {
			t.Errorf("read as %s: %s", how, got)
		}
	}
}

// TestAWrongMetaLosesToWhatTheBytesAre covers the lies that pages tell most.
func TestAWrongMetaLosesToWhatTheBytesAre(t *testing.T) {
	cyrillic, err := charmap.Windows1251.NewEncoder().Bytes([]byte(strings.Repeat("Городские власти сообщили, что мост будет закрыт до весны. ", 5)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ head, contentType string }{
		{`<meta charset="utf-8">`, ""}, {"", "text/html; charset=utf-8"}, {`<meta charset="utf-16">`, ""}, {`<meta charset="no-such-thing">`, ""},
		{`<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">`, "text/html; charset=utf-8"},
	} {
		got, how := Decode(append([]byte(c.head), cyrillic...), c.contentType)
		if !strings.Contains(string(got), "Городские власти") {
			t.Errorf("%q, %q: read as %s: %.80s", c.head, c.contentType, how, got)
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
		var text []byte
		how := ""
		fuzzguard.Run(t, len(body), func() { text, how = Decode(body, contentType) })
		if !utf8.Valid(text) {
			t.Errorf("no UTF-8 (%s)", how)
		}
		if how == "" || len(text) > 4*len(body)+16 {
			t.Errorf("%d bytes became %d (%s)", len(body), len(text), how)
		}
	})
}
