package crawler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"newsreel/internal/diepoint"
	"newsreel/stream"
)

// linger is how long a batch waits for more pages: longer than an exchange on
// a fast network, so that one commit serves many, and far below any delay.
const linger = 8 * time.Millisecond

// maxLines is the size at which a log message is split, far below MaxInline.
const maxLines = 256 << 10

// commit gathers pages into atomic batches until the workers are done.
func (c *Crawler) commit(ctx context.Context) error {
	for p := range c.pages {
		batch := newPageBatch(c.run.Log)
		c.put(batch, p)
		c.gather(batch)
		if err := c.store(ctx, batch); err != nil {
			// Nothing more can be stored: let the workers end.
			c.Stop()
			for range c.pages {
			}
			return err
		}
	}
	return nil
}

// put adds a page to a batch, unless its partition was lost meanwhile: the
// fence would refuse it.
func (c *Crawler) put(b *pageBatch, p *page) {
	if !c.front.Current(p.task.Claim) {
		c.stats.Late.Add(1)
		return
	}
	b.add(p)
}

// gather fills a batch with what is ready and what comes within linger.
func (c *Crawler) gather(b *pageBatch) {
	timer := time.NewTimer(linger)
	defer timer.Stop()
	for !b.full() {
		select {
		case p, ok := <-c.pages:
			if !ok {
				return
			}
			c.put(b, p)
		case <-timer.C:
			return
		}
	}
}

// store commits a batch. A full log is waited out: the archiver empties it.
func (c *Crawler) store(ctx context.Context, b *pageBatch) error {
	defer func() {
		for _, p := range b.pages {
			c.front.Settled(p.task)
		}
	}()
	for _, url := range b.seeds {
		ctl := stream.Control{Type: stream.ControlSeed, URL: url, By: c.s.ID, Time: c.s.Now().UTC()}
		if err := c.control(ctx, ctl); err != nil {
			return err
		}
	}
	batch, err := b.batch()
	if err != nil {
		return err
	}
	c.stats.Batches.Add(1)
	diepoint.Here("publish.before")
	for {
		if err := c.admitted(ctx, batch.Bytes()); err != nil {
			return err
		}
		err := c.run.Log.Commit(ctx, batch)
		diepoint.Here("publish.done")
		var lost *stream.LostError
		switch {
		case errors.As(err, &lost):
			c.stats.Fenced.Add(1)
			for _, p := range lost.Partitions {
				c.s.Log.Warn("a batch came too late: another crawler has the partition", "partition", p)
				c.front.DropClaim(b.owned[p].claim)
			}
			return nil
		case errors.Is(err, stream.ErrFull):
			c.s.Log.Warn("the run log is full; waiting for the archiver", "log", c.run.Log.Name())
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Second):
			}
		default:
			return err
		}
	}
}

// roomTick is how often a batch that waits for room looks whether there is.
const roomTick = 200 * time.Millisecond

// admitted waits until the log may take so many bytes more.
func (c *Crawler) admitted(ctx context.Context, size int) error {
	defer c.waits.Store(false)
	for {
		ok, err := c.run.Log.Admits(ctx, size)
		if ok || err != nil && !stream.Passing(err) {
			return err
		}
		if err == nil {
			c.waits.Store(true)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(roomTick):
		}
	}
}

// control stores a control message. A server that is away is waited for, so
// that it may be stored twice: those of a crawler mean the same then.
func (c *Crawler) control(ctx context.Context, ctl stream.Control) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		_, err := c.run.Log.Control(ctx, ctl)
		if err == nil || !stream.Passing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// pageBatch is pages on their way into one atomic batch: the captures one by
// one, the lines of a partition together.
type pageBatch struct {
	log    *stream.Log
	pages  []*page
	bytes  int
	seeds  []string
	owned  map[int]*ownedLines
	others map[int][]stream.Discovery
	order  []int
}

type ownedLines struct {
	claim stream.Claim
	lines []*stream.Lines
}

func newPageBatch(log *stream.Log) *pageBatch {
	return &pageBatch{log: log, owned: map[int]*ownedLines{}, others: map[int][]stream.Discovery{}}
}

func (b *pageBatch) full() bool {
	return len(b.pages) >= stream.BatchMessages || b.bytes >= b.log.BatchBytes()
}

// add puts a page's discoveries before its outcome: what an outcome refers to
// is known when it is folded.
func (b *pageBatch) add(p *page) {
	b.pages = append(b.pages, p)
	if p.capture != nil {
		b.bytes += len(p.capture.Fragment)
	}
	if p.seed != "" {
		b.seeds = append(b.seeds, p.seed)
	}
	claim := p.task.Claim
	own := b.owned[claim.Partition]
	if own == nil {
		own = &ownedLines{claim: claim}
		b.owned[claim.Partition] = own
		b.order = append(b.order, claim.Partition)
	}
	last, lastHost := -1, ""
	for i := range p.found {
		d := &p.found[i]
		b.bytes += len(d.URL) + 32
		if origin := originOf(d.URL); origin != lastHost {
			last, lastHost = stream.PartitionOf(domainOf(origin)), origin
		}
		if last == claim.Partition {
			own.line().Discovery(d)
		} else {
			b.others[last] = append(b.others[last], *d)
		}
	}
	if p.outcome != nil {
		bounded(&p.outcome.Detail, &p.outcome.Notes)
		own.line().Outcome(p.outcome)
	}
	if p.retry != nil {
		bounded(&p.retry.Detail, &p.retry.Notes)
		own.line().Retry(p.retry)
	}
}

// line is the message body that the next line goes into.
func (o *ownedLines) line() *stream.Lines {
	if n := len(o.lines); n > 0 && o.lines[n-1].Len() < maxLines {
		return o.lines[n-1]
	}
	o.lines = append(o.lines, &stream.Lines{})
	return o.lines[len(o.lines)-1]
}

func (b *pageBatch) batch() (*stream.Batch, error) {
	batch := b.log.NewBatch()
	for _, p := range b.pages {
		if p.capture == nil {
			continue
		}
		if err := batch.Capture(p.task.Claim, p.capture); err != nil {
			return nil, fmt.Errorf("commit %s: %w", p.task.URL, err)
		}
	}
	for partition, found := range b.others {
		o := &ownedLines{}
		for i := range found {
			o.line().Discovery(&found[i])
		}
		for _, lines := range o.lines {
			batch.Discover(partition, lines)
		}
	}
	for _, partition := range b.order {
		own := b.owned[partition]
		for _, lines := range own.lines {
			batch.Log(own.claim, lines)
		}
	}
	return batch, nil
}
