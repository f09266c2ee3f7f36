package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"newsreel/archive"
	"newsreel/chaos/look"
	"newsreel/chaos/proc"
	"newsreel/chaos/world"
)

// jobName is the job, and the collection, of every trial.
const jobName = "gazettes"

// patience bounds every wait for something that must come.
const patience = 3 * time.Minute

// trial is one crawl that is disturbed, with a world and a folder of its own.
type trial struct {
	h     *harness
	row   *row
	name  string
	seed  uint64
	rng   *rand.Rand
	world *world.World
	dir   string
	// data is the data folder. A power cut moves it.
	data string
	// args are of the crawl, beside --data; env of every process of it.
	args, env []string
	log       *os.File
	// faults are when exchanges may have been interrupted, by the world's clock.
	faults []span
	// delay is the time between two starts at a host that is promised and held by
	// the world's log, one at a time; 0 for a crawl at full speed.
	delay time.Duration
	// cleanup is undone at the end, the last first.
	cleanup []func()
	failed  []string
	looks   int
	open    int
	running *proc.Process
}

// span is a time in which exchanges may have been interrupted: from a fault, or
// from when commits began to wait for one, to its end and so long after.
type span struct{ from, to, after time.Duration }

// pacedModes are those of one process in which every third crawl is a slow one, whose
// pace is held by the world's log over all starts.
var pacedModes = []string{"kill", "signal", "stop", "power", "clock"}

const pacedDelay = 250 * time.Millisecond

// begin makes a trial: its world is served, nothing is crawled.
func (h *harness) begin(r *row, name string, seed uint64, size world.Size) (*trial, error) {
	h.mu.Lock()
	h.trial++
	dir := filepath.Join(h.dir, fmt.Sprintf("%03d-%s-%d", h.trial, strings.ReplaceAll(name, "/", "-"), seed))
	h.mu.Unlock()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	w, err := world.Start(size)
	if err != nil {
		return nil, err
	}
	t := &trial{h: h, row: r, name: name, seed: seed, rng: rand.New(rand.NewPCG(seed, 4)), world: w, dir: dir,
		data: filepath.Join(dir, "data"), log: log}
	pace := []string{"--delay", "10ms", "--per-host", "2", "--per-domain", "2"}
	if r.Mode == "cluster" {
		t.delay = delay
	} else if slices.Contains(pacedModes, r.Mode) && seed%3 == 0 {
		t.delay = pacedDelay
		pace = []string{"--delay", pacedDelay.String(), "--per-host", "1", "--per-domain", "1"}
	}
	t.args = append(pace, "--name", jobName, "--json", "--quiet", "--allow-private", "--concurrency", "8", "--segment-size", "64KiB", "--segment-age", "1s", "--snapshot-every", "3")
	if size.Large {
		t.args = append(t.args, "--limit-links", "1000")
	}
	for _, pair := range w.Resolve() {
		t.args = append(t.args, "--resolve", pair)
	}
	t.args = append(t.args, w.Seeds()...)
	return t, nil
}

// end frees what the trial took. Its folder goes if all was well.
func (t *trial) end() {
	if t.running != nil {
		t.running.Signal(syscall.SIGCONT)
		t.running.Kill()
	}
	t.world.Close()
	t.log.Close()
	for i := len(t.cleanup) - 1; i >= 0; i-- {
		t.cleanup[i]()
	}
	if len(t.failed) == 0 && !t.h.o.keep {
		os.RemoveAll(t.dir)
	}
}

// fail notes that something is not as promised.
func (t *trial) fail(format string, args ...any) {
	t.failed = append(t.failed, fmt.Sprintf(format, args...))
}

func (t *trial) note(format string, args ...any) {
	fmt.Fprintf(t.log, "--- %s at %.3f s: %s\n", time.Now().Format(time.TimeOnly), t.world.Now().Seconds(), fmt.Sprintf(format, args...))
}

