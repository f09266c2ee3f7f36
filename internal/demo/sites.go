package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// paper makes a masthead's stories from its texts and puts its pages into the
// edition: articles, front page, sections, and the files that more adds.
func paper(e *edition, p *pictures, m *masthead, file string, more func(b *builder)) error {
	t, err := readTexts(file)
	if err != nil {
		return err
	}
	m.write(t, 2)
	b, err := newBuilder(e, p, m)
	if err != nil {
		return err
	}
	for i, s := range b.stories {
		b.article(i, s, nil)
	}
	b.lists()
	more(b)
	return b.fault
}

// hafenbote is a German regional paper of 2019: OpenGraph with an offset,
// lazily loaded photos, chunked answers, a feed that only the job names, AMP
// addresses that nothing links to.
func hafenbote(e *edition, p *pictures) error {
	m := &masthead{
		Host: "www.hafenbote.example", Name: "Hafenbote", Motto: "Die Zeitung zwischen Deich und See",
		Lang: "de", Charset: "utf-8", charsetInHead: true, layout: "hafenbote", chunked: true,
		base: time.Date(2019, 6, 3, 5, 40, 0, 0, time.FixedZone("", 7200)), step: 29 * time.Hour,
		photoBase: "/bilder/", photoEnd: ".jpg", perPage: 6, visible: dateDE,
		sections:  []link{{"/lokales/", "Lokales"}, {"/wirtschaft/", "Wirtschaft"}, {"/kultur/", "Kultur"}, {"/sport/", "Sport"}},
		sectionOf: map[string]int{"lokales": 0, "wirtschaft": 1, "kultur": 2, "sport": 3},
		path: func(i int, s story) string {
			return fmt.Sprintf("/%s/%s-%d.html", s.section, slug(s.head), 7700+i)
		},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published, a.PublishedZone = s.when.Format(time.RFC3339), "page"
			a.Never = append(a.Never, "Der Morgenbrief", "Lesen Sie auch", "Meistgelesen", "Merkliste")
		},
	}
	return paper(e, p, m, "de.txt", func(b *builder) {
		b.note(b.e.text(KindRobots, b.url("/robots.txt"), "text/plain", "User-agent: *\nDisallow: /intern/\n"))
		b.rss("/rss.xml", b.latest()[:8])
		b.html("plain", page{Path: "/impressum/", Heading: "Impressum",
			Text:  []string{"Hafenbote Verlag, Am Kai 1, Möwenort. Verantwortlich: Anke Sörensen."},
			Links: []link{{"/intern/redaktion", "Redaktion"}}}, nil)
		b.html("plain", page{Path: "/anzeigen/", Heading: "Anzeigen", Text: []string{"Anzeigenschluss ist um zwölf Uhr."}}, nil)
		b.e.skip("robots", b.url("/intern/redaktion"))
	})
}

// courrier is a French paper of 2018 that says when and by whom only in print,
// with pictures for each screen, an Atom feed and ETags.
func courrier(e *edition, p *pictures) error {
	m := &masthead{
		Host: "www.courrier-des-monts.example", Name: "Le Courrier des Monts", Motto: "Quotidien d'altitude",
		Lang: "fr", Charset: "utf-8", layout: "courrier", etags: true,
		base: time.Date(2018, 9, 11, 8, 5, 0, 0, time.UTC), step: 41 * time.Hour,
		photoBase: "/photos/", photoEnd: ".jpg", big: true, perPage: 10, visible: dateFR,
		sections:  []link{{"/montagne/", "Montagne"}, {"/region/", "Région"}, {"/economie/", "Économie"}, {"/culture/", "Culture"}},
		sectionOf: map[string]int{"montagne": 0, "region": 1, "economie": 2, "culture": 3},
		path: func(i int, s story) string {
			return fmt.Sprintf("/%s/%s,%d.html", s.section, slug(s.head), 512+i*3)
		},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published, a.Tags = s.when.Format("2006-01-02T15:04:00"), nil
			a.Never = append(a.Never, "À lire aussi", "Recevez chaque matin", "Dans la même rubrique")
		},
	}
	return paper(e, p, m, "fr.txt", func(b *builder) {
		b.note(b.e.text(KindRobots, b.url("/robots.txt"), "text/plain; charset=utf-8", "# Bienvenue\n"))
		b.atom("/flux.atom", b.latest())
		b.html("plain", page{Path: "/a-propos/", Heading: "À propos",
			Text: []string{"Le Courrier des Monts appartient à ses lecteurs depuis 1946."}}, nil)
	})
}

