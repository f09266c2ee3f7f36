package extractor

import (
	"net/url"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// main is the structured data's article, or nil.
func (s *story) main() *readers.Thing {
	for i := range s.things {
		if s.things[i].IsArticle() {
			return &s.things[i]
		}
	}
	return nil
}

// section is what the page calls the part of the paper that it stands in.
func (s *story) section() (string, string) {
	if t := s.main(); t != nil && t.Section != "" && len(t.Section) < 80 {
		return t.Section, t.From + " articleSection"
	}
	for _, m := range []string{"article:section", "og:article:section", "parsely-section", "section", "cxenseparse:section", "dc.subject", "category"} {
		if v := s.meta.Get(m); v != "" && len(v) < 80 {
			return v, "meta " + m
		}
	}
	return s.sectionLink()
}

// sectionLink is the text of the link, shortly before the headline, that leads
// to the part of the site that the page's own address is under.
func (s *story) sectionLink() (string, string) {
	own, err := url.Parse(s.p.URL)
	if err != nil || s.title == nil {
		return "", ""
	}
	from := s.title.Order - 120
	for i := int(s.title.Order); i > 0 && int32(i) > from; i-- {
		n := s.doc.Nodes[i]
		if n.Tag != atom.A {
			continue
		}
		u, err := url.Parse(s.absolute(n.Attr("href")))
		if err != nil || u.Host != own.Host || len(strings.Trim(u.Path, "/")) == 0 || u.Path == own.Path {
			continue
		}
		text := n.InnerText()
		if strings.HasPrefix(own.Path, strings.TrimSuffix(u.Path, "/")+"/") && text != "" && len(text) < 60 {
			return text, "link to the section"
		}
	}
	return s.lastCrumb()
}

// lastCrumb is the last link of a row of links shortly over the headline.
func (s *story) lastCrumb() (string, string) {
	for i := s.titleBlock - 1; i >= max(0, s.titleBlock-4); i-- {
		b := &s.blocks[i]
		if b.Letters > 80 || b.Links < 2 || b.LinkShare() < 0.6 || !strings.ContainsAny(b.Text, ">/›»→＞·") {
			continue
		}
		text := ""
		b.Node.Each(func(n *page.Node) bool {
			if n.Tag == atom.A {
				text = n.InnerText()
			}
			return n.Tag != atom.A
		})
		if text != "" && len(text) < 60 && folded(text) != s.titleText {
			return text, "breadcrumb"
		}
	}
	return "", ""
}

const maxTags = 50

// tags are the article's topics as the publisher's metadata has them.
func (s *story) tags() ([]string, string) {
	var out []string
	add := func(list []string) {
		for _, v := range list {
			for _, w := range strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == '、' || r == '،' }) {
				if w = page.Fold(w); w != "" && len(w) < 100 && len(out) < maxTags {
					out = appendNew(out, w)
				}
			}
		}
	}
	if t := s.main(); t != nil {
		add(t.Keywords)
		if len(out) > 0 {
			return out, t.From + " keywords"
		}
	}
	for _, m := range []string{"article:tag", "og:article:tag", "news_keywords", "parsely-tags", "sailthru.tags", "keywords"} {
		if add(s.meta.All(m)); len(out) > 0 {
			return out, "meta " + m
		}
	}
	for _, n := range s.doc.Nodes {
		if n.Tag == atom.A && strings.Contains(" "+strings.ToLower(n.Attr("rel"))+" ", " tag ") && s.root != nil && s.scope().Holds(n) && !s.inBox(n) {
			add([]string{n.InnerText()})
		}
	}
	if len(out) > 0 {
		return out, "links of relation tag"
	}
	return nil, ""
}

// siteName is what the site calls itself.
func (s *story) siteName() (string, string) {
	if v := s.meta.Get("og:site_name"); v != "" && len(v) < 100 {
		return v, "meta og:site_name"
	}
	for i := range s.things {
		if v := s.things[i].SiteName; v != "" && len(v) < 100 {
			return v, s.things[i].From + " publisher"
		}
	}
	for _, m := range []string{"application-name", "apple-mobile-web-app-title", "dc.publisher"} {
		if v := s.meta.Get(m); v != "" && len(v) < 100 {
			return v, "meta " + m
		}
	}
	if name := s.homeName(); name != "" {
		return name, "link to the front page"
	}
	return "", ""
}

// paywalled tells whether the page declares that the article is not free, or a
// box where the text ends says so.
func (s *story) paywalled() (bool, string, float64) {
	for i := range s.things {
		switch s.things[i].Free {
		case "false", "no", "0":
			return true, s.things[i].From + " isAccessibleForFree", 0.95
		case "true", "yes", "1":
			return false, "", 0
		}
	}
	switch strings.ToLower(s.meta.Get("article:content_tier", "og:article:content_tier", "content_tier")) {
	case "locked", "metered":
		return true, "meta article:content_tier", 0.9
	case "free":
		return false, "", 0
	}
	if s.last >= 0 {
		for i := s.last; i < min(len(s.blocks), s.last+8); i++ {
			if s.blocks[i].Node.AboveMarked(page.PaywallBox, 4) != nil {
				return true, "box after the text", 0.8
			}
		}
	}
	return false, "", 0
}

