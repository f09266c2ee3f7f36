package stream

import (
	"context"
	"errors"
	"fmt"
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
	for {
		newest, err := l.snapshots(ctx)
		// A newer one may have let the newest that was seen be purged.
		if !errors.Is(err, errPurged) {
			return newest, err
		}
	}
}

var errPurged = errors.New("purged meanwhile")

func (l *Log) snapshots(ctx context.Context) (map[int]Snapshot, error) {
	found := map[int]uint64{}
	classes := []string{ClassLog}
	cfg := l.consumer(0, classes)
	cfg.HeadersOnly = true
	err := l.readAll(ctx, cfg, classes, func(e Entry) error {
		if e.Header.Get(HeaderMark) == markSnapshot {
			found[e.Partition] = e.Sequence
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	newest := map[int]Snapshot{}
	for p, seq := range found {
		m, err := getMessage(ctx, l.js.Conn(), l.name, getRequest{Seq: seq})
		if errors.Is(err, ErrNotFound) {
			err = errPurged
		}
		if err == nil {
			err = ParseLines(m.Data, Visitor{Snapshot: func(s *Snapshot) { newest[p] = *s }})
		}
		if err != nil {
			return nil, fmt.Errorf("run log %s: snapshot of partition %d: %w", l.name, p, asGone(err))
		}
	}
	return newest, nil
}
