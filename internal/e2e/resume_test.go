package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/warc"
)

// kills is how often the crawl is killed: NEWSREEL_KILLS, 20 by default.
func kills(t *testing.T) int {
	text := os.Getenv("NEWSREEL_KILLS")
	if text == "" {
		return 20
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("NEWSREEL_KILLS: %v", err)
	}
	return n
}

// seed is that of the random moments: NEWSREEL_SEED, else of the clock.
func seed(t *testing.T) uint64 {
	text := os.Getenv("NEWSREEL_SEED")
	if text == "" {
		return uint64(time.Now().UnixNano())
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("NEWSREEL_SEED: %v", err)
	}
	return n
}

func TestACrawlThatIsKilledAgainAndAgainLosesNothingAndStoresNothingTwice(t *testing.T) {
	world := newPapers(t, 10, 160)
	want := world.expected()
	if len(want) < 2000 {
		t.Fatalf("a world of %d URLs", len(want))
	}
	arguments := func(dir string) []string {
		return append([]string{"crawl", "--json", "--quiet", "--name", "papers", "--data", dir,
			"--segment-size", "200KiB"}, world.arguments()...)
	}
	quiet := run(t, 0, arguments(t.TempDir())...).summary(t)

	s := seed(t)
	t.Logf("NEWSREEL_SEED=%d", s)
	k := &killer{world: world, dir: filepath.Join(t.TempDir(), "data"), rng: rand.New(rand.NewPCG(s, 0))}
	// With snapshots now and then, so that kills meet them, and the purges of
	// what they hold, too.
	k.args = append(arguments(k.dir), "--snapshot-every", "15")
	world.forget()
	n := kills(t)
	for _, at := range k.moments(len(want), n-n/5) {
		k.during(t, at)
	}
	for range n / 5 {
		k.atTheEnd(t)
	}
	last := run(t, 0, k.args...)
	t.Logf("%d kills", k.kills)

	c := open(t, k.dir, "papers")
	c.summary = last.summary(t)
	if diff := cmp.Diff(want, c.fates(t)); diff != "" {
		t.Errorf("ledger (-expected +crawled):\n%s", diff)
	}
	checkSame(t, quiet, c.summary)
	c.checkCloses(t)
	c.checkStoredOnce(t, want)
	c.checkContiguous(t)
	c.checkCDXJ(t)
	k.checkAgain(t)
	if r := verify(t, k.dir, "papers"); r.Runs != 1 {
		t.Errorf("verify saw %d runs", r.Runs)
	}
	// Finished: the stored summary again, at once, and not a request.
	asked := len(world.asked())
	again := run(t, 0, k.args...).summary(t)
	if diff := cmp.Diff(c.summary, again); diff != "" || len(world.asked()) != asked {
		t.Errorf("a finished job run again: %d requests, summary:\n%s", len(world.asked())-asked, diff)
	}
}

// checkSame compares what two crawls of one world came to.
func checkSame(t *testing.T, undisturbed, killed archive.Summary) {
	t.Helper()
	for _, s := range []*archive.Summary{&undisturbed, &killed} {
		s.Started, s.Finished, s.Segments = time.Time{}, nil, 0
	}
	if diff := cmp.Diff(undisturbed, killed); diff != "" {
		t.Errorf("summary (-undisturbed +killed):\n%s", diff)
	}
}

// killer kills one crawl at its moments.
type killer struct {
	world *papers
	dir   string
	args  []string
	rng   *rand.Rand

	kills, again, farthest int
	// at is how many requests the world had got at each kill.
	at []int
}

// moments are numbers of distinct URLs asked for, in order.
func (k *killer) moments(urls, n int) []int {
	var at []int
	for range n {
		at = append(at, k.rng.IntN(urls-20))
	}
	slices.Sort(at)
	return at
}

// during kills the crawl some random time after the world was asked for so
// many URLs, or while it starts if it had been before.
func (k *killer) during(t *testing.T, urls int) {
	t.Helper()
	p := start(t, k.args...)
	begin := len(k.world.asked())
	wait := time.Duration(k.rng.IntN(40)) * time.Millisecond
	if k.rng.IntN(3) > 0 {
		// One of three is killed wherever it is, often at its start.
		p.until(t, "the first requests", func() bool { return len(k.world.asked()) > begin })
	}
	p.until(t, "requests", func() bool { return k.world.distinct() >= urls })
	k.killAfter(t, p, wait)
}

// atTheEnd kills the crawl while it is archived and finished: at the sight of
// one more file of the archive.
func (k *killer) atTheEnd(t *testing.T) {
	t.Helper()
	folder := filepath.Join(k.dir, "s3", "newsreel", "papers")
	files := func() (n int) {
		for _, pattern := range []string{"*/*", "jobs/papers/*"} {
			paths, _ := filepath.Glob(filepath.Join(folder, pattern))
			n += len(paths)
		}
		return n
	}
	before := files() + k.rng.IntN(6)
	p := start(t, k.args...)
	p.until(t, "a file of the archive", func() bool { return files() > before })
	k.killAfter(t, p, time.Duration(k.rng.IntN(10))*time.Millisecond)
}

