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
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Extract(Page{Body: []byte("<html><body>" + c.html), URL: "https://paper.example/news/ferry", Fetched: time.Date(2024, 5, 6, 12, 0, 0, 0, time.UTC)})
			if a.Published != c.published || a.Modified != c.modified {
				t.Errorf("published %q, modified %q; want %q, %q", a.Published, a.Modified, c.published, c.modified)
			}
		})
	}
}
