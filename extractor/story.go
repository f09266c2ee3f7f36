package extractor

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// story is what the weighing of a page works on: what the readers said, and what
// has been decided so far.
type story struct {
	p Page
	// why notes what is weighed; nil where nobody asks.
	why *reasons
	// rule is what the site's rule finds, or nil.
	rule   *ruled
	doc    *page.Doc
	meta   *readers.Meta
	things []readers.Thing
	blocks []readers.Block
	// sites and hostName are what siteNames and host return, once asked.
	sites    []string
	hostName string
	hostRead bool

	// good is the worth of each block as running text, sums that of all text
	// below a node, vouched tells which blocks stand in the text that the page's
	// structured data gives as the article's.
	good    []float64
	sums    map[*page.Node]float64
	vouched []bool
	// cards are boxes that lead to another story each.
	cards map[*page.Node]bool
	// boxes are elements that begin with a heading that announces other stories.
	boxes []*page.Node
	// rest is the title of readers' comments, which go on to the end of its
	// parent.
	rest *page.Node
	// slides are slideshows that are set into the story.
	slides []*page.Node

	// textLists tells of lists whether they are mostly text.
	textLists map[*page.Node]bool
	// leading tells of cards whether they link to another page.
	leading map[*page.Node]bool

	// root is the element that the body stands in; mainSig how most of it is set.
	root    *page.Node
	mainSig string
	// outside are the marks that part furniture from body on this page.
	outside page.Mark
	// title is the headline's element, titleBlock its block (-1: none), and
	// titleText the headline's words.
	title      *page.Node
	titleBlock int
	titleText  string
	// keep tells which blocks are of the body; first and last are the indexes of
	// its first and last running text (-1: none).
	keep        []bool
	first, last int
	// captionNodes and captionTexts are what the pictures' captions take.
	captionNodes []*page.Node
	captionTexts map[string]bool
	// creditsAt are the credits of the pictures, and where those stand.
	creditsAt []creditAt
	// longestCaption bounds the texts that can be a caption, in bytes.
	longestCaption int
	// printed are the dates that the page prints, dateBlocks the blocks with one.
	printed    []readers.Date
	dateBlocks map[int]bool
	dates      []dated
	// publishedWeight is that of the date that was taken.
	publishedWeight float64
	standfirst      string
	// described is the description of the metadata as words.
	described string
	// signals are what the confidences were looked up by.
	signals []Signal
	// state is the article that the page's script data gives, if it was needed.
	state *readers.State
}

// prose is the worth of a block as running text: its letters where it reads as
// sentences, little or nothing where it is links, labels or furniture.
func prose(b *readers.Block) float64 {
	if b.Letters < 20 || b.Heading() {
		return 0
	}
	share := b.LinkShare()
	if share > 0.5 {
		return 0
	}
	v := float64(min(b.Letters, 1200)) * (1 - share)
	if b.Letters < 60 {
		v *= 0.4
	}
	if !b.Sentence() {
		v *= 0.5
	}
	return v
}

// asideMarks are marks of places whose text counts little where the body is
// looked for.
const asideMarks = page.Nav | page.Footer | page.Comments | page.Consent | page.Related | page.Share | page.Subscribe | page.CaptionMark | page.Promo | page.Gallery | page.VideoBox

// measure fills good and sums.
func (s *story) measure() {
	s.good = make([]float64, len(s.blocks))
	s.findCards()
	s.vouch()
	total := 0.0
	for i := range s.blocks {
		s.good[i] = s.worth(i)
		total += s.good[i]
	}
	s.findSlides(total)
	s.findBoxes(total)
	s.sums = map[*page.Node]float64{}
	for i := range s.blocks {
		if s.good[i] == 0 {
			continue
		}
		for n := s.blocks[i].Node; n != nil; n = n.Parent {
			s.sums[n] += s.good[i]
		}
	}
}

