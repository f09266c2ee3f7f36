package e2e

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"newsreel/internal/cluster"
	"newsreel/internal/datadir"
)

// Why crawling pauses in a cluster is said once, however many runs do, shown
// with a job and at /readyz, and it is said that it goes on.
func TestACrawlerSaysWhyItPauses(t *testing.T) {
	dir := t.TempDir()
	spool := filepath.Join(dir, "crawler-0")
	if err := os.Mkdir(spool, 0o755); err != nil {
		t.Fatal(err)
	}
	disk := mountDisk(t, spool, 300)
	c := startCluster(t, cluster.Config{Dir: dir, NoSync: true, Args: []string{"--health", "127.0.0.1:0"}})
	crawler := role(t, c, "crawler", "--log-bytes", "10MB")
	const stories = 60 // of 300 KB
	for _, name := range []string{"first", "second"} {
		paper, _ := bulky(t, stories)
		do(t, c, "job", "submit", paper.URL+"/", "--name", name, "--allow-private", "--delay", "10ms")
	}
	said := func(text string) func() bool {
		return func() bool { return strings.Contains(crawler.Log(1<<20), text) }
	}
	const logFull = "crawling pauses: a run log is nearly full"
	for _, name := range []string{"first", "second"} {
		eventually(t, "the log of the "+name+" to be full", func() bool {
			return strings.Contains(do(t, c, "job", "show", name), "crawling pauses: the run log holds")
		})
	}
	var shown struct {
		Runs []struct {
			WaitsFor string `json:"waits_for"`
		} `json:"runs"`
	}
	if decode(t, do(t, c, "job", "show", "first", "--json"), &shown); len(shown.Runs) != 1 || !strings.Contains(shown.Runs[0].WaitsFor, "the run log holds") {
		t.Errorf("job show --json: %+v", shown)
	}
	eventually(t, "the crawler to say so", said(logFull))
	if status, page := readiness(crawler); status != http.StatusOK || !strings.Contains(page["crawling"], "pauses: run 1 of job") {
		t.Errorf("/readyz answers %d, %q", status, page)
	}
	if n := strings.Count(crawler.Log(1<<20), logFull); n != 1 {
		t.Errorf("the crawler says it %d times", n)
	}
	// What was under way leaves room for the results that the archiver needs.
	if strings.Contains(crawler.Log(1<<20), "the run log is full") {
		t.Error("crawlers filled a run log whole")
	}
	role(t, c, "extractor")
	role(t, c, "archiver")
	eventually(t, "the crawler to say that it goes on", said("crawling goes on: the run logs have room again"))
	if disk { // or that was said
		mark, err := datadir.Watermark(spool)
		if err != nil {
			t.Fatal(err)
		}
		remove := ballast(t, spool, mark/2)
		paper, _ := bulky(t, 2)
		do(t, c, "job", "submit", paper.URL+"/", "--name", "third", "--allow-private", "--delay", "10ms")
		eventually(t, "word of the disk", said("crawling pauses: the disk is nearly full"))
		if status, page := readiness(crawler); status != http.StatusOK || !strings.Contains(page["crawling"], "free some space") {
			t.Errorf("/readyz answers %d, %q", status, page)
		}
		remove()
		eventually(t, "the end of it", said("crawling goes on: the disk has room again"))
		do(t, c, "job", "watch", "third", "--quiet")
	}
}
