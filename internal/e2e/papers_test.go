package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// papers is a world of newspapers whose every URL is known beforehand, on one
// loopback port for all hosts. Its answers depend on nothing but the request,
// except for pages that are "later" the first time that they are asked for.
//
// Each host has a robots.txt, a front page, sections, articles with a photo
// each, moved pages, missing pages, pages with the content of others, pages
// under a robots rule, and links out of the scope.
type papers struct {
	server   *httptest.Server
	hosts    int
	articles int // of a host

	mu       sync.Mutex
	requests map[string]int // by URL
	order    []string       // URLs as they were asked for
	photo    []byte
}

const (
	perSection = 40
	photosOf   = 5  // articles that share a photo
	movedEvery = 25 // of articles, one is linked by an address that moved
	laterEvery = 60
	copyEvery  = 20
	goneEvery  = 30
)

func newPapers(t *testing.T, hosts, articles int) *papers {
	p := &papers{hosts: hosts, articles: articles, requests: map[string]int{}}
	var b bytes.Buffer
	img := image.NewGray(image.Rect(0, 0, 8, 8))
	img.SetGray(3, 3, color.Gray{200})
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	p.photo = b.Bytes()
	p.server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.server.Close)
	return p
}

func (p *papers) host(n int) string { return fmt.Sprintf("paper%02d.example", n) }

// arguments are what a crawl of all papers is told, beside its name.
func (p *papers) arguments() []string {
	args := []string{"--allow-private", "--delay", "0s", "--per-host", "4", "--concurrency", "16"}
	_, port, _ := net.SplitHostPort(p.server.Listener.Addr().String())
	for n := range p.hosts {
		args = append(args, "http://"+p.host(n)+"/", "--resolve", p.host(n)+"=127.0.0.1:"+port)
	}
	return args
}

func (p *papers) serve(w http.ResponseWriter, r *http.Request) {
	url := "http://" + r.Host + r.URL.RequestURI()
	p.mu.Lock()
	p.requests[url]++
	times := p.requests[url]
	p.order = append(p.order, url)
	p.mu.Unlock()
	w.Header()["Date"] = nil
	part, number, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	n, _ := strconv.Atoi(number)
	switch part {
	case "robots.txt":
		w.Header().Set("Content-Type", "text/plain")
		fmt.Fprint(w, "User-agent: *\nDisallow: /private/\n")
	case "":
		p.html(w, "Front page of "+r.Host, p.front())
	case "section":
		p.html(w, "Section "+number+" of "+r.Host, p.section(n))
	case "article":
		if n%laterEvery == 7 && times == 1 {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		if n%copyEvery == 11 {
			n-- // the same page at a second address
		}
		p.html(w, fmt.Sprintf("Article %d of %s", n, r.Host), p.article(r.Host, n))
	case "moved":
		http.Redirect(w, r, "/article/"+number, http.StatusMovedPermanently)
	case "photo":
		w.Header().Set("Content-Type", "image/png")
		w.Write(append(bytes.Clone(p.photo), r.Host+number...))
	default:
		http.NotFound(w, r)
	}
}

func (p *papers) html(w http.ResponseWriter, title, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<!DOCTYPE html><html lang=en><head><title>%s</title></head><body><h1>%s</h1>%s</body></html>\n", title, title, body)
}

func (p *papers) front() string {
	var b strings.Builder
	for s := 0; s*perSection < p.articles; s++ {
		fmt.Fprintf(&b, "<a href=/section/%d>Section</a>\n", s)
	}
	b.WriteString("<a href=/private/office>Office</a> <a href=https://elsewhere.example/>Elsewhere</a>")
	return b.String()
}

func (p *papers) section(s int) string {
	var b strings.Builder
	for n := s * perSection; n < min(p.articles, (s+1)*perSection); n++ {
		if n%movedEvery == 3 {
			fmt.Fprintf(&b, "<a href=/moved/%d>Moved article</a>\n", n)
			continue
		}
		fmt.Fprintf(&b, "<a href=/article/%d>Article %d</a>\n", n, n)
	}
	return b.String()
}

// article is the body of an article: enough words to be one, links to others
// of its host and of other papers, and a photo.
func (p *papers) article(host string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<figure><img src=/photo/%d><figcaption>The harbour of %s.</figcaption></figure>\n", n/photosOf, host)
	for i := range 6 {
		fmt.Fprintf(&b, "<p>The harbour of %s was closed for the %dth time on Tuesday, said officer number %d, "+
			"who had counted every ship of the small fleet twice before the storm came in from the west.</p>\n", host, n+i, n)
	}
	if next := n + 1; next < p.articles && next%movedEvery != 3 {
		fmt.Fprintf(&b, "<a href=/article/%d>Next</a>\n", next)
	}
	other := (n*7 + 1) % p.hosts
	if n%movedEvery != 3 {
		fmt.Fprintf(&b, "<a href=http://%s/article/%d>At another paper</a>\n", p.host(other), n)
	}
	if n%goneEvery == 13 {
		fmt.Fprintf(&b, "<a href=/gone/%d>Gone</a>\n", n)
	}
	return b.String()
}

// expected is every URL of the world with its fate.
func (p *papers) expected() map[string]fate {
	want := map[string]fate{}
	captured := func(url, kind string, status int16) { want[url] = fate{"captured", "", kind, status} }
	for h := range p.hosts {
		origin := "http://" + p.host(h)
		captured(origin+"/robots.txt", "robots", 200)
		captured(origin+"/", "page", 200)
		want[origin+"/private/office"] = fate{"skipped", "robots", "page", 0}
		for s := 0; s*perSection < p.articles; s++ {
			captured(fmt.Sprintf("%s/section/%d", origin, s), "page", 200)
		}
		for n := range p.articles {
			captured(fmt.Sprintf("%s/article/%d", origin, n), "page", 200)
			captured(fmt.Sprintf("%s/photo/%d", origin, photo(n)), "asset", 200)
			if n%movedEvery == 3 {
				captured(fmt.Sprintf("%s/moved/%d", origin, n), "redirect", 301)
			}
			if n%goneEvery == 13 && n%copyEvery != 11 {
				captured(fmt.Sprintf("%s/gone/%d", origin, n), "page", 404)
			}
		}
	}
	return want
}

// photo is the number of an article's photo.
func photo(n int) int {
	if n%copyEvery == 11 {
		n--
	}
	return n / photosOf
}

// distinct counts the URLs that were asked for.
func (p *papers) distinct() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.requests)
}

// asked returns the URLs asked for so far, in order.
func (p *papers) asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.order[:len(p.order):len(p.order)]
}

// patient says whether a URL is answered with "later" at first.
func (p *papers) patient(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	number, ok := strings.CutPrefix(u.Path, "/article/")
	n, _ := strconv.Atoi(number)
	return ok && n%laterEvery == 7
}
