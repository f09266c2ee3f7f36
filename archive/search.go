package archive

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"
)

// Hit is an article that a search found.
type Hit struct {
	ID               string `json:"id"`
	ArticleID        string `json:"article_id,omitempty"`
	CaptureID        string `json:"capture_id"`
	URL              string `json:"url"`
	Domain           string `json:"domain,omitempty"`
	Collection       string `json:"collection"`
	Headline         string `json:"headline,omitempty"`
	Published        string `json:"published,omitempty"`
	Fetched          string `json:"fetched,omitempty"`
	Language         string `json:"language,omitempty"`
	SiteName         string `json:"site_name,omitempty"`
	Snippet          string `json:"snippet,omitempty"`
	WARCFilename     string `json:"warc_filename"`
	WARCRecordOffset int64  `json:"warc_record_offset"`
	WARCRecordLength int64  `json:"warc_record_length"`

	// inHeadline is how many of the query's terms the headline holds, day the
	// day that the hit is ranked by, text what the snippet is cut from.
	inHeadline int
	day        int32
	fetched    int64
	text       string
}

// Results of a search.
type Results struct {
	// Total is how many articles match, each counted once whatever the
	// number of its versions. Hits are the first of them.
	Total int   `json:"total"`
	Hits  []Hit `json:"hits"`
}

// searchRow is what a search reads of articles.parquet.
type searchRow struct {
	ID               string   `parquet:"id"`
	ArticleID        string   `parquet:"article_id"`
	CaptureID        string   `parquet:"capture_id"`
	URL              string   `parquet:"url"`
	Domain           string   `parquet:"domain"`
	Fetched          int64    `parquet:"fetched,timestamp(microsecond:utc)"`
	Headline         string   `parquet:"headline,optional"`
	Published        string   `parquet:"published,optional"`
	Body             string   `parquet:"body,optional"`
	Summary          string   `parquet:"summary,optional"`
	Captions         []string `parquet:"captions,list"`
	Language         string   `parquet:"language,optional"`
	SiteName         string   `parquet:"site_name,optional"`
	PublishedDay     *int32   `parquet:"published_day,date"`
	WARCFilename     string   `parquet:"warc_filename"`
	WARCRecordOffset int32    `parquet:"warc_record_offset"`
	WARCRecordLength int32    `parquet:"warc_record_length"`
}

// Search finds the articles of a collection that hold all words of the query,
// whatever their case and diacritics; words in double quotes must follow each
// other. A word must be whole, but in scripts without blanks between words it
// may stand anywhere. Of the versions of an article it is the newest that
// counts. Articles with the words in their headline come first, newer ones
// before older ones. limit bounds the hits, 0 for 20.
//
// It reads the texts of the whole collection: 100,000 articles take seconds.
// Errors: ErrQuery, or the store's.
func (a *Archive) Search(ctx context.Context, f Filter, limit int) (Results, error) {
	q, err := parseQuery(f.Query)
	if err != nil {
		return Results{}, err
	}
	if limit <= 0 {
		limit = 20
	}
	s := &search{query: q, filter: &f, limit: limit, best: map[string]int64{}}
	for m, err := range a.Manifests(ctx, f.Collection) {
		if err != nil {
			return Results{}, err
		}
		o := m.Object(ObjectArticles)
		if o == nil || o.Rows == 0 {
			continue
		}
		for row, err := range scan[searchRow](ctx, a.store, o) {
			if err != nil {
				return Results{}, err
			}
			s.consider(row)
		}
	}
	return s.results(f.Collection), nil
}

// search keeps the best hits of a search under way.
type search struct {
	query  *query
	filter *Filter
	limit  int
	hits   []Hit
	// best is when the newest version of each article that matches was
	// fetched.
	best map[string]int64
}

// consider takes an article if it matches.
func (s *search) consider(r *searchRow) {
	keys := articleKeys{URL: r.URL, Fetched: r.Fetched, Language: r.Language, PublishedDay: r.PublishedDay}
	if !s.filter.keys(&keys) {
		return
	}
	captions := strings.Join(r.Captions, "\n")
	inHeadline, ok := s.query.match(r.Headline, r.Summary, r.Body, captions)
	if !ok {
		return
	}
	version := cmp.Or(r.ArticleID, r.ID)
	if newest, known := s.best[version]; known && newest > r.Fetched {
		return
	}
	s.best[strings.Clone(version)] = r.Fetched
	s.hits = slices.DeleteFunc(s.hits, func(h Hit) bool { return cmp.Or(h.ArticleID, h.ID) == version })
	day := dayOf(time.UnixMicro(r.Fetched))
	if r.PublishedDay != nil {
		day = *r.PublishedDay
	}
	hit := Hit{ID: r.ID, ArticleID: r.ArticleID, CaptureID: r.CaptureID, URL: r.URL, Domain: r.Domain,
		Headline: r.Headline, Published: r.Published, Language: r.Language, SiteName: r.SiteName,
		WARCFilename: r.WARCFilename, WARCRecordOffset: int64(r.WARCRecordOffset), WARCRecordLength: int64(r.WARCRecordLength),
		inHeadline: inHeadline, day: day, fetched: r.Fetched}
	at, _ := slices.BinarySearchFunc(s.hits, hit, compareHits)
	if at >= s.limit {
		return
	}
	hit.text = s.snippetText(r, captions)
	s.hits = slices.Insert(s.hits, at, hit)
	if len(s.hits) > s.limit {
		s.hits = s.hits[:s.limit]
	}
}

// snippetText is the text of an article that shows best why it was found.
func (s *search) snippetText(r *searchRow, captions string) string {
	for _, text := range []string{r.Body, r.Summary, captions} {
		folded := s.query.fold.fold(text)
		for _, term := range s.query.terms {
			if bytes.Contains(folded, term) {
				return text
			}
		}
	}
	return cmp.Or(r.Summary, r.Body, captions)
}

// compareHits puts the better hit first.
func compareHits(x, y Hit) int {
	return cmp.Or(cmp.Compare(y.inHeadline, x.inHeadline), cmp.Compare(y.day, x.day),
		cmp.Compare(y.fetched, x.fetched), cmp.Compare(x.ID, y.ID))
}

func (s *search) results(collection string) Results {
	for i := range s.hits {
		h := &s.hits[i]
		h.Collection, h.Snippet, h.text = collection, s.query.snippet(h.text), ""
		if h.fetched != 0 {
			h.Fetched = formatTime(h.fetched)
		}
	}
	if s.hits == nil {
		s.hits = []Hit{}
	}
	return Results{Total: len(s.best), Hits: s.hits}
}
