package job

// Document says what a job is to do: where it starts, how far it goes, how
// politely, and what becomes of what it captures. The struct tags are the one
// source of the YAML keys (json), flags and environment names (flag), defaults
// (default), bounds (min, max, enum), explanations (doc), the JSON Schema and
// the reference table. It round-trips through JSON and YAML; both hold every
// effective value, so a stored document means the same under later defaults.
//
// The zero Document is not valid: begin with Default, Parse or FromURLs.
// A Document is not safe for concurrent use while it is being changed.
type Document struct {
	Name       string     `json:"name,omitempty" flag:"name" arg:"NAME" shown:"first seed's host and a short hash of seeds and scope" doc:"the job's name, [a-z0-9][a-z0-9-]*, at most 60 characters"`
	Collection string     `json:"collection,omitempty" flag:"collection" arg:"NAME" shown:"the name" doc:"what people search and export; many jobs may feed one"`
	Seeds      Seeds      `json:"seeds,omitzero" doc:"where the job starts; a seed's redirect target is a seed"`
	Scope      ScopeRule  `json:"scope" doc:"which URLs belong to the job"`
	Dates      Dates      `json:"dates,omitzero" doc:"which articles belong to the job, by the day they were published"`
	Limits     Limits     `json:"limits" doc:"where the run ends; 0 means no limit"`
	Politeness Politeness `json:"politeness" doc:"pacing, robots.txt and how the crawler names itself"`
	Network    Network    `json:"network" doc:"proxy, private addresses, certificates, fixed addresses"`
	Recrawl    Recrawl    `json:"recrawl,omitzero" doc:"how often what is known is looked at again"`
	Render     string     `json:"render,omitempty" flag:"render" arg:"WHEN" default:"never" enum:"never" notyet:"always|auto" doc:"whether pages run their JavaScript before they are captured"`
	Archive    Archive    `json:"archive" doc:"what is stored and how it is cut"`
	Extract    Extract    `json:"extract" doc:"articles out of pages"`

	origins map[string]origin
	// ruleTexts are those of the site rules that were read, by their SHA-256.
	ruleTexts map[string][]byte
}

// Seeds are absolute http or https URLs. Files are read by Parse, which moves
// their URLs to URLs and leaves Files empty: a stored document does not depend
// on files beside it.
type Seeds struct {
	URLs       []string `json:"urls,omitempty" kind:"url" doc:"pages to start from"`
	Feeds      []string `json:"feeds,omitempty" kind:"url" doc:"RSS, Atom or JSON feeds"`
	Sitemaps   []string `json:"sitemaps,omitempty" kind:"url" doc:"sitemaps and sitemap indexes"`
	Files      []string `json:"files,omitempty" doc:"text files beside the document with one URL a line; # begins a comment"`
	FrontPages []string `json:"front_pages,omitempty" later:"front pages" doc:"pages to look at again and again"`
}

// ScopeRule is what NewScope compiles.
type ScopeRule struct {
	Mode     string   `json:"mode" flag:"scope" arg:"MODE" default:"host" enum:"page|prefix|host|domain" doc:"what is inside, seen from each seed: the page alone, its path up to the last slash, its host, or its registrable domain"`
	Include  []string `json:"include,omitempty" flag:"include" arg:"REGEXP" kind:"regexp" doc:"URLs inside must match one of these regular expressions; seeds need not"`
	Exclude  []string `json:"exclude,omitempty" flag:"exclude" arg:"REGEXP" kind:"regexp" doc:"URLs that match one of these regular expressions are skipped"`
	Discover bool     `json:"discover" flag:"discover" default:"true" doc:"read the sitemaps that robots.txt names and the feeds that pages announce"`
}

// Dates will bound a job by publication date.
type Dates struct {
	From string `json:"from,omitempty" flag:"from" arg:"DATE" later:"date ranges" doc:"first day"`
	To   string `json:"to,omitempty" flag:"to" arg:"DATE" later:"date ranges" doc:"last day"`
}

