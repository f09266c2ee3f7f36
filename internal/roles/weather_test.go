package roles

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"newsreel/internal/observe"
	"newsreel/internal/remote"
	"newsreel/stream"
)

// nowhere is a cluster of which no server runs.
func nowhere(t *testing.T) *remote.Config {
	t.Setenv("AWS_ACCESS_KEY_ID", "a")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "b")
	return &remote.Config{NATS: []string{"nats://127.0.0.1:1"}, S3: "http://127.0.0.1:1"}
}

// readyz is what a role's page says of its readiness.
func readyz(t *testing.T, p *observe.Process) (status int, said map[string]string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil {
		t.Fatal(err)
	}
	return w.Code, said
}

func TestServersThatWereNeverReachedAreNotOK(t *testing.T) {
	cluster := nowhere(t)
	r, err := New(Options{Role: stream.RoleCrawler, ID: "c", Cluster: cluster, SpoolDir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	page := observe.New(nil)
	r.Observe(page)
	if status, said := readyz(t, page); status != 503 || said["nats"] != "not reached yet" || said["s3"] != "not reached yet" {
		t.Errorf("before the start: %d, %v", status, said)
	}
	done := make(chan error, 1)
	go func() { done <- r.Run(context.Background()) }()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(20 * time.Second); ; <-tick.C {
		status, said := readyz(t, page)
		if status == 503 && strings.Contains(said["nats"], "see that the servers run") && said["s3"] == "not reached yet" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("while it tries: %d, %v", status, said)
		}
	}
	r.Stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestTheStartsTroubleIsTheServersThatHasIt(t *testing.T) {
	cluster := nowhere(t)
	w := newWeather(cluster, slog.New(slog.DiscardHandler))
	w.atStart(cluster.S3Error(errors.New("connection refused")))
	if nats, s3 := w.now(); nats != "" || !strings.Contains(s3, "connection refused") {
		t.Errorf("without the store: NATS %q, S3 %q", nats, s3)
	}
	w.atStart(errors.New("no servers"))
	if nats, s3 := w.now(); nats != "no servers" || !strings.Contains(s3, "connection refused") {
		t.Errorf("without both: NATS %q, S3 %q", nats, s3)
	}
	w.begun()
	if nats, s3 := w.now(); nats+s3 != "" {
		t.Errorf("with both: NATS %q, S3 %q", nats, s3)
	}
}
