package main

import (
	"testing"
	"time"

	"newsreel/chaos/world"
)

// A page is fetched from 10 s to 11 s, and again at 60 s.
func TestWhatIsFetchedAgainHasACause(t *testing.T) {
	s := func(n float64) time.Duration { return time.Duration(n * float64(time.Second)) }
	for _, c := range []struct {
		name   string
		fault  span
		caused bool
	}{
		{"a kill while it is fetched", span{s(10.5), s(10.5), lag}, true},
		{"a kill before it is committed", span{s(12), s(12), lag}, true},
		{"a kill long after it was committed", span{s(14), s(14), lag}, false},
		{"a kill after it is fetched again", span{s(61), s(61), lag}, false},
		{"a kill before it is fetched", span{s(9), s(9), lag}, false},
		{"a request that came to the log after its sender's death", span{s(9.9), s(9.9), lag}, true},
		{"a stall from its fetching on, and a kill at its end", span{s(10), s(50), lag}, true},
		{"a stall that began when it was committed", span{s(14), s(50), lag}, false},
		{"servers lost a lease before", span{s(0), s(2), lapse}, true},
		{"servers back for longer than a lease", span{0, s(-3), lapse}, false},
	} {
		r := &trial{world: &world.World{}, faults: []span{c.fault}}
		if got := r.caused(world.Request{Begun: s(10), Ended: s(11)}, world.Request{Begun: s(60)}); got != c.caused {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
