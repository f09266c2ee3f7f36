package archiver

import (
	"bytes"
	"testing"

	"github.com/parquet-go/parquet-go"

	"newsreel/archive"
)

// Two archivers may finish a run at the same time: the one whose record is
// first need not be the one whose ledger stays.
func TestTheSameFatesMakeTheSameLedger(t *testing.T) {
	key := archive.LedgerKey("news", "job", 1)
	first, _ := fixedRun(t).get(key)
	second, _ := fixedRun(t).get(key)
	if len(first) == 0 || !bytes.Equal(first, second) {
		t.Errorf("%d and %d bytes, which differ", len(first), len(second))
	}
}

func TestVerifyingFindsNothingInWhatWasArchived(t *testing.T) {
	store := fixedRun(t)
	r, err := archive.New(store, t.TempDir()).Verify(t.Context(), "news", nil)
	if err != nil || !r.OK() || r.Runs != 1 {
		t.Errorf("%v, %+v", err, r)
	}
}

// Another archiver, of a version that makes other bytes of the same fates, has
// stored the ledger and died: the record describes what is stored.
func TestALedgerThatIsThereIsKept(t *testing.T) {
	r := newRun(t, "kept", 1)
	xs := pages(3)
	r.crawl(xs...)
	r.extract(xs...)
	r.end()
	a := New(r.log, shared.store, r.s)
	r.must(a.Run(deadline(t)))
	arc := archive.New(shared.store, "")
	first, err := arc.ReadRun(deadline(t), "kept", "kept", 1)
	r.must(err)

	other := newRun(t, "kept", 2)
	other.s.Collection = "kept"
	other.crawl(xs...)
	other.extract(xs...)
	other.end()
	var theirs bytes.Buffer
	w := parquet.NewGenericWriter[archive.LedgerRow](&theirs, parquet.Compression(&parquet.Uncompressed))
	for row, err := range arc.Ledger(deadline(t), "kept", "kept", 1) {
		r.must(err)
		_, err = w.Write([]archive.LedgerRow{*row})
		r.must(err)
	}
	r.must(w.Close())
	r.must(shared.store.PutIfAbsent(deadline(t), archive.LedgerKey("kept", "kept", 2), theirs.Bytes(), ""))
	r.must(New(other.log, shared.store, other.s).Run(deadline(t)))
	second, err := arc.ReadRun(deadline(t), "kept", "kept", 2)
	r.must(err)
	if second.Ledger.Size != int64(theirs.Len()) || second.Ledger.Rows != first.Ledger.Rows || second.Ledger.SHA256 == first.Ledger.SHA256 {
		t.Errorf("the record says %+v, want the ledger that was there, of %d bytes", second.Ledger, theirs.Len())
	}
	if report, err := arc.Verify(deadline(t), "kept", nil); err != nil || !report.OK() {
		t.Errorf("verify: %v %+v", err, report)
	}
}
