package frontier

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
	"unsafe"
)

func TestPacerKeepsTheDelayAndTheNumbers(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	p, now := NewPacer(), simEpoch
	pace := Pace{Delay: 2 * time.Second, PerHost: 2, PerDomain: 3}
	hosts := map[string]string{"a1": "a", "a2": "a", "a3": "a", "b1": "b"}
	last, active, domains := map[string]time.Time{}, map[string]int{}, map[string]int{}
	starts := 0
	for range 20_000 {
		host := []string{"a1", "a2", "a3", "b1"}[rng.IntN(4)]
		domain := hosts[host]
		if rng.IntN(3) == 0 && active[host] > 0 {
			p.Done(host, domain)
			active[host]--
			domains[domain]--
			continue
		}
		ok, at := p.Start(nil, host, domain, pace, now)
		due := last[host].Add(pace.Delay)
		switch {
		case ok:
			starts++
			if active[host]++; active[host] > pace.PerHost || now.Before(due) {
				t.Fatalf("%s started %d at once, %s after the last", host, active[host], now.Sub(last[host]))
			}
			if domains[domain]++; domains[domain] > pace.PerDomain {
				t.Fatalf("%s has %d at once", domain, domains[domain])
			}
			last[host] = now
		case at.IsZero():
			if active[host] < pace.PerHost && domains[domain] < pace.PerDomain {
				t.Fatalf("%s is told to wait for others, and there is room", host)
			}
		case !at.Equal(due):
			t.Fatalf("%s is told to come at %s, and is due at %s", host, at, due)
		}
		now = now.Add(time.Duration(rng.IntN(300)) * time.Millisecond)
	}
	if starts < 1000 {
		t.Errorf("only %d starts", starts)
	}
}

func TestPacerTakesTheStrictestJobAndWhatServersAsk(t *testing.T) {
	p := NewPacer()
	ok, _ := p.Start(nil, "h", "d", Pace{Delay: 5 * time.Second}, simEpoch)
	if !ok {
		t.Fatal("the first start is refused")
	}
	p.Done("h", "d")
	if ok, at := p.Start(nil, "h", "d", Pace{}, simEpoch.Add(time.Second)); ok || !at.Equal(simEpoch.Add(5*time.Second)) {
		t.Errorf("a job without a delay starts within that of another: %v, %s", ok, at)
	}
	p.Hold("h", simEpoch.Add(time.Minute))
	p.Hold("h", simEpoch.Add(time.Second)) // sooner than known: nothing changes
	if ok, at := p.Start(nil, "h", "d", Pace{}, simEpoch.Add(50*time.Second)); ok || !at.Equal(simEpoch.Add(time.Minute)) {
		t.Errorf("a host that asked for a minute is asked: %v, %s", ok, at)
	}
	p.Forget(simEpoch.Add(time.Minute + time.Second))
	if len(p.hosts) != 1 {
		t.Error("a host is forgotten a second after it was due")
	}
	p.Forget(simEpoch.Add(10 * time.Minute))
	if len(p.hosts) != 0 {
		t.Error("hosts are not forgotten")
	}
}

func TestTableIsExact(t *testing.T) {
	const n = 300_000
	table := newTable()
	url := func(i int) string { return fmt.Sprintf("https://host-%d.example/%x/%d", i%997, i*i, i) }
	for i := range n {
		if _, ok := table.find(url(i)); ok {
			t.Fatalf("%s is known before it was inserted", url(i))
		}
		if got := table.insert(url(i), entry{depth: uint16(i)}); got != i {
			t.Fatalf("entry %d has number %d", i, got)
		}
	}
	for i := range n {
		got, ok := table.find(url(i))
		if !ok || got != i || table.url(i) != url(i) || table.entries[i].depth != uint16(i) {
			t.Fatalf("%s: number %d, known %v", url(i), got, ok)
		}
		if _, ok := table.find(url(i) + "/"); ok {
			t.Fatalf("%s/ is known", url(i))
		}
	}
}

func TestADroppedPartitionLeavesNothingInFlight(t *testing.T) {
	s := newSim(t, 3, Rules{Agent: "newsreel", MaxPages: 1, Pace: Pace{PerHost: 1, PerDomain: 4}})
	for s.folded < len(s.log) {
		s.fold()
	}
	task, _, ok := s.f.Next(s.now)
	if !ok || task.Kind != "page" {
		t.Fatalf("%+v, %v", task, ok)
	}
	if _, _, ok := s.f.Next(s.now); ok {
		t.Fatal("a second page is handed out, and the limit is one")
	}
	s.f.Drop(s.partition(task.URL))
	if n := s.f.Status(s.now).InFlight; n != 0 {
		t.Errorf("%d in flight", n)
	}
	s.f.Landed(task, s.now)
	next, _, ok := s.f.Next(s.now)
	if !ok || s.partition(next.URL) == s.partition(task.URL) {
		t.Errorf("nothing of the other partitions is handed out: %+v, %v", next, ok)
	}
}

func TestAnEntryIsAsLargeAsItIsCounted(t *testing.T) {
	if got := unsafe.Sizeof(entry{}); got != entrySize {
		t.Errorf("an entry has %d bytes, Memory counts %d", got, entrySize)
	}
}
