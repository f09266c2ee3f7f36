package stream

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Quota says how much of a run's limits each partition may use: what
// limits.pages and limits.bytes allow, handed out in shares. The newest one in
// the log holds. An owner captures no more pages than its partitions' shares,
// so that all together never pass the limit, whoever owns what.
type Quota struct {
	Pages map[int]Share `json:"pages,omitempty"`
	Bytes map[int]Share `json:"bytes,omitempty"`
}

// Share is a partition's part of a limit.
type Share struct {
	// Granted is how much the partition may use in all, Used how much of it was
	// used as its owner last said.
	Granted int64 `json:"granted"`
	Used    int64 `json:"used"`
	// Wants says that it has used its share up and something waits.
	Wants bool `json:"wants,omitempty"`
}

// Quota stores a new division, if no other control message came after the
// sequence last (0 for none). A lost race is ErrLost: fold it and reckon again.
func (l *Log) Quota(ctx context.Context, last uint64, q *Quota, by string, at time.Time) (uint64, error) {
	seq, err := l.control(ctx, Control{Type: ControlQuota, Quota: q, By: by, Time: at},
		jetstream.WithExpectLastSequenceForSubject(last, ControlSubject(l.name)))
	if code(err) == codeWrongLastSequence {
		return 0, fmt.Errorf("run log %s: quota: %w", l.name, ErrLost)
	}
	return seq, err
}
