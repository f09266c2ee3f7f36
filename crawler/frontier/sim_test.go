package frontier

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"newsreel/internal/robots"
	"newsreel/stream"
)

var simEpoch = time.Date(2024, 5, 3, 12, 0, 0, 0, time.UTC)

// sim plays a crawl without a network: a run log in memory, a clock that moves
// when nothing else can, exchanges that end in any order, entries that are
// folded late, and crashes that forget everything but the log and snapshots.
type sim struct {
	t     *testing.T
	rng   *rand.Rand
	rules Rules
	now   time.Time
	hosts []simHost

	f      *Frontier
	pacer  *Pacer
	log    []stream.Entry
	folded int // entries of log that f has folded
	epochs [stream.Partitions]uint64
	saved  map[int]simSnapshot
	// purged is up to where the in.P and log.P of a partition are gone.
	purged map[int]uint64
	flight []Task

	asked    map[string]int       // times handed out to be fetched
	lastAt   map[string]time.Time // start of the last exchange with a host
	active   map[string]int
	domains  map[string]int
	crawled  map[string]time.Duration // Crawl-delay once it is folded
	outcomes map[string]int
	pages    int64
	closed   bool
	crashes  int
}

type simHost struct {
	origin string
	robots string // what its robots.txt comes to
	pages  int
}

type simSnapshot struct {
	covers uint64
	data   []byte
}

func simDomain(origin string) string {
	labels := strings.Split(strings.TrimPrefix(origin, "http://"), ".")
	return strings.Join(labels[max(0, len(labels)-2):], ".")
}

func newSim(t *testing.T, seed uint64, rules Rules) *sim {
	s := &sim{t: t, rng: rand.New(rand.NewPCG(seed, 7)), rules: rules, now: simEpoch, pacer: NewPacer(),
		saved: map[int]simSnapshot{}, purged: map[int]uint64{}, asked: map[string]int{}, outcomes: map[string]int{}}
	for d := range 3 + s.rng.IntN(4) {
		for h := range 1 + s.rng.IntN(4) {
			s.hosts = append(s.hosts, simHost{origin: fmt.Sprintf("http://h%d.d%d.example", h, d), pages: 1 + s.rng.IntN(30),
				robots: []string{"rules", "allow", "deny", "slow", "redirect", "away", "short", "later"}[s.rng.IntN(8)]})
			// The registrable domain has the last two labels here.
			s.hosts[len(s.hosts)-1].origin = fmt.Sprintf("http://h%d.d%d", h, d)
		}
	}
	s.restart()
	var lines stream.Lines
	for _, h := range s.hosts {
		lines = stream.Lines{}
		lines.Discovery(&stream.Discovery{URL: h.origin + "/0", Kind: stream.KindPage, How: "seed", Seed: true, Found: s.now})
		s.append(stream.ClassIn, s.partition(h.origin), lines.Bytes())
	}
	return s
}

func (s *sim) partition(url string) int { return stream.PartitionOf(simDomain(originOf(url))) }

// append stores an entry; it is folded later.
func (s *sim) append(class string, partition int, body []byte) uint64 {
	seq := uint64(len(s.log) + 1)
	e := stream.Entry{Class: class, Partition: partition, Sequence: seq, Data: bytes.Clone(body), Time: s.now}
	switch class {
	case stream.ClassLog:
		e.Epoch = s.epochs[partition]
	case stream.ClassOwn:
		e.Epoch = seq
	}
	s.log = append(s.log, e)
	return seq
}

// restart makes a new frontier of the log and the snapshots alone.
func (s *sim) restart() {
	s.f = New(s.pacer, s.rules, simDomain)
	s.pacer = NewPacer()
	s.f.pacer = s.pacer
	s.flight, s.folded = nil, 0
	s.lastAt, s.active, s.domains, s.crawled = map[string]time.Time{}, map[string]int{}, map[string]int{}, map[string]time.Duration{}
	for p := range stream.Partitions {
		s.epochs[p] = s.append(stream.ClassOwn, p, []byte(`{"crawler":"c"}`))
	}
	for p := range stream.Partitions {
		s.f.Own(stream.Claim{Partition: p, Sequence: s.epochs[p]})
		if snap, ok := s.saved[p]; ok {
			if err := s.f.Load(p, snap.covers, bytes.NewReader(snap.data)); err != nil {
				s.t.Fatal(err)
			}
		}
	}
	for s.folded < len(s.log) {
		s.fold()
	}
}

func (s *sim) fold() {
	e := s.log[s.folded]
	s.folded++
	if (e.Class == stream.ClassIn || e.Class == stream.ClassLog) && e.Sequence <= s.purged[e.Partition] {
		return
	}
	if err := s.f.Apply(e, s.now); err != nil {
		s.t.Fatal(err)
	}
}

