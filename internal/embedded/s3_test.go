package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"newsreel/internal/embedded"
	"newsreel/internal/objstore"
)

// leakOptions leave out two goroutines of the HTTP server under the gateway:
// its clock, one in a process, and a cleaner that ends within ten seconds.
var leakOptions = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
}

// serve starts a server over a folder for a test.
func serve(t *testing.T, dir string) (*objstore.Store, func()) {
	t.Helper()
	_, store, stop, err := serveIn(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return store, stop
}

// rawClient is a client with its makers' defaults, for what objstore avoids.
func rawClient(t *testing.T, dir string) minio.Core {
	t.Helper()
	tr := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, "s"))
	}}
	t.Cleanup(tr.CloseIdleConnections)
	core, err := minio.NewCore("localhost", &minio.Options{
		Creds: credentials.NewStaticV4("access", "secret-secret", ""), Region: "us-east-1", Transport: tr,
	})
	if err != nil {
		t.Fatal(err)
	}
	return *core
}

func TestS3RefusesSettingsThatCannotWork(t *testing.T) {
	dir := t.TempDir()
	good := embedded.S3Config{Root: dir, Socket: "/tmp/x.sock", AccessKey: "a", SecretKey: "s", Bucket: "b"}
	tests := []struct {
		name string
		edit func(*embedded.S3Config)
		want string
	}{
		{"relative root", func(c *embedded.S3Config) { c.Root = "s3" }, "not an absolute path"},
		{"relative socket", func(c *embedded.S3Config) { c.Socket = "s3.sock" }, "not an absolute path"},
		{"socket path of 108 bytes", func(c *embedded.S3Config) { c.Socket = "/" + strings.Repeat("x", 107) }, "at most 107"},
		{"no key", func(c *embedded.S3Config) { c.SecretKey = "" }, "secret key"},
		{"no bucket", func(c *embedded.S3Config) { c.Bucket = "" }, "bucket"},
		{"no such root", func(c *embedded.S3Config) { c.Root = filepath.Join(dir, "none") }, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := good
			tt.edit(&cfg)
			if _, err := embedded.StartS3(cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestS3IsOneInAProcessAndCanBeStartedAgain(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	store, stop := serve(t, dir)
	other := t.TempDir()
	_, _, _, err := serveIn(other)
	if !errors.Is(err, embedded.ErrS3Running) {
		t.Fatalf("second start: %v, want ErrS3Running", err)
	}
	if err := store.PutIfAbsent(ctx, "k", []byte("v"), ""); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "s3/newsreel/k")); err != nil || string(got) != "v" {
		t.Fatalf("the object is not a plain file: %q, %v", got, err)
	}
	if st, err := os.Stat(filepath.Join(dir, "s")); err != nil || st.Mode().Perm() != 0o600 {
		t.Fatalf("socket: %v, %v", st.Mode(), err)
	}
	stop()
	goleak.VerifyNone(t, leakOptions...)
	store, stop = serve(t, dir)
	if got, err := store.GetBytes(ctx, "k", 10); err != nil || string(got) != "v" {
		t.Fatalf("after a restart: %q, %v", got, err)
	}
	stop()
}

func TestS3CleansWhatAKilledServerLeft(t *testing.T) {
	dir := t.TempDir()
	_, stop := serve(t, dir)
	stop()
	bucket := filepath.Join(dir, "s3/newsreel")
	staged := filepath.Join(bucket, ".sgwtmp/multipart/abc/id.etag.inprogress/1")
	half := filepath.Join(bucket, "col/.m.json.sgwtmp.1234567890")
	objects := []string{filepath.Join(bucket, "col/m.json"), filepath.Join(bucket, "col/.x.sgwtmp.y1"), filepath.Join(bucket, "col/x.sgwtmp.1")}
	for _, path := range append(objects, staged, half) {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "s3/.stopped")); err != nil {
		t.Fatal(err) // the mark of a clean stop
	}
	_, stop = serve(t, dir)
	defer stop()
	for _, path := range []string{staged, half} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is still there", path)
		}
	}
	for _, path := range objects {
		if _, err := os.Stat(path); err != nil {
			t.Errorf("an object is gone: %v", err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "s3/.stopped")); err == nil {
		t.Error("a running server is marked as stopped")
	}
}

