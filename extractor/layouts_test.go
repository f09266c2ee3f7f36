package extractor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"newsreel/article"
)

// storyWant is what a page of testdata/layouts says; it was written by hand
// from the page, and no flag rewrites it.
type storyWant struct {
	Kind      string          `json:"kind"`
	Language  string          `json:"language"`
	Paywalled bool            `json:"paywalled"`
	Summary   string          `json:"summary"`
	Notes     []string        `json:"notes"`
	Entries   []article.Entry `json:"entries"`
	Body      []string        `json:"body"`
}

// TestLayoutsGiveTheBodyAlone holds layouts that news pages have had since 1998,
// each in one of many languages, to the text that a reader would take for the
// story's.
func TestLayoutsGiveTheBodyAlone(t *testing.T) {
	paths, err := filepath.Glob("testdata/layouts/*.html")
	if err != nil || len(paths) < 20 {
		t.Fatalf("%d layouts: %v", len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".html"), func(t *testing.T) {
			reviewed, err := os.ReadFile(strings.TrimSuffix(path, ".html") + ".want.json")
			if err != nil {
				t.Fatal(err)
			}
			var want storyWant
			if err := json.Unmarshal(reviewed, &want); err != nil {
				t.Fatal(err)
			}
			a := Extract(fixture(t, path))
			got := storyWant{Kind: a.Kind, Language: a.Language, Paywalled: a.Paywalled, Summary: a.Summary, Notes: a.Notes, Entries: a.Entries}
			if a.Body != "" {
				got.Body = strings.Split(a.Body, "\n\n")
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
