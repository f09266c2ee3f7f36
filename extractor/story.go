package extractor

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// story is what the weighing of a page works on: what the readers said, and what
// has been decided so far.
type story struct {
	p      Page
	doc    *page.Doc
	meta   *readers.Meta
	things []readers.Thing
	blocks []readers.Block
	// sites and hostName are what siteNames and host return, once asked.
	sites    []string
	hostName string
	hostRead bool

	// good is the worth of each block as running text, sums that of all text
	// below a node, vouched tells which blocks stand in the text that the page's
	// structured data gives as the article's.
	good    []float64
	sums    map[*page.Node]float64
	vouched []bool
	// cards are boxes that lead to another story each.
	cards map[*page.Node]bool
	// boxes are elements that begin with a heading that announces other stories.
	boxes []*page.Node

	// root is the element that the body stands in; mainSig how most of it is set.
	root    *page.Node
	mainSig string
	// outside are the marks that part furniture from body on this page.
	outside page.Mark
	// title is the headline's element, titleBlock its block (-1: none), and
	// titleText the headline's words.
	title      *page.Node
	titleBlock int
	titleText  string
	// keep tells which blocks are of the body; first and last are the indexes of
	// its first and last running text (-1: none).
	keep        []bool
	first, last int
	// captionNodes and captionTexts are what the pictures' captions take.
	captionNodes []*page.Node
	captionTexts map[string]bool
	// longestCaption bounds the texts that can be a caption, in bytes.
	longestCaption int
	// printed are the dates that the page prints, dateBlocks the blocks with one.
	printed    []readers.Date
	dateBlocks map[int]bool
	dates      []dated
	// publishedWeight is that of the date that was taken.
	publishedWeight float64
	standfirst      string
	// described is the description of the metadata as words.
	described string
	// state is the article that the page's script data gives, if it was needed.
	state *readers.State
}

// prose is the worth of a block as running text: its letters where it reads as
// sentences, little or nothing where it is links, labels or furniture.
func prose(b *readers.Block) float64 {
	if b.Letters < 20 || b.Heading() {
		return 0
	}
	share := b.LinkShare()
	if share > 0.5 {
		return 0
	}
	v := float64(min(b.Letters, 1200)) * (1 - share)
	if b.Letters < 60 {
		v *= 0.4
	}
	if !b.Sentence() {
		v *= 0.5
	}
	return v
}

// asideMarks are marks of places whose text counts little where the body is
// looked for.
const asideMarks = page.Nav | page.Footer | page.Comments | page.Consent | page.Related | page.Share | page.Subscribe | page.CaptionMark | page.Promo | page.Gallery | page.VideoBox

// measure fills good and sums.
func (s *story) measure() {
	s.good = make([]float64, len(s.blocks))
	s.findCards()
	s.vouch()
	total := 0.0
	for i := range s.blocks {
		s.good[i] = s.worth(i)
		total += s.good[i]
	}
	s.findBoxes(total)
	s.sums = map[*page.Node]float64{}
	for i := range s.blocks {
		if s.good[i] == 0 {
			continue
		}
		for n := s.blocks[i].Node; n != nil; n = n.Parent {
			s.sums[n] += s.good[i]
		}
	}
}

// worth is a block's worth as prose, less for the place where it stands.
func (s *story) worth(i int) float64 {
	b := &s.blocks[i]
	v := prose(b)
	if v == 0 {
		return 0
	}
	for n, up := b.Node, 0; n != nil && up < 6; n, up = n.Parent, up+1 {
		if n.Marks&asideMarks != 0 && n.Marks&(page.BodyText|page.Main) == 0 || n.Tag == atom.Figure {
			v *= 0.25
			break
		}
	}
	if s.isCard(b.Node) {
		v *= 0.1
	}
	if s.vouched[i] {
		v = 3*v + 60
	}
	return v
}

