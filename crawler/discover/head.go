package discover

import (
	"bytes"

	"newsreel/internal/weburl"
)

// link takes a link element by its rel.
func (p *page) link() {
	rel := p.value("rel")
	href, ok := p.get("href")
	if len(rel) == 0 || !ok {
		if ok && p.value("itemprop") != nil {
			p.itemprop(href)
		}
		return
	}
	const most = 16
	rest := rel
	for words := 0; len(rest) > 0 && words < most; words++ {
		for len(rest) > 0 && space(rest[0]) {
			rest = rest[1:]
		}
		n := 0
		for n < len(rest) && !space(rest[n]) {
			n++
		}
		p.linkRel(rest[:n], rel, href)
		rest = rest[n:]
	}
}

// linkRel takes a link element for one word of its rel.
func (p *page) linkRel(word, rel, href []byte) {
	switch {
	case equalFold(word, "canonical"):
		p.addValue(href, KindIdentity, "canonical", false)
		p.keep(&p.out.Canonical, href)
	case equalFold(word, "amphtml"):
		p.addValue(href, KindPage, "amphtml", false)
		p.keep(&p.out.AMP, href)
	case equalFold(word, "shortlink"):
		p.addValue(href, KindIdentity, "shortlink", false)
	case equalFold(word, "alternate"):
		if !hasWord(rel, "stylesheet") {
			p.alternate(href)
		}
	case equalFold(word, "next"):
		p.addValue(href, KindPage, "next", false)
	case equalFold(word, "prev"), equalFold(word, "previous"):
		p.addValue(href, KindPage, "prev", false)
	case equalFold(word, "sitemap"):
		p.addValue(href, KindSitemap, "sitemap", false)
	case equalFold(word, "stylesheet"):
		p.addValue(href, KindAsset, "stylesheet", false)
	case equalFold(word, "icon"), equalFold(word, "mask-icon"), equalFold(word, "apple-touch-icon"),
		equalFold(word, "apple-touch-icon-precomposed"):
		p.addValue(href, KindAsset, "icon", false)
	case equalFold(word, "image_src"):
		p.addValue(href, KindAsset, "image_src", false)
	case equalFold(word, "manifest"):
		p.addValue(href, KindAsset, "manifest", false)
	case equalFold(word, "modulepreload"):
		p.addValue(href, KindAsset, "script", false)
	case equalFold(word, "preload"), equalFold(word, "prefetch"):
		p.preload(href)
	}
}

// keep stores the resolved address in *into, unless one is there.
func (p *page) keep(into *string, href []byte) {
	if *into != "" {
		return
	}
	if u, err := weburl.Resolve(p.set.base, string(unescapeAttr(href)), p.set.enc); err == nil {
		*into = u
	}
}

// alternate is a feed by its type, a page (another language, a mobile
// version) by its type or for lack of one, and otherwise nothing that is
// crawled (oEmbed).
func (p *page) alternate(href []byte) {
	t := p.value("type")
	t, _, _ = bytes.Cut(t, []byte(";"))
	t = bytes.TrimSpace(t)
	switch {
	case equalFold(t, "application/rss+xml"), equalFold(t, "application/atom+xml"), equalFold(t, "application/feed+json"),
		equalFold(t, "application/rdf+xml"), equalFold(t, "application/x-rss+xml"), equalFold(t, "text/rss+xml"):
		p.addValue(href, KindFeed, "alternate", false)
	case len(t) == 0, equalFold(t, "text/html"), equalFold(t, "application/xhtml+xml"), equalFold(t, "text/xml") && p.value("hreflang") != nil:
		p.addValue(href, KindPage, "alternate", false)
	}
}

func (p *page) preload(href []byte) {
	as, _ := p.get("as")
	switch {
	case equalFold(as, "image"):
		p.addValue(href, KindAsset, "img", false)
		if v, ok := p.get("imagesrcset"); ok {
			p.addSrcset(v)
		}
	case equalFold(as, "script"):
		p.addValue(href, KindAsset, "script", false)
	case equalFold(as, "style"):
		p.addValue(href, KindAsset, "stylesheet", false)
	case equalFold(as, "font"), equalFold(as, "video"), equalFold(as, "audio"), equalFold(as, "track"):
		p.addValue(href, KindAsset, "preload", false)
	}
}

