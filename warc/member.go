package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// ReadMember reads the record in one gzip member (or one uncompressed record)
// that is in memory. A block of more than limit bytes is ErrTooLarge; of one
// cut short what there is comes with a *TruncatedError. The record's Block is
// nil. Where member holds several records it is the first.
func ReadMember(member []byte, limit int64) (*Record, []byte, error) {
	rec, err := NewReader(bytes.NewReader(member)).Next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = &TruncatedError{Have: -1, Want: -1}
		}
		return nil, nil, fmt.Errorf("read member: %w", err)
	}
	block, err := rec.ReadBlock(limit)
	rec.Block = nil
	if err != nil {
		return rec, block, fmt.Errorf("read member: %w", err)
	}
	return rec, block, nil
}
