package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Ownership is the newest claim on a partition: the body of own.P, as JSON,
// and the sequence at which it stands.
type Ownership struct {
	Crawler  string    `json:"crawler"`
	Released bool      `json:"released,omitempty"`
	Time     time.Time `json:"time"`
	Sequence uint64    `json:"-"`
}

// Owner returns the newest claim on a partition, or ErrNotFound.
func (l *Log) Owner(ctx context.Context, partition int) (Ownership, error) {
	m, err := l.last(ctx, Subject(l.name, ClassOwn, partition))
	if err != nil {
		return Ownership{}, fmt.Errorf("run log %s: owner of %d: %w", l.name, partition, asGone(err))
	}
	return parseOwnership(m.Data, m.Sequence)
}

func parseOwnership(data []byte, seq uint64) (Ownership, error) {
	o := Ownership{Sequence: seq}
	if err := json.Unmarshal(data, &o); err != nil {
		return o, fmt.Errorf("claim %d: %w", seq, err)
	}
	return o, nil
}

// ParseOwnership reads a claim.
func ParseOwnership(e Entry) (Ownership, error) { return parseOwnership(e.Data, e.Sequence) }

// Claim takes a partition by compare-and-set: previous is the sequence of the
// claim that is followed, 0 for none. The caller makes it only when the old
// owner's lease is gone or released. ErrLost: another was faster. After an
// error that leaves open what happened (Ambiguous) the same claim, at the same
// time, may be tried again.
func (l *Log) Claim(ctx context.Context, partition int, crawler string, previous uint64, at time.Time) (Claim, error) {
	seq, err := l.own(ctx, partition, Ownership{Crawler: crawler, Time: at}, previous)
	return Claim{Partition: partition, Sequence: seq}, err
}

// Release gives a claim up, so that the next owner need not wait for the lease
// to end. It returns the sequence of its word. ErrLost: it was another's by
// then.
func (l *Log) Release(ctx context.Context, c Claim, crawler string, at time.Time) (uint64, error) {
	return l.own(ctx, c.Partition, Ownership{Crawler: crawler, Released: true, Time: at}, c.Sequence)
}

// ClaimAll takes all partitions at once, for a process that holds the data
// folder's lock and so knows that nobody else is there. See ClaimEach.
func (l *Log) ClaimAll(ctx context.Context, crawler string, previous map[int]Ownership, at time.Time) ([]Claim, error) {
	all := make([]int, Partitions)
	for p := range all {
		all[p] = p
	}
	return l.ClaimEach(ctx, crawler, all, previous, at)
}

// ClaimEach takes partitions at once in one atomic batch: all of them or none.
// previous holds the newest claims by partition, see Owners. A server that is
// away is waited for until ctx ends. ErrLost: another was faster with one of
// them.
func (l *Log) ClaimEach(ctx context.Context, crawler string, partitions []int, previous map[int]Ownership, at time.Time) (made []Claim, err error) {
	body, err := json.Marshal(Ownership{Crawler: crawler, Time: at})
	if err != nil {
		return nil, err
	}
	ends := l.uptake.sends()
	defer func() { ends(err) }()
	b := l.NewBatch()
	for _, p := range partitions {
		m := nats.NewMsg(Subject(l.name, ClassOwn, p))
		m.Data = body
		m.Header[jetstream.ExpectedLastSubjSeqHeader] = []string{fmt.Sprint(previous[p].Sequence)}
		b.messages = append(b.messages, batchMessage{msg: m})
	}
	for pause := 50 * time.Millisecond; len(partitions) > 0; pause = min(2*pause, 2*time.Second) {
		err := l.send(ctx, b)
		if err == nil || code(err) == codeWrongLastSequence {
			var claims []Claim
			if claims, err = l.claims(ctx, crawler, partitions, at); !passing(err) {
				return claims, err
			}
		}
		if !passing(err) {
			return nil, fmt.Errorf("run log %s: claim: %w", l.name, asFull(asGone(err)))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("run log %s: claim: %w", l.name, ctx.Err())
		case <-time.After(pause):
		}
		if err := l.same(ctx); errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("run log %s: claim: %w", l.name, asGone(err))
		}
	}
	return nil, nil
}

// claims returns the claims that a crawler made on partitions at a time.
func (l *Log) claims(ctx context.Context, crawler string, partitions []int, at time.Time) ([]Claim, error) {
	claims := make([]Claim, 0, len(partitions))
	for _, p := range partitions {
		o, err := l.Owner(ctx, p)
		if err != nil && (!errors.Is(err, ErrNotFound) || errors.Is(err, jetstream.ErrStreamNotFound)) {
			return nil, err
		}
		if !o.by(Ownership{Crawler: crawler, Time: at}) {
			return nil, fmt.Errorf("run log %s: claim of %d: %w", l.name, p, ErrLost)
		}
		claims = append(claims, Claim{Partition: p, Sequence: o.Sequence})
	}
	return claims, nil
}

// by says whether a claim is the one that was meant to be made.
func (o Ownership) by(meant Ownership) bool {
	return o.Crawler == meant.Crawler && o.Released == meant.Released && o.Time.Equal(meant.Time)
}

// Owners returns the newest claim of every partition that has one, in one
// request. In a cluster they may be out of date by a moment: Claim tells.
func (l *Log) Owners(ctx context.Context) (map[int]Ownership, error) {
	owners := map[int]Ownership{}
	last, err := lastOfEach(ctx, l.js, l.name, ClassFilter(l.name, ClassOwn))
	if err != nil {
		return nil, fmt.Errorf("run log %s: owners: %w", l.name, asGone(err))
	}
	for _, m := range last {
		_, p, err := SplitSubject(m.Subject)
		if err != nil {
			return nil, err
		}
		if owners[p], err = parseOwnership(m.Data, m.Sequence); err != nil {
			return nil, err
		}
	}
	return owners, nil
}

func (l *Log) own(ctx context.Context, partition int, o Ownership, previous uint64) (uint64, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return 0, err
	}
	subject := Subject(l.name, ClassOwn, partition)
	ends := l.uptake.sends()
	ack, err := l.js.Publish(ctx, subject, body, jetstream.WithExpectLastSequencePerSubject(previous))
	ends(err)
	if err == nil {
		return ack.Sequence, nil
	}
	if code(err) == codeWrongLastSequence || Ambiguous(err) {
		// An earlier try of which the answer was lost may have made it.
		now, look := l.Owner(ctx, partition)
		if look == nil && now.Sequence > previous && now.by(o) {
			return now.Sequence, nil
		}
	}
	if code(err) == codeWrongLastSequence {
		err = ErrLost
	}
	return 0, fmt.Errorf("run log %s: claim of %d: %w", l.name, partition, err)
}
