package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"github.com/versity/versitygw/s3err"
)

// syncPath brings a file or folder to disk. One that is gone was deleted
// meanwhile, which is fine.
func syncPath(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("sync: %w", err)
	}
	return nil
}

// spaceError gives a full disk the answer that S3 has for it.
func spaceError(err error) error {
	if errors.Is(err, syscall.ENOSPC) {
		return s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	}
	if errors.Is(err, syscall.EDQUOT) {
		return s3err.GetAPIError(s3err.ErrQuotaExceeded)
	}
	return err
}
