package page

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits of one page. What is beyond them is flattened or left out.
const (
	// MaxBytes of a decoded page are parsed.
	MaxBytes = 32 << 20
	// MaxDepth is the deepest nesting kept; deeper elements become siblings.
	MaxDepth = 256
	// MaxNodes are kept; the rest of the page is not read.
	MaxNodes = 300_000
	// FewNodes are kept of any page, and of a larger one a node for so many
	// BytesPerNode: elements of three letters would take a hundred times their
	// size in memory.
	FewNodes     = 20_000
	BytesPerNode = 10
	// MaxAttr is the longest attribute value kept, in bytes.
	MaxAttr = 1 << 20
	// MaxAttrs are kept of one element.
	MaxAttrs = 256
)

// Doc is a parsed page.
type Doc struct {
	Root *Node
	// Nodes are all nodes in document order; Nodes[i].Order is i.
	Nodes []*Node
	// Limits are the names of the limits that the page ran into.
	Limits []string
}

// Parse builds the tree of a page in UTF-8. It never fails.
func Parse(text []byte) *Doc {
	b := &builder{doc: &Doc{}, classes: map[string]Mark{}}
	if len(text) > MaxBytes {
		text = text[:MaxBytes]
		b.limit("bytes")
	}
	b.doc.Root = b.node()
	b.doc.Root.Tag, b.doc.Root.Name = atom.Html, "html"
	b.stack = append(b.stack, b.doc.Root)
	b.src = string(text)
	z := html.NewTokenizer(bytes.NewReader(text))
	most := min(MaxNodes, max(FewNodes, len(text)/BytesPerNode))
	for len(b.doc.Nodes) < most {
		token := z.Next()
		start := b.at
		b.at += len(z.Raw())
		switch token {
		case html.ErrorToken:
			b.finish()
			return b.doc
		case html.TextToken:
			b.text(z, start)
		case html.StartTagToken:
			b.start(z, false)
		case html.SelfClosingTagToken:
			b.start(z, true)
		case html.EndTagToken:
			name, _ := z.TagName()
			b.end(name)
		}
	}
	b.limit("nodes")
	b.finish()
	return b.doc
}

type builder struct {
	doc *Doc
	// src is the page as a string, at the end in it of the present token.
	src   string
	at    int
	slab  []Node
	stack []*Node
	// over counts open elements that were too deep to be kept open.
	over    int
	classes map[string]Mark
}

func (b *builder) limit(name string) {
	for _, l := range b.doc.Limits {
		if l == name {
			return
		}
	}
	b.doc.Limits = append(b.doc.Limits, name)
}

