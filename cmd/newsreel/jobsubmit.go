package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/job"
)

func jobSubmitCommand() *cobra.Command {
	var s submission
	cmd := &cobra.Command{
		Use:   "submit FILE|URL…",
		Short: "Store a job, and print its name",
		Long: `Submit checks a job document, or makes one of URLs and flags, stores it, and
prints the job's name.

  newsreel job submit job.yaml
  newsreel job submit --max-pages 100 https://www.example.com/
  newsreel crawl --name "$(newsreel job submit job.yaml)"

In a data folder it starts nothing; what does is named on stderr. In a cluster
it queues the job's next run, which crawlers take; a run that is finished is
followed by another with --again. --name without a document stands for a job
that is stored; other flags change what it asks.

A job that is stored already takes changed limits and politeness, and a run of
it that goes on takes them at once. Other seeds or scope make another job.`,
		RunE: s.run,
	}
	s.flags = job.BindFlags(cmd.Flags())
	cmd.Flags().BoolVar(&s.again, "again", false, "start the next run of a job that is finished")
	jsonFlag(cmd, &s.json, "the job's name as a JSON object")
	return cmd
}

type submission struct {
	flags       *job.Flags
	again, json bool
	// name is that of a job that is stored already, where no document is given.
	name string
	// here is the folder that the command was given in.
	here func(path string) (string, error)
	doc  *job.Document
	// applied are the keys that a run under way takes.
	applied []string
	// queued is the run that was queued, nil for none.
	queued *job.RunState
	// under is the unfinished run that there was, finished the one that is over.
	under, finished *job.RunState
	// oldRules says that the unfinished run goes on with other site rules.
	oldRules bool
}

func (s *submission) run(cmd *cobra.Command, args []string) error {
	if len(args) == 0 && !s.flags.Given("name") {
		return usage(errors.New("submit what? Give a job document or URLs, as in: newsreel job submit https://www.example.com/"))
	}
	var err error
	if s.doc, s.name, err = (&crawl{job: s.flags}).document(cmd, args); err != nil {
		return usage(err)
	}
	s.here = fromHere()
	at, err := placeOf(cmd)
	if err != nil {
		return err
	}
	ctx, undo := interruptible()
	defer undo()
	l, err := useWithStore(ctx, at)
	if err != nil {
		return err
	}
	defer l.close()
	err = s.store(ctx, l)
	var changed *job.ChangeError
	if errors.As(err, &changed) {
		return usage(err)
	}
	if err != nil {
		return interrupted(ctx, err)
	}
	s.tell(cmd, at)
	if s.json {
		return printJSON(cmd.OutOrStdout(), map[string]string{"job": s.doc.Name})
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), s.doc.Name)
	return err
}

// store stores the document, tells a run under way what changed, and queues the
// next run where there is somebody to take it.
func (s *submission) store(ctx context.Context, l *lookup) error {
	if s.doc == nil {
		rec, err := l.record(ctx, s.name)
		if err != nil {
			return err
		}
		s.doc = rec.Document
		if err := (&crawl{job: s.flags}).apply(s.doc, s.here); err != nil {
			return usage(err)
		}
	}
	last, err := l.lastRun(ctx, s.doc.Name)
	if err != nil {
		return err
	}
	if last != nil && !last.Over() {
		if last, err = l.keeper.Settle(ctx, last); err != nil {
			return err
		}
	}
	var changed []string
	switch {
	case last == nil:
	case last.Over():
		s.finished = last
	default:
		s.under = last
		// Before it is stored: a run under way would refuse it for ever after.
		if changed, err = job.Resume(last.Document, s.doc); err != nil {
			return err
		}
	}
	if err := l.keeper.KeepSiteRules(ctx, s.doc); err != nil {
		return err
	}
	rec, err := l.jobs.Put(ctx, s.doc, time.Now())
	if err != nil {
		return err
	}
	if s.under != nil {
		return s.change(ctx, l, changed)
	}
	if l.at.cluster == nil || s.finished != nil && s.finished.State == job.StateFinished && !s.again {
		return nil
	}
	s.queued, err = l.keeper.Next(ctx, rec)
	return err
}

// change tells a run under way what changed.
func (s *submission) change(ctx context.Context, l *lookup, changed []string) error {
	s.oldRules = job.KeepsRules(s.under.Document, s.doc)
	if len(changed) == 0 && !s.oldRules {
		return nil
	}
	log, live, err := l.liveLog(ctx, s.under)
	if err != nil {
		return err
	}
	if log == nil && l.at.cluster != nil {
		// It is queued still: it begins with what is asked now.
		run, err := l.jobs.ChangeRun(ctx, s.under.Job, s.under.Number, func(r *job.RunState) bool {
			begins := r.Started == nil
			if begins {
				r.Document = s.doc
			}
			return begins
		})
		if err != nil {
			return err
		}
		s.oldRules = job.KeepsRules(run.Document, s.doc)
		if run.Started == nil {
			s.applied = changed
			return nil
		}
		// A crawler took it meanwhile.
		if log, live, err = l.liveLog(ctx, run); err != nil {
			return err
		}
	}
	if len(changed) == 0 || log == nil || !live && l.at.cluster == nil {
		return nil // the command that goes on with it applies them
	}
	s.applied = changed
	_, err = l.keeper.Change(ctx, log, s.under, s.doc, "job submit")
	return err
}

// tell says on stderr what was done, and what goes on from here.
func (s *submission) tell(cmd *cobra.Command, at place) {
	name := s.doc.Name
	if s.oldRules {
		say(cmd, "%s", oldRules)
	}
	if at.cluster == nil {
		again := ""
		if s.again && s.finished != nil {
			again = " --again"
		}
		if len(s.applied) > 0 {
			say(cmd, "Job %s is running, and takes %s at once.", name, strings.Join(s.applied, ", "))
		} else {
			say(cmd, "Stored. This starts it:\n  %s%s", at.starts(name), again)
		}
		return
	}
	switch {
	case s.queued != nil:
		say(cmd, "Run %d of job %s is queued: the next crawler that is free takes it. This follows it:\n  newsreel job watch %s%s", s.queued.Number, name, name, at.flags)
	case s.under != nil && len(s.applied) > 0:
		say(cmd, "Run %d of job %s is %s, and takes %s at once.", s.under.Number, name, s.under.State, strings.Join(s.applied, ", "))
	case s.under != nil:
		say(cmd, "Run %d of job %s is %s already. This follows it:\n  newsreel job watch %s%s", s.under.Number, name, s.under.State, name, at.flags)
	default:
		say(cmd, "Run %d of job %s is %s; nothing was queued. --again starts the next run.", s.finished.Number, name, s.finished.State)
	}
}

// lastRun is the newest run of a job, nil if it never ran or is not stored.
func (l *lookup) lastRun(ctx context.Context, name string) (*job.RunState, error) {
	rec, err := l.jobs.Get(ctx, name)
	if errors.Is(err, job.ErrNoJob) || err == nil && rec.Latest == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return l.jobs.Run(ctx, name, rec.Latest)
}
