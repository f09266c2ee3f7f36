package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
	"github.com/synadia-io/orbit.go/jetstreamext"
)

// Limits of a batch. A page's messages are never split over two batches, so a
// batch may pass the byte target by one page.
const (
	BatchMessages = 100
	BatchBytes    = 4 << 20
)

// Claim is a partition held: the sequence of the claim is the epoch that
// fences whatever its owner writes.
type Claim struct {
	Partition int
	Sequence  uint64
}

// Batch is a number of messages that are stored all or none. Not for
// concurrent use.
type Batch struct {
	streamName string
	messages   []batchMessage
	bytes      int
}

type batchMessage struct {
	msg *nats.Msg
	// claim fences the message; Sequence 0 for discoveries for others.
	claim Claim
}

// NewBatch starts an empty batch for the run log.
func (l *Log) NewBatch() *Batch { return &Batch{streamName: l.name} }

// Messages and Bytes are the size of the batch so far.
func (b *Batch) Messages() int { return len(b.messages) }
func (b *Batch) Bytes() int    { return b.bytes }

// Capture adds a capture under a claim on its partition.
func (b *Batch) Capture(claim Claim, c *Capture) error {
	c.Partition = claim.Partition
	m, err := c.message(b.streamName)
	if err != nil {
		return err
	}
	b.add(claim, m)
	return nil
}

// Log adds the owner's lines under a claim.
func (b *Batch) Log(claim Claim, lines *Lines) {
	m := nats.NewMsg(Subject(b.streamName, ClassLog, claim.Partition))
	m.Header[nats.MsgIdHdr] = []string{"l" + nuid.Next()}
	m.Data = lines.Bytes()
	b.add(claim, m)
}

// Discover adds discoveries for the owner of another partition.
func (b *Batch) Discover(partition int, lines *Lines) {
	m := nats.NewMsg(Subject(b.streamName, ClassIn, partition))
	m.Header[nats.MsgIdHdr] = []string{"d" + nuid.Next()}
	m.Data = lines.Bytes()
	b.add(Claim{Partition: partition}, m)
}

func (b *Batch) add(claim Claim, m *nats.Msg) {
	if claim.Sequence != 0 {
		m.Header[HeaderEpoch] = []string{strconv.FormatUint(claim.Sequence, 10)}
	}
	b.messages = append(b.messages, batchMessage{msg: m, claim: claim})
	b.bytes += len(m.Data) + len(m.Subject) + 512
}

// LostError says which partitions were lost to another crawler. Their part of
// the batch was not stored; the rest was.
type LostError struct{ Partitions []int }

func (e *LostError) Error() string {
	return fmt.Sprintf("partitions %v are lost to another crawler", e.Partitions)
}

// Is makes a LostError match ErrLost.
func (e *LostError) Is(target error) bool { return target == ErrLost }

// Commit stores the batch: all of it or nothing, fenced on each partition's
// claim. It is durable when Commit returns nil.
//
//  1. nil: stored.
//  2. LostError: the parts of the named partitions were dropped, the rest is
//     stored.
//  3. ErrFull: nothing is stored; the same batch may be tried again.
//  4. ctx ended: unknown; only reading back tells.
//
// An answer that was lost (time-out, server away) is waited out: the same
// bytes are sent again, before anything else, until one answer tells; that
// they were stored already is told by the server within its duplicate window,
// and by reading back the owner's last log message after it.
func (l *Log) Commit(ctx context.Context, b *Batch) error {
	if len(b.messages) == 0 {
		return nil
	}
	var lost []int
	pause := 50 * time.Millisecond
	for try := 0; ; try++ {
		err := l.send(ctx, b)
		switch c := code(err); {
		case err == nil || c == codeDuplicateInBatch:
			return lostOrNil(lost)
		case c == codeWrongLastSequence:
			gone, err := l.lostClaims(ctx, b)
			if err != nil {
				return err
			}
			if len(gone) == 0 {
				return fmt.Errorf("commit to %s: fence refused, and every claim holds", l.name)
			}
			lost = append(lost, gone...)
			b.drop(gone)
			if len(b.messages) == 0 {
				return lostOrNil(lost)
			}
			continue
		case c == codeMaxBytes || c == codeStoreFull:
			return fmt.Errorf("commit to %s: %w", l.name, ErrFull)
		case c == codeTooManyInflight || c == codeTooManyInflightOld || c == codeSequenceConstant:
		case !Ambiguous(err) && !errors.Is(err, jetstreamext.ErrBatchPublishIncomplete):
			return fmt.Errorf("commit to %s: %w", l.name, err)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("commit to %s: %w", l.name, ctx.Err())
		case <-time.After(pause):
			pause = min(2*pause, 2*time.Second)
		}
		if stored, err := l.stored(ctx, b); err == nil && stored {
			return lostOrNil(lost)
		}
	}
}

