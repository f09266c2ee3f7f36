package archive

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/parquet-go/parquet-go"

	"newsreel/capture"
	"newsreel/warc/cdxj"
)

// Captures yields the captures that a filter wants, segment by segment and
// within one by SURT. A row is valid until the next one is asked for.
func (a *Archive) Captures(ctx context.Context, f Filter) iter.Seq2[*capture.Row, error] {
	return func(yield func(*capture.Row, error) bool) {
		places, err := a.articlePlaces(ctx, &f)
		if err != nil {
			yield(nil, err)
			return
		}
		for m, err := range a.Manifests(ctx, f.Collection) {
			if err != nil {
				yield(nil, err)
				return
			}
			for row, err := range a.SegmentCaptures(ctx, m) {
				if err != nil {
					yield(nil, err)
					return
				}
				if f.capture(row.URL, row.FetchTime) && places.has(row.WARCFilename, int64(row.WARCRecordOffset)) &&
					!yield(row, nil) {
					return
				}
			}
		}
	}
}

// capture says whether the filter wants a capture. Where it asks for articles
// their day counts, and not that of the capture.
func (f *Filter) capture(url string, fetched int64) bool {
	return f.site(url) && (f.byArticle() || f.fetched(fetched))
}

// places are records, by file and offset. Nil has all.
type places map[string]map[int64]bool

func (p places) has(file string, offset int64) bool { return p == nil || p[file][offset] }

// articlePlaces returns the records that the wanted articles come from, nil if
// the filter does not ask for articles.
func (a *Archive) articlePlaces(ctx context.Context, f *Filter) (places, error) {
	if !f.byArticle() {
		return nil, nil
	}
	p := places{}
	for row, err := range a.Articles(ctx, *f) {
		if err != nil {
			return nil, err
		}
		file := p[row.WARCFilename]
		if file == nil {
			file = map[int64]bool{}
			p[strings.Clone(row.WARCFilename)] = file
		}
		file[int64(row.WARCRecordOffset)] = true
	}
	return p, nil
}

// Lookup returns the captures of a URL in a collection, oldest first. Each
// segment costs a few reads: its table is sorted by SURT.
func (a *Archive) Lookup(ctx context.Context, collection, url string) ([]capture.Row, error) {
	var rows []capture.Row
	surt := cdxj.SURT(url)
	for m, err := range a.Manifests(ctx, collection) {
		if err != nil {
			return rows, err
		}
		o := m.Object(ObjectCaptures)
		if o == nil {
			continue
		}
		err := seek(ctx, a.store, o, "url_surtkey", surt, func(r *capture.Row) int {
			return strings.Compare(r.URLSurtkey, surt)
		}, func(r *capture.Row) {
			if r.URL == url || cdxj.SURT(r.URL) == surt {
				rows = append(rows, *r)
			}
		})
		if err != nil {
			return rows, err
		}
	}
	slices.SortStableFunc(rows, func(x, y capture.Row) int { return int(x.FetchTime - y.FetchTime) })
	return rows, nil
}

// Fate is what became of a URL in a finished run.
type Fate struct {
	Job string `json:"job"`
	Run int    `json:"run"`
	LedgerRow
}

// Fates returns what became of a URL in each finished run of a collection that
// knew it, ordered by job and run.
func (a *Archive) Fates(ctx context.Context, collection, url string) ([]Fate, error) {
	runs, err := a.Runs(ctx, collection)
	if err != nil {
		return nil, err
	}
	var fates []Fate
	for _, r := range runs {
		s := &r.Summary
		key := LedgerKey(collection, s.Job, s.Run)
		stat, err := a.store.Stat(ctx, key)
		if err != nil {
			return fates, fmt.Errorf("look %s up: %w", url, err)
		}
		err = seek(ctx, a.store, &Object{Key: key, Size: stat.Size}, "url", url, func(r *LedgerRow) int {
			return strings.Compare(r.URL, url)
		}, func(r *LedgerRow) { fates = append(fates, Fate{s.Job, s.Run, *r}) })
		if err != nil {
			return fates, err
		}
	}
	return fates, nil
}

// Ledger yields the rows of a finished run's ledger, by URL. A row is valid
// until the next one is asked for.
func (a *Archive) Ledger(ctx context.Context, collection, job string, run int) iter.Seq2[*LedgerRow, error] {
	return func(yield func(*LedgerRow, error) bool) {
		key := LedgerKey(collection, job, run)
		stat, err := a.store.Stat(ctx, key)
		if err != nil {
			yield(nil, fmt.Errorf("read ledger: %w", err))
			return
		}
		scan[LedgerRow](ctx, a.store, &Object{Key: key, Size: stat.Size})(yield)
	}
}

// seek calls found for the rows of a table for which compare is 0. The table is
// sorted by a text column; compare tells where a row stands beside the key.
func seek[T any](ctx context.Context, store Store, o *Object, column, key string, compare func(*T) int, found func(*T)) error {
	f, err := parquet.OpenFile(newBlockReader(ctx, store, o.Key, o.Size), o.Size, parquet.SkipBloomFilters(true))
	if err != nil {
		return fmt.Errorf("open %s: %w", o.Key, err)
	}
	leaf, ok := f.Schema().Lookup(column)
	if !ok {
		return fmt.Errorf("open %s: %w: no column %s", o.Key, ErrDamaged, column)
	}
	for _, group := range f.RowGroups() {
		start, err := firstPage(group.ColumnChunks()[leaf.ColumnIndex], key)
		if err != nil {
			return fmt.Errorf("open %s: %w", o.Key, err)
		}
		past, err := seekGroup(ctx, group, start, compare, found)
		if err != nil {
			return fmt.Errorf("read %s: %w", o.Key, err)
		}
		if past {
			return nil
		}
	}
	return nil
}

// firstPage returns the first row of the page that a key may begin on. A page's
// least value may be cut short in the index, and is then a prefix of the value.
func firstPage(chunk parquet.ColumnChunk, key string) (row int64, err error) {
	columnIndex, err := chunk.ColumnIndex()
	if err != nil {
		return 0, err
	}
	offsetIndex, err := chunk.OffsetIndex()
	if err != nil {
		return 0, err
	}
	for page := 1; page < columnIndex.NumPages(); page++ {
		least := string(columnIndex.MinValue(page).ByteArray())
		if least >= key || strings.HasPrefix(key, least) {
			break
		}
		row = offsetIndex.FirstRowIndex(page)
	}
	return row, nil
}

func seekGroup[T any](ctx context.Context, group parquet.RowGroup, start int64, compare func(*T) int, found func(*T)) (past bool, err error) {
	r := parquet.NewGenericRowGroupReader[T](group)
	defer r.Close()
	if start > 0 {
		if err := r.SeekToRow(start); err != nil {
			return false, err
		}
	}
	rows := make([]T, scanRows)
	for n := start; n < group.NumRows(); {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		some := rows[:min(scanRows, group.NumRows()-n)]
		clear(some)
		if err := readFull(r, some); err != nil {
			return false, err
		}
		n += int64(len(some))
		for i := range some {
			switch c := compare(&some[i]); {
			case c == 0:
				found(&some[i])
			case c > 0:
				return true, nil
			}
		}
	}
	return false, nil
}
