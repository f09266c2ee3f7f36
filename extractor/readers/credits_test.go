package readers

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"newsreel/extractor/page"
	"newsreel/internal/fuzzguard"
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
		{"The bridge on Friday (Jane Roe/The Paper)", "The bridge on Friday", "Jane Roe/The Paper"},
		{"The bridge, this Friday. / Lucía Gómez (EFE)", "The bridge, this Friday.", "Lucía Gómez (EFE)"},
		{"The bridge on Friday. Jane Roe III / AP, file", "The bridge on Friday.", "Jane Roe III / AP, file"},
		{"The bridge on Friday night Getty Images", "The bridge on Friday night", "Getty Images"},
		{"A spokesman spoke to Getty Images", "A spokesman spoke to Getty Images", ""},
		{"(All photos: Lomme staff)", "", "Lomme staff"},
		{"Photo by Jane Roe on Unsplash", "", "Jane Roe on Unsplash"},
		{"CreditCreditJane Roe/The Paper", "", "Jane Roe/The Paper"},
		{"(Foto: dpa) Die Brücke über die Lomme am Freitag", "Die Brücke über die Lomme am Freitag", "dpa"},
		{"Die Brücke am Freitag. Foto: Max Muster (Keystone)", "Die Brücke am Freitag.", "Max Muster (Keystone)"},
		{"Most w piątek rano. Fot. Jan Kowalski / PAP", "Most w piątek rano.", "Jan Kowalski / PAP"},
		{"Il ponte, venerdì (foto Ansa)", "Il ponte, venerdì", "Ansa"},
		{"Silta perjantaina. Kuva: Matti Virtanen / Lehtikuva", "Silta perjantaina.", "Matti Virtanen / Lehtikuva"},
		{"Köprü cuma günü. Fotoğraf: Ayşe Yılmaz / AA", "Köprü cuma günü.", "Ayşe Yılmaz / AA"},
		{"Η γέφυρα την Παρασκευή. Φωτογραφία: Νίκος Παπάς", "Η γέφυρα την Παρασκευή.", "Νίκος Παπάς"},
		{"الجسر يوم الجمعة. صورة: أحمد علي", "الجسر يوم الجمعة.", "أحمد علي"},
		{"通行止めになる橋＝共同", "通行止めになる橋", "共同"},
		{"橋脚を調べる技術者ら＝３日、ロム市で", "橋脚を調べる技術者ら＝３日、ロム市で", ""},
		{"橋脚を調べる技術者ら（佐藤花子撮影）", "橋脚を調べる技術者ら", "佐藤花子"},
		{"다리 앞에 차들이 늘어서 있다. 김민수 기자", "다리 앞에 차들이 늘어서 있다.", "김민수"},
		{"橋脚を調べる技術者ら＝ロム市", "橋脚を調べる技術者ら＝ロム市", ""},
		{"通行止めの橋＝2024年5月3日、ロム市、佐藤花子撮影", "通行止めの橋＝2024年5月3日、ロム市", "佐藤花子"},
		{"ひびの入った橋脚（写真：ロム市提供）", "ひびの入った橋脚", "ロム市"},
		{"5月3日，工程师检查桥墩。洛姆社记者 林若摄", "5月3日，工程师检查桥墩。", "洛姆社记者 林若"},
		{"工程師檢查橋墩。（圖取自市府臉書）", "工程師檢查橋墩。", "圖取自市府臉書"},
		{"检查中的桥墩。摄：何平", "检查中的桥墩。", "何平"},
		{"다리 앞에 늘어선 차들 /사진=김민수", "다리 앞에 늘어선 차들", "김민수"},
		{"기자회견하는 시장 [촬영 김민수]", "기자회견하는 시장", "김민수"},
		{"سكان عند الجسر يوم الجمعة (رويترز)", "سكان عند الجسر يوم الجمعة", "رويترز"},
		{"पुल पर लगी कतार। फोटो- लोम पोस्ट", "पुल पर लगी कतार।", "लोम पोस्ट"},
		{"Podul, vineri. Sursa foto: Ana Pop / Foto Press", "Podul, vineri.", "Ana Pop / Foto Press"},
		{"Most w piątek. Fot. Urząd Miasta", "Most w piątek.", "Urząd Miasta"},
		{"The bridge in 1904. Courtesy of Lomme Museum", "The bridge in 1904.", "Lomme Museum"},
		{"Foto: Jembatan itu ditutup sejak Senin (Ana Sari/kabar)", "Jembatan itu ditutup sejak Senin", "Ana Sari/kabar"},
		{"FOTO | Lucía Gómez | La alcaldesa durante el pleno del martes", "La alcaldesa durante el pleno del martes", "Lucía Gómez"},
		{"The bridge on Friday. Photo / Jane Roe", "The bridge on Friday.", "Jane Roe"},
		{"The bridge on Friday. LP PHOTO: JANE ROE", "The bridge on Friday.", "LP PHOTO: JANE ROE"},
		{"CARS queue by the bridge on Friday.—Blue Star", "CARS queue by the bridge on Friday.", "Blue Star"},
		{"Le pont attend sa réparation. - Jeanne Roux.", "Le pont attend sa réparation.", "Jeanne Roux"},
		{"Un pilone, venerdì (Foto di Anna Rossi)", "Un pilone, venerdì", "Anna Rossi"},
		{"Left: The northern pier. Right: The southern bank.", "Left: The northern pier. Right: The southern bank.", ""},
		{"橋墩出現裂縫。圖／記者林若攝影", "橋墩出現裂縫。", "記者林若攝影"},
		{"다리 앞에 차들이 늘어서 있다. 롬=김민수 기자 minsu@lomme.example", "다리 앞에 차들이 늘어서 있다.", "김민수"},
		{"교각을 살펴보는 기술자들. 롬포토", "교각을 살펴보는 기술자들.", "롬포토"},
		{"The bigger picture: all four bridges", "The bigger picture: all four bridges", ""},
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
		{"an author before the caption", `<figure><img src="a.jpg"><figcaption><span class="author">© Jane Roe, "Post"</span><span class="title">The bridge stays closed on Friday</span></figcaption></figure>`, "The bridge stays closed on Friday", `Jane Roe, "Post"`, "a.jpg"},
		{"the caption again with its credit", `<div class="opener"><a href="/f"><img src="a.jpg" alt=""><span>The bridge on Friday morning</span></a><div><span>The bridge on Friday morning</span> <span>| foto: <a href="/r">Jane Roe</a>, LP</span></div></div>`, "The bridge on Friday morning", "Jane Roe, LP", "a.jpg"},
		{"a link that enlarges", `<div class="box"><div><a href="b.jpg">[+] Enlarge<img src="a.jpg" alt="The bridge"></a><div><cite>Jane Roe/AP</cite>The bridge is seen on Friday morning</div></div></div>`, "The bridge is seen on Friday morning", "Jane Roe/AP", "a.jpg"},
		{"a label of its own", `<figure><img src="a.jpg"><figcaption>图注：通行止めになる橋 <span class="credit">共同</span></figcaption></figure>`, "通行止めになる橋", "共同", "a.jpg"},
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
	f.Add(`<div class=wp-caption><a href=b.jpg><img data-src=a.jpg alt="The bridge"></a><p>The bridge ＝共同</p></div>`)
	f.Add(`<p><img src=a.jpg></p><p><em>The bridge (foto Ansa)</em></p><amp-img src=c.jpg data-caption="x">`)
	f.Add("<figure><img src=a.jpg><figcaption>The bridge <small>AP photo</small></figcaption></figure><p class=caption>x</p>")
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		caption, credit := PartCredit(text)
		if !strings.Contains(text, caption) || len(credit) > len(text)+1 || !utf8.ValidString(caption) || !utf8.ValidString(credit) {
			t.Errorf("%q: caption %q, credit %q", text, caption, credit)
		}
		fuzzguard.Run(t, len(text), func() {
			for _, markup := range []string{"<figure><img srcset='" + text + "'><figcaption>" + text + "</figcaption></figure>", "<div class=gallery><img src=a.jpg alt='" + text + "'>" + text + "</div>", text} {
				d := page.Parse([]byte(markup))
				for _, p := range Pictures(d, 0, int32(len(d.Nodes))) {
					if p.Node == nil || p.Caption != "" && p.From == "" || p.Width < 0 || p.Height < 0 {
						t.Errorf("%q: %+v", markup, p)
					}
				}
			}
		})
	})
}

