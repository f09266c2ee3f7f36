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
	about              string // rdf:about or a permanent GUID: the address for want of a link
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
			if f := p.start(x); f != "" && field == "" && !x.empty {
				field = f
				text = text[:0]
			}
		case xmlText:
			if field != "" && len(text) < longestText {
				text = append(text, x.text...)
			}
		case xmlClose:
			name := feedName(x.name)
			if field != "" && string(name) == field {
				p.set(field, strings.TrimSpace(string(text)))
				field = ""
			}
			p.close(string(name))
			if !p.inItem && (field == "author" || strings.HasPrefix(field, "media:")) {
				field = ""
			}
		}
	}
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
	if p.skip != "" {
		return ""
	}
	switch name {
	case "item", "entry":
		p.endItem()
		p.inItem = true
		p.itemBase = p.withBase(p.feedBase, x)
		p.about = x.attr("rdf:about")
	case "rss", "feed", "rdf", "channel":
		p.feedBase = p.withBase(p.feedBase, x)
		p.itemBase = p.feedBase
	case "image", "source", "textinput", "itunes:owner":
		if !x.empty {
			p.skip = name
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
		if strings.EqualFold(x.attr("ispermalink"), "false") {
			return "guid"
		}
		return "guid" // judged by its form, see set
	case "title", "id", "pubdate", "published", "updated", "modified", "issued", "created", "date", "author", "creator", "feedburner:origlink":
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
	return u
}

// set stores an element's text.
func (p *feedParser) set(field, text string) {
	if text == "" {
		return
	}
	if !p.inItem {
		switch {
		case field == "title" && p.out.Title == "":
			p.out.Title = plainText(text)
		case field == "link" && p.out.Home == "":
			p.out.Home = p.resolve(p.feedBase, text)
		}
		return
	}
	switch field {
	case "title":
		p.item.Title = plainText(text)
	case "link":
		if p.item.URL == "" {
			p.item.URL = p.resolve(p.itemBase, text)
		}
	case "feedburner:origlink":
		if u := p.resolve(p.itemBase, text); u != "" {
			p.item.URL = u
		}
	case "guid", "id":
		p.item.GUID = clip(text)
	case "pubdate", "published", "date", "issued", "created":
		p.item.Published = clip(text)
	case "updated", "modified":
		p.updated = clip(text)
	case "author", "creator":
		p.item.Author = plainText(text)
	}
}

func (p *feedParser) close(name string) {
	switch {
	case p.skip != "":
		if name == p.skip || name == "item" || name == "entry" || name == "channel" {
			p.skip = ""
		}
		if name == "item" || name == "entry" {
			p.endItem()
		}
	case name == "item" || name == "entry":
		p.endItem()
	}
}

// endItem stores the item. Its address, for want of a link, is a GUID or an
// rdf:about that is one.
func (p *feedParser) endItem() {
	item, inItem := p.item, p.inItem
	about, updated := p.about, p.updated
	p.item, p.inItem, p.about, p.updated = FeedEntry{}, false, "", ""
	if !inItem {
		return
	}
	for _, u := range []string{item.GUID, about} {
		if item.URL == "" && (strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")) {
			item.URL = p.resolve(nil, u)
		}
	}
	if item.Published == "" {
		item.Published = updated
	}
	p.addItem(item)
}

func (p *feedParser) addItem(item FeedEntry) {
	if item.URL == "" && item.GUID == "" && item.Title == "" {
		return
	}
	if len(p.out.Entries) >= p.limits.FeedItems {
		p.out.Truncated = true
		addFault(&p.out.Faults, "more items than the limit")
		return
	}
	item.PublishedTime, item.PublishedDay = feedTime(item.Published)
	p.out.Entries = append(p.out.Entries, item)
}

// plainText takes tags and references out of a title, which is often HTML in
// XML, and collapses blanks.
func plainText(s string) string {
	s = clip(s)
	if strings.ContainsRune(s, '<') {
		var out strings.Builder
		for s != "" {
			i := strings.IndexByte(s, '<')
			if i < 0 || i+1 >= len(s) || !isLetter(s[i+1]) && s[i+1] != '/' {
				out.WriteString(s[:max(i+1, 0)])
				if i < 0 {
					out.WriteString(s)
					break
				}
				s = s[i+1:]
				continue
			}
			out.WriteString(s[:i])
			if s = after(s[i:], ">"); s == "" {
				break
			}
		}
		s = out.String()
	}
	return cleanText([]byte(s))
}
