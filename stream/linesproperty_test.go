package stream

import (
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"newsreel/capture"
)

// spoken is every line of a body, in order.
type spoken []any

func (s *spoken) visitor() Visitor {
	return Visitor{
		Discovery:    func(d *Discovery) { *s = append(*s, *d) },
		Outcome:      func(o *Outcome) { *s = append(*s, *o) },
		Retry:        func(r *Retry) { *s = append(*s, *r) },
		RobotsAnswer: func(a *RobotsAnswer) { *s = append(*s, *a) },
		Snapshot:     func(v *Snapshot) { *s = append(*s, *v) },
		Idle:         func(i *Idle) { *s = append(*s, *i) },
	}
}

func (s spoken) write(l *Lines) {
	for _, v := range s {
		switch v := v.(type) {
		case Discovery:
			l.Discovery(&v)
		case Outcome:
			l.Outcome(&v)
		case Retry:
			l.Retry(&v)
		case RobotsAnswer:
			l.RobotsAnswer(&v)
		case Snapshot:
			l.Snapshot(&v)
		case Idle:
			l.Idle(&v)
		}
	}
}

var moment = time.Date(2026, 5, 4, 3, 2, 1, 7e6, time.UTC)

// arbitrary makes lines of all kinds; URLs hold what a URL parser lets through.
func arbitrary(r *rand.Rand) (s spoken) {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	url := func() string {
		return "https://" + pick("a.example", "xn--bcher-kva.example", "[::1]:80") + "/" + pick("", "ä%20b", "?a=1&b=<2>\"'", strings.Repeat("x", r.IntN(9000)))
	}
	at := func() time.Time { return moment.Add(time.Duration(r.IntN(3)) * time.Second) }
	for range r.IntN(12) {
		switch r.IntN(6) {
		case 0, 1:
			s = append(s, Discovery{URL: url(), Kind: pick(KindPage, KindAsset), How: pick(capture.ByLink, capture.BySeed),
				Depth: r.IntN(100), Hops: r.IntN(3), Path: pick("", "LRE"), Seed: r.IntN(2) == 0,
				Skip: pick("", SkipTrap), Via: pick("", "https://a.example/via", "https://b.example/"), Found: at()})
		case 2:
			o := Outcome{URL: url(), Fate: pick(FateFailed, FateCaptured), Reason: pick("", FailDNS), Status: r.IntN(600), CaptureID: pick("", "id"),
				Bytes: r.Int64(), Page: r.IntN(2) == 0, Outside: r.IntN(9), Time: at(), Detail: "tab\tline\nend \u2028 \x00", Location: url()}
			if r.IntN(2) == 0 {
				o.Robots = &Robots{State: RobotsRules, Rules: []byte("a\n\xff"), Expires: at()}
				o.Notes, o.Interim = []string{"n\n"}, []string{"HTTP/1.1 103\r\n"}
			}
			s = append(s, o)
		case 3:
			s = append(s, Retry{URL: url(), Reason: FailTimeout, Tries: r.IntN(9), NotBefore: at(), Time: at(), Detail: "d"})
		case 4:
			s = append(s, RobotsAnswer{URL: url(), Robots: Robots{State: RobotsDeny, Expires: at()}}, Snapshot{Key: "k", Covers: r.Uint64(), URLs: r.Int()})
		default:
			s = append(s, Idle{In: r.Uint64(), Inline: []byte{0, 1}, Counts: Counts{Discovered: 3, Failed: map[string]int64{FailDNS: 1}, Bytes: r.Int64()}})
		}
	}
	return s
}

func TestLinesComeBackAsTheyWent(t *testing.T) {
	for seed := range uint64(500) {
		want := arbitrary(rand.New(rand.NewPCG(seed, 1)))
		var l Lines
		want.write(&l)
		if l.Entries() != len(want) || l.Len() != len(l.Bytes()) {
			t.Fatalf("seed %d: %d entries of %d, length %d of %d", seed, l.Entries(), len(want), l.Len(), len(l.Bytes()))
		}
		var got spoken
		if err := ParseLines(l.Bytes(), got.visitor()); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("seed %d:\n got %+v\nwant %+v", seed, got, want)
		}
		if err := ParseLines(l.Bytes(), Visitor{}); err != nil {
			t.Fatalf("seed %d, with nobody to tell: %v", seed, err)
		}
	}
}

func TestLinesShareTheirContext(t *testing.T) {
	var l Lines
	d := Discovery{URL: "https://a.example/1", Kind: KindPage, How: capture.ByLink, Via: "https://a.example/", Found: moment}
	l.Discovery(&d)
	d.URL = "https://a.example/2"
	l.Discovery(&d)
	want := "v\t1777863721007\thttps://a.example/\nd\tpage\tlink\t0\t0\t\t-\thttps://a.example/1\nd\tpage\tlink\t0\t0\t\t-\thttps://a.example/2\n"
	if got := string(l.Bytes()); got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}
