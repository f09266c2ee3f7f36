package frontier

import (
	"sync"
	"time"
)

// Pace is how fast a host may be asked, and how much of it its registrable
// domain may have at once.
type Pace struct {
	// Delay is the time between two starts on a host.
	Delay time.Duration
	// PerHost and PerDomain are exchanges at once; PerDomain 0 means no limit.
	PerHost, PerDomain int
}

// Pacer is the one table of a process that says when a host may be asked,
// whatever the number of jobs that ask: the latest start and the strictest
// delay of all count. Safe for concurrent use.
type Pacer struct {
	mu      sync.Mutex
	hosts   map[string]*hostPace
	domains map[string]int
}

type hostPace struct {
	next   time.Time
	active int
}

// NewPacer makes an empty table.
func NewPacer() *Pacer {
	return &Pacer{hosts: map[string]*hostPace{}, domains: map[string]int{}}
}

// Start asks for an exchange with a host now. If it may start, it is counted
// until Done. If not, at is when to ask again; a zero at says that the host or
// its domain has all that it may have at once, so that a Done comes first.
func (p *Pacer) Start(host, domain string, pace Pace, now time.Time) (ok bool, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(host)
	if h.active >= max(pace.PerHost, 1) || pace.PerDomain > 0 && p.domains[domain] >= pace.PerDomain {
		return false, time.Time{}
	}
	if now.Before(h.next) {
		return false, h.next
	}
	h.active++
	h.next = now.Add(pace.Delay)
	p.domains[domain]++
	return true, time.Time{}
}

// Done ends an exchange that Start counted.
func (p *Pacer) Done(host, domain string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.hosts[host]; h != nil && h.active > 0 {
		h.active--
	}
	if p.domains[domain]--; p.domains[domain] <= 0 {
		delete(p.domains, domain)
	}
}

// Hold keeps a host from being asked before a time: what Retry-After says, or
// the full delay that a new owner waits, since the old one may just have asked.
func (p *Pacer) Hold(host string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.host(host); until.After(h.next) {
		h.next = until
	}
}

// Forget drops hosts that were last asked long enough before now.
func (p *Pacer) Forget(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, h := range p.hosts {
		if h.active == 0 && h.next.Before(now.Add(-time.Minute)) {
			delete(p.hosts, name)
		}
	}
}

func (p *Pacer) host(name string) *hostPace {
	h := p.hosts[name]
	if h == nil {
		h = &hostPace{}
		p.hosts[name] = h
	}
	return h
}
