package extractor

import (
	"strings"
	"time"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// dated is a date with the weight that its source and place give it.
type dated struct {
	readers.Date
	weight float64
}

// publishedNames and modifiedNames are meta elements that hold dates, with
// their weights.
var publishedNames = []struct {
	name   string
	weight float64
}{
	{"article:published_time", 9}, {"og:article:published_time", 9}, {"article:published", 9}, {"og:published_time", 9}, {"rnews:datepublished", 8},
	{"datepublished", 8}, {"publishedtime", 7}, {"parsely-pub-date", 8}, {"sailthru.date", 7}, {"cxenseparse:recs:publishtime", 8}, {"cxenseparse:publishtime", 8},
	{"publication_date", 7}, {"publish-date", 7}, {"publish_date", 7}, {"publishdate", 7}, {"published", 7}, {"published_time", 7}, {"pubdate", 7},
	{"publicationdate", 7}, {"article_date_original", 7}, {"originalpublicationdate", 7}, {"article.published", 8}, {"bt:pubdate", 7}, {"vr:published_time", 7},
	{"dc.date.issued", 7}, {"dcterms.issued", 7}, {"dcterms.created", 6}, {"dc.date.created", 6}, {"dcterms.available", 6}, {"dc.date.publication", 6}, {"citation_publication_date", 6}, {"citation_date", 6}, {"article:post_date", 6},
	{"date.available", 6}, {"date.created", 6}, {"datecreated", 6}, {"created", 5}, {"creation_date", 5}, {"article:created_time", 6}, {"og:article:create_time", 6}, {"publishing_date", 7}, {"article-publication-date", 7},
	{"dc.date", 5.2}, {"dcterms.date", 5.2}, {"date", 5}, {"pdate", 5}, {"weibo:article:create_at", 6}, {"displaydate", 5}, {"pub_date", 6}, {"issued", 5}, {"ptime", 5}, {"release_date", 5}, {"og:release_date", 5}, {"video:release_date", 3}, {"og:video:release_date", 3}, {"og:pubdate", 6}, {"last_updated_date_original", 4}, {"article:date", 5}, {"news_date", 5}, {"eomportal-firstpublished", 6}, {"dateiso", 4}, {"buildtime", 0.5}, {"time", 3}, {"timestamp", 3}, {"originaldate", 5},
}

var modifiedNames = []string{"article:modified_time", "og:updated_time", "og:modified_time", "og:article:modified_time", "datemodified", "article:updated_time", "article:modified", "lastmod", "last-modified", "last_modified", "modified_time", "modified", "dcterms.modified", "dc.date.modified", "revision_date", "cxenseparse:modifiedtime", "updated", "updated_time", "dc.modified", "bt:moddate", "article.updated", "revised", "modificationdate"}

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

// gatherDates asks every reader for dates.
func (s *story) gatherDates() []dated {
	g := &dateGatherer{o: s.options()}
	for i := range s.things {
		s.thingDates(g, i)
	}
	if s.state != nil {
		g.machine(s.state.Published, "script data", readers.Published, 7)
		g.machine(s.state.Modified, "script data", readers.Modified, 5)
	}
	for _, m := range publishedNames {
		g.machine(s.meta.Get(m.name), "meta "+m.name, readers.Published, m.weight)
	}
	for _, m := range modifiedNames {
		g.machine(s.meta.Get(m), "meta "+m, readers.Modified, 6)
	}
	for _, d := range readers.TimeTags(s.doc, s.blocks, g.o) {
		g.out = append(g.out, dated{d, s.printedWeight(&d) + 0.7})
	}
	for _, d := range s.printed {
		g.out = append(g.out, dated{d, s.printedWeight(&d)})
	}
	for _, u := range []string{s.p.URL, s.canonical()} {
		if d, ok := readers.URLDate(u); ok {
			g.out = append(g.out, dated{d, 4})
			break
		}
	}
	return s.possible(g.out)
}

type dateGatherer struct {
	o   when.Options
	out []dated
}

// machine reads a date of the markup; one that is written as for people counts a
// little less.
func (g *dateGatherer) machine(raw, from string, role readers.Role, weight float64) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return
	}
	d := readers.Date{Role: role, From: from, Block: -1}
	if t, ok := when.Machine(raw); ok {
		d.Time = t
	} else if found := when.Find(raw, g.o); len(found) > 0 && !found[0].YearGuessed {
		d.Printed = found[0]
		weight -= 0.5
	} else {
		return
	}
	g.out = append(g.out, dated{d, weight})
}