// worth is a block's worth as prose, less for the place where it stands.
func (s *story) worth(i int) float64 {
	b := &s.blocks[i]
	v := prose(b)
	if v == 0 {
		return 0
	}
	for n, up := b.Node, 0; n != nil && up < 6; n, up = n.Parent, up+1 {
		if n.Marks&asideMarks != 0 && n.Marks&(page.BodyText|page.Main) == 0 || n.Tag == atom.Figure {
			v *= 0.25
			break
		}
	}
	if s.isCard(b.Node) || asksConsent(b.Text) && !asksConsent(s.meta.Title) {
		v *= 0.1
	}
	if s.vouched[i] {
		v = 3*v + 60
	}
	return v
}

// findBoxes finds elements that begin with a heading such as "More on this", or
// with a line such as "Subscribe to our newsletter", and takes their text out of
// the running, unless hardly any other text is there. So it does with readers'
// comments, and with key points and facts that are set apart.
func (s *story) findBoxes(total float64) {
	s.boxes, s.rest = nil, nil
	before, titles := 0.0, 0
	for i := range s.blocks {
		b := &s.blocks[i]
		before += s.good[i]
		stories := announces(b) || b.Heading() && b.Node.Marks&page.Related != 0
		comments := before > leastBeforeComments && titles < maxCommentTitles && titlesComments(b)
		points := before < 0.3*total && titlesPoints(b) || titlesFacts(b)
		if !stories && !comments && !points && !isFurniture(b) || len(s.boxes) > 200 {
			continue
		}
		box := s.boxOf(i)
		end := s.endOf(box, i)
		if comments {
			titles++
			if end == i+1 {
				s.dropRest(box, i)
				continue
			}
		}
		if box == b.Node {
			continue
		}
		inside := s.goodOf(i, end)
		switch {
		case total-inside < 60 && !(total-inside > 20 && s.listsLinks(i, end)):
			continue
		case comments, stories && b.Heading() && (inside < 0.5*total || s.listsLinks(i, end)):
		case points && inside < 0.3*total:
		case end-i > 8 || inside > min(0.15*total, storyBelow) || box.Find(offers) == nil || box.Find(pictured) != nil:
			continue
		}
		s.dropBox(box, i, end)
	}
}

// leastBeforeComments is the worth of running text that stands before readers'
// comments at least: before a story, the word is a link to them.
const leastBeforeComments = 400

// maxCommentTitles are the titles of comments that are looked below.
const maxCommentTitles = 8

// dropBox takes an element that holds blocks[from:to] out of the running.
func (s *story) dropBox(box *page.Node, from, to int) {
	s.boxes = append(s.boxes, box)
	for k := from; k < to; k++ {
		s.good[k] *= 0.1
	}
}

// dropRest takes what stands beside and after an element out of the running:
// readers' comments below their title. A headline among them says that they are
// none.
func (s *story) dropRest(title *page.Node, from int) {
	if title.Parent == nil || s.rest != nil {
		return
	}
	for n := title.Next; n != nil; n = n.Next {
		if n.Find(isH1) != nil {
			return
		}
	}
	s.rest = title
	for k := from; k < len(s.blocks) && title.Parent.Holds(s.blocks[k].Node); k++ {
		s.good[k] *= 0.1
	}
}

func isH1(n *page.Node) bool { return n.Tag == atom.H1 }

// endOf is the index after the last block from one on that an element holds.
func (s *story) endOf(n *page.Node, from int) int {
	for from < len(s.blocks) && n.Holds(s.blocks[from].Node) {
		from++
	}
	return from
}

// goodOf is the worth of blocks[from:to].
func (s *story) goodOf(from, to int) (sum float64) {
	for _, v := range s.good[from:to] {
		sum += v
	}
	return sum
}

// listsLinks tells whether every other of some blocks is a link at least.
func (s *story) listsLinks(from, to int) bool {
	links := 0
	for i := from; i < to; i++ {
		if b := &s.blocks[i]; b.LinkShare() > 0.9 && b.Letters >= 15 {
			links++
		}
	}
	return links >= 3 && 2*links >= to-from-1
}

// boxOf is the largest of the four elements around a block that begins with it
// and is not a box with a story after it.
func (s *story) boxOf(i int) *page.Node {
	box := s.blocks[i].Node
	for up := 0; up < 4; up++ {
		p := box.Parent
		if p == nil || p.Tag == atom.Body || p.Tag == atom.Main || p.Tag == atom.Html || i > 0 && p.Holds(s.blocks[i-1].Node) {
			break
		}
		if end := s.endOf(box, i); end > i+1 && s.goodOf(end, s.endOf(p, end)) > storyBelow {
			break
		}
		box = p
	}
	return box
}

