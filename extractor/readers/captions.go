package readers

import (
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// Picture is an image of the page with the text that belongs to it.
type Picture struct {
	// Node is the figure, or the element around image and caption; Image is the
	// image itself, nil where only its caption is in the page.
	Node, Image *page.Node
	// Text is the element that holds the caption.
	Text *page.Node
	// Caption and Credit are parted where the page's elements or wording do so.
	Caption, Credit string
	// From says which layout gave the caption: "figcaption", "caption class",
	// "beside image", "attribute", "jsonld".
	From string
	// URL is the largest image's address as written.
	URL           string
	Alt           string
	Width, Height int
	// Video tells that the caption is a player's.
	Video bool
	// Linked tells that image and caption stand within one link.
	Linked bool
}

// maxPictures bounds the pictures of one page.
const maxPictures = 500

// Pictures lists figures, and images with a caption beside them, in reading
// order, from one place of the document to another.
func Pictures(d *page.Doc, from, to int32) []Picture {
	c := &captioner{taken: map[*page.Node]bool{}}
	nodes := d.Nodes[max(0, min(int(from), len(d.Nodes))):max(0, min(int(to), len(d.Nodes)))]
	for _, n := range nodes {
		if len(c.out) >= maxPictures {
			break
		}
		switch {
		case n.Tag == atom.Figure:
			c.figure(n)
		case n.IsText() || n.Tag == atom.Img || n.Tag == atom.Body || n.Tag == atom.Html:
		case n.Marks&page.CaptionMark != 0 && (n.Tag != atom.Figcaption || n.Above(atom.Figure) == nil):
			c.captionElement(n)
		}
	}
	for _, n := range nodes {
		if n.Tag == atom.Img && len(c.out) < maxPictures {
			c.image(n)
		}
	}
	sortPictures(c.out)
	return c.out
}

func sortPictures(list []Picture) {
	for i := 1; i < len(list); i++ {
		for j := i; j > 0 && list[j].Node.Order < list[j-1].Node.Order; j-- {
			list[j], list[j-1] = list[j-1], list[j]
		}
	}
}

type captioner struct {
	out []Picture
	// taken are images and caption elements that a picture has already.
	taken map[*page.Node]bool
}

// figure reads a figure with its figcaption, or with the text beside its image.
func (c *captioner) figure(n *page.Node) {
	if n.Find(func(e *page.Node) bool { return e != n && e.Tag == atom.Figure }) != nil {
		if own := child(n, atom.Figcaption); own == nil {
			return // a gallery: its figures are read one by one
		}
	}
	caption := n.Find(func(e *page.Node) bool { return e.Tag == atom.Figcaption })
	p := Picture{Node: n, From: "figcaption"}
	c.lookInside(&p, n)
	if caption == nil {
		caption = n.Find(func(e *page.Node) bool { return e != n && e.Marks&page.CaptionMark != 0 && e.Marks&page.Hidden == 0 })
	}
	if caption != nil {
		p.Caption, p.Credit = captionText(caption)
		p.Text = caption
		c.take(caption)
	} else if p.Image != nil {
		p.Caption, p.Credit = captionText(n)
		p.From, p.Text = "figure text", n
	}
	if p.Credit == "" {
		p.Credit = creditInside(n)
	}
	if p.Image == nil && p.Caption == "" {
		return
	}
	c.add(p)
}

func child(n *page.Node, tag atom.Atom) *page.Node {
	for e := n.First; e != nil; e = e.Next {
		if e.Tag == tag {
			return e
		}
	}
	return nil
}

// take marks an element and what is below it as read.
func (c *captioner) take(n *page.Node) {
	n.Each(func(e *page.Node) bool {
		if !e.IsText() {
			c.taken[e] = true
		}
		return true
	})
}

// captionElement reads an element that its names call a caption, with the image
// nearest around it.
func (c *captioner) captionElement(n *page.Node) {
	if c.taken[n] {
		return
	}
	text := n.InnerText()
	if text == "" || len(text) > 1500 {
		return
	}
	if n.Tag == atom.Figcaption {
		p := Picture{Node: n, From: "figcaption"}
		if img := imageBefore(n); img != nil {
			p.Image = img
			c.taken[img] = true
			readImage(&p, img)
		}
		p.Caption, p.Credit = captionText(n)
		p.Text = n
		c.take(n)
		c.add(p)
		return
	}
	holder := n.Parent
	for up := 0; holder != nil && up < 8; holder, up = holder.Parent, up+1 {
		if img := imageIn(holder); img != nil {
			if up > 1 && countImages(holder) > 2 || up > 4 && (countImages(holder) > 1 || page.Letters(holder.InnerText()) > 600) {
				return
			}
			p := Picture{Node: holder, From: "caption class"}
			c.lookInside(&p, holder)
			p.Caption, p.Credit = captionText(n)
			p.Text = n
			if p.Credit == "" {
				p.Credit = creditInside(holder)
			}
			c.take(n)
			c.add(p)
			return
		}
	}
}

// imageBefore is the image that stands shortly before a caption.
func imageBefore(n *page.Node) *page.Node {
	for up := 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		for e := n.Prev; e != nil; e = e.Prev {
			if img := imageIn(e); img != nil {
				return img
			}
			if e.IsText() && strings.TrimSpace(e.Text) != "" {
				return nil
			}
		}
	}
	return nil
}

