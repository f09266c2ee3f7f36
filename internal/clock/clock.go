// Package clock is the wall clock of the program. Its only use beside time.Now
// is to try what a stepped clock does: with NEWSREEL_CLOCK_FILE in the
// environment the wall clock is that of the machine plus the whole seconds that
// stand in the file, which may change at any time.
package clock

import (
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unsafe"
)

// File is the environment variable that names the file.
const File = "NEWSREEL_CLOCK_FILE"

// FromEnvironment returns the clock that the environment asks for, time.Now
// where it asks for none.
func FromEnvironment() func() time.Time {
	path := os.Getenv(File)
	if path == "" {
		return time.Now
	}
	s := &stepped{path: path}
	return s.now
}

type stepped struct {
	path string

	mu     sync.Mutex
	read   time.Time
	offset int64
}

// often is how long an offset is used before the file is read again.
const often = 20 * time.Millisecond

func (s *stepped) now() time.Time {
	t := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.Sub(s.read) >= often {
		s.read = t
		if data, err := os.ReadFile(s.path); err == nil {
			if n, err := strconv.ParseInt(strings.TrimSpace(string(data)), 10, 64); err == nil {
				s.offset = n
			}
		}
	}
	return step(t, s.offset)
}

// step moves the wall clock of a time and leaves its monotonic reading, as
// happens to times when the system's clock is set. No function of package time
// does so: Add moves both. A time with a monotonic reading holds, in its first
// word, one bit that says so, 33 bits of seconds since 1885 and 30 bits of
// nanoseconds. A test holds that this is still so.
func step(t time.Time, seconds int64) time.Time {
	if seconds == 0 {
		return t
	}
	wall := (*uint64)(unsafe.Pointer(&t))
	*wall += uint64(seconds << 30)
	return t
}
