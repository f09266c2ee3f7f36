// Package runs is what becomes of a run around its crawl, the same in one
// process and in a cluster: a queued run gets a stream and its seeds, and one
// whose record is stored is marked as over. Every step can be repeated, and
// taken by two processes at once.
package runs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/archive"
	"newsreel/internal/diepoint"
	"newsreel/internal/objstore"
	"newsreel/job"
	"newsreel/stream"
)

// Keeper keeps the runs of a data folder or a cluster.
type Keeper struct {
	NATS    *nats.Conn
	Jobs    *job.Jobs
	Store   *objstore.Store
	Archive *archive.Archive
	// LogBytes is reserved for the run log of each run.
	LogBytes int64
	// Replicas of each run log; 0 means 1.
	Replicas int
	Now      func() time.Time
}

// Next makes the next run of a job, queued. Its number is one above the highest
// in the store of jobs and in the archive.
func (k *Keeper) Next(ctx context.Context, rec *job.Record) (*job.RunState, error) {
	archived, err := k.Archive.LastRun(ctx, rec.Document.Collection, rec.Name)
	if err != nil {
		return nil, err
	}
	return k.Jobs.NewRun(ctx, rec, max(rec.Latest, archived)+1, k.Now())
}

// Settle marks a run as over whose record is stored already: the process that
// finished it ended between the two. It returns the state that counts.
func (k *Keeper) Settle(ctx context.Context, run *job.RunState) (*job.RunState, error) {
	if run.Over() {
		return run, nil
	}
	stored, err := k.Archive.ReadRun(ctx, run.Document.Collection, run.Job, run.Number)
	if errors.Is(err, archive.ErrNotFound) {
		return run, nil
	}
	if err != nil {
		return nil, err
	}
	return k.Over(ctx, run, &stored.Summary)
}

// Over marks a run as over, and deletes its stream, if it is still there: it has
// served its time once the record is stored.
func (k *Keeper) Over(ctx context.Context, run *job.RunState, s *archive.Summary) (*job.RunState, error) {
	diepoint.Here("finish.staging")
	if err := k.deleteLog(ctx, run); err != nil {
		return nil, err
	}
	now, err := k.Jobs.ChangeRun(ctx, run.Job, run.Number, func(r *job.RunState) bool {
		if r.State == s.State {
			return false
		}
		r.State, r.Finished, r.Message = s.State, s.Finished, ""
		return true
	})
	diepoint.Here("finish.job")
	return now, err
}

func (k *Keeper) deleteLog(ctx context.Context, run *job.RunState) error {
	log, err := stream.Open(ctx, k.NATS, run.Job, run.Number)
	if errors.Is(err, stream.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return log.Delete(ctx)
}

// Create makes or opens the stream of a run. stream.ErrFull: the store of run
// logs has no room for it.
func (k *Keeper) Create(ctx context.Context, run *job.RunState) (*stream.Log, error) {
	diepoint.Here("begin.run")
	return stream.Create(ctx, k.NATS, stream.Config{Job: run.Job, Run: run.Number, MaxBytes: k.LogBytes, Replicas: k.Replicas})
}

// Begin sets a queued run going: its stream, its seeds, its state, in this
// order. A run that another set going, or ended, meanwhile is left as it is;
// the state that counts is returned. stream.ErrFull: there is no room for it
// now, and the run stays queued, with a message.
func (k *Keeper) Begin(ctx context.Context, run *job.RunState) (*job.RunState, error) {
	log, err := k.Create(ctx, run)
	if errors.Is(err, stream.ErrFull) {
		return k.waits(ctx, run, err)
	}
	if err != nil {
		return nil, err
	}
	if err := Seeds(ctx, log, run.Document, k.Now().UTC()); err != nil {
		return nil, err
	}
	now, err := k.Started(ctx, run, log)
	if err == nil && now.Over() {
		// It was cancelled meanwhile, or another took it to its end: the stream
		// came too late.
		err = log.Delete(ctx)
	}
	return now, err
}

// Started marks a queued run as running from the making of its stream on, as
// the archive's record of the run does.
func (k *Keeper) Started(ctx context.Context, run *job.RunState, log *stream.Log) (*job.RunState, error) {
	return k.Jobs.ChangeRun(ctx, run.Job, run.Number, func(r *job.RunState) bool {
		if r.State != job.StateQueued {
			return false
		}
		created := log.Created()
		r.State, r.Started, r.Message = job.StateRunning, &created, ""
		return true
	})
}

// waits notes why a run stays queued, and returns full.
func (k *Keeper) waits(ctx context.Context, run *job.RunState, full error) (*job.RunState, error) {
	text := fmt.Sprintf("waits for room: its run log needs %d MB of the NATS servers' store (--log-bytes); it starts when other runs are over", k.LogBytes>>20)
	now, err := k.Jobs.ChangeRun(ctx, run.Job, run.Number, func(r *job.RunState) bool {
		changed := r.State == job.StateQueued && r.Message != text
		r.Message = text
		return changed
	})
	if err != nil {
		return nil, err
	}
	return now, full
}

// Change tells a run under way the limits and politeness that hold from now on,
// in its log and in its state.
func (k *Keeper) Change(ctx context.Context, log *stream.Log, run *job.RunState, doc *job.Document, by string) (*job.RunState, error) {
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	if _, err := log.Control(ctx, stream.Control{Type: stream.ControlDocument, Document: data, By: by, Time: k.Now().UTC()}); err != nil {
		return nil, err
	}
	return k.Jobs.ChangeRun(ctx, run.Job, run.Number, func(r *job.RunState) bool {
		r.Document.Limits, r.Document.Politeness = doc.Limits, doc.Politeness
		return true
	})
}
