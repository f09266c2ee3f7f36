package e2e

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"newsreel/internal/datadir"
)

// smallDisk mounts a file system of a size, and says loudly if it may not.
func smallDisk(t *testing.T, megabytes int) (dir string, ok bool) {
	t.Helper()
	dir = t.TempDir()
	return dir, mountDisk(t, dir, megabytes)
}

// mountDisk is smallDisk at a folder.
func mountDisk(t *testing.T, dir string, megabytes int) (ok bool) {
	t.Helper()
	if err := unix.Mount("none", dir, "tmpfs", 0, fmt.Sprintf("size=%dm", megabytes)); err != nil {
		t.Logf("MOUNT NOT AVAILABLE: %v; NOTHING WAS TESTED HERE (it takes root, or CAP_SYS_ADMIN)", err)
		return false
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return true
}

// ballast fills the disk of a folder until at most left bytes are free, and
// returns how to take it away.
func ballast(t *testing.T, dir string, left int64) (remove func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 64<<10)
	for {
		free, _, err := datadir.Free(dir)
		if err != nil {
			t.Fatal(err)
		}
		if free <= left {
			break
		}
		if _, err := f.Write(block[:min(int64(len(block)), free-left)]); errors.Is(err, syscall.ENOSPC) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

// bulky serves stories of some hundred kilobytes that do not compress.
func bulky(t *testing.T, n int) (s *httptest.Server, requests *atomic.Int64) {
	t.Helper()
	requests = new(atomic.Int64)
	rng := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300<<10)
	for i := range noise {
		noise[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[rng.IntN(64)]
	}
	pages := storyPages(n, func(i int) string {
		from := i * 97 % len(noise)
		return story(i, fmt.Sprintf("<!-- %d %s%s -->", i, noise[from:], noise[:from]))
	})
	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		pages(w, r)
	}))
	t.Cleanup(s.Close)
	return s, requests
}

func crawlOf(dir string, paper *httptest.Server, more ...string) []string {
	return append(append([]string{"crawl", "--data", dir, "--json", "--name", "paper", "--allow-private", "--segment-age", "1s"}, more...), paper.URL+"/")
}

// whole checks that a run came to its end and lost nothing.
func whole(t *testing.T, p *process, dir string, stories int) {
	t.Helper()
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	s := p.summary(t)
	if s.State != "finished" || s.Waiting != 0 || s.Articles != int64(stories) || s.Captured != int64(stories)+2 || len(s.Failed) > 0 {
		t.Errorf("summary %+v, want %d articles\n%s", s, stories, p.tail())
	}
	captured := map[string]int{}
	for _, row := range open(t, dir, "paper").captures {
		captured[row.URL]++
	}
	for url, n := range captured {
		if n != 1 {
			t.Errorf("%s is captured %d times", url, n)
		}
	}
	if len(captured) != stories+2 {
		t.Errorf("%d captures, want %d", len(captured), stories+2)
	}
	verify(t, dir, "paper")
}

func segments(t *testing.T, dir string) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "s3", "newsreel", "paper", "segments", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}

// Below the watermark crawling pauses and says so, archiving goes on, and
// crawling resumes when there is room.
func TestADiskThatRunsLowPausesTheCrawlAlone(t *testing.T) {
	t.Parallel()
	disk, ok := smallDisk(t, 300)
	if !ok {
		return
	}
	const stories = 120
	paper, requests := bulky(t, stories)
	dir := filepath.Join(disk, "data")
	p := start(t, crawlOf(dir, paper, "--delay", "40ms")...)
	p.until(t, "some requests", func() bool { return requests.Load() > 20 })
	mark, err := datadir.Watermark(disk)
	if err != nil {
		t.Fatal(err)
	}
	remove := ballast(t, disk, mark/2)
	if !p.until(t, "word of the disk", func() bool { return strings.Contains(p.said(), "crawling pauses below") }) {
		t.Fatalf("it ended\n%s", p.tail())
	}
	// What was in flight comes in, then nobody asks the server any more, while
	// what was captured is archived.
	before := segments(t, dir)
	quiet, since := requests.Load(), time.Now()
	p.until(t, "three seconds without a request", func() bool {
		if n := requests.Load(); n != quiet {
			quiet, since = n, time.Now()
		}
		return time.Since(since) > 3*time.Second
	})
	if quiet >= stories {
		t.Fatalf("all of %d pages were fetched before the disk was low", stories)
	}
	if after := segments(t, dir); after == 0 {
		t.Errorf("nothing was archived while crawling paused: %d segments before, %d after", before, after)
	}
	remove()
	whole(t, p, dir, stories)
	if n := strings.Count(p.said(), "crawling pauses below"); n > 10 {
		t.Errorf("it said so %d times", n)
	}
}

// A disk that is filled to the last byte costs nothing but time.
func TestADiskThatFillsWhollyLosesNothing(t *testing.T) {
	t.Parallel()
	disk, ok := smallDisk(t, 300)
	if !ok {
		return
	}
	const stories = 150
	paper, requests := bulky(t, stories)
	dir := filepath.Join(disk, "data")
	p := start(t, crawlOf(dir, paper, "--delay", "20ms")...)
	p.until(t, "some requests", func() bool { return requests.Load() > 20 })
	for round := range 2 {
		remove := ballast(t, disk, 0)
		if !p.until(t, "word of the disk", func() bool { return strings.Count(p.said(), "left, and crawling pauses below") > round }) {
			t.Fatalf("it ended\n%s", p.tail())
		}
		// The run log's server has met the full disk by then, or will.
		since := time.Now()
		p.until(t, "four seconds on a full disk", func() bool { return time.Since(since) > 4*time.Second })
		remove()
		n := requests.Load()
		if n < stories {
			p.until(t, "crawling to go on", func() bool { return requests.Load() > n })
		}
	}
	whole(t, p, dir, stories)
}

// A run log that is much smaller than the run never locks up.
func TestARunLogThatIsFullNeverLocksUp(t *testing.T) {
	t.Parallel()
	const stories = 150 // of 300 KB in a log of 8 MB
	paper, _ := bulky(t, stories)
	dir := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	limits, err := json.Marshal(map[string]int64{"max_store_bytes": 32 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "limits.json"), limits, 0o644); err != nil {
		t.Fatal(err)
	}
	whole(t, start(t, crawlOf(dir, paper, "--delay", "0s", "--segment-age", "10m")...), dir, stories)
}
