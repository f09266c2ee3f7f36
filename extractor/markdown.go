package extractor

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// markdown is the body in CommonMark, with the tables of GitHub's form: the
// blocks of Body in the same order, with their headings, lists, quotes, tables,
// links and emphasis. Links are absolute.
func (s *story) markdown() string {
	var w mdWriter
	for i := 0; i < len(s.blocks); i++ {
		if !s.keep[i] {
			continue
		}
		b := &s.blocks[i]
		if t := s.dataTable(b.Node); t != nil {
			end := i
			for end < len(s.blocks) && t.Holds(s.blocks[end].Node) {
				end++
			}
			if rows := s.tableRows(t, i, end); rows != "" {
				w.block(rows, s.quoteDepth(b.Node), nil, t)
				i = end - 1
				continue
			}
		}
		text := s.inline(i)
		switch {
		case text == "":
			continue
		case b.Heading():
			text = strings.Repeat("#", level(b.Node)) + " " + strings.ReplaceAll(text, "\n", " ")
		default:
			text = escapeStart(text)
		}
		w.block(text, s.quoteDepth(b.Node), s.lists(b.Node), b.Node)
	}
	return w.out.String()
}

// mdWriter joins blocks; list items follow each other without a blank line.
type mdWriter struct {
	out strings.Builder
	// quotes and items are those that the block before stands in.
	quotes int
	items  []*page.Node
	count  map[*page.Node]int
}

// listItem is an item that a block stands in.
type listItem struct {
	item    *page.Node
	ordered bool
}

// block writes a block within so many quotes and list items, outermost first.
func (w *mdWriter) block(text string, quotes int, items []listItem, n *page.Node) {
	indent, mark := "", ""
	fresh := false
	for _, it := range items {
		indent += mark
		if w.seen(it.item) {
			mark = strings.Repeat(" ", 2+len(ordinal(it, w.count))-1)
			continue
		}
		fresh = true
		if w.count == nil {
			w.count = map[*page.Node]int{}
		}
		w.count[it.item.Parent]++
		mark = ordinal(it, w.count) + " "
	}
	lead := strings.Repeat("> ", quotes)
	// What leads up to a nested item is the outer items' indentation.
	first, rest := lead+spaces(indent)+mark, lead+spaces(indent)+spaces(mark)
	if !fresh {
		first = rest
	}
	if w.out.Len() > 0 {
		w.out.WriteString("\n")
		if !fresh || len(w.items) == 0 || quotes > 0 {
			w.out.WriteString(strings.TrimRight(strings.Repeat("> ", min(quotes, w.quotes)), " ") + "\n")
		}
	}
	w.quotes, w.items = quotes, w.items[:0]
	for _, it := range items {
		w.items = append(w.items, it.item)
	}
	for k, line := range strings.Split(text, "\n") {
		if k == 0 {
			w.out.WriteString(first + line)
		} else {
			w.out.WriteString("\n" + rest + line)
		}
	}
}

// seen tells whether the block before stood in the item too.
func (w *mdWriter) seen(item *page.Node) bool {
	for _, it := range w.items {
		if it == item {
			return true
		}
	}
	return false
}

func ordinal(it listItem, count map[*page.Node]int) string {
	if it.ordered {
		return strconv.Itoa(max(1, count[it.item.Parent])) + "."
	}
	return "-"
}

func spaces(s string) string { return strings.Repeat(" ", len(s)) }

// lists are the list items around a node within the body, outermost first.
func (s *story) lists(n *page.Node) (out []listItem) {
	for ; n != nil && n != s.root; n = n.Parent {
		if n.Tag == atom.Li && n.Parent != nil && len(out) < 6 {
			out = append([]listItem{{n, n.Parent.Tag == atom.Ol}}, out...)
		}
	}
	return out
}

// quoteDepth counts the block quotations around a node within the body.
func (s *story) quoteDepth(n *page.Node) (count int) {
	for ; n != nil && n != s.root && count < 4; n = n.Parent {
		if n.Tag == atom.Blockquote {
			count++
		}
	}
	return count
}

// level is the number of signs of a heading: the page's own level, but never
// that of the headline.
func level(n *page.Node) int {
	for up := 0; n != nil && up < 3; n, up = n.Parent, up+1 {
		switch n.Tag {
		case atom.H1, atom.H2:
			return 2
		case atom.H3:
			return 3
		case atom.H4:
			return 4
		case atom.H5:
			return 5
		case atom.H6:
			return 6
		}
	}
	return 2
}

// dataTable is the table of rows and columns that a node stands in within the
// body, or nil.
func (s *story) dataTable(n *page.Node) *page.Node {
	t := n.Above(atom.Table)
	if t == nil || t == s.root || !s.root.Holds(t) || t.Parent.Above(atom.Table) != nil && s.root.Holds(t.Parent.Above(atom.Table)) {
		return nil
	}
	return t
}

