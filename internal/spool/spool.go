// Package spool makes folders that are one process's each, for what does not
// stay in memory, and removes those of processes that were killed.
package spool

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// lockName is the file in a folder that its process holds a lock on.
const lockName = "lock"

// tries is how often a folder is made that another process takes for a dead
// one's before it is locked.
const tries = 10

// Folder is a process's own. It is freed when the process ends, however that
// comes.
type Folder struct {
	path string
	lock *os.File
}

// Make makes a folder in parent, which is there or is made ("" is the system's
// for temporary files), of which the name begins with prefix. Before, it removes
// those that begin with one of prefixes and that no process holds; removed
// counts them. A folder without a lock file is nobody's to remove.
func Make(parent, prefix string, prefixes ...string) (f *Folder, removed int, err error) {
	if parent == "" {
		parent = os.TempDir()
	}
	if parent, err = filepath.Abs(parent); err != nil {
		return nil, 0, err
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, 0, err
	}
	for _, p := range prefixes {
		removed += sweep(parent, p)
	}
	for range tries {
		if f, err = makeOne(parent, prefix); !errors.Is(err, errTaken) {
			return f, removed, err
		}
	}
	return nil, removed, err
}

// errTaken says that another process removed the folder while it was made.
var errTaken = errors.New("the folder was removed while it was made")

func makeOne(parent, prefix string) (*Folder, error) {
	dir, err := os.MkdirTemp(parent, prefix+"*")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(dir, lockName)
	lock, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		err = hold(lock)
	}
	if err != nil {
		if lock != nil {
			lock.Close()
		}
		os.RemoveAll(dir)
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return &Folder{path: dir, lock: lock}, nil
}

// hold locks a file that was just made, and sees that it is still there.
func hold(lock *os.File) error {
	err := flock(lock)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return errTaken
	}
	if err != nil {
		return err
	}
	if _, err := os.Lstat(lock.Name()); err != nil {
		return errTaken
	}
	return nil
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// sweep removes the folders of dead processes, and counts them. What it may not
// look at is another user's.
func sweep(parent, prefix string) (removed int) {
	entries, _ := os.ReadDir(parent) // what cannot be listed stays
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), prefix) {
			continue
		}
		dir := filepath.Join(parent, e.Name())
		lock, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
		if err != nil {
			continue
		}
		if flock(lock) == nil && os.RemoveAll(dir) == nil {
			removed++
		}
		lock.Close()
	}
	return removed
}

// Path is the folder's, absolute.
func (f *Folder) Path() string { return f.path }

// Remove removes the folder with what is in it.
func (f *Folder) Remove() error {
	return errors.Join(os.RemoveAll(f.path), f.lock.Close())
}