func imageIn(n *page.Node) *page.Node {
	return n.Find(func(e *page.Node) bool { return e.Tag == atom.Img })
}

func countImages(n *page.Node) int {
	count := 0
	n.Each(func(e *page.Node) bool {
		if e.Tag == atom.Img && e.Above(atom.Noscript) == nil {
			count++
		}
		return count <= 3
	})
	return count
}

// image reads an image that is in no figure: a caption in an attribute, or a
// short text that stands alone with it in one element.
func (c *captioner) image(n *page.Node) {
	if c.taken[n] || n.Above(atom.Figure) != nil {
		return
	}
	p := Picture{Node: n, Image: n}
	for _, key := range []string{"data-caption", "data-image-caption", "data-description", "caption"} {
		if v := clean(n.Attr(key)); v != "" && p.Caption == "" && len(v) < 1500 {
			p.Caption, p.Credit = PartCredit(v)
			p.From = "attribute"
		}
	}
	if p.Caption == "" {
		c.beside(&p, n)
	}
	readImage(&p, n)
	c.add(p)
}

// beside takes the text of the smallest element around an image that has any,
// where that text is short and no running text; or of the element right after
// the image, where the image's alt text says the same.
func (c *captioner) beside(p *Picture, n *page.Node) {
	if c.sameAsAlt(p, n) {
		return
	}
	holder := n.Parent
	for up := 0; holder != nil && up < 5; holder, up = holder.Parent, up+1 {
		if holder.Tag == atom.Body || holder.Tag == atom.Article || holder.Tag == atom.Main || c.taken[holder] {
			return
		}
		if holder.End-holder.Order > 120 {
			return
		}
		text := holder.InnerText()
		if text == "" {
			continue
		}
		figure := holder.Marks&(page.Figure|page.CaptionMark|page.Gallery) != 0
		switch {
		case len(text) > 700 || countImages(holder) > 1 || holder.Find(runningText) != nil:
			return
		case !figure && (len(text) > 400 || up > 3), Words(text) < 4, HasClock(text):
			return
		case holder.Find(func(e *page.Node) bool { return heading(e.Tag) && (!figure || e.First != e.Last) }) != nil:
			return
		}
		p.Node, p.Text = holder, holder
		p.Caption, p.Credit = captionText(holder)
		p.From = "beside image"
		if figure {
			p.From = "figure class"
		}
		return
	}
}

// sameAsAlt looks for an element that follows the image, or the wrappers around
// it, and prints what its alt text says.
func (c *captioner) sameAsAlt(p *Picture, n *page.Node) bool {
	alt := strings.ToLower(clean(n.Attr("alt")))
	if page.Letters(alt) < 10 {
		return false
	}
	holder := n
	for up := 0; holder != nil && up < 4; holder, up = holder.Parent, up+1 {
		next := holder.Next
		for next != nil && next.IsText() && strings.TrimSpace(next.Text) == "" {
			next = next.Next
		}
		if next == nil || next.IsText() || heading(next.Tag) || next.Tag == atom.A {
			continue
		}
		if next.End-next.Order > 60 {
			return false
		}
		text := next.InnerText()
		if len(text) > 700 || page.Letters(text) < 8 {
			continue
		}
		caption, credit := captionText(next)
		low := strings.ToLower(caption)
		if low != "" && (strings.HasPrefix(low, alt) || strings.HasPrefix(alt, low) || strings.HasSuffix(alt, low)) && 2*len(low) > len(alt) || page.Letters(low) > 20 && strings.HasSuffix(alt, low) {
			if credit == "" {
				credit = creditAfter(next)
			}
			p.Node, p.Text, p.Caption, p.Credit, p.From = next, next, caption, credit, "alt text beside image"
			c.take(next)
			return true
		}
	}
	return false
}

