package frontier

import (
	"slices"
	"strconv"
	"time"

	"newsreel/capture"
	"newsreel/internal/robots"
	"newsreel/internal/weburl"
	"newsreel/stream"
)

// robots folds what a robots.txt came to, for each host that waits for it.
func (f *Frontier) robots(p *partition, n int, o *stream.Outcome, now time.Time) {
	if o.Robots.State == stream.RobotsRedirect {
		if to, ok := p.t.find(o.Location); ok {
			f.follow(p, n, to, now)
			return
		}
		if stream.PartitionOf(f.domainOf(weburl.Origin(o.Location))) != p.number {
			f.wait(p, n, n) // its owner will answer
			return
		}
	}
	f.answer(p, n, stateOf(*o.Robots, o), now)
}

// stateOf makes a state of what the log says.
func stateOf(r stream.Robots, o *stream.Outcome) robotsState {
	s := robotsState{known: true, expires: r.Expires, wire: r}
	status, detail := "unreachable", ""
	if o != nil {
		detail = o.Detail
		if o.Status != 0 {
			status = "status " + strconv.Itoa(o.Status)
		}
	}
	switch r.State {
	case stream.RobotsRules:
		text, err := r.Text()
		if err != nil {
			s.access = robots.Outcome{Access: robots.DisallowAll, Reason: err.Error()}
			break
		}
		s.access = robots.Outcome{Access: robots.ByRules, Rules: robots.ParseCompact(text)}
	case stream.RobotsDeny:
		s.access = robots.Outcome{Access: robots.DisallowAll, Reason: "robots.txt: " + status}
	case stream.RobotsAddress:
		s.refused = or(detail, "robots.txt: address refused")
	default:
		s.access = robots.Outcome{Access: robots.AllowAll, Reason: "robots.txt: " + status}
	}
	return s
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// renewed is what a redirect to a robots.txt that was read before comes to. What
// has expired holds once more, or whoever is redirected to it would ask for
// ever.
func (r robotsState) renewed(now time.Time) robotsState {
	if !r.expires.After(now) {
		r.expires = now.Add(robots.MaxExpiry).UTC()
		r.wire.Expires = r.expires
	}
	return r
}

// follow makes the hosts that waited for one robots.txt wait for that which it
// redirects to.
func (f *Frontier) follow(p *partition, from, to int, now time.Time) {
	if from != to {
		p.aliases[to] = append(p.aliases[to], p.aliases[from]...)
		delete(p.aliases, from)
	}
	f.wait(p, from, to)
	if state, ok := p.answers[to]; ok {
		f.answer(p, to, state.renewed(now), now)
		return
	}
	if p.t.entries[to].state > retrying {
		// It was captured as a page, and its rules were not kept.
		f.answer(p, to, stateOf(stream.Robots{State: stream.RobotsAllow, Expires: now.Add(robots.MaxExpiry)}, nil), now)
	}
}

// wait lets whoever waits for one robots.txt, its own host included, wait for
// another.
func (f *Frontier) wait(p *partition, from, to int) {
	waiting := p.waiters[from]
	delete(p.waiters, from)
	if h := p.origin(p.t.url(from)); h != nil && h.robotsEntry < 0 {
		waiting = append(waiting, h)
	}
	for _, h := range waiting {
		h.robotsEntry, h.robotsUp = to, false
	}
	p.waiters[to] = append(p.waiters[to], waiting...)
}

// answer tells everyone who waits for a robots.txt what it came to.
func (f *Frontier) answer(p *partition, n int, state robotsState, now time.Time) {
	before, known := p.answers[n]
	news := !known || state.expires.After(before.expires)
	if news {
		p.answers[n] = state
	}
	for _, h := range p.waiters[n] {
		f.decide(h, state, now)
	}
	delete(p.waiters, n)
	if h := p.origin(p.t.url(n)); h != nil && (h.robotsEntry < 0 || h.robotsEntry == n) {
		f.decide(h, state, now)
	}
	// Only what holds longer is passed on: those that redirect to each other
	// would tell it for ever.
	if news {
		f.owe(p, n, p.aliases[n]...)
	}
}

// answered folds what the owner of another partition says of a robots.txt of
// ours that redirects there.
func (f *Frontier) answered(p *partition, a *stream.RobotsAnswer, now time.Time) {
	if n, ok := p.t.find(a.URL); ok {
		f.answer(p, n, stateOf(a.Robots, nil), now)
	}
}

// alias notes that a robots.txt of another partition redirects here, so that
// its owner is told what comes of it, now if that is known.
func (f *Frontier) alias(p *partition, d *stream.Discovery) {
	if d.Kind != stream.KindRobots || d.How != capture.ByRedirect ||
		stream.PartitionOf(f.domainOf(weburl.Origin(d.Via))) == p.number {
		return
	}
	n, ok := p.t.find(d.URL)
	if !ok {
		return
	}
	if !slices.Contains(p.aliases[n], d.Via) {
		p.aliases[n] = append(p.aliases[n], d.Via)
	}
	f.owe(p, n, d.Via)
}

// owe notes that the owners of robots.txt that redirect to an entry are to be
// told what it came to, if that is known.
func (f *Frontier) owe(p *partition, n int, urls ...string) {
	answer, known := p.answers[n].wire, p.answers[n].known
	if !known && p.t.entries[n].state > retrying {
		known, answer = true, stream.Robots{State: stream.RobotsAllow, Expires: f.now.Add(robots.MaxExpiry)}
	}
	if !known {
		return
	}
	answer = robotsState{wire: answer, expires: answer.Expires}.renewed(f.now).wire
	for _, url := range urls {
		f.answers = append(f.answers, stream.RobotsAnswer{URL: url, Robots: answer})
	}
}

// Answers returns what is owed to the owners of other partitions, once. Said
// again after a restart it changes nothing.
func (f *Frontier) Answers() []stream.RobotsAnswer {
	f.mu.Lock()
	defer f.mu.Unlock()
	owed := f.answers
	f.answers = nil
	return owed
}

func (f *Frontier) decide(h *host, state robotsState, now time.Time) {
	h.robots, h.robotsUp, h.robotsEntry = state, false, -1
	h.delay = 0
	if state.access.Rules != nil {
		h.delay = state.access.Rules.CrawlDelay(f.rules.Agent)
	}
	if h.part != nil && h.part.active {
		if h.delay > 0 {
			// It counts from the robots.txt that asks for it.
			f.pacer.Hold(h.name, now.Add(f.pace(h).Delay))
		}
		f.schedule(h, now)
	}
}

// origin returns the host whose robots.txt a URL is, or nil.
func (p *partition) origin(url string) *host {
	name := originOf(url)
	if url != name+"/robots.txt" {
		return nil
	}
	id, ok := p.hostIDs[name]
	if !ok {
		return nil
	}
	return p.hosts[id]
}
