package stream

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// FateLine is one URL and its fate in the list that an idle mark names: lines
// of tab-separated fields, compressed with gzip. The archiver joins the lists
// of all partitions into the run's ledger.
type FateLine struct {
	URL    string
	Fate   string
	Reason string
	Kind   string
	Status int
	How    string
	Depth  int
	Tries  int
	// Found is in milliseconds since 1970.
	Found int64
	Via   string
}

// FateWriter writes a list of fates.
type FateWriter struct {
	zip *gzip.Writer
	buf []byte
}

// NewFateWriter starts a list. Close ends it, and does not close w.
func NewFateWriter(w io.Writer) *FateWriter { return &FateWriter{zip: gzip.NewWriter(w)} }

// Write adds a line.
func (w *FateWriter) Write(f *FateLine) error {
	b := w.buf[:0]
	for _, s := range []string{f.Fate, f.Reason, f.Kind, strconv.Itoa(f.Status), f.How, strconv.Itoa(f.Depth),
		strconv.Itoa(f.Tries), strconv.FormatInt(f.Found, 10), f.Via} {
		b = append(append(b, s...), '\t')
	}
	w.buf = append(append(b, f.URL...), '\n')
	_, err := w.zip.Write(w.buf)
	return err
}

// Close ends the list.
func (w *FateWriter) Close() error { return w.zip.Close() }

// ReadFates calls f for each line of a list.
func ReadFates(r io.Reader, f func(*FateLine) error) error {
	zip, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("list of fates: %w", err)
	}
	lines := bufio.NewScanner(zip)
	lines.Buffer(make([]byte, 64<<10), 1<<20)
	for n := 1; lines.Scan(); n++ {
		p := strings.SplitN(lines.Text(), "\t", 10)
		if len(p) != 10 {
			return fmt.Errorf("list of fates: line %d has %d fields", n, len(p))
		}
		line := FateLine{Fate: p[0], Reason: p[1], Kind: p[2], How: p[4], Via: p[8], URL: p[9]}
		line.Status, _ = strconv.Atoi(p[3])
		line.Depth, _ = strconv.Atoi(p[5])
		line.Tries, _ = strconv.Atoi(p[6])
		line.Found, _ = strconv.ParseInt(p[7], 10, 64)
		if err := f(&line); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("list of fates: %w", err)
	}
	return nil
}
