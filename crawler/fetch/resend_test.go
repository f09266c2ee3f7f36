package fetch

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lineServer hands each connection to serve, and counts the requests read.
type lineServer struct {
	addr     string
	requests atomic.Int64
}

func (s *lineServer) read(r *bufio.Reader) bool {
	_, err := http.ReadRequest(r)
	if err == nil {
		s.requests.Add(1)
	}
	return err == nil
}

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

func startLines(t *testing.T, serve func(s *lineServer, conn net.Conn, r *bufio.Reader, number int)) *lineServer {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &lineServer{addr: listener.Addr().String()}
	var running sync.WaitGroup
	ctx, cancel := context.WithCancel(context.Background())
	running.Go(func() {
		for number := 0; ; number++ {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				stop := context.AfterFunc(ctx, func() { conn.Close() })
				defer stop()
				defer conn.Close()
				serve(s, conn, bufio.NewReader(conn), number)
			})
		}
	})
	t.Cleanup(func() { listener.Close(); cancel(); running.Wait() })
	return s
}

func TestRequestIsSentAgainOnceOnlyOnADeadReusedConnection(t *testing.T) {
	for _, c := range []struct {
		name     string
		second   func(conn net.Conn, r *bufio.Reader) // what the first connection does with its second request
		resent   bool
		reason   string
		requests int64
	}{
		{"closed", func(conn net.Conn, _ *bufio.Reader) {}, true, "", 3},
		{"reset", func(conn net.Conn, _ *bufio.Reader) { conn.(*net.TCPConn).SetLinger(0) }, true, "", 3},
		{"silent", func(_ net.Conn, r *bufio.Reader) { r.ReadByte() }, false, ReasonTimeout, 2},
		{"closed after a byte", func(conn net.Conn, _ *bufio.Reader) { io.WriteString(conn, "H") }, false, ReasonReset, 2},
		{"closed after an interim head", func(conn net.Conn, _ *bufio.Reader) { io.WriteString(conn, "HTTP/1.1 103 Hint\r\n\r\n") }, false, ReasonReset, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, number int) {
				for n := 0; s.read(r); n++ {
					if number == 0 && n == 1 {
						c.second(conn, r)
						return
					}
					io.WriteString(conn, okAnswer)
				}
			})
			settings := testSettings(t)
			settings.Limits.FirstByte = 200 * time.Millisecond
			client := newTestClient(t, settings)
			first, err := client.Do(t.Context(), get("http://"+server.addr+"/"))
			if err != nil {
				t.Fatal(err)
			}
			first.Close()
			ex, err := client.Do(t.Context(), get("http://"+server.addr+"/"))
			if c.reason == "" {
				if err != nil {
					t.Fatal(err)
				}
				if ex.Resent != c.resent || ex.Reused {
					t.Errorf("resent %v, reused %v", ex.Resent, ex.Reused)
				}
				ex.Close()
			} else if e := reason(t, err); e.Reason != c.reason || e.Resent {
				t.Errorf("%v, resent %v", err, e.Resent)
			}
			if n := server.requests.Load(); n != c.requests {
				t.Errorf("%d requests at the server, want %d", n, c.requests)
			}
		})
	}
}

func TestFreshConnectionThatDiesIsNotTriedAgain(t *testing.T) {
	server := startLines(t, func(s *lineServer, _ net.Conn, r *bufio.Reader, _ int) { s.read(r) })
	client := newTestClient(t, testSettings(t))
	_, err := client.Do(t.Context(), get("http://"+server.addr+"/"))
	if e := reason(t, err); e.Reason != ReasonReset || e.Permanent() || server.requests.Load() != 1 {
		t.Errorf("%v, %d requests", err, server.requests.Load())
	}
}

func TestIdleConnectionThatThePeerClosedIsNotUsed(t *testing.T) {
	closed := make(chan struct{})
	server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, number int) {
		if s.read(r) {
			io.WriteString(conn, okAnswer)
		}
		conn.Close()
		if number == 0 {
			close(closed)
		}
	})
	client := newTestClient(t, testSettings(t))
	for range 2 {
		ex, err := client.Do(t.Context(), get("http://"+server.addr+"/"))
		if err != nil {
			t.Fatal(err)
		}
		if ex.Reused || ex.Resent {
			t.Errorf("reused %v, resent %v", ex.Reused, ex.Resent)
		}
		ex.Close()
		<-closed
	}
	if server.requests.Load() != 2 {
		t.Errorf("%d requests", server.requests.Load())
	}
}

func TestCancelledExchangeIsGivenUpWhateverHadCome(t *testing.T) {
	for _, c := range []struct{ name, sent string }{
		{"before any byte", ""}, {"in the head", "HTTP/1.1 200 OK\r\n"},
		{"in the body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, _ int) {
				s.read(r)
				io.WriteString(conn, c.sent)
				cancel()
				r.ReadByte()
			})
			client := newTestClient(t, testSettings(t))
			ex, err := client.Do(ctx, get("http://"+server.addr+"/"))
			if e := reason(t, err); ex != nil || e.Reason != ReasonCancelled || !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	client := newTestClient(t, testSettings(t))
	if _, err := client.Do(ctx, get("http://127.0.0.1:9999/")); reason(t, err).Reason != ReasonCancelled {
		t.Error(err)
	}
}

func TestCallersDeadlineCutsTheBodyWithoutALimitsName(t *testing.T) {
	server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, _ int) {
		s.read(r)
		io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
		r.ReadByte()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
	defer cancel()
	client := newTestClient(t, testSettings(t))
	ex, err := client.Do(ctx, get("http://"+server.addr+"/"))
	if err != nil {
		t.Fatal(err)
	}
	defer ex.Close()
	if ex.Truncated != TruncatedTime || ex.Limit != "" || ex.PayloadLen() != 3 {
		t.Errorf("truncated %q by %q, %d bytes", ex.Truncated, ex.Limit, ex.PayloadLen())
	}
}

func TestPoolKeepsNoMoreThanItShould(t *testing.T) {
	server := startLines(t, func(s *lineServer, conn net.Conn, r *bufio.Reader, _ int) {
		for s.read(r) {
			io.WriteString(conn, okAnswer)
		}
	})
	settings := testSettings(t)
	settings.MaxIdlePerHost, settings.MaxIdle, settings.IdleTimeout = 2, 3, 60*time.Millisecond
	settings.Resolve = map[string]string{"a.test": server.addr, "b.test": server.addr}
	client := newTestClient(t, settings)
	var group sync.WaitGroup
	for range 6 {
		for _, host := range []string{"a.test", "b.test"} {
			group.Go(func() {
				ex, err := client.Do(t.Context(), get("http://"+host+"/"))
				if err != nil {
					t.Error(err)
				}
				ex.Close()
			})
		}
	}
	group.Wait()
	idle := func() int {
		client.pool.mu.Lock()
		defer client.pool.mu.Unlock()
		return len(client.pool.idle)
	}
	if n := idle(); n > 3 {
		t.Errorf("%d idle", n)
	}
	deadline := time.After(5 * time.Second)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for idle() > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("idle connections outlive their time")
		}
	}
}
