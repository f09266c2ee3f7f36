package archiver

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/stream"
)

// ledgerChunk is how many rows of a ledger are sorted in memory at a time.
const ledgerChunk = 64 << 10

// seeds counts the seeds of a run.
type seeds struct{ all, captured int }

// putLedger joins the partitions' lists of fates, sorted by URL, and stores
// them as the run's ledger.
func (a *Archiver) putLedger(ctx context.Context) (seeds, error) {
	table, err := newSpool(a.s.SpoolDir, true)
	if err != nil {
		return seeds{}, err
	}
	defer table.close()
	w := archive.NewLedgerSorter(spoolWriter{table}, ledgerChunk, a.s.SpoolDir)
	count, err := a.joinFates(ctx, w)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		_, _, err = table.seal()
	}
	if err != nil {
		return count, fmt.Errorf("ledger: %w", err)
	}
	key := archive.LedgerKey(a.s.Collection, a.s.Job, a.s.Run)
	return count, put(ctx, a.store, key, table, contentTypes[archive.ObjectCaptures])
}

func (a *Archiver) joinFates(ctx context.Context, w *parquet.SortingWriter[archive.LedgerRow]) (seeds, error) {
	var count seeds
	rows := make([]archive.LedgerRow, 0, writeBatch)
	flush := func() error {
		_, err := w.Write(rows)
		rows = rows[:0]
		return err
	}
	var partitions []int
	for p := range a.idle {
		partitions = append(partitions, p)
	}
	slices.Sort(partitions)
	for _, p := range partitions {
		list, err := a.fates(ctx, a.idle[p])
		if err != nil || list == nil {
			if err != nil {
				return count, fmt.Errorf("fates of partition %d: %w", p, err)
			}
			continue
		}
		err = stream.ReadFates(list, func(f *stream.FateLine) error {
			if f.How == capture.BySeed {
				count.all++
				if f.Fate == stream.FateCaptured {
					count.captured++
				}
			}
			rows = append(rows, archive.LedgerRow{URL: f.URL, Fate: f.Fate, Reason: f.Reason, Kind: f.Kind,
				Status: int16(f.Status), How: f.How, Via: f.Via, Depth: int32(f.Depth), Tries: int32(f.Tries),
				Found: f.Found * 1000})
			if len(rows) == cap(rows) {
				return flush()
			}
			return nil
		})
		list.Close()
		if err != nil {
			return count, fmt.Errorf("fates of partition %d: %w", p, err)
		}
	}
	return count, flush()
}

// fates opens the list of fates that an idle mark names; nil if it has none.
func (a *Archiver) fates(ctx context.Context, idle *stream.Idle) (io.ReadCloser, error) {
	switch {
	case len(idle.Inline) > 0:
		return io.NopCloser(bytes.NewReader(idle.Inline)), nil
	case idle.Fates == "":
		return nil, nil
	}
	list, _, err := a.store.Get(ctx, idle.Fates)
	return list, err
}
