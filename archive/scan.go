package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/parquet-go/parquet-go"
)

// scanRows is how many rows of a table are read at a time.
const scanRows = 256

// table is a Parquet file of the archive, opened.
type table struct {
	*parquet.File
	key string
}

func openTable(ctx context.Context, store Store, o *Object) (*table, error) {
	if o.Size == 0 {
		return nil, fmt.Errorf("open %s: empty", o.Key)
	}
	f, err := parquet.OpenFile(newBlockReader(ctx, store, o.Key, o.Size), o.Size,
		parquet.SkipBloomFilters(true), parquet.SkipPageIndex(true))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", o.Key, err)
	}
	return &table{f, o.Key}, nil
}

// scan yields the rows of a table of the archive. Only the columns that T names
// are read. A row's strings are its own; the row itself is valid until the next
// one is asked for.
func scan[T any](ctx context.Context, store Store, o *Object) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		t, err := openTable(ctx, store, o)
		if err != nil {
			yield(nil, err)
			return
		}
		for _, group := range t.RowGroups() {
			if !scanGroup(ctx, t.key, group, yield) {
				return
			}
		}
	}
}

// scanGroup yields the rows of one row group, and reports whether to go on.
func scanGroup[T any](ctx context.Context, key string, group parquet.RowGroup, yield func(*T, error) bool) bool {
	r := parquet.NewGenericRowGroupReader[T](group)
	defer r.Close()
	rows := make([]T, scanRows)
	for {
		if err := ctx.Err(); err != nil {
			yield(nil, err)
			return false
		}
		clear(rows)
		n, err := r.Read(rows)
		for i := range rows[:n] {
			if !yield(&rows[i], nil) {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			yield(nil, fmt.Errorf("read %s: %w", key, err))
			return false
		}
	}
}

// scanObject is scan for an object that a segment may not have.
func scanObject[T any](ctx context.Context, store Store, o *Object) iter.Seq2[*T, error] {
	if o == nil {
		return func(func(*T, error) bool) {}
	}
	return scan[T](ctx, store, o)
}
