package frontier

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"newsreel/stream"
)

// entries makes a random but lawful log of one partition: discoveries, and
// outcomes and retries of what was discovered.
func randomLog(rng *rand.Rand, n int) []stream.Entry {
	start := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	var log []stream.Entry
	var known []string
	settled := map[string]bool{}
	for seq := uint64(2); len(log) < n; seq++ {
		l, class := &stream.Lines{}, stream.ClassLog
		switch k := rng.IntN(10); {
		case k < 5 || len(known) == 0:
			if rng.IntN(2) == 0 {
				class = stream.ClassIn
			}
			for range 1 + rng.IntN(5) {
				url := fmt.Sprintf("http://h%d.test/p%d", rng.IntN(3), rng.IntN(400))
				l.Discovery(&stream.Discovery{URL: url, Kind: []string{"page", "asset", "feed"}[rng.IntN(3)], How: "link",
					Depth: rng.IntN(4), Path: "LL", Via: "http://h0.test/", Found: start.Add(time.Duration(seq) * time.Second)})
				known = append(known, url)
			}
		case k < 9:
			url := known[rng.IntN(len(known))]
			if settled[url] {
				continue
			}
			settled[url] = true
			fate := []string{"captured", "failed", "skipped"}[rng.IntN(3)]
			reason := map[string]string{"captured": "", "failed": "timeout", "skipped": "robots"}[fate]
			l.Outcome(&stream.Outcome{URL: url, Fate: fate, Reason: reason, Kind: "page", Status: 200, CaptureID: "x",
				Bytes: 10, Page: fate == "captured", Tries: 1, Time: start})
		default:
			url := known[rng.IntN(len(known))]
			if settled[url] {
				continue
			}
			l.Retry(&stream.Retry{URL: url, Reason: "timeout", Tries: 1 + rng.IntN(2), NotBefore: start.Add(time.Hour)})
		}
		log = append(log, stream.Entry{Class: class, Partition: 7, Sequence: seq, Epoch: 1, Header: nats.Header{}, Data: append([]byte(nil), l.Bytes()...)})
	}
	return log
}

func newTestFrontier() *Frontier {
	f := New(NewPacer(), Rules{Agent: "newsreel"}, func(origin string) string { return "test" })
	f.Own(stream.Claim{Partition: 7, Sequence: 1 << 40})
	return f
}

func fold(t *testing.T, f *Frontier, log []stream.Entry) {
	t.Helper()
	for _, e := range log {
		if err := f.Apply(e, testNow); err != nil {
			t.Fatal(err)
		}
	}
}

func fatesOf(t *testing.T, f *Frontier) (lines []string) {
	t.Helper()
	var b bytes.Buffer
	if _, err := f.Mark(7, &b); err != nil {
		t.Fatal(err)
	}
	err := stream.ReadFates(&b, func(l *stream.FateLine) error {
		lines = append(lines, fmt.Sprintf("%+v", *l))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestFoldFromASnapshotIsTheFoldFromTheStart(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 1))
		log := randomLog(rng, 300)
		whole := newTestFrontier()
		fold(t, whole, log)

		at := rng.IntN(len(log))
		first := newTestFrontier()
		fold(t, first, log[:at])
		var tables bytes.Buffer
		s, err := first.Snapshot(7, &tables, testNow)
		if err != nil {
			t.Fatal(err)
		}
		second := newTestFrontier()
		if err := second.Load(7, s.Covers, &tables); err != nil {
			t.Fatal(err)
		}
		// What the snapshot covers may be there still, in part.
		fold(t, second, log[rng.IntN(at+1):])

		if diff := cmp.Diff(fatesOf(t, whole), fatesOf(t, second)); diff != "" {
			t.Fatalf("seed %d, snapshot at %d: (-whole +from snapshot)\n%s", seed, at, diff)
		}
		now := time.Now()
		if diff := cmp.Diff(whole.Status(now).Counts, second.Status(now).Counts); diff != "" {
			t.Fatalf("seed %d: counts: %s", seed, diff)
		}
		if got, want := drain(second), drain(whole); got != want {
			t.Fatalf("seed %d: hands out\n%s\nwant\n%s", seed, got, want)
		}
	}
}

// drain hands out all that is queued, by URL.
func drain(f *Frontier) string {
	claim := f.parts[7].claim
	body := []byte(`{"crawler":"x"}`)
	now := time.Date(2024, 5, 3, 0, 0, 0, 0, time.UTC)
	if err := f.Apply(stream.Entry{Class: stream.ClassOwn, Partition: 7, Sequence: claim.Sequence, Data: body}, now); err != nil {
		return err.Error()
	}
	var out []string
	for {
		task, wait, ok := f.Next(now)
		if !ok && wait > time.Hour {
			slices.Sort(out) // hosts take turns in any order
			return strings.Join(out, "\n")
		}
		now = now.Add(wait)
		if ok {
			out = append(out, fmt.Sprintf("%s %s %d %d", task.URL, task.Kind, task.Depth, task.Tries))
			f.Landed(task, now)
		}
	}
}

func TestSnapshotIsNotDueOfAnIdlePartition(t *testing.T) {
	f := newTestFrontier()
	f.snapshotEvery = 1
	l := &stream.Lines{}
	l.Discovery(&stream.Discovery{URL: "http://h.test/", Kind: "page", How: "seed", Seed: true})
	fold(t, f, []stream.Entry{{Class: stream.ClassIn, Partition: 7, Sequence: 2, Data: l.Bytes()}})
	f.parts[7].active = true
	if n := len(f.SnapshotDue()); n != 1 {
		t.Errorf("%d due with a URL waiting", n)
	}
	l = &stream.Lines{}
	l.Outcome(&stream.Outcome{URL: "http://h.test/", Fate: "captured"})
	fold(t, f, []stream.Entry{{Class: stream.ClassLog, Partition: 7, Sequence: 3, Data: l.Bytes()}})
	if n := len(f.SnapshotDue()); n != 0 {
		t.Errorf("%d due of an idle partition", n)
	}
}
