package archive

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
)

func TestLedgerIsSortedOverChunksAndRowGroups(t *testing.T) {
	const n = 300_000
	temp := t.TempDir()
	var out bytes.Buffer
	w := NewLedgerSorter(&out, 50_000, temp)
	for start := range n / 1000 {
		rows := make([]LedgerRow, 1000)
		for i := range rows {
			// 7919 has no divisor in common with n: each number comes once.
			rows[i] = LedgerRow{URL: fmt.Sprintf("http://a.example/%07d", (start*1000+i)*7919%n), Fate: "captured"}
		}
		rand.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
		if _, err := w.Write(rows); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := &Object{Key: "x", Size: int64(out.Len())}
	store := memory{"x": out.Bytes()}
	table, err := openTable(t.Context(), store, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range table.RowGroups() {
		if g.NumRows() > RowGroupRows {
			t.Errorf("a row group of %d rows", g.NumRows())
		}
	}
	next := 0
	for row, err := range scan[LedgerRow](t.Context(), store, o) {
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("http://a.example/%07d", next); row.URL != want {
			t.Fatalf("row %d is %s", next, row.URL)
		}
		next++
	}
	if next != n {
		t.Errorf("%d rows", next)
	}
	found := 0
	err = seek(t.Context(), store, o, "url", "http://a.example/0200001", func(r *LedgerRow) int {
		return bytes.Compare([]byte(r.URL), []byte("http://a.example/0200001"))
	}, func(*LedgerRow) { found++ })
	if err != nil || found != 1 {
		t.Errorf("found %d, %v", found, err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
