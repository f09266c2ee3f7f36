package crawler

import (
	"slices"
	"strconv"
	"sync"

	"newsreel/stream"
)

// Partitions is the one gate of a process: which partitions its runs may fetch
// from. Partitions fall to live crawlers by their number among, the same in all
// runs, and a process fetches from one only while it holds that partition in
// every run that it works on: so a host has one crawler, whatever the number of
// jobs. Safe for concurrent use.
type Partitions struct {
	member *stream.Member

	mu   sync.Mutex
	runs map[*Crawler]*[stream.Partitions]bool
	held [stream.Partitions]int // in so many runs
	live []string
	want [stream.Partitions]bool
}

// NewPartitions makes the gate of a process. Each of its runs gets it in
// Settings.
func NewPartitions(m *stream.Member) *Partitions {
	return &Partitions{member: m, runs: map[*Crawler]*[stream.Partitions]bool{}}
}

// Member is the process's lease.
func (p *Partitions) Member() *stream.Member { return p.member }

// Held counts the partitions that may be fetched from.
func (p *Partitions) Held() int {
	open := 0
	for n := range stream.Partitions {
		if p.open(n) {
			open++
		}
	}
	return open
}

func (p *Partitions) enter(c *Crawler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.runs[c] = &[stream.Partitions]bool{}
}

func (p *Partitions) leave(c *Crawler) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if held := p.runs[c]; held != nil {
		for n := range held {
			if held[n] {
				p.held[n]--
			}
		}
		delete(p.runs, c)
	}
}

// set says whether a run holds a partition.
func (p *Partitions) set(c *Crawler, n int, holds bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	held := p.runs[c]
	switch {
	case held == nil || held[n] == holds:
		return
	case holds:
		p.held[n]++
	default:
		p.held[n]--
	}
	held[n] = holds
}

// open says whether a partition may be fetched from: the lease holds, and each
// run of the process holds the partition.
func (p *Partitions) open(n int) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.held[n] == len(p.runs) && p.held[n] > 0 && p.member.Holds()
}

// wanted returns which partitions fall to this process among all that live;
// none while its lease does not hold.
func (p *Partitions) wanted() [stream.Partitions]bool {
	live := p.member.Live()
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(live, p.live) {
		p.live = live
		among := slices.Contains(live, p.member.ID())
		for n := range p.want {
			p.want[n] = among && stream.Rendezvous(strconv.Itoa(n), live) == p.member.ID()
		}
	}
	return p.want
}