func (k *killer) killAfter(t *testing.T, p *process, wait time.Duration) {
	t.Helper()
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-p.done:
		if p.code != 0 {
			t.Fatalf("ended by itself with exit %d\n%s", p.code, p.tail())
		}
	}
	p.kill()
	k.kills++
	k.at = append(k.at, len(k.world.asked()))
	k.checkFolder(t)
	if err := os.RemoveAll(filepath.Join(k.dir, "spool")); err != nil {
		t.Fatal(err)
	}
}

// checkFolder holds that the folder has nothing but the two truths and what
// starting anew makes: no tables of the frontier.
func (k *killer) checkFolder(t *testing.T) {
	t.Helper()
	entries, err := os.ReadDir(k.dir)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, e := range entries {
		switch e.Name() {
		case "VERSION.json", "limits.json", "nats", "run", "s3", "spool":
		default:
			if !strings.HasPrefix(e.Name(), ".") {
				t.Errorf("the data folder holds %s", e.Name())
			}
		}
	}
}

// checkAgain holds that nothing was fetched again but what was in flight at a
// kill: asked for shortly before it, and not committed.
func (k *killer) checkAgain(t *testing.T) {
	t.Helper()
	// 16 exchanges, 64 pages that wait for the committer, and two batches.
	const inFlight = 16 + 64 + 200
	last := map[string]int{}
	for i, url := range k.world.asked() {
		before, seen := last[url]
		last[url] = i
		if !seen {
			continue
		}
		// Up to 16 exchanges of a killed process may reach the server's log
		// after its death was noted.
		kill, _ := slices.BinarySearch(k.at, before+1-16)
		if kill == len(k.at) || k.at[kill] > i {
			if !k.world.patient(url) {
				t.Errorf("%s was fetched again though no kill came between (requests %d and %d)", url, before, i)
			}
			continue
		}
		k.again++
		k.farthest = max(k.farthest, k.at[kill]-before)
		if k.at[kill]-before > inFlight && !k.world.patient(url) {
			t.Errorf("%s was fetched again, %d requests before the kill", url, k.at[kill]-before)
		}
	}
	t.Logf("%d of %d requests were for what was in flight at one of %d kills, %d requests before it at most",
		k.again, len(k.world.asked()), k.kills, k.farthest)
}

// forget begins to count anew.
func (p *papers) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.order = map[string]int{}, nil
}

// checkStoredOnce holds that each URL that was captured has one capture: in
// captures.parquet, in the WARCs and in the indexes.
func (c *crawled) checkStoredOnce(t *testing.T, want map[string]fate) {
	t.Helper()
	must := map[string]int{}
	for url, f := range want {
		if f.Fate == "captured" {
			must[url] = 1
		}
	}
	table, ids := map[string]int{}, map[string]bool{}
	for _, r := range c.captures {
		table[r.URL]++
		if ids[r.CaptureID] {
			t.Errorf("capture %s is stored twice", r.CaptureID)
		}
		ids[r.CaptureID] = true
	}
	if diff := cmp.Diff(must, table); diff != "" {
		t.Errorf("captures.parquet (-expected +stored):\n%s", diff)
	}
	if diff := cmp.Diff(must, c.recordsByURL(t)); diff != "" {
		t.Errorf("WARC responses and revisits (-expected +stored):\n%s", diff)
	}
	articles := map[string]bool{}
	for _, a := range c.articles {
		if articles[a.CaptureID] || !ids[a.CaptureID] {
			t.Errorf("article of %s is stored twice, or without its capture", a.URL)
		}
		articles[a.CaptureID] = true
	}
	if int64(len(articles)) != c.summary.Articles {
		t.Errorf("%d articles stored, %d in the summary", len(articles), c.summary.Articles)
	}
}

// recordsByURL counts the responses and revisits of the WARCs that the
// manifests name.
func (c *crawled) recordsByURL(t *testing.T) map[string]int {
	t.Helper()
	n := map[string]int{}
	for _, m := range c.manifest {
		o := m.Object(archive.ObjectWARC)
		if o == nil {
			continue
		}
		data := read(t, filepath.Join(filepath.Dir(c.folder), o.Key))
		for off := 0; off < len(data); {
			r, _, length := member(t, data[off:])
			if r.Type() == warc.TypeResponse || r.Type() == warc.TypeRevisit {
				n[r.TargetURI()]++
			}
			off += length
		}
	}
	return n
}

// checkContiguous holds that the manifests cover the run log without gaps, and
// that only the last holds the end.
func (c *crawled) checkContiguous(t *testing.T) {
	t.Helper()
	slices.SortFunc(c.manifest, func(a, b archive.Manifest) int { return int(a.First) - int(b.First) })
	next := uint64(1)
	for i, m := range c.manifest {
		if m.First != next || m.End != (i == len(c.manifest)-1) {
			t.Errorf("segment %s holds %d to %d (end %v) where %d follows", m.Segment, m.First, m.Last, m.End, next)
		}
		next = m.Last + 1
	}
	if len(c.manifest) < 3 {
		t.Errorf("%s: only %d segments", c.folder, len(c.manifest))
	}
	if got := fmt.Sprint(len(c.manifest)); got != fmt.Sprint(c.summary.Segments) {
		t.Errorf("%s segments, %d in the summary", got, c.summary.Segments)
	}
}
