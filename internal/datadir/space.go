package datadir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Limits are chosen when a folder is made, and kept in it (limits.json).
type Limits struct {
	// MaxStoreBytes is what all streams together may hold: half of what was
	// free.
	MaxStoreBytes int64 `json:"max_store_bytes"`
}

// minStore is the least that the streams get, in bytes.
const minStore = 64 << 20

func ensureLimits(dir string) (Limits, error) {
	path := filepath.Join(dir, "limits.json")
	var l Limits
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		free, _, err := Free(dir)
		if err != nil {
			return Limits{}, err
		}
		l.MaxStoreBytes = max(free/2, minStore)
		return l, writeJSON(path, 0o644, l)
	}
	if err == nil {
		err = json.Unmarshal(data, &l)
	}
	if err != nil {
		return Limits{}, fmt.Errorf("%s: %w", path, err)
	}
	if l.MaxStoreBytes <= 0 {
		return Limits{}, fmt.Errorf("%s: max_store_bytes is %d", path, l.MaxStoreBytes)
	}
	return l, nil
}

// Free returns the bytes and the inodes that are free for us on the file
// system of path. A file system that makes inodes as needed has the largest
// number of them.
func Free(path string) (bytes, inodes int64, err error) {
	st, err := statfs(path)
	if err != nil {
		return 0, 0, err
	}
	inodes = math.MaxInt64
	if st.Files > 0 {
		inodes = int64(st.Ffree)
	}
	return int64(st.Bavail) * int64(st.Bsize), inodes, nil
}

func statfs(path string) (unix.Statfs_t, error) {
	var st unix.Statfs_t
	for {
		err := unix.Statfs(path, &st)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return st, fmt.Errorf("free space of %s: %w", path, err)
		}
		return st, nil
	}
}

const (
	watermarkBytes   = 2 << 30
	watermarkPercent = 5
)

// Watermark returns the free bytes below which work pauses: 5 % of the file
// system of path or 2 GiB, whichever is more, and never more than half of what
// is free now. Call it at the start, and keep the answer.
func Watermark(path string) (int64, error) {
	st, err := statfs(path)
	if err != nil {
		return 0, err
	}
	return watermark(int64(st.Blocks)*int64(st.Bsize), int64(st.Bavail)*int64(st.Bsize)), nil
}

func watermark(total, free int64) int64 {
	return min(max(total/100*watermarkPercent, watermarkBytes), free/2)
}

// FsyncTiming is how long a disk takes to make a small write durable.
type FsyncTiming struct {
	N           int
	Median, Max time.Duration
}

// fsyncBlock is the size of a page with its headers, in bytes.
const fsyncBlock = 15 << 10

// TimeFsync writes n blocks of 15 KiB to a file in dir, syncs after each, and
// returns how long a write with its sync took. A disk that answers in less than
// 50 µs most likely does not wait for anything. The file is removed.
func TimeFsync(dir string, n int) (FsyncTiming, error) {
	if n < 1 {
		return FsyncTiming{}, fmt.Errorf("time fsync in %s: %d writes", dir, n)
	}
	f, err := os.CreateTemp(dir, ".fsync-*")
	if err != nil {
		return FsyncTiming{}, fmt.Errorf("time fsync: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	block := make([]byte, fsyncBlock)
	took := make([]time.Duration, n)
	for i := range took {
		start := time.Now()
		if _, err := f.Write(block); err != nil {
			return FsyncTiming{}, fmt.Errorf("time fsync: %w", err)
		}
		if err := f.Sync(); err != nil {
			return FsyncTiming{}, fmt.Errorf("time fsync: %w", err)
		}
		took[i] = time.Since(start)
	}
	slices.Sort(took)
	return FsyncTiming{N: n, Median: took[n/2], Max: took[n-1]}, nil
}
