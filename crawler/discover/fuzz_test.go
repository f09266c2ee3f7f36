package discover

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsreel/internal/weburl"
)

// checkLinks holds what every list of links must be: serialised, within the
// limits, each once.
func checkLinks(t *testing.T, links []Link, limits Limits) {
	t.Helper()
	seen := map[string]bool{}
	for _, l := range links {
		if again, err := weburl.ParseLimit(l.URL, limits.URLLength); err != nil || again != l.URL {
			t.Fatalf("%q parses to %q, %v", l.URL, again, err)
		}
		if seen[l.URL] {
			t.Fatalf("%q is there twice", l.URL)
		}
		seen[l.URL] = true
		if l.Kind.rank() == 0 || l.Attr == "" || l.Kind == KindAsset && l.AssetAttr != l.Attr {
			t.Fatalf("%+v has no kind or place", l)
		}
	}
}

func seedGolden(f *testing.F, suffix string) {
	files, err := filepath.Glob("testdata/golden/*" + suffix)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		body, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
}

func FuzzLinks(f *testing.F) {
	seedGolden(f, ".html")
	for _, m := range markup {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		p := Links(body, "https://a.test/b/c", "shift_jis", 0)
		checkLinks(t, p.Links, DefaultLimits())
		if !bytes.Equal(before, body) {
			t.Fatal("the body was changed")
		}
	})
}

func FuzzSitemap(f *testing.F) {
	seedGolden(f, ".xml")
	seedGolden(f, ".txt")
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := Sitemap(bytes.NewReader(body), "https://a.test/s.xml", Limits{Entries: 50})
		if err != nil {
			return
		}
		if len(s.Entries) > 50+5000 || len(s.Children) != len(s.ChildLastMod) || len(s.Faults) > 21 {
			t.Fatalf("%d entries, %d children, %d dates, %d faults", len(s.Entries), len(s.Children), len(s.ChildLastMod), len(s.Faults))
		}
		checkDiscovered(t, body)
	})
}

func FuzzFeed(f *testing.F) {
	seedGolden(f, ".xml")
	seedGolden(f, ".json")
	f.Fuzz(func(t *testing.T, body []byte) {
		if _, err := Feed(body, "https://a.test/f.xml"); err == nil {
			checkDiscovered(t, body)
		}
	})
}

func checkDiscovered(t *testing.T, body []byte) {
	t.Helper()
	limits := DefaultLimits()
	found := Discover(Input{Body: body, URL: "https://a.test/b/c", Hint: KindSitemap, Limits: limits})
	checkLinks(t, found.Links, limits)
}

func FuzzJSONLD(f *testing.F) {
	f.Add([]byte(`{"image":[{"url":"\/a"},"http:\/\/b"],"url":"/\u0041","@id":"/c"}`))
	f.Add([]byte(`]]}{"url":"/x\\"`))
	f.Fuzz(func(t *testing.T, body []byte) {
		eachJSONLD(body, func(ref []byte, kind Kind) {
			if len(ref) == 0 || kind.rank() == 0 {
				t.Fatalf("%q %q", ref, kind)
			}
		})
	})
}

// TestHostileDocumentsTakeLinearTime feeds two megabytes of what would cost
// quadratic time or memory in a careless parser.
func TestHostileDocumentsTakeLinearTime(t *testing.T) {
	const size = 2 << 20
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	const rss, atom, jsonFeed = "<rss><channel><item><title>x</title>", "<feed><entry>", `{"version":"https://jsonfeed.org/version/1","items":[`
	for _, test := range []struct{ name, body string }{
		{"open comments", "<html>" + fill("<!--")},
		{"open comments ended oddly", "<html>" + fill("<!-- --!")},
		{"document types", "<urlset>" + fill("<!x>")},
		{"document types with subsets", "<urlset>" + fill("<!x[>")},
		{"open scripts", "<html>" + fill("<script>")},
		{"escaped scripts", "<html><script>" + fill("<!--<script>")},
		{"ended escaped scripts", "<html>" + fill("<script><!--<script></script>--></script>")},
		{"titles", "<html>" + fill("<title>")},
		{"open quotes", "<html>" + fill("<a href='")},
		{"words of rel", "<html><link rel='" + fill("alternate ") + "' href='/" + strings.Repeat("x", 8000) + "'>"},
		{"a srcset of commas", "<html><img srcset='" + fill(",") + "'>"},
		{"a srcset of parentheses", "<html><img srcset='" + fill("a (,") + "'>"},
		{"ampersands", "<html><a href='" + fill("&amp") + "'>"},
		{"bases", "<html>" + fill("<base href=/x><a href=y>")},
		{"backslashes in JSON-LD", `<html><script type="application/ld+json">{"url":"` + fill(`\`)},
		{"quotes in JSON-LD", `<html><script type="application/ld+json">{"url":` + fill(`"\"`)},
		{"open character data", rss + fill("<![CDATA[")},
		{"items", rss + fill("<item>")},
		{"ampersands in XML", rss + "<link>" + fill("&#x26;&")},
		{"bases in Atom", atom + fill("<link xml:base='a/' href='b'/>")},
		{"locs", "<urlset>" + fill("<loc>a</loc>")},
		{"images", "<urlset><url>" + fill("<image:loc>a</image:loc>")},
		{"nested JSON", jsonFeed + fill("[")},
		{"JSON items", jsonFeed + fill(`{"id":1},`)},
	} {
		t.Run(test.name, func(t *testing.T) {
			start := time.Now()
			Discover(Input{Body: []byte(test.body), URL: "https://a.test/b/c", Hint: KindSitemap})
			if d := time.Since(start); d > 5*time.Second {
				t.Errorf("it took %v", d)
			} else {
				t.Log(d)
			}
		})
	}
}

func TestLongBasesDoNotMultiply(t *testing.T) {
	var b strings.Builder
	for i := range 20_000 {
		b.WriteString("<a href=")
		b.WriteString(strings.Repeat(string(rune('a'+i%26)), 1+i/26%40))
		b.WriteString(string(rune('a' + i/1040)))
		b.WriteString(">")
	}
	p := Links([]byte(b.String()), "https://a.test/"+strings.Repeat("x", 8000)+"/y", "", 0)
	total := 0
	for _, l := range p.Links {
		total += len(l.URL)
	}
	if !p.Truncated || total > DefaultLimits().URLBytes {
		t.Errorf("%d bytes of addresses, truncated %v", total, p.Truncated)
	}
}
