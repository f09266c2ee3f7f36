package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
)

// block is the block of a record being read.
type block struct {
	reader *Reader
	rec    *Record
	have   int64 // bytes given out
	left   int64 // bytes to come by Content-Length, -1 if unknown
	done   bool
	err    error // given again after the end
}

// Read gives the block's bytes; see Record.Block.
func (b *block) Read(p []byte) (int, error) {
	if b.done {
		return 0, b.err
	}
	if b.reader.cur != b {
		return 0, fmt.Errorf("read block of %s: the reader has moved on", b.rec.ID())
	}
	if b.left == 0 {
		b.finish(nil)
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	n, err := b.read(p)
	b.have += int64(n)
	if b.left > 0 {
		b.left -= int64(n)
	}
	if n > 0 {
		return n, nil
	}
	if err != nil {
		b.finish(err)
	}
	return 0, b.err
}

// read reads at least a byte, or returns how the record ended. Within a gzip
// member the last four bytes are held back until it is known that more follow:
// where Content-Length is wrong they are not the block's.
func (b *block) read(p []byte) (int, error) {
	src := b.reader.src
	if b.left > 0 {
		p = p[:min(int64(len(p)), b.left)]
	}
	if !src.inMember {
		if b.left < 0 {
			return b.readUnmeasured(p)
		}
		n, err := src.cur.Read(p)
		if n > 0 {
			return n, nil
		}
		return 0, endOf(err)
	}
	for {
		window, err := src.cur.Peek(len(closing) + 1)
		if len(window) > len(closing) {
			hold := len(closing)
			if b.left > 0 && b.left <= int64(src.cur.Buffered()) {
				hold = 0
			}
			return src.cur.Read(p[:min(len(p), src.cur.Buffered()-hold)])
		}
		if b.left > 0 && b.left <= int64(len(window)) {
			return src.cur.Read(p)
		}
		if b.left < 0 && bytes.Equal(window, closing) || len(window) == 0 && b.left < 0 {
			return 0, io.EOF
		}
		if n, err := b.pastMember(p, window, err); n > 0 || err != nil {
			return n, err
		}
	}
}

// endOf says what an uncompressed record that ends too early ended with.
func endOf(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// pastMember deals with a member that ends, by err, before the block does;
// window is what is left of it. It gives that out if the record goes on, and
// returns 0 and nil to read on in the next member.
func (b *block) pastMember(p, window []byte, err error) (int, error) {
	r := b.reader
	if len(window) > 0 && (!errors.Is(err, io.EOF) || !r.memberIsWhole(window)) {
		return r.src.cur.Read(p)
	}
	if len(window) > 0 {
		return 0, errWrongLength
	}
	more, cause := r.nextPart(b.rec, err)
	if more {
		return 0, nil
	}
	if cause == nil {
		cause = io.ErrUnexpectedEOF
	}
	return 0, cause
}

// errWrongLength ends a block whose member is whole but shorter than
// Content-Length says.
var errWrongLength = errors.New("content-length is wrong")

// memberIsWhole reports whether a member whose last bytes are left ends a
// record there: it ends as records do, and what follows is not a part of it.
func (r *Reader) memberIsWhole(left []byte) bool {
	if !bytes.Equal(left, closing) {
		return false
	}
	window, _ := r.src.raw.Peek(probeLength)
	return len(window) == 0 || !isMagic(window) || r.src.probe.startsRecord(window)
}

// readUnmeasured reads of an uncompressed block without Content-Length, which
// goes up to the next line that begins a record.
func (b *block) readUnmeasured(p []byte) (int, error) {
	raw := b.reader.src.raw
	window, err := raw.Peek(bufferSize / 2)
	if len(window) == 0 {
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		return 0, io.EOF
	}
	for i := 0; ; {
		j := bytes.Index(window[i:], []byte("\nWARC/"))
		if j < 0 {
			break
		}
		i += j + 1
		if isVersionLine(window[i:]) {
			ours := window[:i]
			for range 2 {
				ours = bytes.TrimSuffix(bytes.TrimSuffix(ours, []byte("\n")), []byte("\r"))
			}
			if len(ours) == 0 {
				return 0, io.EOF
			}
			return raw.Read(p[:min(len(p), len(ours))])
		}
	}
	hold := 16
	if err != nil {
		hold = 0
	}
	return raw.Read(p[:min(len(p), max(len(window)-hold, 1))])
}

// drain skips what is left of the block, and returns an error only if the
// record was cut short and nobody was told yet.
func (b *block) drain() error {
	if b.done {
		return nil
	}
	_, err := io.Copy(io.Discard, onlyReader{b})
	return err
}

// onlyReader hides other methods of a reader from io.Copy.
type onlyReader struct{ io.Reader }

// finish ends the block, with the reason why if it is not that all its bytes
// were read, and reads what closes the record.
func (b *block) finish(cause error) {
	b.done, b.err = true, io.EOF
	r := b.reader
	switch {
	case cause == nil || errors.Is(cause, io.EOF):
	case errors.Is(cause, errWrongLength):
		r.addFault(b.rec, FaultContentLength,
			fmt.Sprintf("Content-Length %d, the gzip member holds %d bytes", b.rec.Length, b.have))
	case isChecksum(cause) && (b.left <= 0):
	default:
		b.fail(cause)
		return
	}
	b.close()
}

// fail ends the block as cut short.
func (b *block) fail(cause error) {
	r := b.reader
	if failure := r.src.tape.failure(); failure != nil {
		r.err, b.err = failure, failure
		return
	}
	if r.src.inMember {
		r.endMember(cause)
		r.loose = nil
	}
	t := &TruncatedError{Offset: b.rec.Offset, Have: b.have, Want: b.rec.Length}
	if !errors.Is(cause, io.ErrUnexpectedEOF) {
		t.Cause = cause
	}
	b.err = t
}

// close reads the line ends after a block, and what should not be there.
func (b *block) close() {
	r, rec := b.reader, b.rec
	if !r.src.inMember {
		before := r.src.offset()
		if n := b.readClosing(); n != len(closing) {
			r.addFault(rec, FaultClosing, fmt.Sprintf("%d bytes of line ends after the block at %d", n, before))
		}
		rec.MemberLength = r.src.offset() - rec.Offset
		return
	}
	n := b.readClosing()
	ended, err := r.src.atEnd()
	if !ended {
		if window, _ := r.src.cur.Peek(8); !isVersionLine(window) {
			b.skipSurplus()
			ended, err = r.src.atEnd()
		}
	} else if n != len(closing) {
		r.addFault(rec, FaultClosing, fmt.Sprintf("%d bytes of line ends after the block", n))
	}
	if !ended {
		return // the member holds another record: its length is not this one's
	}
	if failure := r.src.tape.failure(); failure != nil {
		r.err = failure
		return
	}
	rec.MemberLength = r.src.offset() - rec.Offset
	r.endMember(err)
	rec.Faults, r.loose = append(rec.Faults, r.loose...), nil
}

// readClosing reads the line ends after a block, at most two.
func (b *block) readClosing() int {
	cur := b.reader.src.cur
	total := 0
	for range 2 {
		window, _ := cur.Peek(2)
		switch {
		case bytes.Equal(window, []byte("\r\n")):
			cur.Discard(2)
			total += 2
		case len(window) > 0 && window[0] == '\n':
			cur.Discard(1)
			total++
		}
	}
	return total
}

// skipSurplus passes over what follows a block in its member and is no record:
// Content-Length was too small.
func (b *block) skipSurplus() {
	r := b.reader
	loose := r.loose
	r.loose = nil
	r.skipInMember()
	for _, f := range r.loose {
		r.addFault(b.rec, FaultContentLength, "Content-Length too small: "+f.Text)
	}
	r.loose = loose
}

// isChecksum reports whether a member was read to its end but its checksum or
// length did not match.
func isChecksum(err error) bool { return errors.Is(err, gzip.ErrChecksum) }
