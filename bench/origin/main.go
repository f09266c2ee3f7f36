// Command origin serves the bench world until it is told to end. The first
// line that it prints is {"seeds": [URL, …]}, the last what it was asked. It
// is a process of its own so that its CPU is not counted as a crawler's.
package main

import (
	"context"
	"flag"
	"fmt"
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
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	world := demo.Bench(*hosts, *pages, demo.SizeRange{Min: *least, Max: *most})
	if err := world.ListenAndServe(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "origin:", err)
		os.Exit(1)
	}
}
