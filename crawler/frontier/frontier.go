// Package frontier knows what is to be fetched next, and when: a fold of the
// run log into tables, a queue per host, pacing, robots.txt and limits.
//
// The tables are a view. Whatever changes them is an entry of the run log that
// Apply folds, in a first reading as in a crawl that goes on; only what is in
// flight is known here alone, and is fetched again after a crash.
package frontier

import (
	"fmt"
	"sync"
	"time"

	"newsreel/internal/robots"
	"newsreel/stream"
)

// Rules is what a job's document asks of the frontier. They may change while
// a run goes on.
type Rules struct {
	Pace         Pace
	Robots       bool   // robots.txt is obeyed
	Agent        string // product token for robots.txt
	MaxPages     int64  // 0: none, as for all below
	MaxDepth     int64
	MaxBytes     int64
	MaxPerHost   int64
	MaxPattern   int64
	ProtectDepth int64
}

// Task is a URL that is handed out: to be fetched, or, where Skip is set, to be
// logged as skipped for that reason. Whoever takes it ends it with Landed, and
// an outcome in the log makes an end of it.
type Task struct {
	Claim  stream.Claim
	URL    string
	Host   string
	Domain string
	Kind   string
	How    string
	Path   string
	Via    string
	Depth  int
	Hops   int
	Tries  int
	Seed   bool
	Found  time.Time
	// Rule is the robots.txt rule that allowed it.
	Rule string
	// Skip and Detail say that it is not to be fetched, and why.
	Skip, Detail string
	// New says that the URL is not in the log yet (a robots.txt that a host
	// turned out to need): its discovery is to be logged with its outcome.
	New bool

	partition, entry int
}

// Frontier is one run's. Safe for concurrent use.
type Frontier struct {
	mu       sync.Mutex
	self     string
	shared   bool // with the frontiers of other crawlers
	quota    stream.Quota
	parts    [stream.Partitions]*partition
	domainOf func(host string) string
	pacer    *Pacer
	rules    Rules

	ready   readyHeap
	parked  map[string][]*host // by domain: wait for a Landed, or a second
	blocked []*host            // wait for the outcomes of pages in flight
	now     time.Time          // of the entry that is being folded
	paused  bool
	held    string // why nothing is handed out for now, "" if it is
	closed  string // reason of a close, "" for none
	ended   bool
	ctlSeq  uint64
	flying  int
	pagesUp int64 // page tasks in flight
	totals  stream.Counts
	// marks are the newest idle marks of all partitions, owned or not.
	marks [stream.Partitions]mark
	wake  chan struct{}

	// unfolded is the bytes received whose outcomes were not folded yet.
	unfolded      int64
	snapshotEvery int64
	// answers are owed to the owners of other partitions.
	answers []stream.RobotsAnswer
}

type mark struct {
	used bool // any entry of in.P or log.P was seen
	idle bool
	in   uint64 // the sequence of in.P that the mark names
	// The last entries of in.P and of log.P that were read.
	lastIn, lastLog uint64

	snapshot *stream.Snapshot // the newest that was read of
}

type partition struct {
	number int
	claim  stream.Claim
	// active says that our claim was folded, and so all before it; inherited
	// that another claim came before it.
	active, inherited bool
	// first is the claim under which it came here; claim may be a later one.
	first uint64
	// shut and retiring partitions hand nothing out. aloft counts the tasks
	// that are not settled.
	shut, retiring bool
	aloft, flying  int   // flying counts the URLs among them
	unfolded       int64 // bytes, as of all
	pagesUp        int64 // page tasks in flight
	// Shares of the limits are used up, and something waits.
	wantsPages, wantsBytes bool
	t                      *table
	hosts                  []*host
	hostIDs                map[string]uint32
	via                    viaCache
	waiting                int64
	counts                 stream.Counts
	// answers is what each robots.txt came to, waiters who waits for one, both
	// by entry.
	answers map[int]robotsState
	waiters map[int][]*host
	// aliases are the robots.txt of other partitions that redirect to one
	// here, by its entry.
	aliases map[int][]string
	// patterns counts the pages of one pattern in a row that brought nothing
	// new.
	patterns map[string]int64

	// covers is the sequence up to which the snapshot that was loaded holds
	// everything; seq and inSeq are the last folded of all and of in.P.
	covers, seq, inSeq uint64
	entries            int64 // folded since the last snapshot
	// version counts what was folded but marks; sinceMark says that the newest
	// idle mark is not the newest word.
	version, markVersion uint64
	sinceMark, marking   bool
}

type host struct {
	name    string
	domain  string
	part    *partition
	queue   entryHeap
	retries []retryAt
	index   int // in the ready heap, -1 if not
	readyAt time.Time
	// blocked hosts wait for an outcome: of their robots.txt, or of pages in
	// flight that a limit counts.
	blocked        bool
	pages, pagesUp int64
	delay          time.Duration // Crawl-delay
	robots         robotsState
	robotsUp       bool // a robots.txt was handed out, or is redirected to
	robotsEntry    int  // the entry whose outcome decides, -1 for the host's own
}

type retryAt struct {
	entry uint32
	at    time.Time
}

type robotsState struct {
	known   bool
	access  robots.Outcome
	refused string // why the host's address is refused, "" if it is not
	wire    stream.Robots
	expires time.Time
}

// New makes an empty frontier.
func New(pacer *Pacer, rules Rules, domainOf func(host string) string) *Frontier {
	return &Frontier{pacer: pacer, rules: rules, domainOf: domainOf,
		parked: map[string][]*host{}, wake: make(chan struct{}, 1), snapshotEvery: DefaultSnapshotEvery}
}

