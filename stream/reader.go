package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Entry is one message of a run log as a reader gets it.
type Entry struct {
	Class     string
	Partition int
	Sequence  uint64
	// Epoch is the sequence of the writer's claim; 0 where none is needed. For
	// a claim itself it is the claim's own sequence.
	Epoch  uint64
	Header nats.Header
	Data   []byte
	Time   time.Time
	// Pending is how many messages of the reader's classes wait behind it.
	Pending uint64
}

// Reader reads a run log in order: an ordered consumer, with nothing to
// acknowledge and nothing to recover. One goroutine at a time.
type Reader struct {
	log    *Log
	it     jetstream.MessagesContext
	cons   jetstream.Consumer
	epochs [Partitions]uint64
	stale  int64
}

// readerIdle is how long the server keeps a reader that is gone.
const readerIdle = 30 * time.Second

// Read starts a reader at a sequence (0 or 1: from the start). A sequence past
// the end waits for it in silence, so callers check that the stream is the one
// they mean (Created). Close it.
func (l *Log) Read(ctx context.Context, from uint64, classes ...string) (*Reader, error) {
	return l.read(ctx, l.ordered(from, classes))
}

// ordered is the consumer that reads classes from a sequence.
func (l *Log) ordered(from uint64, classes []string) jetstream.OrderedConsumerConfig {
	cfg := jetstream.OrderedConsumerConfig{}
	for _, c := range classes {
		cfg.FilterSubjects = append(cfg.FilterSubjects, ClassFilter(l.name, c))
	}
	if from > 1 {
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, from
	}
	return cfg
}

func (l *Log) read(ctx context.Context, cfg jetstream.OrderedConsumerConfig) (*Reader, error) {
	cfg.InactiveThreshold = readerIdle
	cons, err := l.stream.OrderedConsumer(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("read run log %s: %w", l.name, err)
	}
	it, err := cons.Messages(jetstream.PullMaxMessagesWithBytesLimit(500, 8<<20))
	if err != nil {
		return nil, fmt.Errorf("read run log %s: %w", l.name, err)
	}
	return &Reader{log: l, it: it, cons: cons}, nil
}

// Next returns the following entry. It waits for one until ctx ends. Entries
// of an owner that had lost its claim are dropped: their epoch is lower than
// one seen before, and the fence of the server should have kept them out.
func (r *Reader) Next(ctx context.Context) (Entry, error) {
	for {
		m, err := r.it.Next(jetstream.NextContext(ctx))
		if err != nil {
			if ctx.Err() != nil {
				return Entry{}, ctx.Err()
			}
			return Entry{}, fmt.Errorf("read run log %s: %w", r.log.name, err)
		}
		meta, err := m.Metadata()
		if err != nil {
			return Entry{}, fmt.Errorf("read run log %s: %w", r.log.name, err)
		}
		class, p, err := SplitSubject(m.Subject())
		if err != nil {
			return Entry{}, err
		}
		e := Entry{Class: class, Partition: p, Sequence: meta.Sequence.Stream, Header: m.Headers(),
			Data: m.Data(), Time: meta.Timestamp, Pending: meta.NumPending}
		if r.current(&e) {
			return e, nil
		}
		r.stale++
	}
}

func (r *Reader) current(e *Entry) bool {
	switch e.Class {
	case ClassOwn:
		e.Epoch = e.Sequence
	case ClassLog, ClassCapture:
		e.Epoch, _ = strconv.ParseUint(e.Header.Get(HeaderEpoch), 10, 64)
	default:
		return true
	}
	if e.Epoch < r.epochs[e.Partition] {
		return false
	}
	r.epochs[e.Partition] = e.Epoch
	return true
}

// Stale counts the entries that were dropped.
func (r *Reader) Stale() int64 { return r.stale }

// Close ends the reader. A Next that waits returns an error.
func (r *Reader) Close() {
	r.it.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if info := r.cons.CachedInfo(); info != nil {
		// An ordered consumer would stay until its inactivity threshold; that
		// it cannot be removed now is no fault.
		_ = r.log.stream.DeleteConsumer(ctx, info.Name)
	}
}

// readResets is how often ReadAll takes up a reader that the server knows no
// more. The stream may have been deleted meanwhile, which the client would wait
// out without end otherwise.
const readResets = 2

// ReadAll calls f for each entry of the classes from a sequence up to what the
// stream holds when it starts.
func (l *Log) ReadAll(ctx context.Context, from uint64, f func(Entry) error, classes ...string) error {
	state, err := l.State(ctx)
	if err != nil {
		return err
	}
	pending, err := l.pending(ctx, from, classes)
	if err != nil || !pending {
		return err
	}
	cfg := l.ordered(from, classes)
	cfg.MaxResetAttempts = readResets
	r, err := l.read(ctx, cfg)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		e, err := r.Next(ctx)
		if err != nil {
			return err
		}
		if e.Sequence > state.LastSeq {
			return nil
		}
		if err := f(e); err != nil {
			return err
		}
		if e.Pending == 0 {
			return nil
		}
	}
}

// pending says whether any message of the classes stands at or after a
// sequence: a reader would wait for it otherwise.
func (l *Log) pending(ctx context.Context, from uint64, classes []string) (bool, error) {
	for _, c := range classes {
		_, err := l.stream.GetMsg(ctx, max(from, 1), jetstream.WithGetMsgSubject(ClassFilter(l.name, c)))
		if err == nil {
			return true, nil
		}
		if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return false, fmt.Errorf("read run log %s: %w", l.name, err)
		}
	}
	return false, nil
}
