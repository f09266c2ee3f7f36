package extractor

import (
	"testing"
	"time"
)

// datedStory is a text that names days of its own, as news does.
const datedStory = `<p>The rope ferry at Low Harbour stops on Monday for nine weeks, the port authority said, for both of its winches are to be replaced.</p>
<p>It last stood still on 12 January 2016, when ice had closed the river; lorries had to go round by the ring road.</p>
<p>Cyclists may use the tow boat, which leaves every twelve minutes and will be free of charge until the work ends.</p>`

// TestThePublishedDateIsTheStorysOwn holds dates that pages print around a story
// to what they are: its publication, a change of it, or something else.
func TestThePublishedDateIsTheStorysOwn(t *testing.T) {
	for _, c := range []struct{ name, html, published, modified string }{
		{
			"a change's label behind the date belongs to the date after it",
			`<h1>Kėltas sustoja devynioms savaitėms</h1><div>2024 m. gegužės 3 d. 18:00 | Atnaujinta: 2024 m. gegužės 4 d. 20:12</div>` + datedStory,
			"2024-05-03T18:00:00", "2024-05-04T20:12:00",
		},
		{
			"a change's label behind the date belongs to the time after it",
			`<h1>Kompa stojí devět týdnů</h1><div><span>3. května 2024 18:00</span>, <span>aktualizováno 20:12</span></div>` + datedStory,
			"2024-05-03T18:00:00", "",
		},
		{
			"Romanian labels, the change first",
			`<h1>Bacul se oprește nouă săptămâni</h1><div><span>Data actualizării: 04.05.2024 08:12</span> <span>Data publicării: 03.05.2024 18:00</span></div>` + datedStory,
			"2024-05-03T18:00:00", "2024-05-04T08:12:00",
		},
		{
			"a masthead's day of the fetch over a date under the text",
			`<header><p>Montag, 6. Mai 2024</p></header><h1>Seilfähre steht neun Wochen still</h1>` + datedStory + `<p>03.05.2024, 10.41 Uhr, red</p>`,
			"2024-05-03T10:41:00", "",
		},
		{
			"a masthead that says that its day is today's",
			`<div>Heute ist der 06.05.2024</div><div class="detail"><div>03.05.24 20:15</div><h2>Seilfähre steht neun Wochen still</h2>` + datedStory + `</div>`,
			"2024-05-03T20:15:00", "",
		},
		{
			"a full hour in UTC beside a masthead's day of the fetch",
			`<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-05-05T21:00:00.000Z"}</script><p>Lunes 6 de mayo de 2024</p><h1>La balsa se detiene nueve semanas</h1><div>05/05/2024 18:00</div>` + datedStory,
			"2024-05-05T18:00:00-03:00", "",
		},
		{
			"a full hour in UTC at which the printed day begins",
			`<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2024-05-01T15:00:00.000Z"}</script><h1>渡し船、九週間運休へ</h1><p class="date">2024年5月2日</p>` + datedStory,
			"2024-05-02", "",
		},
		{
			"the day of a change, where the text alone names another",
			`<h1>The rope ferry</h1>` + datedStory + `<div id="footer">This page was last edited on 3 May 2024, at 18:00.</div>`,
			"2024-05-03T18:00:00", "2024-05-03T18:00:00",
		},
		{
			"the span of days of an exhibition beside the day of a change",
			`<meta property="article:modified_time" content="2024-02-12T09:00:00+01:00"><h1>Ponts et bacs</h1><p class="dates">Du 3 mars 2024 au 2 septembre 2024</p>` + datedStory,
			"2024-02-12T09:00:00+01:00", "2024-02-12T09:00:00+01:00",
		},
		{
			"a meta element with a prefix of the publisher's own",
			`<meta name="DC.date" content="2024-02-11"><meta name="agency:first_published" content="August 21, 2017"><h1>Rope ferry safety</h1>` + datedStory,
			"2017-08-21", "",
		},
		{
			"day, month and year in elements of their own",
			`<div class="post-date"><span class="m">May</span><span class="d">3</span><span class="y">2024</span></div><h1>The rope ferry stops for nine weeks</h1>` + datedStory,
			"2024-05-03", "",
		},
		{
			"microdata with a day of creation alone",
			`<div itemscope itemtype="https://schema.org/BlogPosting"><h1 itemprop="name">The rope ferry</h1><meta itemprop="dateCreated" content="2024-01-15">` + datedStory + `</div>`,
			"2024-01-15", "",
		},
		{
			"a short sentence that names a day, and the day of a change at the foot",
			`<h1>Seilfähre</h1>` + datedStory + `<p>Die erste wurde am 14. Juli 1996 eröffnet.</p><div id="footer">Diese Seite wurde zuletzt am 25. Juli 2011 um 10:12 Uhr geändert.</div>`,
			"2011-07-25T10:12:00", "2011-07-25T10:12:00",
		},
		{
			"the day in the address of the picture for sharing, where else only the text names one",
			`<meta property="og:image" content="https://paper.example/media/2024/03/18/ferry.jpg"><h1>The rope ferry</h1>` + datedStory,
			"2024-03-18", "",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Extract(Page{Body: []byte("<html><body>" + c.html), URL: "https://paper.example/news/ferry", Fetched: time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)})
			if a.Published != c.published || a.Modified != c.modified {
				t.Errorf("published %q, modified %q; want %q, %q", a.Published, a.Modified, c.published, c.modified)
			}
		})
	}
}
