package discover

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"newsreel/internal/weburl"
)

// ErrNotFeed is the cause where a document is no feed.
var ErrNotFeed = errors.New("not a feed")

// FeedEntry is one item of a feed.
type FeedEntry struct {
	URL           string
	GUID          string
	Title         string    // plain text, markup taken out
	Published     string    // as written: pubDate, published, dc:date, else updated
	PublishedTime time.Time // zero where Published has no offset or is no date
	PublishedDay  string    // 2006-01-02 as Published has it; "" if it is no date
	Author        string
	Enclosures    []string // audio, video and other files
	Images        []string
}

// FeedResult is what a feed names.
type FeedResult struct {
	Type      string // rss, atom or jsonfeed
	Title     string
	Home      string // the page that the feed is of
	Next      string // the following page of a paged feed (RFC 5005; JSON Feed, next_url)
	Entries   []FeedEntry
	Faults    []string // what was forgiven; at most 20
	Truncated bool     // a limit cut the list
}

// Feed reads RSS 0.9x, 1.0 and 2.0, Atom (RFC 4287) and JSON Feed. Addresses
// are resolved against xml:base or feedURL. What stands before a break is
// kept. The error is ErrNotFeed.
func Feed(body []byte, feedURL string) (*FeedResult, error) {
	switch Sniff(body) {
	case TypeRSS, TypeAtom, TypeJSONFeed:
		return parseFeed(body, feedURL, DefaultLimits()), nil
	}
	return nil, fmt.Errorf("feed %s: %w", feedURL, ErrNotFeed)
}

func parseFeed(body []byte, feedURL string, limits Limits) *FeedResult {
	base, _ := weburl.NewBase(feedURL, limits.URLLength)
	p := &feedParser{base: base, limits: limits}
	p.out.Type = Sniff(body)
	doc, fault := xmlUTF8(body)
	if p.out.Type == TypeJSONFeed {
		p.json(doc)
		return &p.out
	}
	addFault(&p.out.Faults, fault)
	p.feedBase, p.itemBase = base, base
	p.xml(doc)
	return &p.out
}

type feedParser struct {
	base               *weburl.Base // the feed's own address
	feedBase, itemBase *weburl.Base // with xml:base
	limits             Limits
	out                FeedResult
	item               FeedEntry
	updated            string
	about              string // rdf:about: the address for want of a link
	urlBytes           int    // of all addresses so far
	permanent          bool   // the GUID does not say that it is no address
	inItem             bool
	skip               string // the element whose content is not the feed's own: image, source, …
}

func (p *feedParser) xml(doc []byte) {
	x := &xmlScanner{doc: doc}
	var text []byte
	var field string // the element whose text is gathered
	for !p.out.Truncated {
		switch x.next() {
		case xmlEnd:
			p.endItem()
			addFault(&p.out.Faults, x.fault)
			return
		case xmlStart:
			f := p.start(x)
			switch {
			case f == "" || x.empty:
			case f == beginItem:
				field = ""
			case field == "" || inner(field, f):
				field, text = f, text[:0]
			case begins(f):
				p.set(field, strings.TrimSpace(string(text)))
				field, text = f, text[:0]
			}
		case xmlText:
			if field != "" && len(text) < longestText {
				text = append(text, x.text...)
			}
		case xmlClose:
			name := string(feedName(x.name))
			if name == field {
				p.set(field, strings.TrimSpace(string(text)))
				field = ""
			}
			if p.close(name) {
				field = ""
			}
		}
	}
}

// begins tells the elements that stand in no other: where one begins, the end
// of the one before was forgotten.
func begins(name string) bool {
	return name == "link" || name == "guid" || name == "pubdate" || name == "published" || name == "updated"
}

// beginItem is what start gives for the element that an item is.
const beginItem = "<"

// inner tells the elements whose text is taken for that of the one around
// them: an Atom author's name, the address in an item's image.
func inner(outer, name string) bool {
	return outer == "author" && name == "name" || outer == "image" && name == "url"
}

// feedName gives an element's name: with its prefix for the extensions whose
// names are also the feed's own, without for all others.
func feedName(name []byte) []byte {
	i := bytes.IndexByte(name, ':')
	if i < 0 {
		return name
	}
	switch string(name[:i]) {
	case "media", "itunes", "googleplay", "content", "image", "news", "feedburner", "georss", "thr", "yt", "podcast":
		return name
	}
	return name[i+1:]
}

