package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Backlog is what the extractors of a run have before them.
type Backlog struct {
	// Captures are those that no extractor has acknowledged, those among them
	// included for which no result is due.
	Captures int64
	// Oldest is when the first of them was stored; zero if there is none.
	Oldest time.Time
}

// Backlog asks the server how far the run's extractors are. ErrNotFound: no
// extractor was ever there. Captures that were purged count as done.
func (l *Log) Backlog(ctx context.Context) (Backlog, error) {
	cons, err := l.stream.Consumer(ctx, extractorName)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return Backlog{}, fmt.Errorf("extractors of run log %s: %w", l.name, ErrNotFound)
	}
	if err != nil {
		return Backlog{}, fmt.Errorf("extractors of run log %s: %w", l.name, asGone(err))
	}
	info := cons.CachedInfo()
	b := Backlog{Captures: int64(info.NumPending) + int64(info.NumAckPending)}
	if b.Captures == 0 {
		return b, nil
	}
	first, err := l.stream.GetMsg(ctx, info.AckFloor.Stream+1, jetstream.WithGetMsgSubject(ClassFilter(l.name, ClassCapture)))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return Backlog{}, nil
	}
	if err != nil {
		return b, fmt.Errorf("extractors of run log %s: %w", l.name, asGone(err))
	}
	b.Oldest = first.Time
	return b, nil
}
