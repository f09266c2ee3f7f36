package stream

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"
)

// HeaderMark is "snapshot" on a log message that names a snapshot, so that the
// newest can be found by headers alone.
const HeaderMark = "Nr-Mark"

const markSnapshot = "snapshot"

// Snapshot adds the owner's word that a snapshot of its tables is stored.
func (b *Batch) Snapshot(claim Claim, s *Snapshot) {
	lines := &Lines{}
	lines.Snapshot(s)
	b.Log(claim, lines)
	b.messages[len(b.messages)-1].msg.Header[HeaderMark] = []string{markSnapshot}
}

// Snapshots returns the newest snapshot of each partition that has one.
func (l *Log) Snapshots(ctx context.Context) (map[int]Snapshot, error) {
	found := map[int]uint64{}
	pending, err := l.pending(ctx, 0, []string{ClassLog})
	if err != nil || !pending {
		return nil, err
	}
	r, err := l.read(ctx, jetstream.OrderedConsumerConfig{FilterSubjects: []string{ClassFilter(l.name, ClassLog)}, HeadersOnly: true})
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		e, err := r.Next(ctx)
		if err != nil {
			return nil, err
		}
		if e.Header.Get(HeaderMark) == markSnapshot {
			found[e.Partition] = e.Sequence
		}
		if e.Pending == 0 {
			break
		}
	}
	newest := map[int]Snapshot{}
	for p, seq := range found {
		m, err := l.stream.GetMsg(ctx, seq)
		if err != nil {
			return nil, fmt.Errorf("run log %s: snapshot of partition %d: %w", l.name, p, err)
		}
		err = ParseLines(m.Data, Visitor{Snapshot: func(s *Snapshot) { newest[p] = *s }})
		if err != nil {
			return nil, fmt.Errorf("run log %s: snapshot of partition %d: %w", l.name, p, err)
		}
	}
	return newest, nil
}
