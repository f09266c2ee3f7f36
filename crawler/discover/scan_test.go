package discover

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

type tag struct {
	name  string
	attrs string
}

func ours(doc []byte) (tags []tag) {
	z := &scanner{doc: doc}
	for z.next() {
		t := tag{name: string(z.name)}
		seen := map[string]bool{}
		for _, a := range z.attrs {
			name := strings.ToLower(string(a.name))
			if !seen[name] {
				t.attrs += name + "=" + string(unescapeAttr(a.value)) + "\n"
			}
			seen[name] = true
		}
		tags = append(tags, t)
		z.rawText()
	}
	return tags
}

func theirs(doc []byte) (tags []tag) {
	z := html.NewTokenizer(bytes.NewReader(doc))
	foreign := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return tags
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == "svg" || string(name) == "math" {
				foreign = false
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			closing := bytes.HasSuffix(z.Raw(), []byte("/>"))
			name, more := z.TagName()
			t := tag{name: string(name)}
			if t.name == "noscript" || closing && foreign {
				z.NextIsNotRawText()
			}
			if t.name == "svg" || t.name == "math" {
				foreign = !closing
			}
			for more {
				var k, v []byte
				k, v, more = z.TagAttr()
				t.attrs += strings.ToLower(string(k)) + "=" + string(v) + "\n"
			}
			tags = append(tags, t)
		}
	}
}

func checkTags(t *testing.T, doc []byte) {
	t.Helper()
	for _, c := range doc {
		if c == 0 || c == '\r' || c >= 0x80 {
			return // the library changes these
		}
	}
	got, want := ours(doc), theirs(doc)
	for i := range max(len(got), len(want)) {
		var g, w tag
		if i < len(got) {
			g = got[i]
		}
		if i < len(want) {
			w = want[i]
		}
		if len(w.name) > 24 {
			w.name = w.name[:24]
		}
		if strings.Count(w.attrs, "\n") >= maxAttrs {
			continue
		}
		if g != w {
			t.Fatalf("tag %d of %q:\n got %q\nwant %q", i, doc, g, w)
		}
	}
}

var markup = []string{
	`<a href=x>y</a>`, `<A HREF='x' class="b c" data-x>`, `<a/href=x/>`, `<a =x=y>`, `<a href = "x" >`, `<a href=>`, `<a href=x`, `<a href="x`,
	`<!-- <a href=x> --><a href=y>`, `<!--><a href=y>-->`, `<!---><a href=y>-->`, `<!-- x --!><a href=y>`, `<!-- x --- ><a> --><b>`, `<!--- --><i>`, `<!--a--->b<i>`,
	`<! x <a>><b>`, `<?php echo "<a>" ?><b>`, `</ a><b>`, `</><b>`, `< a><b>`, `<<a>`, `a < b <c>`,
	`<script>"<a href=x>"</script><a href=y>`, `<script><!-- <script> </script> <a href=x> --></script><a href=y>`, `<script><!-- </script><b>`,
	`<script><!--<script></script><i></script><b>`, `<script><!--><script></script><b>`, `<script></scripty></script ><b>`, `<script>x</script`, `<script><!--<scrip></script><b>`,
	`<style><a></style><b>`, `<textarea><a href=x></textarea><b>`, `<title><a></TITLE><b>`, `<iframe><a></iframe><b>`, `<noscript><a href=x></noscript><b>`,
	`<xmp><a></xmp><b>`, `<plaintext><a>`, `<noembed><a></noembed>`, `<svg><title/><a xlink:href=x></svg>`, `<svg><style/><a></svg><style/><b>`,
	`<a href="?a=1&copy=2&amp;b=3&lt;x&notit;&not&#38;&#x26&#x;&#;&bogus;&semi;&copy">`, `<a title='a>b' href=c>`, `<a b='c'd=e>`, `<a b="c"/d>`,
	`<title></title/><b>`, `<title></ti</title x="><b>"><c>`, `<svg/><title/><a></title><b>`, `<img/src=a onerror=b/>`,
}

func TestTagsAreThoseOfTheHTMLTokenizer(t *testing.T) {
	for _, m := range markup {
		checkTags(t, []byte(m))
	}
	checkTags(t, []byte(strings.Join(markup[:8], "")))
}

func FuzzTags(f *testing.F) {
	for _, m := range markup {
		f.Add([]byte(m))
	}
	f.Fuzz(checkTags)
}
