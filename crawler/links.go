package crawler

import (
	"strings"

	"newsreel/capture"
	"newsreel/crawler/discover"
	"newsreel/crawler/fetch"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// links turns what a capture names into discoveries: pages through the scope,
// assets as the document wants them, feeds and sitemaps where they are looked
// for. Identity links are names, and nothing is fetched for them.
func (c *Crawler) links(p *page, o *stream.Outcome, f *discover.Found, v *fetch.View, doc *job.Document, inScope bool) {
	how, step := capture.ByLink, "L"
	switch {
	case f.Feed != nil:
		how, step = capture.ByFeed, "L"
	case f.Sitemap != nil:
		how, step = capture.BySitemap, "L"
	case !inScope:
		return // a page out of scope is nobody's source
	}
	for _, l := range f.Links {
		d := stream.Discovery{URL: l.URL, How: how, Depth: p.task.Depth, Via: p.task.URL, Found: o.Time}
		switch l.Kind {
		case discover.KindPage:
			if l.Attr == "amphtml" || l.Attr == "alternate" {
				continue // another form of a page that is linked where readers need it
			}
			if l.AssetAttr != "" && wanted(l, f, doc) && !c.scope.Judge(l.URL).In {
				// A photo that links to itself, on a host of photos.
				d.Kind, d.How, d.Path = stream.KindAsset, capture.ByAsset, p.task.Path+"E"
				break
			}
			d.Kind, d.Path, d.Depth = stream.KindPage, p.task.Path+step, d.Depth+1
		case discover.KindFeed:
			if !doc.Scope.Discover {
				continue
			}
			d.Kind, d.Path = stream.KindFeed, p.task.Path+"F"
		case discover.KindSitemap:
			if !doc.Scope.Discover && f.Sitemap == nil {
				continue
			}
			d.Kind, d.Path = stream.KindSitemap, p.task.Path+"S"
			if strings.Count(d.Path, "S") > maxNested {
				d.Skip = stream.SkipTrap
			}
		case discover.KindAsset:
			if !wanted(l, f, doc) {
				continue
			}
			d.Kind, d.How, d.Path = stream.KindAsset, capture.ByAsset, p.task.Path+"E"
		default:
			continue
		}
		c.found(p, o, d, doc)
	}
}

// maxNested is how many sitemaps may name each other in a row. The protocol
// knows an index and what it lists, and no more.
const maxNested = 5

// wanted says whether an asset is to be captured with its page.
func wanted(l discover.Link, f *discover.Found, doc *job.Document) bool {
	if f.Page == nil {
		return false // pictures that feeds and sitemaps name come with their pages
	}
	switch doc.Archive.Assets {
	case "all":
		return true
	case "images":
		return l.Image()
	}
	return false
}

// found adds a discovery, if the scope takes it. Assets, and the sitemaps that
// robots.txt or another sitemap names, are taken from any host.
func (c *Crawler) found(p *page, o *stream.Outcome, d stream.Discovery, doc *job.Document) {
	verdict := c.scope.Judge(d.URL)
	switch {
	case verdict.Excluded:
		d.Skip = stream.SkipExcluded
	case verdict.In, d.Kind == stream.KindAsset, d.Kind == stream.KindSitemap:
	case d.Kind == stream.KindFeed && sameDomain(d.URL, p.task.URL):
	default:
		o.Outside++
		return
	}
	if d.Skip == "" && !d.Seed {
		reason := weburl.TrapReason(d.URL, trapLimits(doc))
		c.hits.add(trapLimit(reason))
		switch reason {
		case "":
		case weburl.TrapLength:
			d.Skip = stream.SkipURL
		default:
			d.Skip = stream.SkipTrap
		}
	}
	p.found = append(p.found, d)
}

func sameDomain(a, b string) bool { return domainOf(a) == domainOf(b) }
