package extractor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const around = `<html><head><title>The lock</title></head><body><nav><a href="/">Home</a></nav><article><h1>The lock is mended</h1>
<p>The lock at the lower weir is mended, and the first boats went through it on Monday morning, the harbour office said.</p>`

func TestMarkdownKeepsTheFormOfTheBody(t *testing.T) {
	const first = "The lock at the lower weir is mended, and the first boats went through it on Monday morning, the harbour office said."
	for _, c := range []struct{ name, page, want string }{
		{"links are absolute and emphasis stands", `<p>It took <strong>three</strong> weeks, <em>one more</em> than <a href="/news/plan">planned last year</a>, and cost twice as much.</p>`,
			"It took **three** weeks, *one more* than [planned last year](https://paper.example/news/plan), and cost twice as much."},
		{"subheads and lists", `<h2>What was done</h2><ul><li>The gates were taken out and painted.</li><li>The pump was replaced.<ol><li>Twice, in fact.</li><li>And then once more.</li></ol></li></ul>`,
			"## What was done\n\n- The gates were taken out and painted.\n- The pump was replaced.\n  1. Twice, in fact.\n  2. And then once more."},
		{"a quote", `<blockquote><p>We waited for the parts, and then for the weather to turn.</p><p>Nobody was at fault for that.</p></blockquote>`,
			"> We waited for the parts, and then for the weather to turn.\n>\n> Nobody was at fault for that."},
		{"a table", `<table><tr><th>Year</th><th>Boats in all</th></tr><tr><td>2015</td><td>1 | 204</td></tr><tr><td><a href="/y/2016">2016</a></td><td>988</td></tr></table>`,
			"| Year | Boats in all |\n| --- | --- |\n| 2015 | 1 \\| 204 |\n| [2016](https://paper.example/y/2016) | 988 |"},
		{"signs of the text are escaped", `<p>1. April was dry, said the *keeper* of the [lock], and the file_name was wrong.</p>`,
			`1\. April was dry, said the \*keeper\* of the \[lock\], and the file\_name was wrong.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Extract(Page{Body: []byte(around + c.page + "</article></body></html>"), URL: "https://paper.example/news/lock", Markdown: true})
			if diff := cmp.Diff(first+"\n\n"+c.want, a.Markdown); diff != "" {
				t.Errorf("-want +got:\n%s\nbody: %s", diff, a.Body)
			}
		})
	}
}

func TestMarkdownIsGivenOnRequestOnly(t *testing.T) {
	p := Page{Body: []byte(around), URL: "https://paper.example/news/lock"}
	if a := Extract(p); a.Markdown != "" || a.Body == "" {
		t.Errorf("markdown %q, body %q", a.Markdown, a.Body)
	}
}
