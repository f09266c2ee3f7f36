package objstore_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"newsreel/internal/objstore"
)

// meddler is a transport to the server inside that treats the completion of a
// multipart upload in its own way.
type meddler struct {
	http.RoundTripper
	complete func(next http.RoundTripper, req *http.Request) (*http.Response, error)
}

func (m meddler) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method == http.MethodPost && req.URL.Query().Has("uploadId") {
		return m.complete(m.RoundTripper, req)
	}
	return m.RoundTripper.RoundTrip(req)
}

func meddled(t *testing.T, cfg objstore.Config, complete func(http.RoundTripper, *http.Request) (*http.Response, error)) *objstore.Store {
	t.Helper()
	socket := strings.TrimPrefix(cfg.Endpoint, "unix://")
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	t.Cleanup(tr.CloseIdleConnections)
	cfg.Transport = meddler{tr, complete}
	return newStore(t, cfg)
}

func answer(req *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/xml"}}, Request: req,
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func TestUploadsAreJudgedByWhatIsStored(t *testing.T) {
	const (
		success = `<CompleteMultipartUploadResult><Bucket>newsreel</Bucket><Key>k</Key><ETag>"0-2"</ETag></CompleteMultipartUploadResult>`
		refusal = `<Error><Code>NoSuchUpload</Code><Message>no such upload</Message></Error>`
	)
	pass := func(next http.RoundTripper, req *http.Request) error {
		resp, err := next.RoundTrip(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s: %s: %w", resp.Status, body, err)
		}
		return nil
	}
	tests := []struct {
		name     string
		before   bool // another object of the same size is there
		complete func(http.RoundTripper, *http.Request) (*http.Response, error)
		want     error
	}{
		{"completed but the answer says no", false, func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
			if err := pass(next, req); err != nil {
				return nil, err
			}
			return answer(req, http.StatusNotFound, refusal), nil
		}, nil},
		{"answered with success but nothing was done", false, func(_ http.RoundTripper, req *http.Request) (*http.Response, error) {
			return answer(req, http.StatusOK, success), nil
		}, objstore.ErrUnconfirmed},
		{"answered with success over another object of this size", true, func(_ http.RoundTripper, req *http.Request) (*http.Response, error) {
			return answer(req, http.StatusOK, success), nil
		}, objstore.ErrUnconfirmed},
		{"refused", false, func(_ http.RoundTripper, req *http.Request) (*http.Response, error) {
			return answer(req, http.StatusNotFound, refusal), nil
		}, objstore.ErrUnconfirmed},
	}
	cfg := startEmbedded(t)
	ctx := context.Background()
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := fmt.Sprintf("case-%d", i)
			body := bytes.Repeat([]byte{byte(i)}, objstore.PartSize+10)
			if tt.before {
				old := bytes.NewReader(bytes.Repeat([]byte("o"), len(body)))
				if err := newStore(t, cfg).Put(ctx, key, old, old.Size(), objstore.PutOptions{}); err != nil {
					t.Fatal(err)
				}
			}
			s := meddled(t, cfg, tt.complete)
			err := s.Put(ctx, key, bytes.NewReader(body), int64(len(body)), objstore.PutOptions{})
			if !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if tt.want != nil && objstore.Permanent(err) {
				t.Errorf("not worth a retry: %v", err)
			}
			if got, err := s.GetBytes(ctx, key, 1<<30); tt.want == nil && (err != nil || !bytes.Equal(got, body)) {
				t.Errorf("stored %d bytes, %v", len(got), err)
			}
		})
	}
}

func TestPutStreamsManyParts(t *testing.T) {
	s := newStore(t, startEmbedded(t))
	defer s.Close()
	const size = 5*objstore.PartSize + 1
	err := s.Put(context.Background(), "zeros", io.LimitReader(zeros{}, size), size, objstore.PutOptions{})
	if err != nil {
		t.Fatal(err)
	}
	o, err := s.Stat(context.Background(), "zeros")
	if err != nil || o.Size != size {
		t.Fatalf("%+v, %v", o, err)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// A server may answer 409 or 500 where it has no inodes left.
func TestLackOfInodesIsLackOfSpace(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mount("none", dir, "tmpfs", 0, "size=64m,nr_inodes=20"); err != nil {
		t.Logf("MOUNT NOT AVAILABLE: %v; the lack of inodes was not tested", err)
		return
	}
	defer unix.Unmount(dir, unix.MNT_DETACH)
	tr := &answers{status: http.StatusConflict, code: "ExistingObjectIsDirectory"}
	s := newStore(t, objstore.Config{
		Endpoint: "http://s3.invalid", AccessKey: "a", SecretKey: "s", Bucket: "bucket", Transport: tr, LocalPath: dir,
	})
	put := func() error { return s.PutIfAbsent(context.Background(), "k", []byte("x"), "") }
	if err := put(); errors.Is(err, objstore.ErrNoSpace) {
		t.Fatalf("with inodes left: %v", err)
	}
	for i := 0; ; i++ {
		err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), nil, 0o644)
		if errors.Is(err, unix.ENOSPC) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := put(); !errors.Is(err, objstore.ErrNoSpace) || objstore.Permanent(err) {
		t.Fatalf("without: %v, want ErrNoSpace, not permanent", err)
	}
}

func BenchmarkPutIfAbsent(b *testing.B) {
	for _, size := range []int{2_000, 100_000, 1_000_000} {
		b.Run(fmt.Sprintf("%d bytes", size), func(b *testing.B) {
			s := newStore(b, startEmbedded(b))
			body := make([]byte, size)
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if err := s.PutIfAbsent(context.Background(), fmt.Sprintf("col/%08d", i), body, ""); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkGetRange(b *testing.B) {
	s := newStore(b, startEmbedded(b))
	ctx := context.Background()
	body := make([]byte, 4<<20)
	if err := s.PutIfAbsent(ctx, "segment", body, ""); err != nil {
		b.Fatal(err)
	}
	const n = 20_000
	b.SetBytes(n)
	for i := 0; b.Loop(); i++ {
		r, err := s.GetRange(ctx, "segment", int64(i*n%(3<<20)), n)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		r.Close()
	}
}
