package demo

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// Kinds of answer, the first byte of what answer gives.
const (
	benchHTML    = 'h'
	benchText    = 't'
	benchMissing = 'm'
)

// benchPieces are the prepared parts of pages, shared by all hosts.
type benchPieces struct {
	head, top, middle, foot []byte
	paragraphs              [][]byte
	teasers                 []benchTeaser
	heads                   []string
	teaserSize              int // the mean, in bytes
}

// benchTeaser is a link to an article with words around it; the number of the
// article goes between.
type benchTeaser struct{ before, after []byte }

// target is the path of the ith page of a host.
func (b *BenchWorld) target(i int) string {
	switch {
	case i == 0:
		return "/robots.txt"
	case i == 1:
		return "/"
	case i < 2+b.sections():
		return "/section/" + strconv.Itoa(i-2)
	}
	return "/news/article-" + strconv.Itoa(i-2-b.sections()) + ".html"
}

// page is the reverse of target; -1 if there is no such page.
func (b *BenchWorld) page(target []byte) int {
	number := func(prefix, end string, first, count int) int {
		digits, ok := bytes.CutPrefix(target, []byte(prefix))
		if !ok || !bytes.HasSuffix(digits, []byte(end)) {
			return -1
		}
		digits = digits[:len(digits)-len(end)]
		n, err := strconv.Atoi(string(digits))
		if err != nil || n < 0 || n >= count || len(digits) != len(strconv.Itoa(n)) || digits[0] == '-' {
			return -1
		}
		return first + n
	}
	switch string(target) {
	case "/robots.txt":
		return 0
	case "/":
		return 1
	}
	if i := number("/news/article-", ".html", 2+b.sections(), b.pages); i >= 0 {
		return i
	}
	return number("/section/", "", 2, b.sections())
}

// answer appends a page to buf, after one byte that tells its kind, and counts
// the request.
func (b *BenchWorld) answer(h *benchHost, target, buf []byte) []byte {
	i := b.page(target)
	if i < 0 {
		h.unknown.Add(1)
		return append(append(buf, benchMissing), "no such page\n"...)
	}
	h.hits[i].Add(1)
	switch {
	case i == 0:
		return append(append(buf, benchText), "User-agent: *\nDisallow: /private/\n"...)
	case i < 2+b.sections():
		return b.list(h, i-1, append(buf, benchHTML))
	}
	return b.article(h, i-2-b.sections(), append(buf, benchHTML))
}

// list is the front page (0) or a section page.
func (b *BenchWorld) list(h *benchHost, n int, buf []byte) []byte {
	buf = b.open(buf, "Section "+strconv.Itoa(n), h)
	buf = append(buf, "<ul class=\"sections\">"...)
	if n == 0 {
		for s := range b.sections() {
			buf = fmt.Appendf(buf, "<li><a href=\"/section/%d\">Section %d</a></li>\n", s, s)
		}
	}
	buf = append(buf, "</ul>"...)
	from := max(n-1, 0) * benchPerSection
	for k := from; k < min(from+benchPerSection, b.pages); k++ {
		buf = b.teaser(buf, k+h.index, k)
	}
	return append(buf, b.pieces.foot...)
}

// article is an article page: navigation, the story, teasers on both sides of
// it, and stories enough to fill the size that falls to the page.
func (b *BenchWorld) article(h *benchHost, n int, buf []byte) []byte {
	p := b.pieces
	rnd := rand.New(rand.NewPCG(uint64(h.index), uint64(n)))
	size := b.size.Min + rnd.IntN(max(b.size.Max-b.size.Min, 0)+1)
	start := len(buf)
	head := p.heads[rnd.IntN(len(p.heads))]
	buf = b.open(buf, head+" "+strconv.Itoa(n), h)
	buf = fmt.Appendf(buf, "<article><h1>%s %d</h1><p class=\"byline\"><time datetime=\"20%02d-%02d-%02dT%02d:%02d:00+01:00\">%d/%d</time></p>\n",
		head, n, 10+rnd.IntN(14), 1+rnd.IntN(12), 1+rnd.IntN(28), rnd.IntN(24), rnd.IntN(60), n, h.index)
	const teasers = 86
	reserve := teasers*p.teaserSize + len(p.foot) + len(p.middle)
	for k := 0; len(buf)-start < size-reserve || k < 4; k++ {
		buf = append(buf, p.paragraphs[rnd.IntN(len(p.paragraphs))]...)
	}
	buf = append(buf, p.middle...)
	for k := range teasers {
		// One link goes to the next article, the others anywhere.
		to := rnd.IntN(b.pages)
		if k == 0 {
			to = (n + 1) % b.pages
		}
		buf = b.teaser(buf, rnd.IntN(len(p.teasers)), to)
	}
	return append(buf, p.foot...)
}

