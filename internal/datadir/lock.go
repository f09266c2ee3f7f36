package datadir

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// pollInterval is how often a lock that is held is tried again.
	pollInterval = 20 * time.Millisecond
	// lockGrace is waited even by who will not wait: a process that only
	// looks whether the folder is held takes the lock for an instant, and
	// one that just got it has not written its name yet.
	lockGrace = 300 * time.Millisecond
)

// holder is the process that has the lock, as holder.json tells it. The file
// may be older than the lock: it is information, and the lock is the truth.
type holder struct {
	PID      int       `json:"pid"`
	Command  string    `json:"command"`
	Since    time.Time `json:"since"`
	Roles    bool      `json:"roles"`
	Instance string    `json:"instance"`
}

// HolderError says that another process holds the folder. PID is 0 where it is
// not known who.
type HolderError struct {
	Dir     string
	PID     int
	Command string
	Since   time.Time
	// Roles says that the holder runs roles, so that it will stay.
	Roles bool
}

func (e *HolderError) Error() string {
	if e.PID == 0 {
		return fmt.Sprintf("data folder %s is held by another process", e.Dir)
	}
	return fmt.Sprintf("data folder %s is held by `%s` (pid %d, since %s)",
		e.Dir, e.Command, e.PID, e.Since.Local().Format("2006-01-02 15:04:05"))
}

type lock struct {
	dir    string
	file   *os.File
	holder holder
}

// takeLock takes the folder's lock, and notes who has it.
func takeLock(dir string, purpose Purpose, patience time.Duration) (*lock, error) {
	file, err := os.OpenFile(lockPath(dir), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := waitForLock(dir, file, patience); err != nil {
		file.Close()
		return nil, err
	}
	l := &lock{dir: dir, file: file, holder: holder{
		PID: os.Getpid(), Command: purpose.Command, Since: time.Now().UTC().Truncate(time.Second),
		Roles: purpose.Roles, Instance: rand.Text(),
	}}
	// The addresses of a process that was killed lead nowhere.
	err = removeOldSockets(dir)
	if err == nil {
		err = removeIfThere(filepath.Join(dir, "run", "endpoints.json"))
	}
	if err == nil {
		err = writeJSON(holderPath(dir), 0o600, l.holder)
	}
	if err != nil {
		l.release()
		return nil, err
	}
	return l, nil
}

func waitForLock(dir string, file *os.File, patience time.Duration) error {
	start := time.Now()
	patience = max(patience, lockGrace)
	for {
		err := tryLock(file)
		if err == nil || !errors.Is(err, unix.EWOULDBLOCK) {
			return err
		}
		h, known := readHolder(dir)
		waited := time.Since(start)
		if waited >= patience || (known && h.Roles && waited >= lockGrace) {
			e := &HolderError{Dir: dir}
			if known {
				e.PID, e.Command, e.Since, e.Roles = h.PID, h.Command, h.Since, h.Roles
			}
			return e
		}
		wait(context.Background(), pollInterval)
	}
}

func tryLock(file *os.File) error {
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// isHeld reports whether a process holds the folder, by trying the lock.
func isHeld(dir string) (bool, error) {
	file, err := os.OpenFile(lockPath(dir), os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer file.Close() // frees the lock
	err = unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return true, nil
	}
	return false, err
}

// readHolder returns who holds the folder, if the note about it can be of a
// process that lives.
func readHolder(dir string) (holder, bool) {
	var h holder
	data, err := os.ReadFile(holderPath(dir))
	if err != nil || json.Unmarshal(data, &h) != nil || h.PID <= 0 {
		return holder{}, false
	}
	if err := unix.Kill(h.PID, 0); errors.Is(err, unix.ESRCH) {
		return holder{}, false
	}
	return h, true
}

// release removes the note and frees the lock.
func (l *lock) release() error {
	err := removeIfThere(holderPath(l.dir))
	return errors.Join(err, l.file.Close())
}

func lockPath(dir string) string   { return filepath.Join(dir, "run", "lock") }
func holderPath(dir string) string { return filepath.Join(dir, "run", "holder.json") }

// wait waits for d or the end of ctx.
func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
