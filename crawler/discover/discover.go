// Package discover finds the addresses that a captured document names: the
// links and embedded files of a page, the entries of feeds and sitemaps, and
// what a page or its headers ask of crawlers. It fetches nothing, keeps no
// state, and bounds what it takes from a document.
package discover

import (
	"strings"

	"newsreel/internal/weburl"
)

// Kind says what an address is expected to be. It is a hint: what is done with
// a capture depends on what came.
type Kind string

const (
	KindPage     Kind = "page"     // a document that people open
	KindAsset    Kind = "asset"    // a file that is part of a page
	KindFeed     Kind = "feed"     // RSS, Atom or JSON Feed
	KindSitemap  Kind = "sitemap"  // a sitemap, or an index of them
	KindIdentity Kind = "identity" // a name that the document has for itself or its subject
)

// rank orders kinds: of two links to one address the stronger kind is kept.
func (k Kind) rank() int {
	switch k {
	case KindPage:
		return 4
	case KindFeed, KindSitemap:
		return 3
	case KindAsset:
		return 2
	case KindIdentity:
		return 1
	}
	return 0
}

// Stronger tells whether k takes the place of other: page before feed and
// sitemap, these before asset, that before identity.
func (k Kind) Stronger(other Kind) bool { return k.rank() > other.rank() }

// Link is one address found in a document.
type Link struct {
	URL  string // as internal/weburl serialises it
	Kind Kind
	// Attr says where it stood: a, area, img, srcset, video, audio, poster,
	// track, object, frame, refresh, canonical, shortlink, amphtml, alternate,
	// next, prev, stylesheet, script, icon, manifest, preload, image_src,
	// og:image, og:video, og:audio, og:url, twitter:image, itemprop, jsonld,
	// sitemap, feed, enclosure.
	Attr string
	// AssetAttr says where it stands as a part of the page, if it does: as Attr
	// for an asset, and also set for a page that is linked to and embedded,
	// such as a photo that links to itself.
	AssetAttr string
	Nofollow  bool // each place that names it says rel=nofollow
}

// Image tells whether the address is a picture of the page, as opposed to
// other files that pages are made of, and to what they only link to.
func (l Link) Image() bool {
	switch l.AssetAttr {
	case "img", "srcset", "poster", "image_src", "og:image", "twitter:image", "jsonld":
		return true
	}
	return false
}

// Limits bounds what is taken from one document. A zero field takes the value
// of DefaultLimits.
type Limits struct {
	Links     int // distinct addresses of a page
	Entries   int // of a sitemap
	FeedItems int
	URLLength int // bytes; longer addresses are dropped and counted
	URLBytes  int // of all addresses of a document together: short links may mean long URLs
	Bytes     int // of a sitemap that is read as a stream or unpacked
}

// DefaultLimits gives 20,000 links a page; 50,000 entries and 64 MiB a
// sitemap (sitemaps.org allows 50,000 and 50 MB); 5,000 items a feed; 8 KiB a
// URL, and 16 MiB for those of a document.
func DefaultLimits() Limits {
	return Limits{Links: 20_000, Entries: 50_000, FeedItems: 5_000, URLLength: weburl.MaxLength, URLBytes: 16 << 20, Bytes: 64 << 20}
}

func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, def *int }{
		{&l.Links, &d.Links}, {&l.Entries, &d.Entries}, {&l.FeedItems, &d.FeedItems},
		{&l.URLLength, &d.URLLength}, {&l.URLBytes, &d.URLBytes}, {&l.Bytes, &d.Bytes},
	} {
		if *f.have <= 0 {
			*f.have = *f.def
		}
	}
	return l
}

// Input is a captured document.
type Input struct {
	Body      []byte // decoded, in UTF-8; a sitemap or feed that is a gzip file as it is
	MediaType string // of Content-Type, parameters allowed; may be ""
	URL       string
	Charset   string // the charset that Body was decoded from; codes the queries of links
	Hint      Kind   // what the address was expected to be; may be ""
	Limits    Limits
}

