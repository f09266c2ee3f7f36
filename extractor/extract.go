package extractor

import (
	"crypto/sha256"
	"encoding/hex"
	"html"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/rules"
	"newsreel/extractor/when"
)

// Version names the rules and tables that made an article; it changes whenever
// the same page could come out differently.
const Version = "newsreel-extractor/2"

// Field is one header field of a response.
type Field struct{ Name, Value string }

// Page is what an article is made from.
type Page struct {
	// Body is the entity body, content-decoded but in the page's own charset.
	Body []byte
	// URL is where the page was captured.
	URL string
	// ContentType is the header field as sent, or "".
	ContentType string
	// Header holds other response fields; Content-Language, Last-Modified and
	// Link are looked at.
	Header []Field
	// Fetched is when the page was captured; the zero time is unknown.
	Fetched time.Time
	// Truncated tells that Body is not the whole of it.
	Truncated bool
	// Rule is the site's rule, or nil. The caller chooses it, as with
	// [rules.Set.For]; Extract does not look whether it matches URL.
	Rule *rules.Rule
	// Markdown asks for the body in Markdown too.
	Markdown bool
}

// ArticleID is the id that all versions of one URL in a collection share: the
// first 16 bytes of SHA-256 of collection, a line feed and the canonical URL
// (or, for lack of one, the URL), in hexadecimal.
func ArticleID(collection, canonicalOrURL string) string {
	sum := sha256.Sum256([]byte(collection + "\n" + canonicalOrURL))
	return hex.EncodeToString(sum[:16])
}

// Extract reads a page and says what article stands on it. It is pure: the same
// page gives the same article, with no look at clock, network or environment.
// It neither fails nor returns nil; a page without an article gives a record
// whose Kind says what the page is, with the fields that could be read.
//
// The caller fills ID, ArticleID, CaptureID, Collection, Job, Run and Fetched.
// ContentHash is the SHA-256, in lower-case hexadecimal, of the UTF-8 bytes of
// Headline, two line feeds, and Body, as they stand in the record; it is absent
// where both are.
func Extract(p Page) *article.Article {
	a, _ := extract(p, nil)
	return a
}

func extract(p Page, why *reasons) (*article.Article, *story) {
	s, charset := read(p, why)
	a := &article.Article{URL: p.URL, Truncated: p.Truncated, Extractor: Version, Sources: map[string]article.Source{}}
	a.Domain = registrableDomain(p.URL)
	a.CanonicalURL = s.canonical()
	s.say(a, "charset", charset, 0.99)
	for _, limit := range s.doc.Limits {
		s.say(a, "limit "+limit, "page cut or flattened at the limit", 1)
	}
	s.fillText(a)
	s.fillDates(a)
	s.fillAbout(a)
	s.ruledTexts(a)
	s.noteAbout(a)
	if from := a.Sources["published"].From; a.Kind == article.KindIndex && page.Letters(a.Body) < 150 && len(s.cards) > 3 && s.publishedWeight < 4 && (from == "printed" || from == "time" || from == "picture's url") {
		// What a list prints are its stories' dates.
		a.Published, a.PublishedText, a.PublishedPrecision, a.PublishedZone = "", "", "", ""
		delete(a.Sources, "published")
	}
	s.rate(a)
	detach(a)
	return a, s
}

// detach copies the strings that may be parts of the page's own text, so that a
// record that is kept does not keep its page.
func detach(a *article.Article) {
	for _, s := range []*string{&a.Headline, &a.Summary, &a.Section, &a.SiteName, &a.PublishedText, &a.Language, &a.CanonicalURL} {
		*s = strings.Clone(*s)
	}
	for _, list := range [][]string{a.Authors, a.Tags, a.Captions} {
		for i := range list {
			list[i] = strings.Clone(list[i])
		}
	}
	for i := range a.Photos {
		p := &a.Photos[i]
		p.Caption, p.Credit, p.Alt = strings.Clone(p.Caption), strings.Clone(p.Credit), strings.Clone(p.Alt)
	}
	for i := range a.Videos {
		v := &a.Videos[i]
		v.Caption, v.Credit = strings.Clone(v.Caption), strings.Clone(v.Credit)
	}
}

