package streamtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/embedded"
	"newsreel/internal/gobuild"
	"newsreel/stream/streamtest"
)

// serverEnv is the URL of a server to test besides our own.
const serverEnv = "NEWSREEL_TEST_NATS"

const startTime = 60 * time.Second

func connect(t *testing.T, url string) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, nats.MaxReconnects(-1), nats.ReconnectWait(20*time.Millisecond),
		nats.ReconnectJitter(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func TestEmbeddedServer(t *testing.T) {
	t.Parallel()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 4 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Shutdown)
	streamtest.Run(t, func(t *testing.T) *nats.Conn {
		nc, err := n.Conn()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(nc.Close)
		return nc
	}, streamtest.Settings{Restart: func(t *testing.T) {
		if err := n.Restart(); err != nil {
			t.Fatal(err)
		}
	}})
}

func TestServerOfTheEnvironment(t *testing.T) {
	url := os.Getenv(serverEnv)
	if url == "" {
		t.Logf("%s names no server; our own processes are what is tested", serverEnv)
		return
	}
	streamtest.Run(t, func(t *testing.T) *nats.Conn { return connect(t, url) }, streamtest.Settings{})
}

// Servers of their own, over TCP and without anything of ours in them.
func TestServerProcesses(t *testing.T) {
	t.Parallel()
	bin := buildServer(t)
	t.Run("one", func(t *testing.T) {
		t.Parallel()
		p := &process{bin: bin, name: "one", dir: t.TempDir(), port: freePorts(t, 1)[0]}
		p.start(t)
		ready(t, p.url(), 1)
		streamtest.Run(t, func(t *testing.T) *nats.Conn { return connect(t, p.url()) },
			streamtest.Settings{Restart: func(t *testing.T) {
				p.kill()
				p.start(t)
				ready(t, p.url(), 1)
			}})
	})
	t.Run("three", func(t *testing.T) {
		t.Parallel()
		ports := freePorts(t, 6)
		var cluster []*process
		var urls, routes []string
		for i := range 3 {
			urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[i]))
			routes = append(routes, fmt.Sprintf("nats-route://127.0.0.1:%d", ports[3+i]))
		}
		for i := range 3 {
			p := &process{bin: bin, name: fmt.Sprintf("n%d", i), dir: t.TempDir(), port: ports[i],
				routePort: ports[3+i], routes: routes}
			p.start(t)
			cluster = append(cluster, p)
		}
		all := strings.Join(urls, ",")
		ready(t, all, 3)
		next := 0
		streamtest.Run(t, func(t *testing.T) *nats.Conn { return connect(t, all) },
			streamtest.Settings{Replicas: 3, Memory: true, Restart: func(t *testing.T) {
				p := cluster[next%3]
				next++
				p.kill()
				p.start(t)
				ready(t, p.url(), 3)
			}})
	})
}

// buildServer builds the server that go.mod names. It needs no network beyond
// what the build of newsreel needs.
func buildServer(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "nats-server")
	if err := gobuild.Program(t.Context(), bin, "github.com/nats-io/nats-server/v2"); err != nil {
		t.Fatal(err)
	}
	return bin
}

// freePorts returns ports of the loopback that nobody listens on.
func freePorts(t *testing.T, n int) []int {
	t.Helper()
	var ports []int
	for range n {
		l, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports
}

// process is a nats-server with JetStream.
type process struct {
	bin, name, dir  string
	port, routePort int
	routes          []string
	cmd             *exec.Cmd
}

func (p *process) url() string { return fmt.Sprintf("nats://127.0.0.1:%d", p.port) }

func (p *process) start(t *testing.T) {
	t.Helper()
	config := fmt.Sprintf("server_name: %s\nlisten: 127.0.0.1:%d\njetstream {\n store_dir: %s\n max_file_store: 4GB\n"+
		" max_memory_store: 64MB\n sync_interval: always\n}\n", p.name, p.port, quote(filepath.Join(p.dir, "store")))
	if p.routes != nil {
		config += fmt.Sprintf("cluster {\n name: streamtest\n listen: 127.0.0.1:%d\n routes: [%s]\n}\n", p.routePort, strings.Join(p.routes, ", "))
	}
	path := filepath.Join(p.dir, "nats.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	first := p.cmd == nil
	p.cmd = exec.Command(p.bin, "-c", path)
	p.cmd.Stdout, p.cmd.Stderr = log, log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if first {
		t.Cleanup(func() {
			p.kill()
			if t.Failed() {
				out, _ := os.ReadFile(filepath.Join(p.dir, "log"))
				t.Logf("log of %s:\n%s", p.name, out[max(0, len(out)-4000):])
			}
		})
	}
}

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// kill is kill -9.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// ready waits until a server stores streams with so many replicas.
func ready(t *testing.T, url string, replicas int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTime)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	var err error
	for {
		if err = stores(ctx, url, replicas); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("no server at %s: %v", url, err)
		case <-tick.C:
		}
	}
}

func stores(ctx context.Context, url string, replicas int) error {
	nc, err := nats.Connect(url)
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	try, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err = js.CreateOrUpdateStream(try, jetstream.StreamConfig{Name: "READY", Replicas: replicas}); err != nil {
		return err
	}
	_, err = js.Publish(try, "READY", nil)
	return err
}