// Found is what a document names. Exactly the field that Type calls for is
// set: Page for html, Sitemap for sitemap, sitemapindex and text, Feed for
// rss, atom and jsonfeed.
type Found struct {
	Type      string // as Sniff gives it
	Links     []Link // of all kinds, each address once
	Page      *Page
	Sitemap   *SitemapResult
	Feed      *FeedResult
	Truncated bool     // a limit cut the list
	Faults    []string // what was forgiven, for the crawl log
}

// Discover reads a captured document by what it is found to be. The media type
// and the hint decide only where the bytes do not. A sitemap or feed that is a
// gzip file, as sitemap.xml.gz often is, is unpacked.
func Discover(in Input) *Found {
	limits := in.Limits.withDefaults()
	f := &Found{}
	if in.zipped() {
		var fault string
		in.Body, f.Truncated, fault = gunzip(in.Body, limits.Bytes)
		addFault(&f.Faults, fault)
	}
	f.Type = Sniff(in.Body)
	switch f.Type {
	case TypeSitemap, TypeSitemapIndex:
		f.takeSitemap(in, limits)
	case TypeRSS, TypeAtom, TypeJSONFeed:
		f.takeFeed(in, limits)
	case TypeHTML:
		f.takePage(in, limits)
	case TypeText:
		if in.Hint == KindSitemap {
			f.takeSitemap(in, limits)
		} else if htmlMedia(in.MediaType) {
			f.Type = TypeHTML
			f.takePage(in, limits)
		}
	case TypeXML:
		if htmlMedia(in.MediaType) {
			f.Type = TypeHTML
			f.takePage(in, limits)
		} else if in.Hint == KindSitemap {
			f.takeSitemap(in, limits)
		}
	}
	return f
}

func htmlMedia(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.TrimSpace(mediaType)
	return strings.EqualFold(mediaType, "text/html") || strings.EqualFold(mediaType, "application/xhtml+xml")
}

func (f *Found) takePage(in Input, limits Limits) {
	f.Page = links(in.Body, in.URL, in.Charset, limits)
	f.Links = f.Page.Links
	f.Truncated = f.Page.Truncated
}

func (f *Found) takeSitemap(in Input, limits Limits) {
	f.Sitemap = parseSitemap(in.Body, in.URL, limits)
	f.Faults = append(f.Faults, f.Sitemap.Faults...)
	f.Truncated = f.Truncated || f.Sitemap.Truncated
	set := newLinkSet(nil, limits.Entries*2, limits)
	for _, child := range f.Sitemap.Children {
		set.addURL(child, KindSitemap, "sitemap", false)
	}
	for i := range f.Sitemap.Entries {
		set.addURL(f.Sitemap.Entries[i].URL, KindPage, "sitemap", false)
	}
	for i := range f.Sitemap.Entries {
		for _, image := range f.Sitemap.Entries[i].Images {
			set.addURL(image, KindAsset, "img", false)
		}
	}
	f.Links = set.links
	f.Truncated = f.Truncated || set.truncated
}

func (f *Found) takeFeed(in Input, limits Limits) {
	f.Feed = parseFeed(in.Body, in.URL, limits)
	f.Faults = append(f.Faults, f.Feed.Faults...)
	f.Truncated = f.Truncated || f.Feed.Truncated
	set := newLinkSet(nil, limits.Links, limits)
	for i := range f.Feed.Entries {
		if u := f.Feed.Entries[i].URL; u != "" {
			set.addURL(u, KindPage, "feed", false)
		}
	}
	for i := range f.Feed.Entries {
		for _, image := range f.Feed.Entries[i].Images {
			set.addURL(image, KindAsset, "img", false)
		}
		for _, file := range f.Feed.Entries[i].Enclosures {
			set.addURL(file, KindAsset, "enclosure", false)
		}
	}
	if f.Feed.Next != "" {
		set.addURL(f.Feed.Next, KindFeed, "next", false)
	}
	if f.Feed.Home != "" {
		set.addURL(f.Feed.Home, KindIdentity, "feed", false)
	}
	f.Links = set.links
	f.Truncated = f.Truncated || set.truncated
}
