package frontier

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"newsreel/stream"
)

// tableOf is what a frontier's tables say of each URL, but when it was found
// and where it stands.
func tableOf(f *Frontier) map[string]string {
	known := map[string]string{}
	t := f.parts[7].t
	for n, e := range t.entries {
		known[t.url(n)] = fmt.Sprint(t.arena.get(e.via), e.depth, e.kind, e.how, e.state, e.seed, e.reason)
	}
	return known
}

// domainIn is a domain of partition 7.
func domainIn() string {
	for i := 0; ; i++ {
		if name := fmt.Sprintf("d%d.test", i); stream.PartitionOf(name) == 7 {
			return name
		}
	}
}

func TestWhatIsNoNewsChangesNothing(t *testing.T) {
	domain := domainIn()
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 2))
		log := randomLog(rng, 400)
		whole, thin := newTestFrontier(), newTestFrontier()
		thin.domainOf = func(string) string { return domain }
		all, kept := 0, 0
		for _, e := range log {
			fold(t, whole, []stream.Entry{e})
			var found []stream.Discovery
			others := &stream.Lines{}
			err := stream.ParseLines(e.Data, stream.Visitor{
				Discovery: func(d *stream.Discovery) { d.Seed = rng.IntN(20) == 0; found = append(found, *d) },
				Outcome:   others.Outcome, Retry: others.Retry})
			if err != nil {
				t.Fatal(err)
			}
			all += len(found)
			lines := &stream.Lines{}
			for i := range found {
				lines.Discovery(&found[i])
			}
			if len(found) > 0 {
				fold(t, whole, []stream.Entry{{Class: e.Class, Partition: 7, Sequence: e.Sequence, Data: lines.Bytes()}})
			}
			news := thin.News(found)
			kept += len(news)
			for i := range news {
				others.Discovery(&news[i])
			}
			fold(t, thin, []stream.Entry{{Class: e.Class, Partition: 7, Sequence: e.Sequence, Data: others.Bytes()}})
		}
		if diff := cmp.Diff(tableOf(whole), tableOf(thin)); diff != "" {
			t.Fatalf("seed %d: tables differ (-all +news):\n%s", seed, diff)
		}
		if kept >= all*9/10 {
			t.Errorf("seed %d: %d of %d discoveries are news", seed, kept, all)
		}
	}
}

func TestWhatOthersOwnIsAlwaysNews(t *testing.T) {
	f := New(NewPacer(), Rules{}, func(origin string) string { return origin })
	found := []stream.Discovery{{URL: "http://a.test/1", Kind: stream.KindPage, Found: time.Unix(1, 0)}, {URL: "http://b.test/1", Kind: stream.KindPage}}
	if news := f.News(found); len(news) != 2 {
		t.Errorf("news: %v", news)
	}
}
