// Package wire is a TCP proxy that stands between two processes and can behave
// like a bad network.
package wire

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Ways that a wire can be.
const (
	Good    = int32(iota)
	Refused // connections are closed at once, those that stand too
	Dark    // everything is swallowed in silence
	Slow    // each piece takes a while
	Busy    // HTTP requests are answered with 503
)

// Wire is a proxy at work.
type Wire struct {
	to       string
	listener net.Listener
	way      atomic.Int32

	mu    sync.Mutex
	conns map[net.Conn]bool
}

// New listens on the loopback and passes on to an address.
func New(to string) (*Wire, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	w := &Wire{to: to, listener: l, conns: map[net.Conn]bool{}}
	go w.accept()
	return w, nil
}

// Addr is where the wire begins.
func (w *Wire) Addr() string { return w.listener.Addr().String() }

// Set makes the wire good or bad. Connections that stand are closed, but for a
// dark or slow one.
func (w *Wire) Set(way int32) {
	before := w.way.Swap(way)
	if way == Refused || way == Busy || before == Dark {
		w.Cut()
	}
}

// Cut closes all connections that stand.
func (w *Wire) Cut() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for c := range w.conns {
		c.Close()
	}
}

// Close ends the wire.
func (w *Wire) Close() {
	w.listener.Close()
	w.Cut()
}

func (w *Wire) accept() {
	for {
		c, err := w.listener.Accept()
		if err != nil {
			return
		}
		go w.serve(c)
	}
}

func (w *Wire) keep(c net.Conn, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if on {
		w.conns[c] = true
	} else {
		delete(w.conns, c)
	}
}

func (w *Wire) serve(c net.Conn) {
	defer c.Close()
	w.keep(c, true)
	defer w.keep(c, false)
	switch w.way.Load() {
	case Refused:
		return
	case Dark:
		_, _ = io.Copy(io.Discard, c)
		return
	case Busy:
		busy(c)
		return
	}
	far, err := net.DialTimeout("tcp4", w.to, 5*time.Second)
	if err != nil {
		return
	}
	defer far.Close()
	w.keep(far, true)
	defer w.keep(far, false)
	done := make(chan struct{}, 2)
	for _, pair := range [][2]net.Conn{{far, c}, {c, far}} {
		go func() {
			w.pass(pair[0], pair[1])
			done <- struct{}{}
		}()
	}
	<-done
}

// slowness is how long each piece takes on a slow wire.
const slowness = 150 * time.Millisecond

func (w *Wire) pass(to, from net.Conn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		switch w.way.Load() {
		case Dark:
			if err == nil {
				continue
			}
		case Slow:
			time.Sleep(slowness)
		}
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// busy answers one request with 503.
func busy(c net.Conn) {
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	in := bufio.NewReader(c)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	_, _ = io.WriteString(c, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}
