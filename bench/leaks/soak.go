package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"newsreel/internal/demo"
	"newsreel/internal/gobuild"
)

// soakSamples is about how many samples a soak takes, at least a second apart.
const soakSamples = 360

// warmUp is how long no sample is taken: the log's server keeps what was written
// in the last ten seconds.
const warmUp = 12 * time.Second

// soak crawls with the built binary until the time is over, and stops it as
// Ctrl-C does. It must end with exit code 3, stopped.
func soak(ctx context.Context, o options, log io.Writer) (*series, error) {
	binary := filepath.Join(o.dir, "newsreel")
	if err := gobuild.Program(ctx, binary, "newsreel/cmd/newsreel"); err != nil {
		return nil, err
	}
	// A page a second and host, with more pages than there is time for.
	world := demo.Bench(o.rate, int(o.soak.Seconds())+600, demo.SizeRange{Min: 20_000, Max: 40_000})
	seeds, err := world.Start()
	if err != nil {
		return nil, err
	}
	defer world.Close()
	stats := filepath.Join(o.dir, "runtime.jsonl")
	args := append([]string{"crawl", "--data", filepath.Join(o.dir, "soak"), "--quiet", "--name", "soak",
		"--delay", "1s", "--assets", "none", "--segment-age", "2m", "--allow-private"}, seeds...)
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = append(os.Environ(), "NEWSREEL_RUNTIMESTATS="+stats)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	fmt.Fprintf(log, "soak: process %d crawls %d hosts until %s\n", cmd.Process.Pid, o.rate, time.Now().Add(o.soak).Format(time.TimeOnly))
	samples, err := watch(ctx, o, cmd.Process.Pid, stats, world, ended)
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return nil, err
	}
	<-ended
	if code := cmd.ProcessState.ExitCode(); code != 3 {
		return nil, fmt.Errorf("exit code %d, want 3, stopped\n%s", code, said.Bytes())
	}
	if twice := world.Counts().Twice; len(twice) > 0 {
		return nil, fmt.Errorf("fetched more than once: %v", twice)
	}
	cpu := (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
	fmt.Fprintf(log, "soak: %.0f s of CPU, %.1f %% of one processor\n", cpu, 100*cpu/o.soak.Seconds())
	return &series{title: fmt.Sprintf("soak of %s at %d pages a second", o.soak, o.rate), samples: samples}, nil
}

// watch takes samples until the soak's time is over.
func watch(ctx context.Context, o options, pid int, stats string, world *demo.BenchWorld, ended <-chan error) ([]sample, error) {
	began := time.Now()
	over := time.After(o.soak)
	tick := time.NewTicker(max(o.soak/soakSamples, time.Second))
	defer tick.Stop()
	var samples []sample
	for {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case err := <-ended:
			return nil, fmt.Errorf("the crawl ended before its time: %v", err)
		case <-over:
			return samples, nil
		case <-tick.C:
		}
		s := sample{At: time.Since(began).Seconds(), Pages: int64(world.Counts().Distinct)}
		if err := s.ofProcess(pid); err != nil {
			return nil, err
		}
		known, err := s.ofRuntime(stats)
		if err != nil {
			return nil, err
		}
		if known && time.Since(began) > warmUp {
			samples = append(samples, s)
		}
	}
}

// ofRuntime fills what the last whole line tells that the process writes about
// its Go runtime, if there is one yet.
func (s *sample) ofRuntime(path string) (known bool, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		if os.IsNotExist(err) {
			return false, nil
		}
		return false, err
	}
	end := bytes.LastIndexByte(text, '\n')
	if end < 0 {
		return false, nil
	}
	line := text[bytes.LastIndexByte(text[:end], '\n')+1 : end]
	var r struct{ Goroutines, Live int64 }
	if err := json.Unmarshal(line, &r); err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	s.Goroutines, s.Live = r.Goroutines, r.Live
	return true, nil
}
