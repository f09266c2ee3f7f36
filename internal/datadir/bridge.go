package datadir

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// bridge lets other processes reach the NATS server, which has no port,
// through a socket.
type bridge struct {
	ln   *net.UnixListener
	dial func() (net.Conn, error)
	wg   sync.WaitGroup

	mu     sync.Mutex
	open   map[net.Conn]struct{}
	closed bool
}

// startBridge serves connections of dial on a unix socket, mode 0600. The
// socket's folder keeps strangers away until the mode is set.
func startBridge(path string, dial func() (net.Conn, error)) (*bridge, error) {
	if err := removeIfThere(path); err != nil {
		return nil, err
	}
	ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, err
	}
	if err := os.Chmod(path, 0o600); err != nil {
		ln.Close()
		return nil, err
	}
	b := &bridge{ln: ln, dial: dial, open: make(map[net.Conn]struct{})}
	b.wg.Add(1)
	go b.accept()
	return b, nil
}

func (b *bridge) accept() {
	defer b.wg.Done()
	for {
		conn, err := b.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of file descriptors, most likely: others close theirs.
			time.Sleep(pollInterval)
			continue
		}
		b.wg.Add(1)
		go func() {
			defer b.wg.Done()
			b.join(conn)
		}()
	}
}

// join copies between the two ends until either closes.
func (b *bridge) join(outer net.Conn) {
	defer outer.Close()
	inner, err := b.dial()
	if err != nil {
		return // the client sees its connection closed, and tries again
	}
	defer inner.Close()
	if !b.track(outer, inner) {
		return
	}
	defer b.forget(outer, inner)
	back := make(chan struct{})
	go func() {
		defer close(back)
		_, _ = io.Copy(outer, inner)
		outer.Close()
	}()
	_, _ = io.Copy(inner, outer)
	inner.Close()
	<-back
}

func (b *bridge) track(conns ...net.Conn) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range conns {
		b.open[c] = struct{}{}
	}
	return !b.closed
}

func (b *bridge) forget(conns ...net.Conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range conns {
		delete(b.open, c)
	}
}

// close ends all connections, and waits.
func (b *bridge) close() {
	b.ln.Close() // removes the socket
	b.mu.Lock()
	b.closed = true
	for c := range b.open {
		c.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
}

// unixDialer connects a NATS client to a bridge, whatever the address.
type unixDialer struct{ path string }

func (d unixDialer) Dial(_, _ string) (net.Conn, error) {
	conn, err := net.DialTimeout("unix", d.path, dialTimeout)
	if err != nil {
		return nil, fmt.Errorf("connect to the holder of the data folder: %w", err)
	}
	return conn, nil
}

const dialTimeout = 5 * time.Second
