// Package objstoretest is the suite that every server under an archive must
// pass: the one inside the process, and any that an archive is to be kept on.
package objstoretest

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"newsreel/internal/objstore"
)

const timeout = 2 * time.Minute

// Run runs the suite. open returns a store whose bucket need not exist; each
// test uses keys of its own, so that a bucket can be shared and need not be
// empty, and removes them.
func Run(t *testing.T, open func() *objstore.Store) {
	tests := []struct {
		name string
		run  func(*testing.T, *fixture)
	}{
		{"bucket can be ensured twice", testEnsureBucket},
		{"put if absent creates once and keeps the first content", testPutIfAbsent},
		{"put if absent has one winner among many", testPutIfAbsentRace},
		{"put if absent works again after a deletion", testPutIfAbsentAfterDelete},
		{"put stores small objects with type and metadata", testPutSmall},
		{"put stores an empty object and the connection lives on", testPutEmpty},
		{"put replaces what is there", testPutReplaces},
		{"put stores large objects in parts", testPutLarge},
		{"put of a reader that ends early stores nothing", testPutShort},
		{"put of a reader that fails stores nothing", testPutFails},
		{"put with a cancelled context stores nothing", testPutCancelled},
		{"large puts to one key at once leave one of them whole", testPutLargeRace},
		{"of large puts if absent one wins, and the others are told", testPutLargeIfAbsent},
		{"uploads that never ended are aborted by age", testAbortUploads},
		{"what is not there is not found", testNotFound},
		{"get bytes keeps to its limit", testGetBytesLimit},
		{"ranges are the bytes asked for", testRanges},
		{"list is sorted, by prefix, and after a key", testList},
		{"list goes on over several pages", testListPages},
		{"delete takes many keys and missing ones", testDelete},
		{"keys that are not clean paths are refused", testKeys},
		{"gzip objects come back as they were stored", testGzipUntouched},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), timeout)
			defer cancel()
			s := open()
			f := &fixture{Store: s, ctx: ctx, prefix: "conformance/" + strings.ToLower(rand.Text()) + "/"}
			if err := s.EnsureBucket(ctx); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { f.clean(t) })
			tt.run(t, f)
		})
	}
}

// fixture is a store with keys of one test.
type fixture struct {
	*objstore.Store
	ctx    context.Context
	prefix string
}

func (f *fixture) key(name string) string { return f.prefix + name }

func (f *fixture) clean(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	var keys []string
	for o, err := range f.List(ctx, f.prefix, "") {
		if err != nil {
			t.Errorf("clean up: %v", err)
			return
		}
		keys = append(keys, o.Key)
	}
	if err := f.Delete(ctx, keys...); err != nil {
		t.Errorf("clean up: %v", err)
	}
	f.Close()
}

func (f *fixture) put(t *testing.T, name string, body []byte) {
	t.Helper()
	if err := f.Put(f.ctx, f.key(name), bytes.NewReader(body), int64(len(body)), objstore.PutOptions{}); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) want(t *testing.T, name string, body []byte) {
	t.Helper()
	r, size, err := f.Get(f.ctx, f.key(name))
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	got, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if size != int64(len(body)) || sha256.Sum256(got) != sha256.Sum256(body) {
		t.Fatalf("object %s: %d bytes (size %d) that differ from the %d stored", name, len(got), size, len(body))
	}
}

func (f *fixture) wantAbsent(t *testing.T, name string) {
	t.Helper()
	if _, err := f.Stat(f.ctx, f.key(name)); !errors.Is(err, objstore.ErrNotFound) {
		t.Fatalf("stat %s: %v, want ErrNotFound", name, err)
	}
}

func (f *fixture) names(t *testing.T, prefix, after string) []string {
	t.Helper()
	var names []string
	for o, err := range f.List(f.ctx, f.key(prefix), after) {
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, strings.TrimPrefix(o.Key, f.prefix))
	}
	return names
}

func noise(n int) []byte {
	b := make([]byte, n)
	rand.Read(b)
	return b
}

func testEnsureBucket(t *testing.T, f *fixture) {
	if err := f.EnsureBucket(f.ctx); err != nil {
		t.Fatal(err)
	}
}

