package readers

import (
	"strings"
	"testing"
	"unicode/utf8"

	"newsreel/extractor/page"
)

func TestPartCreditKnowsTheWaysOfAgenciesAndPapers(t *testing.T) {
	for _, c := range []struct{ text, caption, credit string }{
		{"Ambulances in the suburb on Friday (AP photo)", "Ambulances in the suburb on Friday", "AP photo"},
		{"Ambulances in the suburb on Friday, Aug. 26, 2016 (AP Photo/Jane Roe)", "Ambulances in the suburb on Friday, Aug. 26, 2016", "AP Photo/Jane Roe"},
		{"The bridge on Friday. Photo: Jane Roe", "The bridge on Friday.", "Jane Roe"},
		{"The bridge on Friday. Photograph: Jane Roe/The Paper", "The bridge on Friday.", "Jane Roe/The Paper"},
		{"The bridge on Friday. Jane Roe/REUTERS", "The bridge on Friday.", "Jane Roe/REUTERS"},
		{"The bridge on Friday. REUTERS/Jane Roe", "The bridge on Friday.", "REUTERS/Jane Roe"},
		{"The bridge on Friday. © Getty Images", "The bridge on Friday.", "Getty Images"},
		{"Die Brücke am Freitag. Foto: Max Muster/dpa", "Die Brücke am Freitag.", "Max Muster/dpa"},
		{"Die Brücke am Freitag | Bildquelle: dpa", "Die Brücke am Freitag", "dpa"},
		{"Die Brücke am Freitag (Foto: dpa)", "Die Brücke am Freitag", "dpa"},
		{"Le pont, vendredi. Crédit photo : Jean Martin / AFP", "Le pont, vendredi.", "Jean Martin / AFP"},
		{"El puente, este viernes. / EFE", "El puente, este viernes.", "EFE"},
		{"El puente, este viernes / Lucía Gómez", "El puente, este viernes", "Lucía Gómez"},
		{"Мост в пятницу. Фото: Иван Петров / ТАСС", "Мост в пятницу.", "Иван Петров / ТАСС"},
		{"Foto: dpa", "", "dpa"},
		{"Jane Roe/Photodisc/Getty Images", "", "Jane Roe/Photodisc/Getty Images"},
		{"Credit Jane Roe", "", "Credit Jane Roe"},
		{"A rally in Seoul on Thursday. Jane Roe", "A rally in Seoul on Thursday.", "Jane Roe"},
		{"The minister meets Dr. Anna Smith", "The minister meets Dr. Anna Smith", ""},
		{"The mayor (left) at the bridge (built in 1904)", "The mayor (left) at the bridge (built in 1904)", ""},
		{"The bridge: a history of floods", "The bridge: a history of floods", ""},
		{"He said: We cannot take that risk any longer.", "He said: We cannot take that risk any longer.", ""},
	} {
		caption, credit := PartCredit(c.text)
		if caption != c.caption || credit != c.credit {
			t.Errorf("%q: caption %q, credit %q", c.text, caption, credit)
		}
	}
}

func TestPicturesReadTheirSurroundings(t *testing.T) {
	for _, c := range []struct{ name, page, caption, credit, url string }{
		{"figure", `<figure><img src="a.jpg"><figcaption>The bridge on Friday <span class="credit">Jane Roe</span></figcaption></figure>`, "The bridge on Friday", "Jane Roe", "a.jpg"},
		{"lazy image with sizes", `<figure><img src="data:image/gif;base64,AA" data-srcset="a.jpg 320w, b.jpg 1280w"><figcaption>The bridge on Friday</figcaption></figure>`, "The bridge on Friday", "", "b.jpg"},
		{"a class that says caption", `<div><div><img src="a.jpg"></div><p class="photo-caption">The bridge on Friday</p></div>`, "The bridge on Friday", "", "a.jpg"},
		{"text beside the image", `<div class="photo_block"><img src="a.jpg"><div class="sub">The bridge on Friday (AP photo)</div></div>`, "The bridge on Friday", "AP photo", "a.jpg"},
		{"what the alt text says", `<img src="a.jpg" alt="The bridge on Friday morning"><p>The bridge on Friday morning</p>`, "The bridge on Friday morning", "", "a.jpg"},
		{"an attribute", `<img src="a.jpg" data-caption="The bridge on Friday. Photo: Jane Roe">`, "The bridge on Friday.", "Jane Roe", "a.jpg"},
		{"figcaption outside of a figure", `<section><picture><img src="a.jpg"></picture><figcaption><span>The bridge on Friday, Foto: dpa</span></figcaption><p>Text.</p></section>`, "The bridge on Friday", "dpa", "a.jpg"},
		{"credit before the caption", `<figure><img src="a.jpg"><figcaption><div>Bild: dpa</div> The bridge on Friday</figcaption></figure>`, "The bridge on Friday", "dpa", "a.jpg"},
	} {
		d := page.Parse([]byte(c.page))
		list := Pictures(d, 0, int32(len(d.Nodes)))
		if len(list) != 1 || list[0].Caption != c.caption || list[0].Credit != c.credit || list[0].URL != c.url {
			t.Errorf("%s: %+v", c.name, list)
		}
	}
}

func FuzzCaptions(f *testing.F) {
	f.Add("The bridge on Friday. Photo: Jane Roe/AP")
	f.Add("(((Foto:)))")
	f.Add("© / | ©")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		caption, credit := PartCredit(text)
		if !strings.Contains(text, caption) || len(credit) > len(text)+1 || !utf8.ValidString(caption) || !utf8.ValidString(credit) {
			t.Errorf("%q: caption %q, credit %q", text, caption, credit)
		}
		d := page.Parse([]byte("<figure><img srcset='" + text + "'><figcaption>" + text + "</figcaption></figure>"))
		Pictures(d, 0, int32(len(d.Nodes)))
	})
}
