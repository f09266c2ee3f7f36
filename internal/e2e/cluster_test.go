package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"newsreel/archive"
	"newsreel/internal/cluster"
)

// clusterPrograms builds what a cluster is made of, once for all tests.
var clusterPrograms = sync.OnceValues(func() (cluster.Programs, error) {
	return cluster.Build(context.Background(), buildDir)
})

// startCluster starts servers, in a folder of the test's where none is given,
// which end with the test. Logs are shown if it fails.
func startCluster(t *testing.T, cfg cluster.Config) *cluster.Cluster {
	t.Helper()
	var err error
	if cfg.Programs, err = clusterPrograms(); err != nil {
		t.Fatal(err)
	}
	if cfg.Dir == "" {
		cfg.Dir = t.TempDir()
	}
	c, err := cluster.Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Kill()
		if !t.Failed() {
			return
		}
		for _, p := range c.Roles() {
			t.Logf("log of %s:\n%s", p.Name, p.Log(200_000))
		}
	})
	return c
}

func role(t *testing.T, c *cluster.Cluster, kind string, args ...string) *cluster.Process {
	t.Helper()
	p, err := c.Role(kind, args...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// do runs a command on the cluster, which must succeed.
func do(t *testing.T, c *cluster.Cluster, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := c.Newsreel(ctx, args...)
	if err == nil {
		return out
	}
	if ctx.Err() != nil { // it hangs: tell where the job stands
		look, done := context.WithTimeout(t.Context(), 30*time.Second)
		defer done()
		stands, lerr := c.Newsreel(look, "job", "show", "--json", args[min(2, len(args)-1)])
		out += fmt.Sprintf("%s (%v)", stands, lerr)
		for _, p := range c.Roles() {
			_ = p.Signal(syscall.SIGQUIT) // its goroutines go to its log
			_ = p.Wait(look)
		}
	}
	t.Fatalf("%v\n%s", err, out)
	return ""
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// demoJob serves the demo's newspapers, and writes the job that crawls them.
func demoJob(t *testing.T, p cluster.Programs) (file string) {
	t.Helper()
	dir := t.TempDir()
	o, err := cluster.StartOrigin(t.Context(), dir, "papers", p, "-demo")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Kill)
	file = filepath.Join(dir, "demo.yaml")
	if err := os.WriteFile(file, []byte(o.Job), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A job that is queued before any role lives, crawled by several of each over
// three NATS servers, of which some are killed in its midst, comes to what it
// comes to in one process.
func TestAClusterComesToWhatOneProcessDoes(t *testing.T) {
	c := startCluster(t, cluster.Config{NATSServers: 3, NoSync: true})
	if out := do(t, c, "job", "submit", demoJob(t, c.Programs)); out != "demo\n" {
		t.Errorf("job submit printed %q", out)
	}
	if out := do(t, c, "job", "list"); !strings.Contains(out, "queued") {
		t.Errorf("the job is not queued:\n%s", out)
	}
	var killed []*cluster.Process
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		killed = append(killed, role(t, c, kind))
		role(t, c, kind)
	}
	captured := func(n int) func() bool {
		return func() bool {
			var shown struct {
				Runs []struct {
					State    string `json:"state"`
					Captured int    `json:"captured"`
				} `json:"runs"`
			}
			decode(t, do(t, c, "job", "show", "demo", "--json"), &shown)
			return len(shown.Runs) == 1 && (shown.Runs[0].Captured >= n || shown.Runs[0].State == "finished")
		}
	}
	eventually(t, "a part of the crawl", captured(60))
	for _, p := range killed {
		p.Kill()
		if err := p.Start(); err != nil {
			t.Fatal(err)
		}
	}
	c.NATS[1].Kill()
	do(t, c, "job", "watch", "demo", "--quiet")
	if err := c.NATS[1].Start(); err != nil {
		t.Fatal(err)
	}
	if out := do(t, c, "verify"); !strings.Contains(out, "all matches") {
		t.Errorf("verify:\n%s", out)
	}
	if out := do(t, c, "job", "submit", "--name", "demo"); out != "demo\n" {
		t.Errorf("job submit of a finished job printed %q", out)
	}
	apart, err := c.Outcome(t.Context(), "demo", "demo", 1)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := cluster.Alone(t.Context(), c.Programs, demoJob(t, c.Programs), filepath.Join(t.TempDir(), "alone"), "demo", "demo")
	if err != nil {
		t.Fatal(err)
	}
	if len(alone.Fates) < 300 || len(alone.Articles) < 80 {
		t.Errorf("one process found %d URLs and %d articles", len(alone.Fates), len(alone.Articles))
	}
	for _, line := range append(cluster.Diff(alone, apart), apart.Twice()...) {
		t.Error(line)
	}
}

// site is one of pages, of which those but the front page are answered once it
// is opened.
type site struct {
	*httptest.Server
	gate chan struct{}
	once sync.Once
}

func newSite(t *testing.T, pages int) *site {
	s := &site{gate: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/robots.txt":
			http.NotFound(w, r)
			return
		case "/":
			for i := range pages {
				fmt.Fprintf(w, "<p><a href=/%d>page %d</a>", i, i)
			}
			return
		}
		select {
		case <-s.gate:
		case <-r.Context().Done():
		}
		fmt.Fprintf(w, "<title>Page %s</title><p>Nothing to see at %s.", r.URL.Path, r.URL.Path)
	}))
	t.Cleanup(func() { s.open(); s.Close() })
	return s
}

