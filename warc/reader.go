package warc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
)

// Reader reads the records of a WARC file: gzip members or uncompressed, or
// both in one file. It takes many faults and notes them (Fault). Memory is
// bounded whatever the input: two buffers, a head of at most MaxHeadBytes, and
// the last half megabyte of the input. It is not for concurrent use.
type Reader struct {
	src    *source
	cur    *block  // of the record last returned
	loose  []Fault // noticed before a record that is still to come
	shared bool    // a record was read from the open member already
	err    error   // of the reader below, final
}

// NewReader returns a Reader at offset 0 of r.
func NewReader(r io.Reader) *Reader { return &Reader{src: newSource(r)} }

// Next returns the following record, or io.EOF after the last one. Its block is
// valid until the next call; what was not read of it is skipped. A record cut
// short is a *TruncatedError, from its Block if that is read, else from the
// call to Next that skips it; reading can go on after it, at the next record.
// Errors of the reader below come back as they are, and are final.
func (r *Reader) Next() (*Record, error) {
	if r.err != nil {
		return nil, r.err
	}
	if r.cur != nil {
		err := r.cur.drain()
		r.cur = nil
		if err != nil {
			return nil, r.final(err)
		}
	}
	if err := r.findRecord(); err != nil {
		return nil, r.final(err)
	}
	rec, err := r.readHead()
	if err != nil {
		return nil, r.final(err)
	}
	return rec, nil
}

// TrailingFaults returns what was forgiven behind the last record, once Next
// has returned io.EOF.
func (r *Reader) TrailingFaults() []Fault { return r.loose }

// final keeps an error after which there is nothing more to read.
func (r *Reader) final(err error) error {
	if !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrTooLarge) {
		r.err = err
	}
	return err
}

// findRecord goes to the beginning of the next record. It is io.EOF at the end.
func (r *Reader) findRecord() error {
	for {
		if r.src.inMember {
			found, err := r.findInMember()
			if found || err != nil {
				return err
			}
			continue
		}
		ended, err := r.src.atEnd()
		if err != nil {
			return err
		}
		if ended {
			return io.EOF
		}
		if window, _ := r.src.raw.Peek(8); isVersionLine(window) {
			return nil
		}
		if !r.src.nextIsMember() {
			err = r.skipBetween()
		} else if err = r.src.open(); err != nil {
			err = r.badMember(err)
		} else {
			r.shared = false
		}
		if err != nil {
			return err
		}
	}
}

// badMember deals with a gzip member whose own header cannot be read: it is cut
// short, or no member after all.
func (r *Reader) badMember(err error) error {
	if failure := r.src.tape.failure(); failure != nil {
		return failure
	}
	start := r.src.memberStart
	atEnd, _ := r.src.atEnd()
	r.src.abandon()
	if atEnd && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)) {
		return &TruncatedError{Offset: start, Have: -1, Want: -1, Cause: io.ErrUnexpectedEOF}
	}
	r.src.explained = start
	return r.skipBetween()
}

// skipBetween passes over what stands between members or records.
func (r *Reader) skipBetween() error {
	if n := skipLineEnds(r.src); n > 0 {
		r.note(FaultClosing, fmt.Sprintf("%d bytes of line ends between records", n))
		return nil
	}
	fault, told, err := r.src.skipGarbage()
	if told && len(r.loose) < maxFaults {
		r.loose = append(r.loose, fault)
	}
	return err
}

// skipLineEnds passes over CR and LF, and returns how many there were.
func skipLineEnds(s *source) int {
	total := 0
	for {
		window, _ := s.cur.Peek(1)
		window, _ = s.cur.Peek(min(s.cur.Buffered(), 64))
		n := len(window) - len(bytes.TrimLeft(window, "\r\n"))
		s.cur.Discard(n)
		total += n
		if n == 0 || n < len(window) {
			return total
		}
	}
}

// findInMember looks for a record in the open gzip member, and closes the
// member if there is none.
func (r *Reader) findInMember() (bool, error) {
	ended, err := r.src.atEnd()
	if !ended {
		if window, _ := r.src.cur.Peek(8); isVersionLine(window) {
			if r.shared {
				r.note(FaultSharedMember, "the gzip member holds several records")
			}
			r.shared = true
			return true, nil
		}
		err = r.skipInMember()
		if ended, _ = r.src.atEnd(); !ended && err == nil {
			return false, nil
		}
		_, err = r.src.atEnd()
	}
	if failure := r.src.tape.failure(); failure != nil {
		return false, failure
	}
	r.endMember(err)
	return false, nil
}

