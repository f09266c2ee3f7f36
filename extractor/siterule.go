package extractor

import (
	"slices"
	"strings"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/rules"
	"newsreel/extractor/when"
)

// maxRuled bounds the elements that one selector of a site rule names.
const maxRuled = 2000

// ruleWeight is the weight of a site rule's dates: more than all others.
const ruleWeight = 100

// ruled is what a site rule finds on the page. A nil one finds nothing.
type ruled struct {
	rule                      *rules.Rule
	headline, body, captions  []*page.Node
	summary                   []*page.Node
	published, modified       []string
	authors, section, tagList []string
}

// applyRule reads the page with its site rule, if it has one: what the rule
// removes is taken out of doc before anything else is read.
func applyRule(rule *rules.Rule, doc *page.Doc) *ruled {
	if rule == nil {
		return nil
	}
	find := rules.NewFinder(doc)
	var gone []*page.Node
	for _, s := range rule.Remove {
		gone = append(gone, find.All(s, maxRuled)...)
	}
	doc.Remove(gone)
	r := &ruled{rule: rule, headline: nodes(find, rule.Headline), body: nodes(find, rule.Body), captions: nodes(find, rule.Captions), summary: nodes(find, rule.Summary)}
	r.authors, r.section, r.tagList = values(find, rule.Authors), values(find, rule.Section), values(find, rule.Tags)
	if rule.Published != nil {
		r.published = values(find, rule.Published.Field)
	}
	if rule.Modified != nil {
		r.modified = values(find, rule.Modified.Field)
	}
	if find.Exhausted() {
		doc.Limits = append(doc.Limits, "rule steps")
	}
	r.body = outermost(r.body)
	return r
}

// nodes are the elements of the first of a field's selectors that names any.
func nodes(find *rules.Finder, f *rules.Field) []*page.Node {
	if f == nil {
		return nil
	}
	for _, s := range f.Select {
		if found := find.All(s, maxRuled); len(found) > 0 {
			return found
		}
	}
	return nil
}

