// Command cluster measures newsreel as a cluster on this machine: one, two and
// four processes of each role over NATS servers and an S3 server of their own,
// with many jobs at once. It counts what a page costs each of them (CPU, NATS
// messages, S3 requests, fsyncs, connections) and reckons from that which
// resource is used up first with more processes than fit here.
//
//	go run ./bench/cluster
//	go run ./bench/cluster -sizes 1 -jobs 20 -hosts 20 -pages 20     (a look)
//	go run ./bench/cluster -sizes 1 -strace                          (counts fsyncs)
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"newsreel/internal/cluster"
)

type options struct {
	sizes       []int
	servers     int
	jobs        int
	hosts       int
	pages       int
	min, max    int
	delay       time.Duration
	concurrency int
	idle        time.Duration
	strace      bool
	json        bool
}

func main() {
	var o options
	sizes := flag.String("sizes", "1,2,4", "processes of each role, a measurement for each number")
	flag.IntVar(&o.servers, "nats", 1, "NATS servers: 1 or 3")
	flag.IntVar(&o.jobs, "jobs", 200, "jobs at once")
	flag.IntVar(&o.hosts, "hosts", 200, "hosts on loopback, parted among the jobs (at most 250)")
	flag.IntVar(&o.pages, "pages", 20, "article pages a host")
	flag.IntVar(&o.min, "min", 20_000, "bytes of the smallest article page")
	flag.IntVar(&o.max, "max", 60_000, "bytes of the largest article page")
	flag.DurationVar(&o.delay, "delay", 100*time.Millisecond, "between two starts to a host")
	flag.IntVar(&o.concurrency, "concurrency", 32, "exchanges at once in a crawler, for each job")
	flag.DurationVar(&o.idle, "idle", 20*time.Second, "how long the idle cluster is looked at")
	flag.BoolVar(&o.strace, "strace", false, "count fsyncs with strace, which slows the servers down")
	flag.BoolVar(&o.json, "json", false, "print one JSON object instead of the tables")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := o.parse(*sizes)
	if err == nil {
		err = run(ctx, o, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func (o *options) parse(sizes string) error {
	for _, s := range strings.Split(sizes, ",") {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return fmt.Errorf("-sizes %q: want numbers of processes, as in 1,2,4", sizes)
		}
		o.sizes = append(o.sizes, n)
	}
	if o.hosts < o.jobs {
		return fmt.Errorf("%d hosts for %d jobs: each job needs one of its own", o.hosts, o.jobs)
	}
	return nil
}

func run(ctx context.Context, o options, out, log io.Writer) error {
	dir, err := os.MkdirTemp("", "newsreel-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(log, "building …")
	programs, err := cluster.Build(ctx, dir)
	if err != nil {
		return err
	}
	r := &Report{Machine: machine(), NATSServers: o.servers, Jobs: o.jobs, Hosts: o.hosts, PagesPerHost: o.pages, Bytes: [2]int{o.min, o.max}}
	for _, n := range o.sizes {
		m, err := measure(ctx, o, dir, programs, n, log)
		if err != nil {
			return fmt.Errorf("%d of each role: %w", n, err)
		}
		fmt.Fprintf(log, "%d of each: %d pages in %.1f s\n", n, m.Pages, m.Wall)
		r.Measured = append(r.Measured, *m)
	}
	r.Model = reckon(r.Measured[0])
	if o.json {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(r)
	}
	r.print(out)
	return nil
}
