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
	// Manifest names the newest segment that is known to be committed: a hint
	// for whoever looks for the last one.
	Manifest string `json:"manifest,omitempty"`
}

// Over says whether nothing more will happen to the run.
func (r *RunState) Over() bool { return r.State == StateFinished || r.State == StateFailed }

// ErrNoJob says that no job of that name is stored.
var ErrNoJob = errors.New("no such job")

// bucket is the key-value bucket of jobs and runs.
const bucket = "newsreel-jobs"

// Jobs is the store of jobs and runs in NATS. Safe for concurrent use.
type Jobs struct{ kv jetstream.KeyValue }

// OpenJobs opens the store, and makes it where it is missing.
func OpenJobs(ctx context.Context, nc *nats.Conn, replicas int) (*Jobs, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	kv, err := js.CreateOrUpdateKeyValue(ctx, jetstream.KeyValueConfig{
		Bucket: bucket, Description: "newsreel: jobs and their runs", Replicas: max(replicas, 1), MaxBytes: 256 << 20})
	if err != nil {
		return nil, fmt.Errorf("open jobs: %w", err)
	}
	return &Jobs{kv: kv}, nil
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
	return json.Unmarshal(e.Value(), v)
}

// Put stores a job. A job of that name with other seeds or scope is not
// replaced: that is a *ChangeError.
func (j *Jobs) Put(ctx context.Context, d *Document, now time.Time) (*Record, error) {
	r, err := j.Get(ctx, d.Name)
	switch {
	case errors.Is(err, ErrNoJob):
		r = &Record{Name: d.Name, Created: now.UTC()}
	case err != nil:
		return nil, err
	default:
		if err := SameJob(r.Document, d); err != nil {
			return nil, err
		}
	}
	r.Document = d
	return r, j.put(ctx, jobKey(d.Name), r)
}

func (j *Jobs) put(ctx context.Context, key string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if _, err := j.kv.Put(ctx, key, data); err != nil {
		return fmt.Errorf("store %s: %w", key, err)
	}
	return nil
}

// NewRun stores a run that is about to start, and its number with the job.
func (j *Jobs) NewRun(ctx context.Context, r *Record, number int, now time.Time) (*RunState, error) {
	run := &RunState{Job: r.Name, Number: number, State: StateQueued, Document: r.Document, Created: now.UTC()}
	if err := j.put(ctx, runKey(r.Name, number), run); err != nil {
		return nil, err
	}
	r.Latest = number
	return run, j.put(ctx, jobKey(r.Name), r)
}

// SaveRun stores the state of a run.
func (j *Jobs) SaveRun(ctx context.Context, r *RunState) error {
	return j.put(ctx, runKey(r.Job, r.Number), r)
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
