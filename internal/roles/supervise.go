package roles

import (
	"context"
	"errors"
	"time"

	"newsreel/job"
	"newsreel/stream"
)

// Times of the supervisor.
const (
	superviseTick = 500 * time.Millisecond
	// followAnew is how often the store of jobs is read from the beginning,
	// whatever became of the connection meanwhile.
	followAnew = 5 * time.Minute
	// beginLate is how long a queued run is left to the crawler to which it
	// falls before others begin it.
	beginLate = 5 * time.Second
	// roomPause is between two tries to find room for the log of a run.
	roomPause = 10 * time.Second
)

// follow keeps the known runs in step with the store of jobs until ctx ends.
func (r *Role) follow(ctx context.Context) {
	for ctx.Err() == nil {
		try, cancel := context.WithTimeout(ctx, followAnew)
		err := r.session.Jobs.Follow(try, r.learn)
		if err != nil && try.Err() == nil {
			r.o.Log.Debug("follow jobs", "error", err)
			wait(ctx, time.Second)
		}
		cancel()
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// learn takes what the store of jobs says of a run.
func (r *Role) learn(run *job.RunState) {
	if run == nil {
		return
	}
	key := runKey{run.Job, run.Number}
	r.mu.Lock()
	k := r.known[key]
	switch {
	case k != nil:
		k.state = run
	case !run.Over():
		now := time.Now()
		r.known[key] = &known{state: run, since: now, next: now}
	}
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}

// state is the newest known of a run, nil once it is over and forgotten.
func (r *Role) state(key runKey) *job.RunState {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k := r.known[key]; k != nil {
		return k.state
	}
	return nil
}

// supervise starts and stops workers until Stop or the end of ctx.
func (r *Role) supervise(ctx context.Context) {
	tick := time.NewTicker(superviseTick)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.stopping:
			return
		case <-r.news:
		case <-r.member.Changed():
		case <-tick.C:
		}
		r.mu.Lock()
		for key, k := range r.known {
			r.look(ctx, key, k)
		}
		r.mu.Unlock()
	}
}

// look brings what is done about a run in step with its state. r.mu is held.
func (r *Role) look(ctx context.Context, key runKey, k *known) {
	w := r.workers[key]
	if w != nil && w.ended() && (!w.over || k.state.Over()) {
		r.done += w.count()
		delete(r.workers, key)
		w = nil
	}
	switch {
	case k.state.Over():
		if w != nil {
			w.cancel()
		} else if !k.beginning {
			delete(r.known, key)
		}
	case k.state.Started == nil:
		if k.state.State == job.StateQueued {
			r.begin(ctx, key, k)
		}
	case w == nil && r.wants(k.state):
		r.workers[key] = r.start(ctx, key)
	case w != nil && !r.wants(k.state):
		w.cancel()
	}
}

// wants says whether a run that has begun is this process's to work on: of
// archivers one, of the others all.
func (r *Role) wants(run *job.RunState) bool {
	switch r.o.Role {
	case stream.RoleArchiver:
		return r.member.Owns(stream.StreamName(run.Job, run.Number))
	case stream.RoleExtractor:
		return run.Document.Extract.Enabled
	}
	return true
}

// begin sets a queued run going, beside everything else. Crawlers begin what
// falls to them at once; archivers and others when nobody did.
func (r *Role) begin(ctx context.Context, key runKey, k *known) {
	now := time.Now()
	mine := r.o.Role == stream.RoleCrawler && r.member.Owns("begin "+stream.StreamName(key.job, key.number))
	if r.o.Role == stream.RoleExtractor || k.beginning || now.Before(k.next) || !mine && now.Before(k.since.Add(beginLate)) {
		return
	}
	k.beginning = true
	run := k.state
	go func() {
		state, err := r.keeper.Begin(ctx, run)
		r.mu.Lock()
		defer r.mu.Unlock()
		k.beginning = false
		k.next = time.Now().Add(time.Second)
		switch {
		case errors.Is(err, stream.ErrFull):
			if k.next = time.Now().Add(roomPause); state.Message != run.Message {
				r.o.Log.Warn("a run waits", "job", key.job, "run", key.number, "why", state.Message)
			}
		case err != nil:
			if ctx.Err() == nil && !r.weather.bad() {
				r.o.Log.Warn("a run does not begin yet", "job", key.job, "run", key.number, "error", err)
			}
		case state.State == job.StateRunning:
			r.o.Log.Info("began a run", "job", key.job, "run", key.number)
		}
		if state != nil {
			k.state = state
		}
	}()
}
