package extractor

import (
	"strings"

	"newsreel/article"
	"newsreel/extractor/page"
)

// noteAbout notes what each source says for the fields that are read in a fixed
// order of trust: structured data, meta elements, print.
func (s *story) noteAbout(a *article.Article) {
	if !s.why.asked() {
		return
	}
	taken := map[string]bool{}
	offer := func(field, value, from string) {
		if value == "" {
			return
		}
		chosen := !taken[field] && (from == a.Sources[field].From || value == fieldText(a, field))
		taken[field] = taken[field] || chosen
		s.why.candidate(field, Candidate{Value: value, From: from, Chosen: chosen})
	}
	offer("summary", s.standfirst, "standfirst")
	offer("language", s.meta.Lang, "html lang")
	for i := range s.things {
		t := &s.things[i]
		var names []string
		for _, p := range t.Authors {
			names = append(names, p.Name)
		}
		offer("authors", strings.Join(names, ", "), t.From+" author")
		offer("section", t.Section, t.From+" articleSection")
		offer("tags", strings.Join(t.Keywords, ", "), t.From+" keywords")
		offer("site_name", t.SiteName, t.From+" publisher")
		offer("kind", t.Type, t.From+" type")
		offer("summary", t.Description, t.From+" description")
		offer("language", t.Language, t.From+" inLanguage")
		offer("paywalled", t.Free, t.From+" isAccessibleForFree")
	}
	for _, m := range []struct{ field, names string }{
		{"authors", "author article:author parsely-author sailthru.author dc.creator dcterms.creator byl"},
		{"section", "article:section og:article:section parsely-section section dc.subject category"},
		{"tags", "article:tag og:article:tag news_keywords parsely-tags sailthru.tags keywords"},
		{"site_name", "og:site_name application-name apple-mobile-web-app-title dc.publisher"},
		{"kind", "og:type"},
		{"paywalled", "article:content_tier og:article:content_tier content_tier"},
		{"summary", "og:description description twitter:description"},
		{"language", "og:locale content-language dc.language"},
	} {
		for _, name := range strings.Fields(m.names) {
			offer(m.field, page.Fold(strings.Join(s.meta.All(name), ", ")), "meta "+name)
		}
	}
	offer("authors", strings.Join(s.byline(), ", "), "byline")
	link, from := s.sectionLink()
	offer("section", link, from)
	offer("canonical_url", s.meta.Link("canonical"), "link canonical")
	offer("canonical_url", s.meta.Get("og:url"), "meta og:url")
	for field, reason := range map[string]string{
		"authors":   "structured data before meta elements before a printed byline; organisations only where no person is named",
		"section":   "structured data before meta elements before the link that leads to the section",
		"tags":      "structured data before meta elements before links of relation tag",
		"site_name": "og:site_name before the publisher of structured data before other meta elements",
		"summary":   "the standfirst that the page prints before the description of its metadata",
		"language":  "what the markup states, unless the text's script or small words clearly say otherwise",
	} {
		if s.why.fields[field] != nil {
			s.why.because(field, reason)
		}
	}
}
