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

	"newsreel/internal/diepoint"
)

// maxBatch is the most messages that a server takes in one batch.
const maxBatch = 1000

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
//  4. ErrNotFound: the run log is gone, and with it whatever was stored.
//  5. ctx ended: unknown. The same batch may be tried again, and is stored
//     once.
//  6. Any other error: nothing is stored, now or later: the batch has more
//     than 1,000 messages or one above the server's max_payload, or the
//     connection is closed.
//
// An answer that was lost (time-out, server away) is waited out: the same
// bytes are sent again, before anything else, until one answer tells; that
// they were stored already is told by the server within its duplicate window,
// and by reading back the owner's messages since.
func (l *Log) Commit(ctx context.Context, b *Batch) (err error) {
	ends := l.uptake.sends()
	defer func() { ends(err) }()
	if b.after == 0 {
		b.after = max(l.acked.Load(), 1)
	}
	for pause := 50 * time.Millisecond; len(b.messages) > 0; pause = min(2*pause, 2*time.Second) {
		if b.unsure {
			if stored, err := l.stored(ctx, b); err == nil && stored {
				break
			} else if errors.Is(err, ErrNotFound) {
				return fmt.Errorf("commit to %s: %w", l.name, err)
			}
		}
		err := l.send(ctx, b)
		c := code(err)
		if err == nil || c == codeDuplicateInBatch {
			break
		}
		if c == codeWrongLastSequence {
			var gone []int
			if gone, err = l.lostClaims(ctx, b); err == nil && len(gone) == 0 {
				return fmt.Errorf("commit to %s: fence refused, and every claim holds", l.name)
			} else if err == nil {
				b.drop(gone)
				continue
			}
		}
		if full(err) {
			return fmt.Errorf("commit to %s: %w", l.name, asFull(err))
		}
		if !passing(err) {
			return fmt.Errorf("commit to %s: %w", l.name, asGone(err))
		}
		b.unsure = b.unsure || Ambiguous(err) || c == codeDuplicateInProcess
		select {
		case <-ctx.Done():
			return fmt.Errorf("commit to %s: %w", l.name, ctx.Err())
		case <-time.After(pause):
		}
	}
	if len(b.lost) > 0 {
		return &LostError{Partitions: b.lost}
	}
	return nil
}

// send publishes the batch once. The first message of each partition carries
// the fence: inside a batch the check is made once. Without an answer to the
// first message, which costs a round trip: only the commit is waited for.
func (l *Log) send(ctx context.Context, b *Batch) error {
	if len(b.messages) > maxBatch {
		return fmt.Errorf("batch of %d messages: %w", len(b.messages), jetstreamext.ErrBatchPublishExceedsLimit)
	}
	nc := l.js.Conn()
	if err := b.fits(nc.MaxPayload()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	defer onDisconnect(nc, cancel)()
	id := nuid.Next()
	var fenced [Partitions]bool
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
			diepoint.Here("publish.part")
			continue
		}
		h[jetstreamext.BatchCommitHeader] = []string{"1"}
		answer, err := nc.RequestMsgWithContext(ctx, bm.msg)
		if err != nil {
			return err
		}
		seq, err := batchAnswer(answer.Data)
		if err == nil {
			l.note(seq)
		}
		return err
	}
	return nil
}

// onDisconnect calls f when the connection is lost, until stop: an answer that
// was under way does not come any more, and need not be waited for.
func onDisconnect(nc *nats.Conn, f func()) (stop func()) {
	lost := nc.StatusChanged(nats.RECONNECTING, nats.CLOSED)
	go func() {
		if _, ok := <-lost; ok {
			f()
		}
	}()
	return func() { nc.RemoveStatusListener(lost) }
}

// batchHeaders is more than the headers take that send adds to a message,
// maxHeaders what the server lets all of a message's headers take.
const batchHeaders, maxHeaders = 512, 64 << 10

// fits finds a message that the server would refuse before any is sent: a part
// of a batch would wait there.
func (b *Batch) fits(maxPayload int64) error {
	for _, bm := range b.messages {
		if int64(len(bm.msg.Data))+maxHeaders <= maxPayload {
			continue
		}
		if size := int64(bm.msg.Size()) + batchHeaders; size > maxPayload && maxPayload > 0 {
			return fmt.Errorf("message of %d bytes on %s: %w", size, bm.msg.Subject, nats.ErrMaxPayload)
		}
	}
	return nil
}

// batchAnswer is the sequence of the last message of a batch, or the refusal.
func batchAnswer(data []byte) (uint64, error) {
	var a struct {
		Error    *jetstream.APIError `json:"error"`
		Stream   string              `json:"stream"`
		Sequence uint64              `json:"seq"`
	}
	if err := json.Unmarshal(data, &a); err != nil || (a.Error == nil && a.Stream == "") {
		return 0, jetstream.ErrInvalidJSAck
	}
	if a.Error != nil {
		return 0, a.Error
	}
	return a.Sequence, nil
}

// note remembers the newest sequence that an answer named.
func (l *Log) note(seq uint64) {
	for {
		old := l.acked.Load()
		if seq <= old || l.acked.CompareAndSwap(old, seq) {
			return
		}
	}
}

// maxReadBack bounds the search for a batch of which the answer was lost: what
// this process has sent meanwhile, and another after it.
const maxReadBack = 1000

// stored says whether an earlier try of the batch got through. All or none is
// stored, so one message tells; and the owner alone writes to its subjects, so
// few stand behind what was acknowledged before the batch was made.
// Discoveries for others tell nothing, but storing them twice does no harm.
func (l *Log) stored(ctx context.Context, b *Batch) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	for i := len(b.messages) - 1; i >= 0; i-- {
		bm := b.messages[i]
		if bm.claim.Sequence == 0 {
			continue
		}
		want := bm.msg.Header.Get(nats.MsgIdHdr)
		from := max(b.after, bm.claim.Sequence) + 1
		for range maxReadBack {
			m, err := getMessage(ctx, l.js.Conn(), l.name, getRequest{Next: bm.msg.Subject, Seq: from})
			if errors.Is(err, ErrNotFound) {
				return false, nil
			}
			if err != nil {
				return false, asGone(err)
			}
			if m.Header.Get(nats.MsgIdHdr) == want {
				return true, nil
			}
			from = m.Sequence + 1
		}
		return false, nil
	}
	return false, l.same(ctx)
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
