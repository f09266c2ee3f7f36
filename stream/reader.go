package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
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

// Reader reads a run log in order, through a consumer that acknowledges
// nothing and has nothing to recover: where the server or its memory of the
// consumer goes away, the reader makes another behind what it has returned.
// One goroutine at a time, but for Close.
type Reader struct {
	log *Log
	cfg jetstream.ConsumerConfig

	// last is the sequence of the last message taken, stale ones included, and
	// quiet how long Next has waited in vain since.
	last   uint64
	quiet  time.Duration
	epochs [Partitions]uint64
	stale  int64

	life   context.Context // ends with Close
	cancel context.CancelFunc
	status chan nats.Status
	watch  sync.WaitGroup

	mu        sync.Mutex
	cons      jetstream.Consumer
	it        jetstream.MessagesContext
	delivered uint64 // of cons
}

const (
	// readerIdle is how long the server keeps a reader that is gone.
	readerIdle = 30 * time.Second
	// readerBeat is how often the server says that it still knows the reader;
	// after two that are missing the reader looks for another server.
	readerBeat = 2 * time.Second
	// A reader has at most so much on its way.
	readerMessages, readerBytes = 500, 8 << 20
)

// Read starts a reader of classes (none: all) at a sequence (0 or 1: from the
// start). A sequence past the end waits for it in silence, so callers check
// that the stream is the one they mean (Created). Close it.
func (l *Log) Read(ctx context.Context, from uint64, classes ...string) (*Reader, error) {
	return l.read(ctx, l.consumer(from, classes))
}

// consumer is what reads classes from a sequence.
func (l *Log) consumer(from uint64, classes []string) jetstream.ConsumerConfig {
	cfg := jetstream.ConsumerConfig{AckPolicy: jetstream.AckNonePolicy, MemoryStorage: true, Replicas: 1,
		InactiveThreshold: readerIdle}
	for _, c := range classes {
		cfg.FilterSubjects = append(cfg.FilterSubjects, ClassFilter(l.name, c))
	}
	if from > 1 {
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, from
	}
	return cfg
}

func (l *Log) read(ctx context.Context, cfg jetstream.ConsumerConfig) (*Reader, error) {
	r := &Reader{log: l, cfg: cfg}
	r.life, r.cancel = context.WithCancel(context.Background())
	if err := r.open(ctx); err != nil {
		r.cancel()
		return nil, fmt.Errorf("read run log %s: %w", l.name, asGone(err))
	}
	r.status = l.js.Conn().StatusChanged(nats.CONNECTED)
	r.watch.Add(1)
	go func() {
		defer r.watch.Done()
		for range r.status {
			// The server may have forgotten the consumer, and would be silent
			// until the next beat is missing.
			r.mu.Lock()
			r.it.Stop()
			r.mu.Unlock()
		}
	}()
	return r, nil
}

// open makes a consumer that goes on behind the last message.
func (r *Reader) open(ctx context.Context) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	cfg := r.cfg
	if r.last > 0 {
		cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, r.last+1
	}
	cons, err := r.log.stream.CreateConsumer(ctx, cfg)
	if err != nil {
		return err
	}
	it, err := cons.Messages(jetstream.PullMaxMessagesWithBytesLimit(readerMessages, readerBytes),
		jetstream.PullHeartbeat(readerBeat), jetstream.WithMessagesErrOnMissingHeartbeat(true))
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cons, r.it, r.delivered = cons, it, 0
	return nil
}