// start handles an element's attributes and gives the name of the field that
// its text is, or "".
func (p *feedParser) start(x *xmlScanner) string {
	name := string(feedName(x.name))
	if p.skip != "" && name != "item" && name != "entry" {
		if p.skip == "image" && p.inItem && name == "url" {
			return name
		}
		return ""
	}
	switch name {
	case "item", "entry":
		p.endItem()
		p.skip = ""
		p.inItem, p.permanent = true, true
		p.itemBase = p.withBase(p.feedBase, x)
		p.about = x.attr("rdf:about")
		return beginItem
	case "rss", "feed", "rdf", "channel":
		p.feedBase = p.withBase(p.feedBase, x)
		p.itemBase = p.feedBase
	case "image", "source", "textinput", "itunes:owner":
		if !x.empty {
			p.skip = name
		}
		if name == "image" && p.inItem {
			return name
		}
	case "link":
		if p.link(x) {
			return ""
		}
		return name
	case "enclosure":
		p.enclosure(x.attr("url"), x.attr("type"))
	case "media:content":
		kind := x.attr("type")
		if kind == "" {
			kind = x.attr("medium")
		}
		p.enclosure(x.attr("url"), kind)
	case "media:thumbnail":
		p.enclosure(x.attr("url"), "image")
	case "itunes:image":
		p.enclosure(x.attr("href"), "image")
	case "guid":
		p.permanent = !strings.EqualFold(x.attr("ispermalink"), "false")
		return name
	case "title", "id", "name", "pubdate", "published", "updated", "modified", "issued", "created", "date", "author", "creator", "feedburner:origlink":
		return name
	}
	return ""
}

func (p *feedParser) withBase(base *weburl.Base, x *xmlScanner) *weburl.Base {
	ref := x.attr("xml:base")
	if ref == "" {
		return base
	}
	u, err := weburl.Resolve(base, ref, nil)
	if err != nil {
		addFault(&p.out.Faults, err.Error())
		return base
	}
	if b, err := weburl.NewBase(u, p.limits.URLLength); err == nil {
		return b
	}
	return base
}

// link takes a link whose address is an attribute (Atom); false: it is text.
func (p *feedParser) link(x *xmlScanner) bool {
	href := x.attr("href")
	if href == "" {
		return x.attr("rel") != ""
	}
	base := p.feedBase
	if p.inItem {
		base = p.itemBase
	}
	base = p.withBase(base, x)
	rel := strings.ToLower(x.attr("rel"))
	switch {
	case p.inItem && rel == "enclosure":
		p.enclosureAt(base, href, x.attr("type"))
	case p.inItem && (rel == "" || rel == "alternate"):
		t := x.attr("type")
		if p.item.URL == "" || strings.HasPrefix(t, "text/html") {
			p.item.URL = p.resolve(base, href)
		}
	case !p.inItem && (rel == "" || rel == "alternate"):
		if p.out.Home == "" {
			p.out.Home = p.resolve(base, href)
		}
	case !p.inItem && (rel == "next" || rel == "prev-archive") && p.out.Next == "":
		p.out.Next = p.resolve(base, href)
	}
	return true
}

func (p *feedParser) enclosure(ref, mediaType string) { p.enclosureAt(p.itemBase, ref, mediaType) }

func (p *feedParser) enclosureAt(base *weburl.Base, ref, mediaType string) {
	const most = 100
	if ref == "" || !p.inItem || len(p.item.Images)+len(p.item.Enclosures) >= most {
		return
	}
	u := p.resolve(base, ref)
	switch {
	case u == "":
	case strings.HasPrefix(mediaType, "image") || mediaType == "" && imagePath(u):
		p.item.Images = append(p.item.Images, u)
	default:
		p.item.Enclosures = append(p.item.Enclosures, u)
	}
}

func imagePath(u string) bool {
	path, _, _ := strings.Cut(strings.ToLower(weburl.Path(u)), "?")
	for _, suffix := range []string{".jpg", ".jpeg", ".png", ".gif", ".webp", ".avif"} {
		if strings.HasSuffix(path, suffix) {
			return true
		}
	}
	return false
}

func (p *feedParser) resolve(base *weburl.Base, ref string) string {
	u, err := weburl.Resolve(base, ref, nil)
	if err != nil {
		addFault(&p.out.Faults, err.Error())
		return ""
	}
	if p.urlBytes += len(u); p.urlBytes > p.limits.URLBytes {
		p.out.Truncated = true
		return ""
	}
	return u
}
