package extractor

import (
	"net/url"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// titled is one candidate for the headline that the page prints.
type titled struct {
	text  string
	from  string
	score float64
	why   []Evidence
	node  *page.Node
	block int
	// worded tells that only what it says makes it a candidate.
	worded bool
}

// reference is a title that the page gives for other readers than people:
// search engines, sharing, the browser's tab.
type reference struct {
	text    string
	from    string
	given   string // with the site's name
	words   []string
	letters int
}

// references lists the titles of a page's metadata, site names taken off, the
// most telling first.
func (s *story) references() []reference {
	var out []reference
	add := func(given, from string) {
		text := s.withoutSite(given)
		if text != "" {
			out = append(out, reference{text, from, given, wordList(text), page.Letters(text)})
		}
	}
	for i := range s.things {
		t := &s.things[i]
		if i > 0 && t.From == s.things[0].From || !t.IsArticle() {
			continue
		}
		if t.Headline != "" {
			add(t.Headline, t.From+" headline")
		} else {
			add(t.Name, t.From+" name")
		}
	}
	for _, m := range []string{"og:title", "twitter:title", "dc.title", "parsely-title", "sailthru.title", "headline", "cxenseparse:title", "title"} {
		add(s.meta.Get(m), "meta "+m)
	}
	add(s.meta.Title, "title element")
	return out
}

// withoutSite takes the site's name off the end or the front of a title: what a
// bar, dash or dot sets apart and is the site's name or part of the host.
func (s *story) withoutSite(title string) string {
	for _, sep := range []string{" | ", " – ", " — ", " - ", " • ", " · ", " :: ", " » ", " « ", " / ", " @ ", " : ", ": ", " I ", "|"} {
		if at := strings.LastIndex(title, sep); at > 0 && s.siteLike(title[at+len(sep):]) {
			return withoutSection(s.withoutSite(strings.TrimSpace(title[:at])), sep)
		}
		if at := strings.Index(title, sep); at > 0 && s.siteLike(title[:at]) {
			return strings.TrimSpace(title[at+len(sep):])
		}
	}
	if len(s.siteNames()) > 0 {
		return title
	}
	if at := strings.IndexByte(title, '_'); at > 0 && readers.Words(title[:at]) >= 4 && denseScript(lastRune(title[:at])) {
		return strings.TrimSpace(title[:at]) // no headline in a script without spaces holds this sign
	}
	for _, sep := range []string{" :: ", " | ", " « ", " » ", "："} {
		if at := strings.LastIndex(title, sep); at > 0 && readers.Words(title[at:]) <= 4 && readers.Words(title[:at]) >= 4 {
			return strings.TrimSpace(title[:at])
		}
	}
	return title
}

// withoutSection takes off a title what stood between it and the site's name,
// set apart by the same bar.
func withoutSection(title, sep string) string {
	if strings.ContainsAny(sep, "|»•·") {
		if at := strings.LastIndex(title, sep); at > 0 && readers.Words(title[at:]) <= 3 && readers.Words(title[:at]) >= 4 {
			return withoutSection(strings.TrimSpace(title[:at]), sep)
		}
	}
	return title
}

// withoutTail takes the site's name off the end of a printed headline.
func (s *story) withoutTail(text string) string {
	for _, sep := range []string{" | ", " – ", " — ", " - ", " • ", " · "} {
		if at := strings.LastIndex(text, sep); at > 0 && s.siteLike(text[at+len(sep):]) {
			return strings.TrimSpace(text[:at])
		}
	}
	return text
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// siteLike tells whether a part of a title names the site.
func (s *story) siteLike(part string) bool {
	f := folded(part)
	if f == "" || len(f) > 60 {
		return false
	}
	for _, name := range s.siteNames() {
		if f == name || len(name) > 3 && (strings.HasPrefix(f, name+" ") || strings.HasSuffix(f, " "+name)) && len(f) < len(name)+25 {
			return true
		}
	}
	squeezed := strings.ReplaceAll(f, " ", "")
	host := s.host()
	return len(host) > 2 && (squeezed == host || len(host) > 3 && strings.HasPrefix(squeezed, host) && len(f) < len(host)+25 ||
		len(squeezed) > 3 && strings.HasPrefix(host, squeezed))
}

// siteNames are the names that the page gives its site, folded.
func (s *story) siteNames() []string {
	if s.sites == nil {
		s.sites = s.readSiteNames()
	}
	return s.sites
}

func (s *story) readSiteNames() []string {
	out := []string{}
	for _, n := range []string{s.meta.Get("og:site_name"), s.meta.Get("application-name"), s.meta.Get("apple-mobile-web-app-title"), s.meta.Get("twitter:site"), s.meta.Get("copyright")} {
		if f := folded(n); f != "" {
			out = append(out, f)
		}
	}
	for i := range s.things {
		if f := folded(s.things[i].SiteName); f != "" {
			out = append(out, f)
		}
	}
	if len(out) == 0 {
		if f := folded(s.homeName()); f != "" {
			out = append(out, f)
		}
	}
	return out
}

// homeName is what a link to the site's front page says, where the page's title
// begins or ends with it, set apart: "Story - Name", "Name » Story".
func (s *story) homeName() string {
	own, err := url.Parse(s.p.URL)
	if err != nil || len(s.meta.Title) > 1000 {
		return ""
	}
	parts := titleSigns.Split(s.meta.Title, -1)
	if len(parts) < 2 {
		return ""
	}
	first, last := folded(parts[0]), folded(parts[len(parts)-1])
	for _, n := range s.doc.Nodes {
		if n.Tag != atom.A {
			continue
		}
		href := strings.TrimSuffix(n.Attr("href"), "/")
		if n.HasAttr("href") && (href == "" || strings.HasSuffix(href, "//"+own.Host)) {
			if name := n.InnerText(); name != "" && len(name) < 60 && (folded(name) == first || folded(name) == last) {
				return name
			}
		}
	}
	return ""
}

// titleSigns set apart the parts of a title.
var titleSigns = regexp.MustCompile(`\s(?:[|–—•·«»/@:-]|::)\s|: |\|`)

// host is the host's label without hyphens, as names squeeze it.
func (s *story) host() string {
	if !s.hostRead {
		s.hostName, s.hostRead = strings.ReplaceAll(hostLabel(s.p.URL), "-", ""), true
	}
	return s.hostName
}

// hostLabel is the registrable domain's first label: "unian" of www.unian.info.
func hostLabel(raw string) string {
	label, _, _ := strings.Cut(registrableDomain(raw), ".")
	return label
}

// printedTitles lists what the page prints in the way of a headline.
func (s *story) printedTitles(refs []reference) []titled {
	var out []titled
	for i := range s.blocks {
		b := &s.blocks[i]
		h, level := headingOf(b)
		worded := h == nil && b.Letters > 14 && len(b.Text) < 400 && s.quotesTitle(b, refs)
		if worded {
			h, level = b.Node, 7
		}
		if h == nil || b.Letters < 3 || len(b.Text) > 400 {
			continue
		}
		t := titled{node: h, block: i, text: b.Text, from: "printed " + h.Name, worded: worded}
		score := s.titleScore(b, h, level, refs)
		t.score, t.why = score.sum, score.noted
		out = append(out, t)
	}
	return out
}

// headingOf is the heading element of a block with its level (7 for an element
// that only its names call a headline), or nil.
func headingOf(b *readers.Block) (*page.Node, int) {
	var marked *page.Node
	for n, up := b.Node, 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		if n != b.Node && n.End-n.Order > 30 {
			break
		}
		switch n.Tag {
		case atom.H1:
			return n, 1
		case atom.H2:
			return n, 2
		case atom.H3:
			return n, 3
		case atom.H4, atom.H5, atom.H6:
			return n, 4
		case atom.Font:
			if size := n.Attr("size"); size >= "4" && size <= "7" || size == "+1" || size == "+2" || size == "+3" {
				return n, 4
			}
		}
		if up < 2 && n.Marks&page.Headline != 0 && marked == nil {
			marked = n
		}
	}
	return marked, 7
}

// quotesTitle tells whether a block that is no heading says what a title of the
// metadata begins with, as where a page prints its headline in a plain element.
func (s *story) quotesTitle(b *readers.Block, refs []reference) bool {
	// What has more letters than each title cannot have all its words in one.
	if !slices.ContainsFunc(refs, func(r reference) bool { return b.Letters <= r.letters }) {
		return false
	}
	words := wordList(b.Text)
	for _, r := range refs {
		if rest, ok := strings.CutPrefix(r.text, b.Text); ok && beginsTail(rest) {
			return true
		}
		if len(words) >= 4 && len(words) <= len(r.words) && 10*len(words) >= 7*len(r.words) && common(words, r.words) == len(words) {
			return true
		}
	}
	return false
}

// beginsTail tells whether what follows a headline in a title begins with a sign
// that sets channel and site apart: "Headline_Channel_Site".
func beginsTail(rest string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest, " "))
	return rest != "" && strings.ContainsRune("_|-–—·•«»<>", r)
}

