package e2e

import (
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// hostile is a server on loopback that means no good, under several names.
type hostile struct {
	server *httptest.Server

	mu       sync.Mutex
	requests map[string]int
}

func newHostile(t *testing.T) *hostile {
	h := &hostile{requests: map[string]int{}}
	h.server = httptest.NewServer(http.HandlerFunc(h.serve))
	t.Cleanup(h.server.Close)
	return h
}

func (h *hostile) asked(url string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.requests[url]
}

func (h *hostile) serve(w http.ResponseWriter, r *http.Request) {
	url := "http://" + r.Host + r.URL.RequestURI()
	h.mu.Lock()
	h.requests[url]++
	h.mu.Unlock()
	if r.URL.Path == "/robots.txt" {
		h.robots(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	part, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	switch part {
	case "":
		if r.Host == "bodies.example" {
			for _, p := range bodies {
				fmt.Fprintf(w, "<a href=/%s>%s</a>\n", p, p)
			}
			fmt.Fprintf(w, "<a href=/%s>long</a>", strings.Repeat("long", 3000))
		}
	case "many-links":
		for n := range 20_001 {
			fmt.Fprintf(w, "<a href=/excluded/%d>%d</a>\n", n, n)
		}
	case "long-base":
		// Each of its short links is a URL of 7 KB: 140 MB out of 300 KB.
		fmt.Fprintf(w, "<base href=/excluded/%s/>", strings.Repeat("b", 7000))
		for n := range 20_000 {
			fmt.Fprintf(w, "<a href=%d>", n)
		}
	case "ratio":
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		io.CopyN(zip, zeros{}, 200<<20)
		zip.Close()
	case "decompressed":
		w.Header().Set("Content-Encoding", "gzip")
		zip := gzip.NewWriter(w)
		noise := make([]byte, 1<<10)
		rng := rand.NewChaCha8([32]byte{})
		for range 20 << 10 { // 20 MiB, a fourth of it random
			rng.Read(noise[:256])
			zip.Write(noise)
		}
		zip.Close()
	case "endless":
		io.Copy(w, zeros{})
	case "cut-short":
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 1000\r\n\r\n<p>Only this")
			conn.Close()
		}
	case "wrong-charset":
		w.Write([]byte("<title>Caf\xe9</title><p>Na\xefve fa\xe7ade \x93quoted\x94"))
	case "big-head":
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+strings.Repeat("X-Padding: "+strings.Repeat("a", 1000)+"\r\n", 3000)+"\r\n")
			conn.Close()
		}
	case "self":
		http.Redirect(w, r, "/self", http.StatusFound)
	case "ping":
		http.Redirect(w, r, "/pong", http.StatusFound)
	case "pong":
		http.Redirect(w, r, "/ping", http.StatusFound)
	case "chain":
		http.Redirect(w, r, "/chain/"+rest+"x", http.StatusFound)
	case "repeat":
		fmt.Fprintf(w, "<p>%s<a href=again/>deeper</a>", r.URL.Path)
	case "deep":
		fmt.Fprintf(w, "<p>%s<a href=/deep/%sy>deeper</a>", rest, rest)
	case "calendar":
		fmt.Fprintf(w, "<p>No events.<a href=/calendar/%d>next month</a>", len(url)*1000+h.count())
	case "sitemap":
		h.sitemap(w, r, rest)
	default:
		http.NotFound(w, r)
	}
}

func (h *hostile) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.requests)
}

// bodies are the first parts of the paths that the front page links to.
var bodies = []string{"many-links", "long-base", "ratio", "decompressed", "endless", "cut-short", "wrong-charset", "big-head",
	"self", "ping", "chain/", "repeat/", "deep/", "calendar/1"}

