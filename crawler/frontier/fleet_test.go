package frontier

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"newsreel/stream"
)

// A fleet plays several crawler processes over the logs of two runs, with a
// clock that the test moves: they join, leave, are killed, and pause past their
// leases. What a process decides is the code's (Standing, Frontier, Pacer);
// leases and claims are played as stream keeps them.
const (
	fleetTTL   = 10 * time.Second
	fleetRuns  = 2
	fleetDelay = time.Second
)

type fleet struct {
	t      *testing.T
	rng    *rand.Rand
	now    time.Time
	limit  int64 // on pages, 0 for none
	logs   [fleetRuns][]stream.Entry
	leases map[string]fleetLease
	procs  []*proc
	hosts  []string
	born   int

	starts   map[string]time.Time
	outcomes [fleetRuns]map[string]int
	late     int // exchanges in the air at a takeover
	refused  int
	lapsed   int
	closed   [fleetRuns]bool
}

type fleetLease struct {
	seq  int
	left bool
}

type proc struct {
	f        *fleet
	id       string
	gone     bool // killed, or left
	asleep   time.Time
	leaving  bool
	deadline time.Time
	renewed  time.Time
	term     uint64
	seen     map[string]fleetLease
	at       map[string]time.Time
	live     []string
	pacer    *Pacer
	runs     [fleetRuns]*procRun
}

type procRun struct {
	front    *Frontier
	folded   int
	owners   [stream.Partitions]stream.Ownership
	terms    map[uint64]uint64
	retiring [stream.Partitions]bool
	held     [stream.Partitions]bool
	flights  []flight
	landed   []Task // on their way into the log
	from     uint64
}

// flight is an exchange that goes on, and the lease's term in which it began.
type flight struct {
	Task
	term uint64
}

func newFleet(t *testing.T, seed uint64) *fleet {
	f := &fleet{t: t, rng: rand.New(rand.NewPCG(seed, 11)), now: simEpoch, leases: map[string]fleetLease{}, starts: map[string]time.Time{}}
	if seed%3 == 1 {
		f.limit = int64(1 + f.rng.IntN(120))
	}
	for d := range 6 {
		for h := range 2 {
			f.hosts = append(f.hosts, fmt.Sprintf("http://h%d.d%d", h, d))
		}
	}
	for r := range f.logs {
		f.outcomes[r] = map[string]int{}
		for _, h := range f.hosts {
			var lines stream.Lines
			lines.Discovery(&stream.Discovery{URL: h + "/0", Kind: stream.KindPage, How: "seed", Seed: true, Found: f.now})
			f.append(r, stream.ClassIn, fleetPartition(h), 0, lines.Bytes())
		}
	}
	f.join()
	return f
}

func fleetPartition(url string) int { return stream.PartitionOf(simDomain(originOf(url))) }

func (f *fleet) append(run int, class string, partition int, epoch uint64, data []byte) uint64 {
	seq := uint64(len(f.logs[run]) + 1)
	f.logs[run] = append(f.logs[run], stream.Entry{Class: class, Partition: partition, Sequence: seq, Epoch: epoch, Data: bytes.Clone(data), Time: f.now})
	return seq
}

// newest is the newest claim on a partition.
func (f *fleet) newest(run, partition int) stream.Ownership {
	for i := len(f.logs[run]) - 1; i >= 0; i-- {
		if e := f.logs[run][i]; e.Class == stream.ClassOwn && e.Partition == partition {
			o, _ := stream.ParseOwnership(e)
			return o
		}
	}
	return stream.Ownership{}
}

// claim is the compare-and-set.
func (f *fleet) claim(run, partition int, o stream.Ownership, previous uint64) (uint64, bool) {
	if f.newest(run, partition).Sequence != previous {
		return 0, false
	}
	body, _ := json.Marshal(o)
	return f.append(run, stream.ClassOwn, partition, 0, body), true
}

func (f *fleet) join() {
	f.born++
	p := &proc{f: f, id: "p" + strconv.Itoa(f.born), seen: map[string]fleetLease{}, at: map[string]time.Time{}, pacer: NewPacer()}
	for r := range p.runs {
		p.begin(r)
	}
	f.procs = append(f.procs, p)
	p.renew()
	p.look()
}