// itemprop takes a link element of microdata.
func (p *page) itemprop(href []byte) {
	switch prop := p.value("itemprop"); {
	case hasWord(prop, "url"), hasWord(prop, "mainentityofpage"):
		p.addValue(href, KindIdentity, "itemprop", false)
	case hasWord(prop, "image"), hasWord(prop, "thumbnailurl"), hasWord(prop, "contenturl"):
		p.addValue(href, KindAsset, "image_src", false)
	}
}

// meta takes refreshes, the pictures and names of OpenGraph and Twitter cards,
// and what is asked of robots.
func (p *page) meta() {
	content, ok := p.get("content")
	if !ok {
		return
	}
	if equiv, ok := p.get("http-equiv"); ok {
		if equalFold(equiv, "refresh") {
			p.addValue(refreshTarget(unescapeAttr(content)), KindPage, "refresh", false)
		}
		return
	}
	for i := range p.attrs {
		switch name := p.attrs[i].name; {
		case equalFold(name, "name"), equalFold(name, "property"), equalFold(name, "itemprop"):
			p.metaNamed(p.attrs[i].value, content)
		}
	}
}

func (p *page) metaNamed(name, content []byte) {
	if len(name) < len("image") {
		return
	}
	switch name[0] | 0x20 {
	case 'o':
		p.openGraph(name, content)
	case 't':
		switch {
		case equalFold(name, "twitter:image"), equalFold(name, "twitter:image:src"):
			p.addValue(content, KindAsset, "twitter:image", false)
		case equalFold(name, "tdm-reservation"):
			p.out.OptOuts = addTDM(p.out.OptOuts, string(unescapeAttr(content)))
		case equalFold(name, "thumbnail"), equalFold(name, "thumbnailurl"):
			p.addValue(content, KindAsset, "image_src", false)
		}
	case 'i':
		if equalFold(name, "image") {
			p.addValue(content, KindAsset, "image_src", false)
		}
	case 'r':
		if equalFold(name, "robots") {
			p.metaRobots(unescapeAttr(content))
		}
	}
}

func (p *page) openGraph(name, content []byte) {
	switch {
	case equalFold(name, "og:image"), equalFold(name, "og:image:url"), equalFold(name, "og:image:secure_url"):
		p.addValue(content, KindAsset, "og:image", false)
	case equalFold(name, "og:url"):
		p.addValue(content, KindIdentity, "og:url", false)
	case equalFold(name, "og:video"), equalFold(name, "og:video:url"), equalFold(name, "og:video:secure_url"):
		p.addValue(content, KindAsset, "og:video", false)
	case equalFold(name, "og:audio"), equalFold(name, "og:audio:url"), equalFold(name, "og:audio:secure_url"):
		p.addValue(content, KindAsset, "og:audio", false)
	}
}

// refreshTarget gives the address of a refresh, quoted or not (HTML, shared
// declarative refresh steps); nil if it only reloads.
func refreshTarget(s []byte) []byte {
	s = bytes.TrimLeft(s, blanks)
	n := 0
	for n < len(s) && (s[n] == '.' || s[n] >= '0' && s[n] <= '9') {
		n++
	}
	if n == 0 || n == len(s) || s[n] != ';' && s[n] != ',' && !space(s[n]) {
		return nil
	}
	s = bytes.TrimLeft(s[n:], blanks)
	if len(s) > 0 && (s[0] == ';' || s[0] == ',') {
		s = bytes.TrimLeft(s[1:], blanks)
	}
	if len(s) >= 3 && equalFold(s[:3], "url") {
		if t := bytes.TrimLeft(s[3:], blanks); len(t) > 0 && t[0] == '=' {
			s = bytes.TrimLeft(t[1:], blanks)
		}
	}
	if len(s) > 0 && (s[0] == '"' || s[0] == '\'') {
		quote := s[0]
		s = s[1:]
		if i := bytes.IndexByte(s, quote); i >= 0 {
			s = s[:i]
		}
	}
	return s
}

const blanks = " \t\r\n\f"