// say notes where a field was read.
func (s *story) say(a *article.Article, field, from string, confidence float64) {
	if from != "" {
		a.Sources[field] = article.Source{From: from, Confidence: math.Round(confidence*100) / 100}
	}
}

// fillText fills what a reader of the page sees first: headline, body, photos.
func (s *story) fillText(a *article.Article) {
	var from string
	var confidence float64
	s.root = s.container(s.doc.Root)
	s.statedRoot()
	s.ruledRoot()
	s.selectBody()
	if a.Headline, from, confidence = s.headline(); a.Headline != "" {
		s.say(a, "headline", from, confidence)
	}
	s.titleText = folded(a.Headline)
	own := s.ownArticle()
	if own == nil {
		own = s.ownBranch()
	}
	if own != nil {
		s.root, s.mainSig, s.outside = s.container(own), "", 0
	}
	s.selectBody()
	s.photos(a)
	s.selectBody()
	s.takeStandfirst()
	s.dropBios()
	s.noteBody()
	a.Notes = s.takeNotes()
	a.Body = s.bodyText()
	if s.p.Markdown {
		a.Markdown = s.markdown()
	}
	if a.Body != "" {
		from, confidence = "layout", 0.9
		if s.rule != nil && len(s.rule.body) > 0 {
			from, confidence = s.rule.from(), 0.99
		}
		if s.state != nil {
			from, confidence = "script data", 0.7
		}
		s.say(a, "body", from, confidence)
	}
	if len(a.Captions) > 0 {
		from, confidence = "layout", 0.9
		if s.rule != nil && len(s.rule.captions) > 0 {
			from, confidence = s.rule.from(), 0.99
		}
		s.say(a, "captions", from, confidence)
	}
	if a.Summary, from, confidence = s.summary(); a.Summary != "" {
		s.say(a, "summary", from, confidence)
	}
	a.WordCount = readers.Words(a.Body)
	a.ContentHash, a.Simhash = contentHash(a.Headline, a.Body), simhash(a.Body)
}

// fillAbout fills what is said about the article.
func (s *story) fillAbout(a *article.Article) {
	var from string
	var confidence float64
	a.Authors, from, confidence = s.authors()
	if len(a.Authors) > 0 {
		s.say(a, "authors", from, confidence)
	}
	a.Language, from, confidence = s.articleLanguage(a.Body)
	s.say(a, "language", from, confidence)
	a.Section, from = s.section()
	s.say(a, "section", from, 0.9)
	a.Tags, from = s.tags()
	s.say(a, "tags", from, 0.9)
	a.SiteName, from = s.siteName()
	s.say(a, "site_name", from, 0.95)
	a.Paywalled, from, confidence = s.paywalled()
	s.say(a, "paywalled", from, confidence)
	a.Kind, from, confidence = s.kind(a.Body, len(a.Photos))
	if a.Kind == article.KindLiveblog || a.Kind == article.KindArticle {
		a.Entries = s.entries(a.Kind == article.KindLiveblog)
		if len(a.Entries) > 0 && a.Kind == article.KindArticle {
			a.Kind, from, confidence = article.KindLiveblog, "posts with times", 0.75
		}
	}
	s.say(a, "kind", from, confidence)
}

// changedBefore tells whether a page would have been changed on a day before the
// one that it was published on: that date is the template's or another story's.
func changedBefore(modified, published when.Time) bool {
	return modified.Date().Instant().Before(published.Date().Instant().AddDate(0, 0, -1))
}