// HasClock tells whether a text gives a time of day, as bylines do and captions
// do not.
func HasClock(s string) bool {
	if len(s) > 250 {
		return false
	}
	for i := 1; i+2 < len(s); i++ {
		if digit(s[i-1]) && digit(s[i+1]) && digit(s[i+2]) && (s[i] == ':' || s[i] == '.' && (strings.HasPrefix(s[i+3:], " Uhr") || len(s) < 60 && i+3 < len(s) && s[i+3] == ' ')) {
			return true
		}
	}
	return false
}

func digit(c byte) bool { return '0' <= c && c <= '9' }

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

// lookInside finds the image of a figure and reads it.
func (c *captioner) lookInside(p *Picture, n *page.Node) {
	n.Each(func(e *page.Node) bool {
		switch {
		case e.Tag == atom.Img && p.Image == nil:
			p.Image = e
			readImage(p, e)
		case e.Tag == atom.Video || e.Tag == atom.Iframe:
			p.Video = true
		}
		if e.Tag == atom.Img {
			c.taken[e] = true
		}
		return true
	})
	if p.Image == nil && n.Marks&page.VideoBox != 0 {
		p.Video = true
	}
}

func (c *captioner) add(p Picture) {
	p.Linked = p.Node.Above(atom.A) != nil
	c.out = append(c.out, p)
}

// readImage takes an image's address (the largest of srcset and of the
// attributes that lazy loading uses), its alt text and its size.
func readImage(p *Picture, n *page.Node) {
	p.Alt = clean(n.Attr("alt"))
	p.Width, p.Height = size(n.Attr("width")), size(n.Attr("height"))
	best, bestWidth := "", -1
	consider := func(url string, width int) {
		url = strings.TrimSpace(url)
		if url != "" && !strings.HasPrefix(url, "data:") && !strings.HasPrefix(url, "blob:") && width > bestWidth {
			best, bestWidth = url, width
		}
	}
	consider(n.Attr("src"), 0)
	for _, key := range []string{"data-src", "data-original", "data-lazy-src", "data-lazy", "data-full", "data-hi-res-src", "data-url", "data-image"} {
		if v := n.Attr(key); looksLikeImage(v) {
			consider(v, 1)
		}
	}
	sets := []string{n.Attr("srcset"), n.Attr("data-srcset"), n.Attr("data-lazy-srcset")}
	if n.Parent != nil && n.Parent.Tag == atom.Picture {
		for e := n.Parent.First; e != nil; e = e.Next {
			if e.Tag == atom.Source {
				sets = append(sets, e.Attr("srcset"), e.Attr("data-srcset"))
			}
		}
	}
	for _, set := range sets {
		eachSource(set, consider)
	}
	p.URL = best
}

func looksLikeImage(v string) bool {
	return v != "" && len(v) < 4096 && (strings.HasPrefix(v, "http") || strings.HasPrefix(v, "/") || strings.Contains(v, ".")) && !strings.ContainsAny(v, " {}")
}

func size(s string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(s), "px"))
	if err != nil || n < 0 || n > 20000 {
		return 0
	}
	return n
}

// eachSource reads a srcset: addresses with a width (640w) or a density (2x).
func eachSource(set string, f func(url string, width int)) {
	for i := 0; set != "" && i < 64; i++ {
		set = strings.TrimLeft(set, " \t\r\n,")
		end := strings.IndexAny(set, " \t\r\n")
		if end < 0 {
			f(strings.TrimRight(set, ","), 2)
			return
		}
		url := set[:end]
		set = set[end:]
		if strings.HasSuffix(url, ",") {
			f(strings.TrimRight(url, ","), 2)
			continue
		}
		descriptor := set
		if comma := strings.IndexByte(set, ','); comma >= 0 {
			descriptor, set = set[:comma], set[comma+1:]
		} else {
			set = ""
		}
		descriptor = strings.TrimSpace(descriptor)
		width := 2
		if v, ok := strings.CutSuffix(descriptor, "w"); ok {
			width = size(v) + 2
		} else if v, ok := strings.CutSuffix(descriptor, "x"); ok {
			x, _ := strconv.ParseFloat(v, 64)
			width = int(min(max(x, 0), 100) * 10)
		}
		f(url, width)
	}
}
