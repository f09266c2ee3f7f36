package frontier

import (
	"time"

	"newsreel/internal/weburl"
	"newsreel/stream"
)

// parkedFor is how long a host waits for a free place before it asks again
// anyway: places may be freed by another run of the process.
const parkedFor = time.Second

// Next hands out a URL, or says how long to wait before asking again if
// nothing else happens (see Wake); ok is false then. The wait is a day where
// nothing is due at all.
func (f *Frontier) Next(now time.Time) (task Task, wait time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	const nothing = 24 * time.Hour
	if f.paused || f.held != "" || f.ended || !f.shared && f.rules.MaxBytes > 0 && f.totals.Bytes+f.unfolded >= f.rules.MaxBytes {
		return Task{}, nothing, false
	}
	for f.ready.Len() > 0 {
		h := f.ready[0]
		if d := h.readyAt.Sub(now); d > 0 {
			return Task{}, d, false
		}
		if t, ok := f.pick(h, now); ok {
			h.part.aloft++
			return t, 0, true
		}
	}
	return Task{}, nothing, false
}

// schedule puts a host where its next turn is.
func (f *Frontier) schedule(h *host, now time.Time) {
	switch {
	case h.blocked || h.part == nil || !h.part.handing():
		f.ready.remove(h)
	case h.queue.Len() > 0:
		if h.index < 0 || h.readyAt.After(now.Add(parkedFor)) || len(h.retries) > 0 {
			f.ready.set(h, now)
		}
	case len(h.retries) > 0:
		f.ready.set(h, h.nextRetry(now))
	default:
		f.ready.remove(h)
	}
}

// pick takes the first URL of a host that may be asked now. Otherwise it moves
// the host to where its next turn is, or out of the heap.
func (f *Frontier) pick(h *host, now time.Time) (Task, bool) {
	f.due(h, now)
	for h.queue.Len() > 0 && h.part.t.entries[h.queue.list[0]].state != queued {
		h.queue.pop()
	}
	if h.queue.Len() == 0 {
		f.ready.remove(h)
		f.schedule(h, now)
		return Task{}, false
	}
	n := int(h.queue.list[0])
	e := &h.part.t.entries[n]
	rule := ""
	if f.rules.Robots && e.kind != kindRobots {
		if !h.robots.known || now.After(h.robots.expires) {
			return f.askRobots(h, n, now)
		}
		if h.robots.refused != "" {
			return f.skip(h, n, stream.SkipAddress, h.robots.refused), true
		}
		verdict := h.robots.access.Test(f.rules.Agent, weburl.Path(h.part.t.url(n)))
		if !verdict.Allowed {
			return f.skip(h, n, skipRobots, verdict.Rule), true
		}
		rule = verdict.Rule
	}
	if reason, detail := f.limited(h, e, n); reason != "" {
		return f.skip(h, n, reason, detail), true
	}
	if e.kind == kindPage && f.full(h) || f.short(h.part) {
		f.block(h)
		return Task{}, false
	}
	if !f.mayStart(h, now) {
		return Task{}, false
	}
	h.queue.pop()
	t := f.launch(h, n)
	t.Rule = rule
	f.ready.set(h, now)
	return t, true
}

// due moves what may be tried again into the queue.
func (f *Frontier) due(h *host, now time.Time) {
	kept := h.retries[:0]
	for _, r := range h.retries {
		e := &h.part.t.entries[r.entry]
		switch {
		case e.state != retrying:
		case r.at.After(now):
			kept = append(kept, r)
		default:
			e.state = queued
			h.queue.push(int(r.entry))
		}
	}
	h.retries = kept
}

// nextRetry is when the first of the host's retries is due.
func (h *host) nextRetry(now time.Time) time.Time {
	if len(h.retries) == 0 {
		return now
	}
	at := h.retries[0].at
	for _, r := range h.retries[1:] {
		if r.at.Before(at) {
			at = r.at
		}
	}
	return at
}

// mayStart asks the pacer, and moves the host to when it may ask again.
func (f *Frontier) mayStart(h *host, now time.Time) bool {
	ok, at := f.pacer.Start(f, h.name, h.domain, f.pace(h), now)
	if ok {
		return true
	}
	if at.IsZero() {
		at = now.Add(parkedFor)
		f.parked[h.domain] = append(f.parked[h.domain], h)
	}
	f.ready.set(h, at)
	return false
}

func (f *Frontier) pace(h *host) Pace {
	pace := f.rules.Pace
	pace.Delay = max(pace.Delay, h.delay)
	return pace
}

// limited says whether a limit that looks at one URL alone keeps it out.
func (f *Frontier) limited(h *host, e *entry, n int) (reason, detail string) {
	switch {
	case e.kind == kindRobots: // its host waits for it
	case f.rules.MaxDepth > 0 && int64(e.depth) > f.rules.MaxDepth:
		return skipLimit, "limits.depth"
	case f.rules.ProtectDepth > 0 && int64(e.depth) > f.rules.ProtectDepth:
		return skipTrap, "limits.protect.depth"
	case e.kind == kindPage && f.rules.MaxPerHost > 0 && h.pages >= f.rules.MaxPerHost:
		return skipLimit, "limits.per_host"
	case e.kind == kindPage && f.rules.MaxPattern > 0 && len(h.part.patterns) > 0 &&
		h.part.patterns[patternOf(h.part.t.url(n))] >= f.rules.MaxPattern:
		return skipTrap, "limits.protect.pattern"
	}
	return "", ""
}