func (s *story) titleScore(b *readers.Block, h *page.Node, level int, refs []reference) tally {
	score := tally{notes: s.why.asked()}
	switch level {
	case 1:
		score.add("an h1", 3)
	case 2:
		score.add("an h2", 1.2)
	case 3:
		score.add("an h3", 0.8)
	case 4:
		score.add("a lesser heading", 0.4)
	default:
		score.add("no heading, but named or worded as a headline", 0.6)
	}
	words := wordList(b.Text)
	sim := 0.0
	for _, r := range refs {
		sim = max(sim, dice(words, r.words))
	}
	score.add("words shared with a title of the metadata", 4*sim)
	near := h.Marks
	for n, up := h.Parent, 0; n != nil && up < 4; n, up = n.Parent, up+1 {
		if s.sums[n] < 0.5*s.sums[s.root] {
			near |= n.Marks
		}
	}
	if h.Marks&page.Headline != 0 && level < 7 {
		score.add("named as a headline", 0.7)
	}
	if h.Attr("itemprop") == "headline" {
		score.add("itemprop headline", 1)
	}
	switch {
	case near&(page.Nav|page.Footer|page.Comments|page.Subscribe|page.Consent) == 0 && near&(page.Related|page.Promo|page.Teaser) != 0 && level == 1 && s.soleH1(b):
		score.add("in a teaser by name, but the only h1", -1)
	case near&(page.Nav|page.Footer|page.Related|page.Comments|page.Promo|page.Subscribe|page.Consent|page.Teaser) != 0:
		score.add("in a menu, a teaser or other furniture", -3.5)
	}
	if h.Above(atom.Li) != nil || h.Parent != nil && h.Parent.Tag == atom.Li {
		score.add("in a list", -3)
	}
	if b.LinkShare() > 0.8 {
		score.add("is a link", -1.2)
	}
	if name, _, claim := strings.Cut(b.Text, " – "); s.siteLike(b.Text) || claim && s.siteLike(name) {
		score.add("the site's name", -3)
	}
	switch {
	case len(words) < 3:
		score.add("shorter than three words", -0.8)
	case b.Letters >= 30:
		score.add("long enough for a headline", 0.2)
	}
	if s.mostlyDate(b) {
		score.add("mostly a date", -2)
	}
	if level == 1 && sim < 0.3 && beginsWith(b.Text, furnitureWords) {
		score.add("begins as subscriptions and notices do", -1.5)
	}
	if a := h.Above(atom.Article); a != nil && s.root != nil && a.Holds(s.root) {
		score.add("within the article element of the text", 0.5)
	}
	s.titlePlace(b, &score)
	return score
}

