package demo

// Fates of a URL.
const (
	Captured = "captured"
	Failed   = "failed"
	Skipped  = "skipped"
)

// Kinds of resource.
const (
	KindPage     = "page"
	KindAsset    = "asset"
	KindFeed     = "feed"
	KindSitemap  = "sitemap"
	KindRobots   = "robots"
	KindRedirect = "redirect"
)

// Expected is one URL that a correct crawl of JobYAML knows in its ledger, and
// what becomes of it. These rules decide:
//
//  1. The scope is the host of each seed, and a seed's redirect target is a
//     seed. Links to other hosts are outside: counted, not in the ledger.
//  2. The robots.txt of every host that anything is to be fetched from, hosts
//     of photos included, is fetched first and is in the ledger, captured
//     whatever its status. (RFC 9309)
//  3. Sitemaps that robots.txt names and feeds that pages announce by
//     <link rel="alternate"> are read; what they list is judged by the scope.
//  4. Photos of captured pages are fetched from any host, under its robots.txt:
//     img src, every candidate of srcset (of img and of source in picture),
//     data-src, data-srcset and og:image. A data: URL is not a URL to fetch.
//     Stylesheets, scripts, video, audio and iframes are not fetched.
//  5. <a href> on a page is a link to a page, nofollow or not. canonical,
//     amphtml and hreflang name a page and are no links: a URL that is only
//     named so is not in the ledger. Forms are not sent.
//  6. The first <base href> holds for all links; a fragment is no part of a
//     URL; the query is, and its characters beyond ASCII are coded in the
//     page's charset, those of a path in UTF-8. (WHATWG URL)
//  7. Each hop of a redirect is a capture, and its target goes through scope
//     and robots.txt like a link. A hop back to a known URL ends there.
//  8. What robots.txt forbids is skipped (robots). A URL whose path has one
//     part three times is skipped (trap).
//  9. Any answer is a capture, a 404 as well. An answer that is 503 with
//     Retry-After is asked for again; the URL's fate is the last answer.
//  10. A host that takes no connections: its robots.txt failed (connect), its
//     other URLs are skipped (robots).
//
// The world leaves out what could be decided either way: icons, posters, meta
// refresh, frames, tracking parameters, session ids, nofollow in meta robots,
// redirects of robots.txt, robots.txt answered by 5xx.
type Expected struct {
	URL string
	// Fate is captured, failed or skipped.
	Fate string
	// Reason of a fate other than captured: robots, trap, connect.
	Reason string
	// Status is that of the last answer of a first crawl, 0 without one. A
	// recrawl that asks with validators gets 304 where Unchanged and Validators
	// hold.
	Status int
	// Kind is page, asset, feed, sitemap, robots or redirect: what was asked
	// for, except that an answer of 3xx is a redirect.
	Kind string
	// Due says that an extraction result is due: a 2xx HTML page in scope.
	Due bool
	// Digest is the SHA-1 in base32 of the payload that a client offered gzip
	// gets: content-encoding kept, without chunk framing. Of a body cut short it
	// covers what is sent.
	Digest string
	// Duplicate says that another captured URL has the same Digest. Of n such
	// URLs one is a response and n-1 are revisits; which one is a matter of
	// order.
	Duplicate bool
	// Truncated says that the server closes before the announced length.
	Truncated bool
	// Retried says that the first answer in an edition is 503 with Retry-After.
	Retried bool
	// Unchanged says that the payload is that of the edition before.
	Unchanged bool
	// Validators says that the server sends ETag or Last-Modified, and answers
	// 304 to them.
	Validators bool
	// OptOut says that the page asks not to be used by machines (noai).
	OptOut bool
	// Article is what a page of an article must yield; nil for fronts, section
	// pages and the like, which are due all the same and are no article.
	Article *ExpectedArticle
}

// ExpectedArticle is what an extractor must find in an article's page. Fields
// that the page does not give are empty.
type ExpectedArticle struct {
	Headline string
	// Kicker is a topic line over the headline; it is no part of it.
	Kicker string
	// Published has the form of the article record: RFC 3339, without offset
	// where the page gives none, a day alone as 2016-09-05.
	Published string
	// PublishedZone is page where the page gives an offset, else none.
	PublishedZone string
	// Modified has the form of Published.
	Modified string
	// Summary is the standfirst, printed apart from the body.
	Summary string
	// Body is the paragraphs and subheadings in order.
	Body []string
	// Captions are the texts under the photos in reading order, Credits the
	// credit of each or "".
	Captions []string
	Credits  []string
	Authors  []string
	Section  string
	Tags     []string
	// Language is a BCP 47 tag without region.
	Language string
	// Kind is article, liveblog, gallery or video.
	Kind      string
	Paywalled bool
	// Never are texts of the page's furniture that no field may hold.
	Never []string
}
