package gold

import (
	"newsreel/article"
	"newsreel/extractor"
)

// Extract is newsreel's result for a page.
func Extract(p *Page) *Result {
	return Of(extractor.Extract(extractor.Page{Body: p.HTML, URL: p.URL, Fetched: p.FetchedAt()}))
}

// Of is an article as a result.
func Of(a *article.Article) *Result {
	r := &Result{Headline: a.Headline, Published: a.Published, Body: a.Body, Captions: a.Captions, Authors: a.Authors}
	for _, p := range a.Photos {
		if p.Caption != "" {
			r.Credits = append(r.Credits, Credit{p.Caption, p.Credit})
		}
	}
	return r
}
