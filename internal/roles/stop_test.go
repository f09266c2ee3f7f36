package roles_test

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"newsreel/internal/cluster"
	"newsreel/internal/roles"
)

// TestARoleStopsInTimeWithoutNATS stops roles in the middle of a run whose NATS
// server is frozen, or gone: they end within the time that is promised, with
// status 0, and say what they gave up.
func TestARoleStopsInTimeWithoutNATS(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Minute)
	defer cancel()
	programs, err := cluster.Build(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Run("servers", func(t *testing.T) {
		for name, take := range map[string]func(p *cluster.Process) error{
			"stuck": (*cluster.Process).Freeze,
			"away":  func(p *cluster.Process) error { p.Kill(); return nil },
		} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := underWay(ctx, t, programs)
				if err := take(c.NATS[0]); err != nil {
					t.Fatal(err)
				}
				fetchesOn(t, c.Roles()[0])
				stopAll(ctx, t, c.Roles())
				if name == "away" {
					if err := c.NATS[0].Start(); err != nil {
						t.Fatal(err)
					}
					knowsWhatIsThere(ctx, t, c)
				}
			})
		}
	})
}

// underWay starts one of each role, and a job that takes long.
func underWay(ctx context.Context, t *testing.T, programs cluster.Programs) *cluster.Cluster {
	t.Helper()
	dir := t.TempDir()
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir, Programs: programs, NATSServers: 1,
		Args: []string{"--log-format", "json", "--health", "127.0.0.1:0"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Kill)
	for _, kind := range []string{"crawler", "extractor", "archiver"} {
		if _, err := c.Role(kind); err != nil {
			t.Fatal(err)
		}
	}
	origin, err := cluster.StartOrigin(ctx, dir, "origin", programs, "-hosts", "4", "-pages", "400", "-min", "4000", "-max", "8000")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(origin.Kill)
	file := filepath.Join(dir, "job.yaml")
	document := "name: long\nseeds:\n  urls: [" + strings.Join(origin.Seeds, ", ") + "]\npoliteness:\n  delay: 200ms\nnetwork:\n  allow_private: true\n"
	if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Newsreel(ctx, "job", "submit", file); err != nil {
		t.Fatal(err)
	}
	await(t, "captures", func() bool {
		out, err := c.Newsreel(ctx, "job", "show", "long", "--json")
		var shown struct {
			Runs []struct{ Captured int }
		}
		return err == nil && json.Unmarshal([]byte(out), &shown) == nil && len(shown.Runs) == 1 && shown.Runs[0].Captured >= 10
	})
	return c
}

// fetchesOn waits until a crawler has pages in hand that it cannot commit: its
// lease holds for a while.
func fetchesOn(t *testing.T, crawler *cluster.Process) {
	t.Helper()
	address := regexp.MustCompile(`"msg":"health and metrics","address":"([^"]+)"`).FindStringSubmatch(crawler.Log(1 << 20))
	made := regexp.MustCompile(`newsreel_crawler_exchanges_total\{.*\} (\d+)`)
	before := ""
	await(t, "exchanges without NATS", func() bool {
		_, said := look(t, "http://"+address[1]+"/metrics")
		now := made.FindStringSubmatch(said)
		if now != nil && before == "" {
			before = now[1]
		}
		return now != nil && now[1] != before
	})
}

// stopAll ends roles with SIGTERM.
func stopAll(ctx context.Context, t *testing.T, all []*cluster.Process) {
	t.Helper()
	began := time.Now()
	for _, p := range all {
		if err := p.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range all {
		if err := p.Wait(ctx); err != nil {
			t.Fatal(err)
		}
		// A second for the machine.
		if took := time.Since(began); took > roles.StopTime+time.Second || p.Code() != 0 {
			t.Errorf("%s ended with status %d after %s", p.Name, p.Code(), took)
		}
		log := p.Log(1 << 20)
		for line := range strings.Lines(log) {
			if !json.Valid([]byte(line)) {
				t.Errorf("%s: a line is no JSON: %s", p.Name, line)
			}
		}
		if !strings.Contains(log, "the lease could not be given up") {
			t.Errorf("%s says nothing of what it gave up:\n%s", p.Name, log)
		}
		if strings.HasPrefix(p.Name, "crawler") && !strings.Contains(log, "run 1 of job long") {
			t.Errorf("%s says nothing of the run that it gave up:\n%s", p.Name, log)
		}
		t.Logf("%s ended after %s; its log ends with\n%s", p.Name, time.Since(began), p.Log(1500))
	}
}

// knowsWhatIsThere looks at a run that nobody works on, and cancels it.
func knowsWhatIsThere(ctx context.Context, t *testing.T, c *cluster.Cluster) {
	t.Helper()
	if err := c.Ready(ctx); err != nil {
		t.Fatal(err)
	}
	watching, end := context.WithTimeout(ctx, time.Minute)
	defer end()
	cmd := exec.CommandContext(watching, c.Programs.Newsreel, "job", "watch", "long")
	cmd.Env = c.Environ()
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said, counted := "", false
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "waiting for crawlers") {
			counted = regexp.MustCompile(`[1-9][0-9]* captured`).MatchString(lines.Text())
			end()
		}
	}
	_ = cmd.Wait() // it was ended
	if !counted {
		t.Errorf("job watch says\n%s", said)
	}
	cancel := exec.CommandContext(ctx, c.Programs.Newsreel, "job", "cancel", "long")
	cancel.Env = c.Environ()
	out, err := cancel.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "newsreel crawler") || !strings.Contains(string(out), "newsreel archiver") {
		t.Errorf("job cancel: %v, %s", err, out)
	}
}
