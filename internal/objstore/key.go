package objstore

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// ErrKey: a key that no server could be trusted to keep as it is. The server
// inside, for one, takes "a//b" and "a/../b" and stores something else.
var ErrKey = errors.New("key is not allowed")

const (
	maxKeyBytes  = 1024 // Amazon S3, object key naming guidelines
	maxPartBytes = 200  // a file name has 255, less what servers add to it
)

// checkKey refuses keys that are not the clean, relative path of a file.
func checkKey(key string) error {
	switch {
	case key == "":
		return fmt.Errorf("%w: it is empty", ErrKey)
	case len(key) > maxKeyBytes:
		return fmt.Errorf("%w: %d bytes, at most %d are possible", ErrKey, len(key), maxKeyBytes)
	case !utf8.ValidString(key):
		return fmt.Errorf("%w: it is not UTF-8", ErrKey)
	case strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return fmt.Errorf("%w: it has control characters", ErrKey)
	}
	for part := range strings.SplitSeq(key, "/") {
		switch {
		case part == "" || part == "." || part == "..":
			return fmt.Errorf("%w: %q is a part of it", ErrKey, part)
		case len(part) > maxPartBytes:
			return fmt.Errorf("%w: a part of it has %d bytes, at most %d are possible", ErrKey, len(part), maxPartBytes)
		case strings.Contains(part, ".sgwtmp"):
			return fmt.Errorf("%w: names with .sgwtmp are the server's own", ErrKey)
		}
	}
	return nil
}