// vistka is a Ukrainian agency of 2021 in windows-1251, whose link to a topic
// has a query beyond ASCII.
func vistka(e *edition, p *pictures) error {
	m := &masthead{
		Host: "www.vistka.example", Name: "Вістка", Motto: "Інформаційне агентство",
		Lang: "uk", Charset: "windows-1251", charsetInHead: true, layout: "vistka",
		base: time.Date(2021, 3, 3, 9, 12, 0, 0, time.UTC), step: 17 * time.Hour,
		photoBase: "/images/", photoEnd: ".jpg", perPage: 10, visible: dateUK,
		sections:  []link{{"/suspilstvo/", "Суспільство"}, {"/ekonomika/", "Економіка"}, {"/polityka/", "Політика"}, {"/kultura/", "Культура"}},
		sectionOf: map[string]int{"suspilstvo": 0, "ekonomika": 1, "polityka": 2, "kultura": 3},
		path: func(i int, s story) string {
			return fmt.Sprintf("/%s/%d-%s.html", s.section, 1181200+i*31, s.topic)
		},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published, a.Tags = s.when.Format("2006-01-02T15:04:00"), nil
			a.Never = append(a.Never, "Читайте також", "Стрічка новин", "Підпишіться на розсилку")
		},
	}
	return paper(e, p, m, "uk.txt", func(b *builder) {
		b.note(b.e.text(KindRobots, b.url("/robots.txt"), "text/plain", "User-agent: *\r\nDisallow: /admin/\r\n\r\nUser-agent: greedybot\r\nCrawl-delay: 30\r\n"))
		b.html("plain", page{Path: "/tema/?t=%EF%EE%F0%F2", Heading: "Тема: порт",
			Text: []string{"Усі новини про порт зібрано на цій сторінці. Поки що їх немає."}}, nil)
	})
}

// minato is a Japanese paper of 2022: JSON-LD with an offset on every other
// article, only the day on the rest; a sitemap that only the job names; no
// robots.txt; a path beyond ASCII.
func minato(e *edition, p *pictures) error {
	m := &masthead{
		Host: "www.minato-shimpo.example", Name: "港新報", Motto: "港のある町の新聞",
		Lang: "ja", Charset: "utf-8", charsetInHead: true, layout: "minato", gzip: true, etags: true,
		base: time.Date(2022, 4, 5, 6, 0, 0, 0, time.FixedZone("", 9*3600)), step: 23 * time.Hour,
		photoBase: "/img/", photoEnd: ".png", perPage: 10, visible: dateJA,
		sections:  []link{{"/shakai/", "社会"}, {"/keizai/", "経済"}, {"/bunka/", "文化"}, {"/supotsu/", "スポーツ"}},
		sectionOf: map[string]int{"shakai": 0, "keizai": 1, "bunka": 2, "supotsu": 3},
		path: func(i int, s story) string {
			return fmt.Sprintf("/articles/%s%04d", s.when.Format("20060102"), 300+i*7)
		},
		promise: func(i int, s story, a *ExpectedArticle) {
			a.Published, a.Tags = s.when.Format(isoDay), nil
			if i%2 == 1 {
				a.Published, a.PublishedZone = s.when.Format(time.RFC3339), "page"
			}
			a.Never = append(a.Never, "あわせて読みたい", "アクセスランキング", "メールマガジン", "無断転載")
		},
	}
	return paper(e, p, m, "ja.txt", func(b *builder) {
		b.note(b.e.put(&resource{expect: Expected{URL: b.url("/robots.txt"), Kind: KindRobots, Status: http.StatusNotFound},
			typ: "text/html; charset=utf-8", body: []byte("<html><head><title>404</title></head><body>ページが見つかりません</body></html>\n")}))
		b.note(b.e.text(KindSitemap, b.url("/sitemap.xml"), "text/xml; charset=utf-8", b.sitemap(b.stories, false)))
		b.html("plain", page{Path: (&url.URL{Path: "/特集/港の一年"}).EscapedPath(), Heading: "特集 港の一年",
			Text: []string{"春の渡し船から冬の牡蠣まで、港の一年を写真とともに振り返る。"}}, nil)
	})
}

// elfaro is a Spanish paper that has looked the same since 1998: tables, no
// charset but in a meta tag, no dates but in words.
func elfaro(e *edition, p *pictures) error {
	m := &masthead{
		Host: "www.elfaro-monteverde.example", Name: "El Faro de Monteverde", Motto: "Diario independiente de la mañana",
		Lang: "es", Charset: "iso-8859-1", layout: "elfaro", folder: "/edicion/",
		base: time.Date(2016, 4, 12, 0, 0, 0, 0, time.UTC), step: 49 * time.Hour,
		photoBase: "/fotos/", photoEnd: ".gif", perPage: 10, visible: dateES,
		sections:  []link{{"local.html", "Local"}, {"economia.html", "Economía"}, {"cultura.html", "Cultura"}},
		sectionOf: map[string]int{"local": 0, "economia": 1, "cultura": 2},
		path: func(i int, s story) string {
			return fmt.Sprintf("/edicion/%s/%s%02d.htm", s.when.Format("20060102"), s.topic, i)
		},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published, a.Tags = s.when.Format(isoDay), nil
			a.Never = append(a.Never, "Otras noticias", "Prohibida la reproducción", "Lo más leído")
		},
	}
	return paper(e, p, m, "es.txt", func(b *builder) {
		b.note(b.e.put(&resource{expect: Expected{URL: b.url("/robots.txt"), Kind: KindRobots, Status: http.StatusNotFound},
			typ: "text/html", body: []byte("<HTML><BODY><H1>Not Found</H1>The requested URL /robots.txt was not found on this server.</BODY></HTML>\n")}))
		b.html("plain", page{Path: "/edicion/quienes.html", Heading: "Quiénes somos",
			Text: []string{"El Faro se imprime en una máquina de 1931 que todavía responde al nombre de Begoña."}}, nil)
	})
}