func TestS3ServesAFolderThatLostItsAttributes(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	object := filepath.Join(dir, "s3/newsreel/col/m.json")
	if err := os.MkdirAll(filepath.Dir(object), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(object, []byte("restored"), 0o644); err != nil {
		t.Fatal(err)
	}
	store, stop := serve(t, dir)
	defer stop()
	if err := store.EnsureBucket(ctx); err != nil {
		t.Fatal(err)
	}
	err := store.PutIfAbsent(ctx, "col/m.json", []byte("new"), "")
	if !errors.Is(err, objstore.ErrExists) {
		t.Fatalf("put over a restored object: %v, want ErrExists", err)
	}
	if got, err := store.GetBytes(ctx, "col/m.json", 100); err != nil || string(got) != "restored" {
		t.Fatalf("%q, %v", got, err)
	}
	if err := store.PutIfAbsent(ctx, "col/n.json", []byte("new"), ""); err != nil {
		t.Fatal(err)
	}
}

func TestS3CompletionTellsTheTruth(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	store, stop := serve(t, dir)
	defer stop()
	core := rawClient(t, dir)
	upload := func(key string) (string, []minio.CompletePart) {
		id, err := core.NewMultipartUpload(ctx, "newsreel", key, minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		part, err := core.PutObjectPart(ctx, "newsreel", key, id, 1, strings.NewReader("part"), 4, minio.PutObjectPartOptions{})
		if err != nil {
			t.Fatal(err)
		}
		return id, []minio.CompletePart{{PartNumber: 1, ETag: part.ETag}}
	}
	complete := func(key, id string, parts []minio.CompletePart) error {
		_, err := core.CompleteMultipartUpload(ctx, "newsreel", key, id, parts, minio.PutObjectOptions{})
		return err
	}

	id, parts := upload("a")
	if err := complete("a", id, parts); err != nil {
		t.Fatal(err)
	}
	if got, err := store.GetBytes(ctx, "a", 10); err != nil || string(got) != "part" {
		t.Fatalf("%q, %v", got, err)
	}

	if err := store.Put(ctx, "b", strings.NewReader("old"), 3, objstore.PutOptions{}); err != nil {
		t.Fatal(err)
	}
	id, parts = upload("b")
	if err := core.AbortMultipartUpload(ctx, "newsreel", "b", id); err != nil {
		t.Fatal(err)
	}
	err := complete("b", id, parts)
	if minio.ToErrorResponse(err).Code != "NoSuchUpload" {
		t.Errorf("completion of an aborted upload where the key exists: %v, want NoSuchUpload", err)
	}

	id, parts = upload("c")
	if err := os.RemoveAll(filepath.Join(dir, "s3/newsreel/.sgwtmp/multipart")); err != nil {
		t.Fatal(err)
	}
	if err := complete("c", id, parts); err == nil {
		t.Error("completion of an upload that is gone: no error")
	}
}

func TestS3DoesNotStoreTheRequestsEncoding(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	store, stop := serve(t, dir)
	defer stop()
	core := rawClient(t, dir)
	// This client signs in chunks by default.
	for encoding, want := range map[string]string{"": "", "gzip": "gzip"} {
		_, err := core.Client.PutObject(ctx, "newsreel", "k", strings.NewReader("chunked"), 7,
			minio.PutObjectOptions{ContentEncoding: encoding})
		if err != nil {
			t.Fatal(err)
		}
		info, err := core.StatObject(ctx, "newsreel", "k", minio.StatObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Metadata.Get("Content-Encoding"); got != want {
			t.Errorf("put with %q is stored with Content-Encoding %q, want %q", encoding, got, want)
		}
	}
	if got, err := store.GetBytes(ctx, "k", 100); err != nil || string(got) != "chunked" {
		t.Fatalf("%q, %v", got, err)
	}
}

func TestS3WantsExtendedAttributes(t *testing.T) {
	dir := t.TempDir()
	if err := embedded.CheckXattrs(dir); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := mountSmall(t, dir, "ramfs", ""); err != nil {
		t.Logf("MOUNT NOT AVAILABLE: %v; the refusal was not tested", err)
		return
	}
	err := embedded.CheckXattrs(dir)
	if err == nil || !strings.Contains(err.Error(), "no extended attributes") {
		t.Fatalf("on ramfs: %v", err)
	}
	if _, _, _, err := serveIn(dir); err == nil {
		t.Fatal("a server was started there")
	}
}

// mountSmall mounts a file system in memory.
func mountSmall(t *testing.T, at, kind, options string) error {
	if err := unix.Mount("none", at, kind, 0, options); err != nil {
		return err
	}
	t.Cleanup(func() {
		// The server may have made it the working directory.
		if err := unix.Unmount(at, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return nil
}

func TestS3GoesOnAfterAFullDisk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := mountSmall(t, dir, "tmpfs", "size=48m"); err != nil {
		t.Logf("MOUNT NOT AVAILABLE: %v; the full disk was not tested", err)
		return
	}
	store, stop := serve(t, dir)
	defer stop()
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	body := make([]byte, 1<<20)
	err := store.PutIfAbsent(ctx, "full", body, "")
	if !errors.Is(err, objstore.ErrNoSpace) || objstore.Permanent(err) {
		t.Fatalf("put on a full disk: %v, want ErrNoSpace, not permanent", err)
	}
	large := bytes.NewReader(make([]byte, objstore.PartSize+1))
	if err := store.Put(ctx, "full", large, large.Size(), objstore.PutOptions{}); !errors.Is(err, objstore.ErrNoSpace) {
		t.Fatalf("large put on a full disk: %v, want ErrNoSpace", err)
	}
	if _, err := store.Stat(ctx, "full"); !errors.Is(err, objstore.ErrNotFound) {
		t.Fatalf("half an object is there: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := store.PutIfAbsent(ctx, "full", body, ""); err != nil {
		t.Fatalf("with space again: %v", err)
	}
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size >= 1; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, unix.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func TestS3StartsQuickly(t *testing.T) {
	start := time.Now()
	_, stop := serve(t, t.TempDir())
	took := time.Since(start)
	stop()
	t.Logf("started in %s", took)
	if took > 5*time.Second {
		t.Errorf("start took %s", took)
	}
}
