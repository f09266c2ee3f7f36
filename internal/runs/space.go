package runs

import (
	"fmt"

	"newsreel/internal/datadir"
	"newsreel/internal/progress"
)

// Space watches the free space of a folder's disk.
type Space struct {
	dir       string
	watermark int64
}

// NewSpace watches the disk of a folder.
func NewSpace(dir string) (*Space, error) {
	mark, err := datadir.Watermark(dir)
	if err != nil {
		return nil, err
	}
	return &Space{dir: dir, watermark: mark}, nil
}

// Low says why there is too little room to crawl on, "" if there is enough.
func (s *Space) Low() string {
	free, _, err := datadir.Free(s.dir)
	if err != nil || free >= s.watermark {
		return ""
	}
	return fmt.Sprintf("the disk of %s has %s left, and crawling pauses below %s: free some space and it goes on",
		s.dir, progress.Bytes(free), progress.Bytes(s.watermark))
}
