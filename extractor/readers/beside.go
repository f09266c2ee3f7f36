package readers

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// maxCaptionNodes bounds the nodes of an element that is looked at as a caption.
const maxCaptionNodes = 60

// captionKeys are the attributes in which galleries and lightboxes keep the
// caption of an image, besides those whose name ends in "-caption".
var captionKeys = map[string]bool{"data-description": true, "data-legend": true, "data-sub-html": true, "data-title": true, "caption": true}

// creditKeys are those in which they keep its credit.
var creditKeys = []string{"data-credit", "data-credits", "data-source", "data-copyright", "data-photographer", "data-author"}

// image reads an image that is in no figure: a short text that stands alone with
// it in one element, or a caption in an attribute.
func (c *captioner) image(n *page.Node) {
	if c.taken[n] || n.Above(atom.Figure) != nil || n.Above(atom.Noscript) != nil {
		return
	}
	p := Picture{Node: n, Image: n}
	readImage(&p, n)
	var holder *page.Node
	if c.sameAsAlt(&p, n, nil) {
		p.Node = p.Text
		// What is hidden may be the alt text once more, with the caption beside it.
		if shown := (Picture{Node: n, Image: n}); p.Text.Marks&page.Hidden != 0 && c.beside(&shown, n) != nil {
			p.Node, p.Text, p.Caption, p.Credit, p.From = shown.Node, shown.Text, shown.Caption, shown.Credit, shown.From
		}
	} else if holder = c.beside(&p, n); holder == nil {
		attribute(&p, n)
	}
	if p.Caption == "" {
		c.setApart(&p, n)
	}
	p.Video = n.Parent.End-n.Parent.Order < 60 && isPlayer(n.Parent)
	c.add(p, holder)
}

// attribute takes the caption that an attribute of the image, or of the link
// around it, holds.
func attribute(p *Picture, n *page.Node) {
	for up := 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		for i := range n.Attrs {
			key, v := n.Attrs[i].Key, n.Attrs[i].Val
			if !captionKeys[key] && !strings.HasSuffix(key, "-caption") || v == "" || len(v) > 3000 || key == "data-title" && Words(v) < 6 {
				continue
			}
			if v = clean(v); v != "" {
				p.Caption, p.Credit = PartCredit(v)
				p.From = "attribute"
				return
			}
		}
	}
}

// beside takes the text of the smallest element around an image that has any,
// where that text is short and no running text, and gives that element back.
func (c *captioner) beside(p *Picture, n *page.Node) *page.Node {
	holder := n.Parent
	for up := 0; holder != nil && up < 5; holder, up = holder.Parent, up+1 {
		if holder.Tag == atom.Button && holder.InnerText() != "" || holder.Tag == atom.Body || holder.Tag == atom.Article || holder.Tag == atom.Main || c.taken[holder] || holder.End-holder.Order > 120 {
			return nil
		}
		text := holder.InnerText()
		if text == "" || holder.Tag == atom.A && Words(text) < 4 {
			continue
		}
		figure := holder.Marks&(page.Figure|page.CaptionMark|page.Gallery) != 0
		switch {
		case utf8.RuneCountInString(text) > 700 || countImages(holder) > 1 || holder.Find(func(e *page.Node) bool { return runningText(e) && (e != holder || e.Tag != atom.Table) }) != nil:
			return nil
		case !figure && (utf8.RuneCountInString(text) > 500 || up > 3), Words(text) < 4 && (holder.Marks&page.Gallery == 0 || Words(text) < 2), HasClock(text), titled(holder, n):
			return nil
		case holder.Find(func(e *page.Node) bool { return heading(e.Tag) && (!figure || e.First != e.Last) }) != nil:
			return nil
		case graphic(holder):
			return nil
		}
		p.Node, p.Text = holder, holder
		p.Caption, p.Credit = captionText(holder)
		p.From = "beside image"
		if figure {
			p.From = "figure class"
		}
		return holder
	}
	return nil
}

// titled tells whether an image stands between a title and a text, as on cards of
// podcasts and products.
func titled(holder, img *page.Node) bool {
	before := false
	for e := holder.First; e != nil && e.Order <= img.Order; e = e.Next {
		before = before || e.Tag == atom.Strong || e.Tag == atom.B || heading(e.Tag)
		if e == img || e.Holds(img) {
			return before && nextShown(e) != nil
		}
	}
	return false
}

