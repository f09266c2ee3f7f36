package extractor

import (
	"strings"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// story is what the weighing of a page works on.
type story struct {
	p      Page
	doc    *page.Doc
	meta   *readers.Meta
	things []readers.Thing
	blocks []readers.Block
	// good is the worth of each block as running text.
	good []float64
	// sums holds for each node the worth of the text below it.
	sums map[*page.Node]float64
	// root is the element that the body stands in, first the index of its first
	// paragraph (-1: none), title the headline's element.
	root  *page.Node
	first int
	title *page.Node
	// titleBlock is the headline's block, last the last of the body; -1: none.
	titleBlock, last int
	dates            []dated
	standfirst       string
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

const aside = page.Nav | page.Footer | page.Comments | page.Consent | page.Related | page.Share | page.Subscribe | page.CaptionMark | page.Promo

// measure fills good and sums.
func (s *story) measure() {
	s.good = make([]float64, len(s.blocks))
	s.sums = map[*page.Node]float64{}
	for i := range s.blocks {
		b := &s.blocks[i]
		v := prose(b)
		if v == 0 {
			continue
		}
		for n, up := b.Node, 0; n != nil && up < 6; n, up = n.Parent, up+1 {
			if n.Marks&aside != 0 && n.Marks&(page.BodyText|page.Main) == 0 {
				v *= 0.25
				break
			}
		}
		s.good[i] = v
		for n := b.Node; n != nil; n = n.Parent {
			s.sums[n] += v
		}
	}
}

// container is the smallest element that holds most of the page's running text.
func (s *story) container() *page.Node {
	n := s.doc.Root
	for {
		var best *page.Node
		for c := n.First; c != nil; c = c.Next {
			if best == nil || s.sums[c] > s.sums[best] {
				best = c
			}
		}
		if best == nil || best.IsText() || s.sums[best] < 0.7*s.sums[n] || page.Inline(best.Tag) && best.Name == "" {
			return n
		}
		if s.single(best) {
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
			count++
		}
	}
	return count <= 1
}

const drop = aside | page.TagList | page.VideoBox | page.Tools | page.AuthorBox | page.Byline | page.PaywallBox | page.Embed | page.Credit | page.Teaser

func (s *story) body() (text, from string, confidence float64) {
	s.measure()
	root := s.container()
	s.root, s.first, s.last, s.titleBlock = root, -1, -1, -1
	total := s.sums[root]
	var out []string
	for i := range s.blocks {
		b := &s.blocks[i]
		if !root.Holds(b.Node) || s.furniture(b, root, total) {
			continue
		}
		if s.first < 0 && s.good[i] > 0 {
			s.first = i
		}
		s.last = i
		out = append(out, b.Text)
	}
	return strings.Join(out, "\n\n"), "layout", 0.9
}

func (s *story) furniture(b *readers.Block, root *page.Node, total float64) bool {
	for n := b.Node; n != nil && n != root; n = n.Parent {
		if n.Marks&drop != 0 && s.sums[n] < 0.4*total {
			return true
		}
	}
	if b.LinkShare() > 0.5 && b.Letters < 400 {
		return true
	}
	return !b.Heading() && b.Letters < 15
}
