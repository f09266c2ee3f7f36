package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"newsreel/chaos/look"
	"newsreel/chaos/world"
	"newsreel/internal/cluster"
	"newsreel/internal/gobuild"
)

// harness runs trials and gathers what came of them.
type harness struct {
	ctx    context.Context
	o      *options
	dir    string
	binary string
	stderr io.Writer

	mu      sync.Mutex
	rows    []*row
	kept    []string
	broken  []string
	missing []string
	trial   int

	refs  sync.Mutex
	built *cluster.Programs
	ref   map[world.Size]*reference
}

// reference is an undisturbed crawl.
type reference struct {
	holding *look.Holding
	took    time.Duration
}

func newHarness(ctx context.Context, o *options, stderr io.Writer) (*harness, error) {
	h := &harness{ctx: ctx, o: o, stderr: stderr, binary: o.binary, ref: map[world.Size]*reference{}}
	var err error
	if h.dir, err = os.MkdirTemp(o.dir, "newsreel-chaos-*"); err != nil {
		return nil, err
	}
	if h.binary == "" {
		h.binary = filepath.Join(h.dir, "newsreel")
		if err := gobuild.Program(ctx, h.binary, "newsreel/cmd/newsreel"); err != nil {
			return nil, err
		}
	}
	if h.binary, err = filepath.Abs(h.binary); err != nil {
		return nil, err
	}
	h.say("seed %d, folder %s", o.seed, h.dir)
	return h, nil
}

// close removes the harness's folder, unless a trial in it is to be looked at.
func (h *harness) close() {
	if len(h.kept) == 0 && !h.o.keep {
		os.RemoveAll(h.dir)
	}
}

func (h *harness) say(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	fmt.Fprintf(h.stderr, "%s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

// breaks notes what fails the whole run and is no trial's verdict.
func (h *harness) breaks(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	h.say("%s", text)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.broken = append(h.broken, text)
}

// try begins a trial. Where that fails it returns nil, and the run has failed.
func (h *harness) try(r *row, name string, seed uint64, size world.Size) *trial {
	t, err := h.begin(r, name, seed, size)
	if err != nil {
		h.breaks("%s, seed %d, could not begin: %v", name, seed, err)
		return nil
	}
	return t
}

// each runs n numbered things, some at once, until all are done or the harness
// is interrupted.
func (h *harness) each(n int, do func(i int)) {
	h.eachOf(h.o.jobs, n, do)
}

func (h *harness) eachOf(jobs, n int, do func(i int)) {
	var wg sync.WaitGroup
	next := make(chan int)
	for range max(1, min(jobs, n)) {
		wg.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-h.ctx.Done():
		}
	}
	close(next)
	wg.Wait()
}

// undisturbed crawls a world of a size once, and remembers what came of it.
func (h *harness) undisturbed(size world.Size) (*reference, error) {
	h.refs.Lock()
	defer h.refs.Unlock()
	if r := h.ref[size]; r != nil {
		return r, nil
	}
	t, err := h.begin(&row{Fault: "none"}, "reference", h.o.seed, size)
	if err != nil {
		return nil, err
	}
	defer t.end()
	began := time.Now()
	if err := t.crawlToEnd(); err != nil {
		return nil, err
	}
	took := time.Since(began)
	holding, err := t.read()
	if err != nil {
		return nil, err
	}
	if len(holding.Twice)+len(holding.Torn) > 0 || len(holding.Pages) < 10 {
		return nil, fmt.Errorf("the undisturbed crawl is faulty: %d URLs, %v %v", len(holding.Pages), holding.Twice, holding.Torn)
	}
	h.say("undisturbed: %d URLs, %d articles in %s", len(holding.Pages), holding.Summary.Articles, took.Round(time.Millisecond))
	h.ref[size] = &reference{holding, took}
	return h.ref[size], nil
}
