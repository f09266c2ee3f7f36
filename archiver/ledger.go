package archiver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/objstore"
	"newsreel/stream"
)

// ledgerChunk is how many rows of a ledger are sorted in memory at a time.
const ledgerChunk = 64 << 10

// seeds counts the seeds of a run.
type seeds struct{ all, captured int }

// putLedger joins the partitions' lists of fates, sorted by URL, and stores
// them as the run's ledger, unless it is stored: another archiver finishes the
// run too, or finished it up to here, and one of another version may make other
// bytes of the same fates. The object that is returned describes the one that is
// stored, so that whichever record is first is right.
func (a *Archiver) putLedger(ctx context.Context) (*archive.Object, seeds, error) {
	table, err := newSpool(a.s.SpoolDir, true)
	if err != nil {
		return nil, seeds{}, err
	}
	defer table.close()
	w := archive.NewLedgerSorter(spoolWriter{table}, ledgerChunk, a.s.SpoolDir)
	count, rows, err := a.joinFates(ctx, w)
	if cerr := w.Close(); err == nil {
		err = cerr
	}
	o := &archive.Object{Kind: archive.ObjectLedger, Key: archive.LedgerKey(a.s.Collection, a.s.Job, a.s.Run), Rows: rows}
	if err == nil {
		o.Size, o.SHA256, err = table.seal()
	}
	if err != nil {
		return nil, count, fmt.Errorf("ledger: %w", err)
	}
	err = a.store.Put(ctx, o.Key, table.reader(), o.Size, objstore.PutOptions{
		ContentType: contentTypes[archive.ObjectLedger], IfAbsent: true})
	if errors.Is(err, objstore.ErrExists) {
		o.Size, o.SHA256, err = a.stored(ctx, o.Key)
	}
	return o, count, err
}

// stored is the size and the SHA-256 of an object.
func (a *Archiver) stored(ctx context.Context, key string) (int64, string, error) {
	body, _, err := a.store.Get(ctx, key)
	if err != nil {
		return 0, "", err
	}
	defer body.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, body)
	if err != nil {
		return 0, "", fmt.Errorf("read %s: %w", key, err)
	}
	return n, hex.EncodeToString(sum.Sum(nil)), nil
}

// joinFates writes the fates of all partitions, and returns how many they are.
func (a *Archiver) joinFates(ctx context.Context, w *parquet.SortingWriter[archive.LedgerRow]) (count seeds, n int64, err error) {
	rows := make([]archive.LedgerRow, 0, writeBatch)
	flush := func() error {
		_, err := w.Write(rows)
		n += int64(len(rows))
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
				return count, n, fmt.Errorf("fates of partition %d: %w", p, err)
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
			return count, n, fmt.Errorf("fates of partition %d: %w", p, err)
		}
	}
	err = flush()
	return count, n, err
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