// step does one thing, and reports whether the run goes on.
func (s *sim) step() bool {
	s.checkLedger()
	for _, a := range s.f.Answers() {
		var lines stream.Lines
		lines.RobotsAnswer(&a)
		s.append(stream.ClassIn, s.partition(a.URL), lines.Bytes())
	}
	if st := s.f.Status(s.now); st.LimitReached != "" && !s.closed {
		s.append(stream.ClassControl, -1, fmt.Appendf(nil, `{"type":"close","reason":"limit"}`))
		s.closed = true
	}
	switch k := s.rng.IntN(100); {
	case k == 0 && s.crashes < 4 && len(s.log) > 200:
		s.crashes++
		s.restart()
	case k == 1:
		s.snapshot()
	case k < 40 && s.folded < len(s.log):
		for range 1 + s.rng.IntN(5) {
			if s.folded < len(s.log) {
				s.fold()
			}
		}
	case k < 65 && len(s.flight) > 0:
		s.land(s.rng.IntN(len(s.flight)))
	default:
		return s.next()
	}
	return true
}

func (s *sim) snapshot() {
	p := s.partition(s.hosts[s.rng.IntN(len(s.hosts))].origin)
	if s.f.parts[p].waiting == 0 {
		return // as SnapshotDue leaves it
	}
	var b bytes.Buffer
	snap, err := s.f.Snapshot(p, &b, s.now)
	if err != nil {
		s.t.Fatal(err)
	}
	s.saved[p] = simSnapshot{covers: snap.Covers, data: b.Bytes()}
	if s.rng.IntN(2) == 0 {
		s.purged[p] = snap.Covers
	}
}

// next takes a task, or else lets time pass if nothing else can happen.
func (s *sim) next() bool {
	task, wait, ok := s.f.Next(s.now)
	if ok {
		s.take(task)
		return true
	}
	switch {
	case s.folded < len(s.log):
		s.fold()
	case len(s.flight) > 0 && (wait > time.Minute || s.rng.IntN(2) == 0):
		s.land(s.rng.IntN(len(s.flight)))
	case wait < 24*time.Hour:
		s.now = s.now.Add(wait)
	default:
		return false
	}
	return true
}

// take holds a task against the rules of politeness, and puts it in flight.
func (s *sim) take(t Task) {
	if t.Skip != "" {
		s.finish(t, func(o *stream.Outcome) { o.Fate, o.Reason = stream.FateSkipped, t.Skip })
		return
	}
	if t.Kind != stream.KindRobots {
		for _, f := range s.flight {
			if f.URL == t.URL {
				s.t.Fatalf("%s was handed out twice at once", t.URL)
			}
		}
		if s.outcomes[t.URL] > 0 {
			s.t.Fatalf("%s was handed out after its outcome", t.URL)
		}
	}
	delay := max(s.rules.Pace.Delay, s.crawled[t.Host])
	if last, ok := s.lastAt[t.Host]; ok && s.now.Sub(last) < delay {
		s.t.Fatalf("%s was asked %s after the last time; the delay is %s", t.Host, s.now.Sub(last), delay)
	}
	s.lastAt[t.Host] = s.now
	s.active[t.Host]++
	s.domains[t.Domain]++
	if s.active[t.Host] > max(1, s.rules.Pace.PerHost) || s.domains[t.Domain] > s.rules.Pace.PerDomain {
		s.t.Fatalf("%d exchanges with %s, %d with %s", s.active[t.Host], t.Host, s.domains[t.Domain], t.Domain)
	}
	s.asked[t.URL]++
	s.flight = append(s.flight, t)
}

// land ends an exchange: its pages and lines go to the log.
func (s *sim) land(i int) {
	t := s.flight[i]
	s.flight = slices.Delete(s.flight, i, i+1)
	s.active[t.Host]--
	s.domains[t.Domain]--
	s.f.Landed(t, s.now)
	if t.Tries == 0 && s.rng.IntN(12) == 0 || t.Kind == stream.KindRobots && t.Tries < 2 && s.robotsOf(t.Host) == "later" {
		var lines stream.Lines
		s.discovered(&lines, t)
		lines.Retry(&stream.Retry{URL: t.URL, Reason: stream.FailTimeout, Tries: t.Tries + 1, Time: s.now,
			NotBefore: s.now.Add(time.Duration(1+s.rng.IntN(5)) * time.Second)})
		s.append(stream.ClassLog, s.partition(t.URL), lines.Bytes())
		return
	}
	s.finish(t, func(o *stream.Outcome) {
		switch {
		case t.Kind == stream.KindRobots:
			s.robots(t, o)
		case s.rng.IntN(15) == 0:
			o.Fate, o.Reason = stream.FateFailed, stream.FailTimeout
		default:
			o.Fate, o.CaptureID, o.Bytes, o.Page = stream.FateCaptured, "c", 100, t.Kind == stream.KindPage
		}
	})
}

func (s *sim) robotsOf(origin string) string {
	for _, h := range s.hosts {
		if h.origin == origin {
			return h.robots
		}
	}
	return "allow"
}

