package extractor

import (
	"strings"
	"time"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// dated is a date with the weight that its source and place give it.
type dated struct {
	readers.Date
	weight float64
	why    []Evidence
	// siteZone tells that the zone is a site rule's.
	siteZone bool
}

// options are what the page tells about the dates that it prints.
func (s *story) options() when.Options {
	lang := s.language()
	o := when.Options{Lang: lang, Fetched: s.p.Fetched}
	domain := registrableDomain(s.p.URL)
	low := strings.ToLower(strings.ReplaceAll(lang, "_", "-"))
	switch {
	case low == "en-us" || strings.HasPrefix(low, "en-ph"):
		o.MonthFirst = true
	case low == "en" || low == "":
		o.MonthFirst = strings.HasSuffix(domain, ".com") || strings.HasSuffix(domain, ".us") || strings.HasSuffix(domain, ".org") || strings.HasSuffix(domain, ".net") || strings.HasSuffix(domain, ".edu") || strings.HasSuffix(domain, ".gov")
	}
	return o
}

// printedWeight judges a date on the page by where it stands: between headline
// and first paragraph it is most likely the story's, in lists of other stories,
// comments, captions and page furniture it is not.
func (s *story) printedWeight(d *readers.Date) tally {
	w := tally{notes: s.why.asked()}
	s.placeWeight(d.Block, &w)
	if d.Role == readers.Published {
		w.add("labelled as published", 1.5)
	}
	if d.Role == readers.Other {
		w.add("labelled as something else", -2)
	}
	if d.Node != nil {
		alien := page.Related | page.Comments | page.Teaser | page.Footer | page.Promo | page.Nav | page.Sidebar | page.CaptionMark | page.VideoBox | page.Gallery
		if d.Role == readers.Modified {
			alien &^= page.Footer // "last edited on" is the page's own there
		}
		if s.marksBelowRoot(d.Node)&alien != 0 || s.isCard(d.Node) {
			w.times("in a box of another purpose", 0.3)
		} else if d.Node.AboveMarked(page.DateLine|page.Byline, 3) != nil {
			w.add("in a dateline or byline", 0.7)
		}
	}
	if s.mastheadDay(d) {
		w.times("over the headline, and the day of the fetch", 0.4)
	}
	if d.YearGuessed {
		w.times("no year printed", 0.5)
	}
	if d.Relative {
		w.times("relative to the fetch", 0.35)
	}
	if d.Block >= 0 && d.From == "printed" {
		b := &s.blocks[d.Block]
		switch rest := b.Letters - page.Letters(d.Text); {
		case s.inPicture(b):
			w.times("in a caption", 0.2)
		case rest > 90, rest > 20 && b.Sentence() && d.Role == readers.Unsaid:
			w.times("in a longer text", 0.35)
		case rest > 45:
			w.times("with other text", 0.7)
		}
	}
	return w
}

// mastheadDay tells whether a date may be what a page's head shows each day: a
// day without a label or a time of day over the headline, on which the page was
// fetched, wherever the site's clocks are.
func (s *story) mastheadDay(d *readers.Date) bool {
	if s.p.Fetched.IsZero() || d.Time.Clock || d.Role != readers.Unsaid || d.Block >= s.titleBlock {
		return false
	}
	after := d.Time.Earliest().Sub(s.p.Fetched)
	return after <= 0 && after > -(24+26)*time.Hour
}

// placeWeight is the worth of a date in a block: most right under the headline,
// little less right over it, little far off.
func (s *story) placeWeight(block int, w *tally) {
	title := s.titleBlock
	switch {
	case title >= 0 && block >= title && block <= max(s.first, title)+1:
		w.add("between headline and first paragraph", 5.5-min(1.5, 0.15*float64(block-title)))
	case title >= 0 && block < title && title-block <= 8:
		w.add("shortly over the headline", 5.4-0.25*float64(title-block))
	case title < 0 && s.first >= 0 && block < s.first && s.first-block <= 6:
		w.add("shortly over the first paragraph", 4.5)
	case s.last >= 0 && block > s.last && block-s.last <= 6:
		w.add("shortly after the text", 2.5)
	case s.first >= 0 && block > s.first && block < s.last:
		w.add("within the text", 1.2)
	default:
		w.add("far from the text", 1)
	}
}

// marksBelowRoot joins the marks of a node and those around it, up to an
// element that holds much of the story.
func (s *story) marksBelowRoot(n *page.Node) page.Mark {
	var m page.Mark
	for up := 0; n != nil && up < 8; n, up = n.Parent, up+1 {
		if s.root != nil && s.sums[n] > 0.3*s.sums[s.root] {
			break
		}
		m |= n.Marks
		if article := n.Parent; n.Tag == atom.Footer && article != nil && article.Tag == atom.Article && s.root != nil && article.Holds(s.root) {
			m &^= page.Footer // the story's own foot
		}
	}
	return m
}

// published weighs the dates: each day gathers the weights of the kinds of
// source that name it (the best counts whole, the others a quarter), the
// heaviest day wins, and within it the best source that knows the time of day.
func (s *story) published() (best, modified *dated) {
	s.dates = s.gatherDates()
	s.settleOrder()
	for i := range s.dates {
		if d := &s.dates[i]; d.Role == readers.Modified && (modified == nil || d.weight > modified.weight) {
			modified = d
		}
	}
	days := map[string]float64{}
	for i := range s.dates {
		d := &s.dates[i]
		if d.unfit() != "" {
			continue
		}
		key := d.Time.Date().String()
		if _, done := days[key]; !done {
			days[key] = s.support(d)
			if modified != nil && modified.weight >= 6 && modified.Time.SameDay(d.Time) && s.earlierClaim(d) {
				days[key] -= 4
			}
		}
		if best == nil || days[key] > days[best.Time.Date().String()] || days[key] == days[best.Time.Date().String()] && better(d, best) {
			best = d
		}
	}
	if best != nil && modified != nil && best.From == "printed" && best.weight < 2 && modified.weight > best.weight {
		best = nil // a day that the text speaks of says less than the day of a change
	}
	s.noteDates(best, modified, days)
	if best == nil {
		best = modified
	}
	zonedBest, zonedModified := s.siteZone(s.zoned(best), readers.Published), s.siteZone(s.zoned(modified), readers.Modified)
	s.noteZone("published", best, zonedBest)
	s.noteZone("modified", modified, zonedModified)
	return zonedBest, zonedModified
}

// unfit says why a date cannot be when the page was published, or "".
func (d *dated) unfit() string {
	switch {
	case d.Role == readers.Modified:
		return "a change's date"
	case d.Role == readers.Other:
		return "of something else, by its label"
	case d.weight < 0.6, d.YearGuessed && d.weight < 2, d.Relative && d.weight < 1.5:
		return "too little speaks for it"
	}
	return ""
}

// support is the weight of those who name the day, or the instant, of a date.
func (s *story) support(d *dated) float64 {
	var kinds [6]float64
	for i := range s.dates {
		e := &s.dates[i]
		if e.Role == readers.Modified || e.Role == readers.Other {
			continue
		}
		if d.Time.SameDay(e.Time) || d.Time.Zoned && e.Time.Zoned && d.Time.Instant().Sub(e.Time.Instant()).Abs() < time.Minute {
			k := sourceKind(e.From)
			kinds[k] = max(kinds[k], e.weight)
		}
	}
	sum, top := 0.0, 0.0
	for _, w := range kinds {
		sum, top = sum+w, max(top, w)
	}
	return top + 0.25*(sum-top)
}

// sourceKind tells the kinds of source apart; RDFa is microdata in another
// spelling.
func sourceKind(from string) int {
	if strings.HasPrefix(from, "rdfa") {
		return 1
	}
	for i, prefix := range []string{"jsonld", "microdata", "meta", "time", "printed"} {
		if strings.HasPrefix(from, prefix) {
			return i
		}
	}
	return 5
}

// earlierClaim tells whether markup of good standing says that the page was
// published on an earlier day than d, which is the day of its last change.
func (s *story) earlierClaim(d *dated) bool {
	for i := range s.dates {
		e := &s.dates[i]
		if e.Role == readers.Published && e.weight >= 5 && e.Time.Instant().Before(d.Time.Date().Instant()) && !e.Time.SameDay(d.Time) {
			return true
		}
	}
	return false
}

// better compares two dates of one day: a time of day beats none, then weight.
func better(a, b *dated) bool {
	if known := a.Time.Clock && !midnight(a.Time); known != (b.Time.Clock && !midnight(b.Time)) {
		return known && a.weight > 0.25*b.weight
	}
	return a.weight > b.weight
}

// printedAs is how the page prints a date that its markup gives.
func (s *story) printedAs(d *dated) string {
	var best *dated
	for i := range s.dates {
		e := &s.dates[i]
		if e.Text == "" || e.Role == readers.Modified || e.Role == readers.Other || !e.Time.SameDay(d.Time) || !sameClock(e.Time, d.Time) {
			continue
		}
		if best == nil || e.weight > best.weight {
			best = e
		}
	}
	if best == nil || best.weight < 2 {
		return ""
	}
	return best.Text
}

// sameClock tells whether two times of a day agree, as far as they are known.
func sameClock(a, b when.Time) bool {
	if !a.Clock || !b.Clock {
		return true
	}
	if a.Zoned && b.Zoned {
		return a.Instant().Sub(b.Instant()).Abs() <= time.Minute
	}
	return a.Hour == b.Hour && a.Minute == b.Minute
}

// dateConfidence grows with the weight of a date and with those who agree.
func (s *story) dateConfidence(d *dated) float64 {
	agree := 0
	for i := range s.dates {
		if e := &s.dates[i]; e != d && e.From != d.From && e.Time.SameDay(d.Time) && e.Role != readers.Modified {
			agree++
		}
	}
	c := 0.35 + 0.05*min(d.weight, 9)
	if agree > 0 {
		c += 0.15
	}
	return min(c, 0.98)
}
