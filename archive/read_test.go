package archive

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"newsreel/article"
	"newsreel/warc"
	"newsreel/warc/cdxj"
)

// library is a collection of two jobs and three segments.
func library(t testing.TB) (*shelf, *Archive) {
	s := newShelf(t)
	s.segment("alpha",
		story{id: "a1", url: "http://www.alpha.example/1", published: "2016-09-05T10:39:00", fetched: day("2024-01-01"), lang: "en",
			headline: "Peace talks stall at G20 summit", body: "Talks between the two sides stalled.\n\nA café in Zürich was the place."},
		story{id: "a2", url: "http://www.alpha.example/2", published: "2016-09-07", fetched: day("2024-01-01"), lang: "en-GB",
			headline: "Weather", body: "Rain, and “peace talks” of another kind."},
		story{id: "a3", url: "http://www.alpha.example/logo.png", fetched: day("2024-01-01"), body: "PNG"})
	m := s.segment("alpha",
		story{id: "a4", url: "http://www.alpha.example/1", published: "2016-09-05T10:39:00", fetched: day("2024-02-01"), lang: "en",
			headline: "Peace talks stall at G20 summit", body: "Talks between the two sides stalled.\n\nA café in Zürich was the place.", revisitOf: "a1"})
	s.finish(m, "http://www.alpha.example/1", "http://www.alpha.example/2", "http://www.alpha.example/logo.png")
	s.segment("beta",
		story{id: "b1", url: "http://beta.example/%E6%9D%B1%E4%BA%AC", fetched: day("2024-03-01"), lang: "ja",
			headline: "東京オリンピックが開幕", body: "東京で大会が始まった。"},
		story{id: "b2", url: "http://news.beta.example/x", published: "2024-02-28T23:30:00-05:00", fetched: day("2024-03-01"), lang: "de",
			headline: "STRASSE GESPERRT", body: "Die Talks, die Peace bringen sollten.\n\n" + strings.Repeat("Lorem ipsum dolor. ", 40) + "Am Ende: Müller."})
	return s, New(s.store, t.TempDir())
}

func TestFiltersChooseArticles(t *testing.T) {
	_, a := library(t)
	for name, c := range map[string]struct {
		filter Filter
		want   []string
	}{
		"everything":                               {Filter{}, []string{"a1", "a2", "a4", "b1", "b2"}},
		"a site by its domain":                     {Filter{Site: "alpha.example"}, []string{"a1", "a2", "a4"}},
		"a site by its host":                       {Filter{Site: "News.Beta.example"}, []string{"b2"}},
		"a site that only ends alike":              {Filter{Site: "pha.example"}, nil},
		"days include their ends":                  {Filter{From: day("2016-09-05"), To: day("2016-09-05")}, []string{"a1", "a4"}},
		"the day is the page's own":                {Filter{From: day("2024-02-28"), To: day("2024-02-28")}, []string{"b2"}},
		"fetch day counts where none is published": {Filter{From: day("2024-03-01")}, []string{"b1"}},
		"a language with its regions":              {Filter{Lang: "en"}, []string{"a1", "a2", "a4"}},
		"a region only":                            {Filter{Lang: "EN-gb"}, []string{"a2"}},
		"words anywhere":                           {Filter{Query: "talks PEACE"}, []string{"a1", "a2", "a4", "b2"}},
		"words in a row":                           {Filter{Query: `"peace talks"`}, []string{"a1", "a2", "a4"}},
		"no part of a word":                        {Filter{Query: "talk"}, nil},
		"without diacritics":                       {Filter{Query: "cafe zurich"}, []string{"a1", "a4"}},
		"sharp s":                                  {Filter{Query: "straße"}, []string{"b2"}},
		"part of a text without blanks":            {Filter{Query: "オリンピック"}, []string{"b1"}},
		"several conditions":                       {Filter{Query: "peace", Site: "beta.example", Lang: "de"}, []string{"b2"}},
	} {
		c.filter.Collection = "col"
		var got []string
		for row, err := range a.Articles(t.Context(), c.filter) {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got = append(got, strings.Clone(row.ID))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: articles differ:\n%s", name, diff)
		}
	}
}

