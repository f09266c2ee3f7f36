package crawler

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"newsreel/capture"
	"newsreel/crawler/discover"
	"newsreel/crawler/fetch"
	"newsreel/crawler/frontier"
	"newsreel/internal/robots"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
	"newsreel/warc/cdxj"
)

// keep makes the capture of an exchange, its outcome, and the discoveries of
// what it names.
func (w *worker) keep(ctx context.Context, p *page, ex *fetch.Exchange, found *discover.Found, doc *job.Document) error {
	c, t := w.c, p.task
	view := ex.View()
	frag, err := w.record.record(ctx, ex, view.MediaType, doc)
	if err != nil {
		return err
	}
	if found != nil && found.Truncated {
		c.hits.add("links")
	}
	notes := notesOf(ex, view, found)
	o := p.end(stream.FateCaptured, "", c.s.Now())
	o.Status, o.CaptureID, o.Tries = ex.Status, frag.id, t.Tries+1
	o.Bytes = ex.Response.Len()
	o.MS = ex.Duration.Milliseconds()
	o.Interim = texts(ex.Interim)
	o.Notes = append(o.Notes, notes...)
	inScope := c.scope.Judge(t.URL).In
	var optOuts []string
	redirect := ""
	switch {
	case isRedirect(ex.Status) && ex.Location() != "":
		redirect = c.redirect(p, o, ex.Location(), doc)
	case t.Kind == stream.KindRobots:
		c.robotsCaptured(p, o, ex, view, doc)
	default:
		o.Page = t.Kind == stream.KindPage && !isFeedOrMap(found) && isDocument(view.MediaType)
		if found != nil {
			if found.Page != nil {
				optOuts = found.Page.OptOuts
			}
			o.Kind = kindFound(t.Kind, found)
			if t.Kind != stream.KindAsset || inScope {
				c.links(p, o, found, view, doc, inScope)
			}
		}
	}
	if o.Page {
		o.Same = c.seen.again(string(frag.payloadDigest))
	}
	p.found = c.front.News(p.found)
	row := w.row(t, ex, view, frag, doc)
	row.OptOuts = append(optOuts, headerOptOuts(ex, doc, c.s.Version)...)
	row.FetchRedirect = redirect
	p.capture = &stream.Capture{Row: row, ResponseLen: frag.responseLen, RequestLen: frag.requestLen,
		Fragment: frag.data, Staged: frag.staged,
		Due: doc.Extract.Enabled && ex.Status >= 200 && ex.Status < 300 && isHTML(view.MediaType) && inScope &&
			t.Kind != stream.KindRobots && ex.PayloadLen() > 0}
	return nil
}

func notesOf(ex *fetch.Exchange, v *fetch.View, found *discover.Found) []string {
	notes := append([]string(nil), ex.Notes...)
	if v.Limit != "" {
		notes = append(notes, "limit "+v.Limit)
	} else if ex.Limit != "" {
		notes = append(notes, "limit "+ex.Limit)
	}
	if ex.Truncated != "" {
		notes = append(notes, "truncated "+ex.Truncated)
	}
	if v.DecodeError != "" {
		notes = append(notes, "decode: "+v.DecodeError)
	}
	if ex.CertificateError != "" {
		notes = append(notes, "certificate: "+ex.CertificateError)
	}
	if ex.Resent {
		notes = append(notes, noteResent)
	}
	notes = append(notes, v.Notes...)
	if found != nil {
		if found.Truncated {
			notes = append(notes, "limit links")
		}
		notes = append(notes, found.Faults...)
	}
	return notes
}

func isRedirect(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect, http.StatusMultipleChoices:
		return true
	}
	return false
}

func isHTML(mediaType string) bool {
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}

// isDocument tells what people read from the parts that pages are made of.
func isDocument(mediaType string) bool {
	return isHTML(mediaType) || mediaType == "" || mediaType == "application/pdf" || mediaType == "text/plain" ||
		strings.HasSuffix(mediaType, "xml") || mediaType == "application/json"
}

func isFeedOrMap(f *discover.Found) bool { return f != nil && (f.Feed != nil || f.Sitemap != nil) }

func kindFound(kind string, f *discover.Found) string {
	switch {
	case f.Feed != nil:
		return stream.KindFeed
	case f.Sitemap != nil:
		return stream.KindSitemap
	}
	return kind
}

// redirect sends the target back to the frontier, through scope and robots. A
// seed's target is a seed.
func (c *Crawler) redirect(p *page, o *stream.Outcome, location string, doc *job.Document) string {
	t := p.task
	o.Kind = "redirect"
	base, err := weburl.NewBase(t.URL, maxURL)
	if err != nil {
		return ""
	}
	target, err := weburl.Resolve(base, location, nil)
	if err != nil {
		o.Notes = append(o.Notes, "location: "+err.Error())
		if t.Kind == stream.KindRobots {
			o.Robots = c.robotsUnavailable(o.Status)
		}
		return ""
	}
	o.Location = target
	d := stream.Discovery{URL: target, Kind: t.Kind, How: capture.ByRedirect, Depth: t.Depth, Hops: t.Hops + 1,
		Path: t.Path + "R", Seed: t.Seed, Via: t.URL, Found: o.Time}
	if t.Kind == stream.KindRobots {
		if d.Hops > robotsHops {
			o.Notes = append(o.Notes, "robots.txt redirects too far")
			o.Robots = c.robotsUnavailable(o.Status)
			return target
		}
		o.Robots = &stream.Robots{State: stream.RobotsRedirect, Expires: o.Time.Add(robots.MaxExpiry)}
		p.found = append(p.found, d)
		return target
	}
	if t.Seed && t.Kind == stream.KindPage {
		c.scope.AddSeed(target)
		p.seed = target
	}
	if int64(d.Hops) > doc.Limits.Protect.Redirects {
		c.hits.add("redirects")
		d.Skip = stream.SkipLimit
		o.Notes = append(o.Notes, "limit redirects")
	}
	c.found(p, o, d, doc)
	return target
}

