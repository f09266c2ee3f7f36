package archive

import (
	"bytes"
	"context"
	"io"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"newsreel/article"
	"newsreel/capture"
	"newsreel/internal/objstore"
)

// memory is a Store of objects in memory.
type memory map[string][]byte

func (m memory) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	b, ok := m[key]
	if !ok {
		return nil, 0, objstore.ErrNotFound
	}
	return io.NopCloser(bytes.NewReader(b)), int64(len(b)), nil
}

func (m memory) GetBytes(_ context.Context, key string, limit int64) ([]byte, error) {
	b, ok := m[key]
	if !ok {
		return nil, objstore.ErrNotFound
	}
	if int64(len(b)) > limit {
		return nil, objstore.ErrTooLarge
	}
	return b, nil
}

func (m memory) GetRange(_ context.Context, key string, off, n int64) (io.ReadCloser, error) {
	b, ok := m[key]
	if !ok {
		return nil, objstore.ErrNotFound
	}
	off = min(off, int64(len(b)))
	return io.NopCloser(bytes.NewReader(b[off:min(off+n, int64(len(b)))])), nil
}

func (m memory) Stat(_ context.Context, key string) (objstore.Object, error) {
	b, ok := m[key]
	if !ok {
		return objstore.Object{}, objstore.ErrNotFound
	}
	return objstore.Object{Key: key, Size: int64(len(b))}, nil
}

func (m memory) List(_ context.Context, prefix, after string) iter.Seq2[objstore.Object, error] {
	return func(yield func(objstore.Object, error) bool) {
		for _, key := range sortedKeys(m) {
			if strings.HasPrefix(key, prefix) && key > after &&
				!yield(objstore.Object{Key: key, Size: int64(len(m[key]))}, nil) {
				return
			}
		}
	}
}

func TestArticleRowGivesTheRecordBack(t *testing.T) {
	a := &article.Article{
		ID: "a1", ArticleID: "f00", CaptureID: "c1", URL: "http://a.example/1", Domain: "a.example",
		Collection: "news", Job: "j", Run: 3, Fetched: "2024-05-03T18:19:08.72Z", Headline: "Löwe",
		Published: "2016-09-05T23:39:00-04:00", PublishedPrecision: "minute", PublishedZone: "page",
		Body: "One.\n\nTwo.", Entries: []article.Entry{{Time: "10:05", Headline: "H", Text: "T"}}, Notes: []string{"Correction: n"}, Authors: []string{"A", "B"}, Captions: []string{"c"},
		Photos:   []article.Photo{{Caption: "c", Credit: "AP", Width: 640}},
		Language: "de", Tags: []string{"x"}, Paywalled: true, WordCount: 2, Kind: "article",
		Sources: map[string]article.Source{"headline": {From: "jsonld", Confidence: 0.75}},
	}
	var buf bytes.Buffer
	w := NewArticleWriter(&buf)
	row, err := NewArticleRow(a)
	if err != nil {
		t.Fatal(err)
	}
	empty, err := NewArticleRow(&article.Article{ID: "a2", Published: "1970-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]ArticleRow{row, empty}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var got []*article.Article
	var days []int32
	store := memory{"x": buf.Bytes()}
	for r, err := range scan[ArticleRow](context.Background(), store, &Object{Key: "x", Size: int64(buf.Len())}) {
		if err != nil {
			t.Fatal(err)
		}
		back, err := r.Article()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, back)
		days = append(days, *r.PublishedDay)
		if back.ID == "a1" && *r.PublishedTime != time.Date(2016, 9, 6, 3, 39, 0, 0, time.UTC).UnixMicro() {
			t.Errorf("published_time is %d", *r.PublishedTime)
		}
	}
	if diff := cmp.Diff([]*article.Article{a, {ID: "a2", Published: "1970-01-01"}}, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("articles differ:\n%s", diff)
	}
	if diff := cmp.Diff([]int32{17049, 0}, days); diff != "" {
		t.Errorf("days differ:\n%s", diff)
	}
}

func TestEmptyTablesOpen(t *testing.T) {
	var buf bytes.Buffer
	if err := NewArticleWriter(&buf).Close(); err != nil {
		t.Fatal(err)
	}
	for range scan[ArticleRow](context.Background(), memory{"x": buf.Bytes()}, &Object{Key: "x", Size: int64(buf.Len())}) {
		t.Fatal("a row in an empty table")
	}
}

func TestScanReadsTheColumnsAskedForOnly(t *testing.T) {
	var buf bytes.Buffer
	w := NewCaptureWriter(&buf)
	rows := make([]capture.Row, 1000)
	for i := range rows {
		rows[i] = capture.Row{URL: "http://a.example/", CaptureID: "c", ContentDigest: "sha1:X", FetchStatus: 200}
	}
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	n := 0
	o := &Object{Key: "x", Size: int64(buf.Len())}
	for r, err := range scan[KnownCapture](context.Background(), memory{"x": buf.Bytes()}, o) {
		if err != nil {
			t.Fatal(err)
		}
		if r.URL != "http://a.example/" || r.FetchStatus != 200 || r.ContentDigest != "sha1:X" {
			t.Fatalf("row is %+v", r)
		}
		n++
	}
	if n != 1000 {
		t.Errorf("%d rows", n)
	}
}
