package datadir

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// childEnv makes the test binary a process that holds a folder: MODE:FOLDER.
const childEnv = "NEWSREEL_TEST_HOLD"

const childWait = 60 * time.Second

// leakOptions leave out two goroutines of the HTTP server under the gateway:
// its clock, one in a process, and a cleaner that ends within ten seconds.
var leakOptions = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
}

func TestMain(m *testing.M) {
	if mode, dir, ok := strings.Cut(os.Getenv(childEnv), ":"); ok {
		if err := hold(mode, dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, leakOptions...)
}

// hold holds a folder, says so on stdout, and lets go when stdin ends.
func hold(mode, dir string) error {
	f, err := Open(dir, Purpose{Command: "newsreel " + mode, Roles: mode == "crawl"}, 0)
	if err != nil {
		return err
	}
	fmt.Println("held", f.Path())
	_, _ = io.Copy(io.Discard, os.Stdin)
	return f.Close()
}

// process is a child that holds a folder.
type process struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stderr strings.Builder
	path   string // of the folder, as the child says
}

// startHolder starts a child and waits until it holds the folder. dir may be
// relative to the child's working directory.
func startHolder(t *testing.T, mode, dir, workDir string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), childEnv+"="+mode+":"+dir)
	p.cmd.Dir = workDir
	p.cmd.Stderr = &p.stderr
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	watchdog := time.AfterFunc(childWait, func() { p.cmd.Process.Kill() })
	t.Cleanup(func() {
		watchdog.Stop()
		p.kill()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.cmd.Wait()
		t.Fatalf("holder: %v: %s", err, p.stderr.String())
	}
	p.path = strings.TrimSuffix(strings.TrimPrefix(line, "held "), "\n")
	return p
}

// release lets the child end by itself, which it must do in silence.
func (p *process) release(t *testing.T) {
	t.Helper()
	p.stdin.Close()
	if err := p.cmd.Wait(); err != nil || p.stderr.Len() > 0 {
		t.Errorf("holder ended with %v: %s", err, p.stderr.String())
	}
}

func (p *process) kill() {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		p.cmd.Wait()
	}
}

// longDir returns a folder whose path is too long for a socket.
func longDir(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), strings.Repeat("a-long-name-", 10))
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
