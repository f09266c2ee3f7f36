package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Captures is the one durable consumer of a run's captures that all extractors
// share. A capture is delivered to one of them, and again to any if it is not
// acknowledged in time.
type Captures struct {
	log  *Log
	cons jetstream.Consumer
	wait time.Duration
}

// Delivery is a capture as an extractor gets it.
type Delivery struct {
	Capture *Capture
	// Delivered counts the deliveries of this capture, this one included.
	Delivered int
	msg       jetstream.Msg
	wait      time.Duration
}

// Ack ends the capture: its result is stored, or none is due.
func (d *Delivery) Ack() error { return d.msg.Ack() }

// extractorName is the durable consumer of a run's extractors.
const extractorName = "extractors"

// ExtractTime is how long a delivery stays its extractor's without a word of
// it (see Hold): so long a run waits for the pages of an extractor that died.
const ExtractTime = 5 * time.Second

// Hold keeps the capture this extractor's while it is worked on, until stop is
// called.
func (d *Delivery) Hold() (stop func()) {
	var mu sync.Mutex
	stopped := false
	var timer *time.Timer
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(d.wait/3, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			// One that is lost is made up for by the next.
			_ = d.msg.InProgress()
			timer.Reset(d.wait / 3)
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
	}
}

// Captures opens the consumer, and makes it where it is missing.
func (l *Log) Captures(ctx context.Context) (*Captures, error) {
	return l.CapturesFor(ctx, ExtractTime)
}

// CapturesFor is Captures with another time after which a delivery that is not
// acknowledged is made again. It holds for every extractor of the run.
func (l *Log) CapturesFor(ctx context.Context, wait time.Duration) (*Captures, error) {
	cons, err := l.stream.CreateOrUpdateConsumer(ctx, extractors(l.name, wait))
	if err != nil {
		return nil, fmt.Errorf("captures of run log %s: %w", l.name, asGone(err))
	}
	return &Captures{log: l, cons: cons, wait: wait}, nil
}

func extractors(streamName string, wait time.Duration) jetstream.ConsumerConfig {
	return jetstream.ConsumerConfig{
		Durable: extractorName, FilterSubject: ClassFilter(streamName, ClassCapture),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: wait, MaxAckPending: 1000,
	}
}

// Next returns the next capture, waiting for one until ctx ends. A worker
// pulls one page at a time: what waits is nobody's yet. ErrNotFound says that
// the run log is gone: the run is over.
func (c *Captures) Next(ctx context.Context) (*Delivery, error) {
	for {
		m, err := c.pull(ctx)
		if m != nil {
			return c.delivery(m)
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) ||
			errors.Is(err, jetstream.ErrNoMessages) {
			continue
		}
		if err := c.gone(ctx, err); err != nil {
			return nil, fmt.Errorf("captures of run log %s: %w", c.log.name, err)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// pull asks for one capture, and waits for it until ctx ends, the server has
// nothing for half a minute, or the connection is lost, and the request with
// it.
func (c *Captures) pull(ctx context.Context) (jetstream.Msg, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer onDisconnect(c.log.js.Conn(), cancel)()
	opts := []jetstream.FetchOpt{jetstream.FetchContext(ctx)}
	if end, ok := ctx.Deadline(); !ok || time.Until(end) > 10*readerBeat {
		opts = append(opts, jetstream.FetchHeartbeat(readerBeat))
	}
	batch, err := c.cons.Fetch(1, opts...)
	if err != nil {
		return nil, err
	}
	for m := range batch.Messages() {
		return m, nil
	}
	return nil, batch.Error()
}

// gone returns an error if what a pull met does not pass: the consumer or the
// stream is no more, or the connection is closed.
func (c *Captures) gone(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, jetstream.ErrConsumerDeleted), errors.Is(err, jetstream.ErrConsumerNotFound),
		errors.Is(err, jetstream.ErrStreamNotFound):
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	case errors.Is(err, nats.ErrConnectionClosed):
		return err
	case errors.Is(err, nats.ErrNoResponders):
		// Nobody heard the pull: the server starts, or the stream was deleted
		// between two pulls.
		if _, err := c.cons.Info(ctx); errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
			return fmt.Errorf("%w: %w", ErrNotFound, err)
		}
	}
	return nil
}

func (c *Captures) delivery(m jetstream.Msg) (*Delivery, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	_, p, err := SplitSubject(m.Subject())
	if err != nil {
		return nil, err
	}
	capture, err := ParseCapture(Entry{Class: ClassCapture, Partition: p, Sequence: meta.Sequence.Stream,
		Header: m.Headers(), Data: m.Data()})
	if err != nil {
		return nil, err
	}
	return &Delivery{Capture: capture, Delivered: int(meta.NumDelivered), msg: m, wait: c.wait}, nil
}