// sameAsAlt looks for an element that follows the image, or the wrappers around
// it, and prints what its alt text or title says; one that a click unfolds
// counts as well. It does not look beyond within, where that is given.
func (c *captioner) sameAsAlt(p *Picture, n, within *page.Node) bool {
	alt := strings.ToLower(clean(n.Attr("alt")))
	if page.Letters(alt) < 6 {
		if alt = strings.ToLower(clean(n.Attr("title"))); page.Letters(alt) < 6 {
			return false
		}
	}
	for holder, up := n, 0; holder != nil && holder != within && up < 5; holder, up = holder.Parent, up+1 {
		next := nextShown(holder)
		if next == nil || heading(next.Tag) || next.Tag == atom.A {
			continue
		}
		if next.End-next.Order > maxCaptionNodes {
			return false
		}
		if next.Find(func(e *page.Node) bool { return heading(e.Tag) }) != nil {
			continue // a card's title
		}
		text := unfolded(next)
		if utf8.RuneCountInString(text) > 1000 || page.Letters(text) < 6 {
			continue
		}
		caption, credit := captionText(next)
		if says(strings.ToLower(caption), alt) {
			if credit == "" {
				credit = creditAfter(next)
			}
			p.Text, p.Caption, p.Credit, p.From = next, caption, credit, "alt text beside image"
			c.take(next)
			return true
		}
	}
	return false
}

// says tells whether a printed text and an alt text, both in lower case, are the
// same, or one the greater part of the other.
func says(printed, alt string) bool {
	if page.Letters(printed) < 10 {
		return printed == alt && Words(printed) > 1
	}
	return (strings.HasPrefix(printed, alt) && 4*len(alt) > len(printed) || strings.HasPrefix(alt, printed) || strings.HasSuffix(alt, printed)) && 2*len(printed) > len(alt) ||
		page.Letters(printed) > 20 && strings.HasSuffix(alt, printed)
}

// rewordedAfter takes what follows a figure without a caption, in a list of one or
// a paragraph that is not set as the one after it is, where it says in other words
// what the alt text says. Many an alt text is made of a story's first sentence.
func (c *captioner) rewordedAfter(p *Picture, figure *page.Node) bool {
	next := nextShown(figure)
	if next == nil || heading(next.Tag) || next.Marks&page.CaptionMark != 0 || next.End-next.Order > maxCaptionNodes {
		return false
	}
	if !reworded(strings.ToLower(next.InnerText()), strings.ToLower(p.Alt)) {
		return false
	}
	if after := nextShown(next); after != nil && next.Tag == after.Tag && next.Attr("class") == after.Attr("class") && !Centred(next) {
		return false
	}
	p.Text, p.From = next, "alt text beside image"
	p.Caption, p.Credit = captionText(next)
	c.take(next)
	return true
}

// reworded tells whether two texts of some length, in lower case, share seven of
// ten words: an editor went over the one and forgot the other.
func reworded(a, b string) bool {
	if 3*len(a) < len(b) || 3*len(b) < len(a) || len(a) < 40 || len(b) < 40 {
		return false
	}
	words := map[string]int{}
	given := strings.Fields(a)
	for _, w := range given {
		words[strings.Trim(w, ".,;:()'\"’”“")]++
	}
	others := strings.Fields(b)
	both := 0
	for _, w := range others {
		if w = strings.Trim(w, ".,;:()'\"’”“"); words[w] > 0 {
			words[w]--
			both++
		}
	}
	return len(given) >= 6 && len(others) >= 6 && 20*both >= 7*(len(given)+len(others))
}

// nextShown is the element after n, with buttons, blanks and empty elements left
// out; nil where a loose text or nothing follows.
func nextShown(n *page.Node) *page.Node {
	for next, seen := n.Next, 0; next != nil && seen < 8; next, seen = next.Next, seen+1 {
		if next.IsText() {
			if strings.TrimSpace(next.Text) != "" {
				return nil
			}
			continue
		}
		if next.End-next.Order > maxCaptionNodes {
			return next
		}
		if next.Tag == atom.Button || next.Tag == atom.Svg || next.Tag == atom.Script || next.Tag == atom.Noscript || next.Tag == atom.Br || unfolded(next) == "" {
			continue
		}
		return next
	}
	return nil
}

// unfolded is the text of an element as it is shown once it is unfolded.
func unfolded(n *page.Node) string {
	if n.Marks&page.Hidden == 0 {
		return n.InnerText()
	}
	var b strings.Builder
	for e := n.First; e != nil; e = e.Next {
		b.WriteString(e.SpacedText())
		b.WriteByte(' ')
	}
	return page.Fold(b.String())
}

// setApart takes the paragraph after an image without a caption where all of it
// is in small print or italics, or is one short sentence in bold, where it is
// centred, or begins as only captions do.
func (c *captioner) setApart(p *Picture, n *page.Node) {
	for holder, up := n, 0; holder != nil && up < 3; holder, up = holder.Parent, up+1 {
		next := nextShown(holder)
		if next == nil {
			if holder.Next == nil && holder.Parent != nil && holder.Parent.End-holder.Parent.Order < maxCaptionNodes && holder.Parent.InnerText() == "" {
				continue
			}
			return
		}
		if next.End-next.Order > maxCaptionNodes {
			return
		}
		style := soleStyle(next)
		text := next.InnerText()
		words := Words(text)
		switch style {
		case atom.Em, atom.I, atom.Small:
			if words < 4 || words > 40 {
				return
			}
		case atom.B, atom.Strong:
			if words < 3 || words > 12 || !strings.HasSuffix(text, ".") {
				return
			}
		default:
			if words < 4 || words > 60 || !Centred(next) && !captionLabel.MatchString(text) && !endsInLabel(text) || next.Find(runningText) != nil {
				return
			}
			text = captionLabel.ReplaceAllString(text, "$1")
		}
		p.Text, p.From = next, "set apart"
		p.Caption, p.Credit = PartCredit(text)
		return
	}
}

