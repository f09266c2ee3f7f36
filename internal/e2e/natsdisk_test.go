package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"newsreel/internal/cluster"
	"newsreel/stream"
)

// diskedCluster starts a cluster of which each NATS server has a small disk of
// its own, if disks can be mounted.
func diskedCluster(t *testing.T, servers, megabytes int) (c *cluster.Cluster, disks []string, ok bool) {
	t.Helper()
	dir := t.TempDir()
	for i := range servers {
		disks = append(disks, filepath.Join(dir, "nats-"+string(rune('0'+i))))
		if err := os.Mkdir(disks[i], 0o755); err != nil {
			t.Fatal(err)
		}
		if !mountDisk(t, disks[i], megabytes) {
			return nil, nil, false
		}
	}
	return startCluster(t, cluster.Config{Dir: dir, NATSServers: servers, NoSync: true, Args: []string{"--health", "127.0.0.1:0"}}), disks, true
}

var healthAddress = regexp.MustCompile(`msg="health and metrics" address=(\S+)`)

// readiness is what a role answers at /readyz.
func readiness(p *cluster.Process) (status int, said map[string]string) {
	m := healthAddress.FindStringSubmatch(p.Log(1 << 20))
	if m == nil {
		return 0, nil
	}
	resp, err := http.Get("http://" + m[1] + "/readyz")
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || json.Unmarshal(body, &said) != nil {
		return 0, nil
	}
	return resp.StatusCode, said
}

// examined is what doctor says of the cluster, by name: state, text and cure.
func examined(t *testing.T, c *cluster.Cluster) map[string]string {
	t.Helper()
	out, err := c.Newsreel(t.Context(), "doctor", "--json")
	var list struct {
		Findings []struct{ Name, State, Text, Cure string }
	}
	if jerr := json.Unmarshal([]byte(out), &list); jerr != nil {
		t.Fatalf("doctor: %v, %v\n%s", err, jerr, out)
	}
	found := map[string]string{}
	for _, f := range list.Findings {
		found[f.Name] = f.State + ": " + f.Text + "; " + f.Cure
	}
	return found
}

// A NATS server that met a full disk takes no batches, though it may answer all
// else: the crawler says so once and is not ready, and once there is room and the
// server was started again the crawl goes on by itself.
func TestANATSServerWithAFullDiskIsSpokenOf(t *testing.T) {
	c, disks, ok := diskedCluster(t, 1, 300)
	if !ok {
		return
	}
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		role(t, c, kind)
	}
	const stories = 150
	paper, requests := bulky(t, stories)
	do(t, c, "job", "submit", paper.URL+"/", "--name", "paper", "--allow-private", "--delay", "40ms", "--segment-age", "1s")
	eventually(t, "some requests", func() bool { return requests.Load() > 20 })
	for _, p := range c.Roles() {
		eventually(t, p.Name+" to be ready", func() bool { status, _ := readiness(p); return status == http.StatusOK })
	}
	remove := ballast(t, disks[0], 0)
	// The server answers what reads, or hangs wholly.
	const cure = "is its disk full? Free it and restart that server"
	crawler := c.Roles()[0]
	eventually(t, "the crawler to say that NATS takes nothing", func() bool { return strings.Contains(crawler.Log(1<<20), cure) })
	if status, said := readiness(crawler); status != http.StatusServiceUnavailable || said["nats"] == "ok" {
		t.Errorf("/readyz answers %d, %q", status, said)
	}
	if requests.Load() >= stories {
		t.Fatalf("all of %d pages were fetched before the disk was full", stories)
	}
	remove()
	c.NATS[0].Kill()
	if err := c.NATS[0].Start(); err != nil {
		t.Fatal(err)
	}
	if err := c.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	do(t, c, "job", "watch", "paper", "--quiet")
	for _, p := range c.Roles() {
		eventually(t, p.Name+" to be ready again", func() bool { status, _ := readiness(p); return status == http.StatusOK })
		eventually(t, p.Name+" to say that it is over", func() bool {
			log := p.Log(1 << 20)
			return !strings.Contains(log, cure) || strings.Contains(log, "NATS is back") || strings.Contains(log, "NATS takes messages again")
		})
		if n := strings.Count(p.Log(1<<20), cure); n > 2 { // of each kind once
			t.Errorf("%s said %d times what to do", p.Name, n)
		}
	}
	if out := do(t, c, "verify"); !strings.Contains(out, "all matches") {
		t.Errorf("verify:\n%s", out)
	}
	got, err := c.Outcome(t.Context(), "paper", "paper", 1)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Articles) != stories || len(got.Fates) != stories+2 {
		t.Errorf("%d URLs, %d articles; want %d articles", len(got.Fates), len(got.Articles), stories)
	}
	for _, line := range got.Twice() {
		t.Error(line)
	}
}

