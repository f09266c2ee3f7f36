package archive

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"newsreel/article"
	"newsreel/capture"
)

// RowGroupRows is the most rows of a row group in the tables of an archive.
const RowGroupRows = 128 << 10

// ArticleRow is a row of articles.parquet: the article record under the names
// of its JSON form, and where the capture that it comes from stands.
type ArticleRow struct {
	ID                 string          `parquet:"id"`
	ArticleID          string          `parquet:"article_id"`
	CaptureID          string          `parquet:"capture_id"`
	URL                string          `parquet:"url"`
	CanonicalURL       string          `parquet:"canonical_url,optional"`
	Domain             string          `parquet:"domain,dict"`
	Collection         string          `parquet:"collection,dict"`
	Job                string          `parquet:"job,dict"`
	Run                int32           `parquet:"run"`
	Fetched            int64           `parquet:"fetched,timestamp(microsecond:utc)"`
	Headline           string          `parquet:"headline,optional"`
	Published          string          `parquet:"published,optional"`
	PublishedText      string          `parquet:"published_text,optional"`
	PublishedPrecision string          `parquet:"published_precision,optional,dict"`
	PublishedZone      string          `parquet:"published_zone,optional,dict"`
	Modified           string          `parquet:"modified,optional"`
	Body               string          `parquet:"body,optional"`
	Entries            []article.Entry `parquet:"entries,list"`
	Notes              []string        `parquet:"notes,list"`
	Summary            string          `parquet:"summary,optional"`
	Authors            []string        `parquet:"authors,list"`
	Captions           []string        `parquet:"captions,list"`
	Photos             []article.Photo `parquet:"photos,list"`
	Videos             []article.Video `parquet:"videos,list"`
	Language           string          `parquet:"language,optional,dict"`
	Section            string          `parquet:"section,optional,dict"`
	Tags               []string        `parquet:"tags,list"`
	SiteName           string          `parquet:"site_name,optional,dict"`
	Paywalled          bool            `parquet:"paywalled"`
	Truncated          bool            `parquet:"truncated"`
	Kind               string          `parquet:"kind,optional,dict"`
	WordCount          int32           `parquet:"word_count"`
	ContentHash        string          `parquet:"content_hash,optional"`
	Simhash            string          `parquet:"simhash,optional"`
	// Sources is the JSON object of the record's sources.
	Sources   string `parquet:"sources,optional"`
	Extractor string `parquet:"extractor,optional,dict"`

	// PublishedTime is Published where it has an offset, in UTC.
	PublishedTime *int64 `parquet:"published_time,timestamp(microsecond:utc)"`
	// PublishedDay is the day of Published as the page says it, in its own
	// zone, in days since 1970.
	PublishedDay     *int32 `parquet:"published_day,date"`
	WARCFilename     string `parquet:"warc_filename,dict"`
	WARCRecordOffset int32  `parquet:"warc_record_offset"`
	WARCRecordLength int32  `parquet:"warc_record_length"`
}

// NewArticleRow returns the row of an article. The place of its capture is the
// caller's to fill.
func NewArticleRow(a *article.Article) (ArticleRow, error) {
	r := ArticleRow{
		ID: a.ID, ArticleID: a.ArticleID, CaptureID: a.CaptureID, URL: a.URL, CanonicalURL: a.CanonicalURL,
		Domain: a.Domain, Collection: a.Collection, Job: a.Job, Run: int32(a.Run), Headline: a.Headline,
		Published: a.Published, PublishedText: a.PublishedText, PublishedPrecision: a.PublishedPrecision,
		PublishedZone: a.PublishedZone, Modified: a.Modified, Body: a.Body, Entries: a.Entries, Notes: a.Notes, Summary: a.Summary,
		Authors: a.Authors, Captions: a.Captions, Photos: a.Photos, Videos: a.Videos, Language: a.Language, Section: a.Section,
		Tags: a.Tags, SiteName: a.SiteName, Paywalled: a.Paywalled, Truncated: a.Truncated, Kind: a.Kind,
		WordCount: int32(a.WordCount), ContentHash: a.ContentHash, Simhash: a.Simhash, Extractor: a.Extractor,
		PublishedDay: publishedDay(a.Published),
	}
	if t, err := time.Parse(time.RFC3339, a.Fetched); err == nil {
		r.Fetched = t.UnixMicro()
	}
	if t, err := time.Parse(time.RFC3339, a.Published); err == nil {
		us := t.UnixMicro()
		r.PublishedTime = &us
	}
	if len(a.Sources) > 0 {
		sources, err := json.Marshal(a.Sources)
		if err != nil {
			return r, fmt.Errorf("row of article %s: %w", a.ID, err)
		}
		r.Sources = string(sources)
	}
	return r, nil
}

// publishedDay returns the day that a published time begins with.
func publishedDay(published string) *int32 {
	if len(published) < len(time.DateOnly) {
		return nil
	}
	t, err := time.Parse(time.DateOnly, published[:len(time.DateOnly)])
	if err != nil {
		return nil
	}
	day := dayOf(t)
	return &day
}

