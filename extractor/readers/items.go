package readers

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// vocabulary is how a syntax writes items into attributes.
type vocabulary struct {
	from string
	// scope is the attribute that an item's element has, typ that of its type,
	// property that of a property.
	scope, typ, property string
}

var (
	microdata = vocabulary{"microdata", "itemscope", "itemtype", "itemprop"}
	rdfa      = vocabulary{"rdfa", "typeof", "typeof", "property"}
)

// Microdata reads items of schema.org's article types; the properties of items
// within them are not theirs. (HTML, Microdata)
func Microdata(d *page.Doc) []Thing { return microdata.things(d) }

// RDFa reads the same written as RDFa Lite, and the terms of Dublin Core and
// SIOC that content management systems wrote before schema.org. Prefixes are
// taken off, not looked up. (RDFa Lite 1.1)
func RDFa(d *page.Doc) []Thing { return rdfa.things(d) }

func (v vocabulary) things(d *page.Doc) []Thing {
	var out []Thing
	for _, n := range d.Nodes {
		if !n.HasAttr(v.scope) || len(out) >= 8 {
			continue
		}
		typ := v.articleType(n)
		if typ == "" {
			continue
		}
		t := Thing{From: v.from, Type: typ}
		for c := n.First; c != nil; c = c.Next {
			c.Each(func(e *page.Node) bool { return v.readProperty(&t, e) })
		}
		if t.Headline != "" || t.Published != "" || t.Created != "" || t.Body != "" {
			out = append(out, t)
		}
	}
	return out
}

// articleType is the first of an item's types that is an article's, "" for
// none. (schema.org; sioc:Item is what Drupal 7 wrote)
func (v vocabulary) articleType(n *page.Node) string {
	for _, name := range strings.Fields(n.Attr(v.typ)) {
		typ := cleanType(name)
		switch {
		case v.from == rdfa.from && name == "sioc:Item":
			return "Article"
		case rank(typ) >= 3, strings.HasSuffix(typ, "Article"):
			return typ
		}
	}
	return ""
}

// readProperty takes one property; the result says whether to look below it.
func (v vocabulary) readProperty(t *Thing, n *page.Node) bool {
	prop := n.Attr(v.property)
	if prop == "" {
		return !n.HasAttr(v.scope)
	}
	for _, p := range strings.Fields(prop) {
		switch v.term(p) {
		case "headline":
			set(&t.Headline, n)
		case "name":
			set(&t.Name, n)
		case "description", "alternativeHeadline":
			set(&t.Description, n)
		case "datePublished":
			set(&t.Published, n)
		case "dateCreated":
			set(&t.Created, n)
		case "dateModified":
			set(&t.Modified, n)
		case "articleSection":
			set(&t.Section, n)
		case "inLanguage":
			set(&t.Language, n)
		case "author", "creator":
			if len(t.Authors) < 20 {
				t.Authors = append(t.Authors, Person{Name: v.personName(n), Org: strings.Contains(n.Attr(v.typ), "Organization")})
			}
		case "keywords":
			for _, w := range strings.Split(propertyText(n), ",") {
				if w = clean(w); w != "" && len(t.Keywords) < 100 {
					t.Keywords = append(t.Keywords, w)
				}
			}
		case "articleBody":
			t.Body = "" // the layout reader takes it from the element itself
		}
	}
	return !n.HasAttr(v.scope)
}

// term is a property in schema.org's words. RDFa has a prefix before it, and
// may be in Dublin Core's.
func (v vocabulary) term(p string) string {
	if v.from != rdfa.from {
		return p
	}
	switch p = cleanType(p); p {
	case "title":
		return "headline"
	case "date":
		return "datePublished"
	case "created":
		return "dateCreated"
	case "modified":
		return "dateModified"
	}
	return p
}

func set(field *string, n *page.Node) {
	if *field == "" {
		*field = clean(propertyText(n))
	}
}

func propertyText(n *page.Node) string {
	for _, key := range []string{"content", "datetime"} {
		if v := n.Attr(key); v != "" {
			return v
		}
	}
	if n.Tag == atom.Meta {
		return ""
	}
	return n.InnerText()
}

func (v vocabulary) personName(n *page.Node) string {
	if !n.HasAttr(v.scope) {
		return clean(propertyText(n))
	}
	name := n.Find(func(e *page.Node) bool { return cleanType(e.Attr(v.property)) == "name" })
	if name == nil {
		return n.InnerText()
	}
	return clean(propertyText(name))
}
