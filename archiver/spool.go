package archiver

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// spoolBuffer is how much a spool keeps in memory before it writes.
const spoolBuffer = 128 << 10

// spool is a temporary file that only grows and knows the SHA-256 of what it
// holds. It has no name in the file system, so that a crash leaves nothing. A
// failed append changes nothing and can be tried again.
type spool struct {
	f       *os.File
	flushed int64 // bytes in the file
	buf     []byte
	sum     hash.Hash // of the bytes in the file; nil where nobody asks
}

func newSpool(dir string, hashed bool) (*spool, error) {
	f, err := os.CreateTemp(dir, "archiver-*")
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	os.Remove(f.Name())
	s := &spool{f: f}
	if hashed {
		s.sum = sha256.New()
	}
	return s, nil
}

// size is how many bytes the spool holds.
func (s *spool) size() int64 { return s.flushed + int64(len(s.buf)) }

// append adds p at the end.
func (s *spool) append(p []byte) error {
	if len(s.buf)+len(p) > spoolBuffer {
		if err := s.flush(); err != nil {
			return err
		}
	}
	if len(p) > spoolBuffer {
		return s.write(p)
	}
	if s.buf == nil {
		s.buf = make([]byte, 0, spoolBuffer)
	}
	s.buf = append(s.buf, p...)
	return nil
}

// flush writes what is in memory to the file.
func (s *spool) flush() error {
	if len(s.buf) == 0 {
		return nil
	}
	if err := s.write(s.buf); err != nil {
		return err
	}
	s.buf = s.buf[:0]
	return nil
}

func (s *spool) write(p []byte) error {
	if _, err := s.f.WriteAt(p, s.flushed); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	if s.sum != nil {
		s.sum.Write(p)
	}
	s.flushed += int64(len(p))
	return nil
}

// readAt reads len(p) bytes at an offset, in the file or in memory.
func (s *spool) readAt(p []byte, off int64) error {
	if off >= s.flushed {
		if copy(p, s.buf[min(off-s.flushed, int64(len(s.buf))):]) < len(p) {
			return fmt.Errorf("spool: %w", io.ErrUnexpectedEOF)
		}
		return nil
	}
	if _, err := s.f.ReadAt(p, off); err != nil {
		return fmt.Errorf("spool: %w", err)
	}
	return nil
}

// seal flushes, frees the buffer, and returns size and SHA-256.
func (s *spool) seal() (size int64, sum string, err error) {
	if err := s.flush(); err != nil {
		return 0, "", err
	}
	s.buf = nil
	if s.sum != nil {
		sum = hex.EncodeToString(s.sum.Sum(nil))
	}
	return s.flushed, sum, nil
}

// reader reads the flushed bytes from the start.
func (s *spool) reader() io.Reader { return io.NewSectionReader(s.f, 0, s.flushed) }

// close frees the file. A nil spool is fine.
func (s *spool) close() {
	if s != nil {
		s.f.Close()
	}
}

// spoolWriter is a spool as an io.Writer.
type spoolWriter struct{ s *spool }

func (w spoolWriter) Write(p []byte) (int, error) {
	if err := w.s.append(p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// minSegment is how small a full disk makes segments, in bytes of WARC.
const minSegment = 1 << 20

// spaceFor is how large a segment may become that is spooled in a folder: a
// sixth of what is free, since it is written there, sent in parts and put
// together in the store, each of which may be on the same disk.
func spaceFor(dir string) int64 {
	var st unix.Statfs_t
	if err := unix.Statfs(cmp.Or(dir, os.TempDir()), &st); err != nil {
		return math.MaxInt64 // nothing known
	}
	return max(int64(st.Bavail)*int64(st.Bsize)/6, minSegment)
}
