// Package page holds a news page once it is decoded and parsed: the one tree
// that every reader looks at, with what the names of its elements say they are
// for. Its tree builder follows the HTML standard where that matters for
// reading (implied end tags, void and raw elements) and never fails: nesting
// and size beyond its limits are flattened or cut, and Limits names them.
package page

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// Node is an element or a text of a page. The zero Tag with an empty Name is a
// text.
type Node struct {
	Parent, First, Last, Prev, Next *Node

	// Tag is the element's name where that is a known one.
	Tag atom.Atom
	// Name is the element's name in lower case.
	Name string
	// Text is a text node's text, unescaped.
	Text  string
	Attrs []Attr
	// Order counts nodes in document order; End is the order of the last node
	// below this one, so that A holds B where A.Order <= B.Order <= A.End.
	Order, End int32
	Depth      int32
	// Marks say what the element's own names (class, id, itemprop, role) say it
	// is for.
	Marks Mark
}

// Attr is one attribute, its key in lower case and its value unescaped.
type Attr struct{ Key, Val string }

// IsText tells whether the node is a text.
func (n *Node) IsText() bool { return n.Tag == 0 && n.Name == "" }

// Attr is the value of an attribute, or "".
func (n *Node) Attr(key string) string {
	for i := range n.Attrs {
		if n.Attrs[i].Key == key {
			return n.Attrs[i].Val
		}
	}
	return ""
}

// HasAttr tells whether the attribute is there, if only with an empty value.
func (n *Node) HasAttr(key string) bool {
	for i := range n.Attrs {
		if n.Attrs[i].Key == key {
			return true
		}
	}
	return false
}

// Holds tells whether other is this node or stands below it.
func (n *Node) Holds(other *Node) bool { return n.Order <= other.Order && other.Order <= n.End }

// Above is the nearest ancestor-or-self with the tag, or nil.
func (n *Node) Above(tag atom.Atom) *Node {
	for ; n != nil; n = n.Parent {
		if n.Tag == tag {
			return n
		}
	}
	return nil
}

// AboveMarked is the nearest ancestor-or-self with any of the marks, looking at
// most levels up.
func (n *Node) AboveMarked(m Mark, levels int) *Node {
	for ; n != nil && levels > 0; n, levels = n.Parent, levels-1 {
		if n.Marks&m != 0 {
			return n
		}
	}
	return nil
}

// Following is the next node in document order that is not below n.
func (n *Node) Following() *Node {
	for ; n != nil; n = n.Parent {
		if n.Next != nil {
			return n.Next
		}
	}
	return nil
}

// Each calls f for n and every node below it in document order; where f
// returns false the nodes below are left out.
func (n *Node) Each(f func(*Node) bool) {
	if !f(n) {
		return
	}
	for c := n.First; c != nil; c = c.Next {
		c.Each(f)
	}
}

// Find is the first node below n (or n) for which f holds, or nil.
func (n *Node) Find(f func(*Node) bool) *Node {
	if f(n) {
		return n
	}
	for c := n.First; c != nil; c = c.Next {
		if found := c.Find(f); found != nil {
			return found
		}
	}
	return nil
}

// InnerText is the visible text below n, with spaces folded; block elements and
// line breaks part words.
func (n *Node) InnerText() string {
	var b strings.Builder
	n.innerText(&b)
	return Fold(b.String())
}

// SpacedText is the visible text below n with its spaces as they stand.
func (n *Node) SpacedText() string {
	var b strings.Builder
	n.innerText(&b)
	return b.String()
}

func (n *Node) innerText(b *strings.Builder) {
	if n.IsText() {
		b.WriteString(n.Text)
		return
	}
	if n.Invisible() {
		return
	}
	block := !Inline(n.Tag)
	if block {
		b.WriteByte(' ')
	}
	for c := n.First; c != nil; c = c.Next {
		c.innerText(b)
	}
	if block {
		b.WriteByte(' ')
	}
}

// RawText is the text below n with line breaks kept, as in a script element.
func (n *Node) RawText() string {
	if n.First != nil && n.First.Next == nil && n.First.IsText() {
		return n.First.Text
	}
	var b strings.Builder
	n.Each(func(c *Node) bool { b.WriteString(c.Text); return true })
	return b.String()
}

// Invisible tells whether the element's text is never shown: scripts, styles,
// form controls, and what is hidden by attribute or inline style.
func (n *Node) Invisible() bool {
	switch n.Tag {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Svg, atom.Iframe, atom.Object,
		atom.Title, atom.Select, atom.Option, atom.Textarea, atom.Input, atom.Head, atom.Canvas, atom.Audio, atom.Video, atom.Math:
		return true
	}
	return n.Marks&Hidden != 0
}

// Inline tells whether an element runs within a line of text. What is not known
// is taken as inline, as browsers do.
func Inline(tag atom.Atom) bool {
	switch tag {
	case atom.Address, atom.Article, atom.Aside, atom.Blockquote, atom.Body, atom.Br, atom.Button, atom.Caption,
		atom.Center, atom.Dd, atom.Details, atom.Dialog, atom.Dir, atom.Div, atom.Dl, atom.Dt, atom.Fieldset,
		atom.Figcaption, atom.Figure, atom.Footer, atom.Form, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Head, atom.Header, atom.Hgroup, atom.Hr, atom.Html, atom.Legend, atom.Li, atom.Listing, atom.Main, atom.Menu,
		atom.Nav, atom.Ol, atom.Option, atom.P, atom.Pre, atom.Section, atom.Select, atom.Summary, atom.Table,
		atom.Tbody, atom.Td, atom.Template, atom.Tfoot, atom.Th, atom.Thead, atom.Title, atom.Tr, atom.Ul:
		return false
	}
	return true
}