func TestSearchRanksHeadlinesThenTheNewest(t *testing.T) {
	_, a := library(t)
	r, err := a.Search(t.Context(), Filter{Collection: "col", Query: "peace talks"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, h := range r.Hits {
		got = append(got, h.ID)
	}
	// a4 is a1's newer version.
	if diff := cmp.Diff([]string{"a4", "b2", "a2"}, got); diff != "" || r.Total != 3 {
		t.Errorf("%d hits, they differ:\n%s", r.Total, diff)
	}
	r, err = a.Search(t.Context(), Filter{Collection: "col", Query: "muller"}, 5)
	if err != nil || len(r.Hits) != 1 || !strings.Contains(r.Hits[0].Snippet, "Am Ende: Müller.") ||
		!strings.HasPrefix(r.Hits[0].Snippet, "… ") || r.Hits[0].Published != "2024-02-28T23:30:00-05:00" {
		t.Errorf("%+v, %v", r, err)
	}
	if _, err := a.Search(t.Context(), Filter{Collection: "col", Query: ` "" - `}, 5); !errors.Is(err, ErrQuery) {
		t.Errorf("no words: %v", err)
	}
}

func TestLookUps(t *testing.T) {
	s, a := library(t)
	rows, err := a.Lookup(t.Context(), "col", "http://www.alpha.example/1")
	if err != nil || len(rows) != 2 || rows[0].CaptureID != "a1" || rows[1].CaptureID != "a4" {
		t.Errorf("look-up: %+v, %v", rows, err)
	}
	fates, err := a.Fates(t.Context(), "col", "http://www.alpha.example/2")
	if err != nil || len(fates) != 1 || fates[0].Fate != "captured" || fates[0].Job != "alpha" {
		t.Errorf("fates: %+v, %v", fates, err)
	}
	if fates, err = a.Fates(t.Context(), "col", "http://www.alpha.example/3"); err != nil || len(fates) != 0 {
		t.Errorf("fates of an unknown URL: %+v, %v", fates, err)
	}
	s.store["staging/J_x_1/c1-1"] = nil
	s.store["col-b/jobs/x/1.json"] = nil
	names, err := a.Collections(t.Context())
	if diff := cmp.Diff([]string{"col-b", "col"}, names); diff != "" || err != nil {
		t.Errorf("collections: %v, differ:\n%s", err, diff)
	}
	if n, err := a.LastRun(t.Context(), "col", "beta"); n != 1 || err != nil {
		t.Errorf("last run of beta is %d, %v", n, err)
	}
	if n, err := a.LastRun(t.Context(), "col", "gamma"); n != 0 || err != nil {
		t.Errorf("last run of gamma is %d, %v", n, err)
	}
}

func export(t testing.TB, a *Archive, format string, f Filter) ([]byte, int64) {
	t.Helper()
	f.Collection = "col"
	var out bytes.Buffer
	n, err := a.Export(t.Context(), &out, format, f)
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), n
}

func TestExportOfArticles(t *testing.T) {
	s, a := library(t)
	lines, n := export(t, a, FormatJSONL, Filter{Site: "beta.example"})
	var got []article.Article
	for line := range strings.Lines(string(lines)) {
		var one article.Article
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		got = append(got, one)
	}
	want := []article.Article{*articleOf(s.known["b1"]), *articleOf(s.known["b2"])}
	if diff := cmp.Diff(want, got); diff != "" || n != 2 {
		t.Errorf("%d articles, they differ:\n%s", n, diff)
	}
	table, n := export(t, a, FormatCSV, Filter{})
	records, err := csv.NewReader(bytes.NewReader(table)).ReadAll()
	if err != nil || len(records) != 6 || n != 5 || !bytes.HasSuffix(table, []byte("\r\n")) {
		t.Errorf("%d records of csv, %v", len(records), err)
	}
	column := slices.Index(records[0], "headline")
	if records[1][column] != "Peace talks stall at G20 summit" {
		t.Errorf("csv: %q", records[1])
	}
	file, _ := export(t, a, FormatParquet, Filter{Query: "peace"})
	rows := 0
	for _, err := range scan[ArticleRow](t.Context(), memory{"x": file}, &Object{Key: "x", Size: int64(len(file))}) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	if rows != 4 {
		t.Errorf("%d rows of parquet", rows)
	}
	if _, err := a.Export(t.Context(), io.Discard, "wacz", Filter{}); !errors.Is(err, ErrFormat) {
		t.Errorf("wacz: %v", err)
	}
}

// types are the types and URLs of the records of a WARC.
func types(t testing.TB, file []byte) (got []string) {
	t.Helper()
	r := warc.NewReader(bytes.NewReader(file))
	for {
		rec, err := r.Next()
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, strings.TrimSpace(rec.Type()+" "+strings.TrimPrefix(rec.TargetURI(), "http://")))
	}
}

func TestExportOfRecords(t *testing.T) {
	_, a := library(t)
	file, n := export(t, a, FormatWARC, Filter{From: day("2024-02-01"), To: day("2024-02-28")})
	want := []string{"warcinfo", "revisit www.alpha.example/1", "request www.alpha.example/1",
		"warcinfo", "response www.alpha.example/1"}
	if diff := cmp.Diff(want, types(t, file)); diff != "" || n != 1 {
		t.Errorf("a revisit and what it refers to: %d, differ:\n%s", n, diff)
	}
	file, n = export(t, a, FormatWARC, Filter{Query: "weather"})
	want = []string{"warcinfo", "response www.alpha.example/2", "request www.alpha.example/2"}
	if diff := cmp.Diff(want, types(t, file)); diff != "" || n != 1 {
		t.Errorf("the page of an article: %d, differ:\n%s", n, diff)
	}
	file, n = export(t, a, FormatWARC, Filter{})
	if got := types(t, file); len(got) != 3+2*6 || n != 6 {
		t.Errorf("everything: %d, %v", n, got)
	}
}

func TestExportOfIndexLines(t *testing.T) {
	s, a := library(t)
	file, n := export(t, a, FormatCDXJ, Filter{})
	var previous string
	for line := range strings.Lines(string(file)) {
		if line < previous {
			t.Errorf("out of order: %s", line)
		}
		previous = line
		l, err := cdxj.ParseLine([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		rec, _, err := warc.ReadMember(s.store["col/warc/"+l.Filename][l.Offset:l.Offset+l.Length], 1<<20)
		if err != nil || rec.TargetURI() != l.URL {
			t.Errorf("%s: %q, %v", line, rec.TargetURI(), err)
		}
	}
	if n != 6 {
		t.Errorf("%d lines", n)
	}
	if _, n = export(t, a, FormatCDXJ, Filter{Site: "beta.example", From: day("2024-03-01"), To: day("2024-03-01")}); n != 2 {
		t.Errorf("%d lines of a site", n)
	}
	if _, n = export(t, a, FormatCDXJ, Filter{Lang: "ja"}); n != 1 {
		t.Errorf("%d lines of a language", n)
	}
}