// begin begins the crawl of a run, from nothing.
func (p *proc) begin(run int) {
	fr := New(p.pacer, Rules{Agent: "x", MaxPages: p.f.limit, Pace: Pace{Delay: fleetDelay, PerHost: 1, PerDomain: 4}}, simDomain)
	fr.Named(p.id)
	fr.Share()
	p.runs[run] = &procRun{front: fr, terms: map[uint64]uint64{}, from: uint64(len(p.f.logs[run]))}
}

// again ends the crawl of a run as an error does, with servers away so that it
// releases nothing, and begins another in the same process.
func (p *proc) again(run int) {
	for _, flight := range p.runs[run].flights {
		p.runs[run].front.Return(flight.Task)
	}
	p.runs[run].front.Close()
	p.begin(run)
}

func (p *proc) holds() bool { return !p.gone && p.f.now.Before(p.deadline) }

func (p *proc) renew() {
	if !p.holds() {
		p.term++
	}
	l := p.f.leases[p.id]
	p.f.leases[p.id] = fleetLease{seq: l.seq + 1}
	p.renewed, p.deadline = p.f.now, p.f.now.Add(fleetTTL-time.Second)
}

func (p *proc) look() {
	p.live = nil
	for id, l := range p.f.leases {
		if s, known := p.seen[id]; !known || s != l {
			p.seen[id], p.at[id] = l, p.f.now
		}
		if id == p.id && p.holds() || id != p.id && !l.left && p.f.now.Sub(p.at[id]) < fleetTTL {
			p.live = append(p.live, id)
		}
	}
	slices.Sort(p.live)
}

func (p *proc) free(o stream.Ownership) bool {
	if o.Sequence == 0 || o.Released || p.seen[o.Crawler].left {
		return true
	}
	return o.Crawler != p.id && !slices.Contains(p.live, o.Crawler)
}

func (p *proc) open(n int) bool {
	for _, r := range p.runs {
		if !r.held[n] {
			return false
		}
	}
	return p.holds()
}

// tick is what the keeper does.
func (p *proc) tick() {
	f := p.f
	if f.now.Sub(p.renewed) >= 3*time.Second {
		p.renew()
	}
	p.look()
	for _, r := range p.runs {
		for n, o := range r.owners {
			mine := o.Crawler == p.id && !o.Released && o.Sequence > 0
			r.held[n] = mine && r.terms[o.Sequence] == p.term && !r.retiring[n] && r.front.Folded(n)
		}
	}
	idle := true
	for i, r := range p.runs {
		for n, o := range r.owners {
			r.front.SetOpen(n, p.open(n), f.now)
			mine := o.Crawler == p.id && !o.Released && o.Sequence > 0
			if !mine {
				r.retiring[n] = false
			}
			s := Standing{Mine: mine, Fresh: r.terms[o.Sequence] == p.term, Free: p.free(o),
				Wanted: !p.leaving && p.holds() && stream.Rendezvous(strconv.Itoa(n), p.live) == p.id,
				Here:   r.front.Owns(n), Coming: uint64(r.folded) < o.Sequence, Retiring: r.retiring[n], Drained: r.front.Drained(n)}
			p.do(i, n, o, s)
			idle = idle && !mine
		}
	}
	p.divide()
	if p.leaving && idle {
		p.gone = true
		f.leases[p.id] = fleetLease{seq: f.leases[p.id].seq + 1, left: true}
	}
}

// divide shares the limit out, and closes the run when it is used up.
func (p *proc) divide() {
	f := p.f
	for i, r := range p.runs {
		if !p.holds() {
			return
		}
		last := uint64(0)
		for _, e := range f.logs[i] {
			if e.Class == stream.ClassControl {
				last = e.Sequence
			}
		}
		next, control, due := r.front.Quota()
		if due && control == last {
			body, _ := json.Marshal(stream.Control{Type: stream.ControlQuota, Quota: &next, By: p.id, Time: f.now})
			f.append(i, stream.ClassControl, -1, 0, body)
		}
		if r.front.Status(f.now).LimitReached != "" && !f.closed[i] {
			f.closed[i] = true
			f.append(i, stream.ClassControl, -1, 0, []byte(`{"type":"close","reason":"limit"}`))
		}
	}
}

