package warc

import (
	"errors"
	"io"
)

// tapeLength is how many of the bytes last read a tape can give again.
const tapeLength = 256 << 10

// tape is a reader that remembers what it read last. A damaged gzip member is
// noticed only after its decompressor ran on, often into the member behind it;
// the tape lets the search for that one begin right behind the damaged one's
// first byte, on inputs that cannot seek.
type tape struct {
	r    io.Reader
	kept []byte // the bytes up to offset end
	end  int64  // bytes taken from r
	pos  int64  // bytes handed out
	// credit is how many bytes may yet be read again. It grows with the input,
	// so that nested broken members cannot make reading quadratic.
	credit int64
	err    error
}

func (t *tape) Read(p []byte) (int, error) {
	if t.pos < t.end {
		n := copy(p, t.kept[int64(len(t.kept))-(t.end-t.pos):])
		t.pos += int64(n)
		return n, nil
	}
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.r.Read(p)
	t.err = err
	t.keep(p[:n])
	t.end += int64(n)
	t.pos = t.end
	t.credit = min(t.credit+4*int64(n), 64*tapeLength)
	if n > 0 {
		err = nil
	}
	return n, err
}

// keep remembers p and forgets what is too old.
func (t *tape) keep(p []byte) {
	if len(p) > tapeLength {
		p = p[len(p)-tapeLength:]
	}
	if len(t.kept)+len(p) > 2*tapeLength {
		old := t.kept[len(t.kept)-tapeLength:]
		t.kept = t.kept[:copy(t.kept, old)]
	}
	t.kept = append(t.kept, p...)
}

// rewind goes back from used, up to which the bytes handed out were looked at,
// to offset, or as near to it as is remembered and paid for. At least bufferSize
// bytes before the last one handed out are always remembered.
func (t *tape) rewind(used, offset int64) {
	t.pos = used
	back := min(max(used-offset, 0), int64(len(t.kept))-(t.end-used), t.credit)
	t.credit -= back
	t.pos -= back
}

// failure returns the error of the reader below, if it was not the end.
func (t *tape) failure() error {
	if t.err == nil || errors.Is(t.err, io.EOF) {
		return nil
	}
	return t.err
}
