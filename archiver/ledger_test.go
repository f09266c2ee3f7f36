package archiver

import (
	"bytes"
	"testing"

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
