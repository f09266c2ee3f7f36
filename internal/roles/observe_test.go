package roles_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"newsreel/internal/cluster"
)

// TestEachRoleShowsHealthAndMetrics starts a cluster of real processes, asks
// each role how it is while it works, and takes the NATS server away.
func TestEachRoleShowsHealthAndMetrics(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	dir := t.TempDir()
	programs, err := cluster.Build(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir, Programs: programs, NATSServers: 1,
		Args: []string{"--health", "127.0.0.1:0", "--log-format", "json"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	pages := map[string]string{}
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		var args []string
		if kind != "extractor" {
			args = []string{"--log-bytes", "200MB"}
		}
		p, err := c.Role(kind, args...)
		if err != nil {
			t.Fatal(err)
		}
		address := regexp.MustCompile(`"msg":"health and metrics","address":"([^"]+)"`)
		await(t, kind+"'s address", func() bool { return address.MatchString(p.Log(1 << 20)) })
		pages[kind] = "http://" + address.FindStringSubmatch(p.Log(1 << 20))[1]
		await(t, kind+" to be ready", func() bool { status, _ := look(t, pages[kind]+"/readyz"); return status == http.StatusOK })
	}
	origin, err := cluster.StartOrigin(ctx, dir, "origin", programs, "-hosts", "2", "-pages", "40", "-min", "4000", "-max", "8000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(origin.Kill)
	file := filepath.Join(dir, "job.yaml")
	document := "name: shown\nseeds:\n  urls: [" + strings.Join(origin.Seeds, ", ") + "]\npoliteness:\n  delay: 50ms\nnetwork:\n  allow_private: true\n"
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Newsreel(ctx, "job", "submit", file); err != nil {
		t.Fatal(err)
	}
	for kind, metric := range map[string]string{
		"crawler":   `newsreel_crawler_urls{fate="captured",job="shown",reason="",run="1"} [1-9]`,
		"extractor": `newsreel_extractor_results_total{job="shown",run="1"} [1-9]`,
		"archiver":  `newsreel_archiver_open_captures{job="shown",run="1"} [1-9]`,
	} {
		want := regexp.MustCompile(strings.NewReplacer("{", `\{`, "}", `\}`).Replace(metric))
		await(t, kind+"'s "+metric, func() bool { _, said := look(t, pages[kind]+"/metrics"); return want.MatchString(said) })
	}
	reachable := func(page, value string) func() bool {
		return func() bool {
			_, said := look(t, page+"/metrics")
			return strings.Contains(said, "\nnewsreel_s3_reachable "+value+"\n")
		}
	}
	for kind, page := range pages {
		await(t, kind+" to reach the S3 store", reachable(page, "1"))
	}
	c.S3.Kill()
	for kind, page := range pages {
		await(t, kind+" to miss the S3 store", reachable(page, "0"))
	}
	if err := c.S3.Start(); err != nil {
		t.Fatal(err)
	}
	c.NATS[0].Kill()
	for kind, page := range pages {
		await(t, kind+" to be alive and not ready", func() bool {
			ready, _ := look(t, page+"/readyz")
			alive, _ := look(t, page+"/healthz")
			return ready == http.StatusServiceUnavailable && alive == http.StatusOK
		})
	}
	if err := c.NATS[0].Start(); err != nil {
		t.Fatal(err)
	}
	for kind, page := range pages {
		await(t, kind+" to be ready again", func() bool { status, _ := look(t, page+"/readyz"); return status == http.StatusOK })
	}
}

func look(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(body)
}

// await waits for a condition.
func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(time.Minute); !ok(); <-tick.C {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