// Limits end a run as finished when one is reached; what is left is skipped
// with the reason "limit". Zero means no limit.
type Limits struct {
	Pages    int64    `json:"pages" flag:"max-pages" arg:"N" default:"0" min:"0" doc:"captured pages, not counting robots.txt, redirects, assets, feeds and sitemaps"`
	Depth    int64    `json:"depth" flag:"max-depth" arg:"N" default:"0" min:"0" doc:"links away from a seed"`
	Bytes    Bytes    `json:"bytes" flag:"max-bytes" arg:"SIZE" default:"0" min:"0" doc:"bytes received"`
	Duration Duration `json:"duration" flag:"max-duration" arg:"TIME" default:"0s" min:"0" doc:"time that the run takes"`
	PerHost  int64    `json:"per_host" flag:"max-per-host" arg:"N" default:"0" min:"0" doc:"captured pages of one host"`
	Protect  Protect  `json:"protect" doc:"limits that protect against hostile or broken servers; each has a counter"`
}

// Protect bounds what one server can make the crawler do.
type Protect struct {
	Body         Bytes    `json:"body" flag:"limit-body" arg:"SIZE" default:"64MiB" min:"1KiB" max:"16GiB" doc:"body as sent; the rest is cut and the record says so (WARC-Truncated: length)"`
	Head         Bytes    `json:"head" flag:"limit-head" arg:"SIZE" default:"1MiB" min:"1KiB" max:"64MiB" doc:"status line and headers"`
	Connect      Duration `json:"connect" flag:"limit-connect" arg:"TIME" default:"10s" min:"1ms" max:"1h" doc:"time to connect, TLS included"`
	FirstByte    Duration `json:"first_byte" flag:"limit-first-byte" arg:"TIME" default:"20s" min:"1ms" max:"1h" doc:"time from the request to the first byte of the answer"`
	Exchange     Duration `json:"exchange" flag:"limit-exchange" arg:"TIME" default:"120s" min:"1ms" max:"24h" doc:"time of a whole exchange; what came by then is kept (WARC-Truncated: time)"`
	Redirects    int64    `json:"redirects" flag:"limit-redirects" arg:"N" default:"10" min:"0" max:"100" doc:"redirects in a chain"`
	Decompressed Bytes    `json:"decompressed" flag:"limit-decompressed" arg:"SIZE" default:"256MiB" min:"1KiB" max:"64GiB" doc:"body after content-encoding is undone"`
	Ratio        int64    `json:"ratio" flag:"limit-ratio" arg:"N" default:"200" min:"1" max:"100000" doc:"decompressed bytes for each byte sent"`
	URL          Bytes    `json:"url" flag:"limit-url" arg:"SIZE" default:"8KiB" min:"64" max:"32KiB" doc:"length of a URL"`
	Links        int64    `json:"links" flag:"limit-links" arg:"N" default:"20000" min:"0" max:"1000000" doc:"links taken from a page"`
	Depth        int64    `json:"depth" flag:"limit-depth" arg:"N" default:"100" min:"1" max:"100000" doc:"links away from a seed, whatever limits.depth says"`
	PathRepeat   int64    `json:"path_repeat" flag:"limit-path-repeat" arg:"N" default:"3" min:"2" max:"1000" doc:"the same part so many times in a path is a trap"`
	Pattern      int64    `json:"pattern" flag:"limit-pattern" arg:"N" default:"500" min:"1" max:"10000000" doc:"pages of one URL pattern that bring nothing new; more is a trap"`
}