// tableRows writes blocks[from:to], which stand in the table, as its rows; ""
// where it has but one column, as tables that only set text have.
func (s *story) tableRows(t *page.Node, from, to int) string {
	var rows [][]string
	var row, cell *page.Node
	wide := 0
	for i := from; i < to; i++ {
		if !s.keep[i] {
			continue
		}
		n := s.blocks[i].Node
		r := n.Above(atom.Tr)
		if r == nil || !t.Holds(r) {
			return ""
		}
		c := n
		for c.Parent != nil && c.Parent != r && r.Holds(c.Parent) {
			c = c.Parent
		}
		text := strings.ReplaceAll(strings.ReplaceAll(s.inline(i), "\n", " "), "|", `\|`)
		switch {
		case r != row:
			rows = append(rows, []string{text})
		case c != cell:
			rows[len(rows)-1] = append(rows[len(rows)-1], text)
		default:
			last := &rows[len(rows)-1][len(rows[len(rows)-1])-1]
			*last += " " + text
		}
		row, cell = r, c
		wide = max(wide, len(rows[len(rows)-1]))
	}
	if wide < 2 || wide > 40 {
		return ""
	}
	var b strings.Builder
	for k, r := range rows {
		for len(r) < wide {
			r = append(r, "")
		}
		if k > 0 {
			b.WriteByte('\n')
		}
		b.WriteString("| " + strings.Join(r, " | ") + " |")
		if k == 0 {
			b.WriteString("\n|" + strings.Repeat(" --- |", wide))
		}
	}
	return b.String()
}

// span is a piece of a line with what it is set in.
type mdSpan struct {
	text         string
	link         string
	strong, emph bool
	code         bool
}

// inline is the text of a block with its links and emphasis.
func (s *story) inline(i int) string {
	b := &s.blocks[i]
	end := int32(len(s.doc.Nodes))
	if i+1 < len(s.blocks) {
		end = s.blocks[i+1].Order
	}
	var spans []mdSpan
	for at := b.Order; at < end; at++ {
		n := s.doc.Nodes[at]
		switch {
		case n.IsText():
			sp := s.spanOf(n, b)
			sp.text = n.Text
			if k := len(spans) - 1; k >= 0 && spans[k].link == sp.link && spans[k].strong == sp.strong && spans[k].emph == sp.emph && spans[k].code == sp.code {
				spans[k].text += sp.text
			} else {
				spans = append(spans, sp)
			}
		case n.Tag == atom.Br:
			spans = append(spans, mdSpan{text: " "})
		case n.Invisible():
			at = n.End
		}
	}
	return render(spans, b)
}

// spanOf reads the inline elements around a text.
func (s *story) spanOf(n *page.Node, b *readers.Block) (sp mdSpan) {
	for p := n.Parent; p != nil && p != b.Node && page.Inline(p.Tag); p = p.Parent {
		switch p.Tag {
		case atom.A:
			if href := p.Attr("href"); sp.link == "" && !strings.HasPrefix(strings.TrimSpace(href), "#") {
				sp.link = s.absolute(href)
			}
		case atom.B, atom.Strong:
			sp.strong = true
		case atom.I, atom.Em, atom.Cite:
			sp.emph = true
		case atom.Code, atom.Kbd, atom.Samp:
			sp.code = true
		}
	}
	return sp
}

// render writes the pieces of a line; a paragraph that is emphasised as a whole,
// and a heading, are not.
func render(spans []mdSpan, b *readers.Block) string {
	plain := b.Heading()
	var out strings.Builder
	for _, sp := range spans {
		text := page.Fold(sp.text)
		if text == "" {
			if out.Len() > 0 && sp.text != "" {
				space(&out)
			}
			continue
		}
		if r, _ := utf8.DecodeRuneInString(sp.text); unicode.IsSpace(r) {
			space(&out)
		}
		mark := ""
		if sp.strong && !plain {
			mark += "**"
		}
		if sp.emph && !plain {
			mark += "*"
		}
		if sp.code {
			text = "`" + strings.ReplaceAll(text, "`", "'") + "`"
		} else {
			text = escape(text)
		}
		text = mark + text + reversed(mark)
		if sp.link != "" {
			text = "[" + text + "](" + strings.NewReplacer("(", "%28", ")", "%29", " ", "%20", "<", "%3C", ">", "%3E").Replace(sp.link) + ")"
		}
		out.WriteString(text)
		if r, _ := utf8.DecodeLastRuneInString(sp.text); unicode.IsSpace(r) {
			space(&out)
		}
	}
	return strings.TrimSpace(out.String())
}

// space writes a space unless one stands there.
func space(b *strings.Builder) {
	if s := b.String(); s != "" && s[len(s)-1] != ' ' {
		b.WriteByte(' ')
	}
}

func reversed(mark string) string {
	if mark == "***" || mark == "**" || mark == "*" {
		return mark
	}
	return ""
}

// escape keeps a text's own signs from being read as Markdown.
func escape(s string) string {
	if !strings.ContainsAny(s, "\\`*_[]<>#|~") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\', '`', '*', '_', '[', ']', '<', '>', '~':
			b.WriteByte('\\')
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// escapeStart keeps the beginning of a paragraph from being read as a list, a
// heading or a rule.
func escapeStart(s string) string {
	if s == "" {
		return s
	}
	switch s[0] {
	case '#', '+', '-', '=':
		return `\` + s
	}
	digits := len(s) - len(strings.TrimLeft(s, "0123456789"))
	if digits > 0 && digits < 10 && len(s) > digits && (s[digits] == '.' || s[digits] == ')') {
		return s[:digits] + `\` + s[digits:]
	}
	return s
}
