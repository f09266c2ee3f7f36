package demo

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// buildChronicle puts The Chronicle, its bare domain and its photo host into
// the edition. wire is the story that it shares with the agency.
func buildChronicle(e *edition, p *pictures, wire *story) error {
	m, err := chronicle(e.number)
	if err != nil {
		return err
	}
	m.shareWire(wire)
	b, err := newBuilder(e, p, m)
	if err != nil {
		return err
	}
	b.chronicleStories()
	b.lists()
	all := append(b.latest(), chronicleSpecials(b.base)...)
	b.index("/people/", all, func(s story) []string { return s.authors })
	b.index("/tag/", all, func(s story) []string { return s.tags })
	b.chronicleSpecials()
	b.chronicleCorners()
	b.chronicleTrap()
	b.chronicleFiles()
	return b.fault
}

// shareWire takes over the words of an agency's story.
func (m *masthead) shareWire(wire *story) {
	s := &m.stories[chronicleWire]
	s.head, s.stand, s.body, s.authors = wire.head, wire.stand, wire.body, wire.authors
	s.path = m.path(chronicleWire, *s)
}

func (b *builder) chronicleStories() {
	for i, s := range b.stories {
		if b.e.number == SecondEdition && i == chronicleGone {
			b.html("plain", page{Path: s.path, Heading: "This story has been withdrawn",
				Text: []string{"It was removed at the request of the people it concerned."}},
				func(r *resource) { r.expect.Status = http.StatusGone })
			continue
		}
		b.article(i, s, func(v *storyView, a *ExpectedArticle, r *resource) {
			a.Never = append(a.Never, "The morning letter", "Subscribe from £1", "Comments on this story", "We value your privacy")
			switch i {
			case chroniclePrint:
				v.Print = "/print/" + slug(s.head)
				b.e.skip("robots", b.url(s.path+"?print=1"))
			case chronicleOptOut:
				v.OptOut, r.robots = true, "noai"
			case chroniclePaid:
				v.Paywalled, a.Paywalled = true, true
				v.Paras = v.Paras[:2]
				a.Body = a.Body[:2]
				a.Never = append(a.Never, "This story is for subscribers")
			}
		})
	}
}

// chronicleSpecials are a live blog, a gallery, a video, a version for printing
// and a second address of a story.
func (b *builder) chronicleSpecials() {
	for i, s := range chronicleSpecials(b.base) {
		b.article(-1-i, s, nil)
	}
	s := b.stories[chroniclePrint]
	v, a := b.view(chroniclePrint, s)
	a.Captions, a.Credits, a.Kicker, a.Summary, a.Never, a.Tags, a.Section = nil, nil, "", "", nil, nil, ""
	b.html("print", page{Path: "/print/" + slug(s.head), Title: s.head, Canonical: b.url(s.path), Story: v},
		func(r *resource) { r.expect.Article = a })

	twice := b.e.resources[b.url(b.stories[chronicleTwice].path)]
	second := *twice
	second.expect.URL = b.url(chronicleSecondAddress)
	b.note(b.e.put(&second))
}

const chronicleSecondAddress = "/archive/2023/reader-favourite"

// chronicleCorners are the pages that test a crawler's manners, and the page
// that links to them.
func (b *builder) chronicleCorners() {
	target := b.stories[4].path
	links := []link{
		{chronicleSecondAddress, "Readers' favourite"},
		{"/go/summer", "Summer special"},
		{"/loop/a", "A door that turns"},
		{"/out/partner", "Our partner"},
		{"/go/members", "Members' corner"},
		{"/news/forgotten", "A page that nobody kept"},
		{"/supplements/long-read", "The long read, cut short by the wire"},
		{"/live/regatta", "Live: the regatta"},
		{"/pictures/lanterns", "Pictures: the night of lanterns"},
		{"/video/bell", "Video: the bell comes home"},
		{"http://www.hafenbote.example/", "Our friends at the Hafenbote"},
		{"http://english.vistka.example/", "Vistka in English"},
		{"http://www.nowhere-in-scope.example/page", "A site that is not ours"},
		{"tel:+440000", "Telephone"},
		{"#top", "Top"},
	}
	b.html("plain", page{Path: "/about/", Heading: "About The Chronicle", Links: links,
		Text: []string{"The Chronicle has been printed in Harrowmouth since 1871, and has missed two mornings.",
			"Corrections are printed on the day that we learn of an error, in the same size as the error."},
		Images: []string{
			"//" + photoHost + "/p/newsroom.jpg", "http://" + photoHost + "/private/editor.jpg",
			"http://" + photoHost + "/p/lost.jpg", "http://" + deadHost + "/old/press.jpg",
			"data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=",
		}}, nil)
	b.note(b.e.redirect(http.StatusFound, b.url("/go/summer"), b.url("/r/8841")))
	b.note(b.e.redirect(http.StatusMovedPermanently, b.url("/r/8841"), "/features/summer-special"))
	b.note(b.e.redirect(http.StatusTemporaryRedirect, b.url("/features/summer-special"), b.url(target)))
	b.note(b.e.redirect(http.StatusFound, b.url("/loop/a"), "/loop/b"))
	b.note(b.e.redirect(http.StatusFound, b.url("/loop/b"), "/loop/a"))
	b.note(b.e.redirect(http.StatusSeeOther, b.url("/out/partner"), "http://partner.elsewhere.example/welcome"))
	b.note(b.e.redirect(http.StatusFound, b.url("/go/members"), "/members/lounge"))
	b.html("plain", page{Path: "/news/forgotten", Heading: "Page not found",
		Text: []string{"We looked under the counter as well."}}, func(r *resource) { r.expect.Status = http.StatusNotFound })
	b.html("plain", page{Path: "/weather/", Heading: "Weather", Text: []string{
		"Fog on the coast until noon, then bright spells. Wind from the south-west, fresh at times.",
		"The tide is high at Harrowmouth at ten past four."}}, func(r *resource) { r.expect.Retried = true })
	b.html("plain", page{Path: "/supplements/long-read", Heading: "The long read", Text: slices.Repeat([]string{
		"The road to the lighthouse is longer than the map admits, and it is best walked with somebody who knows the dogs."}, 9)},
		func(r *resource) {
			r.missing = 4096
			r.body = r.body[:len(r.body)*2/3]
		})
	b.e.skip("robots", b.url("/members/login"), b.url("/members/lounge"))
}

