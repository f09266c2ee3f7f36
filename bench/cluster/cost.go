package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"newsreel/internal/cluster"
)

// snapshot is what the processes had used at a moment.
type snapshot struct {
	cpu, peakMB, rssMB map[string]float64
	processes          map[string]int
	in, out, bytes     int64
	connections        int64
}

func kindOf(name string) string {
	kind, _, _ := strings.Cut(name, "-")
	return kind
}

func look(c *cluster.Cluster) (*snapshot, error) {
	s := &snapshot{cpu: map[string]float64{}, peakMB: map[string]float64{}, rssMB: map[string]float64{}, processes: map[string]int{}}
	for _, p := range append(append(c.Roles(), c.NATS...), c.S3) {
		if !p.Running() {
			return nil, fmt.Errorf("%s has ended:\n%s", p.Name, p.Log(2000))
		}
		kind := kindOf(p.Name)
		cpu, err := cpuSeconds(p.PID())
		if err != nil {
			return nil, err
		}
		rss, peak, err := memory(p.PID())
		if err != nil {
			return nil, err
		}
		s.processes[kind]++
		s.cpu[kind] += cpu
		s.rssMB[kind] += rss
		s.peakMB[kind] = max(s.peakMB[kind], peak)
	}
	for _, monitor := range c.Monitors() {
		var v struct {
			InMsgs      int64 `json:"in_msgs"`
			OutMsgs     int64 `json:"out_msgs"`
			InBytes     int64 `json:"in_bytes"`
			Connections int64 `json:"connections"`
		}
		resp, err := http.Get(monitor + "/varz")
		if err != nil {
			return nil, err
		}
		err = json.NewDecoder(resp.Body).Decode(&v)
		resp.Body.Close()
		if err != nil {
			return nil, fmt.Errorf("%s/varz: %w", monitor, err)
		}
		s.in, s.out, s.bytes, s.connections = s.in+v.InMsgs, s.out+v.OutMsgs, s.bytes+v.InBytes, s.connections+v.Connections
	}
	return s, nil
}

// clockTicks is USER_HZ, which is 100 on every Linux that Go runs on.
const clockTicks = 100

// cpuSeconds is user and system time of a process. (proc(5), stat, fields 14
// and 15)
func cpuSeconds(pid int) (float64, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+2:]))
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		return 0, err
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	return float64(user+system) / clockTicks, err
}

var memoryLine = regexp.MustCompile(`(?m)^(VmRSS|VmHWM):\s+(\d+) kB`)

func memory(pid int) (rssMB, peakMB float64, err error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	for _, m := range memoryLine.FindAllStringSubmatch(string(data), -1) {
		kb, _ := strconv.ParseFloat(m[2], 64)
		if m[1] == "VmRSS" {
			rssMB = kb / 1024
		} else {
			peakMB = kb / 1024
		}
	}
	return rssMB, peakMB, nil
}

// count fills in what the work between two looks cost.
func (m *Measurement) count(before, after *snapshot, store *counted) {
	pages := float64(max(m.Pages, 1))
	for kind, cpu := range after.cpu {
		m.CPU[kind] = (cpu - before.cpu[kind]) / pages * 1000
	}
	m.PeakMB = after.peakMB
	m.MessagesIn = float64(after.in-before.in) / pages
	m.MessagesOut = float64(after.out-before.out) / pages
	m.BytesIn = float64(after.bytes-before.bytes) / pages
	roles := float64(3 * m.Each)
	m.NATSConnections = float64(after.connections) / roles
	store.mu.Lock()
	defer store.mu.Unlock()
	for method, n := range store.methods {
		m.S3[method] = float64(n) / pages
	}
	m.S3Connections = float64(store.most) / roles
}

// idle looks at the cluster while nothing is to do.
func (m *Measurement) idle(ctx context.Context, o options, c *cluster.Cluster) error {
	before, err := look(c)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(o.idle):
	}
	after, err := look(c)
	if err != nil {
		return err
	}
	for kind := range after.cpu {
		m.IdleCPU[kind] = 100 * (after.cpu[kind] - before.cpu[kind]) / o.idle.Seconds()
		m.IdleMB[kind] = after.rssMB[kind]
	}
	return nil
}

// counted is an S3 store seen through a proxy that counts.
type counted struct {
	url string
	srv *http.Server

	mu         sync.Mutex
	methods    map[string]int64
	open, most int
}

func countS3(store string) (*counted, error) {
	target, err := url.Parse(store)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &counted{url: "http://" + l.Addr().String(), methods: map[string]int64{}}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // the signature covers it
	}, ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }}
	c.srv = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.methods[r.Method]++
		c.mu.Unlock()
		proxy.ServeHTTP(w, r)
	}), ConnState: c.connection}
	go c.srv.Serve(l)
	return c, nil
}

func (c *counted) connection(_ net.Conn, state http.ConnState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch state {
	case http.StateNew:
		c.open++
		c.most = max(c.most, c.open)
	case http.StateClosed, http.StateHijacked:
		c.open--
	}
}

func (c *counted) close() { c.srv.Close() }

// traces count fsyncs with strace.
type traces []*trace

type trace struct {
	kind string
	cmd  *exec.Cmd
	out  string
}

func traceAll(c *cluster.Cluster, wanted bool) (traces, error) {
	if !wanted {
		return nil, nil
	}
	var list traces
	for _, p := range append(append(c.Roles(), c.NATS...), c.S3) {
		t := &trace{kind: kindOf(p.Name), out: filepath.Join(c.Dir, p.Name+".strace")}
		t.cmd = exec.Command("strace", "-f", "-c", "-U", "name,calls", "-e", "trace=fsync,fdatasync", "-o", t.out, "-p", strconv.Itoa(p.PID()))
		if err := t.cmd.Start(); err != nil {
			return nil, fmt.Errorf("-strace: %w", err)
		}
		list = append(list, t)
	}
	return list, nil
}

var syncLine = regexp.MustCompile(`(?m)^\s*(?:fsync|fdatasync)\s+(\d+)`)

// fsyncs ends the traces and returns the calls for each page.
func (l traces) fsyncs(pages int64) (map[string]float64, error) {
	if l == nil {
		return nil, nil
	}
	n := map[string]float64{}
	for _, t := range l {
		if err := t.cmd.Process.Signal(syscall.SIGINT); err != nil {
			return nil, err
		}
		_ = t.cmd.Wait() // ends by the signal
		data, err := os.ReadFile(t.out)
		if err != nil {
			return nil, err
		}
		for _, m := range syncLine.FindAllStringSubmatch(string(data), -1) {
			calls, err := strconv.ParseFloat(m[1], 64)
			if err != nil {
				return nil, err
			}
			n[t.kind] += calls / float64(max(pages, 1))
		}
	}
	return n, nil
}