// Politeness paces the crawler, per host (host:port) and per registrable domain.
type Politeness struct {
	Concurrency int64    `json:"concurrency" flag:"concurrency" arg:"N" default:"32" min:"1" max:"10000" doc:"exchanges at once in the process"`
	PerHost     int64    `json:"per_host" flag:"per-host" arg:"N" default:"1" min:"1" max:"1000" doc:"exchanges at once to a host"`
	PerDomain   int64    `json:"per_domain" flag:"per-domain" arg:"N" default:"4" min:"1" max:"10000" doc:"exchanges at once to all hosts of a registrable domain"`
	Tries       int64    `json:"tries" flag:"tries" arg:"N" default:"3" min:"1" max:"100" doc:"tries of a URL, the second after 1s, then doubling"`
	Delay       Duration `json:"delay" flag:"delay" arg:"TIME" default:"1s" min:"0" max:"7d" doc:"time between two starts to a host; a longer Crawl-delay counts instead"`
	Robots      string   `json:"robots" flag:"robots" arg:"HOW" default:"obey" enum:"obey|ignore" doc:"what robots.txt decides"`
	UserAgent   string   `json:"user_agent,omitempty" flag:"user-agent" arg:"TEXT" shown:"newsreel/VERSION (+contact)" doc:"how the crawler names itself"`
	Contact     string   `json:"contact,omitempty" flag:"contact" arg:"WHO" doc:"web or mail address of whoever runs the crawl, for the user agent and the WARC files"`
}

// Network says how servers are reached.
type Network struct {
	Proxy        string   `json:"proxy,omitempty" flag:"proxy" arg:"URL" doc:"proxy for all exchanges: http://, https:// or socks5://"`
	AllowPrivate bool     `json:"allow_private" flag:"allow-private" default:"false" doc:"allow private, loopback and other special addresses"`
	Certificates string   `json:"certificates" flag:"certificates" arg:"HOW" default:"strict" enum:"strict|record" doc:"whether a bad certificate ends the exchange or is recorded as a fact"`
	Resolve      []string `json:"resolve,omitempty" flag:"resolve" arg:"NAME=ADDR" kind:"pair" doc:"fixed address of a name, in place of DNS; ADDR is IP or IP:PORT"`
}

// Recrawl will hold the cadences of a job that watches.
type Recrawl struct {
	FrontPages  string `json:"front_pages,omitempty" later:"recrawl cadences" doc:"how often front pages are looked at"`
	Feeds       string `json:"feeds,omitempty" later:"recrawl cadences" doc:"how often feeds are looked at"`
	Sections    string `json:"sections,omitempty" later:"recrawl cadences" doc:"how often section pages are looked at"`
	Articles    string `json:"articles,omitempty" later:"recrawl cadences" doc:"the ages at which an article is looked at again"`
	Overlap     string `json:"overlap,omitempty" later:"recrawl cadences" doc:"what happens when a run is due while one goes on"`
	OnlyChanged bool   `json:"only_changed,omitempty" later:"recrawl cadences" doc:"ask servers for what has changed only"`
}

// Archive says what is stored beside pages, and how segments are cut.
type Archive struct {
	Assets      string   `json:"assets" flag:"assets" arg:"WHICH" default:"images" enum:"none|images|all" doc:"what is captured with a page"`
	Dedup       bool     `json:"dedup" flag:"no-dedup" default:"true" doc:"write a revisit record for content that the collection already holds"`
	SegmentSize Bytes    `json:"segment_size" flag:"segment-size" arg:"SIZE" default:"1GB" min:"64KiB" max:"1TB" doc:"size at which a segment is sealed"`
	SegmentAge  Duration `json:"segment_age" flag:"segment-age" arg:"TIME" default:"10m" min:"1s" max:"7d" doc:"age at which a segment is sealed"`
	Digest      string   `json:"digest" flag:"digest" arg:"WHICH" default:"sha1" enum:"sha1|sha256" doc:"algorithm of the digests in WARC files; replay tools look up sha1"`
}

// Extract says whether and how articles are extracted. Rules are paths until
// ReadSiteRules has read them, and name and checksum of each rule from then on: a
// stored document does not depend on files beside it.
type Extract struct {
	Enabled bool     `json:"enabled" flag:"no-extract" default:"true" doc:"extract articles from pages"`
	Rules   []string `json:"rules,omitempty" flag:"rules" arg:"PATH" doc:"files with site rules, or folders of them; their texts travel with the job"`
}