// values are the texts of the first of a field's selectors that gives any.
func values(find *rules.Finder, f *rules.Field) []string {
	if f == nil {
		return nil
	}
	for _, s := range f.Select {
		var out []string
		for _, n := range find.All(s, maxTags) {
			if v := f.Value(n); v != "" {
				out = append(out, v)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// outermost leaves out elements that stand in others of the list.
func outermost(list []*page.Node) []*page.Node {
	var out []*page.Node
	for _, n := range list {
		if len(out) == 0 || !out[len(out)-1].Holds(n) {
			out = append(out, n)
		}
	}
	return out
}

// from is what sources say of a rule's values.
func (r *ruled) from() string { return "site rule " + r.rule.Name }

// ruledRoot makes the elements that the rule calls the body the place where the
// body is read.
func (s *story) ruledRoot() {
	if s.rule == nil || len(s.rule.body) == 0 {
		return
	}
	s.root = s.rule.body[0]
	for _, n := range s.rule.body[1:] {
		for !s.root.Holds(n) {
			s.root = s.root.Parent
		}
	}
	s.sums[s.root] = max(s.sums[s.root], 1)
}

// selectRuled keeps all text of the elements that the rule calls the body, but
// for headline, standfirst and captions. Without such elements it does nothing.
func (s *story) selectRuled() bool {
	if s.rule == nil || len(s.rule.body) == 0 {
		return false
	}
	for i := range s.blocks {
		b := &s.blocks[i]
		in := slices.ContainsFunc(s.rule.body, func(n *page.Node) bool { return n.Order <= b.Order && b.Order <= n.End })
		if !in || i == s.titleBlock || s.inRuledSummary(b) || s.inPicture(b) || s.repeatsTitle(b) {
			continue
		}
		s.keep[i] = true
		if s.first < 0 {
			s.first = i
		}
		s.last = i
	}
	s.dropLooseHeadings()
	return true
}

func (s *story) inRuledSummary(b *readers.Block) bool {
	return slices.ContainsFunc(s.rule.summary, func(n *page.Node) bool { return n.Order <= b.Order && b.Order <= n.End })
}

// ruledHeadline is the headline where the rule says it is.
func (s *story) ruledHeadline() (text string, ok bool) {
	if s.rule == nil || len(s.rule.headline) == 0 {
		return "", false
	}
	n := s.rule.headline[0]
	if text = s.rule.rule.Headline.Value(n); text == "" {
		return "", false
	}
	s.title = n
	for i := range s.blocks {
		if o := s.blocks[i].Order; n.Order <= o && o <= n.End {
			s.titleBlock = i
			break
		}
	}
	s.why.candidate("headline", Candidate{Value: text, From: s.rule.from(), Weight: ruleWeight, Chosen: true})
	s.why.because("headline", "a site rule says where it stands")
	return text, true
}

// ruledDates reads the dates where the rule says they are.
func (s *story) ruledDates(g *dateGatherer) {
	if s.rule == nil {
		return
	}
	for _, d := range []struct {
		texts []string
		rule  *rules.Date
		role  readers.Role
	}{{s.rule.published, s.rule.rule.Published, readers.Published}, {s.rule.modified, s.rule.rule.Modified, readers.Modified}} {
		for i, text := range d.texts {
			if d.rule.Format == nil {
				g.machine(text, s.rule.from(), d.role, ruleWeight-float64(i))
			} else if t, printed, ok := d.rule.Format.Read(text, g.o.Lang); ok {
				date := readers.Date{Role: d.role, From: s.rule.from(), Block: -1}
				date.Time, date.Text = t, printed
				g.out = append(g.out, dated{Date: date, weight: ruleWeight - float64(i)})
			}
		}
	}
}

// siteZone gives a time without a zone that of the rule.
func (s *story) siteZone(d *dated, role readers.Role) *dated {
	if s.rule == nil || d == nil || !d.Time.Clock || d.Time.Zoned {
		return d
	}
	rule := s.rule.rule.Published
	if m := s.rule.rule.Modified; role == readers.Modified && m != nil && m.Zone != nil {
		rule = m
	}
	if rule == nil || rule.Zone == nil {
		return d
	}
	out := retimed(d, func(t when.Time) when.Time { return rule.Zone.Apply(t) })
	out.siteZone = true
	return out
}

// ruledPictures are the pictures whose captions the rule names.
func (s *story) ruledPictures() []readers.Picture {
	if s.rule == nil {
		return nil
	}
	var out []readers.Picture
	for _, n := range s.rule.captions {
		out = append(out, readers.CaptionAt(n))
	}
	return out
}

// ruledTexts puts what the rule finds in the place of what the others say.
func (s *story) ruledTexts(a *article.Article) {
	if s.rule == nil {
		return
	}
	s.noteUnmet(a)
	from := s.rule.from()
	a.Sources["rule"] = article.Source{From: s.rule.rule.ID(), Confidence: 1}
	if len(s.rule.summary) > 0 {
		if text := s.rule.rule.Summary.Value(s.rule.summary[0]); text != "" {
			a.Summary = text
			s.say(a, "summary", from, 0.99)
		}
	}
	if len(s.rule.authors) > 0 {
		a.Authors = nil
		for _, name := range s.rule.authors {
			for _, n := range splitNames(name) {
				a.Authors = appendNew(a.Authors, n)
			}
		}
		s.say(a, "authors", from, 0.99)
	}
	if len(s.rule.section) > 0 {
		a.Section = s.rule.section[0]
		s.say(a, "section", from, 0.99)
	}
	if len(s.rule.tagList) > 0 {
		a.Tags = nil
		for _, tag := range s.rule.tagList {
			a.Tags = appendNew(a.Tags, tag)
		}
		s.say(a, "tags", from, 0.99)
	}
	for field, list := range map[string][]string{"summary": {a.Summary}, "authors": a.Authors, "section": {a.Section}, "tags": a.Tags} {
		if a.Sources[field].From == from {
			s.why.candidate(field, Candidate{Value: strings.Join(list, ", "), From: from, Weight: ruleWeight, Chosen: true})
		}
	}
}