// dayOf is the day of a time in UTC, in days since 1970.
func dayOf(t time.Time) int32 {
	const day = 24 * 60 * 60
	s := t.Unix()
	if s < 0 {
		s -= day - 1
	}
	return int32(s / day)
}

// Article returns the record of a row: the inverse of NewArticleRow.
func (r *ArticleRow) Article() (*article.Article, error) {
	a := &article.Article{
		ID: r.ID, ArticleID: r.ArticleID, CaptureID: r.CaptureID, URL: r.URL, CanonicalURL: r.CanonicalURL,
		Domain: r.Domain, Collection: r.Collection, Job: r.Job, Run: int(r.Run), Headline: r.Headline,
		Published: r.Published, PublishedText: r.PublishedText, PublishedPrecision: r.PublishedPrecision,
		PublishedZone: r.PublishedZone, Modified: r.Modified, Body: r.Body, Entries: r.Entries, Notes: r.Notes, Summary: r.Summary,
		Authors: r.Authors, Captions: r.Captions, Photos: r.Photos, Videos: r.Videos, Language: r.Language, Section: r.Section,
		Tags: r.Tags, SiteName: r.SiteName, Paywalled: r.Paywalled, Truncated: r.Truncated, Kind: r.Kind,
		WordCount: int(r.WordCount), ContentHash: r.ContentHash, Simhash: r.Simhash, Extractor: r.Extractor,
	}
	if r.Fetched != 0 {
		a.Fetched = formatTime(r.Fetched)
	}
	if r.Sources != "" {
		if err := json.Unmarshal([]byte(r.Sources), &a.Sources); err != nil {
			return nil, fmt.Errorf("article %s: sources: %w", r.ID, err)
		}
	}
	return a, nil
}

// formatTime writes microseconds since 1970 as RFC 3339 in UTC.
func formatTime(us int64) string {
	return time.UnixMicro(us).UTC().Format("2006-01-02T15:04:05.999999Z")
}

// NewArticleWriter writes articles.parquet: rows must come by domain and
// published_day. Close it; w stays open.
func NewArticleWriter(w io.Writer) *parquet.GenericWriter[ArticleRow] {
	return newTableWriter[ArticleRow](w, "domain", "published_day")
}

// NewCaptureWriter writes captures.parquet: rows must come by url_surtkey.
func NewCaptureWriter(w io.Writer) *parquet.GenericWriter[capture.Row] {
	return newTableWriter[capture.Row](w, "url_surtkey")
}

// NewLedgerWriter writes a ledger: rows must come by url.
func NewLedgerWriter(w io.Writer) *parquet.GenericWriter[LedgerRow] {
	return newTableWriter[LedgerRow](w, "url")
}

// newTableWriter writes a table in the form that all tables of an archive
// have: zstd, row groups of RowGroupRows, statistics for each page, and the
// columns that it is sorted by named in it.
func newTableWriter[T any](w io.Writer, sorted ...string) *parquet.GenericWriter[T] {
	columns := make([]parquet.SortingColumn, len(sorted))
	for i, name := range sorted {
		columns[i] = parquet.Ascending(name)
	}
	return parquet.NewGenericWriter[T](w,
		parquet.Compression(tableCodec()),
		parquet.MaxRowsPerRowGroup(RowGroupRows),
		parquet.DataPageStatistics(true),
		parquet.PageBufferSize(64<<10),
		parquet.ColumnIndexSizeLimit(indexLimit),
		parquet.SortingWriterConfig(parquet.SortingColumns(columns...)))
}

// Add adds another segment's counts.
func (c *Counts) Add(o *Counts) {
	c.Captures += o.Captures
	c.Responses += o.Responses
	c.Revisits += o.Revisits
	c.Requests += o.Requests
	c.Articles += o.Articles
	c.NoArticle += o.NoArticle
	c.ExtractFailed += o.ExtractFailed
	c.NotAwaited += o.NotAwaited
	c.NotTaken += o.NotTaken
	c.Received += o.Received
	c.LogLines += o.LogLines
}

// NewLedgerSorter writes a ledger whose rows come in any order: it sorts chunks
// of them in memory, keeps them in files in the folder temp, and merges them
// when it is closed.
func NewLedgerSorter(w io.Writer, chunk int64, temp string) *parquet.SortingWriter[LedgerRow] {
	return parquet.NewSortingWriter[LedgerRow](w, chunk,
		parquet.Compression(tableCodec()),
		parquet.MaxRowsPerRowGroup(RowGroupRows),
		parquet.DataPageStatistics(true),
		parquet.ColumnIndexSizeLimit(indexLimit),
		parquet.SortingWriterConfig(
			parquet.SortingColumns(parquet.Ascending("url")),
			parquet.SortingBuffers(parquet.NewFileBufferPool(temp, "ledger-*"))))
}

// indexLimit is how many bytes of a page's least and greatest value its index
// keeps: enough to tell the pages of one site apart.
func indexLimit([]string) int { return 128 }

func tableCodec() *zstd.Codec { return &zstd.Codec{Level: zstd.SpeedFastest, Concurrency: 1} }

// timestamp14 writes microseconds since 1970 as an index does: 14 digits, UTC.
func timestamp14(us int64) string { return time.UnixMicro(us).UTC().Format("20060102150405") }