func (p *proc) do(run, n int, o stream.Ownership, s Standing) {
	f, r := p.f, p.runs[run]
	if !p.holds() {
		return
	}
	switch s.Step() {
	case Claim:
		now := stream.Ownership{Crawler: p.id, Time: f.now}
		if seq, ok := f.claim(run, n, now, o.Sequence); ok {
			r.terms[seq], now.Sequence = p.term, seq
			r.owners[n] = now
		}
	case Retire:
		r.retiring[n], r.held[n] = true, false
		r.front.Retire(n, true, f.now)
	case Release:
		now := stream.Ownership{Crawler: p.id, Released: true, Time: f.now}
		if seq, ok := f.claim(run, n, now, o.Sequence); ok {
			now.Sequence = seq
			r.owners[n] = now
			r.front.DropClaim(stream.Claim{Partition: n, Sequence: o.Sequence})
		}
	case Resume:
		r.retiring[n] = false
		r.front.Retire(n, false, f.now)
	}
}

// fold reads one entry of a run. A claim of our own on what is not here brings
// all before it.
func (p *proc) fold(run int) {
	r := p.runs[run]
	if r.folded == len(p.f.logs[run]) {
		return
	}
	e := p.f.logs[run][r.folded]
	r.folded++
	if e.Class == stream.ClassOwn {
		o, _ := stream.ParseOwnership(e)
		if o.Sequence > r.owners[e.Partition].Sequence {
			r.owners[e.Partition] = o
		}
		if r.owners[e.Partition].Crawler == p.id && o.Crawler == p.id && !o.Released && e.Sequence > r.from && !r.front.Owns(e.Partition) {
			r.front.Own(stream.Claim{Partition: e.Partition, Sequence: e.Sequence})
			for _, old := range p.f.logs[run][:e.Sequence-1] {
				if old.Partition == e.Partition {
					p.apply(r, old)
				}
			}
		}
	}
	p.apply(r, e)
}

func (p *proc) apply(r *procRun, e stream.Entry) {
	if err := r.front.Apply(e, p.f.now); err != nil {
		if _, lost := err.(*LostPartition); !lost {
			p.f.t.Fatal(err)
		}
	}
}

// next takes a task and starts its exchange, as a worker does.
func (p *proc) next(run int) {
	f, r := p.f, p.runs[run]
	task, _, ok := r.front.Next(f.now)
	if !ok {
		return
	}
	n := task.Claim.Partition
	if !p.open(n) || !r.front.Current(task.Claim) {
		f.lapsed++
		r.front.Return(task)
		return
	}
	for _, q := range f.procs {
		for _, other := range q.runs {
			for _, flight := range other.flights {
				if q == p || q.gone || flight.Claim.Partition != n {
					continue
				}
				if q.holds() && q.term == flight.term {
					f.t.Fatalf("%s and %s fetch from partition %d at once: %s, %s", p.id, q.id, n, task.URL, flight.URL)
				}
				f.late++
			}
		}
	}
	if last, ok := f.starts[task.Host]; ok && f.now.Sub(last) < fleetDelay {
		f.t.Fatalf("%s asks %s %s after the last start", p.id, task.URL, f.now.Sub(last))
	}
	if f.outcomes[run][task.URL] > 0 && f.newest(run, n).Sequence == task.Claim.Sequence {
		f.t.Fatalf("%s was fetched after its outcome", task.URL)
	}
	f.starts[task.Host] = f.now
	r.flights = append(r.flights, flight{task, p.term})
}

func (p *proc) land(run int) {
	r := p.runs[run]
	if len(r.flights) == 0 {
		return
	}
	i := p.f.rng.IntN(len(r.flights))
	task := r.flights[i].Task
	r.flights = slices.Delete(r.flights, i, i+1)
	r.front.Landed(task, p.f.now)
	r.landed = append(r.landed, task)
}

