package extractor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"newsreel/article"
	"newsreel/internal/fuzzguard"
)

// TestHostilePagesEndSoonAndNameTheLimit holds pages that are built to hurt to a
// few seconds each, on a machine that does other things too, and to fifty times
// their size in memory.
func TestHostilePagesEndSoonAndNameTheLimit(t *testing.T) {
	paragraph := "<p>The council said on Monday that the bridge over the river would be closed for repairs until spring.</p>"
	for _, c := range []struct{ name, page, limit string }{
		{"40,000 nested elements", strings.Repeat("<div>", 40_000) + strings.Repeat(paragraph, 20) + strings.Repeat("</div>", 40_000), "nesting"},
		{"40,000 nested inline elements", "<p>" + strings.Repeat("<b>", 40_000) + strings.Repeat(paragraph, 20), "nesting"},
		{"one attribute of 10 MB", `<h1 title="` + strings.Repeat("a ", 5<<20) + `">Bridge to close</h1>` + strings.Repeat(paragraph, 20), "attribute length"},
		{"one class of 10 MB", `<div class="` + strings.Repeat("share-", 1_700_000) + `">` + strings.Repeat(paragraph, 20) + "</div>", "attribute length"},
		{"a million breaks", "<h1>Bridge to close</h1>" + strings.Repeat(paragraph, 20) + strings.Repeat("<br>", 1_000_000), "nodes"},
		{"100,000 attributes", "<h1 " + strings.Repeat("a b c d e f g h i j ", 10_000) + ">x</h1>" + strings.Repeat(paragraph, 20), ""},
		{"half a million captions", strings.Repeat(`<figure><img src=a.jpg><figcaption>Photo: x</figcaption></figure>`, 100_000), "nodes"},
		{"40,000 paragraphs", "<h1>Bridge to close</h1>" + strings.Repeat(paragraph, 40_000), ""},
		{"40,000 dates", strings.Repeat("<p>5 May 2024 10:39</p>", 40_000), ""},
		{"40,000 linked headings", strings.Repeat("<h2><a href=/x>Something happened in the town</a></h2>", 20_000), ""},
		{"JSON-LD of open brackets", `<script type="application/ld+json">` + strings.Repeat("[", 2_000_000) + "</script>" + strings.Repeat(paragraph, 20), ""},
		{"JSON-LD of open objects", `<script type="application/ld+json">` + strings.Repeat(`{"@type":"NewsArticle","a":`, 100_000) + "</script>", ""},
		{"JSON-LD of quotes", `<script type="application/ld+json">{"a":` + strings.Repeat(`"`, 500_000) + "</script>", ""},
		{"open brackets of markup", strings.Repeat("<", 1_000_000), ""},
		{"a headline of 5 MB", "<h1>" + strings.Repeat("Bridge ", 700_000) + "</h1>" + strings.Repeat(paragraph, 20), ""},
		{"one paragraph of 5 MB", "<h1>Bridge</h1><p>" + strings.Repeat("The council said so. ", 250_000), ""},
		{"a million elements of three letters", strings.Repeat("<b>", 1_000_000), "nodes"},
		{"a million paragraphs of a letter", strings.Repeat("<p>a", 1_000_000), "nodes"},
		{"a million links", strings.Repeat("<a href=x>a</a>", 1_000_000), "nodes"},
		{"10 MB of one word", "<h1>Bridge</h1><p>" + strings.Repeat("a", 10<<20), ""},
		{"10 MB of one title", "<title>" + strings.Repeat("Bridge to close ", 700_000) + "</title>" + strings.Repeat(paragraph, 20), ""},
		{"half a million classes", strings.Repeat("<div class='x"+strings.Repeat("y", 20)+"'>a</div>", 500_000), "nodes"},
		{"tables in tables", strings.Repeat("<table><tr><td>", 20_000) + "x", "nesting"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Page{Body: []byte(c.page), URL: "https://paper.example/a"}
			var a *article.Article
			fuzzguard.Run(t, len(p.Body), func() { a = Extract(p) })
			if a == nil || a.Kind == "" {
				t.Fatal("no record")
			}
			if _, named := a.Sources["limit "+c.limit]; c.limit != "" && !named {
				t.Errorf("sources do not name the limit %q: %v", c.limit, a.Sources)
			}
		})
	}
}

// TestTheSamePageGivesTheSameBytes runs every fixture twice and in parallel.
func TestTheSamePageGivesTheSameBytes(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.html")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		p := fixture(t, path)
		first := encode(t, p)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				if again := encode(t, p); again != first {
					t.Errorf("%s: %s\nand then %s", path, first, again)
				}
			})
		}
		wait.Wait()
	}
}

func encode(t testing.TB, p Page) string {
	b, err := json.Marshal(Extract(p))
	if err != nil {
		t.Error(err)
	}
	return string(b)
}

// TestTruncatedPagesStillSpeak cuts a page at many offsets.
func TestTruncatedPagesStillSpeak(t *testing.T) {
	p := fixture(t, "testdata/agency-2016.html")
	whole := p.Body
	for cut := 0; cut <= len(whole); cut += 37 {
		p.Body, p.Truncated = whole[:cut], true
		a := Extract(p)
		if !a.Truncated || a.Extractor != Version || a.URL != p.URL {
			t.Fatalf("cut at %d: %+v", cut, a)
		}
		if a.Published != "" && !strings.HasPrefix(a.Published, "2016-0") && a.Published > "2016-12-10T99" {
			t.Errorf("cut at %d: published %s", cut, a.Published)
		}
	}
}

func TestADateAfterTheFetchIsRefused(t *testing.T) {
	page := `<html lang="en"><title>Bridge to close</title><meta property="article:published_time" content="2031-01-01T10:00:00Z">
<h1>Bridge to close</h1><p>5 May 2030</p>` + strings.Repeat("<p>The council said on Monday that the bridge would be closed for repairs until spring.</p>", 5)
	p := Page{Body: []byte(page), URL: "https://paper.example/a", Fetched: time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)}
	if a := Extract(p); a.Published != "" {
		t.Errorf("published %s", a.Published)
	}
	p.Fetched = time.Time{}
	if a := Extract(p); a.Published != "2031-01-01T10:00:00+00:00" {
		t.Errorf("with no fetch time: published %s", a.Published)
	}
}

func FuzzExtract(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.html")
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, "text/html; charset=utf-8")
	}
	f.Add([]byte("<p>\xff\xfe<table><td><p><li><h1></table>"), "text/html; charset=shift_jis")
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		p := Page{Body: body, URL: "https://paper.example/2016/09/05/a", ContentType: contentType, Fetched: time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)}
		fuzzguard.Run(t, len(body), func() { Extract(p) })
		if first, again := encode(t, p), encode(t, p); first != again {
			t.Errorf("%s\nand then %s", first, again)
		}
	})
}
