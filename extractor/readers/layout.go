package readers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// Block is a run of text that the page sets off from the text around it: a
// paragraph, a heading, a list item, a cell, or loose text between elements.
type Block struct {
	// Node is the block element that the text stands in.
	Node *page.Node
	// Text has its spaces folded.
	Text string
	// Letters and LinkLetters count letters and digits, in all and within links;
	// BoldLetters those within strong emphasis.
	Letters, LinkLetters, BoldLetters int
	// Links counts links.
	Links int
	// Order is the document order of the first text.
	Order int32
}

// LinkShare is the part of the letters that stands in links.
func (b *Block) LinkShare() float64 {
	if b.Letters == 0 {
		return 0
	}
	return float64(b.LinkLetters) / float64(b.Letters)
}

// Heading tells whether the block is, or stands in, a heading. A heading element
// that a page has wrapped around its paragraphs is none.
func (b *Block) Heading() bool {
	if b.Letters > 400 {
		return false
	}
	for n, up := b.Node, 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		if heading(n.Tag) {
			return n == b.Node || n.End-n.Order < 14
		}
	}
	return false
}

// Sentence tells whether the text ends as a sentence does.
func (b *Block) Sentence() bool { return EndsSentence(b.Text) }

// EndsSentence tells whether a text ends with the stop of a sentence, closing
// quotes and brackets set aside.
func EndsSentence(s string) bool {
	s = strings.TrimRight(s, "\"'”’“»«)］」』】›‹ ]")
	r, _ := utf8.DecodeLastRuneInString(s)
	switch r {
	case '.', '!', '?', '…', '。', '！', '？', ':', ';', '؟', '۔', '।', '．':
		return true
	}
	return false
}

// Layout lists the visible blocks of a page in reading order.
func Layout(d *page.Doc) []Block {
	w := &walker{}
	w.walk(d.Root, state{block: d.Root})
	w.flush()
	return w.blocks
}

// state is what a text inherits from the elements around it.
type state struct {
	block      *page.Node
	link, bold bool
	// styles are the font, big and bold elements since the block, outermost first.
	styles []*page.Node
}

// maxStyles are the styling elements within each other that are told apart.
const maxStyles = 16

type walker struct {
	blocks []Block
	buf    strings.Builder
	cur    Block
	breaks int
	// styles are the styling elements that all of the buffer stands in.
	styles []*page.Node
}

func (w *walker) walk(n *page.Node, s state) {
	for c := n.First; c != nil; c = c.Next {
		if c.IsText() {
			w.text(c, s)
			continue
		}
		if c.Invisible() {
			continue
		}
		switch {
		case c.Tag == atom.Br:
			w.lineBreak(s)
			continue
		case c.Tag == atom.Hr:
			w.flush()
			continue
		}
		inner := s
		switch c.Tag {
		case atom.A:
			if anchor(c) {
				break
			}
			if headingSign(c) {
				continue
			}
			inner.link = true
			w.cur.Links++
		case atom.B, atom.Strong:
			inner.bold = true
		}
		switch c.Tag {
		case atom.Font, atom.Big, atom.B, atom.Strong:
			if len(s.styles) == maxStyles {
				break
			}
			inner.styles = append(s.styles[:len(s.styles):len(s.styles)], c)
		}
		if page.Inline(c.Tag) && !byImage(c) {
			w.walk(c, inner)
			continue
		}
		w.flush()
		inner.block, inner.styles = c, nil
		w.walk(c, inner)
		w.flush()
	}
}

// anchor tells whether an a element only names a place of the page, as
// <a name="top"> does: left open, it would make links of all that follows.
func anchor(a *page.Node) bool {
	return a.Attr("href") == "" && (a.Attr("name") != "" || a.Attr("id") != "")
}

// headingSign tells whether a link is the sign beside a heading, "#" or "¶", that
// leads to the heading itself.
func headingSign(a *page.Node) bool {
	return strings.HasPrefix(a.Attr("href"), "#") && heading(a.Parent.Tag) && page.Letters(a.InnerText()) == 0
}

// byImage tells whether an inline element is named a caption or a credit and
// stands right beside an image: within a paragraph, it is no part of that.
func byImage(n *page.Node) bool {
	if n.Marks&(page.CaptionMark|page.Credit) == 0 {
		return false
	}
	prev, next := n.Prev, n.Next
	for prev != nil && prev.IsText() && strings.TrimSpace(prev.Text) == "" {
		prev = prev.Prev
	}
	for next != nil && next.IsText() && strings.TrimSpace(next.Text) == "" {
		next = next.Next
	}
	return prev != nil && !prev.IsText() && imageIn(prev) != nil || next != nil && !next.IsText() && imageIn(next) != nil
}

func (w *walker) text(n *page.Node, s state) {
	if w.buf.Len() == 0 {
		if strings.TrimSpace(n.Text) == "" {
			return
		}
		links := w.cur.Links
		w.cur = Block{Node: s.block, Order: n.Order, Links: links}
		w.styles = s.styles
	} else if n.Text != " " {
		w.styles = w.styles[:shared(w.styles, s.styles)]
	}
	if n.Text != " " {
		w.breaks = 0
	}
	letters := page.Letters(n.Text)
	w.cur.Letters += letters
	if s.link {
		w.cur.LinkLetters += letters
	}
	if s.bold {
		w.cur.BoldLetters += letters
	}
	w.buf.WriteString(n.Text)
}

// lineBreak parts words; two in a row part paragraphs, and so does one after a
// text that stands in a styling element of its own: what pages did before they
// had headings.
func (w *walker) lineBreak(s state) {
	styled := w.buf.Len() > 0 && len(w.styles) > shared(w.styles, s.styles)
	if w.breaks++; w.breaks >= 2 || styled {
		w.flush()
		return
	}
	if w.buf.Len() > 0 {
		w.buf.WriteByte(' ')
	}
}

// shared counts the elements that two chains begin with.
func shared(a, b []*page.Node) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func (w *walker) flush() {
	w.breaks = 0
	if w.buf.Len() > 0 {
		w.cur.Text = page.Fold(w.buf.String())
		if len(w.styles) > 0 && w.styles[0].Tag == atom.Font {
			w.cur.Node = w.styles[0]
		}
		if w.cur.Text != "" {
			w.blocks = append(w.blocks, w.cur)
		}
		w.buf.Reset()
	}
	w.cur = Block{}
}

// Words counts words: runs of letters and digits, and in scripts without
// spaces each letter of two as one.
func Words(s string) int {
	n, in, dense := 0, false, 0
	for _, r := range s {
		switch {
		case r >= 0x0E00 && r <= 0x0EFF, r >= 0x1000 && r <= 0x109F, r >= 0x1780 && r <= 0x17FF, r >= 0x3040 && r <= 0x30FF, r >= 0x3400 && r <= 0x9FFF, r >= 0x20000 && r <= 0x3FFFF:
			if unicode.IsLetter(r) {
				dense++
			}
			in = false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r):
			if !in {
				n++
			}
			in = true
		case r == '\'' || r == '’' || r == '\u200c' || r == '\u200d' || r == '-':
		default:
			in = false
		}
	}
	return n + (dense+1)/2
}
