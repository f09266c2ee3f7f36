package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"newsreel/job"
	"newsreel/stream"
)

func jobPauseCommand() *cobra.Command {
	return controlCommand("pause NAME", "Pause a job's run", `Pause ends the crawling of a job's run for now. What is in flight is finished and
archived, and the process that crawls it ends with status 3. Nothing is lost.

  newsreel job pause NAME
  newsreel crawl --name NAME        goes on`, (*controlled).pause)
}

func jobResumeCommand() *cobra.Command {
	return controlCommand("resume NAME", "Take back the pause of a job's run", `Resume takes back a pause. A run that no process works on is set going by the
command that it names.

  newsreel job resume NAME
  newsreel crawl --name NAME        does both`, (*controlled).resume)
}

func jobCancelCommand() *cobra.Command {
	return controlCommand("cancel NAME", "End a job's run before its end", `Cancel ends a job's run: what waits is skipped (cancelled), what was captured is
archived. It cannot be taken back; newsreel crawl --again starts the next run.

  newsreel job cancel NAME`, (*controlled).cancel)
}

func controlCommand(use, short, long string, do func(*controlled, context.Context) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Long: long, Args: oneJob,
		RunE: func(cmd *cobra.Command, args []string) error {
			return lookUpJobs(cmd, func(ctx context.Context, l *lookup) error {
				c, err := l.control(ctx, cmd, args[0])
				if err != nil {
					return err
				}
				return do(c, ctx)
			})
		}}
}

// controlled is an unfinished run that is told something.
type controlled struct {
	cmd *cobra.Command
	l   *lookup
	run *job.RunState
	// log is nil for a run that has not begun.
	log  *stream.Log
	live bool
}

// control opens the newest run of a job, which must not be over.
func (l *lookup) control(ctx context.Context, cmd *cobra.Command, name string) (*controlled, error) {
	rec, err := l.record(ctx, name)
	if err != nil {
		return nil, err
	}
	if rec.Latest == 0 {
		return nil, fmt.Errorf("job %s has never run: there is nothing to %s; %s starts it", name, cmd.Name(), l.at.starts(name))
	}
	run, err := l.jobs.Run(ctx, name, rec.Latest)
	if err != nil {
		return nil, err
	}
	v, err := l.view(ctx, run, 0)
	if err != nil {
		return nil, err
	}
	if v.State == job.StateFinished || v.State == job.StateFailed {
		return nil, fmt.Errorf("run %d of job %s is over (%s): there is nothing to %s", run.Number, name, v.State, cmd.Name())
	}
	c := &controlled{cmd: cmd, l: l, run: run}
	c.log, c.live, err = l.liveLog(ctx, run)
	return c, err
}

// tell writes a message to the run's log.
func (c *controlled) tell(ctx context.Context, what, reason string) error {
	if c.log == nil {
		return nil
	}
	_, err := c.log.Control(ctx, stream.Control{Type: what, Reason: reason, By: "job " + c.cmd.Name(), Time: time.Now().UTC()})
	return err
}

// note stores the state of a run, unless a process has the data folder for it,
// which notes it itself.
func (c *controlled) note(ctx context.Context, state, message string) error {
	if c.live && c.l.at.cluster == nil {
		return nil
	}
	_, err := c.l.jobs.ChangeRun(ctx, c.run.Job, c.run.Number, func(r *job.RunState) bool {
		if r.Over() {
			return false
		}
		r.State, r.Message = state, message
		if state == job.StateFailed {
			now := time.Now().UTC()
			r.Finished = &now
		}
		return true
	})
	return err
}

// setsGoing names what goes on with a run: in a cluster a crawler, and an
// archiver for what was captured.
func (c *controlled) setsGoing() string {
	if flags := c.l.at.flags; c.l.at.cluster != nil {
		return "newsreel crawler" + flags + "\n  newsreel archiver" + flags
	}
	return c.l.at.starts(c.run.Job)
}

func (c *controlled) say(format string, args ...any) {
	say(c.cmd, "Run %d of job %s "+format, append([]any{c.run.Number, c.run.Job}, args...)...)
}

func (c *controlled) pause(ctx context.Context) error {
	if err := c.tell(ctx, stream.ControlPause, ""); err != nil {
		return err
	}
	if err := c.note(ctx, job.StatePaused, "paused"); err != nil {
		return err
	}
	if c.live {
		c.say("pauses: what is in flight is finished and archived.")
	} else {
		c.say("is paused; nobody works on it.")
	}
	goesOn := c.l.at.starts(c.run.Job)
	if c.l.at.cluster != nil {
		goesOn = "newsreel job resume " + c.run.Job + c.l.at.flags
	}
	say(c.cmd, "This goes on with it:\n  %s", goesOn)
	return nil
}

func (c *controlled) resume(ctx context.Context) error {
	if err := c.tell(ctx, stream.ControlResume, ""); err != nil {
		return err
	}
	state, message := job.StateRunning, "stopped before its end; the same command goes on"
	if c.l.at.cluster != nil {
		message = ""
	}
	if c.run.Started == nil {
		state, message = job.StateQueued, ""
	}
	if err := c.note(ctx, state, message); err != nil {
		return err
	}
	if c.live {
		c.say("goes on.")
		return nil
	}
	c.say("is not paused any more. No process works on it; this sets it going:\n  %s", c.setsGoing())
	return nil
}

func (c *controlled) cancel(ctx context.Context) error {
	if c.log == nil {
		return c.cancelUnlogged(ctx)
	}
	if err := c.tell(ctx, stream.ControlClose, stream.SkipCancelled); err != nil {
		return err
	}
	if err := c.note(ctx, job.StateRunning, "cancelled, and not archived to the end yet"); err != nil {
		return err
	}
	if c.live {
		c.say("is cancelled: what is in flight is finished, and what was captured is archived.")
		return nil
	}
	c.say("is cancelled. No process works on it; this archives what was captured:\n  %s", c.setsGoing())
	return nil
}

// cancelUnlogged cancels a run without a log: nothing was crawled, or what was
// is lost, so there is nothing to archive either.
func (c *controlled) cancelUnlogged(ctx context.Context) error {
	message := "cancelled before it began"
	if c.run.Started != nil {
		message = "cancelled; its run log was gone"
	}
	now, err := c.l.jobs.ChangeRun(ctx, c.run.Job, c.run.Number, func(r *job.RunState) bool {
		if r.Over() || (r.Started == nil) != (c.run.Started == nil) {
			return false
		}
		finished := time.Now().UTC()
		r.State, r.Message, r.Finished = job.StateFailed, message, &finished
		return true
	})
	if err != nil {
		return err
	}
	if now.Message != message {
		return fmt.Errorf("run %d of job %s has just begun: `newsreel job cancel %s%s` again cancels it", c.run.Number, c.run.Job, c.run.Job, c.l.at.flags)
	}
	c.say("is %s.", message)
	return nil
}
