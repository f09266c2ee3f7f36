package extractor

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestExplainingChangesNothing holds Explain to the article that Extract gives,
// and each explained field to that article.
func TestExplainingChangesNothing(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no fixtures: %v", err)
	}
	for _, path := range paths {
		p := fixture(t, path)
		a, e := Explain(p)
		got, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if want := encode(t, p); string(got) != want {
			t.Errorf("%s: explained %s\nextracted %s", path, got, want)
		}
		said := map[string]Decision{}
		for _, d := range e.Fields {
			said[d.Field] = d
		}
		for field, source := range a.Sources {
			d, ok := said[field]
			if !ok || d.From != source.From || d.Confidence != source.Confidence {
				t.Errorf("%s: %s is explained as %+v, sources say %+v", path, field, d, source)
			}
		}
	}
}

func TestExplanationNamesCandidatesCutsAndReasons(t *testing.T) {
	p := fixture(t, "testdata/agency-2016.html")
	p.Body = []byte(strings.Replace(string(p.Body), "<h1>", `<h1><span class="topic">US-Russia talks on Syria:</span> `, 1))
	_, e := Explain(p)
	said := map[string]Decision{}
	for _, d := range e.Fields {
		said[d.Field] = d
	}
	h := said["headline"]
	if h.Reason == "" || len(h.Candidates) < 2 || !h.Candidates[0].Chosen || h.Candidates[0].From != "printed h1" || len(h.Candidates[0].Evidence) == 0 {
		t.Errorf("headline: %+v", h)
	}
	if len(h.Cuts) == 0 || !strings.Contains(h.Cuts[0].Text, "US-Russia talks on Syria:") || h.Cuts[0].Why == "" {
		t.Errorf("what was cut from the headline: %+v", h.Cuts)
	}
	sum := 0.0
	for _, ev := range h.Candidates[0].Evidence {
		sum += ev.Weight
	}
	if w := h.Candidates[0].Weight; sum-w > 1e-9 || w-sum > 1e-9 {
		t.Errorf("evidence adds up to %f, weight is %f", sum, w)
	}
	if d := said["published"]; d.Reason == "" || len(d.Candidates) == 0 || !d.Candidates[0].Chosen {
		t.Errorf("published: %+v", d)
	}
	if d := said["captions"]; len(d.Candidates) == 0 || len(d.Cuts) == 0 {
		t.Errorf("captions: %+v", d)
	}
	if d := said["body"]; d.Reason == "" || len(d.Cuts) == 0 {
		t.Errorf("body: %+v", d)
	}
}
