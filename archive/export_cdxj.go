package archive

import (
	"bufio"
	"bytes"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"newsreel/warc/cdxj"
)

// indexBuffer is how much of each segment's index is held while they are
// merged, and how much is fetched at a time.
const indexBuffer = 64 << 10

func (a *Archive) exportCDXJ(ctx context.Context, w io.Writer, f Filter) (n int64, err error) {
	places, err := a.articlePlaces(ctx, &f)
	if err != nil {
		return 0, err
	}
	var previous []byte
	for line, err := range a.indexLines(ctx, f.Collection) {
		if err != nil {
			return n, err
		}
		if bytes.Equal(line, previous) {
			continue
		}
		previous = append(previous[:0], line...)
		wanted, err := f.line(line, places)
		if err != nil {
			return n, err
		}
		if !wanted {
			continue
		}
		if _, err := w.Write(line); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// line says whether the filter wants an index line.
func (f *Filter) line(line []byte, places places) (bool, error) {
	if f.all() {
		return true, nil
	}
	l, err := cdxj.ParseLine(line)
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	day, err := time.Parse("20060102", l.Timestamp[:min(8, len(l.Timestamp))])
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return f.capture(l.URL, day.UnixMicro()) && places.has(l.Filename, l.Offset), nil
}

// indexLines yields the lines of all indexes of a collection in the order of
// their bytes, with their line ends. A line is valid until the next is asked
// for.
func (a *Archive) indexLines(ctx context.Context, collection string) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		var h lineHeap
		for m, err := range a.Manifests(ctx, collection) {
			if err != nil {
				yield(nil, err)
				return
			}
			o := m.Object(ObjectCDXJ)
			if o == nil {
				continue
			}
			s := &lineSource{key: o.Key, in: bufio.NewReaderSize(&rangeReader{ctx: ctx, store: a.store, o: o}, indexBuffer)}
			if more, err := s.next(); err != nil {
				yield(nil, err)
				return
			} else if more {
				h = append(h, s)
			}
		}
		heap.Init(&h)
		for len(h) > 0 {
			s := h[0]
			if !yield(s.line, nil) {
				return
			}
			more, err := s.next()
			switch {
			case err != nil:
				yield(nil, err)
				return
			case more:
				heap.Fix(&h, 0)
			default:
				heap.Pop(&h)
			}
		}
	}
}

// lineSource is one index that is being merged.
type lineSource struct {
	key  string
	in   *bufio.Reader
	line []byte
}

func (s *lineSource) next() (more bool, err error) {
	s.line = s.line[:0]
	for {
		part, err := s.in.ReadSlice('\n')
		s.line = append(s.line, part...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF):
			if len(s.line) == 0 {
				return false, nil
			}
			s.line = append(s.line, '\n')
			return true, nil
		case err != nil:
			return false, fmt.Errorf("read %s: %w", s.key, err)
		}
		return true, nil
	}
}

// rangeReader reads an object by ranges, so that no connection stays open
// between them.
type rangeReader struct {
	ctx   context.Context
	store Store
	o     *Object
	at    int64
}

func (r *rangeReader) Read(p []byte) (int, error) {
	want := min(int64(len(p)), r.o.Size-r.at)
	if want <= 0 {
		return 0, io.EOF
	}
	body, err := r.store.GetRange(r.ctx, r.o.Key, r.at, want)
	if err != nil {
		return 0, err
	}
	defer body.Close()
	n, err := io.ReadFull(body, p[:want])
	r.at += int64(n)
	return n, err
}

// lineHeap orders sources by the line that they stand at.
type lineHeap []*lineSource

func (h lineHeap) Len() int           { return len(h) }
func (h lineHeap) Less(i, j int) bool { return bytes.Compare(h[i].line, h[j].line) < 0 }
func (h lineHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *lineHeap) Push(x any)        { *h = append(*h, x.(*lineSource)) }
func (h *lineHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}
