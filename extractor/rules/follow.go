package rules

import (
	"context"
	"errors"
	"os"
	"slices"
	"time"
)

// Follow reads the folder again when its files are not what they were, until ctx
// ends. It looks at them so often, and tells of every change that was taken up
// (nil), and of every fault, once: the rules then stay as they were.
func (f *Folder) Follow(ctx context.Context, every time.Duration, tell func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	var seen []fileState
	said := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		states := f.look()
		if settled(states) && slices.Equal(states, seen) {
			continue
		}
		seen = states
		changed, err := f.Reload()
		if faults := Errors(nil); err != nil && !errors.As(err, &faults) {
			seen = nil // a file that cannot be read now may be read later, with the same times
		}
		switch {
		case err != nil && err.Error() != said:
			said = err.Error()
			tell(err)
		case err == nil:
			said = ""
			if changed {
				tell(nil)
			}
		}
	}
}

// fileState is what tells of a file that it was written, without reading it.
type fileState struct {
	path     string
	size     int64
	modified time.Time
}

// look is nil for a folder that cannot be read.
func (f *Folder) look() []fileState {
	files, err := ruleFiles(f.dir)
	if err != nil {
		return nil
	}
	states := make([]fileState, 0, len(files))
	for _, path := range files {
		if info, err := os.Stat(path); err == nil {
			states = append(states, fileState{path, info.Size(), info.ModTime()})
		}
	}
	return states
}

// settled says whether no file was written so lately that it may be written again
// without another time: clocks of file systems tick slowly. A folder that cannot
// be read is not settled.
func settled(states []fileState) bool {
	const slowest = 2 * time.Second
	return states != nil && !slices.ContainsFunc(states, func(s fileState) bool {
		age := time.Since(s.modified)
		return age > -slowest && age < slowest
	})
}
