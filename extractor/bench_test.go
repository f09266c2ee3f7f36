package extractor

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// benchPages reads the pages of a folder (NAME.html and NAME.html.gz, and those
// one folder down), or the fixtures where NEWSREEL_PAGES names none.
func benchPages(b *testing.B) []Page {
	dir := os.Getenv("NEWSREEL_PAGES")
	if dir == "" {
		dir = "testdata"
	}
	var pages []Page
	for _, pattern := range []string{"*.html", "*.html.gz", "*/*.html.gz", "*/*.html"} {
		paths, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			b.Fatal(err)
		}
		for _, path := range paths {
			pages = append(pages, Page{Body: readPage(b, path), URL: "https://paper.example/news/" + filepath.Base(path), Fetched: time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC)})
		}
	}
	if len(pages) == 0 {
		b.Fatalf("no pages in %s", dir)
	}
	return pages
}

func readPage(b *testing.B, path string) []byte {
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			b.Fatal(err)
		}
	}
	body, err := io.ReadAll(r)
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// BenchmarkExtract extracts a folder of pages once an operation:
//
//	NEWSREEL_PAGES=../gold go test -bench Extract -benchmem ./extractor
func BenchmarkExtract(b *testing.B) {
	pages := benchPages(b)
	size := 0
	for _, p := range pages {
		size += len(p.Body)
	}
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, p := range pages {
			Extract(p)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N)/float64(len(pages)), "ms/page")
}

// BenchmarkExtractBySize shows how the time grows with the page.
func BenchmarkExtractBySize(b *testing.B) {
	paragraph := "<p>The council said on Monday that the bridge over the river would be <a href=/x>closed</a> for repairs until spring.</p>\n"
	for _, n := range []int{1 << 10, 32 << 10, 1 << 20, 10 << 20} {
		body := []byte("<title>Bridge to close</title><h1>Bridge to close</h1>" + strings.Repeat(paragraph, n/len(paragraph)+1))
		b.Run(sizeName(n), func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				Extract(Page{Body: body, URL: "https://paper.example/a"})
			}
		})
	}
}

func sizeName(n int) string {
	if n >= 1<<20 {
		return strconv.Itoa(n>>20) + "MB"
	}
	return strconv.Itoa(n>>10) + "KB"
}
