package crawler_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/capture"
	"newsreel/crawler"
	"newsreel/crawler/frontier"
	"newsreel/internal/embedded"
	"newsreel/internal/weburl"
	"newsreel/job"
	"newsreel/stream"
)

// testTTL is the lease's time in these tests.
const testTTL = 3 * time.Second

const patience = 90 * time.Second

// world is a web of hosts in several domains, two to each: a page links to the
// next of its host and to the other host of its domain. It notes every request.
type world struct {
	addr           string
	domains, pages int
	delay          time.Duration

	mu   sync.Mutex
	log  []hit
	busy map[string]int
	most int // exchanges at once with a host
}

type hit struct {
	host, path, agent string
	at                time.Time
}

func newWorld(t *testing.T, domains, pages int, delay time.Duration) *world {
	t.Helper()
	w := &world{domains: domains, pages: pages, delay: delay, busy: map[string]int{}}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w.addr = l.Addr().String()
	srv := &http.Server{Handler: w}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	return w
}

func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.log = append(w.log, hit{r.Host, r.URL.Path, r.UserAgent(), time.Now()})
	w.busy[r.Host]++
	w.most = max(w.most, w.busy[r.Host])
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		w.busy[r.Host]--
		w.mu.Unlock()
	}()
	var n int
	if _, err := fmt.Sscanf(r.URL.Path, "/%d", &n); err != nil || n >= w.pages {
		http.NotFound(rw, r)
		return
	}
	other := strings.NewReplacer("h0.", "h1.", "h1.", "h0.").Replace(r.Host)
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(rw, `<html><body><p>page %d of %s</p>`, n, r.Host)
	if n+1 < w.pages {
		fmt.Fprintf(rw, `<a href="/%d">next</a>`, n+1)
	}
	fmt.Fprintf(rw, `<a href="http://%s/%d">other</a></body></html>`, other, n)
}

func (w *world) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.log)
}

// total is how many pages there are.
func (w *world) total() int { return 2 * w.domains * w.pages }