func testPutIfAbsent(t *testing.T, f *fixture) {
	if err := f.PutIfAbsent(f.ctx, f.key("m.json"), []byte("first"), "application/json"); err != nil {
		t.Fatal(err)
	}
	err := f.PutIfAbsent(f.ctx, f.key("m.json"), []byte("second"), "application/json")
	if !errors.Is(err, objstore.ErrExists) || !objstore.Permanent(err) {
		t.Fatalf("second put: %v, want a permanent ErrExists", err)
	}
	f.want(t, "m.json", []byte("first"))
	o, err := f.Stat(f.ctx, f.key("m.json"))
	if err != nil || o.ContentType != "application/json" || o.Size != 5 || o.ETag == "" || o.Modified.IsZero() {
		t.Fatalf("stat: %+v, %v", o, err)
	}
}

func testPutIfAbsentRace(t *testing.T, f *fixture) {
	const keys, writers = 10, 20
	for k := range keys {
		name := fmt.Sprintf("race-%02d", k)
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				errs[w] = f.PutIfAbsent(f.ctx, f.key(name), fmt.Appendf(nil, "writer %d", w), "text/plain")
			})
		}
		wg.Wait()
		winner := -1
		for w, err := range errs {
			switch {
			case err == nil && winner >= 0:
				t.Fatalf("%s: writers %d and %d both won", name, winner, w)
			case err == nil:
				winner = w
			case !errors.Is(err, objstore.ErrExists):
				t.Fatalf("%s: writer %d: %v", name, w, err)
			}
		}
		if winner < 0 {
			t.Fatalf("%s: nobody won", name)
		}
		f.want(t, name, fmt.Appendf(nil, "writer %d", winner))
	}
}

func testPutIfAbsentAfterDelete(t *testing.T, f *fixture) {
	for _, body := range []string{"one", "two"} {
		if err := f.PutIfAbsent(f.ctx, f.key("x/y"), []byte(body), ""); err != nil {
			t.Fatal(err)
		}
		f.want(t, "x/y", []byte(body))
		if err := f.Delete(f.ctx, f.key("x/y")); err != nil {
			t.Fatal(err)
		}
		f.wantAbsent(t, "x/y")
	}
}

