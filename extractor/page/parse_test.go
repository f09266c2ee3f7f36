package page

import (
	"strings"
	"testing"

	"golang.org/x/net/html/atom"

	"newsreel/internal/fuzzguard"
)

// outline writes a tree as its elements and texts.
func outline(n *Node) string {
	if n.IsText() {
		return strings.TrimSpace(n.Text)
	}
	var parts []string
	for c := n.First; c != nil; c = c.Next {
		if o := outline(c); o != "" {
			parts = append(parts, o)
		}
	}
	return n.Name + "(" + strings.Join(parts, " ") + ")"
}

func TestParseClosesWhatAuthorsLeaveOpen(t *testing.T) {
	for _, c := range []struct{ name, page, want string }{
		{"paragraphs", "<p>a<p>b<div>c</div>", "html(p(a) p(b) div(c))"},
		{"list items and lists within", "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>", "html(ul(li(a) li(b ul(li(c))) li(d)))"},
		{"cells", "<table><tr><td>a<td>b<tr><td>c</table>d", "html(table(tr(td(a) td(b)) tr(td(c))) d)"},
		{"terms", "<dl><dt>a<dd>b<dt>c</dl>", "html(dl(dt(a) dd(b) dt(c)))"},
		{"head and body", "<html><head><title>t</title><body><p>a", "html(head(title(t)) body(p(a)))"},
		{"text ends the head", "<head><meta charset=utf-8>a", "html(head(meta()) a)"},
		{"an end tag of nothing", "<div>a</span></p></section>b</div>c", "html(div(a b) c)"},
		{"an inline end tag does not close blocks", "<span><div>a</span>b</div>", "html(span(div(a b)))"},
		{"headings do not nest", "<h1>a<h2>b</h2>", "html(h1(a) h2(b))"},
		{"any heading's end closes a heading", "<h1>a</h2>b", "html(h1(a) b)"},
		{"a second body is none", "<body><p>a</p><body><p>b</p>", "html(body(p(a) p(b)))"},
		{"noscript is markup", "<div><noscript><img src=a></noscript></div>", "html(div(noscript(img())))"},
		{"a drawing's title is no raw text", "<div><svg><title/><path/></svg>a</div><p>b", "html(div(svg(title() path()) a) p(b))"},
		{"a cell's end of paragraph stays in the cell", "<p>a<table><td></p>b</table>", "html(p(a) table(td(b)))"},
	} {
		if got := outline(Parse([]byte(c.page)).Root); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestMarksReadNamesAsWords(t *testing.T) {
	for _, c := range []struct {
		page string
		want Mark
		not  Mark
	}{
		{`<div class="article__related-links">`, Related, BodyText},
		{`<div class="readMore">`, Related, 0},
		{`<div class="has-sidebar">`, 0, Sidebar},
		{`<div class="kDCiBY">`, 0, Byline},
		{`<p class="gc by ad ay gk">`, 0, Byline | Promo},
		{`<div class="byline">`, Byline, 0},
		{`<div itemprop="articleBody">`, BodyText, 0},
		{`<figcaption>`, CaptionMark, 0},
		{`<div class="hidden">`, Hidden, 0},
		{`<div class="hidden md:block">`, 0, Hidden},
		{`<div style="color: red; DISPLAY: none">`, Hidden, 0},
		{`<div hidden id="S:0">`, 0, Hidden},
		{`<div class="newsletterSignupBox">`, Subscribe, 0},
	} {
		n := Parse([]byte(c.page)).Root.First
		if n.Marks&c.want != c.want || n.Marks&c.not != 0 {
			t.Errorf("%s: marks %b", c.page, n.Marks)
		}
	}
}

func TestDeepNestingIsFlattenedAndKeepsItsText(t *testing.T) {
	d := Parse([]byte(strings.Repeat("<div>", 5000) + "a" + strings.Repeat("</div>", 5000) + "<p>b"))
	if got := d.Root.InnerText(); got != "a b" {
		t.Errorf("text %q", got)
	}
	if len(d.Limits) != 1 || d.Limits[0] != "nesting" {
		t.Errorf("limits %v", d.Limits)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("<table><tr><td><p>a<li>b</table><a><div></a><b><p></b>c"))
	f.Add([]byte("<!doctype html><svg><title>x</svg><script>a</script><textarea><p></textarea><plaintext>"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var d *Doc
		fuzzguard.Run(t, len(text), func() { d = Parse(text) })
		for i, n := range d.Nodes {
			if int(n.Order) != i || n.End < n.Order || int(n.End) >= len(d.Nodes) || n.Depth > MaxDepth+1 {
				t.Fatalf("node %d: order %d, end %d, depth %d", i, n.Order, n.End, n.Depth)
			}
			if p := n.Parent; p != nil && !p.Holds(n) {
				t.Fatalf("node %d stands outside of its parent %d..%d", i, p.Order, p.End)
			}
			if n.IsText() && n.First != nil || n.Tag == atom.Br && n.First != nil {
				t.Fatalf("node %d has children", i)
			}
		}
		d.Root.InnerText()
	})
}

func TestSpaceInAnInlineElementIsKept(t *testing.T) {
	if got := Parse([]byte("<p>jsme<span> </span>v<a>Evropě</a> <b> </b>x")).Root.InnerText(); got != "jsme vEvropě x" {
		t.Errorf("text %q", got)
	}
}
