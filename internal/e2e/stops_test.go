package e2e

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/archive"
	"newsreel/internal/datadir"
	"newsreel/internal/demo"
	"newsreel/stream"
)

// stopped is a crawl of a small world of papers.
type stopped struct {
	world *papers
	dir   string
	args  []string
}

func newStopped(t *testing.T) *stopped {
	s := &stopped{world: newPapers(t, 4, 120), dir: filepath.Join(t.TempDir(), "data")}
	s.args = append([]string{"crawl", "--json", "--quiet", "--name", "papers", "--data", s.dir}, s.world.arguments()...)
	return s
}

// begin starts the crawl and waits until it has made some requests.
func (s *stopped) begin(t *testing.T, requests int) *process {
	t.Helper()
	before := len(s.world.asked())
	p := start(t, s.args...)
	if !p.until(t, "requests", func() bool { return len(s.world.asked()) >= before+requests }) {
		t.Fatalf("the crawl ended before it was stopped\n%s", p.tail())
	}
	return p
}

// checkStopped holds that a stopped crawl says so, and that all it captured is
// archived.
func (s *stopped) checkStopped(t *testing.T, p *process) archive.Summary {
	t.Helper()
	if code := p.wait(t); code != 3 {
		t.Fatalf("exit %d, want 3\n%s", code, p.tail())
	}
	sum := p.summary(t)
	if sum.State != "stopped" || sum.Waiting == 0 || sum.Finished != nil {
		t.Errorf("state %s, %d waiting, finished %v", sum.State, sum.Waiting, sum.Finished)
	}
	checkClosed(t, sum)
	c := open(t, s.dir, "papers")
	if int64(len(c.captures)) != sum.Captures || sum.Captures == 0 {
		t.Errorf("%d captures archived, %d in the summary", len(c.captures), sum.Captures)
	}
	verify(t, s.dir, "papers")
	return sum
}

func checkClosed(t *testing.T, s archive.Summary) {
	t.Helper()
	if got := s.Captured + sum(s.Failed) + sum(s.Skipped) + s.Waiting; got != s.Discovered {
		t.Errorf("the ledger does not close: %d discovered, %d with a fate: %+v", s.Discovered, got, s)
	}
}

// checkWhole holds that the world was crawled whole, and nothing asked twice.
func (s *stopped) checkWhole(t *testing.T, p *process) {
	t.Helper()
	c := open(t, s.dir, "papers")
	c.summary = p.summary(t)
	if diff := cmp.Diff(s.world.expected(), c.fates(t)); diff != "" {
		t.Errorf("ledger (-expected +crawled):\n%s", diff)
	}
	c.checkCloses(t)
	c.checkStoredOnce(t, s.world.expected())
	s.checkAskedOnce(t)
	verify(t, s.dir, "papers")
}

func (s *stopped) checkAskedOnce(t *testing.T) {
	t.Helper()
	n := map[string]int{}
	for _, url := range s.world.asked() {
		n[url]++
	}
	for url, times := range n {
		if times > 1 && !(times == 2 && s.world.patient(url)) {
			t.Errorf("%s was asked for %d times", url, times)
		}
	}
}

func TestCtrlCStopsCleanlyAndTheSameCommandGoesOn(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 150)
	p.cmd.Process.Signal(os.Interrupt)
	first := s.checkStopped(t, p)
	p = s.begin(t, 100)
	p.cmd.Process.Signal(syscall.SIGTERM)
	second := s.checkStopped(t, p)
	if second.Captures <= first.Captures || second.Run != 1 {
		t.Errorf("run %d: %d captures after %d", second.Run, second.Captures, first.Captures)
	}
	s.checkWhole(t, run(t, 0, s.args...))
}

func TestCtrlCTwiceStopsAtOnce(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 100)
	p.cmd.Process.Signal(os.Interrupt)
	p.cmd.Process.Signal(syscall.SIGTERM)
	if code := p.wait(t); code != 3 {
		t.Errorf("exit %d\n%s", code, p.tail())
	}
	run(t, 0, s.args...)
	c := open(t, s.dir, "papers")
	if diff := cmp.Diff(s.world.expected(), c.fates(t)); diff != "" {
		t.Errorf("ledger (-expected +crawled):\n%s", diff)
	}
}

