package stream

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// MinLogBytes is the least that a run log of several processes is made with:
// below it a page or two would be all that crawlers may store.
const MinLogBytes = 8_000_000

// pauseAt is the part of a log's bytes at which crawling pauses, and fillTo the
// part up to which the pages are stored that were under way then. The rest is
// for results, claims and control: a log that is full of captures could not be
// emptied, since the archiver waits for the results of them.
const pauseAt, fillTo = 0.70, 0.80

// Full says that a log in this state is so full that crawling pauses until the
// archiver has emptied it, "" if it is not.
func (l *Log) Full(s State) string {
	if l.maxBytes <= 0 || float64(s.Bytes) <= pauseAt*float64(l.maxBytes) {
		return ""
	}
	return l.Waits(s)
}

// Waits says in words what the log holds that waits for the archiver.
func (l *Log) Waits(s State) string {
	return fmt.Sprintf("the run log holds %d MB of %d: waiting for the archiver", s.Bytes>>20, l.maxBytes>>20)
}

// BatchBytes is the size at which a crawler's batch is full: a small part of a
// small log.
func (l *Log) BatchBytes() int {
	if l.maxBytes <= 0 {
		return BatchBytes
	}
	return int(min(BatchBytes, l.maxBytes/32))
}

// room is how full this process knows the log to be.
type room struct {
	mu sync.Mutex
	// seen is what the log held at a time, and sent what was admitted since.
	seen, sent int64
	at         time.Time
}

// A look at the log serves for lookTime, while others cannot have brought it to
// its bound that send manyTimes as much as this process.
const (
	lookTime  = 250 * time.Millisecond
	manyTimes = 8
)

// Admits says whether a crawler may store so many bytes now: whether they leave
// the room that the results of what the log holds need. Where it holds no
// captures no results are to come, nor would waiting make room.
func (l *Log) Admits(ctx context.Context, size int) (bool, error) {
	if l.maxBytes <= 0 {
		return true, nil
	}
	r, more, bound := &l.room, int64(size), int64(fillTo*float64(l.maxBytes))
	r.mu.Lock()
	defer r.mu.Unlock()
	if time.Since(r.at) < lookTime && r.seen+manyTimes*(r.sent+more) <= bound {
		r.sent += more
		return true, nil
	}
	s, err := l.State(ctx)
	if err != nil {
		return false, err
	}
	r.seen, r.sent, r.at = int64(s.Bytes), 0, time.Now()
	if r.seen+more > bound {
		info, err := l.stream.Info(ctx, jetstream.WithSubjectFilter(ClassFilter(l.name, ClassCapture)))
		if err != nil {
			return false, fmt.Errorf("run log %s: captures: %w", l.name, asGone(err))
		}
		if len(info.State.Subjects) > 0 {
			return false, nil
		}
	}
	r.sent = more
	return true, nil
}
