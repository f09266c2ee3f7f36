package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"newsreel/archive"
)

func TestSubmitStoresAJobAndPrintsItsNameAlone(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	cmd := program(t, "job", "submit", "job.yaml", "--data", data)
	write(t, filepath.Join(cmd.Dir, "job.yaml"), []byte("name: morning\nseeds:\n  urls: [https://www.example.com/]\nlimits:\n  pages: 5\n"))
	r := finished(t, cmd)
	if r.code != 0 || r.stdout != "morning\n" {
		t.Fatalf("exit %d, %q, %s", r.code, r.stdout, r.stderr)
	}
	wants(t, r.stderr, "newsreel crawl --name morning --data "+data)
	if out := done(t, "job", "submit", "--max-pages", "3", "https://www.example.org/", "--data", data, "--json"); !strings.HasPrefix(out, `{"job":"www-example-org-`) {
		t.Errorf("%q", out)
	}
	wants(t, done(t, "job", "list", "--data", data), "morning", stateStored, "www-example-org-")
	if out := done(t, "job", "list", "--data", data, "--json"); !strings.HasPrefix(out, `{"job":"morning","collection":"morning","runs":0,"state":"stored"}`+"\n") {
		t.Errorf("%q", out)
	}
	wants(t, done(t, "job", "show", "morning", "--data", data), "limits.pages           5", "newsreel crawl --name morning")
	wants(t, done(t, "why", "https://www.example.com/x", "--data", data), "Job morning (stored): not come across", "Job www-example-org-", "outside the scope")
	for _, word := range []string{"pause", "resume", "cancel", "watch"} {
		r := newsreel(t, "job", word, "morning", "--data", data)
		if r.code != exitFailed {
			t.Errorf("%s: exit %d", word, r.code)
		}
		wants(t, r.stderr, "has never run", "newsreel crawl --name morning")
	}
	r = newsreel(t, "job", "submit", "--name", "morning", "https://other.example/", "--data", data)
	if r.code != exitUsage || r.stdout != "" {
		t.Errorf("another job under the same name: exit %d, %q", r.code, r.stdout)
	}
	r = newsreel(t, "search", "x", "--data", data)
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
	wants(t, r.stderr, "nothing is archived", "newsreel job list")
}

// gated is a site of pages, of which those behind the first few are answered
// once the gate is open. reached is closed when one waits at it.
type gated struct {
	*httptest.Server
	reached chan struct{}
	gate    chan struct{}
	open    sync.Once
	served  atomic.Int32
}

const (
	gatedPages  = 12
	gatedBefore = 4
)

func newGated(t *testing.T) *gated {
	g := &gated{reached: make(chan struct{}), gate: make(chan struct{})}
	var once sync.Once
	g.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			for i := range gatedPages {
				fmt.Fprintf(w, `<p><a href="/page/%d">page %d</a></p>`, i, i)
			}
		case strings.HasPrefix(r.URL.Path, "/page/"):
			if g.served.Add(1) > gatedBefore {
				once.Do(func() { close(g.reached) })
				select {
				case <-g.gate:
				case <-r.Context().Done():
				}
			}
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprintf(w, "<title>%s</title><p>This is %s.</p>", r.URL.Path, r.URL.Path)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(func() { g.release(); g.Close() })
	return g
}

func (g *gated) release() { g.open.Do(func() { close(g.gate) }) }

// crawling is a crawl in a process of its own that waits at the gate.
type crawling struct {
	ended          chan struct{}
	code           int
	stdout, stderr bytes.Buffer
}

func crawlGated(t *testing.T, g *gated, args ...string) *crawling {
	t.Helper()
	c := &crawling{ended: make(chan struct{})}
	cmd := program(t, append([]string{"crawl", "--quiet", "--json", "--allow-private", "--delay", "10ms"}, args...)...)
	cmd.Stdout, cmd.Stderr = &c.stdout, &c.stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		_ = cmd.Wait() // the exit code tells
		c.code = cmd.ProcessState.ExitCode()
	}()
	t.Cleanup(func() { g.release(); <-c.ended })
	select {
	case <-g.reached:
	case <-c.ended:
		t.Fatalf("the crawl ended before the gate: exit %d\n%s%s", c.code, &c.stdout, &c.stderr)
	case <-time.After(30 * time.Second):
		t.Fatalf("the crawl does not come to the gate\n%s", &c.stderr)
	}
	return c
}

func (c *crawling) summary(t *testing.T) archive.Summary {
	t.Helper()
	<-c.ended
	var s archive.Summary
	if err := json.Unmarshal(c.stdout.Bytes(), &s); err != nil {
		t.Fatalf("%v in %q\n%s", err, &c.stdout, &c.stderr)
	}
	return s
}

func closes(t *testing.T, s archive.Summary) {
	t.Helper()
	if s.Discovered != s.Captured+total(s.Failed)+total(s.Skipped)+s.Waiting {
		t.Errorf("the ledger does not close: %+v", s)
	}
}

