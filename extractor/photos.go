package extractor

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// photos lists the article's photos in reading order, and the captions alone.
func (s *story) photos() (photos []article.Photo, captions []string) {
	seen := map[string]bool{}
	scope := s.scope()
	for _, p := range readers.Pictures(s.doc) {
		if !s.belongs(&p, scope) {
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
			continue
		}
		seen[key] = true
		photos = append(photos, photo)
		if caption != "" {
			captions = append(captions, caption)
		}
	}
	return photos, captions
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

// belongs tells whether a picture is the article's: it stands near headline and
// body, and in no box of other stories, adverts or people.
func (s *story) belongs(p *readers.Picture, scope *page.Node) bool {
	if s.first < 0 {
		return false
	}
	from, to := s.blocks[s.first].Order, s.blocks[s.last].Order
	if s.titleBlock >= 0 && s.titleBlock <= s.first {
		from = s.blocks[s.titleBlock].Order
	}
	inside := scope.Holds(p.Node)
	switch {
	case p.Node.Order > to && (!inside || s.blocksBetween(to, p.Node.Order) > 4):
		return false
	case p.Node.End < from && (!inside && s.blocksBetween(p.Node.End, from) > 6 || s.blocksBetween(p.Node.End, from) > 25):
		return false
	}
	const foreign = page.Related | page.Teaser | page.Promo | page.Comments | page.Nav | page.Footer | page.AuthorBox | page.Subscribe | page.Share | page.Byline
	for n, up := p.Node, 0; n != nil && up < 10; n, up = n.Parent, up+1 {
		if s.sums[n] > 0.3*s.sums[s.root] {
			break
		}
		if n.Marks&foreign != 0 && (n.Marks&(page.Figure|page.CaptionMark) == 0 || n.Marks&(page.Related|page.Teaser) != 0) || n.Tag == atom.Aside && n.Marks&page.Figure == 0 && n.Attr("class") == "" {
			return false
		}
		if n.Tag == atom.A && s.otherStory(n.Attr("href")) {
			return false
		}
		if n != p.Node && n.Marks&page.VideoBox != 0 && p.Image == nil {
			return false
		}
	}
	return true
}

func (s *story) blocksBetween(from, to int32) int {
	count := 0
	for i := range s.blocks {
		if s.blocks[i].Order > from && s.blocks[i].Order < to {
			count++
		}
	}
	return count
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

// cleanCaption drops captions that are none.
func (s *story) cleanCaption(p *readers.Picture) string {
	c := strings.TrimSpace(p.Caption)
	if page.Letters(c) < 4 || len(c) > 2000 {
		return ""
	}
	if p.From == "beside image" && (readers.Words(c) < 3 || page.Letters(c) > 400) {
		return ""
	}
	return c
}

// worthKeeping tells whether an image without a caption is a photo rather than
// an icon, a logo or a tracker.
func (s *story) worthKeeping(p *readers.Picture) bool {
	if p.URL == "" || p.Width > 0 && p.Width < 120 || p.Height > 0 && p.Height < 80 {
		return false
	}
	low := strings.ToLower(p.URL)
	for _, w := range []string{".svg", "logo", "icon", "avatar", "pixel", "blank", "spacer", "placeholder", "sprite", "1x1", "badge", "button"} {
		if strings.Contains(low, w) {
			return false
		}
	}
	return true
}
