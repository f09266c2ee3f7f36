package stream

import (
	"fmt"
	"testing"
	"time"
)

// benchPage is what a page says in the log: a hundred links and an outcome.
func benchPage() ([]Discovery, *Outcome) {
	found := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	links := make([]Discovery, 100)
	for i := range links {
		links[i] = Discovery{URL: fmt.Sprintf("https://www.daily-paper.example/politics/2026/01/02/%09d-a-headline-in-words", i),
			Kind: KindPage, How: "link", Depth: 2, Path: "LL", Via: "https://www.daily-paper.example/politics", Found: found}
	}
	return links, &Outcome{URL: "https://www.daily-paper.example/politics", Fate: FateCaptured, Kind: KindPage, Status: 200,
		CaptureID: "0f5a6a3e-5e0a-4a53-9c5d-1f2d3c4b5a69", Bytes: 68_000, Page: true, Tries: 1, Time: found, MS: 12}
}

func linesOf(links []Discovery, o *Outcome) *Lines {
	lines := &Lines{}
	for i := range links {
		lines.Discovery(&links[i])
	}
	lines.Outcome(o)
	return lines
}

func BenchmarkLines(b *testing.B) {
	links, outcome := benchPage()
	b.ReportAllocs()
	for b.Loop() {
		linesOf(links, outcome)
	}
}

func BenchmarkParseLines(b *testing.B) {
	body := linesOf(benchPage()).Bytes()
	entries := 0
	visitor := Visitor{Discovery: func(*Discovery) { entries++ }, Outcome: func(*Outcome) { entries++ }}
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := ParseLines(body, visitor); err != nil {
			b.Fatal(err)
		}
	}
	if entries != 101*b.N {
		b.Fatalf("%d lines read of %d", entries, 101*b.N)
	}
}
