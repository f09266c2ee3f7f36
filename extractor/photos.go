package extractor

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/net/html/atom"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// photos lists the article's photos in reading order, and the captions alone.
func (s *story) photos() (photos []article.Photo, captions []string) {
	s.captionTexts = map[string]bool{}
	seen := map[string]bool{}
	scope := s.scope()
	from, to := s.span(scope)
	for _, p := range readers.Pictures(s.doc, from, to) {
		if !s.belongs(&p) {
			continue
		}
		caption := s.cleanCaption(&p)
		if caption == "" && (p.Image == nil || !s.worthKeeping(&p)) {
			continue
		}
		photo := article.Photo{Caption: caption, Credit: p.Credit, ImageURL: s.absolute(p.URL), Alt: p.Alt, Width: p.Width, Height: p.Height}
		key := folded(caption)
		if caption == "" {
			key = "url " + photo.ImageURL
		}
		if seen[key] {
			s.claim(&p)
			continue
		}
		seen[key] = true
		s.claim(&p)
		photos = append(photos, photo)
		if caption != "" {
			captions = append(captions, caption)
		}
	}
	return photos, captions
}

// claim takes a picture's caption out of the body.
func (s *story) claim(p *readers.Picture) {
	if p.Caption == "" {
		return
	}
	if p.Text != nil && s.sums[p.Text] < 0.3*s.sums[s.root] {
		s.captionNodes = append(s.captionNodes, p.Text)
	}
	s.captionTexts[folded(p.Caption)] = true
	s.longestCaption = max(s.longestCaption, len(p.Caption)+40)
}

// scope is the element that holds headline and body.
func (s *story) scope() *page.Node {
	n := s.root
	for n != nil && s.title != nil && !n.Holds(s.title) {
		n = n.Parent
	}
	if n == nil {
		return s.doc.Root
	}
	return n
}

// span is where the article's pictures can stand: from a little before the
// headline (or the body) to a little after the body.
func (s *story) span(scope *page.Node) (from, to int32) {
	if s.first < 0 {
		return 0, 0
	}
	first := s.first
	if s.titleBlock >= 0 {
		first = min(first, s.titleBlock)
	}
	from = s.blocks[max(0, first-6)].Order - 150
	last := s.last
	for others := 0; last+1 < len(s.blocks) && others < 4; last++ {
		if s.blocks[last+1].Node.AboveMarked(page.CaptionMark|page.Figure, 4) == nil {
			others++
		}
	}
	to = s.blocks[last].Order
	if to > scope.End {
		to = max(scope.End, s.blocks[s.last].Order) + 1
	}
	return from, to
}

// belongs tells whether a picture is the article's: it stands near headline and
// body, and in no box of other stories, adverts or people.
func (s *story) belongs(p *readers.Picture) bool {
	foreign := page.Related | page.Teaser | page.Promo | page.Comments | page.Nav | page.Footer | page.AuthorBox | page.Subscribe | page.Share | page.Byline
	if p.From == "figcaption" && s.root.Holds(p.Node) {
		foreign &^= page.Promo // "widget" is what some systems call every part of a text
	}
	for n, up := p.Node, 0; n != nil && up < 10; n, up = n.Parent, up+1 {
		if s.sums[n] > 0.3*s.sums[s.root] {
			break
		}
		if n.Marks&page.Teaser != 0 && n.Marks&^page.Teaser&foreign == 0 && !p.Linked {
			continue // "teaser-image" is also what papers call an article's first photo
		}
		if n.Marks&foreign != 0 && (n.Marks&(page.Figure|page.CaptionMark) == 0 || n.Marks&(page.Related|page.Teaser) != 0) || n.Tag == atom.Aside && n.Marks&page.Figure == 0 && n.Attr("class") == "" {
			return false
		}
		if n.Tag == atom.A && s.otherStory(n.Attr("href")) {
			return false
		}
		if n != p.Node && n.Marks&page.VideoBox != 0 && (p.Image == nil || p.Caption != "") {
			return false
		}
	}
	if s.inBox(p.Node) || s.isCard(p.Node) {
		return false
	}
	if p.From == "beside image" && s.setAsBody(p.Text) {
		return false
	}
	if p.Caption == "" {
		return true
	}
	switch p.From {
	case "figcaption", "caption class":
	default:
		// Without a name that says caption, only the place can.
		if p.Node.Order > s.blocks[s.last].Order || s.overTitle(p) && p.From != "alt text beside image" {
			return false
		}
	}
	return !s.linksAway(p.Node)
}