// command makes a process of the program over the data folder.
func (t *trial) command(env []string, args ...string) (*proc.Process, error) {
	t.note("newsreel %s %v", args[0], env)
	p, err := proc.Start(proc.Command{Path: t.h.binary, Args: append(args, "--data", t.data),
		Env: append(append([]string(nil), t.env...), env...), Log: t.log})
	if err == nil { // nothing outlives the harness's time
		stop := context.AfterFunc(t.h.ctx, p.Kill)
		t.cleanup = append(t.cleanup, func() { stop() })
	}
	return p, err
}

// crawl starts the crawl, or goes on with it.
func (t *trial) crawl(env ...string) (*proc.Process, error) {
	p, err := t.command(env, append([]string{"crawl"}, t.args...)...)
	t.running = p
	return p, err
}

// kill ends a process at once, and notes when.
func (t *trial) kill(p *proc.Process) {
	t.fault(p.Kill)
}

// fault does something to the crawl that interrupts exchanges, for a time.
func (t *trial) fault(do func()) {
	t.interrupts(lag, do)
	t.row.injected(1)
}

// harmless does something to the crawl for which nothing is fetched again.
func (t *trial) harmless(do func()) {
	do()
	t.row.injected(1)
}

// interrupts notes the time that something takes, and so long after, as one in
// which exchanges may be interrupted.
func (t *trial) interrupts(after time.Duration, do func()) {
	from := t.world.Now()
	do()
	t.faults = append(t.faults, span{from, t.world.Now(), after})
}

// died notes that a process died by itself.
func (t *trial) died(p *proc.Process) {
	at := t.world.At(p.Ended())
	t.faults = append(t.faults, span{at - lag, at, lag})
	t.row.injected(1)
}

// crawlToEnd lets the crawl finish undisturbed.
func (t *trial) crawlToEnd() error {
	p, err := t.crawl()
	if err != nil {
		return err
	}
	return t.finished(p)
}

// finished waits for a crawl's own end, which must be a good one.
func (t *trial) finished(p *proc.Process) error {
	if !p.Wait(patience) {
		p.Signal(syscall.SIGQUIT)
		p.Wait(5 * time.Second)
		return errors.New("the crawl does not end; its goroutines are in the log")
	}
	if p.Code() != 0 {
		return fmt.Errorf("the crawl ends with status %d: %s", p.Code(), lastLine(p.Stderr()))
	}
	return nil
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// store is the bucket as the files that it is.
func (t *trial) store() archive.Store {
	return look.Files{Root: filepath.Join(t.data, "s3", "newsreel")}
}

func (t *trial) read() (*look.Holding, error) {
	return look.Archive(t.h.ctx, t.store(), t.dir, jobName, 1)
}

// shown is what `job show --json` prints, as far as it matters here.
type shown struct {
	Runs []archive.Summary `json:"runs"`
}

// look asks for the ledger as a person would, and holds that it closes. Where
// the crawl dies meanwhile there is no answer, which is fine.
func (t *trial) look() {
	p, err := t.command(nil, "job", "show", jobName, "--json")
	if err != nil {
		t.fail("job show: %v", err)
		return
	}
	if !p.Wait(patience) {
		p.Kill()
		t.fail("job show does not end")
		return
	}
	var s shown
	if p.Code() != 0 || json.Unmarshal([]byte(p.Stdout()), &s) != nil || len(s.Runs) == 0 {
		return
	}
	t.closes(&s.Runs[len(s.Runs)-1])
}

// closes holds that a ledger that was looked at closes.
func (t *trial) closes(r *archive.Summary) {
	t.looks++
	sum := r.Captured + r.Waiting
	for _, n := range r.Failed {
		sum += n
	}
	for _, n := range r.Skipped {
		sum += n
	}
	if sum != r.Discovered {
		t.open++
		t.fail("the ledger does not close: %d discovered, %d with a fate or waiting", r.Discovered, sum)
	}
}
