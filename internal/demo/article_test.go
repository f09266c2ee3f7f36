package demo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/encoding/charmap"
)

// shown is the text of a page as a reader sees it, with single spaces.
func shown(t *testing.T, r *resource) string {
	t.Helper()
	body := r.body
	switch {
	case strings.Contains(r.expect.URL, "www.vistka"):
		body, _ = charmap.Windows1251.NewDecoder().Bytes(body)
	case strings.Contains(r.expect.URL, "elfaro"):
		body, _ = charmap.ISO8859_1.NewDecoder().Bytes(body)
	}
	if !utf8.Valid(body) {
		t.Errorf("%s: not text in its charset", r.expect.URL)
	}
	doc, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestEveryExpectedTextStandsInItsPageOnceAndInOrder(t *testing.T) {
	w := New()
	for _, edition := range []int{FirstEdition, SecondEdition} {
		w.SetEdition(edition)
		for _, a := range w.Articles() {
			text := shown(t, w.editions[edition].resources[a.URL])
			at := strings.Index(text, a.Body[0])
			for _, p := range a.Body {
				i := strings.Index(text[max(at, 0):], p)
				if i < 0 || at < 0 || strings.Count(text, p) != 1 {
					t.Errorf("edition %d: %s: paragraph is missing, repeated or out of order: %q", edition, a.URL, p)
					break
				}
				at += i
			}
			for _, s := range slices.Concat([]string{a.Headline, a.Summary, a.Kicker}, a.Captions, a.Credits, a.Authors) {
				if !strings.Contains(text, s) {
					t.Errorf("edition %d: %s: the page does not show %q", edition, a.URL, s)
				}
			}
			judgeExpectation(t, a)
		}
	}
}

func judgeExpectation(t *testing.T, a Article) {
	t.Helper()
	if a.Headline == "" || a.Language == "" || a.Kind == "" || len(a.Body) == 0 {
		t.Errorf("%s: a field is empty: %+v", a.URL, a)
	}
	if year := a.Published[:4]; year < "2016" || year > "2024" {
		t.Errorf("%s: published %s", a.URL, a.Published)
	}
	if zoned := len(a.Published) > len(isoLocal); zoned != (a.PublishedZone == "page") {
		t.Errorf("%s: published %s, zone %q", a.URL, a.Published, a.PublishedZone)
	}
	all := strings.Join(slices.Concat([]string{a.Headline, a.Summary}, a.Body, a.Captions, a.Credits), "\n")
	for _, never := range a.Never {
		if strings.Contains(all, never) {
			t.Errorf("%s: %q is expected and must never come", a.URL, never)
		}
	}
	if len(a.Captions) != len(a.Credits) {
		t.Errorf("%s: %d captions, %d credits", a.URL, len(a.Captions), len(a.Credits))
	}
}

func TestTheTalksOf2016AreAsTheAgencyPrintedThem(t *testing.T) {
	w := unmoved()
	i := slices.IndexFunc(w.Articles(), func(a Article) bool { return strings.Contains(a.URL, "1504280") })
	a := w.Articles()[i]
	if a.Headline != "Peace talks between US and Russia over Syria stall at G20 summit - Guardian" ||
		a.Published != "2016-09-05T10:39:00" || len(a.Captions) != 1 || a.Credits[0] != "AP photo" || len(a.Body) != 5 {
		t.Errorf("%+v", a)
	}
	text := shown(t, w.editions[FirstEdition].resources[a.URL])
	for _, s := range []string{"10:39 Sep. 5, 2016", "US-Russia talks on Syria:", "Read also", "Full story", "comments powered by Disqus", "Subscribe to receive", "Other stories"} {
		if !strings.Contains(text, s) {
			t.Errorf("the page does not show %q", s)
		}
	}
	if strings.Contains(text, "+02") || strings.Contains(text, "UTC") {
		t.Error("the page names a zone")
	}
}

func TestTwoPapersPrintTheSameWire(t *testing.T) {
	found := map[string]int{}
	for _, a := range unmoved().Articles() {
		if strings.HasPrefix(a.Headline, "Talks on river water") {
			found[strings.Join(a.Body, "\n\n")]++
		}
	}
	if len(found) != 1 || found[strings.Join(wireStory().body, "\n\n")] != 2 {
		t.Errorf("found %v", found)
	}
}

func TestTheWorldHoldsEachKindOfArticle(t *testing.T) {
	kinds, languages, zones := map[string]int{}, map[string]int{}, map[string]int{}
	paid, captions := 0, 0
	for _, a := range unmoved().Articles() {
		kinds[a.Kind]++
		languages[a.Language]++
		zones[a.PublishedZone]++
		captions += len(a.Captions)
		if a.Paywalled {
			paid++
		}
	}
	for _, k := range []string{"article", "liveblog", "gallery", "video"} {
		if kinds[k] == 0 {
			t.Errorf("no %s", k)
		}
	}
	if len(languages) != 6 || zones["page"] < 20 || zones["none"] < 20 || paid != 1 || captions < 40 {
		t.Errorf("languages %v, zones %v, %d paid, %d captions", languages, zones, paid, captions)
	}
}
