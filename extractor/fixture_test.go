package extractor

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/article"
)

var update = flag.Bool("update", false, "write what is extracted to testdata/*.want.json")

// fixture is a page of testdata with where and when it is taken to be captured:
// its first line may hold a comment `<!-- URL TIME [CONTENT-TYPE] -->`.
func fixture(t testing.TB, path string) Page {
	t.Helper()
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimSuffix(filepath.Base(path), ".html")
	p := Page{Body: body, URL: "https://paper.example/news/" + name, Fetched: time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)}
	if name == "agency-2016" {
		p.URL, p.Fetched = "http://wire.example/politics/1504280-peace-talks.html", time.Date(2016, 12, 10, 8, 14, 52, 0, time.UTC)
	}
	if head, _, ok := strings.Cut(string(body[:min(len(body), 300)]), " -->"); ok && strings.HasPrefix(head, "<!-- http") {
		fields := strings.SplitN(strings.TrimPrefix(head, "<!-- "), " ", 3)
		p.URL = fields[0]
		if p.Fetched, err = time.Parse(time.RFC3339, fields[1]); err != nil {
			t.Fatal(err)
		}
		if len(fields) == 3 {
			p.ContentType = fields[2]
		}
	}
	return p
}

func TestFixturesComeOutAsReviewed(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".html"), func(t *testing.T) {
			got, err := json.MarshalIndent(Extract(fixture(t, path)), "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, '\n')
			want := strings.TrimSuffix(path, ".html") + ".want.json"
			if *update {
				if err := os.WriteFile(want, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			reviewed, err := os.ReadFile(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(reviewed), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

const (
	agencyHeadline   = "Peace talks between US and Russia over Syria stall at G20 summit - Guardian"
	agencyCaption    = "Aid ambulances in Daraya, a blockaded Damascus suburb, on Friday, Aug. 26, 2016"
	agencyStandfirst = "Hopes of accord between Obama and Putin focusing on reduction in airstrikes fade as Syrian troops resume siege on parts of Aleppo"
)

// TestTheAgencyArticleOf2016 holds the page and variants of it to one result.
func TestTheAgencyArticleOf2016(t *testing.T) {
	base := fixture(t, "testdata/agency-2016.html")
	for _, v := range []struct {
		name      string
		replace   []string
		published string
		zone      string
	}{
		{name: "as the fixture has it"},
		{name: "with JSON-LD that has the search title and local time without zone", replace: []string{"</head>",
			`<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","headline":"US-Russia talks on Syria: Peace talks stall","datePublished":"2016-09-05T10:39:00","author":{"@type":"Organization","name":"The Dnipro Wire"}}</script></head>`}},
		{name: "with a sharing title that begins with the kicker", replace: []string{"</head>",
			`<meta property="og:title" content="US-Russia talks on Syria: ` + agencyHeadline + `"><meta property="og:site_name" content="The Dnipro Wire"></head>`}},
		{name: "kicker within the h1", replace: []string{`<div class="topic">US-Russia talks on Syria:</div>`, "", "<h1>", `<h1><span class="topic">US-Russia talks on Syria:</span> `}},
		{name: "credit in plain brackets", replace: []string{`<i class="who">(AP photo)</i>`, "(AP photo)"}},
		{name: "credit over the caption", replace: []string{` <i class="who">(AP photo)</i>`, "", `<div class="under">`, `<div class="photo-credit">AP photo</div><div class="under">`}},
		{name: "figure and figcaption with a credit of its own", replace: []string{`<div class="item-photo">`, "<figure>", `<div class="under">` + agencyCaption + ` <i class="who">(AP photo)</i></div></div>`,
			`<figcaption>` + agencyCaption + ` <span class="credit">AP photo</span></figcaption></figure>`}},
		{name: "the date before the clock", replace: []string{"10:39 Sep. 5, 2016", "September 5, 2016, 10:39"}},
		{name: "the date in numbers after a label", replace: []string{"10:39 Sep. 5, 2016", "Published: 05.09.2016 10:39"}},
		{name: "the date in a time element", replace: []string{"10:39 Sep. 5, 2016", `<time datetime="2016-09-05T10:39">5 Sept. 2016</time>`}},
		{name: "a zone that the page says", replace: []string{"10:39 Sep. 5, 2016", "10:39 EEST, Sep. 5, 2016"}, published: "2016-09-05T10:39:00+03:00", zone: article.ZonePage},
		{name: "headline under photo and info", replace: []string{"<h1>" + agencyHeadline + "</h1>", "", "<h2>" + agencyStandfirst, "<h1>" + agencyHeadline + "</h1><h2>" + agencyStandfirst}},
		{name: "search title in the head alone", replace: []string{"</head>", `<meta property="og:title" content="Syria: what the superpowers disagree about"></head>`}},
		{name: "the date in ISO form beside the words of a byline", replace: []string{"10:39 Sep. 5, 2016", "By The Dnipro Wire | 2016-09-05 10:39"}},
		{name: "the date with the half of the day", replace: []string{"10:39 Sep. 5, 2016", "Sept. 5th, 2016, 10:39 a.m."}},
		{name: "the day before the clock, in capitals", replace: []string{"10:39 Sep. 5, 2016", "MONDAY, 5 SEPTEMBER 2016 10:39"}},
		{name: "the clock in a row named after its comments, the day in the head", replace: []string{"10:39 Sep. 5, 2016", `<span class="comment-row">10:39 Sep. 5, 2016</span>`, "</head>", `<meta name="dc.date" content="2016-09-05"><meta name="pubdate" content="20160905"></head>`}},
		{name: "the clock in digits alone, in the head", replace: []string{"10:39 Sep. 5, 2016", "", "</head>", `<meta name="pubdate" content="20160905103900"></head>`}},
		{name: "a headline of two lines", replace: []string{"<h1>Peace talks between US and Russia over Syria", "<h1><span>Peace talks between US and Russia</span><br><span>over Syria</span>"}},
		{name: "soft hyphens and hard spaces in the headline", replace: []string{"<h1>Peace talks", "<h1>Peace&nbsp;talks"}},
		{name: "everything in table cells", replace: []string{`<div class="page">`, `<table class="page"><tr>`, `<div class="col-main">`, "<td>", `<div class="col-side">`, "</td><td>"}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := base
			text := string(p.Body)
			for i := 0; i < len(v.replace); i += 2 {
				if !strings.Contains(text, v.replace[i]) {
					t.Fatalf("the fixture lacks %q", v.replace[i])
				}
				text = strings.Replace(text, v.replace[i], v.replace[i+1], 1)
			}
			p.Body = []byte(text)
			a := Extract(p)
			published, zone := "2016-09-05T10:39:00", article.ZoneNone
			if v.published != "" {
				published, zone = v.published, v.zone
			}
			if a.Headline != agencyHeadline {
				t.Errorf("headline %q", a.Headline)
			}
			if a.Published != published || a.PublishedZone != zone {
				t.Errorf("published %s, zone %s; want %s, %s", a.Published, a.PublishedZone, published, zone)
			}
			if a.Summary != agencyStandfirst {
				t.Errorf("summary %q", a.Summary)
			}
			if diff := cmp.Diff([]string{agencyCaption}, a.Captions); diff != "" {
				t.Errorf("captions: %s", diff)
			}
			if len(a.Photos) != 1 || a.Photos[0].Credit != "AP photo" {
				t.Errorf("photos %+v", a.Photos)
			}
			checkAgencyBody(t, a.Body)
		})
	}
}

func checkAgencyBody(t *testing.T, body string) {
	t.Helper()
	paragraphs := strings.Split(body, "\n\n")
	if len(paragraphs) != 5 || !strings.HasPrefix(body, "Hopes that the US and Russia could reach agreement") || !strings.HasSuffix(body, "to defeat the common enemy, President Bashar al-Assad.") {
		t.Errorf("body of %d paragraphs:\n%s", len(paragraphs), body)
	}
	for _, foreign := range []string{"Read also", "Full story", "Disqus", "Subscribe", "Obama and Putin discuss", "Dutch threaten", "Corruption allegations", "US-Russia talks on Syria:", "AP photo", "10:39", "Aid ambulances"} {
		if strings.Contains(body, foreign) {
			t.Errorf("the body holds %q", foreign)
		}
	}
}