// robotsHops is how many redirects of a robots.txt are followed. (RFC 9309,
// 2.3.1.2)
const robotsHops = 5

func (c *Crawler) robotsUnavailable(status int) *stream.Robots {
	return &stream.Robots{State: stream.RobotsAllow, Expires: c.s.Now().Add(robots.MaxExpiry).UTC()}
}

// robotsCaptured says what a robots.txt came to.
func (c *Crawler) robotsCaptured(p *page, o *stream.Outcome, ex *fetch.Exchange, v *fetch.View, doc *job.Document) {
	expires := c.s.Now().Add(robots.Expiry(ex.Header("Cache-Control"))).UTC()
	outcome := robots.FromStatus(ex.Status, v.Body)
	o.Robots = &stream.Robots{Expires: expires}
	switch outcome.Access {
	case robots.AllowAll:
		o.Robots.State = stream.RobotsAllow
		return
	case robots.DisallowAll:
		o.Robots.State = stream.RobotsDeny
		return
	}
	agent := ProductToken(doc.Politeness.Agent(c.s.Version))
	o.Robots.State = stream.RobotsRules
	if o.Robots.SetRules(outcome.Rules.Relevant(agent)) {
		o.Notes = append(o.Notes, "limit rules")
	}
	if !doc.Scope.Discover || doc.Scope.Mode == "page" || !c.scope.Judge(weburl.Origin(p.task.URL)+"/").In {
		return
	}
	base, err := weburl.NewBase(p.task.URL, int(doc.Limits.Protect.URL))
	if err != nil {
		return
	}
	for _, s := range outcome.Rules.Sitemaps() {
		target, err := weburl.Resolve(base, s, nil)
		if err != nil {
			continue
		}
		c.found(p, o, stream.Discovery{URL: target, Kind: stream.KindSitemap, How: capture.ByRobots,
			Depth: p.task.Depth, Path: p.task.Path + "S", Via: p.task.URL, Found: o.Time}, doc)
	}
}

func headerOptOuts(ex *fetch.Exchange, doc *job.Document, version string) []string {
	return discover.OptOutHeaders(func(yield func(string, string) bool) {
		for _, f := range ex.Fields {
			if !yield(f.Name, f.Value) {
				return
			}
		}
	}, ProductToken(doc.Politeness.Agent(version)))
}

// row is the capture's row, without what the archiver adds.
func (w *worker) row(t frontier.Task, ex *fetch.Exchange, v *fetch.View, f *fragment, doc *job.Document) capture.Row {
	host := weburl.Hostname(t.URL)
	path, query, _ := strings.Cut(weburl.Path(t.URL), "?")
	r := capture.Row{
		URLSurtkey: cdxj.SURT(t.URL), URL: t.URL, URLHostName: host,
		URLHostTLD: tld(host), URLHostRegisteredDomain: weburl.RegistrableDomain(host),
		URLProtocol: weburl.Scheme(t.URL), URLPath: path, URLQuery: query,
		FetchTime: ex.Started.UnixMicro(), FetchStatus: int16(ex.Status),
		ContentDigest:   strings.TrimPrefix(string(f.payloadDigest), "sha1:"),
		ContentMIMEType: mimeOf(v.DeclaredType), ContentMIMESniff: v.MediaType, ContentCharset: v.Charset,
		ContentLanguages: clip(ex.Header("Content-Language"), 100), ContentTruncated: ex.Truncated,
		Crawl:  doc.Name + "-" + strconv.Itoa(w.c.runNumber()),
		Subset: subset(t.Kind, ex.Status), Collection: doc.Collection, CaptureID: f.id,
		RecordType: capture.RecordResponse, ViaURL: t.Via, HopPath: t.Path, DiscoveredBy: t.How,
		DiscoveredTime: t.Found.UnixMicro(), FetchMS: int32(ex.Duration.Milliseconds()),
		HTTPProtocol: strings.Join(ex.Protocols, ","), ETag: clip(ex.Header("ETag"), 256),
		LastModified: clip(ex.Header("Last-Modified"), 64), RobotsRule: clip(t.Rule, 256),
	}
	if ex.Remote.IsValid() {
		r.IPAddress = ex.Remote.Addr().Unmap().String()
	}
	if _, port, ok := strings.Cut(strings.TrimPrefix(weburl.Host(t.URL), host), ":"); ok {
		if n, err := strconv.Atoi(port); err == nil {
			n32 := int32(n)
			r.URLPort = &n32
		}
	}
	return r
}

func tld(host string) string {
	if i := strings.LastIndexByte(host, '.'); i >= 0 && !strings.ContainsAny(host[i+1:], "0123456789]") {
		return host[i+1:]
	}
	return ""
}

func mimeOf(declared string) string {
	m, _, _ := strings.Cut(declared, ";")
	return clip(strings.ToLower(strings.TrimSpace(m)), 128)
}
