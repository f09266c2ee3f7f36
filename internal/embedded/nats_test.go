package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"newsreel/internal/embedded"
)

func startNATS(t *testing.T, dir string, maxStore int64) *embedded.NATS {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: dir, MaxStore: maxStore})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Shutdown)
	return n
}

func jetStream(t *testing.T, n *embedded.NATS, opts ...nats.Option) jetstream.JetStream {
	t.Helper()
	nc, err := n.Conn(opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc, jetstream.WithDefaultTimeout(2*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func createStream(t *testing.T, js jetstream.JetStream) {
	t.Helper()
	_, err := js.CreateStream(context.Background(), jetstream.StreamConfig{
		Name: "S", Subjects: []string{"s.>"}, Discard: jetstream.DiscardNew,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// eventually waits for a condition that has a deadline.
func eventually(t *testing.T, what string, ok func() error) {
	t.Helper()
	deadline := time.After(20 * time.Second)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		err := ok()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("%s: %v", what, err)
		}
	}
}

func TestNATSRefusesSettingsThatCannotWork(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		cfg  embedded.NATSConfig
		want string
	}{
		{"relative folder", embedded.NATSConfig{StoreDir: "nats", MaxStore: 1 << 20}, "not an absolute path"},
		{"no limit", embedded.NATSConfig{StoreDir: t.TempDir()}, "store limit"},
		{"folder that is a file", embedded.NATSConfig{StoreDir: file, MaxStore: 1 << 20}, file},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := embedded.StartNATS(tt.cfg); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("got %v, want %q", err, tt.want)
			}
		})
	}
	goleak.VerifyNone(t, leakOptions...)
}

func TestNATSKeepsDataAndConnectionsOverARestart(t *testing.T) {
	ctx := context.Background()
	n := startNATS(t, t.TempDir(), natsStore)
	js := jetStream(t, n)
	createStream(t, js)
	if _, err := js.Publish(ctx, "s.a", []byte("before")); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "publish after a restart", func() error {
		_, err := js.Publish(ctx, "s.a", []byte("after"))
		return err
	})
	s, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	if msg, err := s.GetMsg(ctx, 1); err != nil || string(msg.Data) != "before" {
		t.Fatalf("%v, %v", msg, err)
	}
	if err := n.Healthy(); err != nil {
		t.Error(err)
	}
	if n.MaxStore() != natsStore {
		t.Errorf("limit is %d", n.MaxStore())
	}
}

func TestNATSLogsWarningsToItsLogger(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	_, err := embedded.StartNATS(embedded.NATSConfig{
		StoreDir: file, MaxStore: 1 << 20, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err == nil || !strings.Contains(log.String(), "level=ERROR") {
		t.Fatalf("%v; logged %q", err, log.String())
	}
}

func TestNATSStopsForGood(t *testing.T) {
	n := startNATS(t, t.TempDir(), natsStore)
	nc, err := n.Conn(nats.MaxReconnects(0))
	if err != nil {
		t.Fatal(err)
	}
	n.Shutdown()
	n.Shutdown()
	nc.Close()
	if err := n.Healthy(); err == nil {
		t.Error("a stopped server is healthy")
	}
	if _, err := n.InProcessConn(); err == nil {
		t.Error("a stopped server takes a connection")
	}
	if _, err := n.Conn(); err == nil {
		t.Error("a stopped server takes a client")
	}
	if err := n.Restart(); err == nil {
		t.Error("a server that was shut down starts again")
	}
	goleak.VerifyNone(t, leakOptions...)
}

func TestNATSStoreLimitIsCleanAndPurgeFreesIt(t *testing.T) {
	ctx := context.Background()
	n := startNATS(t, t.TempDir(), 1<<20)
	js := jetStream(t, n)
	createStream(t, js)
	publish := func() error {
		_, err := js.Publish(ctx, "s.a", make([]byte, 100_000), jetstream.WithRetryAttempts(0))
		return err
	}
	var err error
	for range 20 {
		if err = publish(); err != nil {
			break
		}
	}
	var api *jetstream.APIError
	if !errors.As(err, &api) || api.ErrorCode != 10023 {
		t.Fatalf("at the limit: %v, want error 10023", err)
	}
	s, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Purge(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "publish after a purge", publish)
}

func TestNATSComesBackAfterAFullDisk(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if err := mountSmall(t, dir, "tmpfs", "size=32m"); err != nil {
		t.Logf("MOUNT NOT AVAILABLE: %v; the full disk was not tested", err)
		return
	}
	n := startNATS(t, filepath.Join(dir, "nats"), natsStore)
	js := jetStream(t, n)
	createStream(t, js)
	acked := 0
	publish := func() error {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		_, err := js.Publish(ctx, "s.a", make([]byte, 100_000))
		if err == nil {
			acked++
		}
		return err
	}
	if err := publish(); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	if err := publish(); err == nil {
		t.Fatal("acknowledged on a full disk")
	}
	if err := n.Healthy(); err == nil || !strings.Contains(err.Error(), "no space") {
		t.Fatalf("a stream that met a full disk: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "publish with space again", publish)
	if err := n.Healthy(); err != nil {
		t.Error(err)
	}
	s, err := js.Stream(ctx, "S")
	if err != nil {
		t.Fatal(err)
	}
	if info, err := s.Info(ctx); err != nil || info.State.Msgs < uint64(acked) {
		t.Errorf("%d acknowledged, %+v, %v", acked, info, err)
	}
}

func TestTheFilesOfADeletedStreamAreNoFault(t *testing.T) {
	dir := t.TempDir()
	n := startNATS(t, dir, 16<<20)
	left := filepath.Join(dir, "jetstream", "$G", "streams", ".GONE")
	jetStream(t, n) // the account's folder is made for it
	if err := os.MkdirAll(left, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := n.Healthy(); err != nil {
		t.Errorf("with the folder of a deleted stream: %v", err)
	}
	n.Shutdown()
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("it is still there after the end: %v", err)
	}
}

// A server that is killed between the description of a stream and its checksum
// leaves a folder that it skips from then on.
func TestAStreamThatWasBeingMadeIsMadeAnew(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "jetstream", "$G", "streams", "S")
	ctx := context.Background()
	for _, unfinished := range []string{"", folder, filepath.Join(folder, "obs", "c"), ""} {
		if unfinished != "" {
			if err := os.Remove(filepath.Join(unfinished, "meta.sum")); err != nil {
				t.Fatal(err)
			}
			os.Remove(filepath.Join(unfinished, "o.dat")) // a consumer's, from a clean end
		}
		n := startNATS(t, dir, 64<<20)
		js := jetStream(t, n)
		s, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, Discard: jetstream.DiscardNew})
		if err == nil {
			_, err = s.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{Durable: "c"})
		}
		if err != nil {
			t.Fatal(err)
		}
		n.Shutdown()
		for _, whole := range []string{folder, filepath.Join(folder, "obs", "c")} {
			if _, err := os.Stat(filepath.Join(whole, "meta.sum")); err != nil {
				t.Errorf("after %q: %v", unfinished, err)
			}
		}
	}
}