// SnapshotEvery sets how many entries of a partition are folded between two
// snapshots of its tables. Before the first entry is folded.
func (f *Frontier) SnapshotEvery(entries int64) { f.snapshotEvery = entries }

// Wake receives a value whenever Next may have more to say than before.
func (f *Frontier) Wake() <-chan struct{} { return f.wake }

func (f *Frontier) signal() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Own begins to fold a partition under a claim. URLs are handed out once the
// claim itself was folded: all that came before it is known then.
func (f *Frontier) Own(c stream.Claim) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.parts[c.Partition] = &partition{number: c.Partition, claim: c, first: c.Sequence, t: newTable(),
		hostIDs: map[string]uint32{}, answers: map[int]robotsState{}, waiters: map[int][]*host{}, aliases: map[int][]string{},
		patterns: map[string]int64{}}
}

// Drop forgets a partition that was lost to another crawler.
func (f *Frontier) Drop(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.drop(number)
}

func (f *Frontier) drop(number int) {
	p := f.parts[number]
	if p == nil {
		return
	}
	for n := range p.t.entries {
		if p.t.entries[n].state == flying {
			f.landed(p, n) // whoever owns it now knows nothing of the flight
		}
	}
	for _, h := range p.hosts {
		f.ready.remove(h)
		h.part = nil
	}
	f.subtract(p)
	f.unfolded -= p.unfolded
	f.parts[number] = nil
}

func (f *Frontier) subtract(p *partition) { f.sum(&p.counts, -1) }
func (f *Frontier) add(p *partition)      { f.sum(&p.counts, 1) }

func (f *Frontier) sum(c *stream.Counts, sign int64) {
	t := &f.totals
	t.Discovered += sign * c.Discovered
	t.Captured += sign * c.Captured
	t.Captures += sign * c.Captures
	t.Pages += sign * c.Pages
	t.Bytes += sign * c.Bytes
	t.Outside += sign * c.Outside
	for r, n := range c.Failed {
		t.Failed = bump(t.Failed, r, sign*n)
	}
	for r, n := range c.Skipped {
		t.Skipped = bump(t.Skipped, r, sign*n)
	}
}

// Active says whether every partition that is owned hands out URLs.
func (f *Frontier) Active() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.parts {
		if p != nil && !p.active {
			return false
		}
	}
	return true
}

// SetRules changes what the document asks, at once.
func (f *Frontier) SetRules(r Rules) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = r
	f.signal()
}

// Hold stops the handing out for a reason of the process (a full log, a full
// disk); an empty reason lets it go on.
func (f *Frontier) Hold(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.held = why
	f.signal()
}

// Status is what the run is doing.
type Status struct {
	Counts stream.Counts
	// InFlight is handed out and not landed; Hosts have something to fetch.
	InFlight, Hosts int
	Paused          bool
	Held            string
	// Closed is the reason of a close; Ended says that the end is in the log.
	Closed string
	Ended  bool
	// Control is the sequence of the last ctl entry that was folded.
	Control uint64
	// LimitReached names the limit that calls for a close.
	LimitReached string
}

// Status returns counts over the owned partitions.
func (f *Frontier) Status(now time.Time) Status {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := Status{InFlight: f.flying, Hosts: f.ready.Len(), Paused: f.paused, Held: f.held,
		Closed: f.closed, Ended: f.ended, Control: f.ctlSeq, Counts: f.counts()}
	if f.shared {
		for i, b := range f.budgets() {
			if b.spent() {
				s.LimitReached = []string{"limits.pages", "limits.bytes"}[i]
			}
		}
		return s
	}
	switch {
	case f.rules.MaxPages > 0 && f.totals.Pages >= f.rules.MaxPages:
		s.LimitReached = "limits.pages"
	case f.rules.MaxBytes > 0 && f.totals.Bytes >= f.rules.MaxBytes:
		s.LimitReached = "limits.bytes"
	}
	return s
}

// counts adds up the ledger. Once the run is closed, what waits counts as
// skipped for that reason.
func (f *Frontier) counts() stream.Counts {
	c := f.totals
	c.Failed, c.Skipped = map[string]int64{}, map[string]int64{}
	for r, n := range f.totals.Failed {
		c.Failed[r] = n
	}
	for r, n := range f.totals.Skipped {
		c.Skipped[r] = n
	}
	c.Waiting = 0
	for _, p := range f.parts {
		if p != nil {
			c.Waiting += p.waiting
		}
	}
	return c
}

// Memory is how many URLs the tables know, and the bytes that they take.
func (f *Frontier) Memory() (urls, bytes int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, p := range f.parts {
		if p == nil {
			continue
		}
		urls += len(p.t.entries)
		bytes += cap(p.t.entries)*entrySize + len(p.t.slots)*4 + p.t.arena.size()
		for _, h := range p.hosts {
			bytes += cap(h.queue.list)*4 + cap(h.retries)*32 + 200
		}
	}
	return urls, bytes
}

const entrySize = 40

func (p *partition) host(f *Frontier, url string) *host {
	name := originOf(url)
	if id, ok := p.hostIDs[name]; ok {
		return p.hosts[id]
	}
	h := &host{name: name, domain: f.domainOf(name), part: p, index: -1, robotsEntry: -1}
	h.queue.t = p.t
	p.hostIDs[name] = uint32(len(p.hosts))
	p.hosts = append(p.hosts, h)
	return h
}

func (p *partition) String() string { return fmt.Sprintf("partition %d", p.number) }
