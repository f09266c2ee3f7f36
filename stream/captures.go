package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// Captures is the one durable consumer of a run's captures that all extractors
// share. A capture is delivered to one of them, and again to any if it is not
// acknowledged in time.
type Captures struct {
	log  *Log
	cons jetstream.Consumer
}

// Delivery is a capture as an extractor gets it.
type Delivery struct {
	Capture *Capture
	// Delivered counts the deliveries of this capture, this one included.
	Delivered int
	msg       jetstream.Msg
}

// Ack ends the capture: its result is stored, or none is due.
func (d *Delivery) Ack() error { return d.msg.Ack() }

// extractorName is the durable consumer of a run's extractors.
const extractorName = "extractors"

// extractTime is how long a delivery stays its extractor's without a word of
// it (see Hold): so long a run waits for the pages of an extractor that died.
const extractTime = 5 * time.Second

// Hold keeps the capture this extractor's while it is worked on, until stop is
// called.
func (d *Delivery) Hold() (stop func()) {
	var mu sync.Mutex
	stopped := false
	var timer *time.Timer
	mu.Lock()
	defer mu.Unlock()
	timer = time.AfterFunc(extractTime/3, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			// One that is lost is made up for by the next.
			_ = d.msg.InProgress()
			timer.Reset(extractTime / 3)
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
	cons, err := l.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: extractorName, FilterSubject: ClassFilter(l.name, ClassCapture),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: extractTime, MaxAckPending: 1000,
	})
	if err != nil {
		return nil, fmt.Errorf("captures of run log %s: %w", l.name, err)
	}
	return &Captures{log: l, cons: cons}, nil
}

// Next returns the next capture, waiting for one until ctx ends. A worker
// pulls one page at a time: what waits is nobody's yet. ErrNotFound says that
// the run log is gone: the run is over.
func (c *Captures) Next(ctx context.Context) (*Delivery, error) {
	for {
		batch, err := c.cons.Fetch(1, jetstream.FetchContext(ctx))
		if err == nil {
			for m := range batch.Messages() {
				return c.delivery(m)
			}
			err = batch.Error()
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, jetstream.ErrNoMessages) {
			if gone(err) {
				return nil, fmt.Errorf("captures of run log %s: %w", c.log.name, ErrNotFound)
			}
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
}

func gone(err error) bool {
	return errors.Is(err, jetstream.ErrConsumerDeleted) || errors.Is(err, jetstream.ErrConsumerNotFound) ||
		errors.Is(err, jetstream.ErrStreamNotFound)
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
	return &Delivery{Capture: capture, Delivered: int(meta.NumDelivered), msg: m}, nil
}
