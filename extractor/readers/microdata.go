package readers

import (
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// Microdata reads items of schema.org's article types; the properties of items
// within them are not theirs. (HTML, Microdata)
func Microdata(d *page.Doc) []Thing {
	var out []Thing
	for _, n := range d.Nodes {
		if !n.HasAttr("itemscope") || len(out) >= 8 {
			continue
		}
		typ := cleanType(strings.TrimSpace(n.Attr("itemtype")))
		if rank(typ) < 3 && !strings.HasSuffix(typ, "Article") {
			continue
		}
		t := Thing{From: "microdata", Type: typ}
		for c := n.First; c != nil; c = c.Next {
			c.Each(func(e *page.Node) bool { return readProperty(&t, e) })
		}
		if t.Headline != "" || t.Published != "" || t.Body != "" {
			out = append(out, t)
		}
	}
	return out
}

// readProperty takes one property; the result says whether to look below it.
func readProperty(t *Thing, n *page.Node) bool {
	prop := n.Attr("itemprop")
	if prop == "" {
		return !n.HasAttr("itemscope")
	}
	for _, p := range strings.Fields(prop) {
		switch p {
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
				t.Authors = append(t.Authors, Person{Name: personName(n), Org: strings.Contains(n.Attr("itemtype"), "Organization")})
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
	return !n.HasAttr("itemscope")
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

func personName(n *page.Node) string {
	if !n.HasAttr("itemscope") {
		return clean(propertyText(n))
	}
	name := n.Find(func(e *page.Node) bool { return e.Attr("itemprop") == "name" })
	if name == nil {
		return n.InnerText()
	}
	return clean(propertyText(name))
}
