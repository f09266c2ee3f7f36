package demo

import (
	"bytes"
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

// walker is a plain breadth-first crawl that follows the rules of Expected, and
// shares no code with the world.
type walker struct {
	t       *testing.T
	w       *World
	client  *http.Client
	scope   map[string]bool
	robots  map[string][]string // Disallow lines by host
	dead    map[string]bool
	fates   map[string]Expected
	queue   []task
	outside int
}

type task struct{ url, kind string }

func newWalker(t *testing.T, w *World) *walker {
	resolve := w.Resolve()
	tr := &http.Transport{DisableCompression: true}
	dial := (&net.Dialer{}).DialContext
	tr.DialContext = func(ctx contextType, network, addr string) (net.Conn, error) {
		host, _, _ := net.SplitHostPort(addr)
		to, ok := resolve[host]
		if !ok {
			return nil, &net.DNSError{Err: "not a host of the world", Name: host, IsNotFound: true}
		}
		return dial(ctx, network, to)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return &walker{
		t: t, w: w, scope: map[string]bool{}, robots: map[string][]string{}, dead: map[string]bool{}, fates: map[string]Expected{},
		client: &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}

// crawl walks everything from the seeds.
func (c *walker) crawl() map[string]Expected {
	for _, u := range seedURLs {
		c.scope[hostOf(u)] = true
		c.add(u, KindPage)
	}
	for _, u := range seedFeeds {
		c.add(u, KindFeed)
	}
	for _, u := range seedSitemaps {
		c.add(u, KindSitemap)
	}
	for len(c.queue) > 0 {
		next := c.queue[0]
		c.queue = c.queue[1:]
		c.visit(next)
	}
	return c.fates
}

func hostOf(raw string) string {
	u, _ := url.Parse(raw)
	return u.Host
}

func (c *walker) add(raw, kind string) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return
	}
	u.Fragment = ""
	if u.Path == "" {
		u.Path = "/"
	}
	raw = u.String()
	if kind != KindAsset && !c.scope[u.Host] {
		c.outside++
		return
	}
	if _, known := c.fates[raw]; known {
		return
	}
	c.fates[raw] = Expected{URL: raw, Kind: kind}
	c.queue = append(c.queue, task{raw, kind})
}

func (c *walker) visit(x task) {
	u, _ := url.Parse(x.url)
	if _, read := c.robots[u.Host]; !read {
		c.readRobots(u.Host)
	}
	e := Expected{URL: x.url, Kind: x.kind, Fate: Skipped}
	switch {
	case c.dead[u.Host] || c.forbidden(u):
		e.Reason = "robots"
	case trapped(u.Path):
		e.Reason = "trap"
	default:
		c.fetch(u, &e)
	}
	c.fates[x.url] = e
}

func (c *walker) readRobots(host string) {
	e := Expected{URL: "http://" + host + "/robots.txt", Kind: KindRobots}
	c.robots[host] = []string{}
	u, _ := url.Parse(e.URL)
	body := c.fetch(u, &e)
	c.fates[e.URL] = e
	if e.Fate == Failed {
		c.dead[host] = true
		return
	}
	if e.Status != http.StatusOK {
		return
	}
	ours := false
	for line := range strings.Lines(string(body)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "User-agent":
			ours = value == "*"
		case "Disallow":
			if ours {
				c.robots[host] = append(c.robots[host], value)
			}
		case "Sitemap":
			c.add(value, KindSitemap)
		}
	}
}

func (c *walker) forbidden(u *url.URL) bool {
	for _, rule := range c.robots[u.Host] {
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(rule), `\*`, ".*")
		if regexp.MustCompile(pattern).MatchString(u.RequestURI()) {
			return true
		}
	}
	return false
}

func trapped(path string) bool {
	seen := map[string]int{}
	for part := range strings.SplitSeq(path, "/") {
		if part != "" {
			if seen[part]++; seen[part] == 3 {
				return true
			}
		}
	}
	return false
}

// fetch asks once, and again after a 503, and takes the links of the answer.
func (c *walker) fetch(u *url.URL, e *Expected) []byte {
	for try := 0; ; try++ {
		req, _ := http.NewRequest(http.MethodGet, u.String(), nil)
		req.Header.Set("Accept-Encoding", "gzip")
		res, err := c.client.Do(req)
		if err != nil {
			e.Fate, e.Reason = Failed, "connect"
			return nil
		}
		body, readErr := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode == http.StatusServiceUnavailable && try == 0 && res.Header.Get("Retry-After") != "" {
			e.Retried = true
			continue
		}
		e.Fate, e.Status, e.Truncated = Captured, res.StatusCode, readErr != nil
		e.Validators = res.Header.Get("Etag") != "" || res.Header.Get("Last-Modified") != ""
		e.Digest = digest(body)
		c.read(u, e, res, body)
		return body
	}
}

