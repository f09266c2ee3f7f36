package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// States of a run.
const (
	// StateQueued waits for room in the store of run logs.
	StateQueued   = "queued"
	StateRunning  = "running"
	StatePaused   = "paused"
	StateFinished = "finished"
	StateFailed   = "failed"
)

// Record is a stored job: the value of key "job.NAME" in the bucket, as JSON.
type Record struct {
	Name     string    `json:"name"`
	Document *Document `json:"document"`
	Created  time.Time `json:"created"`
	// Latest is the newest run's number, 0 before the first.
	Latest int `json:"latest"`
}

// RunState is one run's: the value of key "run.NAME.NUMBER", as JSON. It is a
// view for people and for who starts processes; what the run has done is in
// its log and its manifests.
type RunState struct {
	Job    string `json:"job"`
	Number int    `json:"run"`
	State  string `json:"state"`
	// Document is the job's as this run was started with it, with the limits
	// and politeness as last changed.
	Document *Document  `json:"document"`
	Created  time.Time  `json:"created"`
	Started  *time.Time `json:"started,omitempty"`
	Finished *time.Time `json:"finished,omitempty"`
	// Message says why the state is what it is, where that needs words.
	Message string `json:"message,omitempty"`
	// Committed is the last sequence of the run log that is known to be
	// archived: written by archivers behind a manifest, so it may be behind,
	// and is never ahead.
	Committed uint64 `json:"committed,omitempty"`
}

// Over says whether nothing more will happen to the run.
func (r *RunState) Over() bool { return r.State == StateFinished || r.State == StateFailed }

// ErrNoJob says that no job of that name is stored.
var ErrNoJob = errors.New("no such job")

// bucket is the key-value bucket of jobs and runs.
const bucket = "newsreel-jobs"

// Stream is the name of the stream behind the store of jobs.
const Stream = "KV_" + bucket

// Jobs is the store of jobs and runs in NATS. Safe for concurrent use.
type Jobs struct{ kv jetstream.KeyValue }

// maxJobs is what the store of jobs may take, in bytes, where there is room.
const maxJobs = 256 << 20

// OpenJobs opens the store, and makes it, with so many replicas, where it is
// missing. The replicas of a store that is there stay as they are: whoever sees
// one server of three must not take the others' copies away.
func OpenJobs(ctx context.Context, nc *nats.Conn, replicas int) (*Jobs, error) {
	return openJobs(ctx, nc, replicas, maxJobs)
}

// jobsShare is the part of a server's store that jobs may take.
const jobsShare = 8

// MakeJobs makes the store where it is missing, as an eighth of a server's whole
// store at most: it is reserved, and would else leave a small one no room for
// run logs.
func MakeJobs(ctx context.Context, nc *nats.Conn, whole int64) error {
	_, err := openJobs(ctx, nc, 1, min(maxJobs, whole/jobsShare))
	return err
}

