package discover

import (
	"bytes"
	"html"
	"strings"

	"newsreel/internal/weburl"
)

// Page is what an HTML page names, and what it asks of crawlers.
type Page struct {
	Base       string   // what its links are relative to
	Links      []Link   // each address once, in the page's order, of the strongest kind
	Title      string   // of the first title element, blanks collapsed
	Canonical  string   // rel=canonical; "" if none
	AMP        string   // rel=amphtml; "" if none
	Feeds      []string // addresses of KindFeed
	MetaRobots []string // contents of <meta name=robots>, as written
	OptOuts    []string // directives of MetaRobots and tdm-reservation, see OptOutHeaders
	Truncated  bool     // Limits.Links or URLBytes was reached
	TooLong    int      // links dropped for their length
	Refused    int      // links that are no http or https address (mailto:, javascript:, …)
}

// Links gives what an HTML page names. body is UTF-8, whatever charset the
// page came in; charset is that one, and codes the queries of links. limit
// bounds the links; 0 is that of DefaultLimits. An unusable pageURL leaves
// only absolute links.
func Links(body []byte, pageURL, charset string, limit int) *Page {
	return links(body, pageURL, charset, Limits{Links: limit}.withDefaults())
}

func links(body []byte, pageURL, charset string, limits Limits) *Page {
	base, _ := weburl.NewBase(pageURL, limits.URLLength)
	p := &page{docBase: base, limits: limits, charset: charset}
	p.reset(body, base)
	// The first base element counts for all links, but some pages have links
	// before it: those are read again.
	if p.run(); p.again {
		p.reset(body, p.set.base)
		p.baseKnown, p.again = true, false
		p.run()
	}
	return p.finish()
}

// page is one pass over a document.
type page struct {
	scanner
	out       Page
	set       *linkSet
	docBase   *weburl.Base
	limits    Limits
	charset   string
	baseKnown bool
	again     bool // a base element came after links
	titled    bool
}

func (p *page) reset(body []byte, base *weburl.Base) {
	p.scanner = scanner{doc: body, attrs: p.attrs}
	p.out = Page{}
	p.titled = false
	p.set = newLinkSet(base, p.limits.Links, p.limits)
	p.set.enc = weburl.QueryEncoding(p.charset)
}

func (p *page) run() {
	for !p.again && p.next() {
		p.element()
		if text := p.rawText(); len(text) > 0 {
			p.raw(text)
		}
	}
}

func (p *page) finish() *Page {
	r := &p.out
	if p.set.base != nil {
		r.Base = p.set.base.String()
	}
	r.Links = p.set.links
	r.Truncated, r.TooLong, r.Refused = p.set.truncated, p.set.tooLong, p.set.refused
	for _, l := range r.Links {
		if l.Kind == KindFeed {
			r.Feeds = append(r.Feeds, l.URL)
		}
	}
	return r
}

// element takes the links of the current start tag.
func (p *page) element() {
	switch string(p.name) {
	case "a":
		p.anchor("a")
	case "area":
		p.anchor("area")
	case "base":
		p.base()
	case "link":
		p.link()
	case "meta":
		p.meta()
	case "img", "amp-img", "amp-anim":
		p.image()
	case "source":
		p.source()
	case "video", "amp-video":
		p.media("video")
	case "audio", "amp-audio":
		p.media("audio")
	case "track":
		p.add("src", KindAsset, "track")
	case "embed":
		p.add("src", KindAsset, "object")
	case "object":
		p.add("data", KindAsset, "object")
	case "iframe", "frame", "amp-iframe":
		p.add("src", KindPage, "frame")
		p.addLazy(KindPage, "frame")
	case "script":
		p.add("src", KindAsset, "script")
	case "input":
		if t, _ := p.get("type"); equalFold(t, "image") {
			p.add("src", KindAsset, "img")
		}
	case "image": // of SVG
		p.add("href", KindAsset, "img")
		p.add("xlink:href", KindAsset, "img")
	}
}

// add adds the attribute's address, if it is there and not empty.
func (p *page) add(name string, kind Kind, where string) {
	if v, ok := p.get(name); ok {
		p.addValue(v, kind, where, false)
	}
}

