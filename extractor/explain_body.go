package extractor

import (
	"fmt"
	"strings"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// noteBody notes where the body stands, which blocks around it are no part of
// it, and why.
func (s *story) noteBody() {
	if !s.why.asked() {
		return
	}
	s.why.forget("body")
	s.why.at("body", s.root)
	if s.root == nil || s.sums[s.root] == 0 {
		s.why.because("body", "the page has no running text")
		return
	}
	kept := 0
	for _, k := range s.keep {
		if k {
			kept++
		}
	}
	share := 100 * s.sums[s.root] / max(s.sums[s.doc.Root], 1)
	s.why.because("body", fmt.Sprintf("%d blocks of %s, the smallest element with most of the page's running text (%.0f %% of it)", kept, elementName(s.root), share))
	if s.rule != nil && len(s.rule.body) > 0 {
		s.why.because("body", fmt.Sprintf("%d blocks of %s, where a site rule says the text stands", kept, elementName(s.root)))
		return
	}
	from, to := s.bounds()
	wide, parts := s.wide(), s.parts()
	for i := from; i < to; i++ {
		b := &s.blocks[i]
		if s.keep[i] || b.Text == s.standfirst && b.Text != "" {
			continue
		}
		holder := s.root
		if part := holding(parts, b.Node); part != nil {
			holder = part
		} else if !holder.Holds(b.Node) {
			if holder = wide; holder == nil || !holder.Holds(b.Node) || s.good[i] < 15 {
				continue
			}
		}
		why := s.notBody(i, holder)
		switch {
		case why != "":
			if n, by := s.inFurniture(b, holder, s.vouched[i]); n != nil && by == why {
				why += ": " + elementName(n)
			}
		case holder == wide:
			why = "beside the text, and not set as it is"
		case b.Heading():
			why = "a heading that no text follows"
		default:
			why = "follows the text as appeals and rights do"
		}
		s.why.cut("body", b.Text, why)
	}
}

// elementName is an element as a selector would name it: div#story.story-body.
// Names that a selector would have to escape are left out.
func elementName(n *page.Node) string {
	name := n.Name
	if id := n.Attr("id"); plainName(id) {
		name += "#" + id
	}
	shown := 0
	for _, class := range strings.Fields(n.Attr("class")) {
		if shown < 3 && plainName(class) {
			name += "." + class
			shown++
		}
	}
	return name
}

func plainName(s string) bool {
	if s == "" || len(s) > 60 || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if c := s[i]; c != '-' && c != '_' && (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return true
}

// noteCaption notes a caption on the page, and why it is none of the article's;
// caption is what was taken of it.
func (s *story) noteCaption(p *readers.Picture, caption, refused string) {
	if !s.why.asked() || p.Caption == "" {
		return
	}
	c := Candidate{Value: p.Caption, From: p.From, Chosen: caption != ""}
	if p.Text != nil {
		c.Evidence = append(c.Evidence, Evidence{What: "in " + elementName(p.Text)})
		if caption != "" {
			s.why.at("captions", p.Text)
		}
	}
	if p.Credit != "" {
		s.why.cut("captions", p.Credit, "the photo's credit")
	}
	if !c.Chosen {
		c.Refused = refused
	} else if caption != p.Caption {
		s.why.cut("captions", strings.TrimSuffix(p.Caption, caption), "a counter before the caption")
	}
	s.why.candidate("captions", c)
}
