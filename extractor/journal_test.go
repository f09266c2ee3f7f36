package extractor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheJournalTellsWhatADeadProcessHad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "extracting")
	open := func() *journal {
		t.Helper()
		j, err := openJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		return j
	}
	j := open()
	j.begin(0, "done")
	j.begin(2, "poison")
	j.end(0)
	j.begin(1, "innocent")
	j.f.Close() // as the end of a process does
	j = open()
	for id, want := range map[string]bool{"poison": true, "innocent": true, "done": false, "": false, "other": false} {
		if j.suspect(id) != want {
			t.Errorf("%q is suspect: %v", id, !want)
		}
	}
	j.close()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the file is left: %v", err)
	}
	if open().suspect("poison") {
		t.Error("suspect after a clean end")
	}
}

func TestAJournalOfRubbishIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "extracting")
	if err := os.WriteFile(path, []byte(strings.Repeat("\xff\x00x", 100_000)), 0o600); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(path)
	if err != nil || len(j.suspects) > 1024 {
		t.Errorf("%v, %d suspects", err, len(j.suspects))
	}
}

func TestNoJournalKnowsNothing(t *testing.T) {
	j, err := openJournal("")
	if err != nil || j.suspect("x") {
		t.Error(err)
	}
	j.begin(1, "x")
	j.end(1)
	j.close()
}
