package objstore

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// minFreeBytes is what a file system must have left for a failed put to be
// blamed on something else. A part of a multipart upload must fit.
const minFreeBytes = PartSize

// checkSpace returns an error if the file system that holds path has too
// little space, or no inode, for another object. File systems that report no
// inodes at all (btrfs, for one) make them as needed.
func checkSpace(path string) error {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err != nil {
		return nil // nothing known
	}
	if free := int64(st.Bavail) * int64(st.Bsize); free < minFreeBytes {
		return fmt.Errorf("%s has %d bytes left", path, free)
	}
	if st.Files > 0 && st.Ffree == 0 {
		return fmt.Errorf("%s has no inodes left", path)
	}
	return nil
}
