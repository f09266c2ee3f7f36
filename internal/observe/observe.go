// Package observe is what a role shows of itself over HTTP: /healthz, /readyz
// and /metrics. Nothing of what it shows is secret, nothing can be changed
// through it, and it never waits for the stores that the role waits for.
package observe

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Process is one process's page of itself. Safe for concurrent use.
type Process struct {
	registry *prometheus.Registry

	mu     sync.Mutex
	checks []check
	notes  []note
}

type note struct {
	name string
	text func() string
}

type check struct {
	name string
	ok   func() error
}

// New makes the page of a process. info are the labels of the metric
// newsreel_info: role, id, version.
func New(info map[string]string) *Process {
	p := &Process{registry: prometheus.NewRegistry()}
	p.registry.MustRegister(collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "newsreel_info", Help: help("newsreel_info"), ConstLabels: info},
			func() float64 { return 1 }))
	return p
}

// Ready adds a condition of readiness: nil from ok, or what is missing. ok is
// called for each request of /readyz, and answers from what is known.
func (p *Process) Ready(name string, ok func() error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.checks = append(p.checks, check{name, ok})
}

// Says adds what /readyz says beside its conditions, and that changes nothing
// about being ready; "" is left out. text answers from what is known.
func (p *Process) Says(name string, text func() string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.notes = append(p.notes, note{name, text})
}

// Collect adds a source of metrics. It is called for each request of /metrics,
// never twice at once, and emits values of the metrics of Metrics, with the
// label values in their order. What it emits of an unknown name, or with the
// wrong number of labels, shows as an error of the request.
func (p *Process) Collect(source func(emit Emit)) {
	p.registry.MustRegister(&collector{source: source})
}

// Handler serves the three pages.
func (p *Process) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		status, said := p.readiness()
		answer(w, status, said)
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(p.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.HTTPErrorOnError}))
	return mux
}

func (p *Process) readiness() (int, map[string]string) {
	p.mu.Lock()
	checks, notes := append([]check(nil), p.checks...), append([]note(nil), p.notes...)
	p.mu.Unlock()
	status, said := http.StatusOK, map[string]string{"status": "ready"}
	for _, c := range checks {
		said[c.name] = "ok"
		if err := c.ok(); err != nil {
			status, said["status"], said[c.name] = http.StatusServiceUnavailable, "not ready", err.Error()
		}
	}
	for _, n := range notes {
		if text := n.text(); text != "" {
			said[n.name] = text
		}
	}
	return status, said
}

func answer(w http.ResponseWriter, status int, said map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(said) // a client that is gone misses nothing
}

// Listen binds an address, so that a wrong one is known at the start.
func Listen(addr string) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listen for health and metrics on %s: %w", addr, err)
	}
	return l, nil
}

// Serve answers on a listener until ctx ends, and closes it.
func (p *Process) Serve(ctx context.Context, l net.Listener) error {
	srv := &http.Server{Handler: p.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	done := make(chan struct{})
	go func() {
		defer close(done)
		<-ctx.Done()
		stop, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if srv.Shutdown(stop) != nil {
			srv.Close()
		}
	}()
	err := srv.Serve(l)
	if ctx.Err() == nil {
		return fmt.Errorf("serve health and metrics: %w", err)
	}
	<-done
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