func (c *walker) read(u *url.URL, e *Expected, res *http.Response, body []byte) {
	if res.Header.Get("Content-Encoding") == "gzip" {
		body = gunzip(c.t, body)
	}
	if e.Status/100 == 3 {
		to, err := u.Parse(res.Header.Get("Location"))
		if err != nil {
			c.t.Fatal(err)
		}
		if slices.Contains(seedURLs, u.String()) {
			c.scope[to.Host] = true
		}
		e.Kind = KindRedirect
		c.add(to.String(), KindPage)
		return
	}
	switch e.Kind {
	case KindFeed, KindSitemap:
		if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
			body = gunzip(c.t, body)
		}
		c.readXML(body, e.Kind)
	case KindPage:
		if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			e.Due = e.Status == http.StatusOK
			c.readHTML(u, res.Header.Get("Content-Type"), body)
		}
	}
}

func gunzip(t *testing.T, b []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	out, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var (
	locRE  = regexp.MustCompile(`<(?:loc|link|guid isPermaLink="true")>([^<]+)<`)
	atomRE = regexp.MustCompile(`<link rel="alternate" href="([^"]+)"`)
)

func (c *walker) readXML(body []byte, kind string) {
	if kind == KindSitemap && !bytes.Contains(body, []byte("<sitemapindex")) {
		kind = KindPage
	}
	if kind == KindFeed {
		kind = KindPage
	}
	for _, re := range []*regexp.Regexp{locRE, atomRE} {
		for _, m := range re.FindAllSubmatch(body, -1) {
			c.add(html.UnescapeString(string(m[1])), kind)
		}
	}
}

func (c *walker) readHTML(u *url.URL, typ string, body []byte) {
	_, name, _ := charset.DetermineEncoding(body, typ)
	enc, err := htmlindex.Get(name)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := enc.NewDecoder().Bytes(body)
	if err != nil {
		c.t.Fatalf("%s: %v", u, err)
	}
	doc, err := html.ParseWithOptions(bytes.NewReader(text), html.ParseOptionEnableScripting(false))
	if err != nil {
		c.t.Fatal(err)
	}
	base := u
	for n := range doc.Descendants() {
		if n.Data == "base" && n.Type == html.ElementNode && base == u {
			base, _ = u.Parse(attr(n, "href"))
		}
	}
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			c.element(n, base, enc)
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func (c *walker) element(n *html.Node, base *url.URL, enc encoding.Encoding) {
	add := func(href, kind string) {
		if href == "" || strings.HasPrefix(href, "data:") {
			return
		}
		if path, query, ok := strings.Cut(href, "?"); ok {
			href = path + "?" + codeQuery(query, enc)
		}
		to, err := base.Parse(href)
		if err != nil {
			c.t.Errorf("%s: link %q: %v", base, href, err)
			return
		}
		c.add(to.String(), kind)
	}
	srcset := func(s string) {
		for one := range strings.SplitSeq(s, ",") {
			if f := strings.Fields(one); len(f) > 0 {
				add(f[0], KindAsset)
			}
		}
	}
	switch n.Data {
	case "a":
		add(attr(n, "href"), KindPage)
	case "img":
		add(attr(n, "src"), KindAsset)
		add(attr(n, "data-src"), KindAsset)
		srcset(attr(n, "srcset"))
		srcset(attr(n, "data-srcset"))
	case "source":
		if n.Parent.Data == "picture" {
			srcset(attr(n, "srcset"))
		}
	case "meta":
		if attr(n, "property") == "og:image" {
			add(attr(n, "content"), KindAsset)
		}
	case "link":
		if attr(n, "rel") == "alternate" && strings.Contains(attr(n, "type"), "xml") {
			add(attr(n, "href"), KindFeed)
		}
	}
}

// codeQuery codes what is beyond ASCII in the page's charset.
func codeQuery(query string, enc encoding.Encoding) string {
	coded, err := enc.NewEncoder().String(query)
	if err != nil {
		return query
	}
	var b strings.Builder
	for _, c := range []byte(coded) {
		if c < 0x80 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + strings.ToUpper(string("0123456789abcdef"[c>>4])+string("0123456789abcdef"[c&15])))
		}
	}
	return b.String()
}
