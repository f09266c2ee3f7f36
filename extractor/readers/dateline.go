package readers

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/when"
)

// longestDateline is the longest block, in bytes, that is looked through for
// dates as a whole; of longer ones only the beginning is, for wire copy begins
// with place and date.
const longestDateline = 400

// Datelines finds the dates that a page prints, with the labels beside them.
func Datelines(blocks []Block, o when.Options) []Date {
	var out []Date
	for i := range blocks {
		if len(out) > 400 {
			break
		}
		text := blocks[i].Text
		if len(text) > longestDateline {
			text = cutAt(text, 120)
		}
		found := when.Find(text, o)
		if len(found) == 0 && len(text) < 80 {
			if ago, ok := when.Ago(text, o); ok {
				out = append(out, Date{Printed: ago, Role: roleOf(strings.ToLower(text), ""), From: "printed distance", Node: blocks[i].Node, Block: i})
			}
		}
		for k, f := range found {
			start := 0
			if k > 0 {
				start = found[k-1].End
			}
			before := strings.ToLower(lastOfText(text[start:f.Start], 100))
			if len(strings.TrimSpace(before)) < 2 && k == 0 && i > 0 && len(blocks[i-1].Text) < 40 && !strings.ContainsFunc(blocks[i-1].Text, unicode.IsDigit) {
				before = strings.ToLower(blocks[i-1].Text)
			}
			after := ""
			if k+1 == len(found) {
				after = strings.ToLower(cutAt(text[f.End:], 60))
			}
			d := Date{Printed: f, Role: roleOf(before, after), From: "printed", Node: blocks[i].Node, Block: i}
			switch {
			case k > 0 && spans(text, found[k-1], f) || k+1 < len(found) && spans(text, f, found[k+1]):
				d.Role = Other
			case d.Role == Unsaid && marked(blocks[i].Node, page.Modified):
				d.Role = Modified
			}
			out = append(out, d)
		}
	}
	return out
}

// until are words between the two ends of a span of days.
var until = strings.Fields("to until till through bis au al a hasta até ao t/m tot do až ig til по до έως μέχρι hingga sampai đến")

// spans tells whether two dates in a text are the ends of a span of days: an
// event's, an exhibition's.
func spans(text string, from, to when.Printed) bool {
	between := strings.Fields(strings.ToLower(text[from.End:to.Start]))
	return len(between) > 0 && slices.Contains(until, between[0]) && len(between) <= 2 && !from.Time.Clock && !to.Time.Clock && from.Time.Earliest().Before(to.Time.Earliest())
}

func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// DateBoxes finds dates whose parts stand in elements of their own with nothing
// between them, as in <p class="date"><b>Nov</b><b>14</b><b>2012</b></p>.
func DateBoxes(d *page.Doc, blocks []Block, o when.Options) []Date {
	var out []Date
	for _, n := range d.Nodes {
		if n.Marks&page.DateLine == 0 || n.First == nil || n.First == n.Last || n.End-n.Order > 16 || len(out) >= 50 {
			continue
		}
		var parts []string
		n.Each(func(e *page.Node) bool {
			if e.IsText() && strings.TrimSpace(e.Text) != "" {
				parts = append(parts, strings.TrimSpace(e.Text))
			}
			return len(parts) < 8
		})
		text := strings.Join(parts, " ")
		if len(parts) < 3 || len(text) > 40 || len(when.Find(n.InnerText(), o)) > 0 {
			continue
		}
		if found := when.Find(text, o); len(found) == 1 && !found[0].YearGuessed {
			out = append(out, Date{Printed: found[0], From: "printed", Node: n, Block: blockAt(blocks, n)})
		}
	}
	return out
}

// lastOfText is at most n bytes of the end of a text.
func lastOfText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	at := len(s) - n
	for at < len(s) && !utf8.RuneStart(s[at]) {
		at++
	}
	return s[at:]
}

func marked(n *page.Node, m page.Mark) bool { return n.AboveMarked(m, 3) != nil }