func (h *hostile) robots(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain")
	const rule = "User-agent: *\nDisallow: /forbidden\n"
	switch r.Host {
	case "large-robots.example":
		io.WriteString(w, rule)
		io.WriteString(w, strings.Repeat("Disallow: /"+strings.Repeat("x", 100)+"\n", 100_000))
	case "endless-robots.example":
		io.WriteString(w, rule)
		for {
			if _, err := io.WriteString(w, "Allow: /a\n"); err != nil {
				return
			}
		}
	case "looping-robots.example":
		http.Redirect(w, r, "/robots.txt", http.StatusMovedPermanently)
	case "broken-robots.example":
		http.Error(w, "broken", http.StatusInternalServerError)
	case "resetting-robots.example":
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			conn.(*net.TCPConn).SetLinger(0)
			conn.Close()
		}
	case "sitemaps.example":
		fmt.Fprint(w, "Sitemap: /sitemap/nested/\nSitemap: /sitemap/self\nSitemap: /sitemap/bomb.xml.gz\nSitemap: /sitemap/entities\n")
	default:
		http.NotFound(w, r)
	}
}

func (h *hostile) sitemap(w http.ResponseWriter, r *http.Request, name string) {
	index := func(loc string) {
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(w, `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://%s%s</loc></sitemap></sitemapindex>`, r.Host, loc)
	}
	switch {
	case strings.HasPrefix(name, "nested/"):
		index(r.URL.Path + "z")
	case name == "self":
		index(r.URL.Path)
	case name == "bomb.xml.gz":
		w.Header().Set("Content-Type", "application/gzip")
		zip := gzip.NewWriter(w)
		io.WriteString(zip, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>http://sitemaps.example/listed</loc></url>`)
		io.CopyN(zip, zeros{}, 200<<20)
		zip.Close()
	case name == "entities":
		w.Header().Set("Content-Type", "application/xml")
		io.WriteString(w, `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">`)
		for c := 'b'; c < 'n'; c++ {
			fmt.Fprintf(w, `<!ENTITY %c "%s">`, c, strings.Repeat(fmt.Sprintf("&%c;", c-1), 10))
		}
		io.WriteString(w, `]><urlset><url><loc>http://sitemaps.example/&m;</loc></url></urlset>`)
	}
}

// zeros is a reader without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// mostMemory is the most that the process may take over this world: 256 MiB is
// the budget of recorded bodies; with the limits below, decoded views of eight
// exchanges at once, the servers and the run log's caches come to as much again.
const mostMemory = 512 << 20

func TestHostileSitesAreBoundedByNamedLimits(t *testing.T) {
	world := newHostile(t)
	hosts := []string{"bodies.example", "large-robots.example", "endless-robots.example", "looping-robots.example",
		"broken-robots.example", "resetting-robots.example", "sitemaps.example"}
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"crawl", "--json", "--quiet", "--name", "hostile", "--data", dir, "--allow-private", "--delay", "0s",
		"--per-host", "2", "--concurrency", "8", "--tries", "2", "--exclude", "/excluded/", "--limit-body", "8MiB",
		"--limit-decompressed", "16MiB", "--limit-ratio", "50", "--limit-depth", "12", "--limit-pattern", "10", "--no-dedup"}
	for _, host := range hosts {
		args = append(args, "http://"+host+"/", "--resolve", host+"="+world.server.Listener.Addr().String())
	}
	p := run(t, 0, args...)
	c := open(t, dir, "hostile")
	c.summary = p.summary(t)
	c.checkCloses(t)
	verify(t, dir, "hostile")
	if peak := p.peakMemory(); peak > mostMemory {
		t.Errorf("peak memory %d MB, bound %d", peak>>20, mostMemory>>20)
	} else {
		t.Logf("peak memory %d MB, bound %d", peak>>20, mostMemory>>20)
	}
	h := &hostileCheck{t: t, fates: c.fates(t), log: c.crawlLog(t), responses: c.responses(t)}
	h.bodies()
	h.traps()
	h.robots(world)
	h.sitemaps()
}

type hostileCheck struct {
	t         *testing.T
	fates     map[string]fate
	log       map[string][]logLine
	responses map[string]record
}