// soleH1 tells whether a block is the only h1 of the page that is not the site's
// name.
func (s *story) soleH1(b *readers.Block) bool {
	for i := range s.blocks {
		other := &s.blocks[i]
		if other.Order == b.Order || other.Letters < 3 {
			continue
		}
		if h, level := headingOf(other); level == 1 && h != b.Node && !h.Holds(b.Node) && !s.siteLike(other.Text) {
			return false
		}
	}
	return true
}

// mostlyDate tells whether a date makes up half of a block or more.
func (s *story) mostlyDate(b *readers.Block) bool {
	for i := range s.printed {
		if d := &s.printed[i]; d.Block >= 0 && s.blocks[d.Block].Order == b.Order {
			return 2*len(d.Text) >= len(b.Text)
		}
	}
	return false
}

// titlePlace rewards a heading that stands right over the first paragraphs.
func (s *story) titlePlace(b *readers.Block, score *tally) {
	if s.first < 0 {
		return
	}
	at := s.indexOf(b)
	between := 0
	for i := at + 1; i < s.first; i++ {
		between += min(s.blocks[i].Letters, 300)
	}
	switch {
	case at > s.first:
		score.add("after the first paragraph", -2)
	case between < 300:
		score.add("right over the first paragraph", 1)
	case between < 900:
		score.add("over the first paragraph, with some text between", 0.5)
	}
}