func (b *builder) node() *Node {
	if len(b.slab) == 0 {
		b.slab = make([]Node, 256)
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	n.Order = int32(len(b.doc.Nodes))
	b.doc.Nodes = append(b.doc.Nodes, n)
	return n
}

func (b *builder) top() *Node { return b.stack[len(b.stack)-1] }

func (b *builder) add(n *Node) {
	p := b.top()
	n.Parent, n.Depth = p, p.Depth+1
	n.Prev = p.Last
	if p.Last != nil {
		p.Last.Next = n
	} else {
		p.First = n
	}
	p.Last = n
}

// text adds a text token that begins at start. What needs no unescaping is a
// part of the page's one string, so that long scripts are not copied.
func (b *builder) text(z *html.Tokenizer, start int) {
	raw := z.Raw()
	if len(raw) == 0 {
		return
	}
	t := ""
	if b.at > len(b.src) || bytes.ContainsAny(raw, "&\r\x00") {
		t = string(z.Text())
	} else {
		t = b.src[start:b.at]
	}
	if strings.TrimSpace(t) == "" {
		top := b.top()
		if last := top.Last; last == nil && !Inline(top.Tag) || last != nil && last.IsText() && last.Text == " " {
			return
		}
		t = " "
	} else if b.top().Tag == atom.Head {
		b.pop(len(b.stack) - 1)
	}
	n := b.node()
	n.Text = t
	b.add(n)
}

func (b *builder) start(z *html.Tokenizer, closed bool) {
	raw, more := z.TagName()
	tag := atom.Lookup(raw)
	name := ""
	if tag != 0 {
		name = tag.String()
	} else {
		name = string(raw)
	}
	foreign := b.foreign()
	if tag == atom.Noscript || foreign {
		z.NextIsNotRawText()
	}
	if (tag == atom.Html || tag == atom.Body && b.inBody()) && len(b.doc.Nodes) > 0 {
		target := b.doc.Root
		if tag == atom.Body {
			target = b.body()
		}
		if more && len(target.Attrs) == 0 {
			b.attrs(z, target)
		}
		return
	}
	if b.top().Tag == atom.Head && !headElement(tag) {
		b.pop(len(b.stack) - 1)
	}
	b.implied(tag)
	n := b.node()
	n.Tag, n.Name = tag, name
	n.Marks = tagMarks(tag)
	if more {
		b.attrs(z, n)
	}
	b.add(n)
	if void(tag) || foreign && closed {
		return
	}
	if len(b.stack) >= MaxDepth {
		b.over++
		b.limit("nesting")
		return
	}
	b.stack = append(b.stack, n)
}

// foreign tells whether a drawing or a formula is open: in them a title holds
// markup, and a slash closes an element.
func (b *builder) foreign() bool {
	for i := len(b.stack) - 1; i > 0; i-- {
		switch t := b.stack[i].Tag; {
		case t == atom.Svg || t == atom.Math:
			return true
		case !Inline(t):
			return false
		}
	}
	return false
}

func (b *builder) inBody() bool { return b.body() != nil }

func (b *builder) body() *Node {
	if len(b.stack) > 1 && b.stack[1].Tag == atom.Body {
		return b.stack[1]
	}
	return nil
}

func (b *builder) attrs(z *html.Tokenizer, n *Node) {
	for more := true; more; {
		var key, val []byte
		key, val, more = z.TagAttr()
		if len(key) == 0 {
			continue
		}
		if len(n.Attrs) >= MaxAttrs {
			b.limit("attributes")
			continue
		}
		if len(val) > MaxAttr {
			b.limit("attribute length")
			val = val[:MaxAttr]
		}
		k := ""
		if a := atom.Lookup(key); a != 0 {
			k = a.String()
		} else {
			k = string(key)
		}
		if n.HasAttr(k) {
			continue
		}
		n.Attrs = append(n.Attrs, Attr{k, string(val)})
	}
	n.Marks = b.marks(n)
}

func (b *builder) end(raw []byte) {
	if b.over > 0 {
		b.over--
		return
	}
	tag := atom.Lookup(raw)
	if tag == atom.Body || tag == atom.Html {
		return
	}
	block := !Inline(tag) || tag == atom.Object || tag == atom.Button
	name := string(raw)
	for i := len(b.stack) - 1; i > 0; i-- {
		n := b.stack[i]
		if n.Tag == tag && (tag != 0 || n.Name == name) || heading(tag) && heading(n.Tag) {
			b.pop(i)
			return
		}
		if scopeEnd(n.Tag) && !scopeEnd(tag) && !tablePart(tag) {
			return
		}
		if !block && !Inline(n.Tag) {
			return
		}
	}
}

// pop closes the open elements from stack[i] on.
func (b *builder) pop(i int) {
	end := int32(len(b.doc.Nodes) - 1)
	for _, n := range b.stack[i:] {
		n.End = end
	}
	b.stack = b.stack[:i]
}

func (b *builder) finish() {
	b.pop(0)
	for _, n := range b.doc.Nodes {
		n.End = max(n.End, n.Order)
	}
}

// implied closes what the standard lets an author leave open before tag.
func (b *builder) implied(tag atom.Atom) {
	switch tag {
	case atom.Li:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.Li }, listEnd)
	case atom.Dt, atom.Dd:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.Dt || t == atom.Dd }, listEnd)
	case atom.Tr:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.Tr }, tableEnd)
	case atom.Td, atom.Th:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.Td || t == atom.Th }, rowEnd)
	case atom.Tbody, atom.Thead, atom.Tfoot:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.Tbody || t == atom.Thead || t == atom.Tfoot }, tableEnd)
	case atom.Option:
		if b.top().Tag == atom.Option {
			b.pop(len(b.stack) - 1)
		}
	case atom.A:
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.A }, func(t atom.Atom) bool { return !Inline(t) })
	}
	if heading(tag) && heading(b.top().Tag) {
		b.pop(len(b.stack) - 1)
	}
	if closesParagraph(tag) {
		b.closeUpTo(func(t atom.Atom) bool { return t == atom.P }, scopeEnd)
	}
}