// is holds that a URL has a fate, and that its last line in the crawl log names
// a limit or note.
func (h *hostileCheck) is(url, what, reason, note string) {
	h.t.Helper()
	f := h.fates[url]
	if f.Fate != what || f.Reason != reason {
		h.t.Errorf("%s: %+v, want %s %s", url, f, what, reason)
	}
	lines := h.log[url]
	if note == "" {
		return
	}
	if len(lines) == 0 {
		h.t.Errorf("%s: nothing in the crawl log", url)
		return
	}
	last := lines[len(lines)-1]
	if !slices.Contains(last.Notes, note) && last.Detail != note {
		h.t.Errorf("%s: notes %.500q, detail %q lack %q", url, last.Notes, last.Detail, note)
	}
}

func (h *hostileCheck) bodies() {
	origin := "http://bodies.example"
	h.is(origin+"/many-links", "captured", "", "limit links")
	h.is(origin+"/ratio", "captured", "", "limit ratio")
	h.is(origin+"/decompressed", "captured", "", "limit decompressed")
	h.is(origin+"/endless", "captured", "", "limit body")
	h.is(origin+"/cut-short", "captured", "", "truncated disconnect")
	h.is(origin+"/wrong-charset", "captured", "", "")
	h.is(origin+"/big-head", "captured", "", "limit head")
	h.is(origin+"/long-base", "captured", "", "limit links")
	excluded, long := 0, 0
	for url, f := range h.fates {
		switch {
		case f.Reason != "excluded":
		case strings.HasPrefix(url, origin+"/excluded/b"):
			long += len(url)
		default:
			excluded++
		}
	}
	if excluded != 20_000 || long > 16<<20 {
		h.t.Errorf("%d links of the page with 20,001; %d bytes of long ones", excluded, long)
	}
	for url, truncated := range map[string]string{"/endless": "length", "/big-head": "length", "/cut-short": "disconnect"} {
		if r := h.responses[origin+url]; r.Record == nil || r.Header.Get("WARC-Truncated") != truncated {
			h.t.Errorf("%s: WARC-Truncated is not %s", url, truncated)
		}
	}
}

func (h *hostileCheck) traps() {
	origin := "http://bodies.example"
	h.is(origin+"/self", "captured", "", "")
	h.is(origin+"/ping", "captured", "", "")
	h.is(origin+"/pong", "captured", "", "")
	h.is(origin+"/chain/"+strings.Repeat("x", 10), "captured", "", "limit redirects")
	h.is(origin+"/chain/"+strings.Repeat("x", 11), "skipped", "limit", "")
	h.is(origin+"/repeat/again/again/again/", "skipped", "trap", "")
	h.is(origin+"/deep/"+strings.Repeat("y", 12), "skipped", "trap", "limits.protect.depth")
	if f, known := h.fates[origin+"/"+strings.Repeat("long", 3000)]; known && f.Reason != "url" {
		h.t.Errorf("a URL of 12 KB: %+v", f)
	}
	months, trapped := 0, 0
	for url, f := range h.fates {
		switch {
		case !strings.HasPrefix(url, origin+"/calendar/"):
		case f.Fate == "captured":
			months++
		case f.Reason == "trap":
			trapped++
		}
	}
	if months > 13 || trapped != 1 {
		h.t.Errorf("%d months of a calendar without end, %d trapped", months, trapped)
	}
}

func (h *hostileCheck) robots(world *hostile) {
	h.is("http://large-robots.example/", "captured", "", "")
	h.is("http://large-robots.example/robots.txt", "captured", "", "")
	h.is("http://endless-robots.example/", "captured", "", "")
	h.is("http://endless-robots.example/robots.txt", "captured", "", "limit body")
	h.is("http://looping-robots.example/", "captured", "", "")
	h.is("http://broken-robots.example/robots.txt", "captured", "", "")
	h.is("http://broken-robots.example/", "skipped", "robots", "robots.txt: status 500")
	h.is("http://resetting-robots.example/robots.txt", "failed", "reset", "")
	h.is("http://resetting-robots.example/", "skipped", "robots", "robots.txt: unreachable")
	for _, host := range []string{"broken-robots.example", "resetting-robots.example"} {
		if world.asked("http://"+host+"/") != 0 || world.asked("http://"+host+"/robots.txt") != 2 {
			h.t.Errorf("%s: %d requests for its robots.txt, %d for its page", host,
				world.asked("http://"+host+"/robots.txt"), world.asked("http://"+host+"/"))
		}
	}
}

