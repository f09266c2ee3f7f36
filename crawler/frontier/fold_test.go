package frontier

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/stream"
)

func TestWhateverTheOrderNothingIsLostAndTheFoldIsTheSame(t *testing.T) {
	rounds := 60
	if testing.Short() {
		rounds = 20
	}
	for seed := range uint64(rounds) {
		rules := Rules{Robots: seed%5 != 0, Agent: "newsreel", Pace: Pace{PerHost: 1 + int(seed%3), PerDomain: 1 + int(seed%4)}}
		if seed%3 > 0 {
			rules.Pace.Delay = time.Duration(seed%3) * time.Second
		}
		if seed%4 == 1 {
			rules.MaxPages = 1 + int64(seed%40)
		}
		if seed%7 == 2 {
			rules.MaxPerHost = 1 + int64(seed%5)
		}
		if seed%11 == 3 {
			rules.MaxDepth = 2
		}
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			s := newSim(t, seed, rules)
			for steps := 0; s.step(); steps++ {
				if steps > 200_000 {
					s.checkEnd()
					t.Fatalf("no end: %+v", s.f.Status(s.now))
				}
			}
			s.checkEnd()
		})
	}
}

// checkEnd holds that nothing waits, that each URL has had one outcome, and
// that a fold from the start comes to the same.
func (s *sim) checkEnd() {
	s.t.Helper()
	status := s.f.Status(s.now)
	live := s.table(s.f)
	if status.Counts.Waiting != 0 || len(s.flight) != 0 {
		for url, l := range live {
			if l.Fate == stream.FateWaiting {
				p := s.f.parts[s.partition(url)]
				h := p.hosts[p.hostIDs[originOf(url)]]
				s.t.Logf("%s waits: %+v; robots %s, host in heap %v, blocked %v, queue %d, retries %d, robots known %v until %v, up %v, of %d",
					url, l, s.robotsOf(h.name), h.index >= 0, h.blocked, len(h.queue.list), len(h.retries), h.robots.known,
					h.robots.expires.Sub(s.now), h.robotsUp, h.robotsEntry)
			}
		}
		s.t.Errorf("%d URLs wait and nothing is handed out; %d in flight", status.Counts.Waiting, len(s.flight))
	}
	if int64(len(live)) != status.Counts.Discovered {
		s.t.Errorf("%d URLs in the tables, %d discovered", len(live), status.Counts.Discovered)
	}
	if s.rules.MaxPages > 0 && s.closed && s.pages != s.rules.MaxPages {
		s.t.Errorf("closed with %d pages captured, the limit is %d", s.pages, s.rules.MaxPages)
	}
	again := New(NewPacer(), s.rules, simDomain)
	for p := range stream.Partitions {
		again.Own(stream.Claim{Partition: p, Sequence: s.epochs[p]})
	}
	for _, e := range s.log {
		if err := again.Apply(e, s.now); err != nil {
			s.t.Fatal(err)
		}
	}
	if diff := cmp.Diff(live, s.table(again)); diff != "" {
		s.t.Errorf("tables (-live +folded again):\n%s", diff)
	}
	if diff := cmp.Diff(status.Counts, again.Status(s.now).Counts); diff != "" {
		s.t.Errorf("counts (-live +folded again):\n%s", diff)
	}
	if len(s.f.Idle()) == 0 {
		s.t.Error("no partition is idle at the end")
	}
	s.checkMarks()
}

// checkMarks marks every partition idle, as the crawler does, and holds that
// the run is done then and only then.
func (s *sim) checkMarks() {
	s.t.Helper()
	for claims := s.f.Idle(); len(claims) > 0; claims = s.f.Idle() {
		if _, _, done := s.f.Done(); done {
			s.t.Error("done before all partitions are marked")
		}
		for _, claim := range claims {
			var fates bytes.Buffer
			idle, err := s.f.Mark(claim.Partition, &fates)
			if err != nil {
				s.t.Fatal(err)
			}
			var lines stream.Lines
			lines.Idle(&idle)
			s.append(stream.ClassLog, claim.Partition, lines.Bytes())
		}
		for s.folded < len(s.log) {
			s.fold()
		}
	}
	last, _, done := s.f.Done()
	if !done {
		s.t.Fatal("not done when all partitions are marked")
	}
	for _, e := range s.log {
		read, tells := last[e.Class][e.Partition], e.Class == stream.ClassIn || e.Class == stream.ClassLog
		if tells && e.Sequence > max(read, s.purged[e.Partition]) {
			s.t.Errorf("done at %d of %s.%d, and %d follows", read, e.Class, e.Partition, e.Sequence)
		}
	}
}
