package discover

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"newsreel/internal/weburl"
)

// ErrNotSitemap is the cause where a document is no sitemap of any form: most
// often an HTML page under a sitemap's address.
var ErrNotSitemap = errors.New("not a sitemap")

// SitemapEntry is one page of a sitemap. Dates are as written.
type SitemapEntry struct {
	URL           string
	LastMod       string
	NewsPublished string // news:publication_date
	NewsTitle     string
	NewsLanguage  string
	Images        []string
}

// SitemapResult is what a sitemap names.
type SitemapResult struct {
	Entries      []SitemapEntry
	Children     []string // sitemaps that an index names
	ChildLastMod []string // as Children, "" where not given
	Faults       []string // what was forgiven; at most 20
	Truncated    bool     // a limit cut the list
}

// Sitemap reads a sitemap, unpacked or a gzip file: XML with the news and image
// extensions, an index, plain text, or a feed that serves as one
// (sitemaps.org, Protocol). Addresses are resolved against sitemapURL. What
// stands before a break in the XML is kept. Errors are ErrNotSitemap and r's.
func Sitemap(r io.Reader, sitemapURL string, limits Limits) (*SitemapResult, error) {
	limits = limits.withDefaults()
	body, err := io.ReadAll(io.LimitReader(r, int64(limits.Bytes)+1))
	if err != nil && len(body) == 0 {
		return nil, fmt.Errorf("read sitemap %s: %w", sitemapURL, err)
	}
	cut := len(body) > limits.Bytes
	if cut {
		body = body[:limits.Bytes]
	}
	fault := ""
	if isGzip(body) {
		body, cut, fault = gunzip(body, limits.Bytes)
	}
	var result *SitemapResult
	switch t := Sniff(body); t {
	case TypeSitemap, TypeSitemapIndex, TypeText, TypeXML:
		result = parseSitemap(body, sitemapURL, limits)
	case TypeRSS, TypeAtom, TypeJSONFeed:
		result = feedSitemap(parseFeed(body, sitemapURL, limits))
	default:
		return nil, fmt.Errorf("sitemap %s: %w", sitemapURL, ErrNotSitemap)
	}
	if cut {
		result.Truncated = true
		addFault(&result.Faults, "longer than the limit on bytes")
	}
	addFault(&result.Faults, fault)
	if err != nil {
		addFault(&result.Faults, "read: "+err.Error())
	}
	return result, nil
}

func feedSitemap(feed *FeedResult) *SitemapResult {
	result := &SitemapResult{Faults: feed.Faults, Truncated: feed.Truncated}
	for _, e := range feed.Entries {
		if e.URL == "" {
			continue
		}
		result.Entries = append(result.Entries, SitemapEntry{URL: e.URL, LastMod: e.Published, Images: e.Images})
	}
	return result
}

func addFault(faults *[]string, fault string) {
	const most = 20
	if fault != "" && len(*faults) < most {
		*faults = append(*faults, fault)
	}
}

// parseSitemap reads XML or text.
func parseSitemap(body []byte, sitemapURL string, limits Limits) *SitemapResult {
	base, _ := weburl.NewBase(sitemapURL, limits.URLLength)
	p := &sitemapParser{base: base, limits: limits}
	doc, fault := xmlUTF8(body)
	addFault(&p.out.Faults, fault)
	if t := bytes.TrimLeft(doc, blanks); len(t) > 0 && t[0] != '<' {
		p.lines(doc)
	} else {
		p.xml(doc)
	}
	return &p.out
}

type sitemapParser struct {
	base     *weburl.Base
	limits   Limits
	out      SitemapResult
	entry    SitemapEntry
	urlBytes int  // of all addresses so far
	inside   bool // a url or sitemap element
	index    bool // that element, or the root, is of an index
}

