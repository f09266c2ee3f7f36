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

// strictest is what holds where two paces meet.
func (p Pace) strictest(q Pace) Pace {
	p.Delay = max(p.Delay, q.Delay)
	p.PerHost = min(max(p.PerHost, 1), max(q.PerHost, 1))
	if p.PerDomain <= 0 || q.PerDomain > 0 && q.PerDomain < p.PerDomain {
		p.PerDomain = q.PerDomain
	}
	return p
}

// Pacer is the one table of a process that says when a host may be asked. Where
// several jobs ask one host, the strictest of their paces holds for all of
// them, and the latest start counts. Safe for concurrent use.
type Pacer struct {
	mu      sync.Mutex
	hosts   map[string]*hostPace
	domains map[string]*domainPace
}

type hostPace struct {
	next   time.Time // no start before, whatever the pace
	last   time.Time // start of the last exchange
	active int
	asks   []ask
}

type domainPace struct {
	active int
	asks   []ask
}

// ask is the pace that a job asked with.
type ask struct {
	by   any
	pace Pace
}

// strictest notes what a job asks, and returns what holds for all.
func strictest(asks *[]ask, by any, pace Pace) Pace {
	known := false
	all := pace
	for i := range *asks {
		if a := &(*asks)[i]; a.by == by {
			a.pace, known = pace, true
		} else {
			all = all.strictest(a.pace)
		}
	}
	if !known {
		*asks = append(*asks, ask{by, pace})
	}
	return all
}

// NewPacer makes an empty table.
func NewPacer() *Pacer {
	return &Pacer{hosts: map[string]*hostPace{}, domains: map[string]*domainPace{}}
}

// Start asks for an exchange with a host now, for a job (by, any value that is
// its own). If it may start, it is counted until Done. If not, at is when to
// ask again; a zero at says that the host or its domain has all that it may
// have at once, so that a Done comes first.
func (p *Pacer) Start(by any, host, domain string, pace Pace, now time.Time) (ok bool, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, d := p.host(host), p.domain(domain)
	pace = strictest(&h.asks, by, pace)
	perDomain := strictest(&d.asks, by, pace).PerDomain
	if h.active >= max(pace.PerHost, 1) || perDomain > 0 && d.active >= perDomain {
		return false, time.Time{}
	}
	due := h.next
	if !h.last.IsZero() && h.last.Add(pace.Delay).After(due) {
		due = h.last.Add(pace.Delay)
	}
	if now.Before(due) {
		return false, due
	}
	h.active++
	d.active++
	h.last, h.next = now, now.Add(pace.Delay)
	return true, time.Time{}
}

// Done ends an exchange that Start counted.
func (p *Pacer) Done(host, domain string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h := p.hosts[host]; h != nil && h.active > 0 {
		h.active--
	}
	if d := p.domains[domain]; d != nil && d.active > 0 {
		d.active--
	}
}

// Sent tells when the request of an exchange was on its way: delays count from
// there. A twentieth more, at most 10 ms, keeps the promise by the server's
// clock too, which may note one request late and the next at once.
func (p *Pacer) Sent(host string, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.host(host)
	delay := time.Duration(0)
	for _, a := range h.asks {
		delay = max(delay, a.pace.Delay)
	}
	if slack := min(delay/20, 10*time.Millisecond); at.Add(slack).After(h.last) {
		h.last = at.Add(slack)
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

// Forget drops hosts that were last asked long enough before now, and domains
// of which nothing is asked.
func (p *Pacer) Forget(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, h := range p.hosts {
		due := h.last
		for _, a := range h.asks {
			if at := h.last.Add(a.pace.Delay); at.After(due) {
				due = at
			}
		}
		if ago := now.Add(-time.Minute); h.active == 0 && h.next.Before(ago) && due.Before(ago) {
			delete(p.hosts, name)
		}
	}
	for name, d := range p.domains {
		if d.active == 0 {
			delete(p.domains, name)
		}
	}
}

// Leave forgets what a job asked: it is over.
func (p *Pacer) Leave(by any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, h := range p.hosts {
		leave(&h.asks, by)
	}
	for _, d := range p.domains {
		leave(&d.asks, by)
	}
}

func leave(asks *[]ask, by any) {
	for i, a := range *asks {
		if a.by == by {
			*asks = append((*asks)[:i:i], (*asks)[i+1:]...)
			return
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

func (p *Pacer) domain(name string) *domainPace {
	d := p.domains[name]
	if d == nil {
		d = &domainPace{}
		p.domains[name] = d
	}
	return d
}
