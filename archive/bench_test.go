package archive

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"newsreel/article"
)

// BenchmarkSearch searches 100,000 articles of 3 KB for two words.
func BenchmarkSearch(b *testing.B) {
	s := newShelf(b)
	words := strings.Fields("the a of and minister election Zürich café budget vote rain court market price union coach match " +
		"goal film river school storm health tax bridge fire museum")
	for part := range 4 {
		var out bytes.Buffer
		w := NewArticleWriter(&out)
		state := uint64(part + 1)
		for i := range 25_000 {
			var body strings.Builder
			for body.Len() < 3000 {
				state = state*6364136223846793005 + 1442695040888963407
				fmt.Fprintf(&body, "%s %s%d ", words[state>>58%uint64(len(words))], words[state>>40%uint64(len(words))], state>>54)
			}
			row, err := NewArticleRow(&article.Article{ID: fmt.Sprint(part, "-", i), ArticleID: fmt.Sprint(part, "-", i),
				URL: "http://a.example/x", Headline: "Headline number " + fmt.Sprint(i), Body: body.String(), Published: "2024-05-03"})
			s.must(err)
			_, err = w.Write([]ArticleRow{row})
			s.must(err)
		}
		s.must(w.Close())
		segment := SegmentName("job", 1, uint64(part*25_000+1))
		key := ObjectKey("col", segment, "att", ObjectArticles)
		s.store[key] = out.Bytes()
		s.put(&Manifest{Format: 1, Segment: segment, Collection: "col", Job: "job", Run: 1,
			Objects: []Object{{Kind: ObjectArticles, Key: key, Rows: 25_000}}})
	}
	a := New(s.store, b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		r, err := a.Search(b.Context(), Filter{Collection: "col", Query: "minister budget500"}, 20)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(r.Total), "found")
	}
}
