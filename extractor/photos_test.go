package extractor

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"newsreel/article"
)

// layoutWant is the part of an article that testdata/photos/*.want.json holds.
type layoutWant struct {
	Captions []string        `json:"captions"`
	Photos   []article.Photo `json:"photos"`
	Videos   []article.Video `json:"videos,omitempty"`
}

// TestPhotoLayouts holds the ways in which news pages set photos, captions and
// credits to what a reader of each page sees.
func TestPhotoLayouts(t *testing.T) {
	paths, err := filepath.Glob("testdata/photos/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no layouts: %v", err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".html")
		t.Run(name, func(t *testing.T) {
			body, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(strings.TrimSuffix(path, ".html") + ".want.json")
			if err != nil {
				t.Fatal(err)
			}
			var want layoutWant
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			a := Extract(Page{Body: body, URL: "https://paper.example/news/bridge-closes", Fetched: time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)})
			got := layoutWant{Captions: a.Captions, Photos: a.Photos, Videos: a.Videos}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			for _, c := range a.Captions {
				if strings.Contains(a.Body, c) {
					t.Errorf("the body holds the caption %q", c)
				}
			}
		})
	}
}