func testPutSmall(t *testing.T, f *fixture) {
	body := noise(100_000)
	err := f.Put(f.ctx, f.key("small"), bytes.NewReader(body), int64(len(body)), objstore.PutOptions{
		ContentType: "application/warc", Metadata: map[string]string{"Attempt": "a1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	f.want(t, "small", body)
	o, err := f.Stat(f.ctx, f.key("small"))
	if err != nil || o.ContentType != "application/warc" || o.Metadata["Attempt"] != "a1" {
		t.Fatalf("stat: %+v, %v", o, err)
	}
}

func testPutEmpty(t *testing.T, f *fixture) {
	for i := range 3 {
		f.put(t, fmt.Sprintf("empty-%d", i), nil)
		f.want(t, fmt.Sprintf("empty-%d", i), nil)
	}
}

func testPutReplaces(t *testing.T, f *fixture) {
	f.put(t, "r", []byte("old and longer"))
	f.put(t, "r", []byte("new"))
	f.want(t, "r", []byte("new"))
	if got := f.names(t, "", ""); !slices.Equal(got, []string{"r"}) {
		t.Fatalf("listed %q", got)
	}
}

func testPutLarge(t *testing.T, f *fixture) {
	for name, size := range map[string]int{
		"one part exactly": objstore.PartSize,
		"and a byte":       objstore.PartSize + 1,
		"two parts":        2 * objstore.PartSize,
		"three":            2*objstore.PartSize + 12345,
	} {
		key := strings.ReplaceAll(name, " ", "-")
		body := noise(size)
		// Not a ReaderAt: the store must not need one.
		r := io.MultiReader(bytes.NewReader(body[:size/3]), bytes.NewReader(body[size/3:]))
		err := f.Put(f.ctx, f.key(key), r, int64(size), objstore.PutOptions{ContentType: "application/gzip"})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f.want(t, key, body)
		if o, err := f.Stat(f.ctx, f.key(key)); err != nil || o.ContentType != "application/gzip" {
			t.Fatalf("%s: stat: %+v, %v", name, o, err)
		}
	}
}

func testPutShort(t *testing.T, f *fixture) {
	for _, size := range []int64{100, objstore.PartSize + 100} {
		err := f.Put(f.ctx, f.key("short"), bytes.NewReader(noise(int(size-50))), size, objstore.PutOptions{})
		if !errors.Is(err, objstore.ErrSource) || !objstore.Permanent(err) {
			t.Fatalf("size %d: %v, want a permanent ErrSource", size, err)
		}
		f.wantAbsent(t, "short")
	}
}

type failingReader struct{ err error }

func (r failingReader) Read([]byte) (int, error) { return 0, r.err }

func testPutFails(t *testing.T, f *fixture) {
	cause := errors.New("disk on fire")
	r := io.MultiReader(bytes.NewReader(noise(objstore.PartSize+5)), failingReader{cause})
	err := f.Put(f.ctx, f.key("fails"), r, 3*objstore.PartSize, objstore.PutOptions{})
	if !errors.Is(err, objstore.ErrSource) || !errors.Is(err, cause) {
		t.Fatalf("%v, want ErrSource with its cause", err)
	}
	f.wantAbsent(t, "fails")
}

func testPutCancelled(t *testing.T, f *fixture) {
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	body := noise(1000)
	for _, err := range []error{
		f.PutIfAbsent(ctx, f.key("c"), body, ""),
		f.Put(ctx, f.key("c"), bytes.NewReader(body), 1000, objstore.PutOptions{}),
	} {
		if !errors.Is(err, context.Canceled) || objstore.Permanent(err) {
			t.Fatalf("%v, want context.Canceled, not permanent", err)
		}
	}
	f.wantAbsent(t, "c")
}

func testPutLargeRace(t *testing.T, f *fixture) {
	const writers = 3
	bodies := make([][]byte, writers)
	errs := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		bodies[w] = noise(objstore.PartSize + 1000 + w)
		wg.Go(func() {
			errs[w] = f.Put(f.ctx, f.key("same"), bytes.NewReader(bodies[w]), int64(len(bodies[w])), objstore.PutOptions{})
		})
	}
	wg.Wait()
	for w, err := range errs {
		// A writer that was overwritten before it looked is told so.
		if err != nil && !errors.Is(err, objstore.ErrUnconfirmed) {
			t.Fatalf("writer %d: %v", w, err)
		}
	}
	got, err := f.GetBytes(f.ctx, f.key("same"), 10*objstore.PartSize)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(bodies, func(b []byte) bool { return bytes.Equal(b, got) }) {
		t.Fatalf("%d bytes that nobody put", len(got))
	}
}

func testNotFound(t *testing.T, f *fixture) {
	_, _, getErr := f.Get(f.ctx, f.key("no"))
	_, bytesErr := f.GetBytes(f.ctx, f.key("no"), 10)
	_, rangeErr := f.GetRange(f.ctx, f.key("no"), 0, 10)
	_, statErr := f.Stat(f.ctx, f.key("no"))
	for name, err := range map[string]error{"get": getErr, "bytes": bytesErr, "range": rangeErr, "stat": statErr} {
		if !errors.Is(err, objstore.ErrNotFound) || !objstore.Permanent(err) {
			t.Errorf("%s: %v, want a permanent ErrNotFound", name, err)
		}
	}
	if got := f.names(t, "no", ""); len(got) > 0 {
		t.Errorf("listed %q", got)
	}
}

func testGetBytesLimit(t *testing.T, f *fixture) {
	f.put(t, "b", []byte("0123456789"))
	if got, err := f.GetBytes(f.ctx, f.key("b"), 10); err != nil || string(got) != "0123456789" {
		t.Fatalf("%q, %v", got, err)
	}
	if _, err := f.GetBytes(f.ctx, f.key("b"), 9); !errors.Is(err, objstore.ErrTooLarge) {
		t.Fatalf("%v, want ErrTooLarge", err)
	}
}

func testRanges(t *testing.T, f *fixture) {
	body := noise(10_000)
	f.put(t, "r", body)
	for _, tt := range []struct{ off, n, want int64 }{
		{0, 1, 1}, {0, 10_000, 10_000}, {9_999, 1, 1}, {5_000, 100, 100}, {9_990, 100, 10}, {3, 0, 0},
	} {
		r, err := f.GetRange(f.ctx, f.key("r"), tt.off, tt.n)
		if err != nil {
			t.Fatalf("%+v: %v", tt, err)
		}
		got, err := io.ReadAll(r)
		r.Close()
		if err != nil || !bytes.Equal(got, body[tt.off:tt.off+tt.want]) {
			t.Fatalf("%+v: %d bytes, %v", tt, len(got), err)
		}
	}
	if r, err := f.GetRange(f.ctx, f.key("r"), 10_000, 1); err == nil || !objstore.Permanent(err) {
		t.Fatalf("range past the end: %v, %v, want a permanent error", r, err)
	}
}

func testList(t *testing.T, f *fixture) {
	for _, name := range []string{"c/1", "a/2", "a/10", "a.b", "a/1", "b"} {
		f.put(t, name, []byte(name))
	}
	for _, tt := range []struct {
		prefix, after string
		want          []string
	}{
		{"", "", []string{"a.b", "a/1", "a/10", "a/2", "b", "c/1"}},
		{"a/", "", []string{"a/1", "a/10", "a/2"}},
		{"a/", f.key("a/10"), []string{"a/2"}},
		{"a/1", "", []string{"a/1", "a/10"}},
		{"", f.key("a/3"), []string{"b", "c/1"}},
		{"", f.key("zzz"), nil},
	} {
		if got := f.names(t, tt.prefix, tt.after); !slices.Equal(got, tt.want) {
			t.Errorf("prefix %q after %q: %q, want %q", tt.prefix, tt.after, got, tt.want)
		}
	}
	for o, err := range f.List(f.ctx, f.key("b"), "") {
		if err != nil || o.Size != 1 || o.Modified.IsZero() {
			t.Errorf("%+v, %v", o, err)
		}
	}
}

func testListPages(t *testing.T, f *fixture) {
	const n = 1100 // a page holds 1000
	var wg sync.WaitGroup
	errs := make(chan error, n)
	for w := range 8 {
		wg.Go(func() {
			for i := w; i < n; i += 8 {
				errs <- f.PutIfAbsent(f.ctx, f.key(fmt.Sprintf("p/%05d", i)), []byte("x"), "")
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := f.names(t, "p/", ""); len(got) != n || !slices.IsSorted(got) {
		t.Fatalf("listed %d of %d, sorted %v", len(got), n, slices.IsSorted(got))
	}
	seen := 0
	for range f.List(f.ctx, f.key("p/"), "") {
		if seen++; seen == 3 {
			break // a caller may stop
		}
	}
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	for _, err := range f.List(ctx, f.key("p/"), "") {
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled list: %v", err)
		}
		return
	}
	t.Fatal("cancelled list ended without an error")
}

func testDelete(t *testing.T, f *fixture) {
	var keys []string
	for i := range 5 {
		name := fmt.Sprintf("d/%d/x", i)
		f.put(t, name, []byte("x"))
		keys = append(keys, f.key(name))
	}
	if err := f.Delete(f.ctx); err != nil {
		t.Fatalf("no keys: %v", err)
	}
	if err := f.Delete(f.ctx, f.key("d/none")); err != nil {
		t.Fatalf("missing key: %v", err)
	}
	if err := f.Delete(f.ctx, append(keys[:3:3], f.key("d/none"))...); err != nil {
		t.Fatal(err)
	}
	if got := f.names(t, "d/", ""); !slices.Equal(got, []string{"d/3/x", "d/4/x"}) {
		t.Fatalf("left %q", got)
	}
}

func testKeys(t *testing.T, f *fixture) {
	for _, key := range []string{"", "/a", f.key("a//b"), f.key("a/../b"), f.key("a/"), f.key("a\nb")} {
		_, _, getErr := f.Get(f.ctx, key)
		_, rangeErr := f.GetRange(f.ctx, key, 0, 1)
		_, statErr := f.Stat(f.ctx, key)
		for verb, err := range map[string]error{
			"put if absent": f.PutIfAbsent(f.ctx, key, nil, ""),
			"put":           f.Put(f.ctx, key, strings.NewReader(""), 0, objstore.PutOptions{}),
			"get":           getErr, "range": rangeErr, "stat": statErr,
			"delete": f.Delete(f.ctx, key),
		} {
			if !errors.Is(err, objstore.ErrKey) || !objstore.Permanent(err) {
				t.Errorf("%s %q: %v, want a permanent ErrKey", verb, key, err)
			}
		}
	}
}

func testGzipUntouched(t *testing.T, f *fixture) {
	// The empty gzip member: a client that decodes it reads nothing.
	body := []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	err := f.Put(f.ctx, f.key("z.gz"), bytes.NewReader(body), int64(len(body)), objstore.PutOptions{ContentType: "application/gzip"})
	if err != nil {
		t.Fatal(err)
	}
	f.want(t, "z.gz", body)
}
