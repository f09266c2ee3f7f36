package readers

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// Meta is what a page's head says: meta elements by name in lower case (name,
// property, itemprop or http-equiv), the title, and links by their relation.
type Meta struct {
	values map[string][]string
	names  []string
	links  map[string]string
	// Title is the text of the title element.
	Title string
	// Lang is the lang of the html element.
	Lang string
	// Base is the first base element's address.
	Base string
}

// ReadMeta reads meta, title and link elements wherever they stand: pages that
// scripts build put some into the body.
func ReadMeta(d *page.Doc) *Meta {
	m := &Meta{values: map[string][]string{}, links: map[string]string{}}
	m.Lang = d.Root.Attr("lang")
	if m.Lang == "" {
		m.Lang = d.Root.Attr("xml:lang")
	}
	for _, n := range d.Nodes {
		switch n.Tag {
		case atom.Meta:
			m.add(n)
		case atom.Title:
			if m.Title == "" && n.Above(atom.Svg) == nil {
				m.Title = page.Fold(n.RawText())
			}
		case atom.Base:
			if m.Base == "" {
				m.Base = n.Attr("href")
			}
		case atom.Link:
			for _, rel := range strings.Fields(strings.ToLower(n.Attr("rel"))) {
				if _, have := m.links[rel]; !have && n.Attr("href") != "" {
					m.links[rel] = strings.TrimSpace(n.Attr("href"))
				}
			}
		}
	}
	return m
}

func (m *Meta) add(n *page.Node) {
	content := n.Attr("content")
	if content == "" {
		content = n.Attr("value")
	}
	if content == "" || len(content) > 20_000 {
		return
	}
	for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
		if key == "itemprop" && n.Parent != nil && insideBody(n) {
			continue // microdata: the reader of that knows whose property it is
		}
		for _, name := range strings.Fields(strings.ToLower(n.Attr(key))) {
			if m.values[name] == nil {
				m.names = append(m.names, name)
			}
			if len(m.values[name]) < 60 {
				m.values[name] = append(m.values[name], content)
			}
		}
	}
}

func insideBody(n *page.Node) bool {
	for ; n != nil; n = n.Parent {
		if n.Tag == atom.Head {
			return false
		}
	}
	return true
}

// Get is the first value of the first name that has one, with spaces folded.
func (m *Meta) Get(names ...string) string {
	for _, name := range names {
		for _, v := range m.values[name] {
			if v = clean(v); v != "" {
				return v
			}
		}
	}
	return ""
}

// Names lists the names that have a value, in the order of the page.
func (m *Meta) Names() []string { return m.names }

// All lists every value of a name.
func (m *Meta) All(name string) []string { return m.values[name] }

// Link is the address of the first link of a relation, as written.
func (m *Meta) Link(rel string) string { return m.links[rel] }
