package readers

import (
	"slices"
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
	// From says which layout gave the caption: "figcaption"; "caption class", an
	// element with such a name; "figure text" and "figure class", the text of what
	// is a figure by tag or name; "beside image"; "alt text beside image"; "set
	// apart", a paragraph in italics or small print after the image; "attribute"; and
	// AsOthers.
	From string
	// URL is the largest image's address as written.
	URL           string
	Alt           string
	Width, Height int
	// Video tells that image and caption are a player's.
	Video bool
	// Linked tells that image and caption stand within one link.
	Linked bool
}

// maxPictures bounds the pictures of one page.
const maxPictures = 500

// maxFigureNodes bounds the nodes of an element that is looked through as one
// figure.
const maxFigureNodes = 3000

// Pictures lists figures, images with a caption beside them and players with
// one, in reading order, from one place of the document to another.
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
		case n.IsText() || isImage(n) || n.Tag == atom.Body || n.Tag == atom.Html || n.Tag == atom.Source || n.Tag == atom.Meta:
		case n.Marks&page.CaptionMark != 0 && (n.Tag != atom.Figcaption || n.Above(atom.Figure) == nil):
			c.captionElement(n)
		}
	}
	for _, n := range nodes {
		if isImage(n) && len(c.out) < maxPictures {
			c.image(n)
		}
	}
	c.asOthers()
	slices.SortStableFunc(c.out, func(a, b Picture) int { return int(a.Node.Order) - int(b.Node.Order) })
	return c.out
}

type captioner struct {
	out []Picture
	// taken are images and caption elements that a picture has already.
	taken map[*page.Node]bool
}

// figure reads a figure with its figcaption, or with the text beside its image.
func (c *captioner) figure(n *page.Node) {
	if n.End-n.Order > maxFigureNodes {
		return
	}
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
	switch {
	case caption != nil:
		p.Caption, p.Credit = captionText(caption)
		p.Text = caption
		c.take(caption)
	case p.Image == nil:
	case c.sameAsAlt(&p, p.Image, n):
		p.Node = n
	case !graphic(n):
		p.Caption, p.Credit = captionText(n)
		p.From, p.Text = "figure text", n
	}
	if p.Image != nil && p.Caption == "" {
		if attribute(&p, p.Image); p.Caption == "" {
			n.Each(func(e *page.Node) bool { attribute(&p, e); return p.Caption == "" })
		}
		if p.Caption == "" && !c.rewordedAfter(&p, n) {
			c.setApart(&p, n)
		}
	}
	if p.Image == nil && p.Caption == "" {
		return
	}
	c.add(p, n)
}

// graphic tells whether an element holds a drawing with many labels rather than
// a photo with a text under it.
func graphic(n *page.Node) bool {
	texts, words := 0, 0
	n.Each(func(e *page.Node) bool {
		if e.IsText() && page.Letters(e.Text) > 0 {
			texts++
			words += Words(e.Text)
		}
		return texts < 200 && !e.Invisible()
	})
	return texts > 6 && words < 5*texts
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
	if n.Tag != atom.Figcaption && n.End-n.Order < maxFigureNodes && imageIn(n) != nil {
		c.captioned(n)
		return
	}
	text := n.InnerText()
	if text == "" || len(text) > 3000 {
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
		c.add(p, nil)
		return
	}
	holder := n.Parent
	for up := 0; holder != nil && up < 8; holder, up = holder.Parent, up+1 {
		huge := holder.End-holder.Order >= maxFigureNodes
		if !huge && imageIn(holder) == nil {
			continue
		}
		p := Picture{Node: holder, From: "caption class", Text: n}
		large, several := huge, 0
		if !huge {
			large, several = page.Letters(holder.InnerText()) > page.Letters(text)+200, countImages(holder)
		}
		switch {
		case up > 4 && (several > 1 || large):
			return
		case large: // it holds the story: the caption's image is the one beside it
			img := imageBefore(n)
			if img == nil && (up > 1 && several > 2 || huge) {
				return
			}
			if img == nil {
				img = imageIn(holder)
			}
			p.Node = n
			holder = partOf(holder, img)
			c.lookInside(&p, holder)
		case up > 1 && several > 2:
			return
		default:
			c.lookInside(&p, holder)
		}
		p.Caption, p.Credit = captionText(n)
		c.take(n)
		c.add(p, holder)
		return
	}
}

// partOf is the child of an element that holds an image, or the image where it
// stands elsewhere.
func partOf(holder, img *page.Node) *page.Node {
	if !holder.Holds(img) {
		return img
	}
	for img.Parent != nil && img.Parent != holder {
		img = img.Parent
	}
	return img
}

// captioned reads an element that is named for its caption but holds the image
// as well, as WordPress's wp-caption does.
func (c *captioner) captioned(n *page.Node) {
	if n.Find(func(e *page.Node) bool { return e != n && e.Marks&page.CaptionMark != 0 }) != nil || countImages(n) > 1 || graphic(n) {
		return // its caption is read by itself
	}
	p := Picture{Node: n, From: "caption class", Text: n}
	if p.Caption, p.Credit = captionText(n); p.Caption == "" || page.Letters(p.Caption) > 700 {
		return
	}
	c.lookInside(&p, n)
	c.take(n)
	c.add(p, n)
}

// imageBefore is the image that stands shortly before a caption.
func imageBefore(n *page.Node) *page.Node {
	for up := 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		for e := n.Prev; e != nil; e = e.Prev {
			if img := imageIn(e); img != nil {
				return img
			}
			if e.IsText() && strings.TrimSpace(e.Text) != "" || e.End-e.Order > maxCaptionNodes || page.Letters(e.InnerText()) > 60 {
				return nil
			}
		}
	}
	return nil
}

// lookInside finds the image of a figure and reads it, and tells whether it is
// a player's.
func (c *captioner) lookInside(p *Picture, n *page.Node) {
	n.Each(func(e *page.Node) bool {
		if isImage(e) {
			if p.Image == nil {
				p.Image = e
				readImage(p, e)
			}
			c.taken[e] = true
		}
		return true
	})
	p.Video = isPlayer(n) || p.Image == nil && n.Marks&page.VideoBox != 0
}

// add keeps a picture, its credit looked for around the caption where that has
// none.
func (c *captioner) add(p Picture, holder *page.Node) {
	if p.Credit == "" {
		p.Credit = creditAround(&p, holder)
		p.Caption = withoutCredit(p.Caption, p.Credit)
	}
	p.Linked = p.Node.Above(atom.A) != nil
	c.out = append(c.out, p)
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
