package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/datadir"
	"newsreel/internal/gobuild"
)

// program builds the binary once for all tests.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "newsreel")
	return path, gobuild.Program(context.Background(), path, "newsreel/cmd/newsreel")
})

var buildDir string

func TestMain(m *testing.M) {
	var err error
	if buildDir, err = os.MkdirTemp("", "newsreel-e2e-*"); err != nil {
		panic(err)
	}
	// Now: the S3 server of a test in this process changes the working
	// directory for good.
	_, err = program()
	if err == nil {
		_, err = clusterPrograms()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	os.RemoveAll(buildDir)
	os.Exit(code)
}

// process is the binary at work.
type process struct {
	cmd    *exec.Cmd
	stdout bytes.Buffer
	stderr lockedBuffer
	// done is closed when it has ended; code is valid then.
	done chan struct{}
	code int
}

// said is what it said on its standard error so far.
func (p *process) said() string { return p.stderr.String() }

// lockedBuffer is a buffer that can be read while it is written.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// start runs the binary. It is killed at the end of the test if it still runs.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	return startWith(t, nil, args...)
}

// startWith is start with variables of the environment beside the usual ones.
func startWith(t *testing.T, env []string, args ...string) *process {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Env = append(cleanEnvironment(), env...)
	// This process's own working directory may be that of an S3 server, and gone.
	p.cmd.Dir = buildDir
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		err := p.cmd.Wait()
		var exit *exec.ExitError
		switch {
		case err == nil:
		case errors.As(err, &exit):
			p.code = exit.ExitCode()
		default:
			p.code = -2
		}
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		<-p.done
	})
	return p
}

// cleanEnvironment is this process's without what would change a job.
func cleanEnvironment() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NEWSREEL_") && !strings.HasPrefix(v, "COLLY_") {
			env = append(env, v)
		}
	}
	return env
}

// kill ends the process as a power switch would: without a word to it.
func (p *process) kill() {
	p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// patience bounds every wait of these tests.
const patience = 3 * time.Minute

// wait waits for the process to end and returns its exit code.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.done:
		return p.code
	case <-time.After(patience):
		p.cmd.Process.Signal(syscall.SIGQUIT)
		<-p.done
		t.Fatalf("the process does not end:\n%s", p.tail())
		return 0
	}
}

// tail is the end of what it said.
func (p *process) tail() string {
	s := p.stderr.String() + p.stdout.String()
	return s[max(0, len(s)-12_000):]
}

// peakMemory is the most memory that the process took, in bytes.
func (p *process) peakMemory() int64 {
	return p.cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss << 10
}

// summary reads what --json printed.
func (p *process) summary(t *testing.T) archive.Summary {
	t.Helper()
	var s archive.Summary
	if err := json.Unmarshal(p.stdout.Bytes(), &s); err != nil {
		t.Fatalf("summary: %v\n%s", err, p.tail())
	}
	return s
}

// run runs the binary to its end, which must have the exit code.
func run(t *testing.T, code int, args ...string) *process {
	t.Helper()
	p := start(t, args...)
	if got := p.wait(t); got != code {
		t.Fatalf("newsreel %s: exit %d, want %d\n%s", strings.Join(args, " "), got, code, p.tail())
	}
	return p
}

// until waits for a condition while the process runs, and says whether it came.
func (p *process) until(t *testing.T, what string, ok func() bool) bool {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(patience)
	for !ok() {
		select {
		case <-p.done:
			return ok()
		case <-tick.C:
		case <-deadline:
			p.kill()
			t.Fatalf("waited in vain for %s\n%s", what, p.tail())
		}
	}
	return true
}

// open reads what a data folder's archive holds of a collection.
func open(t *testing.T, dir, collection string) *crawled {
	t.Helper()
	c := &crawled{folder: filepath.Join(dir, "s3", "newsreel", collection)}
	list := func(pattern string) []string {
		paths, err := filepath.Glob(filepath.Join(c.folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		return paths
	}
	for _, path := range list("segments/*.json") {
		var m archive.Manifest
		if err := json.Unmarshal(read(t, path), &m); err != nil {
			t.Fatal(err)
		}
		c.manifest = append(c.manifest, m)
	}
	// What a manifest does not name does not exist, so tables are read by name.
	bucket := filepath.Dir(c.folder)
	for _, m := range c.manifest {
		if o := m.Object(archive.ObjectCaptures); o != nil {
			c.captures = append(c.captures, rows[capture.Row](t, filepath.Join(bucket, o.Key))...)
		}
		if o := m.Object(archive.ObjectArticles); o != nil {
			c.articles = append(c.articles, rows[archive.ArticleRow](t, filepath.Join(bucket, o.Key))...)
		}
	}
	for _, path := range list("urls/*.parquet") {
		c.ledger = append(c.ledger, rows[archive.LedgerRow](t, path)...)
	}
	return c
}

// verifying is held by the test that looks into a folder: a process has one S3
// server inside at a time.
var verifying sync.Mutex

// verify holds the archive of a folder to all that `newsreel verify` knows.
func verify(t *testing.T, dir, collection string) archive.Report {
	t.Helper()
	verifying.Lock()
	defer verifying.Unlock()
	folder, err := datadir.Open(dir, datadir.Purpose{Command: "test"}, datadir.RoleWait)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	store, err := folder.Store()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	report, err := archive.New(store, "").Verify(ctx, collection, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range report.Mismatches {
		t.Errorf("verify: %s: %s", m.Key, m.Text)
	}
	return report
}

// fate is what the ledger says of a URL, without what depends on which of
// several links to it was read first.
type fate struct {
	Fate, Reason, Kind string
	Status             int16
}

// fates is the ledger by URL; a URL that stands there twice fails the test.
func (c *crawled) fates(t *testing.T) map[string]fate {
	t.Helper()
	got := map[string]fate{}
	for _, r := range c.ledger {
		if _, twice := got[r.URL]; twice {
			t.Errorf("%s stands twice in the ledger", r.URL)
		}
		got[r.URL] = fate{r.Fate, r.Reason, r.Kind, r.Status}
	}
	return got
}