// robots makes up what a robots.txt comes to.
func (s *sim) robots(t Task, o *stream.Outcome) {
	o.Fate, o.CaptureID, o.Kind = stream.FateCaptured, "r", stream.KindRobots
	r := &stream.Robots{State: stream.RobotsRules, Expires: s.now.Add(24 * time.Hour)}
	o.Robots = r
	rules := func(text string) {
		r.SetRules(robots.Parse([]byte("User-agent: *\n" + text)).Relevant("newsreel"))
	}
	switch s.robotsOf(t.Host) {
	case "rules":
		rules("Disallow: /1\n")
	case "slow":
		rules("Crawl-delay: 3\n")
	case "short":
		rules("Allow: /\n")
		r.Expires = s.now.Add(time.Duration(2+s.rng.IntN(20)) * time.Second)
	case "deny":
		r.State = stream.RobotsDeny
	case "redirect", "away":
		if t.How == "redirect" { // a redirect of a redirect ends here
			r.State = stream.RobotsAllow
			return
		}
		r.State, o.Kind = stream.RobotsRedirect, "redirect"
		to := s.hosts[0]
		for _, h := range s.hosts {
			if (simDomain(h.origin) == simDomain(t.Host)) == (s.robotsOf(t.Host) == "redirect") {
				to = h
			}
		}
		o.Location = to.origin + "/robots.txt"
	default:
		r.State = stream.RobotsAllow
	}
}

func (s *sim) discovered(lines *stream.Lines, t Task) {
	if t.New {
		lines.Discovery(&stream.Discovery{URL: t.URL, Kind: t.Kind, How: t.How, Depth: t.Depth, Path: t.Path, Via: t.Via, Found: t.Found})
	}
}

// finish logs an outcome with the links of its page, in one batch.
func (s *sim) finish(t Task, end func(*stream.Outcome)) {
	o := &stream.Outcome{URL: t.URL, Kind: t.Kind, How: t.How, Via: t.Via, Tries: t.Tries + 1, Time: s.now}
	end(o)
	var own stream.Lines
	s.discovered(&own, t)
	others := map[int]*stream.Lines{}
	add := func(d stream.Discovery) {
		p := s.partition(d.URL)
		if p == s.partition(t.URL) {
			own.Discovery(&d)
			return
		}
		if others[p] == nil {
			others[p] = &stream.Lines{}
		}
		others[p].Discovery(&d)
	}
	if o.Location != "" {
		add(stream.Discovery{URL: o.Location, Kind: stream.KindRobots, How: "redirect", Hops: 1, Via: t.URL, Found: s.now})
	}
	if o.Page {
		for range s.rng.IntN(6) {
			add(s.link(t))
		}
	}
	own.Outcome(o)
	for p, lines := range others {
		s.append(stream.ClassIn, p, lines.Bytes())
	}
	s.append(stream.ClassLog, s.partition(t.URL), own.Bytes())
	s.outcomes[t.URL]++
	if o.Page {
		s.pages++
	}
}

func (s *sim) link(t Task) stream.Discovery {
	h := s.hosts[s.rng.IntN(len(s.hosts))]
	d := stream.Discovery{URL: fmt.Sprintf("%s/%d", h.origin, s.rng.IntN(h.pages)), Kind: stream.KindPage, How: "link",
		Depth: t.Depth + 1, Path: t.Path + "L", Via: t.URL, Found: s.now}
	switch s.rng.IntN(10) {
	case 0:
		d.Kind, d.URL, d.Depth = stream.KindAsset, fmt.Sprintf("%s/img/%d", h.origin, s.rng.IntN(h.pages)), t.Depth
	case 1:
		d.Kind = stream.KindFeed
	case 2:
		d.Skip, d.URL = stream.SkipTrap, fmt.Sprintf("%s/trap/%d", h.origin, s.rng.IntN(5))
	}
	return d
}

func (s *sim) checkLedger() {
	c := s.f.Status(s.now).Counts
	if got := c.Captured + total(c.Failed) + total(c.Skipped) + c.Waiting; got != c.Discovered || c.Waiting < 0 {
		s.t.Fatalf("the ledger does not close: %+v", c)
	}
	if s.rules.MaxPages > 0 && s.pages > s.rules.MaxPages {
		s.t.Fatalf("%d pages captured, the limit is %d", s.pages, s.rules.MaxPages)
	}
}

func total(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// table is everything that a frontier knows of its URLs, by the marks that it
// would write.
func (s *sim) table(f *Frontier) map[string]stream.FateLine {
	lines := map[string]stream.FateLine{}
	for p := range stream.Partitions {
		var b bytes.Buffer
		if _, err := f.Mark(p, &b); err != nil {
			s.t.Fatal(err)
		}
		f.Unmark(p)
		err := stream.ReadFates(&b, func(l *stream.FateLine) error {
			if _, twice := lines[l.URL]; twice {
				s.t.Errorf("%s stands twice", l.URL)
			}
			lines[l.URL] = *l
			return nil
		})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	return lines
}
