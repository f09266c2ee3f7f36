package frontier

import (
	"fmt"
	"runtime"
	"testing"
	"time"

	"newsreel/internal/weburl"
	"newsreel/stream"
)

// benchURLs is how many URLs the benchmarks fill a frontier with.
const benchURLs = 1_000_000

// benchEntries calls f with run log entries that discover n URLs of many
// hosts, a page's hundred links an entry, with addresses as long as those of
// news sites (some 80 bytes).
func benchEntries(n int, f func(stream.Entry)) {
	sequence := uint64(stream.Partitions)
	found := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i := 0; i < n; i += 100 {
		site := fmt.Sprintf("https://www.daily-paper-%d.example", i/100%500)
		var lines stream.Lines
		for k := i; k < min(i+100, n); k++ {
			lines.Discovery(&stream.Discovery{URL: fmt.Sprintf("%s/politics/2026/01/02/%09d-a-headline-in-words", site, k),
				Kind: stream.KindPage, How: "link", Depth: 1 + i/10000, Path: "LLL"[:1+i%3],
				Via: fmt.Sprintf("%s/politics/2026/01/02/%09d-a-headline-in-words", site, max(i-50_000, 0)), Found: found})
		}
		sequence++
		f(stream.Entry{Class: stream.ClassLog, Partition: stream.PartitionOf(benchDomain(site)), Sequence: sequence, Data: lines.Bytes()})
	}
}

func benchDomain(origin string) string { return weburl.RegistrableDomain(weburl.Hostname(origin)) }

// benchFrontier is a frontier that owns every partition, its claims folded.
func benchFrontier(b *testing.B, rules Rules) *Frontier {
	b.Helper()
	f := New(NewPacer(), rules, benchDomain)
	for p := range stream.Partitions {
		f.Own(stream.Claim{Partition: p, Sequence: uint64(p + 1)})
		claim := stream.Entry{Class: stream.ClassOwn, Partition: p, Sequence: uint64(p + 1), Data: []byte(`{"crawler":"bench"}`)}
		if err := f.Apply(claim, time.Now()); err != nil {
			b.Fatal(err)
		}
	}
	return f
}

// BenchmarkAMillionURLs folds the discoveries of a million URLs, and tells
// what a known URL takes of the heap and of time.
func BenchmarkAMillionURLs(b *testing.B) {
	var entries []stream.Entry
	var length int
	benchEntries(benchURLs, func(e stream.Entry) { entries = append(entries, e); length += len(e.Data) })
	for b.Loop() {
		before := heapInUse()
		f := benchFrontier(b, Rules{})
		started := time.Now()
		for _, e := range entries {
			if err := f.Apply(e, started); err != nil {
				b.Fatal(err)
			}
		}
		took := time.Since(started)
		after := heapInUse()
		urls, _ := f.Memory()
		if urls != benchURLs {
			b.Fatalf("the frontier knows %d URLs", urls)
		}
		b.ReportMetric(float64(after-before)/benchURLs, "B/URL")
		b.ReportMetric(float64(took.Nanoseconds())/benchURLs, "ns/URL")
	}
}

// BenchmarkKnownLinks folds discoveries of URLs that are known already.
func BenchmarkKnownLinks(b *testing.B) {
	const urls = 100_000
	f := benchFrontier(b, Rules{})
	var entries []stream.Entry
	benchEntries(urls, func(e stream.Entry) { entries = append(entries, e) })
	apply := func() {
		for _, e := range entries {
			if err := f.Apply(e, time.Time{}); err != nil {
				b.Fatal(err)
			}
		}
	}
	apply()
	for b.Loop() {
		apply()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/urls, "ns/URL")
}

// BenchmarkNext hands out what a frontier of 100,000 URLs at 500 hosts holds,
// without a delay.
func BenchmarkNext(b *testing.B) {
	const urls = 100_000
	now := time.Now()
	for b.Loop() {
		b.StopTimer()
		f := benchFrontier(b, Rules{Pace: Pace{PerHost: 2, PerDomain: 4}})
		benchEntries(urls, func(e stream.Entry) {
			if err := f.Apply(e, now); err != nil {
				b.Fatal(err)
			}
		})
		b.StartTimer()
		for n := 0; n < urls; n++ {
			t, _, ok := f.Next(now)
			if !ok {
				b.Fatalf("nothing to do after %d of %d", n, urls)
			}
			f.Landed(t, now)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/urls, "ns/URL")
}

func heapInUse() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