// findBoxes finds elements that begin with a heading such as "More on this" and
// takes their text out of the running, unless hardly any other text is there.
func (s *story) findBoxes(total float64) {
	s.boxes = nil
	for i := range s.blocks {
		b := &s.blocks[i]
		if !b.Heading() || !isLead(b) && b.Node.Marks&page.Related == 0 {
			continue
		}
		box := b.Node
		for up := 0; up < 4; up++ {
			p := box.Parent
			if p == nil || p.Tag == atom.Body || p.Tag == atom.Main || p.Tag == atom.Html || i > 0 && p.Holds(s.blocks[i-1].Node) {
				break
			}
			box = p
		}
		if box == b.Node {
			continue
		}
		inside, end := 0.0, i
		for ; end < len(s.blocks) && box.Holds(s.blocks[end].Node); end++ {
			inside += s.good[end]
		}
		if total-inside < 60 || len(s.boxes) > 200 {
			continue
		}
		s.boxes = append(s.boxes, box)
		for k := i; k < end; k++ {
			s.good[k] *= 0.1
		}
	}
}

// inBox tells whether a node stands in a box of other stories.
func (s *story) inBox(n *page.Node) bool {
	for _, box := range s.boxes {
		if box.Holds(n) {
			return true
		}
	}
	return false
}

// vouch finds the blocks whose text stands in JSON-LD's articleBody.
func (s *story) vouch() {
	s.vouched = make([]bool, len(s.blocks))
	t := s.main()
	if t == nil || page.Letters(t.Body) < 250 {
		return
	}
	given := " " + folded(page.Fold(cleanMarkup(t.Body))) + " "
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.Letters < 25 || b.LinkShare() > 0.45 {
			continue
		}
		if f := folded(b.Text); f != "" && strings.Contains(given, " "+f+" ") {
			s.vouched[i] = true
		}
	}
}

// findCards finds boxes around a heading that is a link to another story, with
// what else stands in them: picture, excerpt, date.
func (s *story) findCards() {
	s.cards = map[*page.Node]bool{}
	headings := map[*page.Node]int{}
	var linked []*page.Node
	for i := range s.blocks {
		b := &s.blocks[i]
		if !b.Heading() {
			continue
		}
		for n := b.Node; n != nil; n = n.Parent {
			headings[n]++
		}
		if b.LinkShare() > 0.7 {
			if a := linkOf(b.Node); a != nil && s.otherStory(a.Attr("href")) {
				linked = append(linked, b.Node)
			}
		}
	}
	for _, h := range linked {
		n := h
		for up := 0; up < 6; up++ {
			p := n.Parent
			if p == nil || p.Tag == atom.Body || p.Tag == atom.Main || p.Tag == atom.Html || headings[p] > 1 {
				break
			}
			n = p
		}
		if n != h {
			s.cards[n] = true
		}
	}
}

// linkOf is the link that a heading stands in or holds.
func linkOf(n *page.Node) *page.Node {
	if a := n.Above(atom.A); a != nil {
		return a
	}
	return n.Find(func(e *page.Node) bool { return e.Tag == atom.A })
}

// isCard tells whether a node stands in a card that holds little of the page's
// text.
func (s *story) isCard(n *page.Node) bool {
	if len(s.cards) == 0 {
		return false
	}
	for up := 0; n != nil && up < 8; n, up = n.Parent, up+1 {
		if s.cards[n] && (s.root == nil || s.sums[n] < 0.3*s.sums[s.root]) {
			return true
		}
	}
	return false
}

// container is the smallest element that holds most of the page's running text.
func (s *story) container() *page.Node {
	n := s.doc.Root
	for {
		var best *page.Node
		for c := n.First; c != nil; c = c.Next {
			if s.sums[c] > 0 && (best == nil || s.sums[c] > s.sums[best]) {
				best = c
			}
		}
		if best == nil || s.sums[best] < 0.7*s.sums[n] || s.single(best) {
			return n
		}
		n = best
	}
}

// single tells whether an element's running text is one block.
func (s *story) single(n *page.Node) bool {
	count := 0
	for i := range s.blocks {
		if s.good[i] > 0 && n.Holds(s.blocks[i].Node) {
			if count++; count > 1 {
				return false
			}
		}
	}
	return true
}
