package extractor

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

const (
	// minEntries is the fewest entries of a live blog that says so, and
	// minUnsaid of one that is only set like it.
	minEntries, minUnsaid = 2, 5
	maxEntries            = 1000
	// markLetters is the longest line that gives an entry's time.
	markLetters = 60
)

// clockFirst is a time of day that a text begins with.
var clockFirst = regexp.MustCompile(`^[^\pL\d]{0,6}((?:[01]?\d|2[0-3])(?:[:.：]|\s?[hH]\s?)[0-5]\d(?:[:.][0-5]\d)?(?:\s?(?i:a\.?m\.?|p\.?m\.?)\b)?(?:\s?(?i:Uhr|h|hrs|klo|kl|[A-Z]{2,4}T)\b)?)[^\pL\d]{0,6}`)

// entry is one post of a live blog: blocks[from:to], with the element that
// holds it, if one does, and the block that gives its time.
type entry struct {
	from, to, mark int
	node           *page.Node
}

// entries are the posts of a live blog in page order: nil where the page is
// none. declared tells that the page calls itself one.
func (s *story) entries(declared bool) []article.Entry {
	if s.first < 0 {
		return nil
	}
	spans := s.entrySpans()
	least := minUnsaid
	if declared {
		least = minEntries
	}
	if len(spans) < least {
		return nil
	}
	var out []article.Entry
	inside, all, letters := 0.0, 0.0, 0
	for i, k := range s.keep {
		if k {
			all += s.good[i]
		}
	}
	for _, e := range spans {
		if !declared && !readers.HasClock(s.blocks[e.mark].Text) && !s.keep[e.mark] {
			return nil // days alone part the posts of a blog's front page
		}
		if a := s.entryOf(e); a.Text != "" || declared && a.Headline != "" {
			out, letters = append(out, a), letters+page.Letters(a.Text)
			for i := e.from; i < e.to; i++ {
				if s.keep[i] {
					inside += s.good[i]
				}
			}
		}
	}
	if len(out) < least || inside < 0.6*all || !declared && letters < 50*len(out) {
		return nil
	}
	return out
}

// entrySpans parts the body at the times that it prints over its posts.
func (s *story) entrySpans() []entry {
	from, to := s.bounds()
	scope := s.scope()
	var marks []int
	for i := from; i < to && len(marks) < maxEntries; i++ {
		if s.marksEntry(i) && scope.Holds(s.blocks[i].Node) {
			marks = append(marks, i)
		}
	}
	if marks = s.alike(marks); len(marks) < minEntries {
		return nil
	}
	if boxed := s.boxedEntries(marks, to); 2*len(boxed) > len(marks) {
		return boxed
	}
	// A heading may stand over the time.
	over := 0
	for _, m := range marks {
		if m > from && s.blocks[m-1].Heading() && !s.blocks[m].Heading() {
			over++
		}
	}
	lead := 0
	if 2*over > len(marks) {
		lead = 1
	}
	var out []entry
	for k, m := range marks {
		end := min(to, s.last+1)
		if k+1 < len(marks) {
			end = marks[k+1] - lead
		}
		if start := max(from, m-lead); end > start {
			out = append(out, entry{from: start, to: end, mark: m})
		}
	}
	return out
}

// alike are those of the blocks that are set as most of them are.
func (s *story) alike(blocks []int) (out []int) {
	count := map[string]int{}
	best := ""
	for _, i := range blocks {
		sig := s.signature(&s.blocks[i])
		if count[sig]++; count[sig] > count[best] {
			best = sig
		}
	}
	for _, i := range blocks {
		if s.signature(&s.blocks[i]) == best {
			out = append(out, i)
		}
	}
	return out
}

// marksEntry tells whether a block gives a post's time.
func (s *story) marksEntry(i int) bool {
	b := &s.blocks[i]
	if s.isCard(b.Node) || s.inBox(b.Node) || b.Node.AboveMarked(page.Comments|page.Related, 8) != nil {
		return false
	}
	return b.Letters <= markLetters && !b.Sentence() && (s.dateBlocks[i] || readers.HasClock(b.Text)) || s.keep[i] && clockFirst.MatchString(b.Text)
}

// boxedEntries are the posts that stand in an element of their own each.
func (s *story) boxedEntries(marks []int, to int) (out []entry) {
	for k, m := range marks {
		box := s.blocks[m].Node
		for up := 0; up < 10; up++ {
			p := box.Parent
			if p == nil || p.Tag == atom.Body || p.Tag == atom.Main || p.Tag == atom.Html ||
				k > 0 && p.Holds(s.blocks[marks[k-1]].Node) || k+1 < len(marks) && p.Holds(s.blocks[marks[k+1]].Node) || s.title != nil && p.Holds(s.title) {
				break
			}
			box = p
		}
		e := entry{from: m, to: m + 1, mark: m, node: box}
		for e.from > 0 && box.Holds(s.blocks[e.from-1].Node) {
			e.from--
		}
		for e.to < to && box.Holds(s.blocks[e.to].Node) {
			e.to++
		}
		if s.keep[m] && e.to-e.from < 2 && s.blocks[m].Heading() {
			continue // the text is beside it
		}
		if s.textOf(e.from, e.to) != "" && (len(out) == 0 || out[len(out)-1].to <= e.from) {
			out = append(out, e)
		}
	}
	return out
}

// entryOf reads one post.
func (s *story) entryOf(e entry) (a article.Entry) {
	mark := &s.blocks[e.mark]
	var text []string
	a.Time = mark.Text
	clock := clockFirst.FindStringSubmatch(mark.Text)
	if s.keep[e.mark] && clock != nil {
		a.Time = clock[1]
	}
	for i := e.from; i < e.to; i++ {
		if !s.keep[i] {
			continue
		}
		b := &s.blocks[i]
		t := b.Text
		if i == e.mark && clock != nil {
			t = strings.TrimSpace(t[len(clock[0]):])
		}
		title := b.Heading() || len(text) == 0 && b.BoldLetters == b.Letters && b.Letters < 160 && i+1 < e.to
		switch {
		case t == "":
		case a.Headline == "" && title:
			a.Headline = strings.Clone(t)
		default:
			text = append(text, t)
		}
	}
	a.Time, a.Text = strings.Clone(a.Time), strings.Join(text, "\n\n")
	a.Published = s.entryTime(e)
	return a
}

// entryTime is what the markup of a post says of its time, or "".
func (s *story) entryTime(e entry) string {
	n := e.node
	if n == nil {
		n = s.blocks[e.mark].Node
	}
	found := n.Find(func(n *page.Node) bool { return n.Tag == atom.Time && n.Attr("datetime") != "" })
	if found == nil {
		return ""
	}
	t, ok := when.Machine(found.Attr("datetime"))
	if !ok {
		return ""
	}
	return t.String()
}