// endMember closes the open member, whose content ended with err.
func (r *Reader) endMember(err error) {
	if err == nil {
		r.src.close()
		return
	}
	r.note(FaultChecksum, "gzip member damaged: "+err.Error())
	if isChecksum(err) {
		r.src.close()
		return
	}
	r.src.abandon()
}

// skipInMember passes over what is no record in the open member, up to a line
// that begins one.
func (r *Reader) skipInMember() error {
	var n int64
	fresh := true // at the beginning of a line
	for {
		window, _ := r.src.cur.Peek(8)
		if len(window) == 0 || fresh && isVersionLine(window) {
			break
		}
		line, err := r.src.cur.ReadSlice('\n')
		n += int64(len(line))
		fresh = err == nil
	}
	if n > 0 {
		r.note(FaultGarbage, fmt.Sprintf("%d bytes of the gzip member belong to no record", n))
	}
	_, err := r.src.atEnd()
	return err
}

// maxFaults bounds the faults kept for one record; what is beyond is forgotten.
const maxFaults = 100

// note keeps a fault for the record that comes next.
func (r *Reader) note(class FaultClass, text string) {
	if len(r.loose) >= maxFaults {
		return
	}
	r.loose = append(r.loose, Fault{r.position(), class, text})
}

// position is the offset that faults are told at.
func (r *Reader) position() int64 {
	if r.src.inMember {
		return r.src.memberStart
	}
	return r.src.offset()
}

// readHead reads the head of the record that the source stands at.
func (r *Reader) readHead() (*Record, error) {
	rec := &Record{Offset: r.position(), Compressed: r.src.inMember, Faults: r.loose}
	r.loose = nil
	head, err := r.headBytes(rec)
	if err != nil {
		return nil, err
	}
	var faults []Fault
	rec.Version, rec.Header, faults = parseHead(head, rec.Offset)
	rec.Faults = append(rec.Faults, faults...)
	rec.Length, faults = contentLength(rec.Header, rec.Offset)
	rec.Faults = append(rec.Faults, faults...)
	r.cur = &block{reader: r, rec: rec, left: rec.Length}
	rec.Block = r.cur
	return rec, nil
}

// headBytes reads up to the empty line that ends a head, over the ends of
// members if need be.
func (r *Reader) headBytes(rec *Record) ([]byte, error) {
	var head []byte
	lineStart := 0
	for {
		part, err := r.src.cur.ReadSlice('\n')
		head = append(head, part...)
		if len(head) > MaxHeadBytes {
			if r.src.inMember {
				r.src.abandon()
			}
			return nil, fmt.Errorf("head of record at %d: over %d bytes: %w", rec.Offset, MaxHeadBytes, ErrTooLarge)
		}
		if err == nil {
			if line := head[lineStart:]; len(line) == 1 || len(line) == 2 && line[0] == '\r' {
				return head, nil
			}
			lineStart = len(head)
			continue
		}
		if len(part) > 0 && !errors.Is(err, io.EOF) && len(part) == r.src.cur.Size() {
			continue // the line is longer than the buffer
		}
		if more, err := r.nextPart(rec, err); !more {
			if r.err != nil {
				return nil, r.err
			}
			return nil, &TruncatedError{Offset: rec.Offset, Have: -1, Want: -1, Cause: err}
		}
	}
}

// nextPart goes on with a record whose gzip member has ended, in the member
// behind it if that does not begin a record. If there is no such member it
// returns false, and what ended the record if it was not a clean end.
func (r *Reader) nextPart(rec *Record, ended error) (bool, error) {
	if failure := r.src.tape.failure(); failure != nil {
		r.err = failure
		return false, failure
	}
	if !r.src.inMember {
		return false, nil
	}
	if !errors.Is(ended, io.EOF) {
		r.endMember(ended)
		r.loose = nil
		return false, ended
	}
	r.src.close()
	if !r.src.nextIsMember() || r.src.nextIsRecord() || r.src.open() != nil {
		return false, nil
	}
	r.addFault(rec, FaultSplitMember, "the record goes on in another gzip member")
	return true, nil
}

// addFault notes a fault of a record, once for each class.
func (r *Reader) addFault(rec *Record, class FaultClass, text string) {
	for _, f := range rec.Faults {
		if f.Class == class && f.Text == text {
			return
		}
	}
	if len(rec.Faults) >= 2*maxFaults {
		return
	}
	rec.Faults = append(rec.Faults, Fault{r.position(), class, text})
}
