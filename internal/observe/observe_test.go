package observe

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
)

func serve(t *testing.T, p *Process) (get func(path string) (int, string)) {
	t.Helper()
	l, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return func(path string) (int, string) {
		resp, err := http.Get("http://" + l.Addr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
}

func TestAProcessIsAliveBeforeItIsReady(t *testing.T) {
	p := New(map[string]string{"role": "crawler", "id": "a", "version": "1"})
	missing := errors.New("NATS is away")
	p.Ready("nats", func() error { return missing })
	get := serve(t, p)
	if status, _ := get("/healthz"); status != http.StatusOK {
		t.Errorf("healthz answers %d", status)
	}
	if status, said := get("/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(said, "NATS is away") {
		t.Errorf("readyz answers %d %s", status, said)
	}
	missing = nil
	p.Says("crawling", func() string { return "pauses" })
	p.Says("nothing", func() string { return "" })
	if status, said := get("/readyz"); status != http.StatusOK || !strings.Contains(said, `"crawling":"pauses"`) || strings.Contains(said, "nothing") {
		t.Errorf("readyz answers %d %s", status, said)
	}
}

func TestMetricsAreServedWithTheirLabels(t *testing.T) {
	p := New(map[string]string{"role": "crawler", "id": "a", "version": "1"})
	p.Collect(func(emit Emit) {
		emit("newsreel_crawler_urls", 3, "job-1", "2", "failed", "dns")
		emit("newsreel_nats_connected", 1)
	})
	get := serve(t, p)
	_, said := get("/metrics")
	for _, want := range []string{
		`newsreel_info{id="a",role="crawler",version="1"} 1`,
		`newsreel_crawler_urls{fate="failed",job="job-1",reason="dns",run="2"} 3`,
		"newsreel_nats_connected 1", "go_goroutines", "process_resident_memory_bytes",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %s in\n%s", want, said)
		}
	}
}

func TestAWrongMetricIsAnErrorAndNotSilence(t *testing.T) {
	for name, emit := range map[string]func(Emit){
		"unknown name":       func(e Emit) { e("newsreel_nonsense", 1) },
		"too few labels":     func(e Emit) { e("newsreel_crawler_in_flight", 1, "job") },
		"the same one twice": func(e Emit) { e("newsreel_runs", 1); e("newsreel_runs", 2) },
	} {
		t.Run(name, func(t *testing.T) {
			p := New(nil)
			p.Collect(emit)
			if status, _ := serve(t, p)("/metrics"); status != http.StatusInternalServerError {
				t.Errorf("metrics answer %d", status)
			}
		})
	}
}

func TestTheDocumentedListIsThisOne(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := 0
	for _, line := range strings.Split(string(page), "\n") {
		if strings.HasPrefix(line, "| `newsreel_") {
			documented++
		}
	}
	for _, m := range Metrics() {
		labels := strings.Join(m.Labels, ", ")
		if !strings.Contains(string(page), "| `"+m.Name+"` | "+labels+" | "+m.Help+" |") {
			t.Errorf("docs/operations.md has no row\n| `%s` | %s | %s |", m.Name, labels, m.Help)
		}
	}
	if documented != len(Metrics()) {
		t.Errorf("docs/operations.md has %d metrics, the code %d", documented, len(Metrics()))
	}
}
