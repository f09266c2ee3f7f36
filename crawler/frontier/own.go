package frontier

import (
	"errors"
	"time"

	"newsreel/stream"
)

// ErrNotOwned says that a partition is no longer owned here.
var ErrNotOwned = errors.New("not owned")

// Named sets the id under which this process claims. A claim of its own on a
// partition that it owns is the same ownership under a new epoch; one of
// another ends it.
func (f *Frontier) Named(id string) { f.self = id }

// handing says whether URLs of a partition are handed out.
func (p *partition) handing() bool { return p.active && !p.shut && !p.retiring }

// of returns the partition that a claim is on, if what was handed out under the
// claim is still its.
func (f *Frontier) of(c stream.Claim) *partition {
	if p := f.parts[c.Partition]; p != nil && c.Sequence >= p.first && c.Sequence <= p.claim.Sequence {
		return p
	}
	return nil
}

// Current says whether a claim is held as it was when a task was handed out
// under it, as far as the log was folded.
func (f *Frontier) Current(c stream.Claim) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.of(c) != nil
}

// SetOpen opens or shuts a partition: while it is shut nothing of it is handed
// out. One that was just claimed is open.
func (f *Frontier) SetOpen(number int, open bool, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.parts[number]; p != nil && p.shut == open {
		p.shut = !open
		f.rescheduleAll(p, now)
	}
}

// Retire ends the handing out of a partition that is to be released, or with
// false takes that back.
func (f *Frontier) Retire(number int, retire bool, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.parts[number]; p != nil && p.retiring != retire {
		p.retiring = retire
		f.rescheduleAll(p, now)
	}
}

func (f *Frontier) rescheduleAll(p *partition, now time.Time) {
	if !p.active {
		return
	}
	for _, h := range p.hosts {
		f.schedule(h, now)
	}
	f.signal()
}

// Drained says whether a partition is owned and folded, and whether nothing of
// it is under way: no task that is not settled, no idle mark.
func (f *Frontier) Drained(number int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.parts[number]
	return p != nil && p.active && p.aloft == 0 && !p.marking
}

// Owns says whether a partition is owned here, folded or not.
func (f *Frontier) Owns(number int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.parts[number] != nil
}

// Folded says whether a partition is owned and all of the log before its claim
// is folded.
func (f *Frontier) Folded(number int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.parts[number]
	return p != nil && p.active
}

// DropClaim forgets a partition if it is still held under a claim that was
// lost.
func (f *Frontier) DropClaim(c stream.Claim) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.of(c) != nil {
		f.drop(c.Partition)
	}
}

// Return takes back a task that was handed out and may not be fetched: its URL
// waits again, and its partition is shut until SetOpen.
func (f *Frontier) Return(t Task) {
	f.pacer.Done(t.Host, t.Domain)
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.of(t.Claim)
	if p == nil {
		return
	}
	p.aloft--
	p.shut = true
	if h := f.hostOf(t); h != nil && t.Kind == stream.KindRobots && h.robotsEntry < 0 {
		h.robotsUp = false
	}
	if n, ok := p.t.find(t.URL); ok && p.t.entries[n].state == flying {
		f.landed(p, n)
		p.t.entries[n].state = queued
		p.hosts[p.t.entries[n].host].queue.push(n)
	}
	for _, h := range p.hosts {
		f.schedule(h, f.now)
	}
}

// Settled ends a task: what came of it is stored, or refused for good.
func (f *Frontier) Settled(t Task) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.of(t.Claim); p != nil {
		p.aloft--
	}
}

// NewestSnapshot returns the newest snapshot of a partition that was read of, owned
// or not.
func (f *Frontier) NewestSnapshot(number int) (stream.Snapshot, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.marks[number].snapshot
	if s == nil {
		return stream.Snapshot{}, false
	}
	return *s, true
}

// Close tells the pacing table that this run asks no more.
func (f *Frontier) Close() { f.pacer.Leave(f) }
