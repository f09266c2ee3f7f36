package fetch

import (
	"fmt"
	"io"
	"os"
	"runtime"
)

// Recording holds bytes as they came: in memory up to a limit, the rest in a
// file that goes with Close. Readers may be used side by side; nothing may be
// used after Close, as the memory is lent again.
type Recording struct {
	mem      []byte
	file     *os.File
	spilled  int64
	owned    int64 // bytes taken from the budget
	scratch  []byte
	limit    int // bytes to hold in memory
	shared   *memory
	spillErr error
	closed   bool
}

// memory is what recordings of one client share.
type memory struct {
	buffers  buffers
	budget   budget
	dir      string
	counters *counters
}

func newRecording(m *memory, limit int) *Recording { return &Recording{shared: m, limit: limit} }

// Len is the number of bytes recorded.
func (r *Recording) Len() int64 { return int64(len(r.mem)) + r.spilled }

// Bytes gives all bytes if none was spilled. They are valid until Close.
func (r *Recording) Bytes() ([]byte, bool) { return r.mem, r.spilled == 0 }

// Reader reads from the first byte to the last.
func (r *Recording) Reader() io.Reader { return r.section(0, r.Len()) }

// section reads n bytes from offset off.
func (r *Recording) section(off, n int64) io.Reader {
	inMemory := int64(len(r.mem))
	end := min(off+n, r.Len())
	off = min(off, end)
	if end <= inMemory {
		return &sliceReader{r.mem[off:end]}
	}
	if off >= inMemory {
		return io.NewSectionReader(r.file, off-inMemory, end-off)
	}
	return io.MultiReader(&sliceReader{r.mem[off:]}, io.NewSectionReader(r.file, 0, end-inMemory))
}

// sliceReader is bytes.Reader without what is not needed here.
type sliceReader struct{ b []byte }

func (s *sliceReader) Read(p []byte) (int, error) {
	if len(s.b) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.b)
	s.b = s.b[n:]
	return n, nil
}

func (s *sliceReader) WriteTo(w io.Writer) (int64, error) {
	n, err := w.Write(s.b)
	s.b = s.b[n:]
	return int64(n), err
}

// space gives room to read into; what was read is then committed. While
// inMemory is set (a head is being read) the room is always in memory.
func (r *Recording) space(inMemory bool) ([]byte, error) {
	if r.spillErr != nil {
		return nil, r.spillErr
	}
	if r.file == nil {
		if len(r.mem) < cap(r.mem) && (inMemory || len(r.mem) < r.limit) {
			room := r.mem[len(r.mem):cap(r.mem)]
			if !inMemory {
				room = room[:min(len(room), r.limit-len(r.mem))]
			}
			return room, nil
		}
		if r.grow(max(2*cap(r.mem), 1<<minClass), inMemory) {
			return r.space(inMemory)
		}
		if err := r.spill(); err != nil {
			return nil, err
		}
	}
	return r.scratch[:cap(r.scratch)], nil
}

// expect makes room for n more bytes at once, if memory allows it.
func (r *Recording) expect(n int64) {
	want := int64(len(r.mem)) + n
	if r.file == nil && want > int64(cap(r.mem)) && want <= int64(r.limit) {
		r.grow(int(want), false)
	}
}

func (r *Recording) grow(size int, must bool) bool {
	if !must {
		if len(r.mem) >= r.limit {
			return false
		}
		size = min(size, max(r.limit, cap(r.mem)))
		if size <= cap(r.mem) {
			return false
		}
	}
	bigger := r.shared.buffers.get(size)
	extra := int64(cap(bigger) - cap(r.mem))
	if must {
		r.shared.budget.force(extra)
	} else if !r.shared.budget.try(extra) {
		r.shared.counters.add("memory")
		r.shared.buffers.put(bigger)
		return false
	}
	r.owned += extra
	bigger = append(bigger, r.mem...)
	r.shared.buffers.put(r.mem)
	r.mem = bigger
	return true
}

// spill opens the file that takes all further bytes. On unix its name goes at
// once, so that a crash leaves nothing behind.
func (r *Recording) spill() error {
	file, err := os.CreateTemp(r.shared.dir, "exchange-*")
	if err != nil {
		r.spillErr = fmt.Errorf("spill recording: %w", err)
		return r.spillErr
	}
	if runtime.GOOS != "windows" {
		os.Remove(file.Name())
	}
	r.file = file
	r.scratch = r.shared.buffers.get(1 << minClass)
	r.shared.counters.add("spilled")
	return nil
}

// commit keeps n bytes of the space given last, and returns them.
func (r *Recording) commit(n int) ([]byte, error) {
	if r.file == nil {
		start := len(r.mem)
		r.mem = r.mem[:start+n]
		return r.mem[start:], nil
	}
	p := r.scratch[:n]
	if _, err := r.file.WriteAt(p, r.spilled); err != nil {
		r.spillErr = fmt.Errorf("spill recording: %w", err)
		return nil, r.spillErr
	}
	r.spilled += int64(n)
	return p, nil
}

// drop removes n bytes from the front, which must still be in memory.
func (r *Recording) drop(n int) { r.mem = r.mem[:copy(r.mem, r.mem[n:])] }

// cut ends the recording at n bytes.
func (r *Recording) cut(n int64) {
	if inMemory := int64(len(r.mem)); n <= inMemory {
		r.mem, r.spilled = r.mem[:n], 0
	} else {
		r.spilled = n - inMemory
	}
}

// finish gives back what only recording needs.
func (r *Recording) finish() {
	r.shared.buffers.put(r.scratch)
	r.scratch = nil
}

// Close gives memory and file back. It may be called more than once.
func (r *Recording) Close() error {
	if r == nil || r.closed {
		return nil
	}
	r.closed = true
	r.finish()
	r.shared.buffers.put(r.mem)
	r.shared.budget.release(r.owned)
	r.mem, r.owned = nil, 0
	if r.file == nil {
		return nil
	}
	err := r.file.Close()
	if runtime.GOOS == "windows" {
		os.Remove(r.file.Name())
	}
	r.file, r.spilled = nil, 0
	return err
}