// full says whether the pages in flight may use a limit up: then nothing more
// is handed out until their outcomes tell.
func (f *Frontier) full(h *host) bool {
	if f.rules.MaxPerHost > 0 && h.pages+h.pagesUp >= f.rules.MaxPerHost {
		return true
	}
	if f.shared {
		return !f.budgets()[0].enough(h.part)
	}
	return f.rules.MaxPages > 0 && f.totals.Pages+f.pagesUp >= f.rules.MaxPages
}

// short says whether a partition has used up its share of the bytes.
func (f *Frontier) short(p *partition) bool { return f.shared && !f.budgets()[1].enough(p) }

// block lets a host wait for an outcome, or for a greater share.
func (f *Frontier) block(h *host) {
	h.blocked = true
	f.blocked = append(f.blocked, h)
	f.ready.remove(h)
}

// launch marks an entry as handed out.
func (f *Frontier) launch(h *host, n int) Task {
	e := &h.part.t.entries[n]
	e.state = flying
	f.flying++
	h.part.flying++
	if e.kind == kindPage {
		e.counted = true
		f.pagesUp++
		h.part.pagesUp++
		h.pagesUp++
	}
	if e.kind == kindRobots {
		h.robotsUp = true
	}
	return f.task(h, n)
}

func (f *Frontier) task(h *host, n int) Task {
	t := h.part.t
	e := &t.entries[n]
	return Task{Claim: h.part.claim, URL: t.url(n), Host: h.name, Domain: h.domain,
		Kind: kindWords[e.kind], How: howWords[e.how], Path: t.names.name(e.path), Via: t.arena.get(e.via),
		Depth: int(e.depth), Hops: int(e.hops), Tries: int(e.tries), Seed: e.seed,
		Found: time.Unix(int64(e.found), int64(e.foundMS)*1e6).UTC()}
}

// skip hands out an entry to be logged as skipped.
func (f *Frontier) skip(h *host, n int, reason, detail string) Task {
	h.queue.pop()
	t := f.launch(h, n)
	t.Skip, t.Detail = reason, detail
	return t
}

// askRobots hands out a host's robots.txt before anything else of it, or lets
// the host wait while one is under way.
func (f *Frontier) askRobots(h *host, first int, now time.Time) (Task, bool) {
	url := h.name + "/robots.txt"
	p := h.part
	n, known := p.t.find(url)
	switch {
	case h.robotsUp || h.robotsEntry >= 0 || known && p.t.entries[n].state == flying:
		f.ready.remove(h)
		return Task{}, false
	case known && p.t.entries[n].state == retrying:
		f.ready.set(h, h.nextRetry(now))
		return Task{}, false
	case known && p.t.entries[n].state == queued:
		// Known as something else: it becomes a robots.txt and comes first.
		p.t.entries[n].kind = kindRobots
		h.queue.fix(uint32(n))
		return Task{}, false
	}
	if !f.mayStart(h, now) {
		return Task{}, false
	}
	h.robotsUp = true
	if known {
		// Expired: fetched again, its fate stays what it was.
		t := f.task(h, n)
		t.Kind, t.Tries = kindWords[kindRobots], 0
		return t, true
	}
	e := &p.t.entries[first]
	return Task{Claim: p.claim, URL: url, Host: h.name, Domain: h.domain, Kind: kindWords[kindRobots],
		How: howWords[howOf("robots")], Path: p.t.names.name(e.path) + "P", Via: p.t.url(first), Depth: int(e.depth),
		Found: now, New: true}, true
}

// Sent tells when the request of a task was on its way: the delay to the next
// counts from there, since looking up, connecting and a busy machine come
// between the handing out and that.
func (f *Frontier) Sent(t Task, at time.Time) { f.pacer.Sent(t.Host, at) }

// Received tells how much the exchange of a task brought whose outcome is on
// its way into the log, so that limits.bytes holds before it is folded.
func (f *Frontier) Received(t Task, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.of(t.Claim); p != nil {
		p.unfolded += bytes
		f.unfolded += bytes
	}
}

func (f *Frontier) hostOf(t Task) *host {
	p := f.parts[t.Claim.Partition]
	if p == nil {
		return nil
	}
	id, ok := p.hostIDs[t.Host]
	if !ok {
		return nil
	}
	return p.hosts[id]
}

// Landed ends the exchange of a task that was handed out: its host may be
// asked again when its pace allows. The task stays in flight until its outcome
// is folded.
func (f *Frontier) Landed(t Task, now time.Time) {
	f.pacer.Done(t.Host, t.Domain)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, h := range f.parked[t.Domain] {
		if h.index >= 0 && h.part != nil {
			f.ready.set(h, now)
		}
	}
	delete(f.parked, t.Domain)
	f.signal()
}
