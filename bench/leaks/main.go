// Command leaks looks whether newsreel keeps memory, goroutines or open files
// that it should have given back:
//
//	-cycles N  starts and stops a whole run N times in one process: data
//	           folder, NATS, S3, crawler, extractor, archiver. Every second
//	           run is stopped in the middle and resumed.
//	-soak D    runs the built binary for D at a bounded rate
//
// It prints a table and a verdict, and ends with 1 if anything grows.
//
//	go run ./bench/leaks -cycles 100
//	go run ./bench/leaks -soak 1h -rate 5
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"
)

type options struct {
	cycles int
	soak   time.Duration
	rate   int
	dir    string
}

// errGrows says that a verdict was not "flat".
var errGrows = errors.New("something grows: see the table")

func main() {
	var o options
	flag.IntVar(&o.cycles, "cycles", 0, "runs that are started and stopped in one process")
	flag.DurationVar(&o.soak, "soak", 0, "how long the built binary crawls")
	flag.IntVar(&o.rate, "rate", 5, "pages a second that the soak fetches, 1 to 100")
	flag.StringVar(&o.dir, "dir", "", "where to work (default a new folder in the system's temporary one)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "leaks:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, o options, out, log io.Writer) error {
	if o.cycles <= 0 && o.soak <= 0 {
		return errors.New("give -cycles N, -soak TIME, or both")
	}
	if o.rate < 1 || o.rate > 100 {
		return fmt.Errorf("-rate %d: want 1 to 100", o.rate)
	}
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "newsreel-leaks-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	var all []*series
	// The soak is first: the cycles change the working directory for good.
	if o.soak > 0 {
		r, err := soak(ctx, o, log)
		if err != nil {
			return fmt.Errorf("soak: %w", err)
		}
		all = append(all, r)
	}
	if o.cycles > 0 {
		r, err := cycles(ctx, o, log)
		if err != nil {
			return fmt.Errorf("cycles: %w", err)
		}
		all = append(all, r)
	}
	var grows error
	for _, r := range all {
		if !r.report(out) {
			grows = errGrows
		}
	}
	return grows
}