// Of three servers one may meet a full disk: the crawl goes on, and doctor names
// the server until it was started again.
func TestDoctorNamesTheNATSServerThatIsBehind(t *testing.T) {
	c, disks, ok := diskedCluster(t, 3, 300)
	if !ok {
		return
	}
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		role(t, c, kind)
	}
	if found := examined(t, c)["replicas"]; !strings.Contains(found, "one may be lost at a time") {
		t.Errorf("doctor of three servers: %q", found)
	}
	const stories = 150
	paper, requests := bulky(t, stories)
	do(t, c, "job", "submit", paper.URL+"/", "--name", "paper", "--allow-private", "--delay", "40ms", "--segment-age", "1s")
	eventually(t, "some requests", func() bool { return requests.Load() > 20 })
	remove := ballast(t, disks[1], 0)
	do(t, c, "job", "watch", "paper", "--quiet")
	remove()
	behind := func() bool {
		found := examined(t, c)["replicas"]
		return strings.HasPrefix(found, "problem: ") && strings.Contains(found, "server nats-1 is away or behind")
	}
	eventually(t, "doctor to name the server", behind)
	c.NATS[1].Kill()
	if err := c.NATS[1].Start(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "doctor to be content", func() bool {
		return strings.Contains(examined(t, c)["replicas"], "one may be lost at a time")
	})
}

// A run log that met a full disk is found out by roles that send nothing to it,
// and doctor names it: the server answers everything else.
func TestARunLogThatTakesNothingIsSpokenOf(t *testing.T) {
	c, disks, ok := diskedCluster(t, 1, 300)
	if !ok {
		return
	}
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		role(t, c, kind)
	}
	s := newSite(t, 10)
	do(t, c, "job", "submit", s.URL+"/", "--name", "site", "--allow-private", "--delay", "10ms")
	eventually(t, "the crawl", func() bool { return strings.Contains(do(t, c, "job", "show", "site"), "running for") })
	cfg, err := c.Remote()
	if err != nil {
		t.Fatal(err)
	}
	nc, err := cfg.Dial()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	log, err := stream.Open(t.Context(), nc, "site", 1)
	if err != nil {
		t.Fatal(err)
	}
	remove := ballast(t, disks[0], 0)
	for i := 0; err == nil && i < 1000; i++ {
		lines := &stream.Lines{}
		lines.Discovery(&stream.Discovery{Kind: stream.KindPage, Skip: stream.SkipExcluded, URL: fmt.Sprintf("%s/%d-%s", s.URL, i, strings.Repeat("x", 1500))})
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		err = log.Discover(ctx, stream.PartitionOf("127.0.0.1"), lines)
		cancel()
	}
	remove()
	if !stream.Passing(err) || log.Untaken() == 0 {
		t.Fatalf("on a full disk: %v, nothing taken for %s", err, log.Untaken())
	}
	if err := log.Takes(t.Context()); err == nil || stream.Passing(err) || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("a log that met a full disk: %v", err)
	}
	const begins, ends = "NATS takes no messages: is its disk full? Free it and restart that server", "NATS takes messages again"
	for _, p := range c.Roles() {
		eventually(t, p.Name+" to say that NATS takes nothing", func() bool { return strings.Contains(p.Log(1<<20), begins) })
		status, said := readiness(p)
		if status != http.StatusServiceUnavailable || !strings.HasPrefix(said["nats"], begins) {
			t.Errorf("%s: /readyz answers %d, %q", p.Name, status, said)
		}
	}
	if found := examined(t, c)["streams"]; !strings.HasPrefix(found, "problem: J_site_1: no messages are taken") {
		t.Errorf("doctor of the streams: %q", found)
	}
	c.NATS[0].Kill()
	if err := c.NATS[0].Start(); err != nil {
		t.Fatal(err)
	}
	for _, p := range c.Roles() {
		eventually(t, p.Name+" to say that it is over", func() bool { return strings.Contains(p.Log(1<<20), ends) })
		if status, said := readiness(p); status != http.StatusOK {
			t.Errorf("%s: /readyz answers %d, %q", p.Name, status, said)
		}
		if log := p.Log(1 << 20); strings.Count(log, begins) != 1 || strings.Count(log, ends) != 1 {
			t.Errorf("%s said it more than once:\n%s", p.Name, log)
		}
	}
	s.open()
	do(t, c, "job", "watch", "site", "--quiet")
}