// endsInLabel tells whether a text ends as only captions do: in a label and who
// made the photo.
func endsInLabel(s string) bool {
	if !mayCredit(s) {
		return false
	}
	caption, credit := labelledTail(s)
	return caption != "" && credit != ""
}

// AsOthers is the From of a picture whose caption is set as those of others of
// the page are.
const AsOthers = "set as other captions"

// asOthers gives images without a caption the short text after them whose element
// has the tag and class of one that holds another image's caption.
func (c *captioner) asOthers() {
	known := map[string]bool{}
	for i := range c.out {
		if p := &c.out[i]; p.Caption != "" && p.Text != nil && p.Image != nil {
			if class := captionClass(holdsAll(p.Text)); class != "" {
				known[class] = true
			}
		}
	}
	if len(known) == 0 {
		return
	}
	for i := range c.out {
		p := &c.out[i]
		if p.Image == nil || p.Caption != "" {
			continue
		}
		for holder, up := p.Image, 0; holder != nil && up < 3; holder, up = holder.Parent, up+1 {
			next := nextShown(holder)
			if next == nil {
				continue
			}
			if next.End-next.Order > maxCaptionNodes || c.taken[next] {
				break
			}
			if text := holdsAll(next); known[captionClass(text)] {
				p.Caption, p.Credit = captionText(text)
				p.Text, p.From = text, AsOthers
				c.take(text)
				break
			}
		}
	}
}

// holdsAll is the smallest element with all of an element's text.
func holdsAll(n *page.Node) *page.Node {
	for {
		var only *page.Node
		for e := n.First; e != nil; e = e.Next {
			if e.IsText() && strings.TrimSpace(e.Text) != "" {
				return n
			}
			if e.IsText() || e.Invisible() || e.InnerText() == "" {
				continue
			}
			if only != nil {
				return n
			}
			only = e
		}
		if only == nil || page.Inline(only.Tag) && only.Attr("class") == "" {
			return n
		}
		n = only
	}
}

// captionClass is an element's tag and class, "" without a class.
func captionClass(n *page.Node) string {
	if class := n.Attr("class"); class != "" {
		return n.Name + "." + class
	}
	return ""
}

// captionLabel begins a paragraph that says of itself that it is a caption, as
// Chinese and Korean papers have them: "Caption: …", "The picture shows …", or a
// sign that points at the photo.
var captionLabel = regexp.MustCompile(`^(?:(图为|圖為|上图为|上圖為)|(?:图注|圖註|图说|圖說|图片说明|圖片說明|사진설명)\s?[:：]|[▲△↑])\s*`)

// Centred tells whether an element has its text centred by an attribute of its
// own. (HTML, obsolete features: align, center)
func Centred(n *page.Node) bool {
	if n.Tag == atom.Center || strings.EqualFold(n.Attr("align"), "center") {
		return true
	}
	style := n.Attr("style")
	if len(style) > 500 || !strings.Contains(strings.ToLower(style), "center") {
		return false
	}
	return strings.Contains(strings.ToLower(strings.ReplaceAll(style, " ", "")), "text-align:center")
}

// soleStyle is the styling element that all of a paragraph's text stands in, or
// 0.
func soleStyle(n *page.Node) atom.Atom {
	if n.Tag == atom.Small || n.Tag == atom.Em || n.Tag == atom.I {
		return n.Tag
	}
	if n.Tag != atom.P && n.Tag != atom.Div && n.Tag != atom.Center {
		return 0
	}
	var sole *page.Node
	for e := n.First; e != nil; e = e.Next {
		switch {
		case e.IsText() && strings.TrimSpace(e.Text) == "", e.Tag == atom.Br:
		case e.IsText() || sole != nil:
			return 0
		default:
			sole = e
		}
	}
	if sole == nil {
		return 0
	}
	switch sole.Tag {
	case atom.Em, atom.I, atom.Small, atom.B, atom.Strong:
		return sole.Tag
	case atom.Span, atom.Font, atom.P:
		return soleStyle(sole)
	}
	return 0
}

func heading(t atom.Atom) bool {
	switch t {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

func runningText(n *page.Node) bool {
	switch n.Tag {
	case atom.Li, atom.Form, atom.Blockquote, atom.Table:
		return true
	}
	return n.Tag == atom.P && page.Letters(n.InnerText()) > 350
}
