package discover

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the expected results in testdata")

// TestGolden holds what is found in each document of testdata/golden to the
// .want.json beside it.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, ".want.json") {
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			in := Input{Body: body, URL: "https://www.herald.test/2024/" + filepath.Base(file)}
			switch {
			case strings.HasSuffix(file, ".html"):
				in.MediaType, in.Charset = "text/html", "windows-1251"
			case strings.HasSuffix(file, ".txt"):
				in.Hint = KindSitemap
			}
			found := Discover(in)
			if found.Page != nil {
				found.Page.Links = nil // they are those of found
			}
			got, err := json.MarshalIndent(found, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			compareGolden(t, strings.TrimSuffix(file, filepath.Ext(file))+".want.json", append(got, '\n'))
		})
	}
}

func compareGolden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func TestDiscoverGoesByTheBytes(t *testing.T) {
	const page = "<html><a href=/x>"
	for _, test := range []struct {
		name, body, mediaType string
		hint                  Kind
		kind                  string
		links                 int
	}{
		{"a page under a feed's address", page, "application/rss+xml", KindFeed, TypeHTML, 1},
		{"a feed served as HTML", "<rss><channel><item><link>http://a.test/1</link></item></channel></rss>", "text/html", KindPage, TypeRSS, 1},
		{"a page that begins with text", "hello <a href=/x>", "text/html; charset=utf-8", "", TypeHTML, 1},
		{"text is no page", "hello <a href=/x>", "text/plain", "", TypeText, 0},
		{"text under a sitemap's address", "http://a.test/1\nhttp://a.test/2", "text/plain", KindSitemap, TypeText, 2},
		{"XHTML as XML", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><a href="/x"/></html>`, "application/xml", "", TypeHTML, 1},
		{"other XML", `<?xml version="1.0"?><svg><a href="/x"/></svg>`, "image/svg+xml", "", TypeXML, 0},
		{"a picture", "\x89PNG\r\n\x1a\n\x00<a href=/x>", "image/png", "", "", 0},
		{"nothing", "", "text/html", "", "", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := Discover(Input{Body: []byte(test.body), MediaType: test.mediaType, URL: "http://a.test/", Hint: test.hint})
			if f.Type != test.kind || len(f.Links) != test.links {
				t.Errorf("got %q with %v, want %q with %d links", f.Type, f.Links, test.kind, test.links)
			}
		})
	}
}

func TestSniff(t *testing.T) {
	for body, want := range map[string]string{
		"<!DOCTYPE html><p>":      TypeHTML,
		"<!doctype\nHTML PUBLIC>": TypeHTML,
		"\uFEFF  <urlset>":        TypeSitemap,
		"<?xml version='1.0'?><!-- x --><s:urlset xmlns:s='y'>": TypeSitemap,
		"<!DOCTYPE x [<!ENTITY a '>'>]><sitemapindex>":          TypeSitemapIndex,
		"<rdf:RDF>": TypeRSS,
		"<feed xmlns='http://www.w3.org/2005/Atom'>":               TypeAtom,
		"\xff\xfe<\x00r\x00s\x00s\x00>\x00":                        TypeRSS,
		"\xfe\xff\x00<\x00r\x00s\x00s\x00>":                        TypeRSS,
		"<opml version='1'>":                                       TypeText,
		"<?xml version='1.0'?><opml>":                              TypeXML,
		"<?xml":                                                    TypeXML,
		"{\"version\": \"https://jsonfeed.org/version/1\"":         TypeJSONFeed,
		"{\"version\": \"https:\\/\\/jsonfeed.org\\/version\\/1\"": TypeJSONFeed,
		"{\"a\":1}":                           TypeText,
		"junk <HTML>":                         TypeHTML,
		"https://a.test/\n":                   TypeText,
		"GIF89a\x01\x00\x01":                  "",
		"  \n":                                "",
		"<!-- only a comment":                 TypeText,
		"<":                                   TypeText,
		"<h1>a heading</h1>":                  TypeHTML,
		"<custom-element><p>":                 TypeText,
		"<Script>x</script>":                  TypeHTML,
		strings.Repeat("\n", 9000) + "<html>": TypeHTML,
		"\x00\x00<!DOCTYPE html>":             TypeHTML,
	} {
		if got := Sniff([]byte(body)); got != want {
			t.Errorf("%q: got %q, want %q", body, got, want)
		}
	}
}

func TestTheFirstBaseCountsForAllLinks(t *testing.T) {
	for _, test := range []struct{ name, page, want string }{
		{"base first", `<base href="/b/"><a href="x">`, "http://a.test/b/x"},
		{"base after links", `<a href="x"><title>t</title><base href="http://c.test/b/"><base href="/no/">`, "http://c.test/b/x"},
		{"base without href is none", `<base target=_top><base href="/b/"><a href=x>`, "http://a.test/b/x"},
		{"a base that is no address leaves the page's", `<base href="javascript:x"><base href="/no/"><a href=x>`, "http://a.test/d/x"},
		{"a second late base is ignored", `<base href="/1/"><a href=x><base href="/2/">`, "http://a.test/1/x"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Links([]byte(test.page), "http://a.test/d/p", "", 0)
			if len(p.Links) != 1 || p.Links[0].URL != test.want {
				t.Errorf("got %v, want %s", p.Links, test.want)
			}
		})
	}
}

func TestALinkKeepsItsStrongestKind(t *testing.T) {
	p := Links([]byte(`<link rel=canonical href=/x><img src=/x><link rel=alternate type=application/rss+xml href=/x><a rel=nofollow href=/x><img src=/x>`), "http://a.test/", "", 0)
	want := []Link{{URL: "http://a.test/x", Kind: KindPage, Attr: "a", AssetAttr: "img", Nofollow: true}}
	if diff := cmp.Diff(want, p.Links); diff != "" {
		t.Error(diff)
	}
}

func TestImagesArePicturesOfThePage(t *testing.T) {
	p := Links([]byte(`<img src=/1.jpg><a href=/1.jpg></a><a href=/2.jpg></a><script src=/3.js></script><link rel=icon href=/4.ico><meta property=og:image content=/5.jpg>`), "http://a.test/", "", 0)
	var images []string
	for _, l := range p.Links {
		if l.Image() {
			images = append(images, l.URL)
		}
	}
	if want := []string{"http://a.test/1.jpg", "http://a.test/5.jpg"}; !slices.Equal(images, want) {
		t.Errorf("got %q, want %q", images, want)
	}
}

func TestFeedFilesByNameWhereTheTypeIsMissing(t *testing.T) {
	feed, err := Feed([]byte(`<rss><channel><item><title>x</title><media:content url="/a.JPG?w=1"/><media:content url="/b.mp4"/><media:content url="/c" type="image/png"/></item></channel></rss>`), "http://a.test/f")
	if err != nil || len(feed.Entries) != 1 {
		t.Fatal(feed, err)
	}
	e := feed.Entries[0]
	if !slices.Equal(e.Images, []string{"http://a.test/a.JPG?w=1", "http://a.test/c"}) || !slices.Equal(e.Enclosures, []string{"http://a.test/b.mp4"}) {
		t.Errorf("got images %q, files %q", e.Images, e.Enclosures)
	}
}

func TestMetaElementsOfOtherNames(t *testing.T) {
	p := Links([]byte(`<meta itemprop="image" content="/1.jpg"><meta name="thumbnail" content="/2.jpg"><meta property="og:audio" content="/3.mp3"><meta name="title" content="/no">`+
		`<link rel=preload as=style href=/4.css><link rel=preload as=script href=/5.js><link rel=preload as=fetch href=/no><link rel=previous href=/6><meta name="thumbnailurl" content="/7.jpg">`), "http://a.test/", "", 0)
	var got []string
	for _, l := range p.Links {
		got = append(got, l.Attr+" "+strings.TrimPrefix(l.URL, "http://a.test/"))
	}
	want := []string{"image_src 1.jpg", "image_src 2.jpg", "og:audio 3.mp3", "stylesheet 4.css", "script 5.js", "prev 6", "image_src 7.jpg"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLimitsOfAPage(t *testing.T) {
	page := []byte("<a href=/1><a href=/1><a href=/2><a href=/3><a href=/" + strings.Repeat("x", 9000) + ">")
	p := Links(page, "http://a.test/", "", 2)
	if len(p.Links) != 2 || !p.Truncated || p.TooLong != 1 {
		t.Errorf("got %d links, truncated %v, too long %d", len(p.Links), p.Truncated, p.TooLong)
	}
	if p = Links(page, "http://a.test/", "", 3); len(p.Links) != 3 || p.Truncated {
		t.Errorf("got %d links, truncated %v", len(p.Links), p.Truncated)
	}
}

func TestDeepAndEndlessMarkup(t *testing.T) {
	for _, test := range []struct{ name, page string }{
		{"5,000 levels", strings.Repeat("<div>", 5000) + "<a href=/x>"},
		{"a tag with 100,000 attributes", "<div" + strings.Repeat(" a=b", 100_000) + "><a href=/x>"},
		{"unclosed quotes before", `<a href=/x><a href="` + strings.Repeat("y", 1<<20)},
		{"a comment that does not end", "<a href=/x><!--" + strings.Repeat("-<a href=/y>", 1000)},
		{"JSON-LD nested beyond sense", `<a href=/x><script type="application/ld+json">` + strings.Repeat(`{"image":[`, 1<<16) + "</script>"},
		{"many less-than signs", strings.Repeat("<", 1<<20) + "a href=/x>"},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Links([]byte(test.page), "http://a.test/", "", 0)
			if len(p.Links) != 1 || p.Links[0].URL != "http://a.test/x" {
				t.Errorf("got %d links", len(p.Links))
			}
		})
	}
}

