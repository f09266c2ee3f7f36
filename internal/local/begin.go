package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"newsreel/archive"
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
		if err := r.settle(ctx, run); err != nil {
			return nil, nil, err
		}
		switch {
		case !run.Over():
			s.Run, s.Resumed = run, run.Started != nil
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
	inS3, err := r.arc.LastRun(ctx, rec.Document.Collection, rec.Name)
	if err != nil {
		return nil, nil, err
	}
	s.Run, err = r.jobs.NewRun(ctx, rec, max(rec.Latest, inS3)+1, r.o.Now())
	return s, nil, err
}

// settle marks a run as over whose record is stored already: the process ended
// between the two.
func (r *Runner) settle(ctx context.Context, run *job.RunState) error {
	if run.Over() {
		return nil
	}
	stored, err := r.arc.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
	if errors.Is(err, archive.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return r.over(ctx, run, &stored.Summary)
}

func (r *Runner) over(ctx context.Context, run *job.RunState, s *archive.Summary) error {
	// A stream whose record is stored has served its time.
	log, err := stream.Open(ctx, r.nc, run.Job, run.Number)
	if err == nil {
		if err := log.Delete(ctx); err != nil {
			return err
		}
	} else if !errors.Is(err, stream.ErrNotFound) {
		return err
	}
	run.State, run.Finished = s.State, s.Finished
	return r.jobs.SaveRun(ctx, run)
}

// logShare is the part of the store of run logs that one run reserves.
const logShare = 4

func (r *Runner) openLog(ctx context.Context, run *job.RunState) (*stream.Log, error) {
	size := r.folder.Limits().MaxStoreBytes / logShare
	log, err := stream.Create(ctx, r.nc, stream.Config{Job: run.Job, Run: run.Number, MaxBytes: size})
	if err != nil {
		return nil, fmt.Errorf("%w\nthe store of run logs is full or damaged; `newsreel doctor` tells more", err)
	}
	return log, nil
}

// begin writes the seeds of a new run, or what changed on a resumed one, and
// sets a paused one going.
func (r *Runner) begin(ctx context.Context, log *stream.Log, s *Start) error {
	now := r.o.Now().UTC()
	run := s.Run
	if !s.Resumed {
		if err := publishSeeds(ctx, log, s.Document, now); err != nil {
			return err
		}
		created := log.Created() // as in the archive's record of the run
		run.Started = &created
	}
	if len(s.Changed) > 0 {
		data, err := json.Marshal(s.Document)
		if err != nil {
			return err
		}
		if _, err := log.Control(ctx, stream.Control{Type: stream.ControlDocument, Document: data, By: "command line", Time: now}); err != nil {
			return err
		}
		run.Document.Limits, run.Document.Politeness = s.Document.Limits, s.Document.Politeness
	}
	if s.Resumed {
		if _, err := log.Control(ctx, stream.Control{Type: stream.ControlResume, By: "command line", Time: now}); err != nil {
			return err
		}
	}
	s.Document = run.Document
	run.State, run.Message = job.StateRunning, ""
	return r.jobs.SaveRun(ctx, run)
}
