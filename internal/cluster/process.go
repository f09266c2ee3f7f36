package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// Process is a program at work, which can be stopped, killed, frozen and started
// again. Its output goes to one log file, over all starts. It is safe for
// concurrent use.
type Process struct {
	// Name tells it from others: nats-0, s3, crawler-1.
	Name string
	// args gives the arguments of a start, which are counted from 0.
	args func(start int) []string
	path string
	env  []string
	log  string

	mu     sync.Mutex
	cmd    *exec.Cmd
	done   chan struct{} // closed when it has ended
	starts int
	frozen bool
}

func newProcess(dir, name, path string, env []string, args func(start int) []string) *Process {
	return &Process{Name: name, path: path, args: args, env: env, log: filepath.Join(dir, name+".log")}
}

// Start starts the process. One that runs already is an error.
func (p *Process) Start() error { return p.StartWith() }

// StartWith is Start with more in the environment, this once: NAME=VALUE.
func (p *Process) StartWith(env ...string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running() {
		return fmt.Errorf("start %s: it runs already", p.Name)
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	defer log.Close()
	args := p.args(p.starts)
	cmd := exec.Command(p.path, args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, append(p.env[:len(p.env):len(p.env)], env...)
	// A signal to the harness's terminal is not meant for it.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", p.Name, err)
	}
	p.starts++
	p.cmd, p.done, p.frozen = cmd, make(chan struct{}), false
	go func(done chan struct{}) {
		defer close(done)
		_ = cmd.Wait() // Code tells
	}(p.done)
	return nil
}

func (p *Process) running() bool {
	if p.done == nil {
		return false
	}
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// Running says whether it runs, frozen or not.
func (p *Process) Running() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.running()
}

// PID is the process's, 0 if it was never started.
func (p *Process) PID() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil {
		return 0
	}
	return p.cmd.Process.Pid
}

// Starts counts how often it was started.
func (p *Process) Starts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.starts
}

// Signal sends a signal. A process that has ended is no error.
func (p *Process) Signal(s syscall.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.signal(s)
}

func (p *Process) signal(s syscall.Signal) error {
	if !p.running() {
		return nil
	}
	if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("signal %s: %w", p.Name, err)
	}
	return nil
}

// Freeze stops the process with SIGSTOP; Thaw lets it go on.
func (p *Process) Freeze() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = true
	return p.signal(syscall.SIGSTOP)
}

// Thaw is SIGCONT.
func (p *Process) Thaw() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.frozen = false
	return p.signal(syscall.SIGCONT)
}

// Kill is kill -9. It returns when the process is gone.
func (p *Process) Kill() {
	p.mu.Lock()
	done := p.done
	_ = p.signal(syscall.SIGKILL) // one that has ended is what is wanted
	p.mu.Unlock()
	if done != nil {
		<-done
	}
}

// Stop asks for a clean end, and waits for it until ctx ends; then the process
// is killed, which is an error.
func (p *Process) Stop(ctx context.Context) error {
	p.mu.Lock()
	if p.frozen {
		_ = p.signal(syscall.SIGCONT)
		p.frozen = false
	}
	err := p.signal(syscall.SIGTERM)
	p.mu.Unlock()
	if err != nil {
		return err
	}
	if err := p.Wait(ctx); err != nil {
		p.Kill()
		return fmt.Errorf("stop %s: %w", p.Name, err)
	}
	return nil
}

// Wait waits until the process has ended, or ctx has.
func (p *Process) Wait(ctx context.Context) error {
	p.mu.Lock()
	done := p.done
	p.mu.Unlock()
	if done == nil {
		return nil
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Code is the exit code of the last start: -1 if it runs or was ended by a
// signal.
func (p *Process) Code() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil || p.running() {
		return -1
	}
	return p.cmd.ProcessState.ExitCode()
}

// CPU is the processor time of the last start, once it has ended.
func (p *Process) CPU() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == nil || p.running() {
		return 0
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// LogPath is the file of all that it wrote.
func (p *Process) LogPath() string { return p.log }

// Log is the end of what it wrote, at most max bytes.
func (p *Process) Log(max int) string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		return ""
	}
	if len(data) > max {
		data = data[len(data)-max:]
	}
	return string(data)
}
