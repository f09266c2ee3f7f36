package local

import (
	"context"
	"fmt"
	"time"

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

// heal restarts the NATS server inside the process once there is room again
// after a full disk: a write error leaves its streams dead until then.
func (r *Runner) heal(ctx context.Context, s *space) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.folder.Server().Healthy()
		if err == nil || s.low() != "" {
			continue
		}
		r.o.Log.Warn("restarting the store of run logs after a write error", "error", err)
		if err := r.folder.Server().Restart(); err != nil {
			r.o.Log.Warn("restart the store of run logs", "error", err)
		}
	}
}