func TestSrcset(t *testing.T) {
	for set, want := range map[string]string{
		"a.jpg":                                 "a.jpg",
		"a.jpg 1x, b.jpg 2x":                    "a.jpg b.jpg",
		"a.jpg 1x,b.jpg 2x":                     "a.jpg b.jpg",
		"a,b.jpg 1x, c,d.jpg 2x":                "a,b.jpg c,d.jpg",
		"a.jpg, b.jpg":                          "a.jpg b.jpg",
		"  ,a.jpg\n\t480w\n,, b.jpg,":           "a.jpg b.jpg",
		"a.jpg calc(1px, 2px) 1x, b.jpg":        "a.jpg b.jpg",
		"data:image/png;base64,xx 1x, b.jpg 2x": "data:image/png;base64,xx b.jpg",
		"":                                      "", ",": "",
	} {
		var got []string
		eachSrcset([]byte(set), func(ref []byte) { got = append(got, string(ref)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%q: got %q, want %q", set, got, want)
		}
	}
}

func TestRefresh(t *testing.T) {
	for content, want := range map[string]string{
		"5": "", "": "", "5;": "", "url=/x": "", "x;url=/x": "",
		"0;url=/x": "/x", "0; URL = '/x y' z": "/x y", `0,url="/x"`: "/x", " 3 /x": "/x", ".5;url=/x": "/x",
		"5; /x": "/x", "5;url='/x": "/x", "5;urlx": "urlx", "5.5 url=/x": "/x",
	} {
		if got := string(refreshTarget([]byte(content))); got != want {
			t.Errorf("%q: got %q, want %q", content, got, want)
		}
	}
}

func TestOptOutHeaders(t *testing.T) {
	for _, test := range []struct {
		name   string
		fields [][2]string
		want   []string
	}{
		{"one field", [][2]string{{"X-Robots-Tag", "noindex, NoFollow"}}, []string{"noindex", "nofollow"}},
		{"several fields, any case", [][2]string{{"x-robots-tag", "noai"}, {"Server", "noindex"}, {"X-ROBOTS-TAG", "noimageai, noai"}}, []string{"noai", "noimageai"}},
		{"for another agent", [][2]string{{"X-Robots-Tag", "otherbot: noindex, nofollow"}}, nil},
		{"for us", [][2]string{{"X-Robots-Tag", "otherbot: noindex, newsreel: noarchive, nofollow"}}, []string{"noarchive", "nofollow"}},
		{"with a date", [][2]string{{"X-Robots-Tag", "unavailable_after: 25 Jun 2010 15:00:00 PST, nosnippet"}}, []string{"unavailable_after", "nosnippet"}},
		{"none is both", [][2]string{{"X-Robots-Tag", "none"}}, []string{"noindex", "nofollow"}},
		{"a reservation", [][2]string{{"TDM-Reservation", " 1"}}, []string{"tdm-reservation"}},
		{"no reservation", [][2]string{{"tdm-reservation", "0"}}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			fields := func(yield func(name, value string) bool) {
				for _, f := range test.fields {
					if !yield(f[0], f[1]) {
						return
					}
				}
			}
			if got := OptOutHeaders(fields, "Newsreel"); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestSitemapAndFeedRefuseOtherThings(t *testing.T) {
	if _, err := Sitemap(strings.NewReader("<!DOCTYPE html><p>not found"), "http://a.test/s.xml", Limits{}); !errors.Is(err, ErrNotSitemap) {
		t.Errorf("got %v", err)
	}
	if _, err := Feed([]byte("<!DOCTYPE html><p>not found"), "http://a.test/f.xml"); !errors.Is(err, ErrNotFeed) {
		t.Errorf("got %v", err)
	}
}

func TestLimitsOfASitemap(t *testing.T) {
	doc := "<urlset>" + strings.Repeat("<url><loc>http://a.test/x</loc></url>", 100) + "</urlset>"
	s, err := Sitemap(strings.NewReader(doc), "http://a.test/s.xml", Limits{Entries: 10})
	if err != nil || len(s.Entries) != 10 || !s.Truncated || len(s.Faults) != 1 {
		t.Errorf("got %+v, %v", s, err)
	}
	s, err = Sitemap(strings.NewReader(doc), "http://a.test/s.xml", Limits{Bytes: 200})
	if err != nil || len(s.Entries) != 5 || !s.Truncated {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestEncodingsOfSitemaps(t *testing.T) {
	const want = "http://a.test/%D0%BF"
	for _, test := range []struct{ name, doc string }{
		{"declared windows-1251", "<?xml version='1.0' encoding='windows-1251'?><urlset><url><loc>http://a.test/\xef</loc></url></urlset>"},
		{"declared windows-1251, but UTF-8", "<?xml version='1.0' encoding='windows-1251'?><urlset><url><loc>http://a.test/\u043f</loc></url></urlset>"},
		{"UTF-8 with a mark", "\uFEFF<urlset><url><loc>http://a.test/\u043f</loc></url></urlset>"},
		{"UTF-16 with a mark", "\xff\xfe" + utf16le("<urlset><url><loc>http://a.test/\u043f</loc></url></urlset>")},
		{"UTF-16 without a mark", utf16le("<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>http://a.test/\u043f</loc></url></urlset>")},
		{"declared UTF-16, but UTF-8", "<?xml version='1.0' encoding='utf-16'?><urlset><url><loc>http://a.test/\u043f</loc></url></urlset>"},
		{"a feed", "<rss><channel><item><link>http://a.test/\u043f</link></item></channel></rss>"},
		{"text", "http://a.test/\u043f\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := Sitemap(strings.NewReader(test.doc), "http://a.test/s", Limits{})
			if err != nil || len(s.Entries) != 1 || s.Entries[0].URL != want {
				t.Errorf("got %+v, %v", s, err)
			}
		})
	}
}

func utf16le(s string) string {
	var out []byte
	for _, r := range s {
		out = append(out, byte(r), byte(r>>8))
	}
	return string(out)
}

func TestFeedTimes(t *testing.T) {
	for text, want := range map[string]string{
		"Fri, 03 May 2024 10:00:00 +0200":       "2024-05-03T08:00:00Z 2024-05-03",
		"Fri, 3 May 2024 10:00 GMT":             "2024-05-03T10:00:00Z 2024-05-03",
		"Ven, 03 May 2024 10:00:00 CEST":        "2024-05-03T08:00:00Z 2024-05-03",
		"Friday, 03 May 2024 23:00:00 PST":      "2024-05-04T07:00:00Z 2024-05-03",
		"2024-05-03T10:00:00Z":                  "2024-05-03T10:00:00Z 2024-05-03",
		"2024-05-03T10:00:00.123456+02:00":      "2024-05-03T08:00:00Z 2024-05-03",
		"2024-05-03T10:00:00+0200":              "2024-05-03T08:00:00Z 2024-05-03",
		"2024-05-03 10:00:00":                   " 2024-05-03",
		"2024-05-03":                            " 2024-05-03",
		"Fri, 03 May 2024 10:00:00 XYZ":         " 2024-05-03",
		"03 May 24 10:00:00 GMT":                "2024-05-03T10:00:00Z 2024-05-03",
		"yesterday":                             " ",
		"":                                      " ",
		"Fri, 31 Feb 2024 10:00:00 GMT":         " ",
		strings.Repeat("Fri, 03 May 2024 ", 50): " ",
	} {
		at, day := feedTime(text)
		got := " " + day
		if !at.IsZero() {
			got = at.UTC().Format("2006-01-02T15:04:05Z") + got
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}
