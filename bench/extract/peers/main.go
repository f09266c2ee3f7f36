// Command peers measures newsreel's extractor beside extractors of others, on the
// same annotated pages, in the same run and process:
//
//	cd bench/extract/peers && go run . -gold DIR [-rounds 3] [-no-peers]
//
// It is a module of its own, so that what it compares with is no dependency of
// newsreel.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"newsreel/bench/extract/gold"
)

func main() {
	dir := flag.String("gold", "../../../../shared/gold", "folder with gold.jsonl and its pages")
	rounds := flag.Int("rounds", 3, "timed rounds, after one to warm up")
	alone := flag.Bool("no-peers", false, "measure newsreel alone")
	flag.Parse()
	pages, err := gold.Read(*dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "peers:", err)
		os.Exit(1)
	}
	list := subjects()
	if *alone {
		list = list[:1]
	}
	measure(list, pages, *rounds)
	printTable(list, pages)
	scale(list)
}

// subject is an extractor with what it came to.
type subject struct {
	name    string
	extract func(*gold.Page) *gold.Result
	// sets tells in which columns it has anything to say.
	bodies, headlines, dates, captions bool

	news, other, dated gold.Score
	// cpu is each timed round's CPU time; alloc what a round allocated.
	cpu   []time.Duration
	alloc uint64
	// failed counts pages on which it panicked.
	failed int
}

// measure lets every subject read all pages once to warm up, which is scored,
// and then in rounds, one after another in each, so that what else the machine
// does falls on all alike.
func measure(list []*subject, pages []gold.Page, rounds int) {
	for _, s := range list {
		for i := range pages {
			s.score(&pages[i], s.guarded(&pages[i]))
		}
		fmt.Fprintf(os.Stderr, "warm: %s\n", s.name)
	}
	for round := range rounds {
		for _, s := range list {
			runtime.GC()
			before, start := allocated(), cpuTime()
			for i := range pages {
				s.guarded(&pages[i])
			}
			s.cpu = append(s.cpu, cpuTime()-start)
			s.alloc = allocated() - before
		}
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
	}
}

// guarded is the subject's result, or an empty one where it panics.
func (s *subject) guarded(p *gold.Page) (r *gold.Result) {
	defer func() {
		if recover() != nil {
			s.failed++
			r = &gold.Result{}
		}
	}()
	return s.extract(p)
}

func (s *subject) score(p *gold.Page, r *gold.Result) {
	switch p.Set {
	case "news":
		s.news.Add(p, r)
	case "dates":
		s.dated.Add(p, r)
	default:
		s.other.Add(p, r)
	}
}

// cpuTime is the user and system time of the process, its collector's included.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// least is the least CPU time of the rounds for a page, in milliseconds: the
// round that the machine's other work slowed least.
func (s *subject) least(pages int) float64 {
	best := time.Duration(1<<63 - 1)
	for _, c := range s.cpu {
		best = min(best, c)
	}
	return best.Seconds() * 1000 / float64(pages)
}

func (s *subject) mean(pages int) float64 {
	sum := time.Duration(0)
	for _, c := range s.cpu {
		sum += c
	}
	return sum.Seconds() * 1000 / float64(pages*max(len(s.cpu), 1))
}

func printTable(list []*subject, pages []gold.Page) {
	size := 0
	for i := range pages {
		size += len(pages[i].HTML)
	}
	fmt.Printf("%d pages, %.0f KB each on average; %s, %s/%s, GOMAXPROCS %d\n\n", len(pages), float64(size)/1000/float64(len(pages)), runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0))
	fmt.Println("| | body F1 news | body F1 bodies | headline exact | day | minute | day on dates | captions F1 | CPU ms a page, least (mean) of the rounds | × newsreel | MB allocated a page |")
	fmt.Println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, s := range list {
		cell := func(has bool, v float64) string {
			if !has {
				return "–"
			}
			return fmt.Sprintf("%.3f", v)
		}
		n := len(pages)
		fmt.Printf("| %s | %s | %s | %s | %s | %s | %s | %s | %.2f (%.2f) | %.1f | %.1f |\n", s.name,
			cell(s.bodies, s.news.Body.Value()), cell(s.bodies, s.other.Body.Value()), cell(s.headlines, s.news.Headline.Value()),
			cell(s.dates, s.news.Day.Value()), cell(s.dates, s.news.Minute.Value()), cell(s.dates, s.dated.Day.Value()), cell(s.captions, s.news.Captions.F1()),
			s.least(n), s.mean(n), s.least(n)/list[0].least(n), float64(s.alloc)/1e6/float64(n))
	}
	for _, s := range list {
		if s.failed > 0 {
			fmt.Printf("\n%s panicked %d times\n", s.name, s.failed)
		}
	}
}

// scale shows how CPU time and memory grow with the size of a page of prose.
func scale(list []*subject) {
	fmt.Print("\n| page |")
	for _, s := range list {
		fmt.Printf(" %s ms | ms / MB | MB allocated / MB |", s.name)
	}
	fmt.Print("\n| --- |" + strings.Repeat(" --- | --- | --- |", len(list)) + "\n")
	paragraph := "<p>The council said on Monday that the bridge over the river would be <a href=/x>closed</a> for repairs until spring, and that buses would go round by the old road.</p>\n"
	for _, n := range []int{1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20} {
		html := "<html lang=en><title>Bridge to close until spring</title><h1>Bridge to close until spring</h1><p>5 May 2024, 10:39</p>" + strings.Repeat(paragraph, n/len(paragraph)+1)
		p := &gold.Page{URL: "https://paper.example/bridge", HTML: []byte(html)}
		fmt.Printf("| %s |", size(n))
		for _, s := range list {
			ms, alloc, ok := s.once(p, n)
			if !ok {
				fmt.Print(" over 20 s | – | – |")
				continue
			}
			mb := float64(len(html)) / (1 << 20)
			fmt.Printf(" %.2f | %.0f | %.0f |", ms, ms/mb, alloc/mb)
		}
		fmt.Println()
	}
}

// patience is how long a subject may take for a page that ten times a smaller one
// led to expect.
const patience = 20 * time.Second

// once is the CPU time, in milliseconds, and the memory, in MB allocated, of a
// page: the least of a few runs. A subject that was slow on the page before is
// not asked again.
func (s *subject) once(p *gold.Page, n int) (ms, alloc float64, ok bool) {
	if len(s.cpu) > 0 && s.cpu[len(s.cpu)-1] > patience {
		return 0, 0, false
	}
	best := time.Duration(1<<63 - 1)
	for range min(50, max(2, (1<<20)/n)) {
		runtime.GC()
		before, start := allocated(), cpuTime()
		s.guarded(p)
		best, alloc = min(best, cpuTime()-start), float64(allocated()-before)/(1<<20)
	}
	s.cpu = []time.Duration{best * 10}
	return best.Seconds() * 1000, alloc, true
}

func size(n int) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d KB", n>>10)
}