func lostOrNil(lost []int) error {
	if len(lost) == 0 {
		return nil
	}
	return &LostError{Partitions: lost}
}

// send publishes the batch once. The first message of each partition carries
// the fence: inside a batch the check is made once. Without an answer to the
// first message, which costs a round trip: only the commit is waited for.
func (l *Log) send(ctx context.Context, b *Batch) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	id := nuid.Next()
	var fenced [Partitions]bool
	nc := l.js.Conn()
	for i, bm := range b.messages {
		h := bm.msg.Header
		if bm.claim.Sequence != 0 && !fenced[bm.claim.Partition] {
			fenced[bm.claim.Partition] = true
			h[jetstream.ExpectedLastSubjSeqHeader] = []string{strconv.FormatUint(bm.claim.Sequence, 10)}
			h[jetstream.ExpectedLastSubjSeqSubjHeader] = []string{Subject(l.name, ClassOwn, bm.claim.Partition)}
		}
		h[jetstreamext.BatchIDHeader] = []string{id}
		h[jetstreamext.BatchSeqHeader] = []string{strconv.Itoa(i + 1)}
		if i < len(b.messages)-1 {
			delete(h, jetstreamext.BatchCommitHeader)
			if err := nc.PublishMsg(bm.msg); err != nil {
				return err
			}
			continue
		}
		h[jetstreamext.BatchCommitHeader] = []string{"1"}
		answer, err := nc.RequestMsgWithContext(ctx, bm.msg)
		if err != nil {
			return err
		}
		return batchAnswer(answer.Data)
	}
	return nil
}

func batchAnswer(data []byte) error {
	var a struct {
		Error  *jetstream.APIError `json:"error"`
		Stream string              `json:"stream"`
	}
	if err := json.Unmarshal(data, &a); err != nil || (a.Error == nil && a.Stream == "") {
		return jetstream.ErrInvalidJSAck
	}
	if a.Error != nil {
		return a.Error
	}
	return nil
}

// stored says whether an earlier try of the batch got through: the owner is
// the only writer of its log subject, so the last message there is this
// batch's or it is not stored.
func (l *Log) stored(ctx context.Context, b *Batch) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for i := len(b.messages) - 1; i >= 0; i-- {
		m := b.messages[i].msg
		class, _, err := SplitSubject(m.Subject)
		if err != nil || class != ClassLog {
			continue
		}
		last, err := l.stream.GetLastMsgForSubject(ctx, m.Subject)
		if err != nil {
			return false, err
		}
		return last.Header.Get(nats.MsgIdHdr) == m.Header.Get(nats.MsgIdHdr), nil
	}
	return false, nil
}

func (l *Log) lostClaims(ctx context.Context, b *Batch) ([]int, error) {
	var gone []int
	seen := map[int]bool{}
	for _, bm := range b.messages {
		if bm.claim.Sequence == 0 || seen[bm.claim.Partition] {
			continue
		}
		seen[bm.claim.Partition] = true
		holder, err := l.Owner(ctx, bm.claim.Partition)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return nil, err
		}
		if holder.Sequence != bm.claim.Sequence {
			gone = append(gone, bm.claim.Partition)
		}
	}
	return gone, nil
}

// drop removes what was fenced on the lost partitions. Discoveries that their
// pages made for others stay: they are true, and the fold is idempotent.
func (b *Batch) drop(partitions []int) {
	lost := map[int]bool{}
	for _, p := range partitions {
		lost[p] = true
	}
	kept := b.messages[:0]
	for _, bm := range b.messages {
		delete(bm.msg.Header, jetstream.ExpectedLastSubjSeqHeader)
		delete(bm.msg.Header, jetstream.ExpectedLastSubjSeqSubjHeader)
		if bm.claim.Sequence != 0 && lost[bm.claim.Partition] {
			continue
		}
		kept = append(kept, bm)
	}
	b.messages = kept
}