// polite holds the starts of all captures' exchanges, in whatever run, against
// the pace, and roughly the requests as they came: a busy machine notes one late
// and the next at once.
func (c *cluster) polite() {
	t, w := c.t, c.world
	t.Helper()
	starts := map[string][]time.Time{}
	for _, run := range c.runs {
		err := run.Log.ReadAll(t.Context(), 0, func(e stream.Entry) error {
			cap, err := stream.ParseCapture(e)
			starts[cap.Row.URLHostName] = append(starts[cap.Row.URLHostName], time.UnixMicro(cap.Row.FetchTime))
			return err
		}, stream.ClassCapture)
		if err != nil {
			t.Fatal(err)
		}
	}
	for host, at := range starts {
		slices.SortFunc(at, time.Time.Compare)
		for i := range at[1:] {
			if gap := at[i+1].Sub(at[i]); gap < w.delay-time.Millisecond {
				t.Errorf("%s was asked %s after the last time; the delay is %s", host, gap, w.delay)
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	last := map[string]time.Time{}
	for _, h := range w.log {
		if before, ok := last[h.host]; ok && h.at.Sub(before) < w.delay/10 {
			t.Errorf("%s was asked for %s by %s %s after the last request; the delay is %s", h.host, h.path, h.agent, h.at.Sub(before), w.delay)
		}
		last[h.host] = h.at
	}
	if w.most > 1 {
		t.Errorf("%d exchanges at once with one host", w.most)
	}
}

// memory is a store of staged objects.
type memory struct{ objects sync.Map }

func (m *memory) PutStaged(_ context.Context, key string, r io.Reader, _ int64) error {
	data, err := io.ReadAll(r)
	m.objects.Store(key, data)
	return err
}

func (m *memory) GetStaged(_ context.Context, key string, _ int64) ([]byte, error) {
	if data, ok := m.objects.Load(key); ok {
		return bytes.Clone(data.([]byte)), nil
	}
	return nil, errors.New("no such object: " + key)
}

func (m *memory) DeleteStaged(_ context.Context, key string) error {
	m.objects.Delete(key)
	return nil
}

// cluster is a server, runs over one world, and crawler processes.
type cluster struct {
	t     *testing.T
	world *world
	nats  *embedded.NATS
	nc    *nats.Conn
	store memory
	runs  []crawler.Run
}

func newCluster(t *testing.T, w *world) *cluster {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Shutdown)
	nc, err := n.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return &cluster{t: t, world: w, nats: n, nc: nc}
}

// submit begins a run over the whole world.
func (c *cluster) submit(limits string) crawler.Run {
	c.t.Helper()
	var seeds []string
	for d := range c.world.domains {
		seeds = append(seeds, fmt.Sprintf("http://h0.d%d.example/0", d))
	}
	name := fmt.Sprintf("run-%d", len(c.runs))
	doc, err := job.Parse("job.yaml", fmt.Appendf(nil, "name: %s\nseeds: {urls: [%s]}\nscope: {mode: domain, discover: false}\n"+
		"politeness: {delay: %s, user_agent: %s}\nnetwork: {allow_private: true}\n%s\n", name, strings.Join(seeds, ", "), c.world.delay, name, limits))
	if err != nil {
		c.t.Fatal(err)
	}
	log, err := stream.Create(c.t.Context(), c.nc, stream.Config{Job: name, Run: 1, MaxBytes: 64 << 20})
	if err != nil {
		c.t.Fatal(err)
	}
	for _, seed := range seeds {
		lines := &stream.Lines{}
		lines.Discovery(&stream.Discovery{URL: seed, Kind: stream.KindPage, How: capture.BySeed, Seed: true, Found: time.Now()})
		u, _ := url.Parse(seed)
		if err := log.Discover(c.t.Context(), stream.PartitionOf(weburl.RegistrableDomain(u.Hostname())), lines); err != nil {
			c.t.Fatal(err)
		}
	}
	run := crawler.Run{Log: log, Number: 1, Document: doc, Started: time.Now()}
	c.runs = append(c.runs, run)
	return run
}

// process is a crawler process with all of the cluster's runs.
type process struct {
	c        *cluster
	id       string
	wire     *wire
	nc       *nats.Conn
	member   *stream.Member
	crawlers []*crawler.Crawler
	kill     context.CancelFunc
	done     sync.WaitGroup
	dead     atomic.Bool
}

func (c *cluster) start() *process {
	c.t.Helper()
	p := &process{c: c, id: rand.Text()[:8], wire: &wire{}}
	var err error
	p.nc, err = nats.Connect("", nats.InProcessServer(p.wire.over(c.nats)), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	if err != nil {
		c.t.Fatal(err)
	}
	p.member, err = stream.Join(c.t.Context(), p.nc, stream.RoleCrawler, p.id, stream.MemberOptions{TTL: testTTL})
	if err != nil {
		c.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(c.t.Context())
	p.kill = cancel
	parts, pacer := crawler.NewPartitions(p.member), frontier.NewPacer()
	for _, run := range c.runs {
		log, err := stream.Open(ctx, p.nc, run.Document.Name, 1)
		if err != nil {
			c.t.Fatal(err)
		}
		run.Log = log
		cr, err := crawler.New(crawler.Settings{Version: "1", NATS: p.nc, Staging: &c.store, SpoolDir: c.t.TempDir(),
			Partitions: parts, Pacer: pacer, Resolve: c.world.names(), SnapshotEvery: 10,
			Committed: func() uint64 { return math.MaxUint64 }, Log: slog.New(slog.DiscardHandler)}, run)
		if err != nil {
			c.t.Fatal(err)
		}
		p.crawlers = append(p.crawlers, cr)
		p.done.Go(func() {
			if err := cr.Run(ctx); err != nil && !p.dead.Load() {
				c.t.Errorf("crawler %s: %v", p.id, err)
			}
		})
	}
	c.t.Cleanup(p.die)
	return p
}

func (w *world) names() map[string]string {
	names := map[string]string{}
	for d := range w.domains {
		for h := range 2 {
			names[fmt.Sprintf("h%d.d%d.example", h, d)] = w.addr
		}
	}
	return names
}

// die ends a process as kill -9 does, for the others: nothing is released.
func (p *process) die() {
	if p.dead.Swap(true) {
		return
	}
	p.nc.Close()
	p.kill()
	p.done.Wait()
	_ = p.member.Leave(context.Background()) // of no effect, without a connection
}

// leave ends a process cleanly.
func (p *process) leave() {
	p.c.t.Helper()
	for _, cr := range p.crawlers {
		cr.Stop()
	}
	p.done.Wait()
	if err := p.member.Leave(p.c.t.Context()); err != nil {
		p.c.t.Error(err)
	}
	p.die()
}

func (p *process) exchanges() (n int64) {
	for _, cr := range p.crawlers {
		n += cr.Stats().Exchanges.Load()
	}
	return n
}

// wire is a connection to the server that can be cut: both ends wait then, as
// over a network that drops everything.
type wire struct {
	mu  sync.RWMutex
	cut bool
}

func (w *wire) over(n *embedded.NATS) nats.InProcessConnProvider { return dialer{w, n} }

type dialer struct {
	w *wire
	n *embedded.NATS
}

func (d dialer) InProcessConn() (net.Conn, error) {
	c, err := d.n.InProcessConn()
	return &wired{Conn: c, w: d.w}, err
}

type wired struct {
	net.Conn
	w *wire
}

func (c *wired) Write(b []byte) (int, error) {
	c.w.mu.RLock()
	defer c.w.mu.RUnlock()
	return c.Conn.Write(b)
}

func (c *wired) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.w.mu.RLock()
	defer c.w.mu.RUnlock()
	return n, err
}

// ended waits until every run has ended for the processes that live.
func (c *cluster) ended(ps ...*process) {
	c.t.Helper()
	over := make(chan struct{})
	go func() {
		for _, p := range ps {
			p.done.Wait()
		}
		close(over)
	}()
	select {
	case <-over:
	case <-time.After(patience):
		for _, p := range ps {
			for _, cr := range p.crawlers {
				c.t.Logf("%s: %+v, held %d, %+v", p.id, cr.Status(), p.member.Term(), statsOf(cr))
			}
		}
		c.t.Fatalf("no end after %s", patience)
	}
}

func statsOf(cr *crawler.Crawler) string {
	s := cr.Stats()
	return fmt.Sprintf("exchanges %d, gained %d, released %d, lost %d, lapsed %d, fenced %d, late %d", s.Exchanges.Load(), s.Gained.Load(),
		s.Released.Load(), s.Lost.Load(), s.Lapsed.Load(), s.Fenced.Load(), s.Late.Load())
}

// once holds that each run captured so many pages, each URL once.
func (c *cluster) once(pages int) {
	c.t.Helper()
	for _, run := range c.runs {
		captures, pageCaptures, ends := map[string]int{}, 0, 0
		marks := map[int]stream.Counts{}
		err := run.Log.ReadAll(c.t.Context(), 0, func(e stream.Entry) error {
			switch e.Class {
			case stream.ClassCapture:
				cap, err := stream.ParseCapture(e)
				captures[cap.Row.URL]++
				if cap.Row.FetchStatus == 200 {
					pageCaptures++
				}
				return err
			case stream.ClassControl:
				if ctl, _ := stream.ParseControl(e); ctl.Type == stream.ControlEnd {
					ends++
				}
			case stream.ClassLog:
				if ends == 0 {
					return stream.ParseLines(e.Data, stream.Visitor{Idle: func(i *stream.Idle) { marks[e.Partition] = i.Counts }})
				}
			}
			return nil
		})
		if err != nil {
			c.t.Fatal(err)
		}
		for url, n := range captures {
			if n != 1 {
				c.t.Errorf("%s: %s has %d captures", run.Log.Name(), url, n)
			}
		}
		ledger := int64(0)
		for _, m := range marks {
			ledger += m.Pages
			if m.Waiting != 0 {
				c.t.Errorf("%s: a partition ended with %+v", run.Log.Name(), m)
			}
		}
		if ledger != int64(pages) {
			c.t.Errorf("%s: the ledger has %d pages, want %d", run.Log.Name(), ledger, pages)
		}
		if pageCaptures != pages || ends != 1 {
			c.t.Errorf("%s: %d pages, want %d; %d ends", run.Log.Name(), pageCaptures, pages, ends)
		}
	}
}

func (c *cluster) until(what string, ok func() bool) {
	c.t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.After(patience)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			c.t.Fatalf("%s: not after %s", what, patience)
		}
	}
}
