package frontier

import (
	"fmt"
	"testing"
	"time"

	"newsreel/stream"
)

// twoPartitions returns a frontier that owns the partitions of two domains
// which are not the same.
func twoPartitions(t *testing.T) (f *Frontier, here, there string, p, q int) {
	t.Helper()
	domain := func(origin string) string { return origin[len("http://"):] }
	f = New(NewPacer(), Rules{Agent: "newsreel", Robots: true}, domain)
	here = "a.test"
	p = stream.PartitionOf(here)
	for n := 0; ; n++ {
		there = fmt.Sprintf("b%d.test", n)
		if q = stream.PartitionOf(there); q != p {
			break
		}
	}
	f.Own(stream.Claim{Partition: p, Sequence: 1})
	f.Own(stream.Claim{Partition: q, Sequence: 2})
	for i, n := range []int{p, q} {
		apply(t, f, stream.Entry{Class: stream.ClassOwn, Partition: n, Sequence: uint64(i + 1), Data: []byte(`{"crawler":"x"}`)})
	}
	return f, here, there, p, q
}

var testNow = time.Date(2024, 5, 2, 0, 0, 0, 0, time.UTC)

func apply(t *testing.T, f *Frontier, e stream.Entry) {
	t.Helper()
	if err := f.Apply(e, testNow); err != nil {
		t.Fatal(err)
	}
}

func say(t *testing.T, f *Frontier, class string, p int, seq uint64, write func(*stream.Lines)) {
	t.Helper()
	l := &stream.Lines{}
	write(l)
	apply(t, f, stream.Entry{Class: class, Partition: p, Sequence: seq, Data: l.Bytes()})
}

func next(t *testing.T, f *Frontier) Task {
	t.Helper()
	task, wait, ok := f.Next(testNow)
	if !ok {
		t.Fatalf("nothing handed out, wait %v", wait)
	}
	f.Landed(task, testNow)
	return task
}

func TestRobotsRedirectedIntoAnotherPartitionIsAwaited(t *testing.T) {
	f, here, there, p, q := twoPartitions(t)
	page, ours, theirs := "http://"+here+"/x", "http://"+here+"/robots.txt", "http://"+there+"/robots.txt"
	say(t, f, stream.ClassIn, p, 3, func(l *stream.Lines) {
		l.Discovery(&stream.Discovery{URL: page, Kind: stream.KindPage, How: "seed", Seed: true})
	})
	if got := next(t, f); got.URL != ours || got.Kind != stream.KindRobots {
		t.Fatalf("first is %+v", got)
	}
	redirected := &stream.Discovery{URL: theirs, Kind: stream.KindRobots, How: "redirect", Via: ours, Hops: 1}
	say(t, f, stream.ClassLog, p, 4, func(l *stream.Lines) {
		l.Discovery(&stream.Discovery{URL: ours, Kind: stream.KindRobots, How: "robots"})
		l.Outcome(&stream.Outcome{URL: ours, Fate: stream.FateCaptured, Status: 301, Location: theirs,
			Robots: &stream.Robots{State: stream.RobotsRedirect, Expires: testNow.Add(time.Hour)}})
	})
	if _, _, ok := f.Next(testNow); ok {
		t.Fatal("something is handed out before the robots.txt is known")
	}
	say(t, f, stream.ClassIn, q, 5, func(l *stream.Lines) { l.Discovery(redirected) })
	if got := next(t, f); got.URL != theirs {
		t.Fatalf("then comes %+v", got)
	}
	say(t, f, stream.ClassLog, q, 6, func(l *stream.Lines) {
		l.Outcome(&stream.Outcome{URL: theirs, Fate: stream.FateCaptured, Status: 200, Robots: &stream.Robots{
			State: stream.RobotsRules, Rules: []byte("User-agent: *\nDisallow: /x\n"), Expires: testNow.Add(time.Hour)}})
	})
	answers := f.Answers()
	if len(answers) != 1 || answers[0].URL != ours {
		t.Fatalf("answers owed: %+v", answers)
	}
	say(t, f, stream.ClassIn, p, 7, func(l *stream.Lines) { l.RobotsAnswer(&answers[0]) })
	if got := next(t, f); got.URL != page || got.Skip != stream.SkipRobots {
		t.Fatalf("the page is handed out as %+v", got)
	}
	if len(f.Answers()) != 0 {
		t.Error("answers are owed twice")
	}
	// One that asks later is told at once.
	say(t, f, stream.ClassIn, q, 8, func(l *stream.Lines) { l.Discovery(redirected) })
	if got := f.Answers(); len(got) != 1 || got[0].Robots.State != stream.RobotsRules {
		t.Errorf("asked later: %+v", got)
	}
}
