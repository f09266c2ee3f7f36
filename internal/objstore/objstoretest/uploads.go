package objstoretest

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"newsreel/internal/objstore"
)

func testPutLargeIfAbsent(t *testing.T, f *fixture) {
	for name, size := range map[string]int{"small": 1000, "large": objstore.PartSize + 1000} {
		const writers = 3
		bodies := make([][]byte, writers)
		errs := make([]error, writers)
		var wg sync.WaitGroup
		for w := range writers {
			bodies[w] = noise(size)
			wg.Go(func() {
				errs[w] = f.Put(f.ctx, f.key(name), bytes.NewReader(bodies[w]), int64(size), objstore.PutOptions{IfAbsent: true})
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
			case !errors.Is(err, objstore.ErrExists) || !objstore.Permanent(err):
				t.Fatalf("%s: writer %d: %v, want a permanent ErrExists", name, w, err)
			}
		}
		if winner < 0 {
			t.Fatalf("%s: nobody won", name)
		}
		f.want(t, name, bodies[winner])
	}
}

// gate is a reader that tells when it is first read, and gives nothing before it
// is opened.
type gate struct {
	reached, open chan struct{}
	once          sync.Once
	r             io.Reader
}

func (g *gate) Read(p []byte) (int, error) {
	g.once.Do(func() { close(g.reached) })
	<-g.open
	return g.r.Read(p)
}

func testAbortUploads(t *testing.T, f *fixture) {
	const size = 2 * objstore.PartSize
	g := &gate{reached: make(chan struct{}), open: make(chan struct{}), r: bytes.NewReader(noise(objstore.PartSize))}
	body := io.MultiReader(bytes.NewReader(noise(objstore.PartSize)), g)
	put := make(chan error, 1)
	go func() { put <- f.Put(f.ctx, f.key("left"), body, size, objstore.PutOptions{}) }()
	select {
	case <-g.reached: // a part is sent
	case err := <-put:
		t.Fatalf("put ended: %v", err)
	}
	young, err := f.AbortUploads(f.ctx, time.Now().Add(-time.Hour))
	if err != nil || young != 0 {
		t.Errorf("of uploads begun an hour ago: %d, %v", young, err)
	}
	old, err := f.AbortUploads(f.ctx, time.Now().Add(time.Hour))
	if err != nil || old != 1 {
		t.Errorf("of all uploads: %d, %v", old, err)
	}
	close(g.open)
	if err := <-put; err == nil {
		t.Error("a put whose upload was aborted went well")
	}
	f.wantAbsent(t, "left")
	if again, err := f.AbortUploads(f.ctx, time.Now().Add(time.Hour)); err != nil || again != 0 {
		t.Errorf("left after it: %d, %v", again, err)
	}
}
