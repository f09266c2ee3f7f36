package demo

import (
	"fmt"
	"html"
	"strings"
	"time"
)

// rss adds a feed of stories. (RSS 2.0)
func (b *builder) rss(path string, stories []story) {
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<rss version="2.0"><channel>` + "\n")
	fmt.Fprintf(&x, "<title>%s</title><link>%s</link><description>%s</description><language>%s</language>\n",
		html.EscapeString(b.Name), b.url("/"), html.EscapeString(b.Motto), b.Lang)
	for _, s := range stories {
		fmt.Fprintf(&x, "<item><title>%s</title><link>%s</link><guid isPermaLink=\"true\">%s</guid><pubDate>%s</pubDate><description>%s</description></item>\n",
			html.EscapeString(s.head), b.url(s.path), b.url(s.path), s.when.Format(time.RFC1123Z), html.EscapeString(s.stand))
	}
	x.WriteString("</channel></rss>\n")
	b.note(b.e.text(KindFeed, b.url(path), "application/rss+xml; charset=utf-8", x.String()))
}

// atom adds a feed of stories. (RFC 4287)
func (b *builder) atom(path string, stories []story) {
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<feed xmlns="http://www.w3.org/2005/Atom">` + "\n")
	fmt.Fprintf(&x, "<title>%s</title><id>%s</id><updated>%s</updated><link rel=\"self\" href=\"%s\"/>\n",
		html.EscapeString(b.Name), b.url("/"), stories[0].when.Format(time.RFC3339), b.url(path))
	for _, s := range stories {
		fmt.Fprintf(&x, "<entry><title>%s</title><link rel=\"alternate\" href=\"%s\"/><id>%s</id><published>%s</published><updated>%s</updated><summary>%s</summary></entry>\n",
			html.EscapeString(s.head), b.url(s.path), b.url(s.path), s.when.Format(time.RFC3339), s.when.Format(time.RFC3339), html.EscapeString(s.stand))
	}
	x.WriteString("</feed>\n")
	b.note(b.e.text(KindFeed, b.url(path), "application/atom+xml", x.String()))
}

// sitemap is a list of URLs; with news it carries the news tags.
// (sitemaps.org/protocol; Google's news extension)
func (b *builder) sitemap(stories []story, news bool) string {
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">` + "\n")
	for _, s := range stories {
		fmt.Fprintf(&x, "<url><loc>%s</loc><lastmod>%s</lastmod>", b.url(s.path), s.when.Format(time.RFC3339))
		if news {
			fmt.Fprintf(&x, "<news:news><news:publication><news:name>%s</news:name><news:language>%s</news:language></news:publication><news:publication_date>%s</news:publication_date><news:title>%s</news:title></news:news>",
				html.EscapeString(b.Name), b.Lang, s.when.Format(time.RFC3339), html.EscapeString(s.head))
		}
		x.WriteString("</url>\n")
	}
	x.WriteString("</urlset>\n")
	return x.String()
}

// sitemapIndex adds an index of sitemaps. (sitemaps.org/protocol)
func (b *builder) sitemapIndex(path string, maps ...string) {
	var x strings.Builder
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, p := range maps {
		fmt.Fprintf(&x, "<sitemap><loc>%s</loc></sitemap>\n", b.url(p))
	}
	x.WriteString("</sitemapindex>\n")
	b.note(b.e.text(KindSitemap, b.url(path), "application/xml", x.String()))
}
