package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"strings"
)

// Report is what the program prints.
type Report struct {
	Machine      string
	NATSServers  int
	Jobs         int
	Hosts        int
	PagesPerHost int
	Bytes        [2]int
	Measured     []Measurement
	Model        []Bound
}

func machine() string {
	return fmt.Sprintf("%d processors, %s, %s/%s", runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

var columns = []string{"crawler", "extractor", "archiver", "nats", "s3"}

func (r *Report) print(out io.Writer) {
	fmt.Fprintf(out, "%s; %d NATS servers; %d jobs at once over %d hosts of %d pages (%d to %d bytes)\n\n",
		r.Machine, r.NATSServers, r.Jobs, r.Hosts, r.PagesPerHost, r.Bytes[0], r.Bytes[1])
	fmt.Fprintln(out, "| of each role | pages | s | pages/s | CPU s / 1,000 pages: crawlers | extractors | archivers | NATS | S3 | NATS messages in / out a page | S3 requests a page |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, m := range r.Measured {
		fmt.Fprintf(out, "| %d | %d | %.1f | %.0f |", m.Each, m.Pages, m.Wall, float64(m.Pages)/m.Wall)
		for _, kind := range columns {
			fmt.Fprintf(out, " %.2f |", m.CPU[kind])
		}
		fmt.Fprintf(out, " %.1f / %.1f | %.2f |\n", m.MessagesIn, m.MessagesOut, sum(m.S3))
	}
	fmt.Fprintln(out, "\n| of each role | peak MB of a process: crawler | extractor | archiver | NATS | S3 | idle CPU %, all: crawlers | extractors | archivers | NATS | S3 | idle MB, all | connections a process: NATS | S3 |")
	fmt.Fprintln(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, m := range r.Measured {
		fmt.Fprintf(out, "| %d |", m.Each)
		for _, kind := range columns {
			fmt.Fprintf(out, " %.0f |", m.PeakMB[kind])
		}
		for _, kind := range columns {
			fmt.Fprintf(out, " %.1f |", m.IdleCPU[kind])
		}
		fmt.Fprintf(out, " %.0f | %.1f | %.1f |\n", sum(m.IdleMB), m.NATSConnections, m.S3Connections)
	}
	r.printFsyncs(out)
	r.printModel(out)
}

func (r *Report) printFsyncs(out io.Writer) {
	for _, m := range r.Measured {
		if m.Fsyncs == nil {
			continue
		}
		var parts []string
		for _, kind := range columns {
			parts = append(parts, fmt.Sprintf("%s %.2f", kind, m.Fsyncs[kind]))
		}
		fmt.Fprintf(out, "\nfsyncs a page, %d of each: %s\n", m.Each, strings.Join(parts, ", "))
	}
}

func (r *Report) printModel(out io.Writer) {
	fmt.Fprintln(out, "\nReckoned from the first line: what each resource can carry, and how much of it a number of processes")
	fmt.Fprintln(out, "(crawlers, extractors and archivers in the ratio of their CPU, a core each) would use. Over 100 % it is what holds them up.")
	fmt.Fprintf(out, "\n| resource | carries, pages/s |")
	for _, n := range processCounts {
		fmt.Fprintf(out, " %d processes |", n)
	}
	fmt.Fprintf(out, "\n| --- | --- |%s\n", strings.Repeat(" --- |", len(processCounts)))
	for _, b := range r.Model {
		fmt.Fprintf(out, "| %s | %s |", b.Resource, figure(b.PagesPerSecond))
		for _, use := range b.Use {
			fmt.Fprintf(out, " %s %% |", figure(100*use))
		}
		fmt.Fprintln(out)
	}
}

func figure(f float64) string {
	if f >= 100 {
		return fmt.Sprintf("%.0f", math.Round(f))
	}
	return fmt.Sprintf("%.2g", f)
}

func sum(m map[string]float64) (total float64) {
	for _, v := range m {
		total += v
	}
	return total
}
