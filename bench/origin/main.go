// Command origin serves the bench world until it is told to end. The first
// line that it prints is {"seeds": [URL, …]}, the last what it was asked. It
// is a process of its own so that its CPU is not counted as a crawler's.
//
// With -demo it serves the newspapers of `newsreel demo`: the first line is
// {"job": DOCUMENT}, and the others are the requests that it was sent.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"newsreel/internal/demo"
)

func main() {
	hosts := flag.Int("hosts", 20, "hosts")
	pages := flag.Int("pages", 500, "article pages a host")
	least := flag.Int("min", 50_000, "bytes of the smallest article page")
	most := flag.Int("max", 90_000, "bytes of the largest article page")
	papers := flag.Bool("demo", false, "serve the newspapers of the demo")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	var err error
	if *papers {
		err = serveDemo(ctx, os.Stdout)
	} else {
		err = demo.Bench(*hosts, *pages, demo.SizeRange{Min: *least, Max: *most}).ListenAndServe(ctx, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "origin:", err)
		os.Exit(1)
	}
}

func serveDemo(ctx context.Context, out io.Writer) error {
	world := demo.New()
	if _, err := world.Start(); err != nil {
		return err
	}
	defer world.Close()
	lines := json.NewEncoder(out)
	if err := lines.Encode(map[string]string{"job": world.JobYAML()}); err != nil {
		return err
	}
	<-ctx.Done()
	for _, request := range world.Log() {
		if err := lines.Encode(request); err != nil {
			return err
		}
	}
	return nil
}