func (s *story) indexOf(b *readers.Block) int {
	return sort.Search(len(s.blocks), func(i int) bool { return s.blocks[i].Order >= b.Order })
}

// headline weighs the printed titles; without a good one it takes the first of
// the metadata's.
func (s *story) headline() (text, from string, confidence float64) {
	if text, ok := s.ruledHeadline(); ok {
		return text, s.rule.from(), 0.99
	}
	refs := s.references()
	list := s.printedTitles(refs)
	bar := s.titleBar(list, refs)
	best := bestTitle(list, bar, s.first)
	s.noteTitles(list, refs, best, bar)
	if best != nil && best.score >= bar {
		s.title = best.node
		s.titleBlock = best.block
		text, cut := s.trimTitle(best, refs)
		if alone := s.withoutTail(text); alone != text {
			text, cut = alone, "the site's name behind the headline"
		}
		s.noteCutTitle(best.text, text, cut)
		return text, best.from, min(0.99, 0.6+best.score/20)
	}
	if len(refs) > 0 {
		return refs[0].text, refs[0].from, 0.6
	}
	if best != nil && best.score > 0 {
		return s.withoutTail(best.text), best.from, 0.3
	}
	return "", "", 0
}

// bestTitle is the heaviest candidate. One that is no heading, but says what a
// title says, gives way to a good h1 where that is named a headline or the other
// is a sentence: lead-ins say what the title says, too. first is the block of the
// first paragraph.
func bestTitle(list []titled, bar float64, first int) *titled {
	var best, h1 *titled
	for i := range list {
		t := &list[i]
		if best == nil || t.score > best.score || t.score == best.score && t.from == "printed h1" && t.block <= first {
			best = t // of two h1 alike the one nearer to the text
		}
		if t.from == "printed h1" && (h1 == nil || t.score > h1.score) {
			h1 = t
		}
	}
	if h1 != nil && best.worded && h1.score >= max(bar, 2.5) && (h1.node.Marks&page.Headline != 0 || readers.EndsSentence(best.text)) {
		return h1
	}
	return best
}

// titleBar is the least score of a headline. Where the page prints its search
// title as the end of a breadcrumb, or none of its titles anywhere, another
// heading must be the headline, and needs less.
func (s *story) titleBar(list []titled, refs []reference) float64 {
	near, best := false, -1
	for i := range list {
		if best < 0 || list[i].score > list[best].score {
			best = i
		}
		if list[i].score < 2 && s.quotes(list[i].text, refs) {
			return 1.6
		}
		near = near || s.resembles(list[i].text, refs)
	}
	switch {
	case near || len(refs) == 0:
		return 2.5
	case best >= 0 && list[best].from == "printed h1":
		return 0.5
	}
	return 1.6
}

// resembles tells whether a text shares half its words with a title.
func (s *story) resembles(text string, refs []reference) bool {
	words := wordList(text)
	for _, r := range refs {
		if dice(words, r.words) >= 0.5 {
			return true
		}
	}
	return false
}

func (s *story) quotes(text string, refs []reference) bool {
	f := folded(text)
	for _, r := range refs {
		if f == strings.Join(r.words, " ") {
			return true
		}
	}
	return false
}

// trimTitle leaves out what stands in the heading element but is no headline: a
// topic line in an element of its own, where the rest alone is what the page's
// metadata calls the story, or where its names say so. cut says why.
func (s *story) trimTitle(t *titled, refs []reference) (text, cut string) {
	parts := titleParts(t.node)
	if !s.quotes(joinParts(parts), refs) {
		parts, cut = withoutBadges(parts)
	}
	whole := joinParts(parts)
	if whole == "" || len(whole) > 400 {
		return t.text, ""
	}
	if len(parts) < 2 {
		return whole, cut
	}
	if n := len(parts) - 1; !parts[n].node.IsText() {
		// A mark after the headline, such as "subscribers only".
		if before := joinParts(parts[:n]); page.Letters(before) > 12 && s.quotes(before, refs) && !s.quotes(whole, refs) {
			return before, "a mark after the headline: a title of the metadata is the rest alone"
		}
	}
	rest := joinParts(parts[1:])
	if page.Letters(rest) < 12 {
		return whole, cut
	}
	marks := parts[0].node.Marks
	marked := marks&page.Kicker != 0 && marks&page.Headline == 0
	kicker := marked
	plain, all := folded(rest), folded(whole)
	for _, r := range refs {
		title := strings.Join(r.words, " ")
		with, without := dice(wordList(whole), r.words), dice(wordList(rest), r.words)
		switch {
		case endsStatement(parts[0].text):
		case without > 0.95 && with < without || len(plain) > 20 && strings.HasPrefix(title, plain):
			return rest, "a topic line over the headline: a title of the metadata is the rest alone"
		case strings.HasPrefix(title, all) && !marked:
			kicker = false
		}
	}
	if kicker {
		return rest, "a topic line over the headline: by its element's names, or its colon"
	}
	return whole, cut
}

