package embedded_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	mrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"newsreel/internal/embedded"
	"newsreel/internal/objstore"
)

// Sizes of the objects that the writers of a cut put, in bytes: manifests,
// indexes, segments. The last goes up in parts.
var cutSizes = []int{2_000, 2_000, 60_000, 1_000_000, objstore.PartSize + 50_000}

func TestS3SurvivesPowerCuts(t *testing.T) {
	acknowledged, unasked := 0, 0
	cuts(t, func(t *testing.T, i int) {
		d := newDisk(t)
		lines := 30 + mrand.IntN(100)
		keys := runUntil(t, "s3-write", d.path(), lines)
		after := d.cut(t)
		found := checkFiles(t, filepath.Join(after, "s3", "newsreel"))
		for _, key := range keys {
			if !found[key] {
				t.Errorf("acknowledged and lost: %s", key)
			}
		}
		acknowledged += len(keys)
		unasked += len(found) - len(keys)
		var out bytes.Buffer
		cmd := child("s3-check", after)
		cmd.Stdout, cmd.Stderr = &out, &out
		cmd.Stdin = strings.NewReader(strings.Join(keys, "\n"))
		if err := cmd.Run(); err != nil {
			t.Errorf("serve what is left: %v: %s", err, out.String())
		}
	})
	t.Logf("%d objects acknowledged, %d more were there", acknowledged, unasked)
}

// checkFiles compares every object with the hash in its name, acknowledged or
// not, and its ETag with its content.
func checkFiles(t *testing.T, bucket string) map[string]bool {
	t.Helper()
	found := make(map[string]bool)
	err := filepath.WalkDir(bucket, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if e.Name() == ".sgwtmp" {
				return fs.SkipDir
			}
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		if !strings.HasSuffix(path, hex.EncodeToString(sum[:])) {
			t.Errorf("torn: %s: %d bytes", path, len(data))
		}
		etag := make([]byte, 256)
		n, err := unix.Getxattr(path, "user.etag", etag)
		if err != nil {
			t.Errorf("%s has no ETag: %v", path, err)
			return nil
		}
		whole := md5.Sum(data)
		if got := strings.Trim(string(etag[:n]), `"`); len(data) <= objstore.PartSize && got != hex.EncodeToString(whole[:]) {
			t.Errorf("%s has ETag %s", path, got)
		}
		key, err := filepath.Rel(bucket, path)
		found[key] = true
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// serveIn starts a server over a folder, in a child.
func serveIn(dir string) (*embedded.S3, *objstore.Store, func(), error) {
	root := filepath.Join(dir, "s3")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, nil, nil, err
	}
	s, err := embedded.StartS3(embedded.S3Config{
		Root: root, Socket: filepath.Join(dir, "s"),
		AccessKey: "access", SecretKey: "secret-secret", Bucket: "newsreel",
	})
	if err != nil {
		return nil, nil, nil, err
	}
	store, err := objstore.New(objstore.Config{
		Endpoint: "unix://" + s.Socket(), AccessKey: "access", SecretKey: "secret-secret", Bucket: "newsreel",
	})
	stop := func() {
		if store != nil {
			store.Close()
		}
		s.Shutdown()
	}
	if err != nil {
		stop()
		return nil, nil, nil, err
	}
	return s, store, stop, nil
}

// writeObjects puts objects until it is killed, and writes the key of each one
// acknowledged. A key ends with the SHA-256 of its content.
func writeObjects(dir string) error {
	_, store, stop, err := serveIn(dir)
	if err != nil {
		return err
	}
	defer stop()
	var out sync.Mutex
	errs := make(chan error, len(cutSizes))
	for w, size := range cutSizes {
		go func() {
			for i := 0; ; i++ {
				body := make([]byte, size)
				rand.Read(body)
				sum := sha256.Sum256(body)
				key := fmt.Sprintf("w%d/%02d/%06d-%x", w, i%7, i, sum)
				if w == 1 {
					// In a folder that was just removed as empty.
					folder := fmt.Sprintf("w1/%06d/again", i)
					key = fmt.Sprintf("%s/%x", folder, sum)
					if err := makeAndRemove(store, folder); err != nil {
						errs <- err
						return
					}
				}
				if err := putOne(store, key, body); err != nil {
					errs <- err
					return
				}
				out.Lock()
				_, err := fmt.Println(key)
				out.Unlock()
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	return <-errs
}

// makeAndRemove puts an object into a folder and removes it, and with it the
// folder where that is empty.
func makeAndRemove(store *objstore.Store, folder string) error {
	body := []byte(rand.Text())
	key := fmt.Sprintf("%s/%x", folder, sha256.Sum256(body))
	if err := putOne(store, key, body); err != nil {
		return err
	}
	return store.Delete(context.Background(), key)
}

func putOne(store *objstore.Store, key string, body []byte) error {
	ctx := context.Background()
	if len(body) > objstore.PartSize {
		return store.Put(ctx, key, bytes.NewReader(body), int64(len(body)), objstore.PutOptions{})
	}
	return store.PutIfAbsent(ctx, key, body, "application/json")
}

// checkServed starts a server over what a cut left: each acknowledged object
// (a key a line on stdin) is served and cannot be put again, and a new one can.
func checkServed(dir string) error {
	_, store, stop, err := serveIn(dir)
	if err != nil {
		return err
	}
	defer stop()
	ctx := context.Background()
	var key string
	for {
		if _, err := fmt.Scanln(&key); err != nil {
			break
		}
		data, err := store.GetBytes(ctx, key, 1<<30)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(data); !strings.HasSuffix(key, hex.EncodeToString(sum[:])) {
			return fmt.Errorf("%s: served content differs", key)
		}
		if err := store.PutIfAbsent(ctx, key, []byte("other"), ""); !errors.Is(err, objstore.ErrExists) {
			return fmt.Errorf("put %s again: %v, want ErrExists", key, err)
		}
	}
	for o, err := range store.List(ctx, "", "") {
		if err != nil {
			return err
		}
		if strings.Contains(o.Key, ".sgwtmp") {
			return fmt.Errorf("listed a leftover: %s", o.Key)
		}
	}
	return putOne(store, "after/the-cut", []byte("new"))
}
