package extractor

import (
	"regexp"
	"strconv"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// slideNumber is a slide's number and that of all: "3/50 A title".
var slideNumber = regexp.MustCompile(`^\D{0,8}(\d{1,3})\s?/\s?(\d{1,3})(?:\D|$)`)

const (
	// minSlides are as many as a slideshow has at least.
	minSlides = 3
	// ownText is the worth of running text beside a slideshow from which on the
	// page is a story with a slideshow in it, and not the slideshow itself.
	ownText = 1000
	// maxSlideshows bounds the slideshows of one page that are looked at.
	maxSlideshows = 20
)

// findSlides finds slideshows that are set into a story: texts numbered from one
// on, of as many. What they say is no part of the story, whose page would be read
// to its end without them.
func (s *story) findSlides(total float64) {
	first, count, of, shows := 0, 0, 0, 0
	for i := 0; i < len(s.blocks) && shows < maxSlideshows; i++ {
		number, all := slideOf(s.blocks[i].Text)
		if number == 0 {
			continue
		}
		if count > 0 && all == of && number == count+1 {
			if count++; count == of {
				shows++
				s.takeSlides(first, i, total)
			}
			continue
		}
		first, count, of = i, 0, 0
		if number == 1 && all >= minSlides {
			count, of = 1, all
		}
	}
}

// slideOf reads a slide's number, 0 where a text has none.
func slideOf(text string) (number, of int) {
	if len(text) > 300 {
		return 0, 0
	}
	m := slideNumber.FindStringSubmatch(text)
	if m == nil {
		return 0, 0
	}
	number, _ = strconv.Atoi(m[1])
	of, _ = strconv.Atoi(m[2])
	return number, of
}

// headsOnly tells whether an element holds nothing but the heading of the box
// in it besides.
func (s *story) headsOnly(n, box *page.Node) bool {
	heads := 0
	for i := range s.blocks {
		b := &s.blocks[i]
		if !n.Holds(b.Node) || box.Holds(b.Node) {
			continue
		}
		if heads++; heads > 1 || !b.Heading() || b.Order > box.Order {
			return false
		}
	}
	return heads == 1
}

// slideshow tells whether the numbered texts in a box, of which first is one, are
// slides and not the numbered parts of a story: items of a list, pictures each, or
// a gallery by its name.
func slideshow(box, first *page.Node) bool {
	if box.Marks&page.Gallery != 0 || box.Parent != nil && box.Parent.Marks&page.Gallery != 0 {
		return true
	}
	slide := first
	for slide != box && slide.Parent != box {
		slide = slide.Parent
	}
	if slide == box || slide == first {
		return false // headings between the paragraphs of one text
	}
	picture := func(n *page.Node) bool { return n.Tag == atom.Img || n.Tag == atom.Picture }
	return slide.Tag == atom.Li || slide.Find(picture) != nil
}

// takeSlides takes the element around the slides whose numbers stand in the
// blocks first to last out of the running.
func (s *story) takeSlides(first, last int, total float64) {
	box := s.blocks[first].Node
	for box != nil && !box.Holds(s.blocks[last].Node) {
		box = box.Parent
	}
	if box == nil || !slideshow(box, s.blocks[first].Node) {
		return
	}
	for box != nil && box.Parent != nil && (box.Parent.Marks&page.Gallery != 0 || s.headsOnly(box.Parent, box)) {
		box = box.Parent
	}
	if box.Tag == atom.Body || box.Tag == atom.Main || box.Tag == atom.Html || box.Tag == atom.Article {
		return
	}
	inside := 0.0
	for i := range s.blocks {
		if box.Holds(s.blocks[i].Node) {
			inside += s.good[i]
		}
	}
	if total-inside < ownText {
		return
	}
	s.slides = append(s.slides, box)
	for i := range s.blocks {
		if box.Holds(s.blocks[i].Node) {
			s.good[i] = 0
		}
	}
}
