package rules

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"

	"newsreel/extractor/page"
)

const selectorPage = `<html lang="de"><body class="page"><div id="main" class="a b"><h1 class="title x">One</h1>
<p class="a">first <b>bold</b></p><p lang="en-GB">second</p><p data-x="Foo bar">third <a href="/x.html">link</a></p><ul><li>1</li><li>2</li><li class="a">3</li><li>4</li><li>5</li></ul></div>
<div class="b"><p>fourth</p><span></span><p class="last a">fifth <i>Ünï</i></p></div><section><div><p>deep</p></div></section></body></html>`

// mirror is a page's tree as the library of others takes it, text for text.
func mirror(n *page.Node, back map[*html.Node]*page.Node) *html.Node {
	m := &html.Node{Type: html.ElementNode, Data: n.Name, DataAtom: n.Tag}
	if n.IsText() {
		m.Type, m.Data = html.TextNode, n.Text
	}
	for _, a := range n.Attrs {
		m.Attr = append(m.Attr, html.Attribute{Key: a.Key, Val: a.Val})
	}
	back[m] = n
	for c := n.First; c != nil; c = c.Next {
		m.AppendChild(mirror(c, back))
	}
	return m
}

func TestSelectorsNameWhatAnotherLibrarySays(t *testing.T) {
	doc := page.Parse([]byte(selectorPage))
	back := map[*html.Node]*page.Node{}
	root := &html.Node{Type: html.DocumentNode}
	root.AppendChild(mirror(doc.Root, back))
	for _, text := range []string{
		"p", "*", "#main", ".a", "p.a", "div p", "div > p", "h1 + p", "h1 ~ p", "p ~ p", "div, ul", "p.a, li.a",
		"[lang]", "[lang|=en]", `[data-x="Foo bar"]`, "[data-x~=bar]", "[data-x^=Foo]", "[data-x$=bar]", `[data-x*="oo b"]`, `[data-x="foo BAR" i]`, `a[href$='.html']`,
		"li:first-child", "li:last-child", "li:nth-child(2)", "li:nth-child(odd)", "li:nth-child(even)", "li:nth-child(2n+1)", "li:nth-child(-n+2)", "li:nth-child(n+4)",
		"li:nth-last-child(2)", "p:first-of-type", "p:last-of-type", "p:nth-of-type(2)", "p:nth-last-of-type(1)", "div:only-child", "section > div > p",
		":not(p):not(li)", "p:not(.a)", "p:not(.a, [lang])", "div:has(a)", "p:has(b, i)", "div:has(ul li.a)",
		":root", "body > *", "div.a.b#main p b", "div div p", "section p", "SECTION P", "p b, p i", "* > a", "li.a + li", "li ~ li ~ li",
	} {
		s, err := ParseSelector(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		peer, err := cascadia.ParseGroup(text)
		if err != nil {
			t.Fatalf("%s: peer: %v", text, err)
		}
		var want []*page.Node
		for _, m := range cascadia.QueryAll(root, peer) {
			want = append(want, back[m])
		}
		if got := NewFinder(doc).All(s, 1000); !slices.Equal(got, want) {
			t.Errorf("%s: %d elements, want %d", text, len(got), len(want))
		}
		if s.String() != text {
			t.Errorf("%s: printed as %s", text, s)
		}
	}
}

func TestHasBeginsWithACombinator(t *testing.T) {
	doc := page.Parse([]byte(selectorPage))
	for text, want := range map[string]int{"section:has(> p)": 0, "div:has(> p)": 3, "h1:has(+ p)": 1, ":is(h1, h2, p.last)": 2, "h1:has(~ ul)": 1, "ul:has(~ p)": 0, "section:has(> div > p)": 1, "ul:has(> .a + li)": 1} {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := NewFinder(doc).All(s, 10); len(got) != want {
			t.Errorf("%s: %d, want %d", text, len(got), want)
		}
	}
}

func TestContainsLooksIntoTheTextWhateverItsCase(t *testing.T) {
	doc := page.Parse([]byte(selectorPage))
	for text, want := range map[string]int{`p:contains("BOLD")`: 1, `p:contains(ünÏ)`: 1, `li:contains('9')`: 0, `div:contains("fourth")`: 1} {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := NewFinder(doc).All(s, 10); len(got) != want {
			t.Errorf("%s: %d", text, len(got))
		}
	}
}

func TestSelectorFaultsSayWhere(t *testing.T) {
	for text, want := range map[string]string{
		"": "at character 1: an element is missing", "p >": "at character 4: an element is missing", "p..a": "at character 3: a name is missing", "p[": "attribute's name",
		"p[a": "compares nothing", "p[a=]": "a value is missing", `p[a="x]`: "closing", "p[a~b]": "compares nothing", "p:hover": "there is no :hover", "p::before": "pseudo-elements",
		"p:nth-child(x)": "none of odd, even", "p:not(": "an element is missing", "p:not(b": ") is missing", "p)": "not understood", "p,,b": "names no element", "p ] b": "names no element",
		":not(:not(:not(:not(:not(p)))))": "nested deeper", strings.Repeat("a ", 20): "more than 16", strings.Repeat("a", 2000): "longer",
	} {
		if _, err := ParseSelector(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// TestHostilePagesAndSelectorsEnd holds what costs most on a page built for it to
// the limit on comparisons.
func TestHostilePagesAndSelectorsEnd(t *testing.T) {
	deep := page.Parse([]byte(strings.Repeat("<div>", 250) + strings.Repeat("<p>x</p>", 100_000)))
	wide := page.Parse([]byte(strings.Repeat("<i></i>", 250_000)))
	for _, c := range []struct {
		doc  *page.Doc
		text string
	}{
		{deep, "div div div div div div div div div div q"}, {deep, "div div div div div div div div div div p"}, {wide, "i ~ i ~ i ~ i ~ q"}, {wide, "i:nth-last-child(2)"}, {wide, "i:has(~ q)"},
		{deep, "div:has(div:has(div:has(q)))"}, {deep, `:contains("y")`}, {wide, "i ~ i ~ b"},
	} {
		s, err := ParseSelector(c.text)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		NewFinder(c.doc).All(s, 100)
		if d := time.Since(start); d > 10*time.Second {
			t.Errorf("%s took %s", c.text, d)
		}
	}
}

func TestFormatsReadDates(t *testing.T) {
	for _, c := range []struct{ format, text, lang, want string }{
		{"DD.MM.YYYY HH:mm", "Stand: 3.6.2019 07:40 Uhr", "de", "2019-06-03T07:40:00"},
		{"D [de] MMM [de] YYYY, HH.mm[h]", "5 de septiembre de 2016, 10.39h", "es", "2016-09-05T10:39:00"},
		{"MMM D, YYYY hh:mm a", "Sept. 5, 2016 10:39 p.m.", "en", "2016-09-05T22:39:00"},
		{"YYYY-MM-DDTHH:mm:ssZ", "2016-09-05T10:39:08+0300", "", "2016-09-05T10:39:08+03:00"},
		{"YYYY年M月D日 H時mm分", "2022年4月5日 9時05分", "ja", "2022-04-05T09:05:00"},
		{"MM/DD/YY", "09/05/16", "", "2016-09-05"},
		{"hh:mm a DD.MM.YYYY", "12:05 AM 01.02.2003", "", "2003-02-01T00:05:00"},
		{"DD.MM.YYYY", "31.02.2019", "", ""},
		{"DD.MM.YYYY", "soon", "", ""},
	} {
		f, err := ParseFormat(c.format)
		if err != nil {
			t.Errorf("%s: %v", c.format, err)
			continue
		}
		got := ""
		if d, _, ok := f.Read(c.text, c.lang); ok {
			got = d.String()
		}
		if got != c.want {
			t.Errorf("%s of %q: %q, want %q", c.format, c.text, got, c.want)
		}
	}
	for _, bad := range []string{"", "DD.MM", "DD.MM.YYYY mm", "DD.MM.YYYY HH:mm a", "DD.DD.MM.YYYY", "DD [x", "DD of MM YYYY", "HH hh DD MM YYYY"} {
		if _, err := ParseFormat(bad); err == nil {
			t.Errorf("%q is taken as a format", bad)
		}
	}
}

func TestZonesKnowSummerTime(t *testing.T) {
	f, err := ParseFormat("YYYY-MM-DD HH:mm")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ zone, text, want string }{
		{"Europe/Berlin", "2019-06-03 07:40", "2019-06-03T07:40:00+02:00"}, {"Europe/Berlin", "2019-12-03 07:40", "2019-12-03T07:40:00+01:00"},
		{"+05:30", "2019-06-03 07:40", "2019-06-03T07:40:00+05:30"}, {"UTC", "2019-06-03 07:40", "2019-06-03T07:40:00+00:00"},
	} {
		z, err := ParseZone(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		d, _, _ := f.Read(c.text, "")
		if got := z.Apply(d).String(); got != c.want {
			t.Errorf("%s: %s", c.zone, got)
		}
	}
	for _, bad := range []string{"", "Local", "CEST?", "Europe/Atlantis"} {
		if _, err := ParseZone(bad); err == nil {
			t.Errorf("%q is taken as a zone", bad)
		}
	}
}

func FuzzSelector(f *testing.F) {
	for _, s := range []string{"div > p.a[x^='y' i]:not(.b, #c):nth-child(2n+1), a ~ b + c", ":has(> p):contains(\"x\")", `p\:a`} {
		f.Add(s)
	}
	doc := page.Parse([]byte(selectorPage))
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSelector(text)
		if err == nil {
			NewFinder(doc).All(s, 10)
		}
	})
}