// reopen takes the reading up after a fault. It waits for the server until ctx
// ends. ErrNotFound: the stream is gone, or another of its name stands there.
func (r *Reader) reopen(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(r.life, cancel)()
	r.mu.Lock()
	r.it.Stop()
	r.mu.Unlock()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		try, cancel := context.WithTimeout(ctx, answerTime)
		err := r.log.same(try)
		if err == nil {
			err = r.open(try)
		}
		cancel()
		if err == nil || errors.Is(err, ErrNotFound) || ctx.Err() == nil && !passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// Next returns the following entry. It waits for one until ctx ends, over
// restarts of the server too. ErrNotFound says that the stream was deleted.
// Entries of an owner that had lost its claim are dropped: their epoch is
// lower than one seen before, and the fence of the server should have kept
// them out.
func (r *Reader) Next(ctx context.Context) (Entry, error) {
	for {
		e, current, err := r.next(ctx)
		if err != nil || current {
			return e, err
		}
	}
}

// deaf says whether the server has no request of the reader before it: the
// request was lost. The client finds out by missing beats, but counts them anew
// in each call.
func (r *Reader) deaf(ctx context.Context) bool {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	r.quiet = 0
	info, err := r.cons.Info(ctx)
	return err != nil || info.NumWaiting == 0
}

// next returns the following entry, and whether it is not stale.
func (r *Reader) next(ctx context.Context) (Entry, bool, error) {
	for {
		r.mu.Lock()
		it := r.it
		r.mu.Unlock()
		if r.quiet > 2*readerBeat && r.deaf(ctx) {
			it.Stop()
		}
		called := time.Now()
		m, err := it.Next(jetstream.NextContext(ctx))
		if err == nil {
			r.quiet = 0
			e, in, err := r.take(m)
			if err != nil {
				return Entry{}, false, fmt.Errorf("read run log %s: %w", r.log.name, asGone(err))
			}
			if in {
				current := r.current(&e)
				if !current {
					r.stale++
				}
				return e, current, nil
			}
		}
		if ctx.Err() != nil {
			r.quiet += time.Since(called)
			return Entry{}, false, ctx.Err()
		}
		if err = r.reopen(ctx); r.life.Err() != nil {
			err = jetstream.ErrMsgIteratorClosed
		}
		if err != nil {
			if ctx.Err() != nil {
				return Entry{}, false, ctx.Err()
			}
			return Entry{}, false, fmt.Errorf("read run log %s: %w", r.log.name, asGone(err))
		}
	}
}

// take makes an entry of a message. False: a message before it is missing.
func (r *Reader) take(m jetstream.Msg) (Entry, bool, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Entry{}, false, err
	}
	if meta.Sequence.Consumer != r.delivered+1 {
		return Entry{}, false, nil
	}
	class, p, err := SplitSubject(m.Subject())
	if err != nil {
		return Entry{}, false, err
	}
	r.delivered, r.last = meta.Sequence.Consumer, meta.Sequence.Stream
	return Entry{Class: class, Partition: p, Sequence: r.last, Header: m.Headers(),
		Data: m.Data(), Time: meta.Timestamp, Pending: meta.NumPending}, true, nil
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

// Close ends the reader, and removes it from the server if that can be
// reached. A Next that waits returns an error.
func (r *Reader) Close() {
	if r.life.Err() != nil {
		return
	}
	r.cancel()
	nc := r.log.js.Conn()
	nc.RemoveStatusListener(r.status)
	r.watch.Wait()
	r.mu.Lock()
	it, cons := r.it, r.cons
	r.mu.Unlock()
	it.Stop()
	if !nc.IsConnected() {
		return // the server forgets it after readerIdle
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	_ = r.log.stream.DeleteConsumer(ctx, cons.CachedInfo().Name)
}

// quietTime is how long a whole read waits for a message that it knows of
// before it asks whether the message is still there.
const quietTime = time.Second

// ReadAll calls f for each entry of the classes (none: all) from a sequence up
// to what the stream holds when it starts. ErrNotFound says that the stream
// was deleted meanwhile.
func (l *Log) ReadAll(ctx context.Context, from uint64, f func(Entry) error, classes ...string) error {
	return l.readAll(ctx, l.consumer(from, classes), classes, f)
}

// History calls f for each entry of own, in and log of some partitions, from a
// sequence on, up to the newest of their owner's claims: what that owner has to
// fold. before is the sequence of that claim, which is in the log, and ends the
// reading.
func (l *Log) History(ctx context.Context, partitions []int, from, before uint64, f func(Entry) error) error {
	if before <= max(from, 1) {
		return nil
	}
	classes := []string{ClassOwn, ClassIn, ClassLog}
	cfg := l.consumer(from, classes)
	// Few filters are looked up by subject, many are matched with each message.
	if len(partitions) <= manyPartitions {
		cfg.FilterSubjects = nil
		for _, p := range partitions {
			for _, c := range classes {
				cfg.FilterSubjects = append(cfg.FilterSubjects, Subject(l.name, c, p))
			}
		}
	}
	var wanted [Partitions]bool
	for _, p := range partitions {
		wanted[p] = true
	}
	err := l.readAll(ctx, cfg, classes, func(e Entry) error {
		switch {
		case e.Sequence >= before:
			return errEnough
		case wanted[e.Partition]:
			return f(e)
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// manyPartitions is from where on a read of some partitions reads all of them.
const manyPartitions = 10

var errEnough = errors.New("read enough")

func (l *Log) readAll(ctx context.Context, cfg jetstream.ConsumerConfig, classes []string, f func(Entry) error) error {
	until, err := l.lastOf(ctx, classes)
	if err != nil {
		return fmt.Errorf("read run log %s: %w", l.name, asGone(err))
	}
	if until == 0 || until < cfg.OptStartSeq {
		return nil
	}
	r, err := l.read(ctx, cfg)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		wait, cancel := context.WithTimeout(ctx, quietTime)
		e, current, err := r.next(wait)
		cancel()
		switch {
		case err != nil && ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, context.DeadlineExceeded):
			// What is awaited may have been purged.
			left, err := l.lastOf(ctx, classes)
			if err != nil && !passing(err) {
				return fmt.Errorf("read run log %s: %w", l.name, asGone(err))
			}
			if err == nil && (left <= r.last || left < cfg.OptStartSeq) {
				return nil
			}
			if r.deaf(ctx) {
				if err := r.reopen(ctx); err != nil {
					return fmt.Errorf("read run log %s: %w", l.name, asGone(err))
				}
			}
			continue
		case err != nil:
			return err
		case e.Sequence > until:
			return nil
		case current:
			if err := f(e); err != nil {
				return err
			}
		}
		if e.Sequence == until {
			return nil
		}
	}
}
