package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"

	"newsreel/article"
	"newsreel/extractor"
)

// maxBatchLine is the longest line of a list, in bytes.
const maxBatchLine = 1 << 20

// batchLine is a line of a list of pages.
type batchLine struct {
	ID      json.RawMessage `json:"id"`
	URL     string          `json:"url"`
	File    string          `json:"file"`
	Fetched string          `json:"fetched"`
}

// batchError is the answer to a line that could not be extracted.
type batchError struct {
	ID    string `json:"id"`
	Error string `json:"error"`
}

// batch answers a list of pages line by line.
//
//	reader   lines of the list  -> jobs   (bounded), in order
//	workers  jobs               -> each job's answer
//	writer   jobs in list order -> output
//
// At most twice as many pages as workers are in memory.
type batch struct {
	dir     string
	extract *extractor.Guard
	workers int
	// children has each worker's lines answered in a process of its own, and
	// child says that this is one.
	children, child bool
	// markdown asks for bodies in Markdown too.
	markdown bool
}

// batchJob is one line under way.
type batchJob struct {
	number int
	line   []byte
	answer chan []byte
}

// runBatch answers the list of a file, or of stdin for "-". As a child of such
// a run it answers the lines that it is given.
func runBatch(stdin io.Reader, stdout io.Writer, name string, child, markdown bool, choose extractor.Chooser) error {
	b := batch{markdown: markdown, extract: extractor.NewGuard(sandbox).WithRules(choose), workers: runtime.GOMAXPROCS(0), children: true, child: child}
	if name != "-" {
		b.dir = filepath.Dir(name)
	}
	ctx, undo := interruptible()
	defer undo()
	if child {
		return b.serve(ctx, stdin, stdout)
	}
	list := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return usage(fmt.Errorf("list of pages: %w", err))
		}
		defer f.Close()
		list = f
	}
	out := bufio.NewWriterSize(stdout, 256<<10)
	err := b.run(ctx, list, out)
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return interrupted(ctx, err)
}

func (b *batch) run(ctx context.Context, list io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	order, jobs := make(chan *batchJob, b.workers), make(chan *batchJob)
	var workers sync.WaitGroup
	for range b.workers {
		workers.Go(func() {
			answer := b.answer
			if b.children {
				child := new(batchChild)
				defer child.end()
				answer = child.answer
			}
			for j := range jobs {
				j.answer <- answer(ctx, j)
			}
		})
	}
	read := make(chan error, 1)
	go func() {
		read <- readBatch(ctx, list, order, jobs)
		close(order)
		close(jobs)
	}()
	var failed error
	for j := range order {
		line := <-j.answer
		if failed == nil {
			if _, failed = out.Write(line); failed != nil {
				cancel()
			}
		}
	}
	workers.Wait()
	if err := <-read; failed == nil {
		failed = err
	}
	return failed
}

// readBatch hands out the lines of a list, which may be compressed with gzip.
// Empty lines are left out.
func readBatch(ctx context.Context, list io.Reader, order, jobs chan<- *batchJob) error {
	in := bufio.NewReaderSize(list, 64<<10)
	if isGzip(in) {
		z, err := gzip.NewReader(in)
		if err != nil {
			return fmt.Errorf("list of pages: %w", err)
		}
		defer z.Close()
		in = bufio.NewReaderSize(z, 64<<10)
	}
	for number := 1; ; number++ {
		line, err := readLine(in)
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 {
			j := &batchJob{number: number, line: trimmed, answer: make(chan []byte, 1)}
			// Into the order last: the writer waits for what a worker has.
			select {
			case jobs <- j:
			case <-ctx.Done():
				return ctx.Err()
			}
			order <- j
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list of pages: line %d: %w", number, err)
		}
	}
}

// readLine reads a line of any length and keeps its first maxBatchLine bytes
// and one: enough to see that it is too long.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if room := maxBatchLine + 1 - len(line); room > 0 {
			line = append(line, part[:min(len(part), room)]...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, err
		}
	}
}

// answer is the line that answers a line: an article or an error.
func (b *batch) answer(ctx context.Context, j *batchJob) []byte {
	id, a, err := b.article(ctx, j)
	if err != nil {
		return errorLine(id, err)
	}
	var out bytes.Buffer
	a.ID = id
	if err := printJSON(&out, a); err != nil {
		return errorLine(id, err)
	}
	return out.Bytes()
}

func errorLine(id string, err error) []byte {
	var out bytes.Buffer
	_ = printJSON(&out, batchError{ID: id, Error: err.Error()}) // two texts always marshal
	return out.Bytes()
}

// idOf is the id of a line, "" if it has none.
func idOf(line []byte) string {
	var l batchLine
	if json.Unmarshal(line, &l) != nil {
		return ""
	}
	return idText(l.ID)
}

func (b *batch) article(ctx context.Context, j *batchJob) (id string, a *article.Article, err error) {
	if len(j.line) > maxBatchLine {
		return "", nil, fmt.Errorf("line %d: longer than %d bytes", j.number, maxBatchLine)
	}
	var l batchLine
	err = json.Unmarshal(j.line, &l)
	id = idText(l.ID)
	if err != nil {
		return id, nil, fmt.Errorf("line %d: %w", j.number, err)
	}
	page, err := b.page(&l)
	if err != nil {
		return id, nil, fmt.Errorf("line %d: %w", j.number, err)
	}
	if b.child {
		poison(page.Body)
	}
	if a, err = b.extract.Extract(ctx, *page); err != nil {
		return id, nil, err
	}
	if !page.Fetched.IsZero() {
		a.Fetched = page.Fetched.Format(time.RFC3339Nano)
	}
	return id, a, nil
}

// idText is an id as text: a list may also give numbers.
func idText(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}

func (b *batch) page(l *batchLine) (*extractor.Page, error) {
	if l.File == "" {
		return nil, errors.New("no file")
	}
	p := &extractor.Page{URL: l.URL, Markdown: b.markdown}
	var err error
	if l.Fetched != "" {
		if p.Fetched, err = parseFetched(l.Fetched); err != nil {
			return nil, err
		}
	}
	name := l.File
	if !filepath.IsAbs(name) {
		name = filepath.Join(b.dir, filepath.FromSlash(name))
	}
	p.Body, p.Truncated, err = readPageFile(name)
	return p, err
}

// parseFetched reads a time as RFC 3339, or as "2024-05-03 18:19:08.72", which
// is UTC. The fraction may be left out.
func parseFetched(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.TrimSpace(text))
	if err == nil {
		return t.UTC(), nil
	}
	t, err = time.Parse(time.DateTime, strings.TrimSpace(text))
	if err != nil {
		return t, fmt.Errorf("fetched %q: neither RFC 3339 nor like 2024-05-03 18:19:08.72", text)
	}
	return t, nil
}
