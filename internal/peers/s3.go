package peers

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"
)

// S3 is an S3 server that others wrote, as a process of its own on loopback.
// Its objects are in a folder of the test's.
type S3 struct {
	// Endpoint is http://127.0.0.1:PORT.
	Endpoint             string
	AccessKey, SecretKey string

	args []string
	env  []string
	cmd  *exec.Cmd
	said *output
	// ended is closed when the process has.
	ended chan struct{}
}

// output is what a process said, as far as its buffer holds.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.buf.Len() < 64<<10 {
		o.buf.Write(p)
	}
	return len(p), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

const (
	accessKey = "newsreel"
	secretKey = "newsreel-secret"
)

// StartMinIO starts MinIO's server over a folder. It is stopped at the end of
// the test.
func StartMinIO(t testing.TB, dir string) *S3 {
	t.Helper()
	addr := freeAddr(t)
	s := &S3{
		args: []string{Program(t, "minio"), "server", "--quiet", "--address", addr, "--console-address", freeAddr(t), dir},
		env: []string{"MINIO_ROOT_USER=" + accessKey, "MINIO_ROOT_PASSWORD=" + secretKey, "MINIO_BROWSER=off",
			"MINIO_UPDATE=off", "MINIO_CALLHOME_ENABLE=off", "HOME=" + t.TempDir()},
	}
	s.Endpoint, s.AccessKey, s.SecretKey = "http://"+addr, accessKey, secretKey
	s.first(t)
	return s
}

// StartVersityGW starts versitygw over a folder. It is stopped at the end of
// the test.
func StartVersityGW(t testing.TB, dir string) *S3 {
	t.Helper()
	addr := freeAddr(t)
	s := &S3{
		args: []string{Program(t, "versitygw"), "--port", addr, "--quiet", "posix", dir},
		env:  []string{"ROOT_ACCESS_KEY=" + accessKey, "ROOT_SECRET_KEY=" + secretKey},
	}
	s.Endpoint, s.AccessKey, s.SecretKey = "http://"+addr, accessKey, secretKey
	s.first(t)
	return s
}

func (s *S3) first(t testing.TB) {
	t.Helper()
	t.Cleanup(s.Kill)
	s.Start(t)
}

// Start starts the server again after Kill, and waits until it answers.
func (s *S3) Start(t testing.TB) {
	t.Helper()
	s.said = new(output)
	s.cmd = exec.Command(s.args[0], s.args[1:]...)
	s.cmd.Env = append(os.Environ(), s.env...)
	s.cmd.Stdout, s.cmd.Stderr = s.said, s.said
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.ended = make(chan struct{})
	go func() {
		defer close(s.ended)
		_ = s.cmd.Wait() // how it ended stands in its state
	}()
	if err := s.await(); err != nil {
		t.Fatalf("%s: %v\n%s", s.args[0], err, s.said)
	}
}

// startTime bounds the start of a server, which takes a second.
const startTime = 60 * time.Second

// await waits for an answer that is not "not yet".
func (s *S3) await() error {
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(startTime)
	for {
		select {
		case <-s.ended:
			return fmt.Errorf("ended at its start: %s", s.cmd.ProcessState)
		case <-deadline:
			return fmt.Errorf("does not answer after %s", startTime)
		case <-tick.C:
		}
		resp, err := client.Get(s.Endpoint + "/")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode < http.StatusInternalServerError {
			return nil
		}
	}
}

// Kill ends the server as a power switch would its process. Start goes on.
func (s *S3) Kill() {
	if s.ended == nil {
		return
	}
	_ = s.cmd.Process.Kill() // one that has ended is as good
	<-s.ended
}

// freeAddr is an address of the loopback that nobody listens on.
func freeAddr(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