func (s *site) open() { s.once.Do(func() { close(s.gate) }) }

// Runs for which there is no room wait, and say so; others are paused, resumed
// and cancelled from anywhere.
func TestAClustersJobsAreQueuedPausedAndCancelled(t *testing.T) {
	c := startCluster(t, cluster.Config{MaxStore: 400 << 20, NoSync: true, Args: nil})
	for _, kind := range []string{"crawler", "archiver"} {
		role(t, c, kind, "--log-bytes", "100MB")
	}
	role(t, c, "extractor")
	s := newSite(t, 20)
	submit := func(name string) {
		do(t, c, "job", "submit", s.URL+"/", "--name", name, "--allow-private", "--delay", "10ms")
	}
	submit("first")
	eventually(t, "the first job", func() bool { return strings.Contains(do(t, c, "job", "show", "first"), "running for") })
	if out := do(t, c, "doctor"); !strings.Contains(out, "1 crawler, 1 extractor, 1 archiver alive") || !strings.Contains(out, "conditional") {
		t.Errorf("doctor:\n%s", out)
	}
	submit("second")
	eventually(t, "the second to wait for room", func() bool {
		return strings.Contains(do(t, c, "job", "show", "second"), "queued (waits for room")
	})
	do(t, c, "job", "pause", "first")
	eventually(t, "the pause", func() bool { return strings.Contains(do(t, c, "job", "list"), "paused") })
	do(t, c, "job", "resume", "first")
	eventually(t, "the end of the pause", func() bool { return strings.Contains(do(t, c, "job", "list"), "running") })
	do(t, c, "job", "cancel", "first")
	s.open()
	do(t, c, "job", "watch", "first", "--quiet")
	do(t, c, "job", "watch", "second", "--quiet")
	var shown struct {
		State string `json:"state"`
		Runs  []struct {
			Captured int            `json:"captured"`
			Skipped  map[string]int `json:"skipped"`
		} `json:"runs"`
	}
	decode(t, do(t, c, "job", "show", "first", "--json"), &shown)
	if shown.State != "finished" || shown.Runs[0].Skipped["cancelled"] == 0 {
		t.Errorf("the cancelled job: %+v", shown)
	}
	decode(t, do(t, c, "job", "show", "second", "--json"), &shown)
	if shown.State != "finished" || shown.Runs[0].Captured != 22 {
		t.Errorf("the job that waited: %+v", shown)
	}
	do(t, c, "job", "submit", "--name", "second", "--again")
	do(t, c, "job", "watch", "second", "--quiet")
	decode(t, do(t, c, "job", "show", "second", "--json"), &shown)
	if len(shown.Runs) != 2 || shown.Runs[1].Captured != 22 {
		t.Errorf("the second run of the second job: %+v", shown)
	}
}