func (b *BenchWorld) teaser(buf []byte, words, to int) []byte {
	t := b.pieces.teasers[words%len(b.pieces.teasers)]
	buf = append(buf, t.before...)
	buf = strconv.AppendInt(buf, int64(to), 10)
	return append(buf, t.after...)
}

// open begins a page: head, and a navigation of some thirty links.
func (b *BenchWorld) open(buf []byte, title string, h *benchHost) []byte {
	buf = append(buf, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"...)
	buf = append(buf, title...)
	buf = append(buf, " - Paper "...)
	buf = strconv.AppendInt(buf, int64(h.index), 10)
	buf = append(buf, "</title>"...)
	buf = append(buf, b.pieces.head...)
	for k := range 30 {
		buf = append(buf, "<li class=\"menu-item menu-item-depth-0\"><a class=\"menu-link\" href=\"/section/"...)
		buf = strconv.AppendInt(buf, int64(k%max(b.sections(), 1)), 10)
		buf = append(buf, "\" data-track=\"nav-"...)
		buf = strconv.AppendInt(buf, int64(k), 10)
		buf = append(buf, "\"><span>Section</span></a></li>\n"...)
	}
	return append(buf, b.pieces.top...)
}

// newBenchPieces makes the parts from an invented vocabulary.
func newBenchPieces() *benchPieces {
	rnd := rand.New(rand.NewPCG(2016, 9))
	words := vocabulary(rnd, 6000)
	sentence := func() string {
		n := 6 + rnd.IntN(18)
		s := make([]string, n)
		for i := range s {
			// Common words come more often, as in any language.
			s[i] = words[min(rnd.IntN(len(words)), rnd.IntN(len(words)), rnd.IntN(len(words)))]
		}
		return strings.ToUpper(s[0][:1]) + s[0][1:] + " " + strings.Join(s[1:], " ")
	}
	p := &benchPieces{
		head:   []byte(benchHead),
		top:    []byte("</ul></nav><main id=\"content\" class=\"layout-main\">\n"),
		middle: []byte("</article><aside class=\"related\"><h2>Related stories</h2>\n"),
		foot:   []byte("</aside></main><footer class=\"page-footer\"><p>All rights reserved.</p><a href=\"/\">Home</a></footer></body></html>\n"),
	}
	for range 800 {
		var s strings.Builder
		s.WriteString("<p class=\"article-paragraph\">")
		for range 2 + rnd.IntN(4) {
			s.WriteString(sentence() + ". ")
		}
		s.WriteString("</p>\n")
		p.paragraphs = append(p.paragraphs, []byte(s.String()))
	}
	for i := range 600 {
		p.heads = append(p.heads, sentence())
		p.teasers = append(p.teasers, benchTeaser{
			before: fmt.Appendf(nil, "<div class=\"teaser teaser--%d\"><a class=\"teaser-link\" href=\"/news/article-", i%7),
			after: fmt.Appendf(nil, ".html\"><h3 class=\"teaser-title\">%s</h3></a><p class=\"teaser-text\">%s.</p><span class=\"teaser-date\">%d min</span></div>\n",
				sentence(), sentence(), rnd.IntN(60)),
		})
		p.teaserSize += len(p.teasers[i].before) + len(p.teasers[i].after) + 3
	}
	p.teaserSize /= len(p.teasers)
	return p
}

// vocabulary invents words of two to four syllables.
func vocabulary(rnd *rand.Rand, n int) []string {
	const first, middle = "bcdfghklmnprstvwz", "aeiouy"
	words := make([]string, n)
	for i := range words {
		var s strings.Builder
		for range 1 + rnd.IntN(4) {
			s.WriteByte(first[rnd.IntN(len(first))])
			s.WriteByte(middle[rnd.IntN(len(middle))])
			if rnd.IntN(3) == 0 {
				s.WriteByte("nrstlm"[rnd.IntN(6)])
			}
		}
		words[i] = s.String()
	}
	return words
}

const benchHead = `<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="description" content="News that was made for measuring."><link rel="stylesheet" href="/static/a.css">
<style>body{margin:0;font-family:sans-serif}.layout-main{max-width:960px;margin:auto}.teaser{border-top:1px solid #ddd;padding:8px}
.teaser-title{font-size:18px}.teaser-date{color:#777}.article-paragraph{line-height:1.6}.page-footer{background:#222;color:#fff}</style>
<script>window.page={type:"article",ads:[{slot:"top",sizes:[[728,90],[970,250]]},{slot:"side",sizes:[[300,250],[300,600]]}]};
(function(d){d.documentElement.className+=" js"})(document);</script></head><body class="page page--article">
<header class="page-header"><a class="logo" href="/">Paper</a></header><nav class="page-nav"><ul class="menu">
`
