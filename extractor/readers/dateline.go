package readers

import (
	"strings"
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
			before := strings.ToLower(text[start:f.Start])
			if len(strings.TrimSpace(before)) < 2 && k == 0 && i > 0 && len(blocks[i-1].Text) < 40 {
				before = strings.ToLower(blocks[i-1].Text)
			}
			after := strings.ToLower(cutAt(text[f.End:], 60))
			d := Date{Printed: f, Role: roleOf(before, after), From: "printed", Node: blocks[i].Node, Block: i}
			if d.Role == Unsaid && marked(blocks[i].Node, page.Modified) {
				d.Role = Modified
			}
			out = append(out, d)
		}
	}
	return out
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
			raw = n.Attr("datetime")
		case n.Tag == atom.Abbr && n.Marks&page.DateLine != 0:
			raw = n.Attr("title")
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
		switch prop := strings.ToLower(n.Attr("itemprop") + " " + n.Attr("class") + " " + n.Attr("id")); {
		case strings.Contains(prop, "modified") || strings.Contains(prop, "updated"):
			date.Role = Modified
		case strings.Contains(prop, "datepublished") || strings.Contains(prop, "published") || n.HasAttr("pubdate"):
			date.Role = Published
		}
		out = append(out, date)
	}
	return out
}

// dataTime is the value of a data attribute that names a time.
func dataTime(n *page.Node) string {
	for _, a := range n.Attrs {
		if !strings.HasPrefix(a.Key, "data-") || len(a.Val) < 10 || len(a.Val) > 40 {
			continue
		}
		switch strings.TrimPrefix(a.Key, "data-") {
		case "datetime", "timestamp", "time", "published", "publish-date", "pubdate", "date", "utime", "publishdate", "published-at", "date-published", "seconds", "unixtime", "pub-date", "publication-date":
			return a.Val
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
