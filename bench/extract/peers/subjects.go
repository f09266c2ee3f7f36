package main

import (
	"bytes"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-htmldate"
	"github.com/markusmobius/go-trafilatura"
	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"

	"newsreel/bench/extract/gold"
)

// subjects are newsreel and its peers, each asked for all that it can give.
func subjects() []*subject {
	return []*subject{
		{name: "newsreel", extract: gold.Extract, bodies: true, headlines: true, dates: true, captions: true},
		{name: "go-trafilatura 1.12.2", extract: byTrafilatura, bodies: true, headlines: true, dates: true},
		{name: "go-readability 2.1.3", extract: byReadability, bodies: true, headlines: true, dates: true, captions: true},
		{name: "go-htmldate 1.10.1", extract: byHTMLDate, dates: true},
	}
}

func address(p *gold.Page) *url.URL {
	u, err := url.Parse(p.URL)
	if err != nil {
		return &url.URL{}
	}
	return u
}

func dateOptions(p *gold.Page) htmldate.Options {
	return htmldate.Options{ExtractTime: true, UseOriginalDate: true, URL: p.URL, MaxDate: p.FetchedAt()}
}

func byTrafilatura(p *gold.Page) *gold.Result {
	dates := dateOptions(p)
	a, err := trafilatura.Extract(bytes.NewReader(p.HTML), trafilatura.Options{OriginalURL: address(p), ExcludeComments: true, HtmlDateOptions: &dates})
	if err != nil {
		return &gold.Result{}
	}
	r := &gold.Result{Headline: a.Metadata.Title, Body: a.ContentText, Authors: strings.Split(a.Metadata.Author, "; ")}
	if !a.Metadata.Date.IsZero() {
		r.Published = a.Metadata.Date.Format(time.RFC3339)
	}
	return r
}

func byReadability(p *gold.Page) *gold.Result {
	var in io.Reader = bytes.NewReader(p.HTML)
	if !utf8.Valid(p.HTML) { // it takes UTF-8
		var err error
		if in, err = charset.NewReader(in, ""); err != nil {
			return &gold.Result{}
		}
	}
	parser := readability.NewParser()
	a, err := parser.Parse(in, address(p))
	if err != nil {
		return &gold.Result{}
	}
	r := &gold.Result{Headline: a.Title(), Authors: []string{a.Byline()}}
	if t, err := a.PublishedTime(); err == nil {
		r.Published = t.Format(time.RFC3339)
	}
	if a.Node != nil {
		r.Captions = takeCaptions(a.Node)
		var text strings.Builder
		if a.RenderText(&text) == nil {
			r.Body = text.String()
		}
	}
	return r
}

// takeCaptions takes the figcaptions out of what was extracted, so that they do
// not count against the body.
func takeCaptions(root *html.Node) []string {
	var out []string
	var found []*html.Node
	for n := range root.Descendants() {
		if n.DataAtom == atom.Figcaption {
			found = append(found, n)
		}
	}
	for _, n := range found {
		var text strings.Builder
		for t := range n.Descendants() {
			if t.Type == html.TextNode {
				text.WriteString(t.Data)
			}
		}
		if t := strings.Join(strings.Fields(text.String()), " "); t != "" {
			out = append(out, t)
		}
		n.Parent.RemoveChild(n)
	}
	return out
}

func byHTMLDate(p *gold.Page) *gold.Result {
	d, err := htmldate.FromReader(bytes.NewReader(p.HTML), dateOptions(p))
	if err != nil || d.DateTime.IsZero() {
		return &gold.Result{}
	}
	switch {
	case !d.HasTime:
		return &gold.Result{Published: d.DateTime.Format(time.DateOnly)}
	case !d.HasTimezone:
		return &gold.Result{Published: d.DateTime.Format("2006-01-02T15:04:05")}
	}
	return &gold.Result{Published: d.DateTime.Format(time.RFC3339)}
}
