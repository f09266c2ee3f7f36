package extractor

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// photos lists the article's photos and videos in reading order, and the
// photos' captions alone.
func (s *story) photos(a *article.Article) {
	s.captionTexts = map[string]bool{}
	seen := map[string]bool{}
	pictures := s.ruledPictures()
	if len(pictures) == 0 {
		from, to := s.span(s.scope())
		pictures = s.parted(readers.Pictures(s.doc, from, to))
	}
	for _, p := range pictures {
		if (p.From == "beside image" || p.From == "set apart" || p.From == readers.AsOthers) && s.setAsBody(p.Text) {
			s.noteCaption(&p, "", "set as the body's paragraphs are")
			p.Node, p.Caption, p.Credit, p.Text = p.Image, "", "", nil
		}
		if why := s.foreign(&p); why != "" {
			s.noteCaption(&p, "", why)
			continue
		}
		caption := s.cleanCaption(&p)
		video := s.isVideo(&p)
		// A figure that shows an image over its caption shows a photo, too, though
		// that image may be a video's until it plays.
		photo := !video || p.Image != nil && p.From == "figcaption" && !readers.HasClock(caption)
		switch {
		case !photo:
			s.noteCaption(&p, "", "a video's")
		default:
			s.noteCaption(&p, caption, "no caption by its wording")
		}
		if caption == "" && (video || p.Image == nil || !s.worthKeeping(&p)) {
			continue
		}
		image := s.absolute(p.URL)
		key := folded(caption)
		if caption == "" {
			key = "url " + image
		}
		s.claim(&p)
		if seen[key] {
			continue
		}
		seen[key] = true
		if video {
			a.Videos = append(a.Videos, article.Video{Caption: caption, Credit: p.Credit, ImageURL: image})
		}
		if photo {
			a.Photos = append(a.Photos, article.Photo{Caption: caption, Credit: p.Credit, ImageURL: image, Alt: p.Alt, Width: p.Width, Height: p.Height})
			if caption != "" {
				a.Captions = append(a.Captions, caption)
			}
		}
	}
}

// parted sets the last brackets of captions apart as credits where most captions
// of the page end so, with hardly more than a name in them.
func (s *story) parted(list []readers.Picture) []readers.Picture {
	captions, bracketed := 0, 0
	for i := range list {
		text := list[i].Caption
		if text == "" {
			continue
		}
		if list[i].Credit != "" {
			if list[i].Text == nil {
				continue
			}
			if text = list[i].Text.InnerText(); len(text) > 1000 {
				continue
			}
			if _, credit := readers.BracketTail(text); credit != list[i].Credit {
				continue
			}
		}
		captions++
		if _, credit := readers.BracketTail(text); credit != "" {
			bracketed++
		}
	}
	if bracketed < 2 || 3*bracketed < 2*captions {
		return list
	}
	for i := range list {
		if p := &list[i]; p.Credit == "" {
			if caption, credit := readers.BracketTail(p.Caption); credit != "" {
				p.Caption, p.Credit = caption, credit
			}
		}
	}
	return list
}

// claim takes a picture's caption and credit out of the body.
func (s *story) claim(p *readers.Picture) {
	if p.Credit != "" {
		s.creditsAt = append(s.creditsAt, creditAt{folded(p.Credit), p.Node.Order})
	}
	if p.Caption == "" {
		return
	}
	if n := p.Text; n != nil && s.sums[n] < 0.3*s.sums[s.root] {
		letters := page.Letters(p.Caption) + page.Letters(p.Credit)
		for page.Inline(n.Tag) && n.Parent != nil && n.Parent.End-n.Parent.Order < 60 && page.Letters(n.Parent.InnerText()) <= letters+12 {
			n = n.Parent
		}
		s.captionNodes = append(s.captionNodes, n)
	}
	s.captionTexts[folded(p.Caption)] = true
	s.longestCaption = max(s.longestCaption, len(p.Caption)+len(p.Credit)+40)
	if p.Text != nil && p.Credit != "" {
		if text := p.Text.InnerText(); len(text) <= s.longestCaption {
			s.captionTexts[folded(text)] = true
		}
	}
}

