package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
)

// articleKeys is what a filter reads of articles.parquet.
type articleKeys struct {
	URL          string `parquet:"url"`
	Fetched      int64  `parquet:"fetched,timestamp(microsecond:utc)"`
	Language     string `parquet:"language,optional"`
	PublishedDay *int32 `parquet:"published_day,date"`
}

// articleText is what a query reads besides.
type articleText struct {
	articleKeys
	Headline string   `parquet:"headline,optional"`
	Summary  string   `parquet:"summary,optional"`
	Body     string   `parquet:"body,optional"`
	Captions []string `parquet:"captions,list"`
}

// keys says whether the filter wants an article, its query apart.
func (f *Filter) keys(k *articleKeys) bool {
	if !f.lang(k.Language) || !f.site(k.URL) {
		return false
	}
	if k.PublishedDay != nil {
		return f.day(*k.PublishedDay)
	}
	return f.fetched(k.Fetched)
}

// Articles yields the articles that a filter wants, segment by segment and
// within one by domain and day. A row is valid until the next one is asked
// for. What is not wanted is sorted out by the columns that the filter asks
// about; whole rows are read of the rest only.
func (a *Archive) Articles(ctx context.Context, f Filter) iter.Seq2[*ArticleRow, error] {
	return func(yield func(*ArticleRow, error) bool) {
		var q *query
		if f.Query != "" {
			var err error
			if q, err = parseQuery(f.Query); err != nil {
				yield(nil, err)
				return
			}
		}
		for m, err := range a.Manifests(ctx, f.Collection) {
			if err != nil {
				yield(nil, err)
				return
			}
			if !a.segmentArticles(ctx, m, &f, q, yield) {
				return
			}
		}
	}
}

func (a *Archive) segmentArticles(ctx context.Context, m *Manifest, f *Filter, q *query, yield func(*ArticleRow, error) bool) bool {
	o := m.Object(ObjectArticles)
	if o == nil || o.Rows == 0 {
		return true
	}
	if f.all() {
		for row, err := range scan[ArticleRow](ctx, a.store, o) {
			if !yield(row, err) || err != nil {
				return false
			}
		}
		return true
	}
	wanted, err := a.wanted(ctx, o, f, q)
	if err != nil {
		yield(nil, err)
		return false
	}
	if len(wanted) == 0 {
		return true
	}
	return pick(ctx, a.store, o, wanted, yield)
}

// wanted returns the numbers of the rows that a filter wants.
func (a *Archive) wanted(ctx context.Context, o *Object, f *Filter, q *query) (rows []int64, err error) {
	n := int64(-1)
	if q == nil {
		for k, err := range scan[articleKeys](ctx, a.store, o) {
			if err != nil {
				return nil, err
			}
			if n++; f.keys(k) {
				rows = append(rows, n)
			}
		}
		return rows, nil
	}
	for t, err := range scan[articleText](ctx, a.store, o) {
		if err != nil {
			return nil, err
		}
		n++
		if !f.keys(&t.articleKeys) {
			continue
		}
		if _, ok := q.match(t.Headline, append([]string{t.Summary, t.Body}, t.Captions...)...); ok {
			rows = append(rows, n)
		}
	}
	return rows, nil
}

// pick yields the rows of a table by their numbers, which grow, and reports
// whether to go on.
func pick[T any](ctx context.Context, store Store, o *Object, numbers []int64, yield func(*T, error) bool) bool {
	t, err := openTable(ctx, store, o)
	if err != nil {
		yield(nil, err)
		return false
	}
	start := int64(0)
	for _, group := range t.RowGroups() {
		end := start + group.NumRows()
		var within []int64
		for len(numbers) > 0 && numbers[0] < end {
			within = append(within, numbers[0]-start)
			numbers = numbers[1:]
		}
		if !pickGroup(ctx, t.key, group, within, yield) {
			return false
		}
		start = end
	}
	return true
}

func pickGroup[T any](ctx context.Context, key string, group parquet.RowGroup, numbers []int64, yield func(*T, error) bool) bool {
	if len(numbers) == 0 {
		return true
	}
	r := parquet.NewGenericRowGroupReader[T](group)
	defer r.Close()
	next := int64(0)
	rows := make([]T, scanRows)
	for i := 0; i < len(numbers); {
		run := 1 // of numbers that follow each other
		for i+run < len(numbers) && run < scanRows && numbers[i+run] == numbers[i]+int64(run) {
			run++
		}
		err := ctx.Err()
		if err == nil && numbers[i] != next {
			err = r.SeekToRow(numbers[i])
		}
		clear(rows)
		if err == nil {
			err = readFull(r, rows[:run])
		}
		if err != nil {
			yield(nil, fmt.Errorf("read %s: %w", key, err))
			return false
		}
		next = numbers[i] + int64(run)
		i += run
		for j := range rows[:run] {
			if !yield(&rows[j], nil) {
				return false
			}
		}
	}
	return true
}

func readFull[T any](r *parquet.GenericReader[T], rows []T) error {
	for len(rows) > 0 {
		n, err := r.Read(rows)
		rows = rows[n:]
		if len(rows) > 0 && err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
	}
	return nil
}
