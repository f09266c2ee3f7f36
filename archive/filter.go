package archive

import (
	"strings"
	"time"

	"newsreel/internal/weburl"
)

// Filter says which captures or articles of a collection are wanted. Fields at
// their zero value want everything.
type Filter struct {
	Collection string
	// Site is a host name or a domain, with everything below it.
	Site string
	// From and To are days, both included; what is smaller than a day is
	// passed over. A capture is of the day (UTC) on which it was fetched, an
	// article of the day on which it was published, as the page says it, or
	// else fetched.
	From, To time.Time
	// Lang is a BCP 47 tag; "en" wants en-GB too. Of articles only: a filter
	// with Lang or Query wants the captures that such articles come from.
	Lang string
	// Query is words that must all be in headline, summary, captions or body;
	// words in double quotes must follow each other.
	Query string
}

// all says whether the filter wants everything of the collection.
func (f *Filter) all() bool {
	return f.Site == "" && f.From.IsZero() && f.To.IsZero() && !f.byArticle()
}

// byArticle says whether the filter asks what only articles tell.
func (f *Filter) byArticle() bool { return f.Lang != "" || f.Query != "" }

// site says whether a URL's host is the filter's site or below it.
func (f *Filter) site(url string) bool {
	if f.Site == "" {
		return true
	}
	site := strings.ToLower(strings.Trim(f.Site, "."))
	host := strings.ToLower(strings.TrimSuffix(weburl.Hostname(url), "."))
	below, ok := strings.CutSuffix(host, site)
	return ok && (below == "" || strings.HasSuffix(below, "."))
}

// day says whether a day, in days since 1970, is within From and To.
func (f *Filter) day(day int32) bool {
	return (f.From.IsZero() || day >= dayOf(f.From)) && (f.To.IsZero() || day <= dayOf(f.To))
}

// fetched says whether a time in microseconds is within From and To.
func (f *Filter) fetched(us int64) bool { return f.day(dayOf(time.UnixMicro(us))) }

// lang says whether a language tag is the one wanted or within it.
func (f *Filter) lang(tag string) bool {
	rest, ok := cutPrefixFold(tag, f.Lang)
	return ok && (f.Lang == "" || rest == "" || rest[0] == '-')
}

func cutPrefixFold(s, prefix string) (rest string, ok bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}
