package ruletest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"newsreel/extractor"
	"newsreel/extractor/rules"
	"newsreel/internal/fuzzguard"
)

func loaded(t *testing.T) *rules.Rule {
	t.Helper()
	set, err := rules.Load("../testdata/hafenbote.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return set.Rules()[0]
}

func TestARuleReadsWhatOnlyItKnows(t *testing.T) {
	r := loaded(t)
	results := Run(r)
	if len(results) != 1 || !results[0].OK() {
		t.Fatalf("%+v", results)
	}
	p, err := Page(r, &r.Tests[0])
	if err != nil {
		t.Fatal(err)
	}
	a := extractor.Extract(*p)
	for _, field := range []string{"headline", "published", "modified", "body", "captions", "authors", "section"} {
		if from := a.Sources[field].From; from != "site rule hafenbote" {
			t.Errorf("%s is from %q", field, from)
		}
	}
	if !strings.HasPrefix(a.Sources["rule"].From, "hafenbote ") {
		t.Errorf("the rule is named as %q", a.Sources["rule"].From)
	}
	p.Rule = nil
	if b := extractor.Extract(*p); b.PublishedZone == "site" || strings.Contains(b.Sources["headline"].From, "rule") {
		t.Errorf("without a rule: %+v", b)
	}
}

// TestARuleTravels sends a page with its rule as JSON, as to another process.
func TestARuleTravels(t *testing.T) {
	r := loaded(t)
	p, err := Page(r, &r.Tests[0])
	if err != nil {
		t.Fatal(err)
	}
	sent, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var got extractor.Page
	if err := json.Unmarshal(sent, &got); err != nil {
		t.Fatal(err)
	}
	if faults := compare(&r.Tests[0], extractor.Extract(got)); len(faults) > 0 {
		t.Errorf("%+v", faults)
	}
}

func TestATestThatFailsSaysWhat(t *testing.T) {
	text, err := os.ReadFile("../testdata/hafenbote.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ replace, by, field string }{
		{"headline: Schleuse", "headline: Brücke", "headline"},
		{"captions: Das", "captions: []\n      site_name: Das", "captions"},
		{"body_lacks: [Hafenbote Plus]", "body_has: [Elbe]", "body_has"},
		{"page: hafenbote.html", "page: none.html", ""},
		{"headline: .tx7", "headline: .gone", "headline"},
	} {
		r, err := rules.Parse("../testdata/changed.yaml", []byte(strings.Replace(string(text), c.replace, c.by, 1)))
		if err != nil {
			t.Fatal(err)
		}
		res := Run(r)[0]
		if res.OK() || c.field == "" && res.Err == nil || c.field != "" && (len(res.Faults) == 0 || res.Faults[0].Field != c.field && res.Faults[len(res.Faults)-1].Field != c.field) {
			t.Errorf("%s: %+v", c.by, res)
		}
	}
}

func TestAScaffoldPassesItsOwnTest(t *testing.T) {
	body, err := os.ReadFile("../../testdata/agency-2016.html")
	if err != nil {
		t.Fatal(err)
	}
	p := extractor.Page{Body: body, URL: "http://www.wire.example/politics/1504280-peace-talks.html", Fetched: time.Date(2016, 12, 10, 8, 14, 52, 0, time.UTC)}
	text, err := Scaffold(p, "page.html")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"page.html": body, "wire.yaml": text} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	set, err := rules.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if results := Run(set.Rules()[0]); len(results) != 1 || !results[0].OK() {
		t.Errorf("%+v\n%s", results, text)
	}
}

// FuzzRuledPage reads a page with whatever passes for a rule.
func FuzzRuledPage(f *testing.F) {
	rule, err := os.ReadFile("../testdata/hafenbote.yaml")
	if err != nil {
		f.Fatal(err)
	}
	body, err := os.ReadFile("../testdata/hafenbote.html")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(rule, body)
	f.Add([]byte("name: a\nmatch: {hosts: a.example}\nremove: [p, '*:has(> b)']\nbody: ['div ~ p', div]\ncaptions: i\nheadline: {select: a, attribute: href, pattern: '(.)$'}\n"), []byte("<div><p>a<b>c</b><i>d</i><a href=x>y</a></div><p>z"))
	f.Fuzz(func(t *testing.T, rule, body []byte) {
		r, err := rules.Parse("fuzz.yaml", rule)
		if err != nil {
			return
		}
		p := extractor.Page{Body: body, URL: "https://www.hafenbote.example/hafen/schleuse", Rule: r}
		fuzzguard.Run(t, len(body)+len(rule), func() { extractor.Extract(p) })
		a, err := json.Marshal(extractor.Extract(p))
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := json.Marshal(extractor.Extract(p)); string(a) != string(b) {
			t.Errorf("%s\nand then %s", a, b)
		}
	})
}
