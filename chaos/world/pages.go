package world

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// What is where on a host. Numbers are of articles.
const (
	perSection = 12
	photosOf   = 3  // articles share a photo
	movedEvery = 10 // one is linked by an address that moved
	laterEvery = 14 // one answers "later" the first time
	copyEvery  = 9  // one is the same page as the one before it
	goneEvery  = 11 // one links to a page that is gone
)

// Patient says whether a URL answers "later" at first, so that two requests
// for it are in order.
func Patient(raw string) bool {
	u, err := url.Parse(raw)
	if err != nil {
		return false
	}
	number, ok := strings.CutPrefix(u.Path, "/article/")
	n, _ := strconv.Atoi(number)
	return ok && n%laterEvery == 5
}

func (w *World) answer(rw http.ResponseWriter, r *http.Request, first bool) {
	rw.Header()["Date"] = nil
	part, number, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	n, _ := strconv.Atoi(number)
	switch part {
	case "robots.txt":
		rw.Header().Set("Content-Type", "text/plain")
		fmt.Fprintf(rw, "User-agent: *\nDisallow: /private/\nSitemap: http://%s/sitemap.xml\n", r.Host)
	case "":
		w.html(rw, "Front page of "+r.Host, w.front(r.Host))
	case "sitemap.xml":
		rw.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(rw, "<?xml version=\"1.0\"?><urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\"><url><loc>http://%s/article/%d</loc></url></urlset>\n", r.Host, w.Articles-1)
	case "section":
		w.html(rw, "Section "+number+" of "+r.Host, w.section(n))
	case "article":
		if first && Patient("http://"+r.Host+r.URL.Path) {
			http.Error(rw, "later", http.StatusServiceUnavailable)
			return
		}
		if n%copyEvery == 4 {
			n--
		}
		w.html(rw, fmt.Sprintf("Article %d of %s", n, r.Host), w.article(r.Host, n))
	case "moved":
		http.Redirect(rw, r, "/article/"+number, http.StatusMovedPermanently)
	case "photo":
		rw.Header().Set("Content-Type", "image/png")
		rw.Write(photo(r.Host + number))
	case "story":
		w.html(rw, "The long story "+number+" of "+r.Host, story(rand.NewChaCha8([32]byte{byte(n)}), 1800<<10))
	case "large":
		w.large(rw, r.Host, number)
	default:
		http.NotFound(rw, r)
	}
}

func (w *World) html(rw http.ResponseWriter, title, body string) {
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(rw, "<!DOCTYPE html><html lang=en><head><title>%s</title></head><body><h1>%s</h1>%s</body></html>\n", title, title, body)
}

func (w *World) front(host string) string {
	var b strings.Builder
	for s := 0; s*perSection < w.Articles; s++ {
		fmt.Fprintf(&b, "<a href=/section/%d>Section</a>\n", s)
	}
	b.WriteString("<a href=/private/office>Office</a> <a href=https://elsewhere.example/>Elsewhere</a>")
	if w.Large && host == w.Host(0) {
		b.WriteString("<a href=/large/story>Story</a> <a href=/large/index>Index</a> <img src=/large/photo>")
	}
	return b.String()
}

func (w *World) section(s int) string {
	var b strings.Builder
	for n := s * perSection; n < min(w.Articles, (s+1)*perSection); n++ {
		kind := "article"
		if n%movedEvery == 3 {
			kind = "moved"
		}
		fmt.Fprintf(&b, "<a href=/%s/%d>Article %d</a>\n", kind, n, n)
	}
	if w.Stories && s%2 == 0 {
		fmt.Fprintf(&b, "<a href=/story/%d>Story %d</a>\n", s, s)
	}
	return b.String()
}

// article is the body of an article: words enough to be one, links to others of
// its host and to another newspaper, and a photo.
func (w *World) article(host string, n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<figure><img src=/photo/%d><figcaption>The harbour of %s.</figcaption></figure>\n", n/photosOf, host)
	for i := range 5 {
		fmt.Fprintf(&b, "<p>The harbour of %s was closed for the %dth time on Tuesday, said officer number %d, "+
			"who had counted every ship of the small fleet twice before the storm came in from the west.</p>\n", host, n+i, n)
	}
	if n%movedEvery != 3 {
		fmt.Fprintf(&b, "<a href=http://%s/article/%d>At another paper</a>\n", w.Host((n*7+1)%w.Hosts), n)
	}
	if n%goneEvery == 6 {
		fmt.Fprintf(&b, "<a href=/gone/%d>Gone</a>\n", n)
	}
	return b.String()
}

// photo is some kilobytes that nothing compresses, so that a small world fills
// more than one segment.
func photo(name string) []byte {
	var seed [32]byte
	copy(seed[:], name)
	body := make([]byte, 6<<10)
	rand.NewChaCha8(seed).Read(body)
	copy(body, "\x89PNG\r\n\x1a\n")
	return body
}

// story is the body of an article of so many bytes, which hardly compress.
func story(random *rand.ChaCha8, size int) string {
	var b bytes.Buffer
	word := make([]byte, 4)
	for b.Len() < size {
		b.WriteString("<p>The harbour")
		for range 60 {
			random.Read(word)
			fmt.Fprintf(&b, " %s", hex.EncodeToString(word))
		}
		b.WriteString(" was closed, said the officer of the small fleet.</p>\n")
	}
	return b.String()
}

// large is what does not fit into a message.
func (w *World) large(rw http.ResponseWriter, host, name string) {
	random := rand.NewChaCha8([32]byte{7})
	switch name {
	case "photo":
		// More than a part of a multipart upload, and nothing to compress.
		body := make([]byte, 18<<20)
		random.Read(body)
		copy(body, "\x89PNG\r\n\x1a\n")
		rw.Header().Set("Content-Type", "image/png")
		rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
		rw.Write(body)
	case "story":
		w.html(rw, "The long story of "+host, story(random, 1200<<10))
	case "index":
		// Links that robots.txt forbids: they are in the ledger all the same.
		var b strings.Builder
		tail := make([]byte, 700)
		for i := range 260 {
			random.Read(tail)
			fmt.Fprintf(&b, "<a href=\"/private/%d?%x\">File</a>\n", i, tail)
		}
		w.html(rw, "All files", b.String())
	default:
		http.Error(rw, "no such page", http.StatusNotFound)
	}
}