// TestPicturesEndSoonOnPagesOfImages holds pages that repeat what is looked at
// around an image to a few seconds, on a machine that does other things too.
func TestPicturesEndSoonOnPagesOfImages(t *testing.T) {
	for name, markup := range map[string]string{
		"images side by side":           strings.Repeat(`<img src=a.jpg alt="The bridge on Friday">`, 30_000) + "<p>The bridge on Friday</p>",
		"captions in one element":       "<div><img src=a.jpg>" + strings.Repeat(`<p class=caption>The bridge on Friday</p>`, 20_000),
		"images between long texts":     strings.Repeat("<div><img src=a.jpg alt='The bridge on Friday'></div><div>"+strings.Repeat("<b>x</b> ", 200)+"</div>", 400),
		"a figure with all of the page": "<figure>" + strings.Repeat("<div><img src=a.jpg><span class=credit>x</span></div>", 20_000) + "<figcaption>y",
		"captions around each other":    strings.Repeat("<div class=caption><img src=a.jpg>", 400) + "text",
		"a caption of labels":           "<figure><img src=a.jpg><figcaption>" + strings.Repeat("<b>Photo:</b>", 20_000),
	} {
		start := time.Now()
		d := page.Parse([]byte(markup))
		list := Pictures(d, 0, int32(len(d.Nodes)))
		if took := time.Since(start); took > 10*time.Second || len(list) > maxPictures+1 {
			t.Errorf("%s: %d pictures in %s", name, len(list), took)
		}
	}
}
