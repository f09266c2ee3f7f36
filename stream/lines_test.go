package stream

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var linesEpoch = time.Date(2024, 5, 3, 12, 0, 0, 123e6, time.UTC)

// said is everything that a body says, in its order.
func said(t testing.TB, body []byte) (all []any) {
	t.Helper()
	keep := func(v any) { all = append(all, v) }
	err := ParseLines(body, Visitor{
		Discovery: func(d *Discovery) { keep(*d) }, Outcome: func(o *Outcome) { keep(*o) },
		Retry: func(r *Retry) { keep(*r) }, RobotsAnswer: func(a *RobotsAnswer) { keep(*a) },
		Snapshot: func(s *Snapshot) { keep(*s) }, Idle: func(i *Idle) { keep(*i) }})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLinesComeBackAsTheyWereWritten(t *testing.T) {
	want := []any{
		Discovery{URL: "http://a.example/", Kind: KindPage, How: "seed", Seed: true, Found: linesEpoch},
		Discovery{URL: "http://a.example/1", Kind: KindPage, How: "link", Depth: 3, Path: "LL", Via: "http://a.example/", Found: linesEpoch},
		Discovery{URL: "http://a.example/2", Kind: KindAsset, How: "asset", Depth: 3, Hops: 2, Path: "LLER", Via: "http://a.example/", Found: linesEpoch},
		Discovery{URL: "http://a.example/3", Kind: KindPage, How: "link", Skip: SkipTrap, Via: "http://a.example/", Found: linesEpoch.Add(time.Second)},
		Discovery{URL: "http://a.example/4", Kind: KindFeed, How: "link", Seed: true, Skip: SkipExcluded, Found: linesEpoch.Add(time.Second)},
		Outcome{URL: "http://a.example/1", Fate: FateCaptured, Kind: KindRobots, Status: 200, CaptureID: "c", Bytes: 1 << 40, Time: linesEpoch,
			Notes: []string{"a\tb\nc", "é\u2028"}, Robots: &Robots{State: RobotsRules, Rules: []byte("User-agent: *\n"), Expires: linesEpoch}},
		Retry{URL: "http://a.example/2", Reason: FailTimeout, Tries: 1, NotBefore: linesEpoch.Add(time.Minute), Time: linesEpoch},
		RobotsAnswer{URL: "http://b.example/robots.txt", Robots: Robots{State: RobotsAllow, Expires: linesEpoch}},
		Snapshot{Key: "staging/J_a_1/s", Covers: 1 << 60, URLs: 9},
		Idle{In: 7, Inline: []byte{0, 1, 0xff}, Counts: Counts{Discovered: 3, Failed: map[string]int64{FailDNS: 1}}},
	}
	var lines Lines
	for _, v := range want {
		switch v := v.(type) {
		case Discovery:
			lines.Discovery(&v)
		case Outcome:
			lines.Outcome(&v)
		case Retry:
			lines.Retry(&v)
		case RobotsAnswer:
			lines.RobotsAnswer(&v)
		case Snapshot:
			lines.Snapshot(&v)
		case Idle:
			lines.Idle(&v)
		}
	}
	if diff := cmp.Diff(want, said(t, lines.Bytes())); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	if lines.Entries() != len(want) || lines.Len() != len(lines.Bytes()) {
		t.Errorf("%d entries in %d bytes", lines.Entries(), lines.Len())
	}
}

func TestLinesThatCannotBeReadSayWhichAndWhy(t *testing.T) {
	for body, want := range map[string]string{
		"x\tabc\n":                       `line 1: verb "x": written by a newer version`,
		"v\t1\t\nq\n":                    "line 2: no verb",
		"d\tpage\tlink\t1\n":             "line 1: discovery of",
		"d\tpage\tlink\tx\t0\tL\t-\tu\n": "line 1: discovery with depth",
		"v\tsoon\tvia\n":                 "line 1: strconv",
		"o\t{\"url\":1}\n":               "line 1: json",
		"i\t{\n":                         "line 1: ",
	} {
		v := Visitor{Outcome: func(*Outcome) {}, Idle: func(*Idle) {}}
		if err := ParseLines([]byte(body), v); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %s", body, err, want)
		}
	}
}

