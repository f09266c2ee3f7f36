package demo

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestEveryPageOfTheBenchWorldIsReachedFromItsFrontPage(t *testing.T) {
	b := Bench(2, 120, SizeRange{50_000, 90_000})
	seeds, err := b.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	href := regexp.MustCompile(`href="(/[^"]*)"`)
	for _, seed := range seeds {
		origin := strings.TrimSuffix(seed, "/")
		queue := []string{"/robots.txt", "/"}
		seen := map[string]bool{"/": true}
		for len(queue) > 0 {
			body := get(t, client, origin+queue[0])
			if strings.HasPrefix(queue[0], "/news/") {
				judgeArticle(t, queue[0], body)
			}
			queue = queue[1:]
			for _, m := range href.FindAllSubmatch(body, -1) {
				if to := string(m[1]); !seen[to] && !strings.HasPrefix(to, "/static/") {
					seen[to] = true
					queue = append(queue, to)
				}
			}
		}
	}
	c := b.Counts()
	if want := 2 * (120 + 3 + 2); c.URLs != want || c.Distinct != want || c.Requests != want || c.Unknown != 0 || len(c.Twice) != 0 {
		t.Errorf("counts: %+v, want %d URLs, each asked for once", c, want)
	}
}

func judgeArticle(t *testing.T, path string, body []byte) {
	t.Helper()
	if n := len(body); n < 48_000 || n > 92_000 {
		t.Errorf("%s: %d bytes", path, n)
	}
	if n := bytes.Count(body, []byte("<a ")); n < 110 || n > 126 {
		t.Errorf("%s: %d links", path, n)
	}
	if !strings.HasSuffix(path, "0.html") {
		return // compressing them all takes too long
	}
	var z bytes.Buffer
	g := gzip.NewWriter(&z)
	g.Write(body)
	g.Close()
	if ratio := float64(len(body)) / float64(z.Len()); ratio < 2.2 || ratio > 5 {
		t.Errorf("%s: gzip makes %d bytes of %d", path, z.Len(), len(body))
	}
}

func get(t *testing.T, client *http.Client, url string) []byte {
	t.Helper()
	res, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s: %v", url, err)
	}
	return body
}

func TestTheBenchWorldServesTheSameBytesEachTimeAndTellsItsCounts(t *testing.T) {
	serve := func() (page []byte, counts BenchCounts) {
		ctx, stop := context.WithCancel(context.Background())
		r, w := io.Pipe()
		b := Bench(1, 60, SizeRange{50_000, 60_000})
		done := make(chan error, 1)
		go func() { done <- b.ListenAndServe(ctx, w) }()
		dec := json.NewDecoder(r)
		var first struct{ Seeds []string }
		if err := dec.Decode(&first); err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: &http.Transport{}}
		page = get(t, client, first.Seeds[0]+"news/article-59.html")
		get(t, client, first.Seeds[0]+"news/article-59.html")
		get(t, client, first.Seeds[0]+"news/article-60.html")
		client.CloseIdleConnections()
		stop()
		if err := dec.Decode(&counts); err != nil {
			t.Fatal(err)
		}
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		return page, counts
	}
	one, counts := serve()
	two, _ := serve()
	if !bytes.Equal(one, two) {
		t.Error("two worlds differ")
	}
	if counts.Requests != 3 || counts.Distinct != 1 || counts.Unknown != 1 || len(counts.Twice) != 1 {
		t.Errorf("counts: %+v", counts)
	}
}

func BenchmarkBenchPage(b *testing.B) {
	w := Bench(1, 500, SizeRange{50_000, 90_000})
	var buf []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		buf = w.article(w.hosts[0], i%500, buf[:0])
	}
}

func FuzzBenchTargets(f *testing.F) {
	b := Bench(1, 60, SizeRange{1000, 2000})
	for i := range b.hosts[0].hits {
		f.Add([]byte(b.target(i)))
	}
	for _, odd := range []string{"", "/news/article-60.html", "/news/article--1.html", "/section/99999999999999999999", "/section/+1", "/section/01"} {
		f.Add([]byte(odd))
	}
	f.Fuzz(func(t *testing.T, target []byte) {
		if i := b.page(target); i >= 0 && b.target(i) != string(target) {
			t.Errorf("%q is taken for %q", target, b.target(i))
		}
	})
}