// storyBelow is the worth of running text that a box does not share its element
// with.
const storyBelow = 300

// offers tells whether an element asks its reader to go or do something.
func offers(n *page.Node) bool {
	switch n.Tag {
	case atom.A, atom.Form, atom.Input, atom.Button, atom.Iframe:
		return true
	}
	return false
}

func pictured(n *page.Node) bool { return n.Tag == atom.Img || n.Tag == atom.Figure }

// inBox tells whether a node stands in a box of other stories, or after the title
// of readers' comments.
func (s *story) inBox(n *page.Node) bool {
	if s.rest != nil && n.Order >= s.rest.Order && s.rest.Parent.Holds(n) {
		return true
	}
	for _, box := range s.boxes {
		if box.Holds(n) {
			return true
		}
	}
	return false
}

// vouch finds the blocks whose text stands in JSON-LD's articleBody.
func (s *story) vouch() {
	s.vouched = make([]bool, len(s.blocks))
	t := s.main()
	if t == nil || page.Letters(t.Body) < 250 {
		return
	}
	given := " " + folded(page.Fold(cleanMarkup(t.Body))) + " "
	for i := range s.blocks {
		b := &s.blocks[i]
		if b.Letters < 25 || b.LinkShare() > 0.45 {
			continue
		}
		if f := folded(b.Text); f != "" && strings.Contains(given, " "+f+" ") {
			s.vouched[i] = true
		}
	}
}

// findCards finds boxes around a heading that is a link to another story, with
// what else stands in them: picture, excerpt, date.
func (s *story) findCards() {
	s.cards = map[*page.Node]bool{}
	headings := map[*page.Node]int{}
	var linked []*page.Node
	for i := range s.blocks {
		b := &s.blocks[i]
		if !b.Heading() {
			continue
		}
		for n := b.Node; n != nil; n = n.Parent {
			headings[n]++
		}
		if b.LinkShare() > 0.7 {
			if a := linkOf(b.Node); a != nil && s.otherStory(a.Attr("href")) {
				linked = append(linked, b.Node)
			}
		}
	}
	s.findTeasers()
	for _, h := range linked {
		n := h
		for up := 0; up < 6; up++ {
			p := n.Parent
			if p == nil || p.Tag == atom.Body || p.Tag == atom.Main || p.Tag == atom.Html || headings[p] > 1 {
				break
			}
			n = p
		}
		if n != h {
			s.cards[n] = true
		}
	}
}

// minTeasers is how often a page sets a linked line with a text below it alike
// where it lists stories.
const minTeasers = 4

// findTeasers finds boxes of a linked line and a short text, with a date between
// them or none, in a form that the page repeats: cards whose titles are no
// headings.
func (s *story) findTeasers() {
	found := map[string][]*page.Node{}
	for i := 0; i+1 < len(s.blocks); i++ {
		b := &s.blocks[i]
		if b.Heading() || b.Letters < 15 || b.Letters > 160 || b.LinkShare() < 0.95 {
			continue
		}
		at := i + 1
		for at < min(i+3, len(s.blocks)-1) && (s.dateBlocks[at] || s.blocks[at].Letters == 0) {
			at++
		}
		text := &s.blocks[at]
		if text.LinkShare() > 0.3 || text.Letters < 20 || text.Letters > 400 {
			continue
		}
		box := b.Node
		for up := 0; box != nil && !box.Holds(text.Node) && up < 3; up++ {
			box = box.Parent
		}
		if box == nil || !box.Holds(text.Node) || at+1 < len(s.blocks) && box.Holds(s.blocks[at+1].Node) || i > 0 && box.Holds(s.blocks[i-1].Node) {
			continue
		}
		if a := linkOf(b.Node); a != nil && s.otherStory(a.Attr("href")) {
			sig := b.Node.Name + "." + b.Node.Attr("class") + ">" + text.Node.Name + "." + text.Node.Attr("class")
			found[sig] = append(found[sig], box)
		}
	}
	for _, boxes := range found {
		if len(boxes) < minTeasers {
			continue
		}
		for _, box := range boxes {
			s.cards[box] = true
		}
	}
}

