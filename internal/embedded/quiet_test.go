package embedded_test

import (
	"context"
	"path/filepath"
	"testing"

	"newsreel/internal/embedded"
)

// startAndStop runs both servers once, with a bit of work.
func startAndStop(dir string) error {
	_, store, stop, err := serveIn(dir)
	if err != nil {
		return err
	}
	defer stop()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: filepath.Join(dir, "nats"), MaxStore: natsStore})
	if err != nil {
		return err
	}
	defer n.Shutdown()
	ctx := context.Background()
	for range 2 {
		_ = store.PutIfAbsent(ctx, "a/b", []byte("x"), "")
	}
	_, _ = store.GetBytes(ctx, "none", 1)
	return store.Delete(ctx, "a/b")
}

// Standard output is for results and standard error for progress; a server's
// own words would break both.
func TestServersSayNothing(t *testing.T) {
	out, err := child("quiet", t.TempDir()).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("%v: %s", err, out)
	}
}
