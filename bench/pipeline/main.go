// Command pipeline measures the whole of newsreel beside other ways to fetch
// the same pages, in one run and by turns, so that what else the machine does
// falls on all alike:
//
//	newsreel   crawl --no-extract into a fresh data folder
//	extract    the same with extraction
//	floor      fetch, gzip, SHA-1 and tokenizer over a known list of URLs
//	wget       wget --recursive --warc-file, one process over all hosts
//	colly      Colly as it comes, its queue in memory, no archive
//
// The pages come from a process of their own, whose CPU is not counted. CPU is
// user and system seconds of the measured process and its children (wait4).
//
//	go run ./bench/pipeline
//	go run ./bench/pipeline -hosts 4 -pages 100 -rounds 1   (under a minute)
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"

	"newsreel/internal/gobuild"
)

type options struct {
	hosts, pages, rounds int
	min, max             int
	only                 string
	dir, profile         string
	perHost, concurrency int
	frontier             bool
	json                 bool
}

func main() {
	var o options
	flag.IntVar(&o.hosts, "hosts", 20, "hosts on loopback")
	flag.IntVar(&o.pages, "pages", 500, "article pages a host")
	flag.IntVar(&o.rounds, "rounds", 3, "times that each is measured; the table has the medians")
	flag.IntVar(&o.min, "min", 50_000, "bytes of the smallest article page")
	flag.IntVar(&o.max, "max", 90_000, "bytes of the largest article page")
	flag.StringVar(&o.only, "only", "floor,newsreel,wget,colly,extract", "what to measure, in this order")
	flag.StringVar(&o.dir, "dir", "", "where to work (default a new folder in the system's temporary one)")
	flag.StringVar(&o.profile, "profile", "", "write CPU profiles of newsreel to this folder")
	flag.IntVar(&o.perHost, "per-host", 2, "newsreel's exchanges at once to a host")
	flag.IntVar(&o.concurrency, "concurrency", 32, "exchanges at once, where there is such a setting")
	flag.BoolVar(&o.frontier, "frontier", true, "measure the frontier's memory with a million URLs")
	flag.BoolVar(&o.json, "json", false, "print one JSON object instead of the table")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, log io.Writer) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "newsreel-bench-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	subjects, err := subjectsOf(o)
	if err != nil {
		return err
	}
	fmt.Fprintln(log, "building …")
	for _, name := range []string{"cmd/newsreel", "bench/origin", "bench/floor", "bench/colly"} {
		if err := build(ctx, o.dir, name); err != nil {
			return err
		}
	}
	report := &Report{Hosts: o.hosts, Pages: o.pages, Rounds: o.rounds, Bytes: [2]int{o.min, o.max}, Machine: machine(o.dir)}
	for round := range o.rounds {
		for _, s := range subjects {
			m, err := measure(ctx, o, s, round)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			fmt.Fprintf(log, "round %d  %-9s %6.2f s wall %6.2f s CPU %7.0f MB peak %6d pages\n",
				round+1, s.name, m.Wall, m.CPU, m.PeakMB, m.Pages)
			report.add(m)
		}
	}
	if o.frontier {
		fmt.Fprintln(log, "filling a frontier with a million URLs …")
		if report.FrontierBytes, err = frontierMemory(ctx); err != nil {
			return err
		}
	}
	report.finish()
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(report)
	}
	report.print(out)
	return nil
}

// build makes the program of a folder of this module, named for the folder.
func build(ctx context.Context, dir, folder string) error {
	return gobuild.Program(ctx, filepath.Join(dir, filepath.Base(folder)), "newsreel/"+folder)
}

// subject is one way to fetch the pages.
type subject struct {
	name string
	// command gives program and arguments for the hosts' front pages, with dir
	// for what it writes.
	command func(dir string, seeds []string) []string
	// stored is the folder in dir that holds what it keeps, "" for nothing.
	stored string
}

func subjectsOf(o options) ([]subject, error) {
	bin := func(name string) string { return filepath.Join(o.dir, name) }
	number := func(n int) string { return fmt.Sprint(n) }
	newsreel := func(more ...string) func(string, []string) []string {
		return func(dir string, seeds []string) []string {
			args := []string{bin("newsreel"), "crawl", "--data", filepath.Join(dir, "data"), "--quiet", "--json", "--name", "bench",
				"--delay", "0s", "--per-host", number(o.perHost), "--per-domain", number(o.perHost),
				"--concurrency", number(o.concurrency), "--assets", "none", "--allow-private"}
			return append(append(args, more...), seeds...)
		}
	}
	all := map[string]subject{
		"newsreel": {stored: "data", command: newsreel("--no-extract")},
		"extract":  {stored: "data", command: newsreel()},
		"floor": {command: func(_ string, seeds []string) []string {
			return append([]string{bin("floor"), "-pages", number(o.pages), "-workers", number(o.concurrency)}, seeds...)
		}},
		"colly": {command: func(_ string, seeds []string) []string {
			return append([]string{bin("colly"), "-threads", number(o.concurrency)}, seeds...)
		}},
		"wget": {stored: "wget", command: func(dir string, seeds []string) []string {
			// Each page is written to a file before its links are read, and
			// removed then. Its robots.txt is obeyed, as by default.
			return append([]string{"wget", "--quiet", "--recursive", "--level=inf", "--delete-after", "--no-directories",
				"--directory-prefix=" + filepath.Join(dir, "pages"),
				"--warc-file=" + filepath.Join(dir, "wget", "bench"), "--warc-tempdir=" + dir}, seeds...)
		}},
	}
	var list []subject
	for _, name := range strings.Split(o.only, ",") {
		s, ok := all[name]
		if !ok {
			return nil, fmt.Errorf("-only: there is no %q", name)
		}
		if s.name = name; name == "wget" {
			if _, err := exec.LookPath("wget"); err != nil {
				return nil, errors.New("wget is not installed; give -only without it")
			}
		}
		list = append(list, s)
	}
	return list, nil
}

// machine describes where the measuring is done.
func machine(dir string) string {
	cpu := runtime.GOARCH
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
				cpu = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s %s", cpu, runtime.NumCPU(), runtime.GOOS, runtime.Version())
}
