// Package streamtest is what any NATS server must pass to carry run logs: the
// embedded one, a process of its own, a cluster of three.
package streamtest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"

	"newsreel/capture"
	"newsreel/stream"
)

// Settings say what kind of server it is.
type Settings struct {
	// Replicas of each stream; 0 means 1.
	Replicas int
	// Restart ends the server, without a word to its clients, and starts it
	// again over the same store and under the same address. It returns when
	// the server answers. Nil where the server is not ours to kill.
	Restart func(t *testing.T)
	// Memory says that streams in memory survive Restart.
	Memory bool
}

// patience bounds every wait of the suite.
const patience = 60 * time.Second

// Run runs the suite. Each call of connect returns a new connection to the
// same server or cluster, which ends with the test. Streams of other names
// than the suite's own (jobs "streamtest-…") are left alone, but for the
// stream of leases, in which it holds leases of its own.
func Run(t *testing.T, connect func(t *testing.T) *nats.Conn, s Settings) {
	on := &suite{connect: connect, s: s}
	t.Run("with a server that stays", func(t *testing.T) {
		for _, part := range []struct {
			name string
			test func(*testing.T, *suite)
		}{
			{"logs", testLogs}, {"claims", testClaims}, {"batches", testBatches}, {"readers", testReaders},
			{"captures", testCaptures}, {"results and control", testControl}, {"leases", testLeases},
			{"members", testMembers},
		} {
			t.Run(part.name, func(t *testing.T) {
				t.Parallel()
				part.test(t, on)
			})
		}
	})
	if s.Restart != nil {
		t.Run("over the server's end", func(t *testing.T) { testRestart(t, on) })
		t.Run("members over the server's end", func(t *testing.T) { testMembersRestart(t, on) })
	}
}

type suite struct {
	connect func(t *testing.T) *nats.Conn
	s       Settings
}

func context60(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// create makes a run log that goes with the test.
func (s *suite) create(t *testing.T, nc *nats.Conn, c stream.Config) (*stream.Log, stream.Config) {
	t.Helper()
	c.Job, c.Run, c.Replicas = "streamtest-"+strings.ToLower(nuid.Next()), 1, s.s.Replicas
	if c.MaxBytes == 0 {
		c.MaxBytes = 32 << 20
	}
	log, err := stream.Create(context60(t), nc, c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := log.Delete(ctx); err != nil {
			t.Errorf("clean up: %v", err)
		}
	})
	return log, c
}

func (s *suite) log(t *testing.T) *stream.Log {
	t.Helper()
	log, _ := s.create(t, s.connect(t), stream.Config{})
	return log
}

var moment = time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)

func claim(t *testing.T, log *stream.Log, partition int, crawler string) stream.Claim {
	t.Helper()
	ctx := context60(t)
	previous := uint64(0)
	if o, err := log.Owner(ctx, partition); err == nil {
		previous = o.Sequence
	}
	c, err := log.Claim(ctx, partition, crawler, previous, moment)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// newCapture makes a capture with a fragment of its id and size.
func newCapture(id string, size int) *stream.Capture {
	fragment := []byte(strings.Repeat(id, size/len(id)+1))[:size]
	return &stream.Capture{Row: capture.Row{URL: "https://a.example/" + id, CaptureID: id, FetchStatus: 200},
		Due: true, ResponseLen: size - size/4, RequestLen: size / 4, Fragment: fragment}
}

func discoveries(urls ...string) *stream.Lines {
	l := &stream.Lines{}
	for _, url := range urls {
		l.Discovery(&stream.Discovery{URL: url, Kind: stream.KindPage, How: capture.ByLink, Path: "L",
			Via: "https://a.example/", Found: moment})
	}
	return l
}

func outcome(url string) *stream.Lines {
	l := &stream.Lines{}
	l.Outcome(&stream.Outcome{URL: url, Fate: stream.FateCaptured, Status: 200, Time: moment})
	return l
}

// page adds a page to a batch, as a crawler does: capture, links, outcome.
func page(t *testing.T, b *stream.Batch, c stream.Claim, id string) {
	t.Helper()
	if err := b.Capture(c, newCapture(id, 1000)); err != nil {
		t.Fatal(err)
	}
	b.Discover((c.Partition+1)%stream.Partitions, discoveries("https://b.example/"+id))
	b.Log(c, outcome("https://a.example/"+id))
}

func commit(t *testing.T, log *stream.Log, b *stream.Batch) {
	t.Helper()
	if err := log.Commit(context60(t), b); err != nil {
		t.Fatal(err)
	}
}

// stored returns what a log holds of some classes, each entry as
// "class.partition:what".
func stored(t *testing.T, log *stream.Log, classes ...string) []string {
	t.Helper()
	var all []string
	err := log.ReadAll(context60(t), 0, func(e stream.Entry) error {
		all = append(all, describe(t, e))
		return nil
	}, classes...)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func describe(t *testing.T, e stream.Entry) string {
	t.Helper()
	what := ""
	switch e.Class {
	case stream.ClassCapture:
		c, err := stream.ParseCapture(e)
		if err != nil {
			t.Fatal(err)
		}
		what = c.Row.CaptureID
	case stream.ClassResult:
		r, err := stream.ParseResult(e)
		if err != nil {
			t.Fatal(err)
		}
		what = r.CaptureID + " " + r.Kind
	case stream.ClassControl:
		c, err := stream.ParseControl(e)
		if err != nil {
			t.Fatal(err)
		}
		return "ctl:" + c.Type
	case stream.ClassOwn:
		o, err := stream.ParseOwnership(e)
		if err != nil {
			t.Fatal(err)
		}
		what = o.Crawler
	default:
		err := stream.ParseLines(e.Data, stream.Visitor{
			Discovery: func(d *stream.Discovery) { what += d.URL },
			Outcome:   func(o *stream.Outcome) { what += o.URL },
		})
		if err != nil {
			t.Fatal(err)
		}
		what = what[strings.LastIndexByte(what, '/')+1:]
	}
	return fmt.Sprintf("%s.%d:%s", e.Class, e.Partition, what)
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %q\nwant %q", what, got, want)
	}
}

// until waits for a condition.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	end := time.NewTimer(patience)
	defer end.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-end.C:
			t.Fatalf("%s: not after %s", what, patience)
		}
	}
}
