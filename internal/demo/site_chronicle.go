package demo

import (
	"fmt"
	"strings"
	"time"
)

// The Chronicle: an English broadsheet of 2023 with JSON-LD, gzip, a photo host
// of its own, and all the odd corners that a site grows.

const (
	chronicleHost = "www.thechronicle.example"
	apexHost      = "thechronicle.example"
	photoHost     = "img.thechronicle.example"
	deadHost      = "img.gone.example"
)

func chronicle(number int) (*masthead, error) {
	t, err := readTexts("en.txt")
	if err != nil {
		return nil, err
	}
	bst := time.FixedZone("", 3600)
	m := &masthead{
		Host: chronicleHost, Name: "The Chronicle", Motto: "News from the coast and the vale",
		Lang: "en", Charset: "utf-8", charsetInHead: true, layout: "chronicle", gzip: true,
		base: time.Date(2023, 5, 2, 6, 30, 0, 0, bst), step: 31 * time.Hour,
		photoBase: "http://" + photoHost + "/p/", photoEnd: ".jpg", big: true, perPage: 4,
		sections: []link{{"/news/", "News"}, {"/culture/", "Culture"}, {"/business/", "Business"},
			{"/science/", "Science"}, {"/sport/", "Sport"}},
		sectionOf: map[string]int{"news": 0, "culture": 1, "business": 2, "science": 3, "sport": 4},
		visible:   func(t time.Time) string { return t.Format("2 January 2006 3.04pm") },
		path: func(i int, s story) string {
			return fmt.Sprintf("/%s/2023/%s-%d", s.section, slug(s.head), 40100+i*17)
		},
		promise: func(_ int, s story, a *ExpectedArticle) {
			a.Published, a.PublishedZone = s.when.Format(time.RFC3339), "page"
			if !s.modified.IsZero() {
				a.Modified = s.modified.Format(time.RFC3339)
			}
		},
	}
	m.write(t, 2)
	m.stories[chronicleGone].photos = nil
	paid := &m.stories[chroniclePaid]
	paid.photos = paid.photos[:min(1, len(paid.photos))]
	if number == SecondEdition {
		edited := &m.stories[chronicleEdited]
		edited.head = strings.Replace(edited.head, "returns drum", "sends drum home", 1)
		edited.modified = edited.when.Add(75 * time.Hour)
		for i := range 2 {
			s := t.tell(i*2, 2)
			s.when = m.base.Add(time.Duration(19+i) * m.step)
			s.path = m.path(60+i, s)
			m.stories = append(m.stories, s)
		}
	}
	return m, nil
}

// Stories of The Chronicle with a part of their own, by index.
const (
	chronicleEdited = 7  // its headline is edited in the second edition
	chronicleGone   = 10 // it is gone in the second edition
	chronicleTwice  = 3  // it stands under two URLs
	chroniclePrint  = 4  // it has a version for printing
	chronicleOptOut = 5  // it asks machines to keep away
	chroniclePaid   = 13 // only its beginning is free
	chronicleWire   = 15 // the agency has it as well
)