// TimeTags reads time elements and others with a datetime or a Unix time in
// their attributes. (HTML, the time element)
func TimeTags(d *page.Doc, blocks []Block, o when.Options) []Date {
	var out []Date
	for _, n := range d.Nodes {
		raw := ""
		switch {
		case n.IsText() || len(n.Attrs) == 0 || len(out) > 200:
			continue
		case n.Tag == atom.Time:
			if raw = n.Attr("datetime"); raw == "" {
				raw = n.Attr("content") // as microdata and RDFa have it on other elements
			}
		case n.Tag == atom.Abbr:
			if raw = n.Attr("title"); n.Marks&page.DateLine == 0 && !isoStart.MatchString(raw) {
				raw = ""
			}
		default:
			raw = dataTime(n)
		}
		if raw == "" {
			continue
		}
		t, ok := when.Machine(raw)
		if !ok {
			found := when.Find(raw, o)
			if len(found) == 0 || found[0].YearGuessed {
				continue
			}
			t = found[0].Time
		}
		shown := n.InnerText()
		if n.Tag != atom.Time && n.Tag != atom.Abbr && shown != "" && (len(shown) > 80 || !strings.ContainsFunc(shown, unicode.IsDigit)) {
			continue // data of a whole box, whose date may be anything's
		}
		before := ""
		if n.Prev != nil && n.Prev.IsText() {
			before = n.Prev.Text
		} else if n.Prev != nil && page.Inline(n.Prev.Tag) {
			before = n.Prev.InnerText()
		} else if n.Parent != nil && n.Parent.Prev != nil && page.Inline(n.Parent.Prev.Tag) {
			before = n.Parent.Prev.InnerText()
		}
		before = strings.ToLower(before) + " " + strings.ToLower(cutAt(shown, 60))
		date := Date{Printed: when.Printed{Time: t, Text: shown}, Role: roleOf(before, ""), From: "time", Node: n, Block: blockAt(blocks, n)}
		date.Role = attributeRole(n, date.Role)
		out = append(out, date)
	}
	return out
}

var isoStart = regexp.MustCompile(`^(?:19|20)\d\d-\d\d-\d\d[T ]\d\d:`)

// attributeRole is the role that an element's attributes give its date, or said.
// The class "updated" alone tells little: the hAtom format has it on the date of
// a story that was never changed. (HTML, the time element; microformats, hAtom)
func attributeRole(n *page.Node, said Role) Role {
	prop := strings.ToLower(n.Attr("itemprop") + " " + n.Attr("class") + " " + n.Attr("id"))
	switch {
	case n.HasAttr("pubdate") || strings.Contains(prop, "datepublished"):
		return Published
	case strings.Contains(prop, "modified"):
		return Modified
	case strings.Contains(prop, "published"):
		return Published
	case strings.Contains(prop, "updated"):
		if said == Unsaid && strings.TrimSpace(prop) == "updated" && !hasSibling(n, "published") {
			return Unsaid
		}
		return Modified
	}
	return said
}

// hasSibling tells whether an element beside n, or n's parent, has a class that
// holds a word.
func hasSibling(n *page.Node, word string) bool {
	for up := 0; n != nil && n.Parent != nil && up < 2; n, up = n.Parent, up+1 {
		for c := n.Parent.First; c != nil; c = c.Next {
			if c != n && !c.IsText() && strings.Contains(strings.ToLower(c.Attr("class")), word) {
				return true
			}
		}
	}
	return false
}

// dataTime is the value of a data attribute that names a time: data-timestamp,
// data-publish-time, data-published-at and the like.
func dataTime(n *page.Node) string {
	for _, a := range n.Attrs {
		if !strings.HasPrefix(a.Key, "data-") || len(a.Val) < 10 || len(a.Val) > 40 {
			continue
		}
		switch name := strings.NewReplacer("-", "", "_", "").Replace(a.Key[len("data-"):]); name {
		case "datetime", "timestamp", "time", "pubdate", "date", "utime", "seconds", "unixtime", "articledate", "epoch", "livestamp":
			return a.Val
		default:
			if strings.HasPrefix(name, "publi") && (strings.Contains(name, "date") || strings.Contains(name, "time") || strings.HasSuffix(name, "at") || strings.HasSuffix(name, "ed")) {
				return a.Val
			}
		}
	}
	return ""
}

// blockAt is the index of the block in which a node's text stands, or of the
// next one.
func blockAt(blocks []Block, n *page.Node) int {
	lo, hi := 0, len(blocks)
	for lo < hi {
		mid := (lo + hi) / 2
		if blocks[mid].Order < n.Order {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo > 0 && (lo == len(blocks) || blocks[lo].Order > n.End) {
		return lo - 1
	}
	return min(lo, len(blocks)-1)
}
