package extractor

import (
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// selectBody says of each block whether it is of the body.
func (s *story) selectBody() {
	s.keep = make([]bool, len(s.blocks))
	s.first, s.last = -1, -1
	if s.root == nil || s.sums[s.root] == 0 {
		return
	}
	if s.selectRuled() {
		return
	}
	if s.outside == 0 {
		s.outside = s.tellingMarks()
	}
	from, to := s.bounds()
	wide, parts := s.wide(), s.parts()
	for i := from; i < to; i++ {
		b := &s.blocks[i]
		switch part := holding(parts, b.Node); {
		case s.root.Holds(b.Node):
			s.keep[i] = s.isBody(i, s.root)
		case part != nil:
			s.keep[i] = s.isBody(i, part)
		case wide != nil && wide.Holds(b.Node):
			s.keep[i] = s.good[i] >= 15 && s.likeBody(i, wide) && s.isBody(i, wide)
		}
	}
	s.dropTail()
	s.dropRepeated()
	s.dropLooseHeadings()
	for i, k := range s.keep {
		if k && s.good[i] > 0 {
			if s.first < 0 {
				s.first = i
			}
			s.last = i
		}
	}
}

// bounds are the blocks among which the body is: after the headline, and before
// another story that the page appends.
func (s *story) bounds() (from, to int) {
	from, to = 0, len(s.blocks)
	if s.title != nil && s.titleBlock >= 0 && s.blocks[s.titleBlock].Order < s.root.End {
		from = s.titleBlock + 1
	}
	if s.title == nil || s.title.Tag != atom.H1 {
		return from, to
	}
	own := s.title.Above(atom.Article)
	for i := from; i < len(s.blocks); i++ {
		h := s.blocks[i].Node.Above(atom.H1)
		if h == nil || h == s.title {
			continue
		}
		if other := h.Above(atom.Article); other != nil && other != own && !other.Holds(s.title) && !other.Holds(s.root) && s.sums[other] > 100 {
			for to = i; to > from && other.Holds(s.blocks[to-1].Node); to-- {
			}
			return from, to
		}
	}
	return from, to
}

// wide is the element some levels over the container, within what also holds the
// headline: paragraphs that stand beside the container are looked for there.
func (s *story) wide() *page.Node {
	n := s.root
	for up := 0; up < 4; up++ {
		p := n.Parent
		if p == nil || p.Tag == atom.Body || p.Tag == atom.Html || s.title != nil && n.Holds(s.title) {
			break
		}
		n = p
	}
	if n == s.root {
		return nil
	}
	return n
}

// parts are the elements beside the container that are named exactly as it is
// and go on with its text, as where pictures of full width part a column in two.
// One with a headline or a date of its own is another story.
func (s *story) parts() (out []*page.Node) {
	class := s.root.Attr("class")
	if class == "" || s.root.Tag == atom.Article || s.root.Tag == atom.Li || s.root.Tag == atom.P {
		return nil
	}
	for n := s.root.Next; n != nil && len(out) < 100; n = n.Next {
		if n.Tag != s.root.Tag || n.Attr("class") != class || s.sums[n] == 0 {
			continue
		}
		if n.Find(ownStory) == nil {
			out = append(out, n)
		}
	}
	return out
}

func ownStory(n *page.Node) bool {
	return n.Tag == atom.H1 || n.Tag == atom.Article || n.Tag == atom.Time || n.Marks&(page.Byline|page.Headline|page.Teaser|page.Related|page.Comments) != 0
}

// holding is the one of the elements that holds n, or nil.
func holding(elements []*page.Node, n *page.Node) *page.Node {
	for _, e := range elements {
		if e.Holds(n) {
			return e
		}
	}
	return nil
}

// likeBody tells whether a paragraph outside of the container is set like those
// within, or leads up to them.
func (s *story) likeBody(i int, wide *page.Node) bool {
	b := &s.blocks[i]
	if b.LinkShare() > 0.3 || b.Letters < 30 {
		return false
	}
	paragraph := b.Node.Tag == atom.P
	if b.Order < s.root.Order {
		return paragraph || b.Node.Parent.Holds(s.root) || b.Letters > 80
	}
	sibling := paragraph && b.Node.Parent != nil && b.Node.Parent.Holds(s.root)
	return sibling && b.Sentence() || paragraph && s.signature(b) == s.mainSignature() && b.Sentence()
}

// signature is how a block is set: its element's and its parent's names.
func (s *story) signature(b *readers.Block) string {
	n := b.Node
	sig := n.Name + "." + n.Attr("class")
	if readers.Centred(n) {
		sig += " centred"
	}
	if n.Parent != nil {
		sig += "<" + n.Parent.Name + "." + n.Parent.Attr("class")
	}
	return sig
}

// mainSignature is the signature that most of the container's text has.
func (s *story) mainSignature() string {
	if s.mainSig != "" {
		return s.mainSig
	}
	weights := map[string]float64{}
	best := ""
	for i := range s.blocks {
		if s.good[i] > 0 && s.root.Holds(s.blocks[i].Node) {
			sig := s.signature(&s.blocks[i])
			weights[sig] += s.good[i]
			if weights[sig] > weights[best] {
				best = sig
			}
		}
	}
	s.mainSig = best
	return best
}

// outside are marks of elements whose text is no body text.
const outside page.Mark = page.Nav | page.Footer | page.Comments | page.Consent | page.Related | page.Share | page.Subscribe | page.CaptionMark | page.Promo |
	page.TagList | page.VideoBox | page.Tools | page.AuthorBox | page.Byline | page.PaywallBox | page.Embed | page.Credit | page.Teaser | page.FactBox

// small are marks of places that hold few words: one with more running text
// than longBox only has such a word among its names, as a section named after
// its heading has.
const small = page.Share | page.Tools | page.TagList | page.Byline | page.Credit | page.Nav

const longBox = 600

// tellingMarks are the marks of outside without those that half of the
// container's text stands under: a page that calls every paragraph a card says
// nothing by it.
func (s *story) tellingMarks() page.Mark {
	under := map[page.Mark]float64{}
	for i := range s.blocks {
		b := &s.blocks[i]
		if s.good[i] == 0 || !s.root.Holds(b.Node) {
			continue
		}
		var m page.Mark
		for n := b.Node; n != nil && n != s.root; n = n.Parent {
			m |= n.Marks
		}
		for m &= outside &^ (page.Related | page.Comments | page.Nav | page.CaptionMark | page.Footer); m != 0; m &= m - 1 {
			under[m&-m] += s.good[i]
		}
	}
	telling := outside
	for mark, worth := range under {
		if 2*worth > s.sums[s.root] {
			telling &^= mark
		}
	}
	return telling
}

// isBody judges one block within holder.
func (s *story) isBody(i int, holder *page.Node) bool { return s.notBody(i, holder) == "" }

// notBody says why a block within holder is no body text, or "" where it is.
func (s *story) notBody(i int, holder *page.Node) string {
	b := &s.blocks[i]
	vouched := s.vouched[i]
	switch {
	case b.Letters == 0:
		return "no letters"
	case i == s.titleBlock:
		return "the headline"
	case s.isCard(b.Node), s.inBox(b.Node):
		return "in a box of other stories"
	case s.inPicture(b):
		return "a picture's caption"
	case holding(s.slides, b.Node) != nil:
		return "in a slideshow beside the story"
	}
	if _, why := s.inFurniture(b, holder, vouched); why != "" {
		return why
	}
	switch {
	case vouched:
		return ""
	case isLead(b):
		return "begins as what leads to other stories does"
	case isFurniture(b):
		return "begins as subscriptions, sharing, rights and the like do"
	case s.isDateline(b, i):
		return "a byline or dateline"
	case s.repeatsTitle(b):
		return "the headline again"
	case s.isCredit(b):
		return "a photo's credit"
	case !s.wordy(b):
		return "mostly links, or too short"
	case s.isOffer(b):
		return "in a box that asks its reader to go or do something"
	}
	return ""
}

// inFurniture is the element around a block by which it belongs to the page
// rather than to the story, and why; or nil and "".
func (s *story) inFurniture(b *readers.Block, holder *page.Node, vouched bool) (*page.Node, string) {
	total := s.sums[s.root]
	for n := b.Node; n != nil && n != holder; n = n.Parent {
		if n.Tag == atom.Figure || n.Tag == atom.Button || n.Tag == atom.Form && s.sums[n] < 0.3*total {
			return n, "in a figure, a button or a form"
		}
		m := n.Marks & s.outside
		if m != 0 && m&^(page.Teaser|page.Related) == 0 && !s.leadsAnywhere(n) {
			m = 0 // a recipe's card, an article's list: no other story is behind it
		}
		if m != 0 && s.sums[n] < 0.4*total && (m&^small != 0 || s.sums[n] < longBox) && !(vouched && m&(page.CaptionMark|page.Comments|page.Related) == 0) && n.Marks&page.BodyText == 0 {
			return n, "by the names of the element that it stands in"
		}
		if n.Tag == atom.Aside && s.sums[n] < 0.3*total && !vouched {
			return n, "in an aside"
		}
	}
	return nil, ""
}

// leadsAnywhere tells whether an element holds text that links to another page.
func (s *story) leadsAnywhere(n *page.Node) bool {
	leads, known := s.leading[n]
	if !known {
		leads = s.otherLinks(n) > 0
		if s.leading == nil {
			s.leading = map[*page.Node]bool{}
		}
		s.leading[n] = leads
	}
	return leads
}

// isOffer tells whether a short block stands with a link, a button or a form of
// its own in a small box, and is not set as the story is: an app, a donation, a
// channel to follow.
func (s *story) isOffer(b *readers.Block) bool {
	box := b.Node.Parent
	if b.Letters > 200 || b.Heading() || box == nil || box == s.root || box.Tag == atom.Li || box.Tag == atom.Td || box.Tag == atom.Blockquote || !s.root.Holds(box) ||
		box.End-box.Order > 30 || s.sums[box] > prose(b)+40 || s.signature(b) == s.mainSignature() {
		return false
	}
	for n := box.First; n != nil; n = n.Next {
		if n == b.Node || n.Holds(b.Node) {
			continue
		}
		if offers(n) && page.Letters(n.InnerText()) < 40 || (n.Tag == atom.Form || n.Tag == atom.Input) {
			return true
		}
	}
	return false
}

// wordy tells whether a block has the look of body text by its own.
func (s *story) wordy(b *readers.Block) bool {
	share := b.LinkShare()
	switch {
	case b.Heading():
		return b.Letters > 1 && (share < 0.7 || s.linksOut(b.Node) || numbered.MatchString(b.Text) && b.LinkLetters < b.Letters)
	case s.inDataTable(b.Node):
		return share < 0.9 || s.mostlyText(b.Node.Above(atom.Table))
	case b.Node.Above(atom.Li) != nil:
		return b.Letters > 2 && (share < 0.7 || b.Letters >= 15 && s.linksOut(b.Node) || s.listIsText(b.Node.Above(atom.Li).Parent))
	case share > 0.7 && b.Letters >= 15 && s.signature(b) == s.mainSignature() && (b.Letters >= 100 && b.Sentence() || s.linksOut(b.Node)):
		return true // a paragraph that is one link, or what is reviewed or sold
	case share > 0.7, b.Links > 1 && share > 0.5 && !b.Sentence():
		return false
	case share > 0.4 && b.Letters < 160 && !b.Sentence():
		return false
	}
	if b.Sentence() && b.Links == 0 && b.Letters > 0 && s.signature(b) == s.mainSignature() {
		return true // "No.", in an interview
	}
	return b.Letters >= 15 || b.Sentence() && b.Letters > 3 || b.Node.Tag == atom.P && b.Letters > 5 && b.Links == 0
}

// numbered is the number of a story's part, which a page sets before the link of
// its heading: "3) The Long Quay".
var numbered = regexp.MustCompile(`^#?\d{1,3}[.):] `)

// linksOut tells whether a block's link leads to another site, as the name of
// what is reviewed does, and not to where the site can be followed.
func (s *story) linksOut(n *page.Node) bool {
	a := linkOf(n)
	if a == nil {
		return false
	}
	href := s.absolute(a.Attr("href"))
	to := registrableDomain(href)
	return to != "" && to != registrableDomain(s.p.URL) && !channel.MatchString(href)
}

// channel is an address where a site can be followed, or its app be had.
var channel = regexp.MustCompile(`^https?://(?:[\w-]+\.)*(?:whatsapp\.|wa\.me/|t\.me/|telegram\.|facebook\.|news\.google\.|play\.google\.|(?:apps|itunes)\.apple\.)`)

// listIsText tells whether a list is mostly text, so that an item that is one
// link is of it too.
func (s *story) listIsText(list *page.Node) bool {
	return list != nil && (list.Tag == atom.Ul || list.Tag == atom.Ol) && s.mostlyText(list)
}

// mostlyText tells whether less than half of the letters in a list or table
// stand in links.
func (s *story) mostlyText(list *page.Node) bool {
	text, known := s.textLists[list]
	if known {
		return text
	}
	letters, linked := 0, 0
	from, _ := slices.BinarySearchFunc(s.blocks, list.Order, func(b readers.Block, order int32) int { return int(b.Order - order) })
	for i := from; i < len(s.blocks) && list.Holds(s.blocks[i].Node); i++ {
		letters, linked = letters+s.blocks[i].Letters, linked+s.blocks[i].LinkLetters
	}
	text = 2*linked < letters
	if s.textLists == nil {
		s.textLists = map[*page.Node]bool{}
	}
	s.textLists[list] = text
	return text
}

// inDataTable tells whether a node stands in a table within the container, and
// not only in one that lays out the page, and so holds most of its text.
func (s *story) inDataTable(n *page.Node) bool {
	t := n.Above(atom.Table)
	return t != nil && t != s.root && s.root.Holds(t) && 2*s.sums[t] < s.sums[s.root]
}

// isDateline tells whether a short block gives author or date.
func (s *story) isDateline(b *readers.Block, i int) bool {
	if b.Letters > 110 || b.Heading() {
		return false
	}
	if n := b.Node.AboveMarked(page.DateLine|page.Byline|page.AuthorBox, 2); n != nil && !n.Holds(s.root) && s.sums[n] < longBox && !b.Sentence() {
		return true
	}
	if s.dateBlocks[i] && (b.Letters < 60 || byWord.MatchString(b.Text)) && b.Node.Above(atom.Li) == nil {
		return true
	}
	if b.Letters < 60 && readers.HasClock(b.Text) && readers.LabelsDate(b.Text) {
		return true
	}
	return s.early(i) && !b.Sentence() && b.Letters < 60 && byWord.MatchString(b.Text)
}

// early tells whether hardly any running text stands before a block.
func (s *story) early(i int) bool {
	for k := i - 1; k >= 0 && k > i-12; k-- {
		if s.keep[k] && s.good[k] > 60 {
			return false
		}
	}
	return true
}

func (s *story) repeatsTitle(b *readers.Block) bool {
	return s.titleText != "" && b.Letters < 300 && len(b.Text) < 2*len(s.titleText)+20 && folded(b.Text) == s.titleText
}

// inPicture tells whether a block is the caption of a picture.
func (s *story) inPicture(b *readers.Block) bool {
	for _, n := range s.captionNodes {
		if n.Holds(b.Node) {
			return true
		}
	}
	return b.Letters > 20 && len(b.Text) <= s.longestCaption && s.captionTexts[folded(b.Text)] && s.signature(b) != s.mainSignature()
}

// dropTail takes off the end what is no story: at most four blocks, never those
// that structured data vouches for, and nothing of a text of few blocks.
func (s *story) dropTail() {
	kept := 0
	for _, k := range s.keep {
		if k {
			kept++
		}
	}
	dropped := 0
	for i := len(s.keep) - 1; i >= 0 && dropped < 4 && kept-dropped > 4; i-- {
		if !s.keep[i] {
			continue
		}
		b := &s.blocks[i]
		if s.vouched[i] || b.Letters > 120 && b.Links == 0 || !isTail(b) {
			return
		}
		s.keep[i] = false
		dropped++
	}
}

// dropBios takes off the end what is said of the authors: a block whose first
// words name one of them, which the last words of a story do not.
func (s *story) dropBios() {
	names, _, sure := s.authors()
	if sure < surePerson {
		return
	}
	for i := s.last; i > s.first && s.last-i < 4 && s.following(s.first) > 2; i-- {
		b := &s.blocks[i]
		if !s.keep[i] {
			continue
		}
		if s.vouched[i] || b.Heading() || b.Letters > 500 || !introduces(b.Text, names) {
			return
		}
		s.keep[i] = false
	}
}

// surePerson is the confidence of authors who are people.
const surePerson = 0.7

// introduces tells whether a text names one of some people within its first
// words, and neither for what they contributed nor for what they said.
func introduces(text string, names []string) bool {
	head := text[:min(len(text), 60)]
	for _, name := range names {
		before, _, named := strings.Cut(head, name)
		if n := len(strings.Fields(name)); named && (n == 2 || n == 3) {
			return !strings.Contains(text, "contribut") && !strings.ContainsAny(before, "\"“”„«»‘‚「『《")
		}
	}
	return false
}

const (
	// repeatedLetters are what a text holds at least that tells by standing twice.
	repeatedLetters = 25
	// maxRepeated are the texts that are looked for.
	maxRepeated = 200
)

// dropRepeated leaves out what repeats the story's text and is not set as that
// is: a pull quote, the second caption of a picture that is shown twice.
func (s *story) dropRepeated() {
	seen, told := map[string]bool{}, ""
	for i := range s.blocks {
		if len(seen) > maxRepeated {
			return
		}
		b := &s.blocks[i]
		if !s.keep[i] || b.Letters < repeatedLetters || b.Letters > 300 || s.vouched[i] || looksLikeHeading(b) || s.signature(b) == s.mainSignature() {
			continue
		}
		if told == "" {
			told = s.told()
		}
		s.keep[i] = !seen[b.Text] && !strings.Contains(told, " "+folded(b.Text)+" ")
		seen[b.Text] = true
	}
}

// looksLikeHeading tells whether a block is a heading or is set like one.
func looksLikeHeading(b *readers.Block) bool {
	return b.Heading() || b.Letters < 60 && !b.Sentence() && b.Node.Above(atom.Blockquote) == nil && b.Node.AboveMarked(page.Quote, 3) == nil
}

// told is the kept text that is set as most of the story is, as words.
func (s *story) told() string {
	var out strings.Builder
	for i := range s.blocks {
		if s.keep[i] && s.signature(&s.blocks[i]) == s.mainSignature() {
			out.WriteString(" " + folded(s.blocks[i].Text) + " .")
		}
	}
	return out.String()
}

// dropLooseHeadings leaves out headings that no kept text follows.
func (s *story) dropLooseHeadings() {
	followed := false
	for i := len(s.blocks) - 1; i >= 0; i-- {
		b := &s.blocks[i]
		switch {
		case !s.keep[i]:
			if s.good[i] > 0 && !b.Heading() && !s.inPicture(b) {
				followed = false
			}
		case b.Heading():
			s.keep[i] = followed
		default:
			followed = true
		}
	}
}

// bodyText joins what was kept.
func (s *story) bodyText() string {
	var out []string
	for i := range s.blocks {
		if s.keep[i] {
			out = append(out, s.blocks[i].Text)
		}
	}
	return strings.Join(out, "\n\n")
}
