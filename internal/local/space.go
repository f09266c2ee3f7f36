package local

import (
	"fmt"

	"newsreel/internal/datadir"
	"newsreel/internal/progress"
)

// space watches the free space of the data folder's disk.
type space struct {
	dir       string
	watermark int64
}

func newSpace(dir string) (*space, error) {
	mark, err := datadir.Watermark(dir)
	if err != nil {
		return nil, err
	}
	return &space{dir: dir, watermark: mark}, nil
}

// low says why there is too little room to crawl on, "" if there is enough.
func (s *space) low() string {
	free, _, err := datadir.Free(s.dir)
	if err != nil || free >= s.watermark {
		return ""
	}
	return fmt.Sprintf("the disk of %s has %s left, and crawling pauses below %s: free some space and it goes on",
		s.dir, progress.Bytes(free), progress.Bytes(s.watermark))
}
