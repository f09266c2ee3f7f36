package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/posix"
	"golang.org/x/sys/unix"
)

// cleanMarker is a file in the root that says the last server there was
// stopped and not killed. Buckets cannot have this name.
const cleanMarker = ".stopped"

// CheckXattrs returns nil if files in dir can have extended attributes of the
// user's kind, by setting one. Objects keep their ETag there, and without ETag
// there is no conditional create.
func CheckXattrs(dir string) error {
	f, err := os.CreateTemp(dir, ".xattr-*")
	if err != nil {
		return fmt.Errorf("test extended attributes: %w", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	err = unix.Fsetxattr(int(f.Fd()), "user.newsreel", []byte("1"), 0)
	if errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.EPERM) {
		return fmt.Errorf("the file system of %s has no extended attributes (user.*), in which stored objects keep their ETag: use another one, such as ext4, xfs, btrfs or a recent tmpfs, or mount it with user_xattr", dir)
	}
	if err != nil {
		return fmt.Errorf("test extended attributes in %s: %w", dir, err)
	}
	return nil
}

// cleanLeftovers removes what a killed server leaves, and the server itself
// never does: staged files and parts, in which nobody can go on, and the second
// name an overwrite has for a moment, which would be listed as an object. The
// search for the latter reads every folder, so it is left out after a clean
// stop.
func cleanLeftovers(root string) error {
	marker := filepath.Join(root, cleanMarker)
	_, statErr := os.Lstat(marker)
	clean := statErr == nil
	if err := os.Remove(marker); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := syncPath(root); err != nil {
		return err
	}
	entries, err := os.ReadDir(root)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		bucket := filepath.Join(root, e.Name())
		if err := emptyStaging(bucket); err != nil {
			return err
		}
		if clean {
			continue
		}
		if err := removeHalfRenamed(bucket); err != nil {
			return err
		}
	}
	return nil
}

// emptyStaging empties the bucket's staging folder, and makes it if it is not
// there: with it the bucket's first put is staged without a name, too.
func emptyStaging(bucket string) error {
	staging := filepath.Join(bucket, posix.MetaTmpDir)
	entries, err := os.ReadDir(staging)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Mkdir(staging, 0o755)
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(staging, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func removeHalfRenamed(bucket string) error {
	return filepath.WalkDir(bucket, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if isHalfRenamed(d.Name()) && d.Type().IsRegular() {
			return os.Remove(path)
		}
		return nil
	})
}

// isHalfRenamed reports whether name is .NAME.sgwtmp.DIGITS.
func isHalfRenamed(name string) bool {
	i := strings.LastIndex(name, posix.MetaTmpDir+".")
	if i < 1 || name[0] != '.' {
		return false
	}
	digits := name[i+len(posix.MetaTmpDir)+1:]
	return digits != "" && strings.Trim(digits, "0123456789") == ""
}

func markClean(root string) error {
	f, err := os.OpenFile(filepath.Join(root, cleanMarker), os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	return f.Close()
}