func openJobs(ctx context.Context, nc *nats.Conn, replicas int, maxBytes int64) (*Jobs, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	kv, err := js.KeyValue(ctx, bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		kv, err = js.CreateKeyValue(ctx, jetstream.KeyValueConfig{
			Bucket: bucket, Description: "newsreel: jobs and their runs", Replicas: max(replicas, 1), MaxBytes: maxBytes})
		if errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = js.KeyValue(ctx, bucket)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	return &Jobs{kv: kv}, nil
}

// Replicas is how many servers keep the store: what else a cluster keeps should
// be kept as often.
func (j *Jobs) Replicas(ctx context.Context) (int, error) {
	status, err := j.kv.Status(ctx)
	if err != nil {
		return 0, fmt.Errorf("jobs: %w", err)
	}
	return status.Config().Replicas, nil
}

func jobKey(name string) string             { return "job." + name }
func runKey(name string, number int) string { return fmt.Sprintf("run.%s.%d", name, number) }

// Get returns a job, or ErrNoJob.
func (j *Jobs) Get(ctx context.Context, name string) (*Record, error) {
	var r Record
	if err := j.get(ctx, jobKey(name), &r); err != nil {
		return nil, fmt.Errorf("job %s: %w", name, err)
	}
	return &r, nil
}

// Run returns a run, or ErrNoJob.
func (j *Jobs) Run(ctx context.Context, name string, number int) (*RunState, error) {
	var r RunState
	if err := j.get(ctx, runKey(name, number), &r); err != nil {
		return nil, fmt.Errorf("run %d of job %s: %w", number, name, err)
	}
	return &r, nil
}

func (j *Jobs) get(ctx context.Context, key string, v any) error {
	e, err := j.kv.Get(ctx, key)
	if errors.Is(err, jetstream.ErrKeyNotFound) || errors.Is(err, jetstream.ErrInvalidKey) {
		return ErrNoJob
	}
	if err != nil {
		return err
	}
	return decode(e.Value(), v)
}

// stateFormat is the number of the form that jobs and runs are stored in. It
// stands in none of its own, and in those of later forms as "format".
const stateFormat = 1

// ErrNewer says that a later version of newsreel stored something in a form that
// this version does not know.
var ErrNewer = errors.New("stored by a newer version of newsreel: use that version or a later one")

// decode reads a stored job or run.
func decode(data []byte, v any) error {
	var form struct{ Format int }
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	if form.Format > stateFormat {
		return fmt.Errorf("%w (it has format %d, and this one knows up to %d)", ErrNewer, form.Format, stateFormat)
	}
	return json.Unmarshal(data, v)
}

// Put stores a job. A job of that name with other seeds or scope is not
// replaced: that is a *ChangeError.
func (j *Jobs) Put(ctx context.Context, d *Document, now time.Time) (*Record, error) {
	var r *Record
	err := j.change(ctx, jobKey(d.Name), func(stored []byte) (any, error) {
		r = &Record{Name: d.Name, Created: now.UTC()}
		if stored != nil {
			if err := decode(stored, r); err != nil {
				return nil, err
			}
			if err := SameJob(r.Document, d); err != nil {
				return nil, err
			}
		}
		r.Document = d
		return r, nil
	})
	return r, err
}

// unanswered is how often a request is made of which no answer comes in time:
// the server is away for a moment, or this process stood still.
const unanswered = 3

// change stores what f makes of the value of a key, nil for a key that is new,
// by compare-and-set; a lost race is run again, and so is, some times, what was
// not answered. If f returns nil nothing is stored. f must make the same of its
// own work.
func (j *Jobs) change(ctx context.Context, key string, f func(stored []byte) (any, error)) error {
	silent := 0
	for pause := time.Millisecond; ; pause = min(2*pause, time.Second) {
		var stored []byte
		var revision uint64
		e, err := j.kv.Get(ctx, key)
		switch {
		case err == nil:
			stored, revision = e.Value(), e.Revision()
		case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && silent < unanswered:
			silent++
			continue
		case !errors.Is(err, jetstream.ErrKeyNotFound):
			return fmt.Errorf("store %s: %w", key, err)
		}
		v, err := f(stored)
		if err != nil || v == nil {
			return err
		}
		data, err := json.Marshal(v)
		if err != nil {
			return err
		}
		if revision == 0 {
			_, err = j.kv.Create(ctx, key, data)
		} else {
			_, err = j.kv.Update(ctx, key, data, revision)
		}
		if err == nil {
			return nil
		}
		if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && silent < unanswered {
			silent++
		} else if !lostRace(err) {
			return fmt.Errorf("store %s: %w", key, err)
		}
		// In a cluster a read may be behind for a moment.
		select {
		case <-ctx.Done():
			return fmt.Errorf("store %s: %w", key, ctx.Err())
		case <-time.After(pause):
		}
	}
}

// codeWrongLastSequence is what the server answers to an update of a revision
// that is not the newest.
const codeWrongLastSequence = 10071

func lostRace(err error) bool {
	if errors.Is(err, jetstream.ErrKeyExists) {
		return true
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeWrongLastSequence
}

// NewRun stores a run that is about to start, and its number with the job. A
// run of that number that is there already is returned as it is: another made
// it at the same time, or ended before it told the job.
func (j *Jobs) NewRun(ctx context.Context, r *Record, number int, now time.Time) (*RunState, error) {
	run := &RunState{Job: r.Name, Number: number, State: StateQueued, Document: r.Document, Created: now.UTC()}
	err := j.change(ctx, runKey(r.Name, number), func(stored []byte) (any, error) {
		if stored == nil {
			return run, nil
		}
		run = &RunState{}
		return nil, decode(stored, run)
	})
	if err != nil {
		return nil, err
	}
	r.Latest = max(r.Latest, number)
	return run, j.change(ctx, jobKey(r.Name), func(stored []byte) (any, error) {
		if stored == nil {
			return r, nil
		}
		var now Record
		if err := decode(stored, &now); err != nil || now.Latest >= number {
			return nil, err
		}
		now.Latest = number
		return &now, nil
	})
}

// ChangeRun changes the state of a run by compare-and-set: change is called
// with the state as it is stored, again if another was faster, and says whether
// it is to be stored. The state that counts then is returned. ErrNoJob: there
// is no such run.
func (j *Jobs) ChangeRun(ctx context.Context, name string, number int, change func(*RunState) bool) (*RunState, error) {
	var run *RunState
	err := j.change(ctx, runKey(name, number), func(stored []byte) (any, error) {
		if stored == nil {
			return nil, fmt.Errorf("run %d of job %s: %w", number, name, ErrNoJob)
		}
		run = &RunState{}
		if err := decode(stored, run); err != nil || !change(run) {
			return nil, err
		}
		return run, nil
	})
	return run, err
}

// followTime bounds the wait for the answer to a wish to follow.
const followTime = 5 * time.Second

// Follow calls f with every run that is stored, with nil once it has seen them
// all, and with each that changes from then on. It ends with ctx, or with what
// cut it off, servers that do not answer among that; following again begins anew.
func (j *Jobs) Follow(ctx context.Context, f func(*RunState)) error {
	// The client would wait for as long as ctx has for an answer that was lost
	// with a server.
	asking, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(followTime, cancel)
	w, err := j.kv.Watch(asking, "run.>", jetstream.IgnoreDeletes())
	late.Stop()
	if err != nil {
		return fmt.Errorf("follow runs: %w", err)
	}
	defer w.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-w.Updates():
			if !ok {
				return errors.New("follow runs: cut off")
			}
			if e == nil {
				f(nil)
				continue
			}
			run := &RunState{}
			if err := decode(e.Value(), run); err != nil {
				return fmt.Errorf("follow runs: %s: %w", e.Key(), err)
			}
			f(run)
		}
	}
}

// List returns all jobs, by name.
func (j *Jobs) List(ctx context.Context) ([]*Record, error) {
	keys, err := j.kv.ListKeysFiltered(ctx, "job.*")
	if err != nil {
		return nil, fmt.Errorf("list jobs: %w", err)
	}
	var list []*Record
	for key := range keys.Keys() {
		r, err := j.Get(ctx, strings.TrimPrefix(key, "job."))
		if errors.Is(err, ErrNoJob) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	sortRecords(list)
	return list, nil
}

func sortRecords(list []*Record) {
	slices.SortFunc(list, func(a, b *Record) int { return strings.Compare(a.Name, b.Name) })
}