// closeUpTo closes the nearest open element that is wanted, unless one that
// ends the search stands above it.
func (b *builder) closeUpTo(wanted, end func(atom.Atom) bool) {
	for i := len(b.stack) - 1; i > 0; i-- {
		t := b.stack[i].Tag
		if wanted(t) {
			b.pop(i)
			return
		}
		if end(t) {
			return
		}
	}
}

func listEnd(t atom.Atom) bool { return t == atom.Ul || t == atom.Ol || t == atom.Dl || scopeEnd(t) }
func rowEnd(t atom.Atom) bool  { return t == atom.Tr || tableEnd(t) }
func tableEnd(t atom.Atom) bool {
	return t == atom.Table || t == atom.Template || t == atom.Html
}

func scopeEnd(t atom.Atom) bool {
	switch t {
	case atom.Td, atom.Th, atom.Table, atom.Caption, atom.Button, atom.Template, atom.Object, atom.Applet, atom.Marquee, atom.Html:
		return true
	}
	return false
}

func tablePart(t atom.Atom) bool {
	switch t {
	case atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot, atom.Table, atom.Td, atom.Th:
		return true
	}
	return false
}

func heading(t atom.Atom) bool {
	switch t {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

func closesParagraph(t atom.Atom) bool {
	switch t {
	case atom.Br, atom.Td, atom.Th, atom.Tr, atom.Tbody, atom.Thead, atom.Tfoot, atom.Button, atom.Select, atom.Option,
		atom.Caption, atom.Legend, atom.Template, atom.Title, atom.Head, atom.Body, atom.Html:
		return false
	}
	return !Inline(t)
}

func headElement(t atom.Atom) bool {
	switch t {
	case atom.Title, atom.Meta, atom.Link, atom.Script, atom.Style, atom.Base, atom.Noscript, atom.Template, atom.Head:
		return true
	}
	return false
}

func void(t atom.Atom) bool {
	switch t {
	case atom.Area, atom.Base, atom.Br, atom.Col, atom.Embed, atom.Hr, atom.Img, atom.Input, atom.Link, atom.Meta,
		atom.Param, atom.Source, atom.Track, atom.Wbr, atom.Keygen, atom.Basefont, atom.Bgsound, atom.Frame:
		return true
	}
	return false
}

// SplitWords parts a class, id or other name into its lower-case words: at
// anything but letters and digits, and where a capital follows a small letter.
func SplitWords(s string, f func(word string)) {
	start := -1
	for i := 0; i < len(s); i++ {
		c := s[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z' || c >= 0x80
		switch {
		case !letter:
			if start >= 0 {
				f(strings.ToLower(s[start:i]))
			}
			start = -1
		case start < 0:
			start = i
		case 'A' <= c && c <= 'Z' && 'a' <= s[i-1] && s[i-1] <= 'z':
			f(strings.ToLower(s[start:i]))
			start = i
		}
	}
	if start >= 0 {
		f(strings.ToLower(s[start:]))
	}
}
