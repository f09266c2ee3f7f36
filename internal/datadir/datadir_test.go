package datadir

import (
	"context"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"
)

// leakOptions leave out two goroutines of the HTTP server under the gateway:
// its clock, one in a process, and a cleaner that ends within ten seconds.
var leakOptions = []goleak.Option{
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.updateServerDate.func1"),
	goleak.IgnoreAnyFunction("github.com/valyala/fasthttp.(*workerPool).Start.func2"),
}

func TestFolderServesAndStopsWithoutTrace(t *testing.T) {
	start := time.Now()
	f, err := Open(t.TempDir(), Purpose{Command: "newsreel test", Roles: true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("open took %s", time.Since(start))
	nc, err := f.NATS()
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if _, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := js.Publish(ctx, "s.a", []byte("x")); err != nil {
		t.Fatal(err)
	}
	s, err := f.Store()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.PutIfAbsent(ctx, "a/b/c.json", []byte("{}"), "application/json"); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	t.Logf("close took %s", time.Since(start))
	goleak.VerifyNone(t, leakOptions...)
}
