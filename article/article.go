// Package article holds the article record: what an extractor says of a page,
// as every other part of newsreel stores, searches and exports it. It has no
// behaviour beyond its JSON form, so that roles can share it without knowing
// each other.
package article

// Kinds of page that an Article can come from.
const (
	KindArticle  = "article"
	KindLiveblog = "liveblog"
	KindGallery  = "gallery"
	KindVideo    = "video"
	KindIndex    = "index"
	KindOther    = "other"
)

// Precisions of a published time.
const (
	PrecisionDay    = "day"
	PrecisionMinute = "minute"
	PrecisionSecond = "second"
)

// Where the zone of a published time comes from.
const (
	ZonePage  = "page"
	ZoneSite  = "site"
	ZoneFetch = "fetch"
	ZoneNone  = "none"
)

// Article is one extracted page. Fields without a value are absent from its
// JSON. The order of the fields is the order of the JSON keys.
type Article struct {
	// ID names this result: one capture gives at most one article.
	ID string `json:"id,omitempty"`
	// ArticleID is the same for all versions of one canonical URL in a
	// collection.
	ArticleID    string `json:"article_id,omitempty"`
	CaptureID    string `json:"capture_id,omitempty"`
	URL          string `json:"url,omitempty"`
	CanonicalURL string `json:"canonical_url,omitempty"`
	// Domain is the registrable domain of URL.
	Domain     string `json:"domain,omitempty"`
	Collection string `json:"collection,omitempty"`
	Job        string `json:"job,omitempty"`
	Run        int    `json:"run,omitempty"`
	// Fetched is our clock, RFC 3339 in UTC.
	Fetched  string `json:"fetched,omitempty"`
	Headline string `json:"headline,omitempty"`
	// Published is the page's claim: RFC 3339; without offset where the page
	// gives none (2016-09-05T10:39:00); a day alone as 2016-09-05.
	Published string `json:"published,omitempty"`
	// PublishedText is the date as the page prints it.
	PublishedText      string `json:"published_text,omitempty"`
	PublishedPrecision string `json:"published_precision,omitempty"`
	PublishedZone      string `json:"published_zone,omitempty"`
	// Modified has the form of Published.
	Modified string `json:"modified,omitempty"`
	// Body is paragraphs and subheadings parted by a blank line.
	Body string `json:"body,omitempty"`
	// Markdown is Body with its links, lists, quotes, tables and emphasis, in
	// CommonMark; only where the caller asked for it.
	Markdown string `json:"markdown,omitempty"`
	// Entries are the posts of a live blog in page order; Body holds their
	// texts too.
	Entries []Entry `json:"entries,omitempty"`
	// Notes are corrections and what else an editor says of the text; Body does
	// not hold them.
	Notes   []string `json:"notes,omitempty"`
	Summary string   `json:"summary,omitempty"`
	Authors []string `json:"authors,omitempty"`
	// Captions are the texts under the photos, credits parted off, in reading
	// order.
	Captions []string `json:"captions,omitempty"`
	Photos   []Photo  `json:"photos,omitempty"`
	// Videos are what the page shows in players; their captions are not among
	// Captions.
	Videos []Video `json:"videos,omitempty"`
	// Language is a BCP 47 tag.
	Language    string   `json:"language,omitempty"`
	Section     string   `json:"section,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	SiteName    string   `json:"site_name,omitempty"`
	Paywalled   bool     `json:"paywalled,omitempty"`
	Truncated   bool     `json:"truncated,omitempty"`
	Kind        string   `json:"kind,omitempty"`
	WordCount   int      `json:"word_count,omitempty"`
	ContentHash string   `json:"content_hash,omitempty"`
	// Simhash is 16 lower-case hexadecimal digits.
	Simhash string            `json:"simhash,omitempty"`
	Sources map[string]Source `json:"sources,omitempty"`
	// Extractor is the version of the extractor that made the record.
	Extractor string `json:"extractor,omitempty"`
}

// Entry is one post of a live blog.
type Entry struct {
	// Time is its time as the page prints it; Published what the markup says
	// of it, in the form of Article.Published.
	Time      string `json:"time,omitempty" parquet:"time,optional"`
	Published string `json:"published,omitempty" parquet:"published,optional"`
	Headline  string `json:"headline,omitempty" parquet:"headline,optional"`
	// Text is paragraphs parted by a blank line.
	Text string `json:"text,omitempty" parquet:"text,optional"`
}

// Photo is one photo of an article.
type Photo struct {
	Caption  string `json:"caption,omitempty" parquet:"caption,optional"`
	Credit   string `json:"credit,omitempty" parquet:"credit,optional"`
	ImageURL string `json:"image_url,omitempty" parquet:"image_url,optional"`
	Alt      string `json:"alt,omitempty" parquet:"alt,optional"`
	Width    int    `json:"width,omitempty" parquet:"width,optional"`
	Height   int    `json:"height,omitempty" parquet:"height,optional"`
}

// Video is one video of an article. ImageURL is the picture that stands for it
// until it plays.
type Video struct {
	Caption  string `json:"caption,omitempty" parquet:"caption,optional"`
	Credit   string `json:"credit,omitempty" parquet:"credit,optional"`
	ImageURL string `json:"image_url,omitempty" parquet:"image_url,optional"`
}

// Source says where the value of a field was read, and how sure that is
// (0 to 1).
type Source struct {
	From       string  `json:"from"`
	Confidence float64 `json:"confidence"`
}
