package extractor

import "newsreel/article"

// noteUnmet notes the fields of the site rule that came from elsewhere, since
// what the rule says is not on this page.
func (s *story) noteUnmet(a *article.Article) {
	if !s.why.asked() {
		return
	}
	r := s.rule.rule
	s.why.because("rule", "what it finds goes before what is found without it")
	for _, f := range []struct {
		field string
		given bool
		found int
	}{
		{"headline", r.Headline != nil, len(s.rule.headline)}, {"summary", r.Summary != nil, len(s.rule.summary)},
		{"published", r.Published != nil && r.Published.Field != nil, len(s.rule.published)}, {"modified", r.Modified != nil && r.Modified.Field != nil, len(s.rule.modified)},
		{"body", r.Body != nil, len(s.rule.body)}, {"captions", r.Captions != nil, len(s.rule.captions)},
		{"authors", r.Authors != nil, len(s.rule.authors)}, {"section", r.Section != nil, len(s.rule.section)}, {"tags", r.Tags != nil, len(s.rule.tagList)},
	} {
		switch {
		case f.given && f.found == 0:
			s.why.cut("rule", f.field, "its selectors name nothing on this page")
		case (f.field == "published" || f.field == "modified") && f.found > 0 && a.Sources[f.field].From != s.rule.from():
			s.why.cut("rule", f.field, "what its selectors name is no date of the format, or one that cannot be")
		}
	}
}
