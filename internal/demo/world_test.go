package demo

import (
	"context"
	"crypto/sha1"
	"encoding/base32"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
)

type contextType = context.Context

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func digest(b []byte) string {
	sum := sha1.Sum(b)
	return base32.StdEncoding.EncodeToString(sum[:])
}

func started(t *testing.T) *World {
	t.Helper()
	w := New()
	if _, err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func TestAPlainCrawlFindsExactlyWhatIsExpected(t *testing.T) {
	w := started(t)
	for _, edition := range []int{FirstEdition, SecondEdition} {
		w.SetEdition(edition)
		got := newWalker(t, w).crawl()
		want := map[string]Expected{}
		for _, e := range w.Expected() {
			e.Article, e.Duplicate, e.Unchanged, e.OptOut = nil, false, false, false
			want[e.URL] = e
		}
		for _, u := range slices.Sorted(maps.Keys(want)) {
			if diff := cmp.Diff(want[u], got[u]); diff != "" {
				t.Errorf("edition %d: %s (-expected +found):\n%s", edition, u, diff)
			}
		}
		for _, u := range slices.Sorted(maps.Keys(got)) {
			if _, ok := want[u]; !ok {
				t.Errorf("edition %d: found %s (%s), which is not expected", edition, u, got[u].Fate)
			}
		}
		t.Logf("edition %d: %d URLs, %d articles", edition, len(want), len(w.Articles()))
	}
}
