package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// uptake is how long a log has taken nothing of what was sent to it. Writes wait
// for a server that is away, so that none of them tells by itself.
type uptake struct {
	mu sync.Mutex
	// under counts the writes under way; since is when the first was sent after
	// the last answer, zero if all were answered.
	under int
	since time.Time
}

// sends notes that a write begins; the function that it returns notes its end.
func (u *uptake) sends() (ends func(err error)) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.under++
	if u.since.IsZero() {
		u.since = time.Now()
	}
	return func(err error) {
		u.mu.Lock()
		defer u.mu.Unlock()
		u.under--
		if !passing(err) || err == nil { // a refusal is an answer too
			u.answered()
		}
	}
}

// answered begins to count anew. u.mu is held.
func (u *uptake) answered() {
	u.since = time.Time{}
	if u.under > 0 {
		u.since = time.Now()
	}
}

// Untaken is for how long something was sent to the log and none of it was
// answered, 0 if nothing waits. It asks nobody, and may be called at any time.
func (l *Log) Untaken() time.Duration {
	l.uptake.mu.Lock()
	defer l.uptake.mu.Unlock()
	if l.uptake.since.IsZero() {
		return 0
	}
	return time.Since(l.uptake.since)
}

// Takes asks the server whether the log takes messages, and changes nothing. A
// server that met a full disk answers whatever reads, and takes nothing more,
// without a word, until it is started again. Errors: what the server says (a
// write error), or Passing ones; ErrNotFound if the log is gone.
func (l *Log) Takes(ctx context.Context) error {
	if err := takes(ctx, l.stream, l.name); err != nil {
		return fmt.Errorf("run log %s: %w", l.name, asGone(err))
	}
	l.uptake.mu.Lock()
	defer l.uptake.mu.Unlock()
	if l.uptake.under == 0 {
		// What was given up is nobody's any more.
		l.uptake.since = time.Time{}
	}
	return nil
}

// takes purges a subject that never has a message: the server looks whether the
// store has failed before it looks for any. A sequence below 2 purges nothing, unasked.
func takes(ctx context.Context, s jetstream.Stream, name string) error {
	return asGone(s.Purge(ctx, jetstream.WithPurgeSubject(name+".none"), jetstream.WithPurgeSequence(2)))
}
