package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"newsreel/internal/demo"
)

// Measured is one subject in one round.
type Measured struct {
	Subject string  `json:"subject"`
	Wall    float64 `json:"wall_s"`
	CPU     float64 `json:"cpu_s"`
	PeakMB  float64 `json:"peak_mb"`
	// Pages are the URLs that were asked for, robots.txt apart; All says that
	// none of the world is missing.
	Pages int  `json:"pages"`
	All   bool `json:"all"`
	// Requests is all that the origin was asked, Twice the URLs it was asked
	// for more than once.
	Requests int `json:"requests"`
	Twice    int `json:"twice"`
	// Disk is what is kept in files, in bytes; Archive its part in the store.
	Disk    int64 `json:"disk_bytes"`
	Archive int64 `json:"archive_bytes,omitempty"`
	// OriginCPU is what serving cost, which is not counted.
	OriginCPU float64 `json:"origin_cpu_s"`
}

func measure(ctx context.Context, o options, s subject, round int) (m Measured, err error) {
	m.Subject = s.name
	dir, err := os.MkdirTemp(o.dir, s.name+"-*")
	if err != nil {
		return m, err
	}
	defer os.RemoveAll(dir)
	if s.stored != "" {
		if err := os.Mkdir(filepath.Join(dir, s.stored), 0o755); err != nil {
			return m, err
		}
	}
	origin, err := startOrigin(ctx, o)
	if err != nil {
		return m, err
	}
	defer origin.kill()
	args := s.command(dir, origin.seeds)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if o.profile != "" {
		cmd.Env = append(os.Environ(), "NEWSREEL_CPUPROFILE="+filepath.Join(o.profile, fmt.Sprintf("%s-%d.pprof", s.name, round+1)))
	}
	started := time.Now()
	err = cmd.Run()
	m.Wall = time.Since(started).Seconds()
	if err != nil && !tolerated(s, err) {
		return m, fmt.Errorf("%w\n%s%s", err, stdout.Bytes(), stderr.Bytes())
	}
	m.CPU, m.PeakMB = used(cmd.ProcessState)
	counts, cpu, err := origin.end()
	if err != nil {
		return m, err
	}
	m.OriginCPU = cpu
	m.Requests, m.Twice = counts.Requests, len(counts.Twice)
	world := counts.URLs - o.hosts // each host has a robots.txt
	m.Pages = min(counts.Distinct, world)
	m.All = counts.Distinct >= world
	if s.stored != "" {
		m.Disk, err = size(filepath.Join(dir, s.stored))
	}
	if err == nil && s.stored == "data" {
		m.Archive, err = size(filepath.Join(dir, "data", "s3"))
	}
	return m, err
}

// tolerated knows wget's status 8: a server answered with an error. The style
// sheet that the pages link is not there.
func tolerated(s subject, err error) bool {
	var exit *exec.ExitError
	return s.name == "wget" && errors.As(err, &exit) && exit.ExitCode() == 8
}

// used is what a process and its children took: CPU seconds, user and system,
// and the largest resident memory of one of them.
func used(state *os.ProcessState) (cpu, peakMB float64) {
	cpu = (state.UserTime() + state.SystemTime()).Seconds()
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		peakMB = float64(usage.Maxrss) / 1024
	}
	return cpu, peakMB
}

func size(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		info, err := e.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// origin is the process that serves the pages.
type origin struct {
	cmd   *exec.Cmd
	lines *bufio.Reader
	seeds []string
}

func startOrigin(ctx context.Context, o options) (*origin, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(o.dir, "origin"), "-hosts", strconv.Itoa(o.hosts), "-pages", strconv.Itoa(o.pages),
		"-min", strconv.Itoa(o.min), "-max", strconv.Itoa(o.max))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("origin: %w", err)
	}
	g := &origin{cmd: cmd, lines: bufio.NewReader(out)}
	var first struct{ Seeds []string }
	if err := g.read(&first); err != nil {
		g.kill()
		return nil, err
	}
	g.seeds = first.Seeds
	return g, nil
}

func (g *origin) read(v any) error {
	line, err := g.lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, v)
	}
	if err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	return nil
}

// end stops the origin, and returns what it was asked and the CPU it took.
func (g *origin) end() (c demo.BenchCounts, cpu float64, err error) {
	if err := g.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return c, 0, fmt.Errorf("origin: %w", err)
	}
	if err := g.read(&c); err != nil {
		return c, 0, err
	}
	err = g.cmd.Wait()
	cpu, _ = used(g.cmd.ProcessState)
	return c, cpu, err
}

// kill ends an origin that has not ended.
func (g *origin) kill() {
	if g.cmd.ProcessState == nil {
		g.cmd.Process.Kill()
		g.cmd.Wait()
	}
}

var perURL = regexp.MustCompile(`([0-9.]+) B/URL`)

// frontierMemory runs the benchmark of the frontier that fills it with a
// million URLs, and returns the bytes of heap for each.
func frontierMemory(ctx context.Context) (float64, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", "^BenchmarkAMillionURLs$", "-benchtime", "1x", "newsreel/crawler/frontier")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("frontier: %w\n%s", err, out)
	}
	m := perURL.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("frontier: no memory told in %q", out)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}
