package readers

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"newsreel/extractor/page"
	"newsreel/internal/fuzzguard"
)

func TestParseJSONForgivesWhatPublishersWrite(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"good JSON", `{"headline":"A \"b\" \u00e9 \ud83d\ude00"}`, "A \"b\" é 😀"},
		{"a line break in a string", "{\"headline\":\"A\nb\"}", "A\nb"},
		{"commas too many", `{"a":1,,"headline":"A",}`, "A"},
		{"a comma too few", "{\"a\":\"1\"\n\"headline\":\"A\"}", "A"},
		{"a quote within", `{"headline":"A "quoted" word","b":1}`, `A "quoted" word`},
		{"a comment around", "<!-- \n{\"headline\":\"A\"}\n-->", "A"},
		{"CDATA around", "//<![CDATA[\n{\"headline\":\"A\"}//]]>", "A"},
		{"an assignment before", `window.data = {"headline":"A"};`, "A"},
		{"a cut end", `{"headline":"A","b":{"c":[1,2`, "A"},
		{"an escaped slash", `{"headline":"A\/b"}`, "A/b"},
	} {
		v, ok := ParseJSON(c.text)
		for v.Kind == Array && len(v.Items) > 0 && v.Get("headline").Kind == Null {
			found := Value{}
			for _, item := range v.Items {
				if item.Kind == Object {
					found = item
				}
			}
			v = found
		}
		if got := v.Get("headline").Str; !ok || got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestJSONLDFindsThePagesArticle(t *testing.T) {
	for _, c := range []struct{ name, scripts, want string }{
		{"alone", `{"@type":"NewsArticle","headline":"A"}`, "A"},
		{"in a graph, after the site", `{"@graph":[{"@type":"WebSite","name":"S"},{"@type":["Thing","NewsArticle"],"headline":"A"}]}`, "A"},
		{"in an array beside a breadcrumb", `[{"@type":"BreadcrumbList"},{"@type":"NewsArticle","headline":"A"}]`, "A"},
		{"as main entity of a page", `{"@type":"WebPage","mainEntity":{"@type":"NewsArticle","headline":"A"}}`, "A"},
		{"the one of this address", `[{"@type":"NewsArticle","headline":"B","url":"https://x.example/b"},{"@type":"NewsArticle","headline":"A","url":"https://x.example/a/"}]`, "A"},
		{"not those of a list of other stories", `[{"@type":"ItemList","itemListElement":[{"@type":"NewsArticle","headline":"B"}]},{"@type":"NewsArticle","headline":"A"}]`, "A"},
		{"with entities", `{"@type":"NewsArticle","headline":"A &amp;amp; B"}`, "A & B"},
	} {
		d := page.Parse([]byte(`<script type="application/ld+json">` + c.scripts + `</script>`))
		things := JSONLD(d, "https://x.example/a")
		if len(things) == 0 || things[0].Headline != c.want {
			t.Errorf("%s: %+v", c.name, things)
		}
	}
}

func FuzzJSONLD(f *testing.F) {
	f.Add(`{"@graph":[{"@type":"NewsArticle","headline":"A","author":[{"name":"B"}],"image":{"@id":"#i"}}]}`)
	f.Add("{\"a\":\"\\u00")
	f.Add(`[[[{"@type":["a",{"b":}]`)
	f.Fuzz(func(t *testing.T, text string) {
		v, ok := ParseJSON(text)
		if ok && len(fmt.Sprint(v)) > 200*(len(text)+10) {
			t.Errorf("%d bytes became a value of %d", len(text), len(fmt.Sprint(v)))
		}
		var good any
		if json.Unmarshal([]byte(text), &good) == nil && strings.HasPrefix(text, "{") && !ok {
			t.Errorf("good JSON refused: %s", text)
		}
		fuzzguard.Run(t, len(text), func() {
			JSONLD(page.Parse([]byte(`<script type="application/ld+json">`+text+`</script>`)), "https://x.example/a")
		})
	})
}
