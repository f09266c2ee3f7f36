package demo

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// resource is one URL as a server answers it.
type resource struct {
	expect   Expected
	typ      string // Content-Type
	location string
	body     []byte // as sent to a client that takes no gzip
	gzipped  []byte // the same, coded; nil where the host does not code
	chunked  bool
	etag     string
	modified time.Time
	cookie   string
	robots   string // X-Robots-Tag
	missing  int    // bytes announced and not sent
}

// serve answers every host of the world, by its Host header.
func (w *World) serve(rw http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(host)
	target := r.RequestURI
	if r.URL.IsAbs() {
		target = r.URL.RequestURI()
	}
	url := "http://" + host + target

	w.mu.Lock()
	e := w.editions[w.edition]
	res := e.resources[url]
	w.asked[url]++
	first := w.asked[url] == 1
	w.mu.Unlock()

	var status int
	switch {
	case res == nil:
		status = serveUnknown(rw, host, e.hosts[host])
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		status = http.StatusMethodNotAllowed
		http.Error(rw, "this server only answers GET and HEAD", status)
	case res.expect.Retried && first:
		status = http.StatusServiceUnavailable
		rw.Header().Set("Retry-After", "1")
		http.Error(rw, "the presses are warming up, come back in a second", status)
	default:
		status = res.serve(rw, r)
	}

	w.mu.Lock()
	w.log = append(w.log, Request{
		Time: time.Now(), Host: host, Path: target, Status: status, UserAgent: r.UserAgent(),
		Conditional: r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "",
	})
	w.mu.Unlock()
}

func serveUnknown(rw http.ResponseWriter, host string, known bool) int {
	rw.Header().Set("Content-Type", "text/plain; charset=utf-8")
	rw.WriteHeader(http.StatusNotFound)
	if known {
		fmt.Fprintf(rw, "%s has no such page\n", host)
	} else {
		fmt.Fprintf(rw, "no newspaper is served under the name %q\n", host)
	}
	return http.StatusNotFound
}

// serve writes the answer, and returns its status.
func (res *resource) serve(rw http.ResponseWriter, r *http.Request) int {
	h := rw.Header()
	h.Set("Content-Type", res.typ)
	if res.location != "" {
		h.Set("Location", res.location)
	}
	if res.cookie != "" {
		h.Set("Set-Cookie", res.cookie)
	}
	if res.robots != "" {
		h.Set("X-Robots-Tag", res.robots)
	}
	if res.etag != "" {
		h.Set("ETag", res.etag)
	}
	if !res.modified.IsZero() {
		h.Set("Last-Modified", res.modified.UTC().Format(http.TimeFormat))
	}
	if res.expect.Status == http.StatusOK && res.notModified(r) {
		h.Del("Content-Type")
		rw.WriteHeader(http.StatusNotModified)
		return http.StatusNotModified
	}
	body := res.body
	if res.gzipped != nil {
		h.Set("Vary", "Accept-Encoding")
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			h.Set("Content-Encoding", "gzip")
			body = res.gzipped
		}
	}
	if !res.chunked {
		h.Set("Content-Length", strconv.Itoa(len(body)+res.missing))
	}
	rw.WriteHeader(res.expect.Status)
	if r.Method == http.MethodHead {
		return res.expect.Status
	}
	res.send(rw, body)
	return res.expect.Status
}

// send writes the body, in pieces of odd sizes where it is chunked.
func (res *resource) send(rw http.ResponseWriter, body []byte) {
	if !res.chunked {
		rw.Write(body)
		return
	}
	for size := 731; len(body) > 0; size = size*2 + 1 {
		n := min(size, len(body))
		if _, err := rw.Write(body[:n]); err != nil {
			return
		}
		if f, ok := rw.(http.Flusher); ok {
			f.Flush()
		}
		body = body[n:]
	}
}

// notModified judges the validators of a request. (RFC 9110, 13.1)
func (res *resource) notModified(r *http.Request) bool {
	if tag := r.Header.Get("If-None-Match"); tag != "" {
		return res.etag != "" && strings.Contains(tag, res.etag)
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !res.modified.IsZero() && !res.modified.After(since)
}