// creditAt is a picture's credit, folded, with the order of the picture.
type creditAt struct {
	text  string
	order int32
}

// isCredit tells whether a short block is the credit of a picture close by, or
// one by its label.
func (s *story) isCredit(b *readers.Block) bool {
	if b.Letters > 70 || b.Heading() || b.Sentence() {
		return false
	}
	text := folded(b.Text)
	for _, c := range s.creditsAt {
		if c.text == text && b.Order-c.order < 60 && c.order-b.Order < 60 {
			return true
		}
	}
	return b.Links == 0 && readers.LabelledCredit(b.Text)
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

// span is where the article's pictures can stand: from some way before the
// headline (or the body), where lead photos are, to a little after the body.
func (s *story) span(scope *page.Node) (from, to int32) {
	if s.first < 0 {
		return 0, 0
	}
	first := s.first
	if s.titleBlock >= 0 {
		first = min(first, s.titleBlock)
	}
	from = s.blocks[max(0, first-12)].Order - 300
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

// foreignMarks are marks of places whose pictures are not the article's.
const foreignMarks = page.Related | page.Teaser | page.Promo | page.Comments | page.Nav | page.Footer | page.AuthorBox | page.Subscribe | page.Share | page.Byline

// foreign says why a picture is not the article's, or "": the article's stand
// near headline and body, and in no box of other stories, adverts or people.
func (s *story) foreign(p *readers.Picture) string {
	if p.From == readers.FromRule {
		return ""
	}
	named := p.Caption != "" && (p.From == "figcaption" || p.From == "caption class")
	if why := s.inForeignBox(p, named); why != "" {
		return why
	}
	if s.inBox(p.Node) || s.isCard(p.Node) {
		return "in a box of other stories"
	}
	if p.Caption == "" {
		return ""
	}
	if s.headsBox(p) {
		return "the title of a box"
	}
	if !named {
		// Without a name that says caption, only the place can, and the image.
		if p.Node.Order > s.blocks[s.last].Order || s.overTitle(p) && p.From != "alt text beside image" {
			return "after the text, or over the headline, and nothing calls it a caption"
		}
		if tooSmall(p) || p.From != "figure text" && p.From != "alt text beside image" && !s.worthKeeping(p) {
			return "the image is a sign, a logo or a button"
		}
		if s.leadsElsewhere(p) {
			return "the image links to another page"
		}
		if s.titleText != "" && folded(p.Caption) == s.titleText {
			return "the headline again"
		}
	}
	if s.linksAway(p.Node) {
		return "most of its text links to other pages"
	}
	return ""
}

// headsBox tells whether a caption says what a heading close by says, as on the
// card of a gallery.
func (s *story) headsBox(p *readers.Picture) bool {
	caption := folded(p.Caption)
	for n, up := p.Node.Parent, 0; n != nil && up < 3 && n.End-n.Order < 60; n, up = n.Parent, up+1 {
		if n.Find(func(e *page.Node) bool {
			return len(e.Name) == 2 && e.Name[0] == 'h' && digits(e.Name) == 1 && e != s.title && !p.Node.Holds(e) && folded(e.InnerText()) == caption
		}) != nil {
			return true
		}
	}
	return false
}

// inForeignBox looks at the elements around a picture that hold little of the
// article's text. A box of people, shares or bylines does not take a picture that
// has a caption by name.
func (s *story) inForeignBox(p *readers.Picture, named bool) string {
	foreign := foreignMarks | page.Embed
	if named {
		foreign &^= page.Share | page.Byline | page.Embed
	}
	for n, up := p.Node, 0; n != nil && up < 10; n, up = n.Parent, up+1 {
		if s.sums[n] > 0.3*s.sums[s.root] {
			break
		}
		foreign := foreign
		if named && n.Marks&page.Promo != 0 && (s.root.Holds(p.Node) || s.title != nil && n.Holds(s.title)) && !isAdvert(n) {
			foreign &^= page.Promo // "widget", "banner": what some call every part of a text
		}
		if boxes := page.Teaser | page.Related; n.Marks&boxes != 0 && n.Marks&^boxes&foreign == 0 && !p.Linked && s.otherLinks(n) == 0 && (n.Marks&page.Related == 0 || named && s.last >= 0 && n.Order < s.blocks[s.last].Order) {
			continue // "teaser-image" is also what papers call an article's first photo
		}
		if n.Marks&foreign != 0 && (n.Marks&(page.Figure|page.CaptionMark) == 0 || n.Marks&(page.Related|page.Teaser) != 0) || n.Tag == atom.Aside && n.Marks&page.Figure == 0 && n.Attr("class") == "" {
			return "in a box of other stories, adverts or people, by an element's names"
		}
		if strings.HasSuffix(n.Attr("itemtype"), "schema.org/Person") {
			return "a person's portrait"
		}
		if n.Tag == atom.A && s.otherStory(n.Attr("href")) {
			return "a link to another page"
		}
	}
	return ""
}

// leadsElsewhere tells whether a picture's image is a link to another page.
func (s *story) leadsElsewhere(p *readers.Picture) bool {
	for n, up := p.Image, 0; n != nil && (p.Node.Holds(n) || up < 3 && p.From == "alt text beside image"); n, up = n.Parent, up+1 {
		if n.Tag == atom.A {
			return s.otherStory(n.Attr("href"))
		}
	}
	return false
}

// isAdvert tells whether an element's class or id has a word that means adverts
// and nothing else.
func isAdvert(n *page.Node) bool {
	found := false
	for _, key := range []string{"class", "id"} {
		if v := n.Attr(key); len(v) < 2000 {
			page.SplitWords(v, func(w string) { found = found || advertWords[w] })
		}
	}
	return found
}

var advertWords = wordSet("ad ads adv advert adverts advertisement advertising advertorial adslot adbox adcontainer dfp mpu anzeige werbung publicidad publicite pubblicita reklame reklam annons annonse mainos sponsor sponsored affiliate")

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// isVideo tells whether a picture stands for a video.
func (s *story) isVideo(p *readers.Picture) bool {
	if p.Video || p.From == "caption class" && p.Text != nil && p.Text.Marks&page.VideoBox != 0 {
		return true
	}
	n := p.Node.Parent
	if p.From == "beside image" || p.From == "figure class" {
		n = p.Node
	}
	for up := 0; n != nil && up < 9 && s.sums[n] <= 0.3*s.sums[s.root]; n, up = n.Parent, up+1 {
		if n.Marks&page.VideoBox != 0 && (p.Image == nil || p.Caption != "") {
			return true
		}
	}
	return false
}

// otherLinks counts the letters below an element that link to other pages.
func (s *story) otherLinks(n *page.Node) int {
	linked := 0
	n.Each(func(e *page.Node) bool {
		if e.Tag == atom.A && s.otherStory(e.Attr("href")) {
			linked += page.Letters(e.InnerText())
		}
		return e.Tag != atom.A
	})
	return linked
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
	return 2*s.otherLinks(n) > page.Letters(n.InnerText())
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
var counter = regexp.MustCompile(`^(?i:image|photo|picture|bild|foto|photo n°)?\s*[\[(]?\d{1,3}\s?(?:/|of|von|de|di|sur|av|из)\s?\d{1,3}[\])]?\s*[:.–|-]?\s*`)

// unfold is what a caption that is cut off offers to go on.
var unfold = regexp.MustCompile(`(…|\.\.\.) ?(?i:more|read more|show more|mehr|weiterlesen|más|leer más|plus|lire plus|mer|vis mer|visa mer|meer|lees meer|więcej|leggi|altro|lisää)$`)

// cleanCaption takes counters and signs off a caption, and drops those that are
// none.
func (s *story) cleanCaption(p *readers.Picture) string {
	if p.From == readers.FromRule {
		return p.Caption
	}
	c := strings.Trim(counter.ReplaceAllString(p.Caption, ""), " /|–—-•·")
	c = unfold.ReplaceAllString(strings.TrimPrefix(c, "Main image: "), "$1")
	if page.Letters(c) < 4 || len(c) > 2000 || digits(c) == page.Letters(c) {
		return ""
	}
	words := readers.Words(c)
	figcaption := p.From == "figcaption"
	switch {
	case words < 25 && beginsWith(c, furnitureWords) && (!figcaption || words < 8),
		beginsWith(c, leadsAway) && (!figcaption || words < 8),
		!figcaption && words < 12 && strings.ContainsAny(c, "@©"),
		strings.Contains(c, "http") && words < 14,
		words < 30 && strings.Contains(strings.ToLower(c), "javascript"),
		strings.HasSuffix(c, ":") && words < 4, strings.HasSuffix(c, "?") && words < 3,
		p.Image == nil && words < 4 && !readers.EndsSentence(c),
		p.From == "alt text beside image" && readers.HasClock(c),
		byWord.MatchString(c) && (readers.HasClock(c) || words < 4): // an author's portrait
		return ""
	}
	if figcaption || p.From == "alt text beside image" {
		return c
	}
	if !s.captionLike(p, c, words) {
		return ""
	}
	return c
}

// captionLike judges a text that no figcaption vouches for.
func (s *story) captionLike(p *readers.Picture, c string, words int) bool {
	dates := when.Find(c, when.Options{})
	if n := p.Text; n != nil && n.AboveMarked(page.Byline|page.AuthorBox|page.DateLine, 3) != nil && (p.From != "caption class" || words < 16 && (len(dates) > 0 || n.AboveMarked(page.AuthorBox, 2) != nil)) {
		return false
	}
	named := p.From == "caption class" || p.From == "figure class" || p.From == "attribute" || p.From == readers.AsOthers
	switch {
	case digits(c)*4 > page.Letters(c) && words > 6: // a chart's numbers
		return false
	case readers.HasClock(c), page.Letters(c) > 700, words < 3 && !readers.EndsSentence(c) && !namesShown(p, c), words < 4 && strings.HasSuffix(c, "?"):
		return false
	case named:
		return true
	case words < 4 && !readers.EndsSentence(c) && p.From == "beside image" && p.Credit == "":
		return false
	case strings.HasSuffix(c, "…"), strings.HasSuffix(c, "..."), strings.Contains(c, "http"):
		return false // the beginning of another story
	}
	return len(dates) == 0 || words > 16 || words > 8 && !byWord.MatchString(c)
}

// namesShown tells whether two words that an element calls a caption name what a
// photo shows: they are a name, or their credit stands apart. (Before a slash they
// rather name who took it.)
func namesShown(p *readers.Picture, c string) bool {
	if p.Text == nil || p.Image == nil || p.From != "caption class" && p.From != readers.AsOthers && p.Credit == "" {
		return false
	}
	_, after, _ := strings.Cut(p.Text.InnerText(), c)
	return !strings.HasPrefix(strings.TrimSpace(after), "/") && (properName(c) || p.Credit != "" && len(strings.Fields(c)) == 2)
}

// properName tells whether a text is two words, each with a capital.
func properName(s string) bool {
	words := strings.Fields(s)
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); !unicode.IsUpper(r) && !unicode.IsDigit(r) {
			return false
		}
	}
	return len(words) == 2
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

// worthKeeping tells whether an image without a caption by name is a photo
// rather than an icon, a logo or a tracker, by its size and its file's name.
func (s *story) worthKeeping(p *readers.Picture) bool {
	if p.URL == "" || tooSmall(p) {
		return false
	}
	path, _, _ := strings.Cut(strings.ToLower(p.URL), "?")
	if strings.HasSuffix(path, ".svg") {
		return false
	}
	name := path[strings.LastIndexByte(strings.TrimRight(path, "/"), '/')+1:]
	sign := strings.HasPrefix(name, "1x1.")
	page.SplitWords(name, func(w string) { sign = sign || signNames[w] })
	return !sign
}

// tooSmall tells whether an image is too small for a photo.
func tooSmall(p *readers.Picture) bool {
	return p.Width > 0 && p.Width < 120 || p.Height > 0 && p.Height < 80
}

// signNames are words in the names of files that hold no photo.
var signNames = wordSet("logo logos logotype logoprint icon icons ico favicon avatar avatars pixel blank spacer clear placeholder sprite badge btn bttn tracker beacon bullet loader loading spinner rss separator nophoto")
