package demo

import (
	"fmt"
	"time"
)

// agency is the English service of Vistka as it was in 2016: a kicker over the
// headline, a standfirst that is a subheading, a box inside the body, a time
// without a zone, and other stories with dates of their own.
func agency(e *edition, p *pictures) error {
	t, err := readTexts("en.txt")
	if err != nil {
		return err
	}
	m := &masthead{
		Host: "english.vistka.example", Name: "Vistka", Motto: "News agency",
		Lang: "en", Charset: "utf-8", charsetInHead: true, layout: "vistkaen",
		photoBase: "/files/2016/", photoEnd: ".jpg", perPage: 10, visible: dateAgency,
		sections:  []link{{"/politics/", "Politics"}, {"/society/", "Society"}},
		sectionOf: map[string]int{"politics": 0, "society": 1},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published = s.when.Format(isoLocal)
			a.Authors = nil // not printed
			a.Never = append(a.Never, "Read also", "Full story", "comments powered by Disqus", "Disqus",
				"Subscribe to receive", "10 December 2016", "enable JavaScript")
		},
	}
	m.stories = agencyStories(t)
	m.core = len(m.stories)
	b, err := newBuilder(e, p, m)
	if err != nil {
		return err
	}
	for i, s := range b.stories {
		b.article(i, s, func(v *storyView, a *ExpectedArticle, _ *resource) {
			for _, o := range append(b.teasers(b.stories[2:7]), v.Related...) {
				if o.Head != s.head {
					a.Never = append(a.Never, o.Head, o.Date)
				}
			}
		})
	}
	b.lists()
	b.picture("/img/logo.png", 120, 40)
	b.rss("/rss.xml", b.latest())
	b.note(b.e.text(KindRobots, b.url("/robots.txt"), "text/plain", "User-agent: *\nDisallow: /cgi-bin/\n"))
	return b.fault
}

// agencyStories are the agency's: the wire story, the one on the talks, and
// some from the common texts.
func agencyStories(t *texts) []story {
	at := func(m time.Month, d, hour, minute int) time.Time {
		return time.Date(2016, m, d, hour, minute, 0, 0, time.UTC)
	}
	wire := *wireStory()
	wire.topic, wire.section, wire.kind = "wire", "politics", "article"
	wire.when, wire.path = at(time.November, 18, 16, 4), "/politics/1652330-talks-on-river-water.html"
	stories := []story{wire, talksStory(at(time.September, 5, 10, 39))}
	for i := range 6 {
		s := t.tell(i, 3)
		s.kicker, s.section = "", "society"
		for k := range s.photos {
			s.photos[k].credit = "Vistka photo"
		}
		s.when = at(time.October, 3+i*4, 9+i, 7*i)
		s.path = fmt.Sprintf("/society/%d-%s.html", 1544100+i*2113, slug(s.head))
		stories = append(stories, s)
	}
	return stories
}

// talksStory is a report of September 2016 after another paper's.
func talksStory(when time.Time) story {
	return story{
		topic: "talks", section: "politics", kind: "article", when: when,
		path:   "/politics/1504280-peace-talks-between-us-and-russia-over-syria-stall-at-g20-summit-guardian.html",
		kicker: "US-Russia talks on Syria:",
		head:   "Peace talks between US and Russia over Syria stall at G20 summit - Guardian",
		stand:  "Hopes of accord between Obama and Putin focusing on reduction in airstrikes fade as Syrian troops resume siege on parts of Aleppo",
		tags:   []string{"Syria", "US", "Russia", "Obama", "Putin"},
		photos: []photo{{name: "daraya", caption: "Aid ambulances in Daraya, a blockaded Damascus suburb, on Friday, Aug. 26, 2016", credit: "AP photo"}},
		body: []string{
			"Hopes that the US and Russia could reach agreement on a joint initiative to tackle Islamic State and stem the violence in Syria's brutal civil war have suffered a setback after the US said Russia had retreated on some issues it believed had been settled.",
			"The US Department of State had said it was hopeful that the US president, Barack Obama, and Russia's president, Vladimir Putin, would reach an understanding at the G20 summit taking place in China.",
			"But on a day that saw Syrian government troops resume their siege of the city of Aleppo, a planned joint press conference between the US secretary of state, John Kerry, and the Russian foreign minister, Sergei Lavrov, was cancelled. The agreement would have been the culmination of long-running talks between the US and Russia in Moscow, Washington and Geneva.",
			"The deal focuses on a slowdown in the Syrian air campaign against rebel forces in return for an agreement that Russian and Syrian air forces can target Jabhat Fateh al-Sham, the former al-Nusra Front forces linked with al-Qaida. Al-Nusra changed its name to Jabhat Fateh al-Sham (Conquest of Syria) in July in what was seen as a rebranding exercise by some but a genuine ideological shift by others.",
			"Many US-backed Syrian rebel groups have worked alongside al-Nusra and are reluctant to abandon that cooperation, arguing it is an effective fighting force willing to risk lives to defeat the common enemy, President Bashar al-Assad.",
		},
	}
}
