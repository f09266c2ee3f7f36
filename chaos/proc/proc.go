// Package proc runs the built program as a process: it starts, signals, watches
// and waits for it, and keeps what it says.
package proc

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"newsreel/internal/diepoint"
)

// Command says what is run.
type Command struct {
	Path string
	Args []string
	// Env is beside the clean environment.
	Env []string
	// Log, if not nil, is a file that gets what the process writes to standard
	// error as well.
	Log *os.File
}

// Process is a process at work or over.
type Process struct {
	cmd    *exec.Cmd
	stdout buffer
	stderr buffer
	done   chan struct{}
	code   int
	killed bool
	ended  time.Time
}

// Start starts a process.
func Start(c Command) (*Process, error) {
	p := &Process{cmd: exec.Command(c.Path, c.Args...), done: make(chan struct{})}
	p.stderr.also = c.Log
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.Env = append(environment(), c.Env...)
	p.cmd.WaitDelay = 10 * time.Second
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Path, err)
	}
	go func() {
		defer close(p.done)
		err := p.cmd.Wait()
		p.ended = time.Now()
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			status, _ := exit.Sys().(syscall.WaitStatus)
			p.code, p.killed = exit.ExitCode(), status.Signaled()
		} else if err != nil {
			p.code = -2
		}
	}()
	return p, nil
}

// environment is this process's without what would change a job.
func environment() (env []string) {
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "NEWSREEL_") && !strings.HasPrefix(v, "COLLY_") {
			env = append(env, v)
		}
	}
	return env
}

// Done is closed when the process is over.
func (p *Process) Done() <-chan struct{} { return p.done }

// Over says whether it is.
func (p *Process) Over() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// Code is the exit code of a process that is over, Killed whether a signal
// ended it.
func (p *Process) Code() int    { return p.code }
func (p *Process) Killed() bool { return p.killed }

// Ended is when it ended, of a process that is over.
func (p *Process) Ended() time.Time { return p.ended }

// Stdout and Stderr are what it has said so far.
func (p *Process) Stdout() string { return p.stdout.text() }
func (p *Process) Stderr() string { return p.stderr.text() }

// DiedAt says whether it passed the point that it was told to die or stop at.
func (p *Process) DiedAt(point string) bool {
	said := p.Stderr()
	return strings.Contains(said, diepoint.SaidDies+point+"\n") || strings.Contains(said, diepoint.SaidStops+point+"\n")
}

// Signal sends a signal. One to a process that is over is nothing.
func (p *Process) Signal(s syscall.Signal) {
	if !p.Over() {
		_ = p.cmd.Process.Signal(s)
	}
}

// Kill ends the process at once and waits for it.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.done
}

// Wait waits for the end, at most so long, and says whether it came.
func (p *Process) Wait(limit time.Duration) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// Until waits until ok, the process's end or the limit, and returns ok's word.
func (p *Process) Until(limit time.Duration, ok func() bool) bool {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(limit)
	for !ok() {
		select {
		case <-p.done:
			return ok()
		case <-deadline:
			return false
		case <-tick.C:
		}
	}
	return true
}

// Stopped says whether the process stands still after SIGSTOP.
func (p *Process) Stopped() bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(data, []byte(") "))
	return len(rest) > 0 && rest[0] == 'T'
}

// buffer is a bytes.Buffer that can be read while it is written.
type buffer struct {
	mu   sync.Mutex
	b    bytes.Buffer
	also *os.File
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.also != nil {
		b.also.Write(p)
	}
	return b.b.Write(p)
}

func (b *buffer) text() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
