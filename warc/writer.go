package warc

import (
	"fmt"
	"io"
)

// Writer writes a WARC file, record after record, and knows where each stands.
// It is not for concurrent use. After an error of the writer below, the file's
// end is unknown, and every later call returns that error.
type Writer struct {
	w      countWriter
	enc    *Encoder
	failed error
}

// NewWriter returns a Writer at offset 0 that compresses with DefaultLevel.
func NewWriter(w io.Writer) *Writer {
	return &Writer{w: countWriter{w: w}}
}

// WriteRecord writes a record with the length bytes of block, and returns the
// offset and length of its gzip member. ErrInvalid leaves the file as it was.
func (w *Writer) WriteRecord(h Header, block io.Reader, length int64) (offset, memberLength int64, err error) {
	if w.failed != nil {
		return 0, 0, w.failed
	}
	if w.enc == nil {
		w.enc = NewEncoder(DefaultLevel)
	}
	offset = w.w.n
	memberLength, err = w.enc.WriteMember(&w.w, h, block, length)
	if err != nil {
		w.fail(offset, err)
		return offset, memberLength, err
	}
	return offset, memberLength, nil
}

// AppendRaw writes a record that already is a gzip member, byte for byte, and
// returns its offset. The bytes are not looked at.
func (w *Writer) AppendRaw(member []byte) (int64, error) {
	if w.failed != nil {
		return 0, w.failed
	}
	offset := w.w.n
	if _, err := w.w.Write(member); err != nil {
		err = fmt.Errorf("append member at %d: %w", offset, err)
		w.fail(offset, err)
		return offset, err
	}
	return offset, nil
}

// Offset returns the number of bytes written, which is where the next record
// begins.
func (w *Writer) Offset() int64 { return w.w.n }

// fail remembers an error after which the file holds part of a record.
func (w *Writer) fail(offset int64, err error) {
	if w.w.n != offset {
		w.failed = err
	}
}