func (p *page) addValue(v []byte, kind Kind, where string, nofollow bool) {
	// What is longer is refused all the same, and need not be read.
	const longest = 64 << 10
	ref := bytes.Trim(unescapeAttr(v[:min(len(v), longest)]), blanks)
	if len(ref) == 0 || ref[0] == '#' {
		return // the page itself
	}
	p.set.addRef(ref, kind, where, nofollow)
}

func (p *page) addSrcset(v []byte) {
	eachSrcset(unescapeAttr(v), func(ref []byte) { p.set.addRef(ref, KindAsset, "srcset", false) })
}

func (p *page) anchor(where string) {
	href, ok := p.get("href")
	if !ok {
		return
	}
	rel, _ := p.get("rel")
	p.addValue(href, KindPage, where, len(rel) > 0 && hasWord(rel, "nofollow"))
}

// hasWord tells whether a list of words parted by blanks holds word, which is
// in lower case.
func hasWord(list []byte, word string) bool {
	for len(list) > 0 {
		for len(list) > 0 && space(list[0]) {
			list = list[1:]
		}
		n := 0
		for n < len(list) && !space(list[n]) {
			n++
		}
		if equalFold(list[:n], word) {
			return true
		}
		list = list[n:]
	}
	return false
}

// base makes the first base element with an href the base of all links. One
// that is no address leaves the page's own.
func (p *page) base() {
	href, ok := p.get("href")
	if !ok || p.baseKnown {
		return
	}
	p.baseKnown = true
	ref := string(unescapeAttr(href))
	u, err := weburl.Resolve(p.docBase, ref, p.set.enc)
	if err != nil {
		return
	}
	b, err := weburl.NewBase(u, p.limits.URLLength)
	if err != nil {
		return
	}
	p.again = len(p.set.links) > 0 || p.set.refused > 0
	p.set.base = b
}

func (p *page) image() {
	p.add("src", KindAsset, "img")
	if v, ok := p.get("srcset"); ok {
		p.addSrcset(v)
	}
	p.addLazy(KindAsset, "img")
}

func (p *page) source() {
	p.add("src", KindAsset, "video")
	if v, ok := p.get("srcset"); ok {
		p.addSrcset(v)
	}
	p.addLazy(KindAsset, "video")
}

func (p *page) media(where string) {
	p.add("src", KindAsset, where)
	p.add("poster", KindAsset, "poster")
	p.addLazy(KindAsset, where)
}

// addLazy takes the attributes in which scripts keep an address until the
// element comes into view.
func (p *page) addLazy(kind Kind, where string) {
	for i := range p.attrs {
		name, v := p.attrs[i].name, p.attrs[i].value
		if len(name) < len("data-src") || name[4] != '-' || len(v) == 0 {
			continue
		}
		switch {
		case equalFold(name, "data-srcset"), equalFold(name, "data-lazy-srcset"), equalFold(name, "data-original-set"):
			p.addSrcset(v)
		case equalFold(name, "data-src"), equalFold(name, "data-original"), equalFold(name, "data-lazy-src"),
			equalFold(name, "data-lazy"), equalFold(name, "data-full-src"), equalFold(name, "data-hi-res-src"),
			equalFold(name, "data-image"), equalFold(name, "data-img-src"), equalFold(name, "data-url"):
			if bytes.IndexByte(v, '/') >= 0 || bytes.IndexByte(v, '.') >= 0 {
				p.addValue(v, kind, where, false)
			}
		case equalFold(name, "data-poster"):
			p.addValue(v, KindAsset, "poster", false)
		}
	}
}

// raw takes the text of an element that holds no markup.
func (p *page) raw(text []byte) {
	switch string(p.name) {
	case "title":
		if !p.titled && !p.foreign {
			p.titled = true
			p.out.Title = cleanText(text)
		}
	case "script":
		if t, ok := p.get("type"); ok && isJSONLD(t) {
			eachJSONLD(text, func(ref []byte, kind Kind) { p.set.addRef(ref, kind, "jsonld", false) })
		}
	}
}

// cleanText decodes and collapses the text of an element, of at most 4 KiB.
func cleanText(text []byte) string {
	const longest = 4 << 10
	return collapse(html.UnescapeString(string(text[:min(len(text), longest)])))
}

// collapse makes each run of blanks one space.
func collapse(s string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
}
