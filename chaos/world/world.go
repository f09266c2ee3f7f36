// Package world is the origin that the chaos harness has crawled: newspapers on
// one loopback port, told apart by the Host header. An answer depends on the
// request alone and carries no date, so that two crawls of it must hold the same
// bytes. It keeps a log of every request, which knows better than any crawler
// how often a page was asked for and how close two requests to a host were.
package world

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Size says how large a world is.
type Size struct {
	// Hosts are newspapers, each a registrable domain of its own, of so many
	// articles each.
	Hosts, Articles int
	// Large adds what does not fit into a message: an image and a story for the
	// object store, and a list of fates that is staged.
	Large bool
	// Stories adds to every other section a page that does not fit into a message.
	Stories bool
	// Slow is how long every answer takes.
	Slow time.Duration
}

// World is the origin at work. Make it with Start.
type World struct {
	Size
	server *http.Server
	addr   string
	done   chan struct{}

	mu    sync.Mutex
	began time.Time
	log   []Request
	asked map[string]int
	// stalls are times at which nothing here ran that was to run: a request of
	// that time stands in the log later than it came.
	stalls []stall
	quit   chan struct{}
}

type stall struct{ from, to time.Duration }

// Request is one request as the origin saw it.
type Request struct {
	// Begun and Ended are since the start of the world; Ended is 0 while the
	// answer is under way.
	Begun, Ended time.Duration
	// Host is what the answer is of, URL the whole address.
	Host, URL string
	// Agent is the User-Agent.
	Agent string
	// Peer is the address that it came from.
	Peer string
}

// Start serves a world until Close.
func Start(size Size) (*World, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start world: %w", err)
	}
	w := &World{Size: size, addr: listener.Addr().String(), done: make(chan struct{}),
		began: time.Now(), asked: map[string]int{}, quit: make(chan struct{})}
	go w.beat()
	w.server = &http.Server{Handler: http.HandlerFunc(w.serve), ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(w.done)
		w.server.Serve(listener)
	}()
	return w, nil
}

// Close ends the world.
func (w *World) Close() {
	close(w.quit)
	w.server.Close()
	<-w.done
}

// Host names the nth newspaper.
func (w *World) Host(n int) string { return fmt.Sprintf("gazette%02d.example", n) }

// Seeds are the front pages.
func (w *World) Seeds() (urls []string) {
	for n := range w.Hosts {
		urls = append(urls, "http://"+w.Host(n)+"/")
	}
	return urls
}

// Resolve says where each host is, as NAME=ADDR.
func (w *World) Resolve() (pairs []string) {
	for n := range w.Hosts {
		pairs = append(pairs, w.Host(n)+"="+w.addr)
	}
	return pairs
}

// Log is every request so far, in the order of their coming.
func (w *World) Log() []Request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Request(nil), w.log...)
}

// Requests counts them.
func (w *World) Requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.log)
}

// Now is the time of the log, At that of a moment.
func (w *World) Now() time.Duration                { return time.Since(w.began) }
func (w *World) At(moment time.Time) time.Duration { return moment.Sub(w.began) }

// Every beat the world looks if it is served by the machine; one that comes later
// than late is a stall.
const (
	beat = 5 * time.Millisecond
	late = 15 * time.Millisecond
)

func (w *World) beat() {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	last := w.Now()
	for {
		select {
		case <-w.quit:
			return
		case <-tick.C:
		}
		now := w.Now()
		if now-last > late {
			w.mu.Lock()
			w.stalls = append(w.stalls, stall{last, now})
			w.mu.Unlock()
		}
		last = now
	}
}

// Stalled is how long nothing ran here between two times.
func (w *World) Stalled(from, to time.Duration) (sum time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.stalls {
		if s.to > from && s.from < to {
			sum += s.to - s.from
		}
	}
	return sum
}

// serve keeps the log. A request is over when its answer is handed to the
// kernel, which is before the client has it.
func (w *World) serve(rw http.ResponseWriter, r *http.Request) {
	url := "http://" + r.Host + r.URL.RequestURI()
	w.mu.Lock()
	w.asked[url]++
	first := w.asked[url] == 1
	n := len(w.log)
	w.log = append(w.log, Request{Begun: time.Since(w.began), Host: r.Host, URL: url, Agent: r.UserAgent(), Peer: r.RemoteAddr})
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.log[n].Ended = time.Since(w.began)
	}()
	if w.Slow > 0 {
		timer := time.NewTimer(w.Slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	w.answer(rw, r, first)
}
