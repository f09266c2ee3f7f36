package look

import (
	"testing"

	"newsreel/archive"
)

func holding(change func(map[string]*Page, *archive.Summary)) *Holding {
	h := &Holding{Pages: map[string]*Page{
		"http://a.example/":       {Fate: "captured", Kind: "page", Status: 200, Digest: "A", Block: "a", Article: "x"},
		"http://a.example/copy":   {Fate: "captured", Kind: "page", Status: 200, Digest: "A"},
		"http://a.example/closed": {Fate: "skipped", Reason: "robots", Kind: "page"},
	}}
	change(h.Pages, &h.Summary)
	return h
}

func TestCompareSeesWhatIsMissingOrOtherwise(t *testing.T) {
	none := func(map[string]*Page, *archive.Summary) {}
	for _, c := range []struct {
		name          string
		change        func(map[string]*Page, *archive.Summary)
		lost, changed int
	}{
		{"the same", none, 0, 0},
		{"a URL is gone", func(p map[string]*Page, _ *archive.Summary) { delete(p, "http://a.example/closed") }, 1, 0},
		{"a capture is gone", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/"].Fate = "failed" }, 1, 0},
		{"an article is gone", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/"].Article = "" }, 1, 0},
		{"an article is another", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/"].Article = "y" }, 0, 1},
		{"a payload is another", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/copy"].Digest = "B" }, 0, 1},
		{"the bytes are others", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/"].Block = "b" }, 0, 1},
		{"the other copy is the response", func(p map[string]*Page, _ *archive.Summary) {
			p["http://a.example/"].Block, p["http://a.example/copy"].Block = "", "a"
		}, 0, 0},
		{"a URL more", func(p map[string]*Page, _ *archive.Summary) { p["http://a.example/new"] = &Page{} }, 0, 1},
		{"other sums", func(_ map[string]*Page, s *archive.Summary) { s.Outside++ }, 0, 1},
	} {
		d := Compare(holding(none), holding(c.change))
		if len(d.Lost) != c.lost || len(d.Changed) != c.changed {
			t.Errorf("%s: lost %v, changed %v", c.name, d.Lost, d.Changed)
		}
	}
}