// linkOf is the link that a heading stands in or holds.
func linkOf(n *page.Node) *page.Node {
	if a := n.Above(atom.A); a != nil {
		return a
	}
	return n.Find(func(e *page.Node) bool { return e.Tag == atom.A })
}

// isCard tells whether a node stands in a card that holds little of the page's
// text.
func (s *story) isCard(n *page.Node) bool {
	if len(s.cards) == 0 {
		return false
	}
	for up := 0; n != nil && up < 8; n, up = n.Parent, up+1 {
		if s.cards[n] && (s.root == nil || s.sums[n] < 0.3*s.sums[s.root]) {
			return true
		}
	}
	return false
}

// container is the smallest element in n that holds most of its running text.
func (s *story) container(n *page.Node) *page.Node {
	for {
		var best *page.Node
		for c := n.First; c != nil; c = c.Next {
			if s.sums[c] > 0 && (best == nil || s.sums[c] > s.sums[best]) {
				best = c
			}
		}
		if best == nil || s.sums[best] < 0.7*s.sums[n] || s.single(best) {
			return n
		}
		n = best
	}
}

// statedRoot takes the element that the page's microdata calls the article's body
// where the container holds another column, or another story, besides: a ticker
// beside a short report has more text than the report. (schema.org/articleBody)
func (s *story) statedRoot() {
	if s.root == nil || s.sums[s.root] == 0 {
		return
	}
	var stated *page.Node
	for _, n := range s.doc.Nodes {
		if n.IsText() || s.sums[n] < 60 || !strings.EqualFold(n.Attr("itemprop"), "articleBody") {
			continue
		}
		if stated != nil && !stated.Holds(n) {
			return
		}
		if stated == nil {
			stated = n
		}
	}
	if stated == nil || stated == s.root || !s.root.Holds(stated) || s.sums[stated] < leastStated {
		return
	}
	s.root = s.container(stated)
}

// leastStated is the worth of running text from which an element is taken for a
// whole body because it is called so.
const leastStated = 400

// ownArticle is the article element around the headline, where the container
// stands in another with a headline of its own: the story that a page appends
// may be longer than the page's.
func (s *story) ownArticle() *page.Node {
	if s.title == nil || s.root == nil {
		return nil
	}
	own, other := s.title.Above(atom.Article), s.root.Above(atom.Article)
	if own == nil || other == nil || own.Holds(other) || other.Holds(own) || other.Order < own.Order || s.sums[own] < 40 {
		return nil
	}
	if other.Find(isH1) == nil {
		return nil
	}
	return own
}

// ownBranch is the element within the container that the headline stands in with
// most of the running text, where what stands beside it is not set as the story
// is: a page may have as much to say of its cookies and terms as of a short
// report. It is nil where the container itself is the smallest such element.
func (s *story) ownBranch() (branch *page.Node) {
	if s.title == nil || s.root == nil {
		return nil
	}
	for n := s.root; ; branch = n {
		c := n.First
		for c != nil && !c.Holds(s.title) {
			c = c.Next
		}
		if c == nil || c.Tag == atom.Header || 2*s.sums[c] < s.sums[s.root] || s.single(c) || s.goesOnBeside(c) {
			return branch
		}
		n = c
	}
}

// goesOnBeside tells whether text within the container but not within an element
// of it is set as most of the container's is.
func (s *story) goesOnBeside(n *page.Node) bool {
	for i := range s.blocks {
		b := &s.blocks[i]
		if s.good[i] >= 15 && s.root.Holds(b.Node) && !n.Holds(b.Node) && s.signature(b) == s.mainSignature() {
			return true
		}
	}
	return false
}

// single tells whether an element's running text is one block, but for lines as
// short as those that tell author and date.
func (s *story) single(n *page.Node) bool {
	count := 0
	for i := range s.blocks {
		if s.good[i] > leastParagraph && n.Holds(s.blocks[i].Node) {
			if count++; count > 1 {
				return false
			}
		}
	}
	return true
}

// leastParagraph is the worth that a short line has at most which ends as no
// sentence does.
const leastParagraph = 0.4 * 0.5 * 60
