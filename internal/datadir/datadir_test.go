package datadir

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

func open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := Open(dir, Purpose{Command: "newsreel test"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func closeFolder(t *testing.T, f *Folder) {
	t.Helper()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// leave writes a message and an object through a session.
func leave(t *testing.T, s Session, what string) {
	t.Helper()
	ctx := context.Background()
	nc, err := s.NATS()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "s."+what, []byte(what)); err != nil {
		t.Fatal(err)
	}
	store, err := s.Store()
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutIfAbsent(ctx, "col/"+what, []byte(what), "text/plain"); err != nil {
		t.Fatal(err)
	}
}

// find expects what leave wrote.
func find(t *testing.T, s Session, what string) {
	t.Helper()
	ctx := context.Background()
	nc, err := s.NATS()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	if msg, err := stream.GetLastMsgForSubject(ctx, "s."+what); err != nil || string(msg.Data) != what {
		t.Errorf("message %s: %v, %v", what, msg, err)
	}
	store, err := s.Store()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := store.GetBytes(ctx, "col/"+what, 100); err != nil || string(got) != what {
		t.Errorf("object %s: %q, %v", what, got, err)
	}
}

func TestFolderServesAndStopsWithoutTrace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there", "yet")
	start := time.Now()
	f := open(t, dir)
	t.Logf("opened in %s", time.Since(start))
	if f.Path() != dir || f.Held() || f.FormatVersion() != Format {
		t.Errorf("path %s, held %v, format %d", f.Path(), f.Held(), f.FormatVersion())
	}
	leave(t, f, "one")
	find(t, f, "one")
	if got, err := os.ReadFile(filepath.Join(dir, "s3/newsreel/col/one")); err != nil || string(got) != "one" {
		t.Errorf("the archive is not plain files: %q, %v", got, err)
	}
	// Forgotten connections end with the folder.
	nc, err := f.NATS()
	if err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	closeFolder(t, f)
	t.Logf("closed in %s", time.Since(start))
	if !nc.IsClosed() {
		t.Error("a connection outlived the folder")
	}
	if _, err := f.NATS(); err == nil {
		t.Error("a closed folder gives connections")
	}
	if err := f.Close(); err != nil {
		t.Errorf("second close: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, "run", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range left {
		if name := filepath.Base(path); name != "lock" && name != "keys.json" {
			t.Errorf("left behind: %s", path)
		}
	}
	goleak.VerifyNone(t, leakOptions...)

	f = open(t, dir)
	find(t, f, "one")
	closeFolder(t, f)
}

func TestFolderKeepsItsSecretsAndChoices(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	endpoint, access, secret := f.S3Endpoint()
	limits := f.Limits()
	if !strings.HasPrefix(endpoint, "unix:///") || len(access) < 16 || len(secret) < 32 {
		t.Errorf("endpoint %s, keys of %d and %d bytes", endpoint, len(access), len(secret))
	}
	free, _, err := Free(dir)
	if err != nil {
		t.Fatal(err)
	}
	if limits.MaxStoreBytes < minStore || limits.MaxStoreBytes > free {
		t.Errorf("streams may take %d bytes of %d free", limits.MaxStoreBytes, free)
	}
	if f.Server().MaxStore() != limits.MaxStoreBytes {
		t.Errorf("the server has a limit of %d bytes", f.Server().MaxStore())
	}
	for path, want := range map[string]os.FileMode{
		"run": 0o700, "run/keys.json": 0o600, "run/endpoints.json": 0o600, "run/holder.json": 0o600,
		"run/nats.sock": 0o600, "run/s3.sock": 0o600, "run/lock": 0o600, "VERSION.json": 0o644,
	} {
		st, err := os.Stat(filepath.Join(dir, path))
		if err != nil {
			t.Error(err)
		} else if st.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", path, st.Mode().Perm(), want)
		}
	}
	spooled := filepath.Join(f.SpoolDir(), "sub", "file")
	if err := os.MkdirAll(filepath.Dir(spooled), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(spooled, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	closeFolder(t, f)
	f = open(t, dir)
	defer closeFolder(t, f)
	if _, a, s := f.S3Endpoint(); a != access || s != secret || f.Limits() != limits {
		t.Error("keys or limits changed")
	}
	if _, err := os.Stat(filepath.Dir(spooled)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("spooled files are still there: %v", err)
	}
}

func TestFolderIsHeldOnceEvenInOneProcess(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	_, err := Open(dir, Purpose{Command: "other"}, 0)
	var held *HolderError
	if !errors.As(err, &held) || held.PID != os.Getpid() || held.Command != "newsreel test" {
		t.Fatalf("got %v", err)
	}
	// Two folders are too much for one process, and the lock of the second
	// must not stay.
	second := t.TempDir()
	if _, err := Open(second, Purpose{Command: "other"}, 0); err == nil {
		t.Fatal("a second folder was opened beside the first")
	}
	leave(t, f, "still") // the first is as it was
	closeFolder(t, f)
	closeFolder(t, open(t, second))
}

func TestNewerFormatIsRefusedAndLeftAlone(t *testing.T) {
	dir := t.TempDir()
	data, err := json.Marshal(version{Format: Format + 1, WrittenBy: "newsreel v99.1"})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "VERSION.json"), data, 0o644); err != nil {
		t.Fatal(err)
	}
	_, openErr := Open(dir, Purpose{}, 0)
	_, attachErr := Attach(dir)
	_, useErr := Use(dir, Purpose{})
	for name, err := range map[string]error{"open": openErr, "attach": attachErr, "use": useErr} {
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), "newsreel v99.1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
		t.Errorf("the folder was changed: %v, %v", entries, err)
	}
}

