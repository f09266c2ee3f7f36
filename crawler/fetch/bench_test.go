package fetch

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// benchPage is an article page of about 64 KB.
func benchPage() []byte {
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>Bench</title></head><body>")
	for i := 0; b.Len() < 64<<10; i++ {
		fmt.Fprintf(&b, "<p>Paragraph %d of the page, with words %x and a <a href=\"/story/%d\">link</a>.</p>\n", i, i*i*7919, i)
	}
	return b.Bytes()
}

// benchServer answers every request with the same bytes, as cheaply as can be.
func benchServer(b *testing.B, answer []byte) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				r := bufio.NewReader(conn)
				for {
					for {
						line, err := r.ReadSlice('\n')
						if err != nil {
							return
						}
						if len(line) == 2 {
							break
						}
					}
					if _, err := conn.Write(answer); err != nil {
						return
					}
				}
			})
		}
	})
	b.Cleanup(func() { listener.Close(); running.Wait() })
	return "http://" + listener.Addr().String() + "/"
}

// cpu is the process's user and system time, the server's share included.
func cpu() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func measure(b *testing.B, fetch func() error) {
	b.ReportAllocs()
	before := cpu()
	for b.Loop() {
		if err := fetch(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

func BenchmarkPage(b *testing.B) {
	page := benchPage()
	plain := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n\r\n%s", len(page), page)
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(page)
	w.Close()
	packed := fmt.Appendf(nil, "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s", z.Len(), z.Bytes())
	for _, answer := range []struct {
		name  string
		bytes []byte
	}{{"plain", plain}, {"gzip", packed}} {
		url := benchServer(b, answer.bytes)
		client := newTestClient(b, testSettings(b))
		request := get(url)
		b.Run(answer.name+"/exchange", func(b *testing.B) {
			measure(b, func() error {
				ex, err := client.Do(b.Context(), request)
				if err != nil {
					return err
				}
				return ex.Close()
			})
		})
		b.Run(answer.name+"/exchange and view", func(b *testing.B) {
			measure(b, func() error {
				ex, err := client.Do(b.Context(), request)
				if err != nil {
					return err
				}
				ex.View()
				return ex.Close()
			})
		})
		b.Run(answer.name+"/colly", func(b *testing.B) {
			worker := NewWorker(client)
			measure(b, func() error {
				ex, err := worker.Fetch(b.Context(), request, nil)
				if err != nil {
					return err
				}
				return ex.Close()
			})
		})
		b.Run(answer.name+"/net http", func(b *testing.B) {
			defer http.DefaultClient.CloseIdleConnections()
			measure(b, func() error {
				req, _ := http.NewRequestWithContext(b.Context(), "GET", url, nil)
				res, err := http.DefaultClient.Do(req)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				return err
			})
		})
		client.Close()
	}
}
