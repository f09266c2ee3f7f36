package crawler

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/capture"
	"newsreel/internal/embedded"
	"newsreel/job"
	"newsreel/stream"
)

// endingLog is the log of a run with one partition.
type endingLog struct {
	*stream.Log
	t         *testing.T
	nc        *nats.Conn
	doc       *job.Document
	partition int
	claim     stream.Claim
}

func newEndingLog(t *testing.T) *endingLog {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 256 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Shutdown)
	nc, err := n.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	log, err := stream.Create(t.Context(), nc, stream.Config{Job: "paper", Run: 1, MaxBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	_, doc := newTestCrawler(t, simpleJob)
	return &endingLog{Log: log, t: t, nc: nc, doc: doc, partition: stream.PartitionOf("paper.example")}
}

func (l *endingLog) in(url string) {
	l.t.Helper()
	lines := &stream.Lines{}
	lines.Discovery(&stream.Discovery{URL: url, Kind: stream.KindPage, How: capture.ByLink, Found: testNow})
	if err := l.Discover(l.t.Context(), l.partition, lines); err != nil {
		l.t.Fatal(err)
	}
}

// own commits what the owner adds to a batch.
func (l *endingLog) own(add func(*stream.Batch)) {
	l.t.Helper()
	batch := l.NewBatch()
	add(batch)
	if err := l.Commit(l.t.Context(), batch); err != nil {
		l.t.Fatal(err)
	}
}

func (l *endingLog) captured(url string) {
	l.t.Helper()
	lines := &stream.Lines{}
	lines.Outcome(&stream.Outcome{URL: url, Kind: stream.KindPage, Fate: stream.FateCaptured, Status: 200, Time: testNow})
	l.own(func(b *stream.Batch) { b.Log(l.claim, lines) })
}

func (l *endingLog) idle(in uint64) {
	l.t.Helper()
	lines := &stream.Lines{}
	lines.Idle(&stream.Idle{In: in})
	l.own(func(b *stream.Batch) { b.Log(l.claim, lines) })
}

// lastOf is the newest sequence of a class.
func (l *endingLog) lastOf(class string) (newest uint64) {
	l.t.Helper()
	last, err := l.LastOf(l.t.Context(), class)
	if err != nil {
		l.t.Fatal(err)
	}
	for _, seq := range last {
		newest = max(newest, seq)
	}
	return newest
}

func (l *endingLog) entries() (all []stream.Entry) {
	l.t.Helper()
	err := l.ReadAll(l.t.Context(), 0, func(e stream.Entry) error {
		all = append(all, e)
		return nil
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return all
}

// crawlerThatRead is a crawler that owns nothing and has folded some entries.
func (l *endingLog) crawlerThatRead(entries []stream.Entry) *Crawler {
	l.t.Helper()
	c, err := New(Settings{ID: "newcomer", Version: "1", NATS: l.nc}, Run{Log: l.Log, Number: 1, Document: l.doc, Started: time.Now()})
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(c.client.Close)
	for _, e := range entries {
		if err := c.fold(e); err != nil {
			l.t.Fatal(err)
		}
	}
	return c
}

// TestNobodyEndsARunOfWhichTheyHaveNotReadAll has crawlers without a partition
// look at a run whose in.P is purged: one that has read nothing knows of nothing
// that waits, one that lags knows of an idle mark that no longer holds.
func TestNobodyEndsARunOfWhichTheyHaveNotReadAll(t *testing.T) {
	t.Parallel()
	l := newEndingLog(t)
	var err error
	l.in("http://www.paper.example/0")
	if l.claim, err = l.Claim(t.Context(), l.partition, "owner", 0, testNow); err != nil {
		t.Fatal(err)
	}
	l.captured("http://www.paper.example/0")
	l.idle(l.lastOf(stream.ClassIn))
	l.in("http://www.paper.example/1")
	newestIn := l.lastOf(stream.ClassIn)
	l.own(func(b *stream.Batch) {
		b.Snapshot(l.claim, &stream.Snapshot{Key: "snapshot", Covers: newestIn, URLs: 2})
	})
	history := l.entries()
	for _, class := range []string{stream.ClassIn, stream.ClassLog} {
		if err := l.Purge(t.Context(), class, l.partition, newestIn); err != nil {
			t.Fatal(err)
		}
	}
	if got := l.lastOf(stream.ClassIn); got != 0 {
		t.Fatalf("in.P holds %d still", got)
	}
	ends, err := l.Read(t.Context(), 0, stream.ClassControl)
	if err != nil {
		t.Fatal(err)
	}
	defer ends.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	set := make(chan stream.Entry, 1)
	go func() {
		if e, err := ends.Next(t.Context()); err == nil {
			set <- e
			cancel() // who has set the end waits until it is folded
		}
	}()
	for n := range len(history) + 1 {
		err := l.crawlerThatRead(history[:n]).end(ctx)
		if l.lastOf(stream.ClassControl) != 0 {
			t.Fatalf("who had read %d of %d entries has ended a run in which a URL waits", n, len(history))
		}
		if err != nil {
			t.Fatal(err)
		}
	}

	// Whoever has read all of it ends it, once it is idle.
	l.captured("http://www.paper.example/1")
	l.idle(newestIn)
	c := l.crawlerThatRead(l.entries())
	ended := make(chan error, 1)
	go func() { ended <- c.end(t.Context()) }()
	select {
	case e := <-set:
		if err := c.fold(e); !errors.Is(err, errOver) {
			t.Errorf("folded the end: %v", err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
	case err := <-ended:
		t.Errorf("who had read everything has not ended the run: %v", err)
	}
}
