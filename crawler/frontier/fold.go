package frontier

import (
	"fmt"
	"time"

	"newsreel/stream"
)

// LostPartition is returned by Apply when another crawler claimed a partition
// that was owned here. The partition is dropped already.
type LostPartition struct {
	Partition int
	By        string
}

func (e *LostPartition) Error() string {
	return fmt.Sprintf("partition %d was claimed by crawler %s", e.Partition, e.By)
}

// Apply folds one entry of the run log: own, in, log or ctl. Entries come in
// the order of their sequences.
func (f *Frontier) Apply(e stream.Entry, now time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	defer f.signal()
	f.now = now
	switch e.Class {
	case stream.ClassControl:
		return f.control(e)
	case stream.ClassOwn:
		return f.ownership(e, now)
	case stream.ClassIn, stream.ClassLog:
		return f.lines(e, now)
	}
	return nil
}

func (f *Frontier) control(e stream.Entry) error {
	c, err := stream.ParseControl(e)
	if err != nil {
		return err
	}
	f.ctlSeq = e.Sequence
	switch c.Type {
	case stream.ControlPause:
		f.paused = true
	case stream.ControlResume:
		f.paused = false
	case stream.ControlClose:
		f.close(c.Reason)
	case stream.ControlQuota:
		f.newQuota(c.Quota)
	case stream.ControlEnd:
		f.ended = true
	}
	return nil
}

// close makes an end of all that waits and is not in flight.
func (f *Frontier) close(reason string) {
	if f.closed != "" {
		return
	}
	f.closed = reason
	for _, p := range f.parts {
		if p == nil {
			continue
		}
		before := p.waiting
		for n := range p.t.entries {
			if s := p.t.entries[n].state; s == queued || s == retrying {
				f.settle(p, n, skipped, reason)
			}
		}
		for _, h := range p.hosts {
			h.queue.list, h.retries = nil, nil
			f.ready.remove(h)
		}
		if p.waiting != before {
			p.version++
			p.sinceMark = true
		}
	}
}

func (f *Frontier) ownership(e stream.Entry, now time.Time) error {
	p := f.parts[e.Partition]
	if p == nil {
		return nil
	}
	o, err := stream.ParseOwnership(e)
	if err != nil {
		return err
	}
	if e.Sequence > p.claim.Sequence {
		if o.Released { // by ourselves
			f.drop(e.Partition)
			return nil
		}
		if o.Crawler == f.self {
			p.claim.Sequence = e.Sequence
			return nil
		}
		f.drop(e.Partition)
		return &LostPartition{Partition: e.Partition, By: o.Crawler}
	}
	if e.Sequence < p.claim.Sequence {
		p.inherited = true
		return nil
	}
	p.active = true
	for _, h := range p.hosts {
		if p.inherited {
			// The former owner may have asked a moment ago.
			f.pacer.Hold(h.name, now.Add(f.pace(h).Delay))
		}
		f.schedule(h, now)
	}
	return nil
}

// anchored brings a time of the log, or of a snapshot, to the clock of this
// process: from now on what passes counts, and not what the wall clock is set
// to. It is at most so far away: the clock may have been set back since.
func anchored(at, now time.Time, most time.Duration) time.Time {
	return now.Add(min(max(at.Sub(now), 0), max(most, 0)))
}

func (f *Frontier) lines(e stream.Entry, now time.Time) error {
	m := &f.marks[e.Partition]
	p := f.parts[e.Partition]
	if p != nil && e.Sequence <= p.covers {
		p = nil // the snapshot holds it
	}
	said := false // anything but marks
	err := stream.ParseLines(e.Data, stream.Visitor{
		Discovery: func(d *stream.Discovery) {
			said = true
			if p != nil {
				f.discover(p, d, now)
			}
		},
		Outcome: func(o *stream.Outcome) {
			said = true
			if p != nil {
				f.outcome(p, o, now)
			}
		},
		Retry: func(r *stream.Retry) {
			said = true
			if p != nil {
				f.retry(p, r, now)
			}
		},
		RobotsAnswer: func(a *stream.RobotsAnswer) {
			said = true
			if p != nil {
				f.answered(p, a, now)
			}
		},
		Snapshot: func(s *stream.Snapshot) {
			// None is written of an idle partition.
			m.used, m.idle, m.snapshot = true, false, s
		},
		Idle: func(i *stream.Idle) {
			m.used, m.idle, m.in = true, true, i.In
			if p != nil {
				p.marking = false
				if p.version == p.markVersion {
					p.sinceMark = false
				}
			}
		},
	})
	if err != nil {
		return fmt.Errorf("run log entry %d: %w", e.Sequence, err)
	}
	if e.Class == stream.ClassIn {
		m.lastIn = e.Sequence
	} else {
		m.lastLog = e.Sequence
	}
	if said {
		m.used, m.idle = true, false
	}
	if p != nil {
		if e.Class == stream.ClassIn {
			p.inSeq = e.Sequence
		}
		p.seq = e.Sequence
		if said {
			p.version++
			p.entries++
			p.sinceMark = true
		}
	}
	return nil
}

// discover marks a URL as seen and queues it, in one step.
func (f *Frontier) discover(p *partition, d *stream.Discovery, now time.Time) {
	defer f.alias(p, d)
	if n, ok := p.t.find(d.URL); ok {
		f.again(p, n, d, now)
		return
	}
	h := p.host(f, d.URL)
	n := p.t.insert(d.URL, entry{
		via: p.t.viaRef(d.Via, &p.via), host: p.hostIDs[h.name], found: uint32(d.Found.Unix()),
		foundMS: uint16(d.Found.UnixMilli() % 1000), depth: uint16(min(d.Depth, 1<<16-1)),
		path: p.t.names.id(d.Path), how: howOf(d.How), kind: kindOf(d.Kind), hops: uint8(min(d.Hops, 255)),
		seed: d.Seed, state: queued})
	p.waiting++
	f.count(p, func(c *stream.Counts) { c.Discovered++ })
	switch {
	case d.Skip != "":
		f.settle(p, n, skipped, d.Skip)
	case f.closed != "":
		f.settle(p, n, skipped, f.closed)
	default:
		h.queue.push(n)
		if p.active && !h.blocked {
			f.schedule(h, now)
		}
	}
}

