// Package capture holds the row that describes one capture: what the crawler
// says of it when it publishes it, and what captures.parquet and the CDXJ
// index say of it once it is archived. It has no behaviour, so that roles can
// share it without knowing each other.
package capture

// How a URL was discovered (discovered_by).
const (
	BySeed     = "seed"
	ByFeed     = "feed"
	BySitemap  = "sitemap"
	ByLink     = "link"
	ByRedirect = "redirect"
	ByRobots   = "robots"
	ByAsset    = "asset"
	ByRecrawl  = "recrawl"
)

// Subsets, as Common Crawl's index names them: 2xx and revisits of them are
// warc, robots.txt is robotstxt, everything else is crawldiagnostics.
const (
	SubsetWARC        = "warc"
	SubsetDiagnostics = "crawldiagnostics"
	SubsetRobots      = "robotstxt"
)

// Record types of a capture.
const (
	RecordResponse = "response"
	RecordRevisit  = "revisit"
)

// Row is one row of captures.parquet. Names and types of the first part are
// those of Common Crawl's columnar index, so that its SQL runs; the rest is
// ours. The crawler leaves the warc_ fields empty, and the archiver fills them
// and turns RecordType to revisit for content that is already held.
type Row struct {
	URLSurtkey              string `json:"surt,omitempty" parquet:"url_surtkey"`
	URL                     string `json:"url" parquet:"url"`
	URLHostName             string `json:"host,omitempty" parquet:"url_host_name"`
	URLHostTLD              string `json:"tld,omitempty" parquet:"url_host_tld"`
	URLHostRegisteredDomain string `json:"domain,omitempty" parquet:"url_host_registered_domain"`
	URLProtocol             string `json:"scheme,omitempty" parquet:"url_protocol"`
	// URLPort is nil where the URL names no port.
	URLPort  *int32 `json:"port,omitempty" parquet:"url_port,optional"`
	URLPath  string `json:"path,omitempty" parquet:"url_path"`
	URLQuery string `json:"query,omitempty" parquet:"url_query,optional"`
	// FetchTime is when the exchange started, microseconds since 1970, UTC.
	FetchTime        int64  `json:"time" parquet:"fetch_time,timestamp(microsecond:utc)"`
	FetchStatus      int16  `json:"status" parquet:"fetch_status"`
	FetchRedirect    string `json:"redirect,omitempty" parquet:"fetch_redirect,optional"`
	ContentDigest    string `json:"digest" parquet:"content_digest"`
	ContentMIMEType  string `json:"mime,omitempty" parquet:"content_mime_type,optional"`
	ContentMIMESniff string `json:"sniffed,omitempty" parquet:"content_mime_detected,optional"`
	ContentCharset   string `json:"charset,omitempty" parquet:"content_charset,optional"`
	ContentLanguages string `json:"languages,omitempty" parquet:"content_languages,optional"`
	ContentTruncated string `json:"truncated,omitempty" parquet:"content_truncated,optional"`
	WARCFilename     string `json:"warc_filename,omitempty" parquet:"warc_filename"`
	WARCRecordOffset int32  `json:"warc_record_offset,omitempty" parquet:"warc_record_offset"`
	WARCRecordLength int32  `json:"warc_record_length,omitempty" parquet:"warc_record_length"`
	Crawl            string `json:"crawl,omitempty" parquet:"crawl"`
	Subset           string `json:"subset,omitempty" parquet:"subset"`

	Collection string `json:"collection,omitempty" parquet:"collection"`
	CaptureID  string `json:"id" parquet:"capture_id"`
	RecordType string `json:"record_type,omitempty" parquet:"record_type"`
	// RevisitOf is the capture id of the response that holds the payload.
	RevisitOf    string `json:"revisit_of,omitempty" parquet:"revisit_of,optional"`
	ViaURL       string `json:"via,omitempty" parquet:"via_url,optional"`
	HopPath      string `json:"hops,omitempty" parquet:"hop_path,optional"`
	DiscoveredBy string `json:"by,omitempty" parquet:"discovered_by,optional"`
	// DiscoveredTime is in microseconds since 1970, UTC.
	DiscoveredTime int64    `json:"found,omitempty" parquet:"discovered_time,timestamp(microsecond:utc),optional"`
	FetchMS        int32    `json:"ms,omitempty" parquet:"fetch_ms"`
	IPAddress      string   `json:"ip,omitempty" parquet:"ip_address,optional"`
	HTTPProtocol   string   `json:"protocol,omitempty" parquet:"http_protocol,optional"`
	ETag           string   `json:"etag,omitempty" parquet:"etag,optional"`
	LastModified   string   `json:"last_modified,omitempty" parquet:"last_modified,optional"`
	RobotsRule     string   `json:"robots_rule,omitempty" parquet:"robots_rule,optional"`
	OptOuts        []string `json:"opt_outs,omitempty" parquet:"opt_outs,list"`
	BlockReason    string   `json:"block_reason,omitempty" parquet:"block_reason,optional"`
}
