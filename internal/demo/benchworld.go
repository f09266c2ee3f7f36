package demo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
)

// BenchWorld is many hosts with many article pages, for measuring a crawler.
// Host N listens on 127.0.1.N, so that each has an address of its own, and
// URLs are http://127.0.1.N:PORT/. Pages are put together from prepared pieces
// and written at once, so that a server's CPU stays small beside a client's.
//
// A host has a front page, section pages of fifty articles each, its article
// pages and a robots.txt. The front page links to all sections, a section to its
// articles, an article to about 118 pages of its host.
type BenchWorld struct {
	hosts  []*benchHost
	pages  int
	size   SizeRange
	pieces *benchPieces

	mu    sync.Mutex
	conns map[net.Conn]bool
	wg    sync.WaitGroup
}

// SizeRange bounds the size of an article page in bytes.
type SizeRange struct{ Min, Max int }

// benchHost is one server. hits counts requests by page: robots.txt, front,
// sections, articles.
type benchHost struct {
	index    int
	listener net.Listener
	origin   string
	hits     []atomic.Int32
	unknown  atomic.Int32
}

// benchPerSection is the articles that a section page lists.
const benchPerSection = 50

// Bench makes a world of hosts (1 to 250) with pages articles each, of sizes
// within the range. The same numbers give the same bytes.
func Bench(hosts, pages int, size SizeRange) *BenchWorld {
	b := &BenchWorld{pages: pages, size: size, pieces: newBenchPieces(), conns: map[net.Conn]bool{}}
	for i := range min(max(hosts, 1), 250) {
		b.hosts = append(b.hosts, &benchHost{index: i, hits: make([]atomic.Int32, 2+b.sections()+pages)})
	}
	return b
}

func (b *BenchWorld) sections() int { return (b.pages + benchPerSection - 1) / benchPerSection }

// Start listens on every host, and returns the URL of each front page.
func (b *BenchWorld) Start() ([]string, error) {
	var seeds []string
	for _, h := range b.hosts {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.1.%d:0", h.index+1))
		if err != nil {
			b.Close()
			return nil, fmt.Errorf("start bench world: %w", err)
		}
		h.listener, h.origin = l, "http://"+l.Addr().String()
		seeds = append(seeds, h.origin+"/")
		b.wg.Go(func() { b.accept(h, l) })
	}
	return seeds, nil
}

// Close stops all hosts, drops their connections, and waits until nothing runs.
func (b *BenchWorld) Close() error {
	for _, h := range b.hosts {
		if h.listener != nil {
			h.listener.Close()
		}
	}
	b.mu.Lock()
	for c := range b.conns {
		c.Close()
	}
	b.mu.Unlock()
	b.wg.Wait()
	return nil
}

// BenchCounts is what the hosts were asked.
type BenchCounts struct {
	URLs     int      `json:"urls"`     // URLs that the world has, robots.txt included
	Requests int      `json:"requests"` // all, unknown URLs too
	Distinct int      `json:"distinct"` // URLs asked for at least once
	Unknown  int      `json:"unknown"`  // requests for URLs that the world lacks
	Twice    []string `json:"twice"`    // URLs asked for more than once, at most 100
}

// Counts is what the hosts were asked since the world was made.
func (b *BenchWorld) Counts() BenchCounts {
	var c BenchCounts
	for _, h := range b.hosts {
		c.URLs += len(h.hits)
		c.Unknown += int(h.unknown.Load())
		for i := range h.hits {
			n := int(h.hits[i].Load())
			c.Requests += n
			if n > 0 {
				c.Distinct++
			}
			if n > 1 && len(c.Twice) < 100 {
				c.Twice = append(c.Twice, h.origin+b.target(i))
			}
		}
	}
	c.Requests += c.Unknown
	return c
}

// ListenAndServe serves until the context ends. It writes two lines of JSON:
// at once {"seeds": [URL, …]}, and at the end the BenchCounts. So a process of
// its own can serve, and its CPU be told from the client's.
func (b *BenchWorld) ListenAndServe(ctx context.Context, out io.Writer) error {
	seeds, err := b.Start()
	if err != nil {
		return err
	}
	enc := json.NewEncoder(out)
	if err := enc.Encode(map[string]any{"seeds": seeds}); err != nil {
		b.Close()
		return fmt.Errorf("bench world: write seeds: %w", err)
	}
	<-ctx.Done()
	b.Close()
	if err := enc.Encode(b.Counts()); err != nil {
		return fmt.Errorf("bench world: write counts: %w", err)
	}
	return nil
}

func (b *BenchWorld) accept(h *benchHost, l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		b.mu.Lock()
		b.conns[c] = true
		b.mu.Unlock()
		b.wg.Go(func() {
			b.converse(h, c)
			c.Close()
			b.mu.Lock()
			delete(b.conns, c)
			b.mu.Unlock()
		})
	}
}

// converse answers the requests of one connection. It reads a request as far
// as a well-behaved client needs: a GET or HEAD line and headers, no body.
func (b *BenchWorld) converse(h *benchHost, c net.Conn) {
	in := bufio.NewReaderSize(c, 8<<10)
	var out, page []byte
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return
		}
		method, rest, _ := bytes.Cut(line, []byte(" "))
		target, proto, ok := bytes.Cut(rest, []byte(" "))
		if !ok {
			return
		}
		head := string(method) == "HEAD"
		last := bytes.HasPrefix(proto, []byte("HTTP/1.0"))
		page = b.answer(h, target, page[:0])
		for {
			line, err := in.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(bytes.TrimRight(line, "\r\n")) == 0 {
				break
			}
			if bytes.EqualFold(bytes.TrimSpace(line), []byte("connection: close")) {
				last = true
			}
		}
		out = appendHead(out[:0], page, last)
		if !head {
			out = append(out, page[1:]...)
		}
		if _, err := c.Write(out); err != nil || last {
			return
		}
	}
}

// appendHead writes the head of an answer. The first byte of page tells its
// kind: see answer.
func appendHead(out, page []byte, last bool) []byte {
	switch page[0] {
	case benchText:
		out = append(out, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"...)
	case benchMissing:
		out = append(out, "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n"...)
	default:
		out = append(out, "HTTP/1.1 200 OK\r\nServer: bench\r\nCache-Control: max-age=60\r\nContent-Type: text/html; charset=utf-8\r\n"...)
	}
	if last {
		out = append(out, "Connection: close\r\n"...)
	}
	out = append(out, "Content-Length: "...)
	out = strconv.AppendInt(out, int64(len(page)-1), 10)
	return append(out, "\r\n\r\n"...)
}