// again folds a discovery of a URL that is known: a stronger kind, a shorter
// way or being a seed changes what waits; nothing is fetched again for it.
func (f *Frontier) again(p *partition, n int, d *stream.Discovery, now time.Time) {
	e := &p.t.entries[n]
	e.seed = e.seed || d.Seed
	if e.state > retrying {
		return
	}
	// What is in flight changes too, as it does for who folds this later and
	// knows of no flight.
	before := rank(e)
	e.depth = uint16(min(int(e.depth), d.Depth))
	if k := kindOf(d.Kind); k > e.kind {
		e.kind = k
	}
	if h := p.hosts[e.host]; e.state == queued && rank(e) != before {
		h.queue.fix(uint32(n))
	}
}

// settle moves an entry to its fate and keeps the ledger closed.
func (f *Frontier) settle(p *partition, n int, to state, reason string) {
	e := &p.t.entries[n]
	from, was := e.state, reasonWords[e.reason]
	f.count(p, func(c *stream.Counts) {
		tally(c, from, was, -1)
		tally(c, to, reason, 1)
	})
	if from <= retrying {
		p.waiting--
	}
	if to <= retrying {
		p.waiting++
	}
	if from == flying {
		f.landed(p, n)
	}
	e.state, e.reason = to, reasonOf(reason)
}

// landed takes a task out of what is in flight: its outcome is in the log.
func (f *Frontier) landed(p *partition, n int) {
	e := &p.t.entries[n]
	f.flying--
	p.flying--
	if e.counted {
		e.counted = false
		f.pagesUp--
		p.pagesUp--
		p.hosts[e.host].pagesUp--
		f.unblock()
	}
}

func tally(c *stream.Counts, s state, reason string, by int64) {
	switch s {
	case captured:
		c.Captured += by
	case failed:
		c.Failed = bump(c.Failed, reason, by)
	case skipped:
		c.Skipped = bump(c.Skipped, reason, by)
	}
}

func bump(m map[string]int64, key string, by int64) map[string]int64 {
	if m == nil {
		m = map[string]int64{}
	}
	if m[key] += by; m[key] == 0 {
		delete(m, key)
	}
	return m
}

func (f *Frontier) count(p *partition, change func(*stream.Counts)) {
	change(&p.counts)
	change(&f.totals)
}

var fates = map[string]state{stream.FateCaptured: captured, stream.FateFailed: failed, stream.FateSkipped: skipped}

func (f *Frontier) outcome(p *partition, o *stream.Outcome, now time.Time) {
	n, ok := p.t.find(o.URL)
	if !ok {
		f.discover(p, &stream.Discovery{URL: o.URL, Kind: o.Kind, How: o.How, Via: o.Via, Found: o.Time}, now)
		n, _ = p.t.find(o.URL)
	}
	to, ok := fates[o.Fate]
	if !ok {
		to = failed
	}
	e := &p.t.entries[n]
	h := p.hosts[e.host]
	f.settle(p, n, to, o.Reason)
	e.status, e.tries, e.finished = int16(o.Status), uint8(min(o.Tries, 255)), kindOf(o.Kind)+1
	came := min(p.unfolded, o.Bytes)
	p.unfolded -= came
	f.unfolded -= came
	f.count(p, func(c *stream.Counts) {
		if o.CaptureID != "" {
			c.Captures++
		}
		c.Bytes += o.Bytes
		c.Outside += int64(o.Outside)
		if o.Page {
			c.Pages++
		}
	})
	if o.Page {
		h.pages++
		f.pattern(p, o)
	}
	if o.Robots != nil {
		f.robots(p, n, o, now)
	}
	if p.active && !h.blocked {
		f.schedule(h, now)
	}
}

func (f *Frontier) retry(p *partition, r *stream.Retry, now time.Time) {
	n, ok := p.t.find(r.URL)
	if !ok {
		return
	}
	e := &p.t.entries[n]
	at := anchored(r.NotBefore, now, r.NotBefore.Sub(r.Time))
	if h := p.origin(r.URL); h != nil {
		h.robotsUp = false
		if e.state > retrying {
			// It is known, and expired: the old rules hold until the next try.
			h.robots.expires = at
			if p.active {
				f.schedule(h, now)
			}
		}
	}
	if e.state <= retrying || e.state == skipped {
		e.tries = uint8(min(r.Tries, 255)) // a close may have come first
	}
	if e.state > retrying {
		return
	}
	if f.closed != "" {
		f.settle(p, n, skipped, f.closed)
		return
	}
	f.settle(p, n, retrying, "")
	h := p.hosts[e.host]
	h.retries = append(h.retries, retryAt{entry: uint32(n), at: at})
	if p.active {
		f.schedule(h, now)
	}
}

// pattern counts the pages of one URL pattern in a row that were the same as
// one before: a calendar, a counter in the address.
func (f *Frontier) pattern(p *partition, o *stream.Outcome) {
	if f.rules.MaxPattern <= 0 {
		return
	}
	key := patternOf(o.URL)
	if !o.Same {
		delete(p.patterns, key)
		return
	}
	p.patterns[key]++
}
