// Command chaos holds newsreel to its promise: nothing lost, nothing twice,
// whatever died. It builds the program, lets it crawl a world on loopback
// undisturbed, then again and again while it is killed, stopped, cut off from
// power and otherwise mistreated, lets each crawl finish, and compares what is
// archived with the undisturbed crawl's, URL by URL and byte by byte.
//
//	go run ./chaos                      everything in one process, at length
//	go run ./chaos --ci                 a part of it that takes minutes
//	go run ./chaos --takeover           how soon another crawler takes over
//	                                    (--only kill or --only stop: one of the two)
//	go run ./chaos --only kill --seed 7 --count 1   one trial again
//
// It prints a table of faults, and ends with status 1 if anything was lost,
// stored twice or torn, or if a named point was never hit. The folder of a
// failed trial is kept.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	code, err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if err != nil {
		fmt.Fprintln(os.Stderr, "chaos:", err)
		code = 2
	}
	os.Exit(code)
}

// ciTime bounds all of --ci.
const ciTime = 10 * time.Minute

// options are what a run of the harness is told.
type options struct {
	only   string
	seed   uint64
	count  int
	ci     bool
	json   bool
	keep   bool
	jobs   int
	dir    string
	binary string
	point  string
	fault  string
	take   bool
}

func parseOptions(args []string, stderr io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet("chaos", flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.StringVar(&o.only, "only", "", "only these faults, parted by commas: "+strings.Join(modeNames(), ", "))
	fs.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()%1e9), "seed of the first trial; the others count on from it")
	fs.IntVar(&o.count, "count", 0, "how many faults (kills, cuts, …) of each kind; 0: what the kind has by default")
	fs.StringVar(&o.point, "point", "", "only this named point")
	fs.StringVar(&o.fault, "fault", "", "only the faults of clusters with this in their name")
	fs.BoolVar(&o.ci, "ci", false, "a part of at most 10 minutes: each named point, 20 kills, a few of the others, two clusters")
	fs.BoolVar(&o.take, "takeover", false, "measure instead how long hosts wait for another crawler when theirs is killed or frozen")
	fs.BoolVar(&o.json, "json", false, "print the table as JSON")
	fs.BoolVar(&o.keep, "keep", false, "keep the folders of trials that went well, too")
	fs.IntVar(&o.jobs, "jobs", 2, "trials at once")
	fs.StringVar(&o.dir, "dir", "", "where the trials' folders are made (default a new one below the system's temporary folder)")
	fs.StringVar(&o.binary, "binary", "", "the program to try (default: built from this module)")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	return &o, nil
}

// run runs the chosen faults, prints the table, and returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return 2, err
	}
	modes, err := chosen(o.only)
	if err != nil {
		return 2, err
	}
	if o.ci {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, ciTime, fmt.Errorf("--ci takes more than %s", ciTime))
		defer cancel()
	}
	h, err := newHarness(ctx, o, stderr)
	if err != nil {
		return 2, err
	}
	defer h.close()
	if o.take {
		hosts := o.count
		if hosts == 0 {
			hosts = 50
		}
		return 0, h.takeovers(hosts, stdout)
	}
	for _, m := range modes {
		if m.count(o) == 0 {
			continue
		}
		began := time.Now()
		h.say("%s: %s", m.name, m.about)
		if err := m.run(h, m.count(o)); err != nil {
			return 2, fmt.Errorf("%s: %w", m.name, err)
		}
		h.say("%s: done in %s", m.name, time.Since(began).Round(time.Second))
		if ctx.Err() != nil {
			break
		}
	}
	if ctx.Err() != nil {
		h.breaks("not all was tried: %v", context.Cause(ctx))
	}
	t := h.table()
	if o.json {
		enc := json.NewEncoder(stdout)
		enc.SetIndent("", "  ")
		err = enc.Encode(t)
	} else {
		err = t.print(stdout)
	}
	if err != nil || !t.Clean || ctx.Err() != nil {
		return 1, err
	}
	return 0, nil
}

// mode is a kind of fault.
type mode struct {
	name, about string
	// full and ci are how many faults are made by default.
	full, ci int
	run      func(h *harness, count int) error
}

func (m *mode) count(o *options) int {
	switch {
	case o.count > 0:
		return o.count
	case o.ci:
		return m.ci
	}
	return m.full
}

func modes() []mode {
	return []mode{
		{"points", "SIGKILL at each named point", 1, 1, (*harness).points},
		{"kill", "SIGKILL at random moments and points", 1000, 20, (*harness).kills},
		{"signal", "SIGTERM and SIGINT, once or twice", 60, 4, (*harness).signals},
		{"stop", "SIGSTOP past the lease, then SIGCONT", 12, 1, (*harness).stops},
		{"power", "the power of the data folder's disk cut", 100, 2, (*harness).cuts},
		{"disk", "the data folder's disk full, then freed", 20, 1, (*harness).fulls},
		{"clock", "the wall clock stepped forth and back", 20, 1, (*harness).clocks},
		{"cluster", "processes killed, frozen and cut off, servers lost", 300, 1, (*harness).fleets},
	}
}

func modeNames() (names []string) {
	for _, m := range modes() {
		names = append(names, m.name)
	}
	return names
}

func chosen(only string) (list []mode, err error) {
	for _, m := range modes() {
		if only == "" || containsWord(only, m.name) {
			list = append(list, m)
		}
	}
	for word := range strings.SplitSeq(only, ",") {
		if only != "" && !containsWord(strings.Join(modeNames(), ","), word) {
			return nil, fmt.Errorf("no fault is named %q; there are %s", word, strings.Join(modeNames(), ", "))
		}
	}
	return list, nil
}

func containsWord(list, word string) bool {
	for w := range strings.SplitSeq(list, ",") {
		if w == word {
			return true
		}
	}
	return false
}
