package local

import (
	"context"
	"fmt"

	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

// open finds the run that is to go on, or makes the next one. A job that is
// finished gives its stored result.
func (r *Runner) open(ctx context.Context, rec *job.Record) (*Start, *Result, error) {
	s := &Start{Document: rec.Document, Dir: r.folder.Path()}
	if rec.Latest > 0 {
		run, err := r.jobs.Run(ctx, rec.Name, rec.Latest)
		if err != nil {
			return nil, nil, err
		}
		if run, err = r.runs.Settle(ctx, run); err != nil {
			return nil, nil, err
		}
		switch {
		case !run.Over():
			if run, err = r.takeRules(ctx, run, rec.Document); err != nil {
				return nil, nil, err
			}
			s.Run, s.Resumed, s.OldRules = run, run.Started != nil, job.KeepsRules(run.Document, rec.Document)
			s.Changed, err = job.Resume(run.Document, rec.Document)
			return s, nil, err
		case run.State == job.StateFinished && !r.o.Again:
			stored, err := r.arc.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
			if err != nil {
				return nil, nil, err
			}
			samples, err := r.samples(ctx, &stored.Summary, sampleCount)
			return nil, &Result{Summary: stored.Summary, Stored: true, Samples: samples}, err
		}
	}
	var err error
	s.Run, err = r.runs.Next(ctx, rec)
	return s, nil, err
}

// takeRules gives a run that has not begun the site rules that the job has now.
func (r *Runner) takeRules(ctx context.Context, run *job.RunState, doc *job.Document) (*job.RunState, error) {
	if run.Started != nil || !job.KeepsRules(run.Document, doc) {
		return run, nil
	}
	return r.jobs.ChangeRun(ctx, run.Job, run.Number, func(run *job.RunState) bool {
		run.Document.Extract.Rules = doc.Extract.Rules
		return run.Started == nil
	})
}

// logShare is the part of the store of run logs that one run reserves.
const logShare = 4

func (r *Runner) openLog(ctx context.Context, run *job.RunState) (*stream.Log, error) {
	log, err := r.runs.Create(ctx, run)
	if err != nil {
		return nil, fmt.Errorf("%w\nthe store of run logs is full or damaged; `newsreel doctor` tells more", err)
	}
	return log, nil
}

// begin writes the seeds of a new run, or what changed on a resumed one, and
// sets a paused one going.
func (r *Runner) begin(ctx context.Context, log *stream.Log, s *Start) error {
	now := r.o.Now().UTC()
	if !s.Resumed {
		if err := runs.Seeds(ctx, log, s.Document, now); err != nil {
			return err
		}
	}
	if len(s.Changed) > 0 {
		if _, err := r.runs.Change(ctx, log, s.Run, s.Document, "command line"); err != nil {
			return err
		}
	}
	if s.Resumed {
		if _, err := log.Control(ctx, stream.Control{Type: stream.ControlResume, By: "command line", Time: now}); err != nil {
			return err
		}
	}
	run, err := r.jobs.ChangeRun(ctx, s.Run.Job, s.Run.Number, func(run *job.RunState) bool {
		if run.Started == nil {
			created := log.Created() // as in the archive's record of the run
			run.Started = &created
		}
		run.State, run.Message = job.StateRunning, ""
		return true
	})
	if err != nil {
		return err
	}
	s.Run, s.Document = run, run.Document
	return nil
}
