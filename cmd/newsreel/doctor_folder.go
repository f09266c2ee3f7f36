package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"newsreel/internal/datadir"
	"newsreel/internal/progress"
)

// folder looks at the data folder: who holds it, and its format. place is
// where its files are or will be, "" if nothing can be written there.
func (d *doctor) folder() (place string, f finding) {
	const name = "data folder"
	dir, err := filepath.Abs(d.dir)
	if err != nil {
		return "", problem(name, "name a folder with --data", "%s: %v", d.dir, err)
	}
	place, there, err := nearest(dir)
	if err == nil {
		err = unix.Access(place, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		return "", problem(name, "name another with --data, or: chown \"$USER\" "+shellWord(place), "%s cannot be written to: %v", place, err)
	}
	if !there {
		return place, fine(name, "%s is not there yet; the first crawl makes it", dir)
	}
	client, err := datadir.Attach(dir)
	var format *datadir.FormatError
	var held *datadir.HolderError
	switch {
	case err == nil:
		h := client.Holder()
		client.Close()
		return place, fine(name, "%s, format %d, held by `%s` (pid %d)", dir, datadir.Format, plain(h.Command), h.PID)
	case errors.Is(err, datadir.ErrNobody):
		if _, err := os.Stat(filepath.Join(dir, "VERSION.json")); err != nil {
			return place, fine(name, "%s is no data folder yet; the first crawl makes it one", dir)
		}
		return place, fine(name, "%s, format %d, held by nobody", dir, datadir.Format)
	case errors.As(err, &format):
		return place, problem(name, "use the version of newsreel that made it, or name another folder with --data", "%v", err)
	case errors.As(err, &held) && held.PID > 0:
		return place, problem(name, fmt.Sprintf("see what it does, or end it: kill %d", held.PID), "%v", err)
	}
	return place, problem(name, "name another folder with --data", "%v", err)
}

// nearest is the folder, or the nearest one above it that exists.
func nearest(dir string) (place string, there bool, err error) {
	for place = dir; ; place = filepath.Dir(place) {
		info, err := os.Stat(place)
		if err == nil && !info.IsDir() {
			return place, false, errors.New("it is no folder")
		}
		if err == nil {
			return place, place == dir, nil
		}
		if !errors.Is(err, fs.ErrNotExist) || place == filepath.Dir(place) {
			return place, false, err
		}
	}
}

const (
	leastFree   = 1 << 30
	leastInodes = 10_000
)

func diskSpace(place string) finding {
	const name = "disk space"
	free, inodes, err := datadir.Free(place)
	if err != nil {
		return problem(name, "name another folder with --data", "%v", err)
	}
	mark, err := datadir.Watermark(place)
	switch {
	case err != nil:
		return problem(name, "name another folder with --data", "%v", err)
	case free < leastFree:
		return problem(name, "free some space (du -xh "+shellWord(place)+" | sort -h | tail), or name a folder on another disk with --data",
			"%s are free, which is little for an archive", progress.Bytes(free))
	case inodes < leastInodes:
		return problem(name, "remove small files, or name a folder on another disk with --data", "the file system takes only %d more files", inodes)
	}
	text := fmt.Sprintf("%s free; crawling pauses below %s", progress.Bytes(free), progress.Bytes(mark))
	if inodes != math.MaxInt64 {
		text += fmt.Sprintf("; room for %s more files", progress.Count(inodes))
	}
	return fine(name, "%s", text)
}

const (
	fsyncWrites = 25
	// instantSync is faster than a disk that waits for its medium.
	instantSync = 50 * time.Microsecond
	slowSync    = 20 * time.Millisecond
	// fsyncShare is how many syncs of a page there are: a batch of pages costs
	// about four, and holds five where syncs are what is waited for.
	fsyncShare = 0.8
	// fastest is where processors are the limit on common machines.
	fastest = 2000
)

// pagesPerSecond is what an fsync of that time lets through.
func pagesPerSecond(fsync time.Duration) int64 {
	return int64(min(fastest, 1/(fsyncShare*fsync.Seconds())))
}

func fsyncTime(place string) finding {
	const name = "fsync"
	t, err := datadir.TimeFsync(place, fsyncWrites)
	if err != nil {
		return problem(name, "name a folder on another disk with --data", "%v", err)
	}
	median := fmt.Sprintf("%.2f ms", float64(t.Median.Microseconds())/1000)
	switch {
	case t.Median < instantSync:
		return noteworthy(name, "for an archive that matters, name a folder on a real disk with --data",
			"%s: this disk most likely answers before the data is safe, so a power cut may lose the newest", median)
	case t.Median > slowSync:
		return noteworthy(name, "name a folder on a faster disk with --data", "%s: at most about %d pages a second", median, pagesPerSecond(t.Median))
	}
	return fine(name, "%s (slowest of %d: %.2f ms): at most about %s pages a second", median, t.N,
		float64(t.Max.Microseconds())/1000, progress.Count(pagesPerSecond(t.Median)))
}

// attributes tests extended attributes: the store inside keeps ETags in them.
func attributes(place string) finding {
	const name = "attributes"
	f, err := os.CreateTemp(place, ".xattr-*")
	if err != nil {
		return problem(name, "name another folder with --data", "%v", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if err := unix.Setxattr(f.Name(), "user.newsreel", []byte("1"), 0); err != nil {
		return problem(name, "name a folder on ext4, xfs or btrfs with --data", "the file system has no extended attributes (%v), which the archive needs", err)
	}
	return fine(name, "extended attributes work; backups are to keep them (cp -a, rsync -X, tar --xattrs)")
}

// earliest is before this program was written.
var earliest = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

const clockSlack = 5 * time.Second

// clock compares our clock with common sense and with the file system's.
func (d *doctor) clock(place string) finding {
	const name, cure = "clock", "timedatectl set-ntp true"
	if d.now.Before(earliest) {
		return problem(name, cure, "it is said to be %s", d.now.UTC().Format(time.RFC3339))
	}
	f, err := os.CreateTemp(place, ".clock-*")
	if err != nil {
		return problem(name, "name another folder with --data", "%v", err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return problem(name, "name another folder with --data", "%v", err)
	}
	if skew := info.ModTime().Sub(time.Now()).Abs(); skew > clockSlack {
		return noteworthy(name, cure, "the file system's clock is %s off ours", progress.Duration(skew))
	}
	return fine(name, "%s", d.now.UTC().Format(time.RFC3339))
}