func FuzzLines(f *testing.F) {
	var lines Lines
	lines.Discovery(&Discovery{URL: "http://a.example/", Kind: KindPage, How: "seed", Seed: true, Found: linesEpoch})
	lines.Outcome(&Outcome{URL: "http://a.example/", Fate: FateSkipped})
	lines.Idle(&Idle{In: 3})
	f.Add(lines.Bytes())
	f.Add([]byte("v\t-1\tx\nd\ta\tb\t1\t2\tp\ts,skip=x\tu\n\n\nr\t{}\ns\t{}\nt\t{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		var again Lines
		tame := true
		err := ParseLines(body, Visitor{
			Discovery: func(d *Discovery) {
				tame = tame && !strings.ContainsAny(d.Skip, ",") && (d.Skip != "" || !strings.Contains(string(body), "skip="))
				again.Discovery(d)
			},
			Outcome: func(o *Outcome) { again.Outcome(o) }, Retry: func(r *Retry) { again.Retry(r) },
			RobotsAnswer: func(a *RobotsAnswer) { again.RobotsAnswer(a) },
			Snapshot:     func(s *Snapshot) { again.Snapshot(s) }, Idle: func(i *Idle) { again.Idle(i) }})
		if err != nil || !tame {
			return
		}
		// What was read is written in a form that is read as the same.
		once := said(t, again.Bytes())
		if len(once) != again.Entries() {
			t.Fatalf("%d entries of %d", len(once), again.Entries())
		}
	})
}

func TestFatesComeBackAsTheyWereWritten(t *testing.T) {
	var want []FateLine
	for i := range 3000 {
		want = append(want, FateLine{URL: fmt.Sprintf("http://a.example/%d?%s", i, strings.Repeat("q", i)), Fate: FateFailed, Reason: FailTLS,
			Kind: KindPage, Status: -i, How: "link", Depth: i, Tries: 3, Found: linesEpoch.UnixMilli(), Via: "http://a.example/"})
	}
	want = append(want, FateLine{URL: "http://a.example/bare", Fate: FateSkipped})
	var b bytes.Buffer
	w := NewFateWriter(&b)
	for i := range want {
		if err := w.Write(&want[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	whole := b.Bytes()
	var got []FateLine
	if err := ReadFates(bytes.NewReader(whole), func(l *FateLine) error { got = append(got, *l); return nil }); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-written +read):\n%s", diff)
	}
	for _, n := range []int{0, 5, len(whole) / 2, len(whole) - 1} {
		if err := ReadFates(bytes.NewReader(whole[:n]), func(*FateLine) error { return nil }); err == nil {
			t.Errorf("a list cut at byte %d of %d is read as whole", n, len(whole))
		}
	}
}

func TestRulesAreKeptWholeOrCutAtALine(t *testing.T) {
	random := func(n int) []byte {
		var b bytes.Buffer
		x := uint64(1)
		for b.Len() < n {
			x = x*6364136223846793005 + 1442695040888963407
			fmt.Fprintf(&b, "Disallow: /%x%x #@%d\n", x, x>>7, b.Len())
		}
		return b.Bytes()
	}
	for name, text := range map[string][]byte{
		"none": nil, "short": []byte("User-agent: *\nDisallow: /\n"),
		"long": bytes.Repeat([]byte("Allow: /a\n"), 150_000), "random": random(300 << 10), "random and large": random(2 << 20),
	} {
		var r Robots
		cut := r.SetRules(text)
		got, err := r.Text()
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Rules) > maxRules || cut == bytes.Equal(got, text) || !bytes.HasPrefix(text, got) {
			t.Errorf("%s: %d bytes kept in %d, cut %v, of %d", name, len(got), len(r.Rules), cut, len(text))
		}
		if cut && got[len(got)-1] != '\n' {
			t.Errorf("%s: cut within a line", name)
		}
		if cut != (name == "random and large") {
			t.Errorf("%s: cut %v", name, cut)
		}
	}
}