// control writes a control message into the run log of a crawl that goes on.
func (s *stopped) control(t *testing.T, c stream.Control) {
	t.Helper()
	folder, err := datadir.Attach(s.dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	nc, err := folder.NATS()
	if err != nil {
		t.Fatal(err)
	}
	log, err := stream.Open(t.Context(), nc, "papers", 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Control(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func TestAPausedRunIsArchivedAndTheSameCommandSetsItGoing(t *testing.T) {
	s := newStopped(t)
	for _, requests := range []int{100, 60} {
		p := s.begin(t, requests)
		s.control(t, stream.Control{Type: stream.ControlPause, By: "test", Time: time.Now()})
		s.checkStopped(t, p)
	}
	s.checkWhole(t, run(t, 0, s.args...))
}

func TestACancelledRunEndsAsFinishedWithTheRestSkipped(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 100)
	s.control(t, stream.Control{Type: stream.ControlClose, Reason: stream.SkipCancelled, By: "test", Time: time.Now()})
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	sum := p.summary(t)
	checkClosed(t, sum)
	if sum.Skipped[stream.SkipCancelled] == 0 || sum.Waiting != 0 {
		t.Errorf("skipped %v, %d waiting", sum.Skipped, sum.Waiting)
	}
	verify(t, s.dir, "papers")
}

// pages counts the captured pages of a ledger.
func pages(c *crawled) (n int) {
	for _, r := range c.ledger {
		if r.Fate == "captured" && r.Kind == "page" {
			n++
		}
	}
	return n
}

func TestAResumedRunObeysChangedLimitsAndRefusesOtherChanges(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 100)
	p.cmd.Process.Signal(os.Interrupt)
	s.checkStopped(t, p)
	refused := run(t, 2, append(s.args, "--assets", "none")...)
	if !strings.Contains(refused.stderr.String(), "archive.assets") {
		t.Errorf("the refusal does not name the key:\n%s", refused.tail())
	}
	sum := run(t, 0, append(s.args, "--max-pages", "300", "--concurrency", "5")...).summary(t)
	c := open(t, s.dir, "papers")
	checkClosed(t, sum)
	if n := pages(c); n != 300 || sum.Skipped["limit"] == 0 || sum.State != "finished" {
		t.Errorf("%d pages of 300, state %s, skipped %v", n, sum.State, sum.Skipped)
	}
	verify(t, s.dir, "papers")
}

func TestMaxPagesCapturesExactlySoMany(t *testing.T) {
	for _, n := range []int{1, 2, 37, 200} {
		t.Run(strconv.Itoa(n), func(t *testing.T) {
			s := newStopped(t)
			sum := run(t, 0, append(s.args, "--max-pages", strconv.Itoa(n))...).summary(t)
			c := open(t, s.dir, "papers")
			checkClosed(t, sum)
			if got := pages(c); got != n || sum.State != "finished" || sum.Waiting != 0 || sum.Skipped["limit"] == 0 {
				t.Errorf("%d pages of %d, state %s, %d waiting, skipped %v", got, n, sum.State, sum.Waiting, sum.Skipped)
			}
			if int64(len(c.ledger)) != sum.Discovered {
				t.Errorf("%d rows in the ledger, %d discovered", len(c.ledger), sum.Discovered)
			}
		})
	}
}

func TestAFailedRunExitsWith1AndTheNextCommandStartsTheNextRun(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	dir := filepath.Join(t.TempDir(), "data")
	args := []string{"crawl", "--json", "--quiet", "--name", "away", "--data", dir, "--allow-private", "--tries", "1",
		"--delay", "0s", "--resolve", "away.example=" + address, "http://away.example/"}
	p := run(t, 1, args...)
	first := p.summary(t)
	checkClosed(t, first)
	if first.State != "failed" || first.Run != 1 || first.Failed["connect"] != 1 || first.Captured != 0 {
		t.Errorf("summary %+v", first)
	}
	if !strings.Contains(p.stderr.String(), "why") {
		t.Errorf("nothing says how to learn why:\n%s", p.tail())
	}
	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.Write([]byte("<p>Back again."))
	})}
	go server.Serve(listener)
	defer server.Close()
	second := run(t, 0, args...).summary(t)
	if second.State != "finished" || second.Run != 2 || second.Captured != 2 {
		t.Errorf("summary %+v", second)
	}
	verify(t, dir, "away")
}

func TestASecondProcessOnAFolderIsRefusedWithTheFirstNamed(t *testing.T) {
	s := newStopped(t)
	p := s.begin(t, 20)
	second := run(t, 1, s.args...)
	said := second.stderr.String()
	if !strings.Contains(said, strconv.Itoa(p.cmd.Process.Pid)) || !strings.Contains(said, "newsreel crawl") {
		t.Errorf("the refusal does not name process %d:\n%s", p.cmd.Process.Pid, said)
	}
	if code := p.wait(t); code != 0 {
		t.Fatalf("exit %d\n%s", code, p.tail())
	}
	s.checkWhole(t, p)
}

func TestTheNextRunOfTheDemoKnowsTheFirst(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	first := run(t, 0, "demo", "--json", "--quiet", "--data", dir).summary(t)
	again := run(t, 0, "demo", "--again", "--json", "--quiet", "--data", dir).summary(t)
	if again.Run != 2 || again.State != "finished" {
		t.Fatalf("run %d is %s", again.Run, again.State)
	}
	checkClosed(t, again)
	world := demo.New()
	world.SetEdition(2)
	want := map[string]fate{}
	for _, e := range world.Expected() {
		want[e.URL] = fate{Fate: e.Fate, Reason: e.Reason, Kind: e.Kind}
	}
	got := map[string]fate{}
	for _, r := range rows[archive.LedgerRow](t, filepath.Join(dir, "s3", "newsreel", "demo", "urls", "demo-2.parquet")) {
		got[r.URL] = fate{Fate: r.Fate, Reason: r.Reason, Kind: r.Kind}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ledger of the second run (-expected +crawled):\n%s", diff)
	}
	if again.Revisits < first.Captured/2 {
		t.Errorf("%d revisits of %d captures", again.Revisits, again.Captures)
	}
	if r := verify(t, dir, "demo"); r.Runs != 2 {
		t.Errorf("verify saw %d runs", r.Runs)
	}
}