func TestAJobIsFollowedPausedAndSetGoingAgain(t *testing.T) {
	g, data := newGated(t), filepath.Join(t.TempDir(), "data")
	c := crawlGated(t, g, g.URL+"/", "--name", "gated", "--data", data)

	wants(t, done(t, "job", "list", "--data", data), "gated", "running")
	goldenShape(t, "job-list-running", done(t, "job", "list", "--data", data, "--json"))
	wants(t, done(t, "job", "show", "gated", "--data", data), "running for", "waiting")
	wants(t, done(t, "why", g.URL+"/page/0", "--data", data), "captured, status 200", "not archived yet")
	wants(t, done(t, "why", g.URL+fmt.Sprintf("/page/%d", gatedPages-1), "--data", data), "waiting to be fetched", "by a link on "+g.URL+"/")
	goldenShape(t, "why-running", done(t, "why", g.URL+"/page/0", "--json", "--data", data))
	wants(t, newsreel(t, "doctor", "--data", data).stdout, "held by", "newsreel crawl")
	out := newsreel(t, "job", "submit", g.URL+"/", "--name", "gated", "--allow-private", "--delay", "10ms", "--max-pages", "1000", "--data", data)
	wants(t, out.stderr, "limits.pages", "at once")

	watched := make(chan result)
	watch := program(t, "job", "watch", "gated", "--json", "--data", data)
	go func() { watched <- finished(t, watch) }()
	r := newsreel(t, "job", "pause", "gated", "--data", data)
	wants(t, r.stderr, "pauses", "newsreel crawl --name gated")
	g.release()
	if s := c.summary(t); c.code != exitStopped || s.State != "stopped" || s.Waiting == 0 {
		t.Errorf("paused: exit %d, %+v", c.code, s)
	}
	if r := <-watched; r.code != exitStopped {
		t.Errorf("watch: exit %d\n%s%s", r.code, r.stdout, r.stderr)
	} else {
		goldenShape(t, "job-watch-paused", r.stdout)
	}
	wants(t, done(t, "job", "list", "--data", data), "paused")
	wants(t, done(t, "job", "show", "gated", "--data", data), "Run 1: paused", "newsreel crawl --name gated")

	r = newsreel(t, "job", "resume", "gated", "--data", data)
	wants(t, r.stderr, "not paused any more", "newsreel crawl --name gated")
	wants(t, done(t, "job", "list", "--data", data), stateStopped)
	r = newsreel(t, "job", "pause", "gated", "--data", data)
	wants(t, r.stderr, "is paused")
	wants(t, done(t, "job", "list", "--data", data), "paused")

	var s archive.Summary
	if err := json.Unmarshal([]byte(done(t, "crawl", "--name", "gated", "--quiet", "--json", "--data", data)), &s); err != nil {
		t.Fatal(err)
	}
	if closes(t, s); s.State != "finished" || s.Captured != gatedPages+2 || s.Captures != s.Captured {
		t.Errorf("%+v", s)
	}
	wants(t, done(t, "why", g.URL+"/page/0", "--data", data), "captured, status 200", "gated/warc/")
	done(t, "verify", "--data", data)
}

func TestAJobIsCancelled(t *testing.T) {
	for name, whileRunning := range map[string]bool{"while it runs": true, "while nobody runs it": false} {
		t.Run(name, func(t *testing.T) {
			g, data := newGated(t), filepath.Join(t.TempDir(), "data")
			c := crawlGated(t, g, g.URL+"/", "--name", "gated", "--data", data)
			word := "pause"
			if whileRunning {
				word = "cancel"
			}
			wants(t, newsreel(t, "job", word, "gated", "--data", data).stderr, "Run 1 of job gated")
			g.release()
			s := c.summary(t)
			if !whileRunning {
				r := newsreel(t, "job", "cancel", "gated", "--data", data)
				wants(t, r.stderr, "is cancelled", "newsreel crawl --name gated")
				wants(t, done(t, "job", "show", "gated", "--data", data), "cancelled, and not archived to the end yet")
				if err := json.Unmarshal([]byte(done(t, "crawl", "--name", "gated", "--quiet", "--json", "--data", data)), &s); err != nil {
					t.Fatal(err)
				}
			}
			if closes(t, s); s.State != "finished" || s.Skipped["cancelled"] == 0 || s.Waiting != 0 || s.Captured+s.Skipped["cancelled"] != gatedPages+2 {
				t.Errorf("%+v", s)
			}
			wants(t, done(t, "job", "list", "--data", data), "finished")
			done(t, "verify", "--data", data)
		})
	}
}

func TestARunThatWasKilledIsStopped(t *testing.T) {
	g, data := newGated(t), filepath.Join(t.TempDir(), "data")
	cmd := program(t, "crawl", "--quiet", "--allow-private", "--delay", "10ms", g.URL+"/", "--name", "gated", "--data", data)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-g.reached
	if err := cmd.Process.Signal(os.Kill); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	wants(t, done(t, "job", "list", "--data", data), stateStopped)
	r := newsreel(t, "job", "watch", "gated", "--data", data)
	if r.code != exitStopped {
		t.Errorf("watch: exit %d", r.code)
	}
	wants(t, r.stderr, "no process works on it", "newsreel crawl --name gated")
	wants(t, done(t, "sweep", "--data", data), "Nothing to remove")
}