// commit stores what landed, if the fence lets it.
func (p *proc) commit(run int) {
	f, r := p.f, p.runs[run]
	if len(r.landed) == 0 {
		return
	}
	task := r.landed[0]
	r.landed = r.landed[1:]
	n := task.Claim.Partition
	defer r.front.Settled(task)
	if f.newest(run, n).Sequence != task.Claim.Sequence {
		f.refused++
		r.front.DropClaim(task.Claim)
		return
	}
	var own stream.Lines
	page, _ := strconv.Atoi(task.URL[len(task.Host)+1:])
	other := f.hosts[f.rng.IntN(len(f.hosts))]
	for _, link := range []string{fmt.Sprintf("%s/%d", task.Host, page+1), fmt.Sprintf("%s/%d", other, f.rng.IntN(12))} {
		d := stream.Discovery{URL: link, Kind: stream.KindPage, How: "link", Found: f.now, Via: task.URL}
		if page >= 12 {
			continue
		}
		if fleetPartition(link) == n {
			own.Discovery(&d)
		} else {
			var lines stream.Lines
			lines.Discovery(&d)
			f.append(run, stream.ClassIn, fleetPartition(link), 0, lines.Bytes())
		}
	}
	own.Outcome(&stream.Outcome{URL: task.URL, Fate: stream.FateCaptured, CaptureID: "c", Page: true, Kind: stream.KindPage, Time: f.now})
	f.append(run, stream.ClassLog, n, task.Claim.Sequence, own.Bytes())
	if f.outcomes[run][task.URL]++; f.outcomes[run][task.URL] > 1 {
		f.t.Fatalf("%s has two outcomes", task.URL)
	}
	if n := int64(len(f.outcomes[run])); f.limit > 0 && n > f.limit {
		f.t.Fatalf("%d pages; the limit is %d", n, f.limit)
	}
}

func (f *fleet) awake() (ps []*proc) {
	for _, p := range f.procs {
		if !p.gone && !f.now.Before(p.asleep) {
			ps = append(ps, p)
		}
	}
	return ps
}

// step lets something happen.
func (f *fleet) step(calm bool) {
	f.now = f.now.Add(time.Duration(f.rng.IntN(30)) * time.Millisecond)
	ps := f.awake()
	if len(ps) == 0 {
		f.now = f.now.Add(time.Second)
		if calm {
			f.join()
		}
	}
	if !calm {
		f.weather(ps)
	}
	for _, p := range ps {
		run := f.rng.IntN(fleetRuns)
		switch f.rng.IntN(6) {
		case 0, 1:
			p.tick()
		case 2:
			for range 20 {
				p.fold(run)
			}
		case 3:
			p.next(run)
		case 4:
			p.land(run)
		case 5:
			p.commit(run)
		}
	}
}

func (f *fleet) weather(ps []*proc) {
	living := 0
	for _, p := range f.procs {
		if !p.gone {
			living++
		}
	}
	switch k := f.rng.IntN(1500); {
	case k < 2 && living < 5, living == 0:
		f.join()
	case k == 2 && len(ps) > 0:
		p := ps[f.rng.IntN(len(ps))] // kill -9
		p.gone = true
		for _, r := range p.runs {
			r.flights, r.landed = nil, nil
		}
	case k == 3 && len(ps) > 0:
		ps[f.rng.IntN(len(ps))].leaving = true
	case k < 8 && len(ps) > 0:
		ps[f.rng.IntN(len(ps))].again(f.rng.IntN(fleetRuns))
	case k < 11 && len(ps) > 0: // SIGSTOP
		ps[f.rng.IntN(len(ps))].asleep = f.now.Add(time.Duration(f.rng.IntN(25_000)) * time.Millisecond)
	}
}

func (f *fleet) finished() bool {
	for r := range f.logs {
		want := len(f.hosts) * 13
		if f.limit > 0 {
			want = min(want, int(f.limit))
		}
		if len(f.outcomes[r]) < want || f.limit > 0 && int(f.limit) == want && !f.closed[r] {
			return false
		}
	}
	return true
}

// NEWSREEL_FLEETS plays so many of them.
func TestNoTwoCrawlersFetchFromOnePartitionAndNoHostIsHurried(t *testing.T) {
	rounds := uint64(8)
	if said := os.Getenv("NEWSREEL_FLEETS"); said != "" {
		var err error
		if rounds, err = strconv.ParseUint(said, 10, 32); err != nil {
			t.Fatalf("NEWSREEL_FLEETS: %v", err)
		}
	}
	for seed := range rounds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, seed)
			for steps := 0; !f.finished(); steps++ {
				if steps > 60_000 {
					t.Fatalf("no end: %d and %d of %d pages, limit %d, %d processes", len(f.outcomes[0]), len(f.outcomes[1]), 13*len(f.hosts), f.limit, len(f.awake()))
				}
				f.step(steps > 20_000)
			}
			t.Logf("%s, %d processes; in the air at a takeover %d, refused %d, lapsed %d", f.now.Sub(simEpoch), f.born, f.late, f.refused, f.lapsed)
		})
	}
}