// endsStatement tells whether a text ends as a statement does, and a topic line
// does not.
func endsStatement(s string) bool {
	return strings.ContainsRune(".!…", lastRune(strings.TrimRight(s, " \"'”’“»")))
}

// part is the text of one child of a heading, its spaces as they stand.
type part struct {
	text string
	node *page.Node
}

// withoutBadges takes off what stands in elements of its own before or after a
// headline and is none of its words: "Live", "Premium", a count of comments, a
// sign to link to the heading, a lead-in.
func withoutBadges(parts []part) (rest []part, cut string) {
	rest = parts
	for n := len(rest); n > 1 && page.Letters(joinParts(rest[1:])) >= 6 && (rest[0].badge() || cut != "" && page.Letters(rest[0].text) == 0); n = len(rest) {
		rest, cut = rest[1:], "a badge beside the headline"
	}
	for n := len(rest) - 1; n > 0 && page.Letters(joinParts(rest[:n])) >= 6 && (rest[n].badge() || rest[n].leadIn()); n = len(rest) - 1 {
		rest, cut = rest[:n], "a badge beside the headline"
	}
	return rest, cut
}

// badgeNames are words of the class lists of badges, badgeTexts what badges say.
var (
	badgeNames = strings.Fields("badge badges premium paywall paid plus pro live pill chip icon count counter permalink headerlink anchor headeranchor")
	badgeTexts = strings.Fields("live premium plus abo abo+ liveblog liveticker #")
)

func (p part) badge() bool {
	low := strings.ToLower(page.Fold(p.text))
	if p.node.IsText() || len(low) > 40 || strings.HasSuffix(low, ":") || p.node.Marks&page.Headline != 0 {
		return false
	}
	named := p.node.Tag == atom.Button || p.node.Marks&(page.Comments|page.Tools|page.Share|page.Subscribe|page.DateLine) != 0
	page.SplitWords(p.node.Attr("class"), func(w string) { named = named || slices.Contains(badgeNames, w) })
	return named && readers.Words(low) <= 3 || slices.Contains(badgeTexts, low) && (p.node.Tag == atom.Span || p.node.HasAttr("class"))
}

func (p part) leadIn() bool {
	named := p.node.Marks&page.Standfirst != 0 && p.node.Marks&page.Headline == 0
	page.SplitWords(p.node.Attr("class"), func(w string) { named = named || w == "sub" || w == "subline" || w == "tagline" })
	return named
}

func titleParts(h *page.Node) []part {
	for h.First != nil && h.First == h.Last && !h.First.IsText() {
		h = h.First
	}
	var out []part
	for c := h.First; c != nil; c = c.Next {
		if t := c.SpacedText(); page.Fold(t) != "" {
			out = append(out, part{t, c})
		} else if len(out) > 0 {
			out[len(out)-1].text += " "
		}
	}
	return out
}

// joinParts adds a space where a style sheet would set two parts apart: where a
// capital stands right after another word.
func joinParts(parts []part) string {
	var b strings.Builder
	prev := ' '
	for _, p := range parts {
		first, _ := utf8.DecodeRuneInString(p.text)
		if unicode.IsUpper(first) && (unicode.IsLower(prev) || unicode.IsDigit(prev) || strings.ContainsRune(":?!.)”»“", prev)) {
			b.WriteByte(' ')
		}
		b.WriteString(p.text)
		prev, _ = utf8.DecodeLastRuneInString(p.text)
	}
	return page.Fold(b.String())
}