// lines reads a text sitemap: one address a line.
func (p *sitemapParser) lines(doc []byte) {
	for len(doc) > 0 && !p.out.Truncated {
		var line []byte
		if i := bytes.IndexAny(doc, "\r\n"); i >= 0 {
			line, doc = doc[:i], doc[i+1:]
		} else {
			line, doc = doc, nil
		}
		line = bytes.Trim(line, blanks)
		if len(line) == 0 {
			continue
		}
		u, err := weburl.ParseLimit(string(line), p.limits.URLLength)
		if err != nil {
			addFault(&p.out.Faults, err.Error())
			continue
		}
		p.entry = SitemapEntry{URL: u}
		p.flush()
	}
}

// longestText bounds what is kept of an element's text.
const longestText = 16 << 10

func (p *sitemapParser) xml(doc []byte) {
	x := &xmlScanner{doc: doc}
	var text []byte
	capture := false
	for !p.out.Truncated {
		switch x.next() {
		case xmlEnd:
			if p.inside && x.fault == "" {
				x.fault = "document ends in an entry"
			}
			p.flush()
			addFault(&p.out.Faults, x.fault)
			return
		case xmlStart:
			capture = p.start(x)
			text = text[:0]
		case xmlText:
			if capture && len(text) < longestText {
				text = append(text, x.text...)
			}
		case xmlClose:
			p.close(x.name, text)
			capture = false
			text = text[:0]
		}
	}
}

// start tells whether the element's text is wanted.
func (p *sitemapParser) start(x *xmlScanner) bool {
	switch string(local(x.name)) {
	case "sitemapindex":
		p.index = true
	case "urlset":
		p.index = false
	case "url", "sitemap":
		if bytes.IndexByte(x.name, ':') > 0 && p.inside {
			return false // of an extension
		}
		p.flush()
		p.inside = true
		p.index = string(local(x.name)) == "sitemap"
	case "loc", "lastmod", "publication_date", "title", "language", "thumbnail_loc":
		return true
	}
	return false
}

func (p *sitemapParser) close(name, raw []byte) {
	switch string(local(name)) {
	case "url", "sitemap", "urlset", "sitemapindex":
		if bytes.IndexByte(name, ':') < 0 || p.entry.URL != "" {
			p.flush()
		}
		return
	}
	text := strings.TrimSpace(string(raw))
	if text == "" {
		return
	}
	switch string(name) {
	case "image:loc", "video:thumbnail_loc":
		if u := p.resolve(text); u != "" && len(p.entry.Images) < 1000 {
			p.entry.Images = append(p.entry.Images, u)
		}
		return
	case "news:title":
		p.entry.NewsTitle = clip(text)
		return
	case "video:title", "image:title", "video:publication_date":
		return
	}
	switch string(local(name)) {
	case "loc":
		p.loc(text)
	case "lastmod":
		p.entry.LastMod = clip(text)
	case "publication_date":
		p.entry.NewsPublished = clip(text)
	case "title":
		p.entry.NewsTitle = clip(text)
	case "language":
		p.entry.NewsLanguage = clip(text)
	}
}

// loc takes an entry's address. A second one begins another entry: the
// element around it was forgotten.
func (p *sitemapParser) loc(text string) {
	if p.entry.URL != "" {
		p.flush()
	}
	p.entry.URL = p.resolve(text)
}

func (p *sitemapParser) resolve(text string) string {
	u, err := weburl.Resolve(p.base, text, nil)
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

// flush stores the entry, if it has an address.
func (p *sitemapParser) flush() {
	entry := p.entry
	p.entry = SitemapEntry{}
	p.inside = false
	if entry.URL == "" {
		return
	}
	if len(p.out.Entries)+len(p.out.Children) >= p.limits.Entries {
		p.out.Truncated = true
		addFault(&p.out.Faults, "more entries than the limit")
		return
	}
	if p.index {
		p.out.Children = append(p.out.Children, entry.URL)
		p.out.ChildLastMod = append(p.out.ChildLastMod, entry.LastMod)
		return
	}
	p.out.Entries = append(p.out.Entries, entry)
}
