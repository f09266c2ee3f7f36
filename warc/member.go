package warc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// Decoder reads records that are gzip members in memory. It keeps its
// decompressor; it is not for concurrent use. The zero value is ready.
type Decoder struct {
	in bytes.Reader
	gz *gzip.Reader
}

// ReadMember is (*Decoder).ReadMember with a Decoder of its own.
func ReadMember(member []byte, limit int64) (*Record, []byte, error) {
	return new(Decoder).ReadMember(member, limit)
}

// ReadMember reads the record in one gzip member (or one uncompressed record),
// as leniently as Reader does. A block of more than limit bytes is ErrTooLarge;
// of one cut short what there is comes with a *TruncatedError. The record's
// Block is nil; the block returned is the caller's. Where member holds several
// records it is the first.
func (d *Decoder) ReadMember(member []byte, limit int64) (*Record, []byte, error) {
	if rec, block, ok := d.readSound(member, limit); ok {
		return rec, block, nil
	}
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

// readSound reads a member in which there is nothing to forgive, into memory
// of just its size; ok is false for any other, whatever is wrong with it.
func (d *Decoder) readSound(member []byte, limit int64) (rec *Record, block []byte, ok bool) {
	content, ok := d.inflate(member, limit)
	if !ok {
		return nil, nil, false
	}
	headEnd := bytes.Index(content, closing)
	if headEnd < 0 || headEnd > MaxHeadBytes-len(closing) || !isVersionLine(content) {
		return nil, nil, false
	}
	headEnd += len(closing)
	version, h, faults := parseHead(content[:headEnd], 0)
	length, more := contentLength(h, 0)
	if len(faults)+len(more) > 0 || length > limit || int64(len(content)-headEnd-len(closing)) != length {
		return nil, nil, false
	}
	end := headEnd + int(length)
	if !bytes.Equal(content[end:], closing) || endsEarlier(content[:headEnd-2]) {
		return nil, nil, false
	}
	rec = &Record{Version: version, Header: h, Length: length, MemberLength: int64(len(member)), Compressed: true}
	return rec, content[headEnd:end:end], true
}

// endsEarlier reports whether there is an empty line in a head, that of a
// reader that takes line ends without CR.
func endsEarlier(head []byte) bool {
	return bytes.Contains(head, []byte("\n\n")) || bytes.Contains(head, []byte("\n\r\n"))
}

// maxRatio is the most that deflate can make of a byte.
const maxRatio = 1032

// inflate decompresses member, if it is one whole gzip member whose trailer
// tells the truth and whose content is within what limit allows.
func (d *Decoder) inflate(member []byte, limit int64) ([]byte, bool) {
	if len(member) < 18 || !isMagic(member) {
		return nil, false
	}
	size := int64(binary.LittleEndian.Uint32(member[len(member)-4:]))
	if size > limit+MaxHeadBytes || size > maxRatio*int64(len(member)) {
		return nil, false
	}
	d.in.Reset(member)
	if d.gz == nil {
		d.gz = new(gzip.Reader)
	}
	if d.gz.Reset(&d.in) != nil {
		return nil, false
	}
	d.gz.Multistream(false)
	content := make([]byte, size)
	if _, err := io.ReadFull(d.gz, content); err != nil {
		return nil, false
	}
	var none [1]byte
	if n, err := d.gz.Read(none[:]); n > 0 || !errors.Is(err, io.EOF) {
		return nil, false
	}
	return content, d.in.Len() == 0
}
