package extractor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// journal is a small file with a place for each worker, which holds the id of the
// capture that it extracts. What stands there when a process starts was under
// way when the one before it ended without a word, and may have been why. (The
// server counts deliveries too, but one that dies with the extractor forgets
// the last of them.) Nothing is synced: a power cut is no page's fault.
//
// A nil journal knows nothing and keeps nothing.
type journal struct {
	f        *os.File
	suspects map[string]bool
}

// journalPlace is the room for one id, in bytes, and journalMost what is read of
// a file.
const (
	journalPlace = 64
	journalMost  = 1024 * journalPlace
)

// openJournal reads what a file holds. A suspect is forgotten when a worker
// takes its place in the file; the next process that ends because of it brings
// it back.
func openJournal(path string) (*journal, error) {
	if path == "" {
		return nil, nil
	}
	j := &journal{suspects: map[string]bool{}}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("journal of extractions: %w", err)
	}
	data = data[:min(len(data), journalMost)]
	for len(data) > 0 {
		place := data[:min(len(data), journalPlace)]
		data = data[len(place):]
		if id := string(bytes.TrimRight(place, "\x00")); id != "" {
			j.suspects[id] = true
		}
	}
	if j.f, err = os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("journal of extractions: %w", err)
	}
	return j, nil
}

// suspect says whether a process ended while it extracted a capture.
func (j *journal) suspect(id string) bool { return j != nil && j.suspects[id] }

// begin notes that a worker extracts a capture, end that it does not any more.
// That it cannot be noted (a full disk) is no reason not to extract.
func (j *journal) begin(worker int, id string) { j.note(worker, id) }
func (j *journal) end(worker int)              { j.note(worker, "") }

func (j *journal) note(worker int, id string) {
	if j == nil {
		return
	}
	place := make([]byte, journalPlace)
	copy(place, id)
	_, _ = j.f.WriteAt(place, int64(worker)*journalPlace)
}

// close ends the journal and removes its file: nothing is under way any more.
func (j *journal) close() {
	if j != nil {
		j.f.Close()
		os.Remove(j.f.Name())
	}
}