// kind says what the page is.
func (s *story) kind(body string, photos int) (string, string, float64) {
	t := s.main()
	og := strings.ToLower(s.meta.Get("og:type"))
	letters := page.Letters(body)
	typ := ""
	if t != nil {
		typ = t.Type
	}
	switch {
	case typ == "LiveBlogPosting":
		return article.KindLiveblog, t.From + " type", 0.95
	case letters < 600 && (typ == "VideoObject" || strings.HasPrefix(og, "video")):
		return article.KindVideo, "markup", 0.85
	case letters < 400 && (typ == "ImageGallery" || typ == "MediaGallery" || photos >= 8):
		return article.KindGallery, "markup", 0.8
	case s.title != nil && s.first >= 0 && s.blocks[s.first].Node.AboveMarked(page.Liveblog, 6) != nil:
		return article.KindLiveblog, "layout", 0.7
	case t != nil && (strings.HasSuffix(typ, "Article") || typ == "BlogPosting" || typ == "Report") && (letters >= 150 || t.Published != ""):
		return article.KindArticle, t.From + " type", 0.95
	case s.indexLike(letters):
		return article.KindIndex, "layout", 0.8
	case og == "article" && letters >= 150:
		return article.KindArticle, "meta og:type", 0.9
	case letters >= 500 && told(body) >= 150:
		return article.KindArticle, "layout", 0.75
	case s.shortNews(body):
		return article.KindArticle, "layout", 0.6
	case told(body) < 150:
		// Lines that are no sentences announce stories and tell none.
		return article.KindIndex, "layout", 0.6
	case letters >= 200 && len(s.dates) > 0:
		return article.KindArticle, "layout", 0.6
	}
	return article.KindOther, "layout", 0.6
}

// longParagraph is the words from which on a paragraph is no headline.
const longParagraph = 30

// firstThai is the first letter of the scripts that told names.
const firstThai = '\u0e00'

// told counts the letters of a text's paragraphs that end as sentences do, or
// are long. In scripts that write no stop all of them count.
func told(body string) int {
	if strings.ContainsFunc(body, func(r rune) bool {
		return r >= firstThai && unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	}) {
		return page.Letters(body)
	}
	n := 0
	for _, paragraph := range strings.Split(body, "\n\n") {
		if readers.EndsSentence(paragraph) || readers.Words(paragraph) >= longParagraph {
			n += page.Letters(paragraph)
		}
	}
	return n
}

// shortNews tells whether a page tells a story of a few sentences: under a
// headline of its own they follow each other with no lines that lead elsewhere
// between them.
func (s *story) shortNews(body string) bool {
	if s.title == nil || s.first < 0 || s.titleBlock > s.first || told(body) < 60 || frontPage(s.p.URL) || standingPage(s.p.URL) || readers.Words(s.titleText) < 3 && page.Letters(s.titleText) < 12 {
		return false
	}
	kept, away := 0, 0
	for i := s.titleBlock + 1; i <= s.last; i++ {
		b := &s.blocks[i]
		switch {
		case s.keep[i] && s.good[i] > 0:
			kept++
		case b.LinkShare() > 0.9 && b.Letters >= 15, s.isCard(b.Node):
			away++
		}
	}
	return 2*away <= kept
}

// standing are the last parts of the paths of pages that a site has of itself,
// without the words and signs around them.
var standing = []string{"about", "about-us", "aboutus", "accessibility", "advertise", "agb", "aide", "aviso-legal", "colofon",
	"contact", "contact-us", "contacto", "contacts", "contatti", "cookie-policy", "cookies", "datenschutz", "faq", "help",
	"hilfe", "imprint", "impressum", "kontakt", "legal", "mentions-legales", "o-nas", "om-oss", "over-ons", "privacy",
	"privacy-policy", "privacidad", "qui-sommes-nous", "quienes-somos", "redaktion", "subscribe", "terms", "terms-of-use", "ueber-uns"}

// standingPage tells whether a URL's path ends with the name of a page that a
// site has of itself: who makes it, how to reach them, what they allow.
func standingPage(url string) bool {
	path, _, _ := strings.Cut(url, "?")
	path = strings.TrimRight(path, "/")
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	name, _, _ = strings.Cut(name, ".")
	return slices.Contains(standing, name)
}

// frontPage tells whether a URL has no path. A page without a URL, read from a
// file, may be any.
func frontPage(url string) bool {
	if url == "" {
		return false
	}
	if _, rest, ok := strings.Cut(url, "//"); ok {
		url = rest
	}
	_, path, _ := strings.Cut(url, "/")
	path, _, _ = strings.Cut(path, "?")
	path = strings.Trim(path, "/")
	return path == "" || path == "index.html"
}

// indexLike tells whether a page lists stories rather than telling one: most of
// its letters are links and little of it is running text, or its address is a
// site's or section's front.
func (s *story) indexLike(letters int) bool {
	linked, all := 0, 0
	for i := range s.blocks {
		linked += s.blocks[i].LinkLetters
		all += s.blocks[i].Letters
	}
	if frontPage(s.p.URL) {
		return true
	}
	return letters < 300 && 3*linked > 2*all || letters < 800 && len(s.cards) >= 6 && 2*linked > all && 4*letters < all
}
