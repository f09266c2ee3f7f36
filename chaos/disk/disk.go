// Package disk is a file system of its own on a file, mounted on a loop device,
// whose power can be cut and which can be filled.
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Disk is a mounted ext4 file system.
type Disk struct {
	image, mount string
	lives        int
}

// New makes and mounts a file system of so many bytes in a folder. It needs
// mkfs.ext4 and leave to mount loop devices.
func New(dir string, size int64) (*Disk, error) {
	d := &Disk{image: filepath.Join(dir, "disk-0"), mount: filepath.Join(dir, "mnt-0")}
	if err := os.WriteFile(d.image, nil, 0o600); err != nil {
		return nil, err
	}
	if err := os.Truncate(d.image, size); err != nil {
		return nil, err
	}
	if err := command("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "lazy_itable_init=1,lazy_journal_init=1", d.image); err != nil {
		return nil, err
	}
	return d, d.mountIt()
}

// Path is where the file system is mounted. Cut changes it.
func (d *Disk) Path() string { return d.mount }

func (d *Disk) mountIt() error {
	if err := os.MkdirAll(d.mount, 0o755); err != nil {
		return err
	}
	return command("mount", "-o", "loop", d.image, d.mount)
}

// Stop stops the file system at once, without writing its journal
// (EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH): what was not synced to
// the device is not in the file.
func (d *Disk) Stop() error {
	const (
		ioctlShutdown = 0x8004587d
		noLogFlush    = 2
	)
	f, err := os.Open(d.mount)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.IoctlSetPointerInt(int(f.Fd()), ioctlShutdown, noLogFlush); err != nil {
		return fmt.Errorf("stop file system %s: %w", d.mount, err)
	}
	return nil
}

// Again mounts what a stopped file system's device holds, at another place. The
// processes that used it must be gone.
func (d *Disk) Again() error {
	d.lives++
	old, mount := *d, filepath.Join(filepath.Dir(d.mount), fmt.Sprintf("mnt-%d", d.lives))
	image := filepath.Join(filepath.Dir(d.image), fmt.Sprintf("disk-%d", d.lives))
	if err := command("cp", "--sparse=always", d.image, image); err != nil {
		return err
	}
	if err := old.Close(); err != nil {
		return err
	}
	d.image, d.mount = image, mount
	return d.mountIt()
}

// Close unmounts the file system and removes its file.
func (d *Disk) Close() error {
	if err := command("umount", d.mount); err != nil {
		_ = unix.Unmount(d.mount, unix.MNT_DETACH)
		return err
	}
	return os.Remove(d.image)
}

// Fill takes all but so many bytes of the free space, until Free.
func (d *Disk) Fill(leave int64) error {
	var st unix.Statfs_t
	if err := unix.Statfs(d.mount, &st); err != nil {
		return err
	}
	f, err := os.Create(d.ballast())
	if err != nil {
		return err
	}
	defer f.Close()
	// Blocks for the tables of the ballast itself are needed too.
	const tables = 1 << 20
	if size := int64(st.Bavail)*st.Bsize - leave - tables; size > 0 {
		if err := unix.Fallocate(int(f.Fd()), 0, 0, size); err != nil {
			return fmt.Errorf("fill %s: %w", d.mount, err)
		}
	}
	if leave > 0 {
		return nil
	}
	// What is left, and what is reserved for root, as whom this may run.
	_, err = io.Copy(f, zeros{})
	if errors.Is(err, unix.ENOSPC) {
		err = nil
	}
	return err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// Free gives the space back that Fill took.
func (d *Disk) Free() error { return os.Remove(d.ballast()) }

func (d *Disk) ballast() string { return filepath.Join(d.mount, "ballast") }

func command(name string, args ...string) error {
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, strings.TrimSpace(string(out)))
	}
	return nil
}