// chronicleTrap is a calendar whose next page never ends.
func (b *builder) chronicleTrap() {
	path := "/calendar/2016/09/"
	for i := range 3 {
		b.html("plain", page{Path: path, Heading: fmt.Sprintf("Calendar, page %d", i+1),
			Text:  []string{"Nothing is planned for this month."},
			Links: []link{{path + "next/", "Next month"}}}, nil)
		path += "next/"
	}
	b.e.skip("trap", b.url(path))
}

// chronicleFiles are robots.txt, feeds and sitemaps, the bare domain and the
// photo host.
func (b *builder) chronicleFiles() {
	b.note(b.e.text(KindRobots, b.url("/robots.txt"), "text/plain", strings.Join([]string{
		"# The Chronicle welcomes machines with manners.",
		"User-agent: *", "Disallow: /members/", "Disallow: /*?print=", "Disallow: /search", "Allow: /",
		"", "User-agent: greedybot", "Disallow: /", "", "Sitemap: " + b.url("/sitemap-index.xml"), ""}, "\n")))
	hidden := b.hiddenStories()
	for i, s := range hidden {
		b.article(90+i, s, nil)
	}
	latest := b.latest()
	b.rss("/feeds/all.xml", append(slices.Clone(latest[:10]), hidden[0]))
	b.sitemapIndex("/sitemap-index.xml", "/sitemap-news.xml", "/sitemap-archive.xml.gz")
	b.note(b.e.text(KindSitemap, b.url("/sitemap-news.xml"), "application/xml", b.sitemap(latest[:8], true)))
	b.note(b.e.put(&resource{expect: Expected{URL: b.url("/sitemap-archive.xml.gz"), Kind: KindSitemap},
		typ: "application/gzip", body: squeeze([]byte(b.sitemap(append(slices.Clone(b.stories[:b.core]), hidden[1]), false)))}))

	b.note(b.e.redirect(http.StatusMovedPermanently, "http://"+apexHost+"/", b.url("/")))
	b.note(b.e.put(&resource{expect: Expected{URL: "http://" + apexHost + "/robots.txt", Kind: KindRobots, Status: http.StatusNotFound},
		typ: "text/plain", body: []byte("nothing here but a signpost to www\n")}))

	b.note(b.e.text(KindRobots, "http://"+photoHost+"/robots.txt", "text/plain", "User-agent: *\nDisallow: /private/\n"))
	b.picture("http://"+photoHost+"/p/newsroom.jpg", 320, 180)
	b.note(b.e.put(&resource{expect: Expected{URL: "http://" + photoHost + "/p/lost.jpg", Kind: KindAsset, Status: http.StatusNotFound},
		typ: "text/html; charset=utf-8", body: []byte("<h1>404</h1><p>No such picture: lost.jpg</p>\n")}))
	b.e.unserved = append(b.e.unserved,
		Expected{URL: "http://" + photoHost + "/private/editor.jpg", Fate: Skipped, Reason: "robots", Kind: KindAsset},
		Expected{URL: "http://" + deadHost + "/robots.txt", Fate: Failed, Reason: "connect", Kind: KindRobots},
		Expected{URL: "http://" + deadHost + "/old/press.jpg", Fate: Skipped, Reason: "robots", Kind: KindAsset})
}

// hiddenStories are two that no page links to: one stands in the feed, the
// other in a sitemap.
func (b *builder) hiddenStories() []story {
	one, two := b.stories[0], b.stories[2]
	one.head, one.path = "Only the feed knows: night bus to Saltern runs again", "/news/2023/night-bus-saltern-40900"
	two.head, two.path = "Only the sitemap knows: cider prize goes to Upper Tarn", "/business/2023/cider-prize-40901"
	for _, s := range []*story{&one, &two} {
		s.photos, s.kicker = nil, ""
		s.when = s.when.Add(-40 * 24 * time.Hour)
		s.body = slices.Clone(s.body[1:])
	}
	one.stand = "Drivers asked for the late shift themselves"
	two.stand = "Judges praised a pressing of forgotten apples"
	return []story{one, two}
}
