package stream

import (
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
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

	// after is a sequence that every message of the batch will stand behind, 0
	// before the first try.
	after uint64
	// unsure says that a try is without an answer: the batch may be stored.
	unsure bool
	// lost is the partitions that were dropped from it.
	lost []int
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
	b.bytes += m.Size() + batchHeaders
}

// drop removes what was fenced on the lost partitions. Discoveries that their
// pages made for others stay: they are true, and the fold is idempotent.
func (b *Batch) drop(partitions []int) {
	lost := map[int]bool{}
	for _, p := range partitions {
		lost[p] = true
	}
	b.lost = append(b.lost, partitions...)
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
