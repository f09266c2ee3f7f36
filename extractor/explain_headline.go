package extractor

import (
	"fmt"
	"strings"
)

// noteTitles notes what was weighed for the headline: what the page prints,
// which has to reach bar, and the titles of its metadata.
func (s *story) noteTitles(list []titled, refs []reference, best *titled, bar float64) {
	if !s.why.asked() {
		return
	}
	s.why.forget("headline")
	printed := best != nil && best.score >= bar
	if printed {
		s.why.at("headline", best.node)
	}
	for i := range list {
		t := &list[i]
		s.why.candidate("headline", Candidate{Value: t.text, From: t.from, Weight: t.score, Evidence: t.why, Chosen: t == best && (printed || len(refs) == 0)})
	}
	for i, r := range refs {
		c := Candidate{Value: r.text, From: r.from, Chosen: !printed && i == 0}
		if r.given != r.text {
			c.Evidence = append(c.Evidence, Evidence{What: "the site's name taken off; as given: " + r.given})
		}
		if printed {
			c.Refused = "a title for search, sharing or the browser: it counts only where the page prints no headline"
		}
		s.why.candidate("headline", c)
	}
	switch {
	case printed:
		s.why.because("headline", fmt.Sprintf("the heaviest of what the page prints; %.1f is enough", bar))
	case len(refs) > 0 && best != nil:
		s.why.because("headline", fmt.Sprintf("no heading on the page reaches %.1f, so the metadata's first title is taken", bar))
	case len(refs) > 0:
		s.why.because("headline", "the page prints no heading, so the metadata's first title is taken")
	case best != nil:
		s.why.because("headline", fmt.Sprintf("no heading reaches %.1f, and the metadata has no title: the heaviest heading is taken, with little confidence", bar))
	}
}

// noteCutTitle notes what of a heading is not in the headline.
func (s *story) noteCutTitle(whole, kept, why string) {
	if !s.why.asked() || whole == kept {
		return
	}
	cut := strings.TrimSpace(strings.Replace(whole, kept, "", 1))
	s.why.cut("headline", cut, why)
}