// While its servers are away each role says so once, and goes on when they are
// back; a clean stop ends each with 0.
func TestAClusterOutlastsServersThatAreAway(t *testing.T) {
	c := startCluster(t, cluster.Config{NoSync: true})
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		role(t, c, kind)
	}
	s := newSite(t, 20)
	do(t, c, "job", "submit", s.URL+"/", "--name", "site", "--allow-private", "--delay", "10ms")
	eventually(t, "the crawl", func() bool { return strings.Contains(do(t, c, "job", "show", "site"), "running for") })
	for _, away := range []struct {
		server *cluster.Process
		name   string
	}{{c.NATS[0], "NATS"}, {c.S3, "the S3 store"}} {
		away.server.Kill()
		said := func(text string, times int) func() bool {
			return func() bool {
				for _, p := range c.Roles() {
					if n := strings.Count(p.Log(1<<20), text); n > times {
						t.Fatalf("%s says %d times %q:\n%s", p.Name, n, text, p.Log(4000))
					} else if n < times {
						return false
					}
				}
				return true
			}
		}
		eventually(t, "each role to say that "+away.name+" is away", said(`msg="`+away.name+" is away", 1))
		if away.server == c.S3 { // what needs NATS alone works
			do(t, c, "job", "pause", "site")
			eventually(t, "the pause", func() bool { return strings.Contains(do(t, c, "job", "list"), "paused") })
			if out := do(t, c, "job", "show", "site"); !strings.Contains(out, "counts are not known: S3 store at") {
				t.Errorf("job show without the S3 store:\n%s", out)
			}
			do(t, c, "job", "resume", "site")
			eventually(t, "the end of the pause", func() bool { return strings.Contains(do(t, c, "job", "list"), "running") })
		}
		if err := away.server.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "each role to say that "+away.name+" is back", said(`msg="`+away.name+" is back", 1))
		said(`msg="`+away.name+" is away", 1)()
	}
	// What one that is killed leaves is removed by the next.
	extractor := c.Roles()[1]
	extractor.Kill()
	if err := extractor.Start(); err != nil {
		t.Fatal(err)
	}
	s.open()
	do(t, c, "job", "watch", "site", "--quiet")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, p := range c.Roles() {
		if err := p.Stop(ctx); err != nil || p.Code() != 0 {
			t.Errorf("%s: exit %d, %v", p.Name, p.Code(), err)
		}
		if n, unit, err := p.Done(); err != nil || n == 0 {
			t.Errorf("%s did %d %s, %v", p.Name, n, unit, err)
		}
		if left, _ := filepath.Glob(filepath.Join(c.Dir, p.Name, "*")); len(left) > 0 {
			t.Errorf("%s left %v", p.Name, left)
		}
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// In a cluster too a page that exhausts its extraction is a dead letter, which
// delays nothing and can be retried from anywhere.
func TestAClustersDeadLettersAreRetried(t *testing.T) {
	c := startCluster(t, cluster.Config{NoSync: true, Env: []string{poison}})
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		role(t, c, kind)
	}
	c.Env = nil // commands have nothing against the page
	const stories, bad = 6, 2
	paper := newspaper(t, stories, func(n int) string {
		if n == bad {
			return story(n, strings.Repeat("<!-- "+poisonText+" -->", 600_000))
		}
		return story(n, "")
	})
	do(t, c, "job", "submit", paper.URL+"/", "--name", "paper", "--allow-private", "--delay", "10ms")
	do(t, c, "job", "watch", "paper", "--quiet")
	var letter archive.DeadLetter
	decode(t, do(t, c, "dead", "list", "--json"), &letter)
	if !strings.HasSuffix(letter.URL, fmt.Sprintf("/story/%d", bad)) || !strings.Contains(letter.Reason, "takes more memory than it may") {
		t.Errorf("dead letter: %+v", letter)
	}
	if out := do(t, c, "dead", "show", letter.ID); !strings.Contains(out, ".warc.gz") {
		t.Errorf("dead show:\n%s", out)
	}
	if out := do(t, c, "dead", "retry", "--all"); !strings.Contains(out, "extracted") {
		t.Errorf("dead retry:\n%s", out)
	}
	if out := do(t, c, "dead", "list", "--json"); out != "" {
		t.Errorf("left: %s", out)
	}
	if out := do(t, c, "search", "harbour", "--json"); strings.Count(out, "\n") != stories {
		t.Errorf("search finds:\n%s", out)
	}
	do(t, c, "verify")
}
