package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// childFlag makes `extract --batch` a process that answers lines for another.
const childFlag = "batch-child"

// childTime is how long a child may take for a line: the time of an extraction
// here, then of one in a process of its own, and some more.
const childTime = sandboxTime + 30*time.Second

// batchChild answers lines in a process of its own, which is started again
// when a page has ended it: what Go cannot recover from (a stack that is too
// deep, memory that runs out) is then the answer to one line, and not the end
// of all. It is for one goroutine.
//
//	parent  NUMBER TAB LINE LF  -> child's standard input
//	child   the line's answer   -> its standard output
type batchChild struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
	// said is what it said on its standard error.
	said bytes.Buffer
	// answered counts the lines of this process.
	answered int
}

// answer has a line answered. A page that ends a process which answered others
// before is tried once more in a new one, since it may not have been at fault
// alone.
func (c *batchChild) answer(ctx context.Context, j *batchJob) []byte {
	for {
		again := c.answered > 0
		answer, err := c.ask(ctx, j)
		if err == nil {
			c.answered++
			return answer
		}
		c.end()
		if !again || ctx.Err() != nil {
			return errorLine(idOf(j.line), err)
		}
	}
}

func (c *batchChild) ask(ctx context.Context, j *batchJob) ([]byte, error) {
	if c.cmd == nil {
		if err := c.start(ctx); err != nil {
			return nil, err
		}
	}
	line := strconv.AppendInt(nil, int64(j.number), 10)
	line = append(append(append(line, '\t'), j.line...), '\n')
	timeout := time.AfterFunc(childTime, func() { _ = c.cmd.Process.Kill() })
	_, err := c.in.Write(line)
	var answer []byte
	if err == nil {
		answer, err = c.out.ReadBytes('\n')
	}
	switch {
	case !timeout.Stop():
		return nil, fmt.Errorf("extraction took longer than %s", childTime)
	case err != nil:
		c.end()
		return nil, lastWords(c.said.Bytes(), "it is gone")
	}
	return answer, nil
}

func (c *batchChild) start(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("extract in a process of its own: %w", err)
	}
	// The same command, so that what its flags say holds there too.
	c.cmd = exec.CommandContext(ctx, self, os.Args[1:]...)
	c.cmd.Env = append(os.Environ(), "NEWSREEL_BATCH_CHILD=true")
	c.said.Reset()
	c.cmd.Stderr = &c.said
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return err
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	c.out, c.answered = bufio.NewReaderSize(out, 64<<10), 0
	if err := c.cmd.Start(); err != nil {
		c.cmd = nil
		return fmt.Errorf("extract in a process of its own: %w", err)
	}
	return nil
}

// end ends the child, if there is one.
func (c *batchChild) end() {
	if c.cmd == nil {
		return
	}
	c.in.Close()
	_ = c.cmd.Process.Kill() // it has nothing left to do
	_ = c.cmd.Wait()
	c.cmd = nil
}

// serve is the child's side. It ends with its input.
func (b *batch) serve(ctx context.Context, stdin io.Reader, stdout io.Writer) error {
	limitMemory()
	in := bufio.NewReaderSize(stdin, 64<<10)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		number, rest, _ := bytes.Cut(line, []byte("\t"))
		j := &batchJob{line: bytes.TrimSuffix(rest, []byte("\n"))}
		if j.number, err = strconv.Atoi(string(number)); err != nil {
			return fmt.Errorf("line of a list: %w", err)
		}
		if _, err := stdout.Write(b.answer(ctx, j)); err != nil {
			return err
		}
	}
}
