package objstore_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"newsreel/internal/embedded"
	"newsreel/internal/objstore"
	"newsreel/internal/objstore/objstoretest"
	"newsreel/internal/peers"
)

// serverEnv names a server of another maker to run the suite on, as
// http://ACCESS:SECRET@host:port/bucket.
const serverEnv = "NEWSREEL_TEST_S3"

func TestConformanceOfTheServerInside(t *testing.T) {
	cfg := startEmbedded(t)
	objstoretest.Run(t, func() *objstore.Store { return newStore(t, cfg) })
}

func TestConformanceOfVersityGW(t *testing.T) {
	t.Parallel()
	objstoretest.Run(t, openPeer(t, peers.StartVersityGW(t, t.TempDir())))
}

func TestConformanceOfMinIO(t *testing.T) {
	t.Parallel()
	objstoretest.Run(t, openPeer(t, peers.StartMinIO(t, t.TempDir())))
}

func openPeer(t *testing.T, s *peers.S3) func() *objstore.Store {
	cfg := objstore.Config{Endpoint: s.Endpoint, AccessKey: s.AccessKey, SecretKey: s.SecretKey, Bucket: "newsreel"}
	return func() *objstore.Store { return newStore(t, cfg) }
}

// A server of the environment is one more to run the suite on.
func TestConformanceOfTheServerOfTheEnvironment(t *testing.T) {
	addr := os.Getenv(serverEnv)
	if addr == "" {
		t.Logf("%s is not set: the suite ran on our own processes only", serverEnv)
		return
	}
	u, err := url.Parse(addr)
	if err != nil || u.User == nil {
		t.Fatalf("%s=%q: want http://ACCESS:SECRET@host:port/bucket (%v)", serverEnv, addr, err)
	}
	secret, _ := u.User.Password()
	cfg := objstore.Config{
		Endpoint: u.Scheme + "://" + u.Host, Bucket: strings.Trim(u.Path, "/"),
		AccessKey: u.User.Username(), SecretKey: secret,
	}
	objstoretest.Run(t, func() *objstore.Store { return newStore(t, cfg) })
}

func startEmbedded(t testing.TB) objstore.Config {
	t.Helper()
	root := filepath.Join(t.TempDir(), "s3")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	// The test's own folder may have too long a path for a socket.
	run, err := os.MkdirTemp("", "nr")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(run) })
	s, err := embedded.StartS3(embedded.S3Config{
		Root: root, Socket: filepath.Join(run, "s3.sock"),
		AccessKey: "access", SecretKey: "secret-secret", Bucket: "newsreel",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	return objstore.Config{
		Endpoint: "unix://" + s.Socket(), AccessKey: "access", SecretKey: "secret-secret", Bucket: "newsreel",
	}
}

func newStore(t testing.TB, cfg objstore.Config) *objstore.Store {
	t.Helper()
	s, err := objstore.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := objstore.Config{Endpoint: "http://localhost:9000", AccessKey: "a", SecretKey: "s", Bucket: "b"}
	tests := []struct {
		name string
		edit func(*objstore.Config)
		want string
	}{
		{"no bucket", func(c *objstore.Config) { c.Bucket = "" }, "bucket"},
		{"no keys", func(c *objstore.Config) { c.AccessKey = "" }, "access key"},
		{"no scheme", func(c *objstore.Config) { c.Endpoint = "localhost:9000" }, "want http://"},
		{"another scheme", func(c *objstore.Config) { c.Endpoint = "ftp://x" }, "want http://"},
		{"no host", func(c *objstore.Config) { c.Endpoint = "http://" }, "host is missing"},
		{"a path", func(c *objstore.Config) { c.Endpoint = "http://h/bucket" }, "host and port only"},
		{"keys in the address", func(c *objstore.Config) { c.Endpoint = "http://a:b@h" }, "host and port only"},
		{"a relative socket", func(c *objstore.Config) { c.Endpoint = "unix://run/s3.sock" }, "absolute"},
	}
	if _, err := objstore.New(good); err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good
			tt.edit(&cfg)
			if _, err := objstore.New(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
}

// answers is a transport that gives one answer to every request.
type answers struct {
	status int
	code   string
	err    error
	sent   atomic.Int64
}

func (a *answers) RoundTrip(req *http.Request) (*http.Response, error) {
	a.sent.Add(1)
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	if a.err != nil {
		return nil, a.err
	}
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/xml")
	rec.WriteHeader(a.status)
	rec.WriteString("<Error><Code>" + a.code + "</Code><Message>m</Message></Error>")
	return rec.Result(), nil
}

func TestAnswersHaveTheirErrors(t *testing.T) {
	tests := []struct {
		name      string
		status    int
		code      string
		err       error
		want      error
		permanent bool
	}{
		{"condition failed", 412, "PreconditionFailed", nil, objstore.ErrExists, true},
		{"bucket is gone", 404, "NoSuchBucket", nil, objstore.ErrNotFound, true},
		{"disk is full", 507, "InsufficientStorage", nil, objstore.ErrNoSpace, false},
		{"disk is full, says MinIO", 507, "XMinioStorageFull", nil, objstore.ErrNoSpace, false},
		{"quota is reached", 403, "QuotaExceeded", nil, objstore.ErrNoSpace, false},
		{"wrong key", 403, "InvalidAccessKeyId", nil, nil, true},
		{"wrong secret", 403, "SignatureDoesNotMatch", nil, nil, true},
		{"clock is off", 403, "RequestTimeTooSkewed", nil, nil, false},
		{"name is not allowed", 400, "KeyTooLongError", nil, nil, true},
		{"writers met", 409, "ConditionalRequestConflict", nil, nil, false},
		{"key is a folder", 409, "ExistingObjectIsDirectory", nil, nil, true},
		{"server is broken", 500, "InternalError", nil, nil, false},
		{"server is busy", 503, "SlowDown", nil, nil, false},
		{"nobody answers", 0, "", errors.New("connection refused"), nil, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr := &answers{status: tt.status, code: tt.code, err: tt.err}
			s := newStore(t, objstore.Config{
				Endpoint: "http://s3.invalid", AccessKey: "a", SecretKey: "s", Bucket: "bucket", Transport: tr,
			})
			err := s.PutIfAbsent(context.Background(), "k", []byte("x"), "")
			if err == nil || (tt.want != nil && !errors.Is(err, tt.want)) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if got := objstore.Permanent(err); got != tt.permanent {
				t.Errorf("permanent is %v: %v", got, err)
			}
			if !strings.HasPrefix(err.Error(), "put bucket/k: ") {
				t.Errorf("error without operation and subject: %v", err)
			}
			if n := tr.sent.Load(); n > 4 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestConditionIsSent(t *testing.T) {
	var got http.Header
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		w.Header().Set("ETag", `"x"`)
	}))
	defer srv.Close()
	s := newStore(t, objstore.Config{Endpoint: srv.URL, AccessKey: "a", SecretKey: "s", Bucket: "bucket"})
	defer s.Close()
	if err := s.PutIfAbsent(context.Background(), "k", []byte("body"), "text/plain"); err != nil {
		t.Fatal(err)
	}
	if got.Get("If-None-Match") != "*" || got.Get("Content-Type") != "text/plain" {
		t.Errorf("sent %v", got)
	}
	// SHA-256 of "body": the server can check what arrived.
	if want := "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5"; got.Get("X-Amz-Content-Sha256") != want {
		t.Errorf("content hash %s", got.Get("X-Amz-Content-Sha256"))
	}
}