func (h *hostileCheck) sitemaps() {
	origin := "http://sitemaps.example/sitemap"
	h.is(origin+"/self", "captured", "", "")
	h.is(origin+"/bomb.xml.gz", "captured", "", "longer than the limit on bytes once unpacked")
	h.is("http://sitemaps.example/listed", "captured", "", "")
	h.is(origin+"/entities", "captured", "", "")
	nested, trapped := 0, 0
	for url, f := range h.fates {
		switch {
		case !strings.HasPrefix(url, origin+"/nested/"):
		case f.Fate == "captured":
			nested++
		case f.Reason == "trap":
			trapped++
		}
	}
	if nested > 10 || trapped != 1 {
		h.t.Errorf("%d sitemaps within each other, %d trapped", nested, trapped)
	}
}

func TestPrivateAddressesAreRefusedInEverySpelling(t *testing.T) {
	world := newHostile(t)
	_, port, _ := net.SplitHostPort(world.server.Listener.Addr().String())
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"crawl", "--json", "--quiet", "--name", "private", "--data", dir, "--delay", "0s", "--tries", "1",
		"--resolve", "named.example=127.0.0.1:" + port, "--resolve", "six.example=[::1]:" + port,
		"--resolve", "inside.example=10.1.2.3"}
	seeds := []string{"127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0x7f000001", "0177.0.0.1", "127.0.0.1.", "localhost",
		"[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]",
		"[2001:db8::1]", "0.0.0.0", "0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "168.63.129.16",
		"198.18.0.1", "224.0.0.1", "255.255.255.255", "①②⑦.0.0.1", "127。0。0。1", "named.example", "six.example", "inside.example"}
	for _, s := range seeds {
		host := s
		if s != "named.example" && s != "six.example" && s != "inside.example" {
			host += ":" + port
		}
		args = append(args, "http://"+host+"/secret")
	}
	p := run(t, 1, args...)
	s := p.summary(t)
	checkClosed(t, s)
	if s.State != "failed" || s.Captured != 0 || len(s.Failed) != 0 || len(s.Skipped) != 1 || s.Skipped["address"] != s.Discovered {
		t.Errorf("summary %+v", s)
	}
	c := open(t, dir, "private")
	for url, f := range c.fates(t) {
		if f.Fate != "skipped" || f.Reason != "address" {
			t.Errorf("%s: %+v", url, f)
		}
	}
	if n := world.count(); n != 0 {
		t.Errorf("%d requests reached the server", n)
	}
}

func TestPrivateAddressesBehindAProxyAreRefusedToo(t *testing.T) {
	var mu sync.Mutex
	asked := map[string]int{}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked[r.URL.String()]++
		mu.Unlock()
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/":
			io.WriteString(w, "<a href=/in>in</a> <a href=/away>away</a> <img src=http://10.0.0.1/logo.png> <img src=http://0x7f.1/logo.png>")
		case "/in":
			http.Redirect(w, r, "http://192.168.0.1/admin", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://[::ffff:169.254.169.254]/latest", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	defer proxy.Close()
	dir := filepath.Join(t.TempDir(), "data")
	// Redirects out of the scope are not followed at all, so they are taken in.
	sum := run(t, 0, "crawl", "--json", "--quiet", "--name", "proxied", "--data", dir, "--delay", "0s", "--tries", "1",
		"--proxy", proxy.URL, "http://public.example/", "http://public.example/in", "http://public.example/away").summary(t)
	checkClosed(t, sum)
	fates := open(t, dir, "proxied").fates(t)
	for _, url := range []string{"http://10.0.0.1/logo.png", "http://127.0.0.1/logo.png", "http://192.168.0.1/admin",
		"http://[::ffff:a9fe:a9fe]/latest"} {
		if f := fates[url]; f.Fate != "skipped" || f.Reason != "address" {
			t.Errorf("%s: %+v", url, f)
		}
	}
	for url := range asked {
		if !strings.HasPrefix(url, "http://public.example/") {
			t.Errorf("the proxy was asked for %s", url)
		}
	}
}