// overTitle tells whether a picture stands over the headline, outside of the
// element that headline and body share.
func (s *story) overTitle(p *readers.Picture) bool {
	if s.titleBlock < 0 || p.Node.End >= s.blocks[s.titleBlock].Order {
		return false
	}
	scope := s.scope()
	return scope.Tag == atom.Body || scope.Tag == atom.Html || !scope.Holds(p.Node)
}

// setAsBody tells whether a text beside an image is set as the body's paragraphs
// are: a paragraph that an image floats in, no caption.
func (s *story) setAsBody(n *page.Node) bool {
	for i := range s.blocks {
		if b := &s.blocks[i]; n != nil && n.Holds(b.Node) && b.Letters > 60 && s.keep[i] && s.signature(b) == s.mainSignature() {
			return true
		}
	}
	return false
}

// linksAway tells whether most of an element's text is a link to another page.
func (s *story) linksAway(n *page.Node) bool {
	all := page.Letters(n.InnerText())
	linked := 0
	n.Each(func(e *page.Node) bool {
		if e.Tag == atom.A && s.otherStory(e.Attr("href")) {
			linked += page.Letters(e.InnerText())
		}
		return e.Tag != atom.A
	})
	return 2*linked > all
}

// otherStory tells whether a link leads to another page, and not to an image.
func (s *story) otherStory(href string) bool {
	href = strings.TrimSpace(href)
	if href == "" || href[0] == '#' || strings.HasPrefix(href, "javascript:") {
		return false
	}
	path := strings.ToLower(href)
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i]
	}
	for _, ext := range []string{".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"} {
		if strings.HasSuffix(path, ext) {
			return false
		}
	}
	if strings.Contains(path, "image") || strings.Contains(path, "photo") || strings.Contains(path, "galer") || strings.Contains(path, "galler") || strings.Contains(path, "bild") || strings.Contains(path, "foto") || strings.Contains(path, "media") {
		return false
	}
	return !readers.SameAddress(s.absolute(href), s.p.URL)
}

// counter is a picture's number before its caption: "3/5", "Image 1 of 9".
var counter = regexp.MustCompile(`^(?i:image|photo|picture|bild|foto|photo n°)?\s*\d{1,3}\s?(?:/|of|von|de|di|sur|av|из)\s?\d{1,3}\s*[:.–|-]?\s*`)

// cleanCaption drops captions that are none.
func (s *story) cleanCaption(p *readers.Picture) string {
	c := strings.TrimSpace(counter.ReplaceAllString(p.Caption, ""))
	if page.Letters(c) < 4 || len(c) > 2000 {
		return ""
	}
	words := readers.Words(c)
	if words < 25 && beginsWith(c, furnitureWords) && (p.From != "figcaption" || words < 8) || beginsWith(c, leadsAway) && (p.From != "figcaption" || words < 8) {
		return ""
	}
	if p.From != "figcaption" && words < 12 && strings.ContainsAny(c, "@©") || strings.Contains(c, "http") && words < 14 {
		return ""
	}
	if strings.HasPrefix(c, "/") || p.From == "alt text beside image" && readers.HasClock(c) {
		return ""
	}
	if byWord.MatchString(c) && (readers.HasClock(c) || words < 4) {
		return "" // an author's portrait
	}
	if p.From == "figcaption" || p.From == "alt text beside image" {
		return c
	}
	if n := p.Text; n != nil && n.AboveMarked(page.Byline|page.AuthorBox|page.DateLine, 3) != nil || len(when.Find(c, when.Options{})) > 0 && words < 16 && byWord.MatchString(c) {
		return ""
	}
	if digits(c)*4 > page.Letters(c) && words > 6 {
		return "" // a chart's numbers
	}
	if readers.HasClock(c) || words < 4 && !readers.EndsSentence(c) && (p.From == "beside image" || words < 3) || page.Letters(c) > 700 {
		return ""
	}
	return c
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// worthKeeping tells whether an image without a caption is a photo rather than
// an icon, a logo or a tracker.
func (s *story) worthKeeping(p *readers.Picture) bool {
	if p.URL == "" || p.Width > 0 && p.Width < 120 || p.Height > 0 && p.Height < 80 {
		return false
	}
	low := strings.ToLower(p.URL)
	for _, w := range []string{".svg", "logo", "icon", "avatar", "pixel", "blank", "spacer", "placeholder", "sprite", "1x1", "badge", "button", "counter", "tracker", "beacon"} {
		if strings.Contains(low, w) {
			return false
		}
	}
	return true
}