// thingDates weighs the dates of one thing of the structured data: the first
// article's count most, those of another address hardly.
func (s *story) thingDates(g *dateGatherer, i int) {
	t := &s.things[i]
	weight := 10.0 - 2*float64(min(i, 3))
	switch {
	case t.DatesFromWebPage:
		weight = 6.5
	case t.From == "microdata":
		weight = 8
	case t.Type == "VideoObject" || t.Type == "PodcastEpisode":
		weight = 5
	case !t.IsArticle():
		weight = 6
	}
	if i > 0 && t.URL != "" && !readers.SameAddress(t.URL, s.p.URL) && !t.DatesFromWebPage {
		weight = 1
	}
	g.machine(t.Published, t.From+" datePublished", readers.Published, weight)
	g.machine(t.Modified, t.From+" dateModified", readers.Modified, weight)
	if t.Published == "" {
		g.machine(t.Created, t.From+" dateCreated", readers.Published, weight-1)
	}
}

// possible leaves out dates after the fetch (with an hour for clocks that
// differ) and before the web.
func (s *story) possible(all []dated) []dated {
	out := all[:0]
	for _, d := range all {
		if !d.Time.Valid() || d.Time.Year < 1995 {
			continue
		}
		if s.future(d.Time) {
			if d.Swapped == nil || s.future(*d.Swapped) {
				continue
			}
			d.Time, d.Swapped = *d.Swapped, nil
		}
		out = append(out, d)
	}
	return out
}

func (s *story) future(t when.Time) bool {
	return !s.p.Fetched.IsZero() && t.Earliest().After(s.p.Fetched.Add(time.Hour))
}

// printedWeight judges a date on the page by where it stands: between headline
// and first paragraph it is most likely the story's, in lists of other stories,
// comments, captions and page furniture it is not.
func (s *story) printedWeight(d *readers.Date) float64 {
	w := s.placeWeight(d.Block)
	if d.Role == readers.Published {
		w += 1.5
	}
	if d.Role == readers.Other {
		w -= 2
	}
	if d.Node != nil {
		if marks := s.marksBelowRoot(d.Node); marks&(page.Related|page.Comments|page.Teaser|page.Footer|page.Promo|page.Nav|page.Sidebar|page.CaptionMark|page.VideoBox|page.Gallery) != 0 || s.isCard(d.Node) {
			w *= 0.3
		} else if d.Node.AboveMarked(page.DateLine|page.Byline, 3) != nil {
			w += 0.7
		}
	}
	if d.YearGuessed {
		w *= 0.5
	}
	if d.Relative {
		w *= 0.35
	}
	if d.Block >= 0 && d.From == "printed" {
		b := &s.blocks[d.Block]
		switch rest := b.Letters - page.Letters(d.Text); {
		case s.inPicture(b):
			w *= 0.2
		case rest > 90:
			w *= 0.35
		case rest > 45:
			w *= 0.7
		}
	}
	return w
}

// placeWeight is the worth of a date in a block: most right under the headline,
// little less right over it, little far off.
func (s *story) placeWeight(block int) float64 {
	title := s.titleBlock
	switch {
	case title >= 0 && block >= title && block <= max(s.first, title)+1:
		return 5.5 - min(1.5, 0.15*float64(block-title))
	case title >= 0 && block < title && title-block <= 8:
		return 5.4 - 0.25*float64(title-block)
	case title < 0 && s.first >= 0 && block < s.first && s.first-block <= 6:
		return 4.5
	case s.last >= 0 && block > s.last && block-s.last <= 6:
		return 2.5
	case s.first >= 0 && block > s.first && block < s.last:
		return 1.2
	}
	return 1
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
	}
	return m
}

// published weighs the dates: each day gathers the weights of the kinds of
// source that name it (the best counts whole, the others a quarter), the
// heaviest day wins, and within it the best source that knows the time of day.
func (s *story) published() (best, modified *dated) {
	s.dates = s.gatherDates()
	for i := range s.dates {
		if d := &s.dates[i]; d.Role == readers.Modified && (modified == nil || d.weight > modified.weight) {
			modified = d
		}
	}
	days := map[string]float64{}
	for i := range s.dates {
		d := &s.dates[i]
		if d.Role == readers.Modified || d.Role == readers.Other || d.weight < 0.6 || d.YearGuessed && d.weight < 2 || d.Relative && d.weight < 1.5 {
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
	if best == nil {
		best = modified
	}
	return s.zoned(best), s.zoned(modified)
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

func sourceKind(from string) int {
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
		if e.Role == readers.Published && e.weight >= 7 && e.Time.Instant().Before(d.Time.Date().Instant()) && !e.Time.SameDay(d.Time) {
			return true
		}
	}
	return false
}

// better compares two dates of one day: a time of day beats none, then weight.
func better(a, b *dated) bool {
	if a.Time.Clock != b.Time.Clock {
		return a.Time.Clock && a.weight > 0.3*b.weight
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
