package discover

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// newsPage makes a page of about 64 KB with 118 links, in the manner of a news
// site: head, navigation, text, pictures, other stories.
func newsPage() []byte {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A headline of some length | The Paper</title>
<link rel="canonical" href="https://www.example.com/world/2024/05/03/a-headline-of-some-length-10001.html">
<link rel="stylesheet" href="/static/css/main.3f2a.css"><link rel="alternate" type="application/rss+xml" href="/rss/world.xml">
<meta name="robots" content="max-image-preview:large"><meta property="og:image" content="https://img.example.com/10001/large.jpg">
<script type="application/ld+json">{"@context":"https://schema.org","@type":"NewsArticle","url":"https:\/\/www.example.com\/world\/x","image":["https://img.example.com/1.jpg"],"articleBody":"`)
	for range 40 {
		b.WriteString("Ministers met on Friday to talk about what had been talked about before, and agreed to meet again. ")
	}
	b.WriteString("\"}</script><script>\n")
	for i := range 40 {
		fmt.Fprintf(&b, "window.dataLayer=window.dataLayer||[];function f%d(a,b){if(a<b){return a&&b}else{return '<div>'+a+'</div>'}}\n", i)
	}
	b.WriteString("</script></head><body class=\"article world\"><nav><ul>\n")
	for i := range 30 {
		fmt.Fprintf(&b, "<li class=\"nav__item nav__item--%d\"><a class=\"nav__link\" href=\"/section-%d/\" data-track=\"nav|%d\"><span>Section %d</span></a></li>\n", i, i, i, i)
	}
	b.WriteString("</ul></nav><main><article><h1>A headline of some length</h1>\n")
	for i := range 60 {
		fmt.Fprintf(&b, "<p class=\"story__paragraph\" data-component=\"text\">Ministers met on Friday to talk about <b>what</b> had been talked about before, and agreed to meet again in a month, when <a href=\"https://www.example.com/world/2024/05/%02d/another-story-about-it-%d.html\" rel=\"noopener\">another report</a> is due. The spokesman said &#8220;no&#8221; &amp; left. Little else was known of what they spoke about, and those who knew more kept silent about it all the same.</p>\n", i%28+1, 20000+i)
	}
	for i := range 4 {
		fmt.Fprintf(&b, "<figure class=\"photo\"><picture><source srcset=\"/img/%d-480.webp 480w, /img/%d-960.webp 960w\" type=\"image/webp\"><img src=\"/img/%d.jpg\" alt=\"A photo\" loading=\"lazy\" width=\"960\" height=\"540\"></picture><figcaption>Someone does something</figcaption></figure>\n", i, i, i)
	}
	b.WriteString("</article></main><aside>\n")
	for i := range 28 {
		fmt.Fprintf(&b, "<div class=\"teaser teaser--small\"><div class=\"teaser__media\"></div><h3 class=\"teaser__title\"><a href=\"/politics/2024/04/%02d/story-number-%d-of-the-list.html?ref=list&amp;pos=%d\">Story number %d</a></h3><time datetime=\"2024-04-%02d\">April</time></div>\n", i%28+1, 30000+i, i, i, i%28+1)
	}
	b.WriteString("</aside><footer><div class=\"row\">")
	for b.Len() < 64<<10 {
		b.WriteString("<div class=\"col col-4\"><span class=\"muted\">About the paper</span><p>Text of the footer that goes on.</p></div>\n")
	}
	b.WriteString("</div></footer></body></html>")
	return []byte(b.String())
}

func BenchmarkLinks(b *testing.B) {
	page := newsPage()
	b.Run("page of 64 KB", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			n = len(Links(page, "https://www.example.com/world/", "utf-8", 0).Links)
		}
		b.ReportMetric(float64(n), "links")
	})
	b.Run("library tokenizer alone", func(b *testing.B) {
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			z := html.NewTokenizer(bytes.NewReader(page))
			for z.Next() != html.ErrorToken {
				z.TagName()
			}
		}
	})
}

func BenchmarkSitemap(b *testing.B) {
	var s strings.Builder
	s.WriteString(`<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
	for i := range 1000 {
		fmt.Fprintf(&s, "<url>\n<loc>https://www.example.com/2024/05/story-%d.html</loc>\n<lastmod>2024-05-03T10:00:00Z</lastmod></url>\n", i)
	}
	s.WriteString("</urlset>")
	doc := []byte(s.String())
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		parseSitemap(doc, "https://www.example.com/sitemap.xml", DefaultLimits())
	}
}
