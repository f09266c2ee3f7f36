// Package demo is a small newspaper world that lives in the binary: seven
// mastheads and their photo hosts, in six languages, four charsets and as many
// layouts, served on loopback and told apart by the Host header. Its content is
// invented, is the same bytes each time, and the world knows of each of its URLs
// what a correct crawl makes of it (see Expected for the rules).
//
// BenchWorld, beside it, is many hosts with many pages for measurements.
package demo

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Editions of the world: the state that a first crawl meets, and a week later.
const (
	FirstEdition  = 1
	SecondEdition = 2
)

// World is the newspaper world. Make it with New, serve it between Start and
// Close. All its methods may be called from any goroutine.
type World struct {
	mu       sync.Mutex
	editions map[int]*edition // built when first wanted
	pictures *pictures
	edition  int
	asked    map[string]int
	log      []Request
	addr     string
	dead     string
	server   *http.Server
	served   chan struct{}
	held     []net.Conn
}

// Request is one request as the servers saw it.
type Request struct {
	Time      time.Time
	Host      string
	Path      string // with the query, as sent
	Status    int    // of the answer
	UserAgent string
	// Conditional says that the request carried a validator.
	Conditional bool
}

// New makes the world in its first edition. It panics if the content in the
// binary is faulty, which the tests rule out.
func New() *World {
	w := &World{editions: map[int]*edition{}, pictures: newPictures(), edition: FirstEdition, asked: map[string]int{}}
	w.print(FirstEdition)
	return w
}

// print builds an edition unless it is there.
func (w *World) print(n int) {
	if w.editions[n] != nil {
		return
	}
	e, err := build(n, w.pictures)
	if err != nil {
		panic(fmt.Sprintf("demo: build edition %d: %v", n, err))
	}
	if before := w.editions[n-1]; before != nil {
		e.compare(before)
	}
	w.editions[n] = e
}

// Start listens on a free port of 127.0.0.1 and serves every host of the world
// there. It returns the address. Errors are those of net.Listen.
func (w *World) Start() (addr string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil {
		return "", fmt.Errorf("start demo world: already started on %s", w.addr)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("start demo world: %w", err)
	}
	w.held, err = holdClosedPort()
	if err != nil {
		l.Close()
		return "", fmt.Errorf("start demo world: %w", err)
	}
	w.dead = w.held[0].LocalAddr().String()
	w.addr = l.Addr().String()
	w.server = &http.Server{Handler: http.HandlerFunc(w.serve), ReadHeaderTimeout: time.Minute}
	w.served = make(chan struct{})
	go func(s *http.Server, done chan struct{}) {
		defer close(done)
		s.Serve(l)
	}(w.server, w.served)
	return w.addr, nil
}

// holdClosedPort makes a connection whose local address takes no connections
// itself, and which nobody else can listen on while it is open: the first of
// the two ends that it returns.
func holdClosedPort() ([]net.Conn, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("hold a closed port: %w", err)
	}
	defer l.Close()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}}
	near, err := d.Dial("tcp", l.Addr().String())
	if err != nil {
		return nil, fmt.Errorf("hold a closed port: %w", err)
	}
	far, err := l.Accept()
	if err != nil {
		near.Close()
		return nil, fmt.Errorf("hold a closed port: %w", err)
	}
	return []net.Conn{near, far}, nil
}

// Close stops serving and drops all connections. A closed world can be started
// again.
func (w *World) Close() error {
	w.mu.Lock()
	server, served, held := w.server, w.served, w.held
	w.server, w.served, w.held, w.addr, w.dead = nil, nil, nil, "", ""
	w.mu.Unlock()
	if server == nil {
		return nil
	}
	err := server.Close()
	<-served
	for _, c := range held {
		c.Close()
	}
	return err
}

// Resolve maps each host of the world to the address that serves it,
// "127.0.0.1:PORT". One of them takes no connections. URLs of the world carry
// no port. It is nil before Start.
func (w *World) Resolve() map[string]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.addr == "" {
		return nil
	}
	m := map[string]string{deadHost: w.dead}
	for h := range w.editions[w.edition].hosts {
		m[h] = w.addr
	}
	return m
}

// SetEdition moves the world to edition 1 or 2, and makes servers forget whom
// they have turned away with 503. A week lies between the two: a headline is
// edited, two articles are new, one page is gone (410), and most is as before.
func (w *World) SetEdition(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if n != FirstEdition && n != SecondEdition {
		panic(fmt.Sprintf("demo: no edition %d", n))
	}
	w.print(n)
	w.edition = n
	clear(w.asked)
}

// Expected is every URL that a correct crawl of JobYAML must know in its
// ledger in the present edition, sorted by URL. The caller owns the slice; what
// it points to is shared.
func (w *World) Expected() []Expected {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.editions[w.edition].expected)
}

// Article is an article page of the world.
type Article struct {
	URL string
	ExpectedArticle
}

// Articles is every article page of the present edition, sorted by URL: the
// part of Expected that has an Article.
func (w *World) Articles() []Article {
	var as []Article
	for _, e := range w.Expected() {
		if e.Article != nil {
			as = append(as, Article{URL: e.URL, ExpectedArticle: *e.Article})
		}
	}
	return as
}

// Log is every request since New, in order of arrival.
func (w *World) Log() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.log)
}

// JobYAML is the job document that crawls the world. It can be read after
// Start.
func (w *World) JobYAML() string {
	var b strings.Builder
	b.WriteString("# The newspaper world that the binary itself contains.\nname: demo\nseeds:\n")
	list := func(key string, urls []string) {
		fmt.Fprintf(&b, "  %s:\n", key)
		for _, u := range urls {
			fmt.Fprintf(&b, "    - %s\n", u)
		}
	}
	list("urls", seedURLs)
	list("feeds", seedFeeds)
	list("sitemaps", seedSitemaps)
	b.WriteString("scope:\n  mode: host\n  discover: true\n")
	b.WriteString("limits:\n  duration: 5m\n")
	b.WriteString("politeness:\n  concurrency: 16\n  per_host: 1\n  per_domain: 4\n  tries: 3\n  delay: 10ms\n")
	b.WriteString("network:\n  allow_private: true\n  resolve:\n")
	resolve := w.Resolve()
	for _, h := range slices.Sorted(maps.Keys(resolve)) {
		fmt.Fprintf(&b, "    %s: %s\n", h, resolve[h])
	}
	b.WriteString("archive:\n  assets: images\n")
	return b.String()
}
