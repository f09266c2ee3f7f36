// Package torture serves hostile HTTP answers over raw TCP, byte for byte as
// scripted, and counts what it was asked. It is for tests: those of fetch, and
// those that crawl it whole and compare the archive with what was sent.
package torture

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// Server answers each case at its Path, any case in pieces at Path + "?pieces",
// a page that links to every case that ends by itself at "/", one that links to
// all at "/all", and an empty robots.txt.
type Server struct {
	Addr string // host:port on loopback

	listener net.Listener
	list     []Case
	cases    map[string]Case
	cancel   context.CancelFunc
	done     sync.WaitGroup

	mu       sync.Mutex
	requests map[string]int
	heads    map[string][]byte
	conns    int
}

// Start listens on a loopback port. It panics if there is none to be had, as
// nothing can be tested then.
func Start() *Server {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(fmt.Errorf("torture server: %w", err))
	}
	s := &Server{Addr: listener.Addr().String(), listener: listener,
		cases: map[string]Case{}, requests: map[string]int{}, heads: map[string][]byte{}}
	s.list = Cases()
	for _, c := range s.list {
		s.cases[c.Path] = c
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.done.Add(1)
	go s.accept(ctx)
	return s
}

// URL is the address of a path on the server.
func (s *Server) URL(path string) string { return "http://" + s.Addr + path }

// Cases gives what the server serves, without building it anew.
func (s *Server) Cases() []Case { return s.list }

// Requests counts the requests for a path, its query not counted.
func (s *Server) Requests(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.requests[path]
}

// Request gives the bytes of the last request for a path.
func (s *Server) Request(path string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heads[path]
}

// Conns counts the connections accepted.
func (s *Server) Conns() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conns
}

// Close ends the server and waits for its connections to end.
func (s *Server) Close() {
	s.cancel()
	s.listener.Close()
	s.done.Wait()
}

func (s *Server) accept(ctx context.Context) {
	defer s.done.Done()
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns++
		s.mu.Unlock()
		s.done.Add(1)
		go func() {
			defer s.done.Done()
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			defer stop()
			defer conn.Close()
			s.serve(ctx, conn)
		}()
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		head, path, err := readRequest(r)
		if err != nil {
			return
		}
		path, query, _ := strings.Cut(path, "?")
		s.mu.Lock()
		s.requests[path]++
		s.heads[path] = head
		s.mu.Unlock()
		if !s.answer(ctx, conn, path, query) {
			return
		}
	}
}

func readRequest(r *bufio.Reader) (head []byte, path string, err error) {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return nil, "", err
		}
		head = append(head, line...)
		if string(line) == "\r\n" {
			break
		}
	}
	parts := strings.Split(string(head), " ")
	if len(parts) < 3 {
		return nil, "", io.ErrUnexpectedEOF
	}
	return head, parts[1], nil
}

// answer plays a case, and reports whether the connection goes on.
func (s *Server) answer(ctx context.Context, conn net.Conn, path, query string) bool {
	c, ok := s.cases[path]
	switch {
	case ok:
	case path == "/" || path == "/all":
		c = s.index(path == "/all")
	case path == "/robots.txt":
		c = Case{Sent: response("200 OK", "text/plain", "User-agent: *\nAllow: /\n")}
	default:
		c = Case{Sent: response("404 Not Found", "text/html", "<p>no such case</p>")}
	}
	piece, pause := len(c.Sent), time.Duration(0)
	if query == "pieces" {
		piece = max(1, len(c.Sent)/200)
	}
	if c.Drip > 0 {
		piece, pause = c.Drip, time.Millisecond
	}
	for rest := c.Sent; len(rest) > 0; {
		n := min(piece, len(rest))
		if _, err := conn.Write(rest[:n]); err != nil {
			return false
		}
		if rest = rest[n:]; pause > 0 && !wait(ctx, pause) {
			return false
		}
	}
	return end(ctx, conn, &c)
}

func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func end(ctx context.Context, conn net.Conn, c *Case) bool {
	switch c.End {
	case Close:
		return false
	case Reset:
		// Let the peer read what was sent: a reset throws away what it has not.
		wait(ctx, 50*time.Millisecond)
		conn.(*net.TCPConn).SetLinger(0)
		return false
	case Hang:
		<-ctx.Done()
		return false
	case Endless:
		for {
			if _, err := conn.Write(c.Repeat); err != nil {
				return false
			}
		}
	}
	return true
}

func (s *Server) index(all bool) Case {
	var b strings.Builder
	b.WriteString("<!DOCTYPE html><title>Torture</title><ul>\n")
	for _, c := range s.list {
		if all || !c.Slow {
			fmt.Fprintf(&b, "<li><a href=%q>%s</a>\n", c.Path, c.Name)
		}
	}
	b.WriteString("</ul>\n")
	return Case{Sent: response("200 OK", "text/html; charset=utf-8", b.String())}
}