// fillDates fills the dates and what is known of them.
func (s *story) fillDates(a *article.Article) {
	best, modified := s.published()
	if modified != nil && (best == nil || modified.weight >= 6 || !changedBefore(modified.Time, best.Time)) {
		a.Modified = modified.Time.String()
		s.say(a, "modified", modified.From, s.dateConfidence(modified))
	}
	if best == nil {
		return
	}
	s.publishedWeight = best.weight
	a.Published = best.Time.String()
	a.PublishedText = best.Text
	if a.PublishedText == "" {
		a.PublishedText = s.printedAs(best)
	}
	a.PublishedPrecision, a.PublishedZone = article.PrecisionDay, article.ZoneNone
	if best.Relative {
		a.PublishedZone = article.ZoneFetch
	}
	if best.Time.Clock {
		a.PublishedPrecision = article.PrecisionMinute
		if best.Time.Seconds {
			a.PublishedPrecision = article.PrecisionSecond
		}
		if best.Time.Zoned {
			a.PublishedZone = article.ZonePage
			if best.siteZone {
				a.PublishedZone = article.ZoneSite
			}
		}
	}
	s.say(a, "published", best.From, s.dateConfidence(best))
}

// thin is the worth of running text under which a page shows no story, so that
// the data of its scripts is looked through.
const thin = 250

// read decodes and parses a page, once, and asks the readers. Only a page that
// shows no text is parsed again, with the markup that its scripts were to show.
func read(p Page, why *reasons) (s *story, charset string) {
	text, charset := page.Decode(p.Body, p.ContentType)
	s = readStory(p, page.Parse(text), why)
	s.measure()
	if s.sums[s.doc.Root] >= thin {
		return s, charset
	}
	state, ok := readers.EmbeddedState(s.doc)
	if !ok {
		if t := s.main(); t != nil && page.Letters(t.Body) > thin {
			state, ok = readers.State{HTML: paragraphs(t.Body)}, true
		}
	}
	if !ok {
		return s, charset
	}
	head := ""
	if state.Headline != "" {
		head = "<h1>" + html.EscapeString(state.Headline) + "</h1>"
	}
	limits := s.doc.Limits
	s = readStory(p, page.Parse(slices.Concat(text, []byte("<article class=\"articlebody\">"+head+state.HTML+"</article>"))), why)
	s.doc.Limits = append(limits, s.doc.Limits...)
	s.state = &state
	s.measure()
	return s, charset
}

// paragraphs makes markup of JSON-LD's articleBody.
func paragraphs(body string) string {
	if strings.Contains(body, "<p") {
		return body
	}
	sep := "\n"
	if strings.Contains(body, "\n\n") {
		sep = "\n\n"
	}
	return "<p>" + strings.ReplaceAll(html.EscapeString(cleanMarkup(body)), sep, "</p><p>") + "</p>"
}

func readStory(p Page, doc *page.Doc, why *reasons) *story {
	rule := applyRule(p.Rule, doc)
	s := &story{p: p, doc: doc, rule: rule, why: why, meta: readers.ReadMeta(doc), things: readers.JSONLD(doc, p.URL), blocks: readers.Layout(doc)}
	s.things = append(s.things, readers.Microdata(doc)...)
	s.things = append(s.things, readers.RDFa(doc)...)
	s.titleBlock, s.first, s.last = -1, -1, -1
	s.printed = append(readers.Datelines(s.blocks, s.options()), readers.DateBoxes(doc, s.blocks, s.options())...)
	s.dateBlocks = map[int]bool{}
	for _, d := range s.printed {
		s.dateBlocks[d.Block] = true
	}
	return s
}

// registrableDomain is the public suffix of a URL's host and one label more; an
// address or a single label is its own domain.
func registrableDomain(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Hostname() == "" {
		return ""
	}
	if d, err := publicsuffix.EffectiveTLDPlusOne(u.Hostname()); err == nil {
		return d
	}
	return u.Hostname()
}

// canonical is the address that the page gives itself, absolute, or "".
func (s *story) canonical() string {
	raw := s.meta.Link("canonical")
	if raw == "" {
		raw = s.meta.Get("og:url")
	}
	return s.absolute(raw)
}

// absolute resolves a reference against the page's base; "" where it is none of
// http or https.
func (s *story) absolute(ref string) string {
	ref = strings.TrimSpace(ref)
	if ref == "" || len(ref) > 8192 {
		return ""
	}
	base, err := url.Parse(s.p.URL)
	if err != nil {
		return ""
	}
	if b, err := base.Parse(s.meta.Base); err == nil && s.meta.Base != "" {
		base = b
	}
	u, err := base.Parse(ref)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	return u.String()
}
