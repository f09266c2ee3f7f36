package extractor

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// takeStandfirst looks between headline and first paragraph for the lead-in, and
// takes it out of the body: a heading of sentence length that no section of its
// own follows, or a block that its names call a lead-in.
func (s *story) takeStandfirst() {
	if s.first < 0 {
		return
	}
	s.described = folded(s.description())
	from := max(0, s.first-10)
	if s.titleBlock >= 0 && s.titleBlock <= s.first {
		from = s.titleBlock + 1
	}
	for i := from; i <= s.first && i < len(s.blocks); i++ {
		b := &s.blocks[i]
		if i == s.titleBlock || s.inPicture(b) || !s.isStandfirst(b, i) {
			continue
		}
		s.standfirst = b.Text
		s.keep[i] = false
		s.nextFirst()
		return
	}
}

func (s *story) isStandfirst(b *readers.Block, i int) bool {
	if b.Letters < 35 || b.Letters > 700 || b.LinkShare() > 0.3 || isLead(b) || isFurniture(b) || s.isCard(b.Node) || s.repeatsTitle(b) {
		return false
	}
	heading := b.Node.Tag == atom.H2 || b.Node.Tag == atom.H3 || b.Node.Tag == atom.H4
	marks := b.Node.Marks
	if p := b.Node.Parent; p != nil && s.sums[p] < 0.3*s.sums[s.root] {
		marks |= p.Marks
	}
	if marks&(page.CaptionMark|page.Credit|page.Nav|page.Related|page.Promo|page.Subscribe|page.Share|page.Comments) != 0 {
		return false
	}
	if heading && (s.keep[i] || i == s.titleBlock+1) && readers.Words(b.Text) >= 8 && s.following(i) > 0 {
		return true
	}
	if b.Node.Tag == atom.Font && i == s.titleBlock+1 && !b.Sentence() && readers.Words(b.Text) >= 6 {
		return s.following(i) > 1
	}
	if !b.Heading() && s.described == folded(b.Text) && s.signature(b) != s.mainSignature() {
		return s.following(i) > 0
	}
	return marks&page.Standfirst != 0 && readers.Words(b.Text) >= 6 && s.following(i) > 0
}

// following counts the kept blocks of running text after a block.
func (s *story) following(i int) int {
	n := 0
	for k := i + 1; k < len(s.blocks); k++ {
		if s.keep[k] && s.good[k] > 0 {
			n++
		}
	}
	return n
}

// nextFirst finds the first paragraph again.
func (s *story) nextFirst() {
	for i := range s.keep {
		if s.keep[i] && s.good[i] > 0 {
			s.first = i
			return
		}
	}
}

// summary is the standfirst that the page prints, else the description that its
// metadata gives.
func (s *story) summary() (text, from string, confidence float64) {
	if s.standfirst != "" {
		return s.standfirst, "standfirst", 0.9
	}
	description, from := s.description(), "description"
	if page.Letters(description) < 20 || strings.EqualFold(folded(description), s.titleText) {
		return "", "", 0
	}
	return description, from, 0.6
}

// description is what the metadata says the story is about.
func (s *story) description() string {
	if t := s.main(); t != nil && t.Description != "" {
		return t.Description
	}
	return s.meta.Get("og:description", "description", "twitter:description")
}