func TestDamagedFilesAreNamedAndFreeTheLock(t *testing.T) {
	for _, name := range []string{"VERSION.json", "limits.json", "run/keys.json"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			closeFolder(t, open(t, dir))
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte(`{"format": `), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := Open(dir, Purpose{}, 0); err == nil || !strings.Contains(err.Error(), path) {
				t.Fatalf("got %v", err)
			}
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
			closeFolder(t, open(t, dir))
		})
	}
}

func TestFolderThatCannotBeIsRefusedInWords(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{file, filepath.Join(file, "below")} {
		if _, err := Open(dir, Purpose{}, 0); err == nil || !strings.Contains(err.Error(), "open data folder "+dir) {
			t.Errorf("%s: %v", dir, err)
		}
	}
}

func TestPathTooLongForASocketGetsSocketsElsewhere(t *testing.T) {
	dir := longDir(t)
	f := open(t, dir)
	endpoint, _, _ := f.S3Endpoint()
	folder := filepath.Dir(strings.TrimPrefix(endpoint, "unix://"))
	if strings.HasPrefix(folder, dir) {
		t.Fatalf("sockets are in %s", folder)
	}
	if st, err := os.Stat(folder); err != nil || st.Mode().Perm() != 0o700 {
		t.Fatalf("%v, %v", st, err)
	}
	leave(t, f, "long")
	c, err := Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	find(t, c, "long")
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	closeFolder(t, f)
	if _, err := os.Stat(folder); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the sockets' folder is still there: %v", err)
	}
}

func TestNoPlaceForSocketsIsSaid(t *testing.T) {
	long := longDir(t)
	t.Setenv("XDG_RUNTIME_DIR", long)
	t.Setenv("TMPDIR", long)
	s, err := makeSockets(long)
	if err != nil {
		t.Fatal(err)
	}
	defer s.remove()
	if filepath.Dir(s.Folder) != "/tmp" {
		t.Errorf("sockets in %s", s.Folder)
	}
	if left, err := os.ReadDir(long); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestManyClientsShareTheBridge(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir)
	c, err := Attach(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !c.Held() || c.Path() != dir || c.Holder().PID != os.Getpid() {
		t.Errorf("held %v, path %s, holder %+v", c.Held(), c.Path(), c.Holder())
	}
	const clients = 20
	conns := make([]*nats.Conn, clients)
	closed := make(chan struct{}, clients)
	for i := range conns {
		if conns[i], err = c.NATS(nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { closed <- struct{}{} })); err != nil {
			t.Fatal(err)
		}
	}
	sub, err := conns[0].SubscribeSync("topic")
	if err != nil {
		t.Fatal(err)
	}
	if err := conns[0].Flush(); err != nil {
		t.Fatal(err)
	}
	payload := make([]byte, 900_000) // close to the largest message
	for _, nc := range conns {
		if err := nc.Publish("topic", payload); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	for range conns {
		msg, err := sub.NextMsg(10 * time.Second)
		if err != nil || len(msg.Data) != len(payload) {
			t.Fatalf("%v, %v", len(msg.Data), err)
		}
	}
	closeFolder(t, f) // ends them all
	for range conns {
		select {
		case <-closed:
		case <-time.After(10 * time.Second):
			t.Fatal("a connection outlived the holder")
		}
	}
}
