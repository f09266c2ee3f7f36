package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/embedded"
)

// lossy dials a server, and can cut the connection when the answer to a batch
// is on its way back: the server has stored it, and its client does not know.
type lossy struct {
	nats *embedded.NATS

	mu  sync.Mutex
	cut int // how many answers to cut
}

func (l *lossy) cutNext(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = n
}

func (l *lossy) left() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cut
}

// InProcessConn makes it a server for nats.InProcessServer.
func (l *lossy) InProcessConn() (net.Conn, error) {
	server, err := l.nats.InProcessConn()
	if err != nil {
		return nil, err
	}
	client, far := net.Pipe()
	go func() {
		_, _ = io.Copy(server, far)
		server.Close()
	}()
	go func() {
		defer far.Close()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if err != nil {
				return
			}
			if strings.Contains(string(buf[:n]), `"batch":`) && l.take() {
				server.Close()
				return
			}
			if _, err := far.Write(buf[:n]); err != nil {
				return
			}
		}
	}()
	return client, nil
}

func (l *lossy) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut == 0 {
		return false
	}
	l.cut--
	return true
}

func lossyLog(t *testing.T) (*Log, *lossy) {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: t.TempDir(), MaxStore: 1 << 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Shutdown)
	wire := &lossy{nats: n}
	nc, err := nats.Connect("", nats.InProcessServer(wire), nats.MaxReconnects(-1), nats.ReconnectWait(10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	log, err := Create(limit(t), nc, Config{Job: "lossy", Run: 1, MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	return log, wire
}

func limit(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func outcomes(b *Batch, c Claim, n int) {
	for i := range n {
		l := &Lines{}
		l.Outcome(&Outcome{URL: fmt.Sprint("https://a.example/", i), Fate: FateCaptured, Time: moment})
		b.Log(c, l)
	}
}

func count(t *testing.T, log *Log, class string) (n int) {
	t.Helper()
	if err := log.ReadAll(limit(t), 0, func(Entry) error { n++; return nil }, class); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestABatchOfWhichTheAnswerWasLostIsStoredOnce(t *testing.T) {
	log, wire := lossyLog(t)
	c, err := log.Claim(limit(t), 1, "a", 0, moment)
	if err != nil {
		t.Fatal(err)
	}
	for lost := range 4 {
		wire.cutNext(lost)
		b := log.NewBatch()
		outcomes(b, c, 5)
		if err := log.Commit(limit(t), b); err != nil {
			t.Fatal(err)
		}
		wire.cutNext(0)
		if got := count(t, log, ClassLog); got != 5*(lost+1) {
			t.Errorf("%d messages after %d batches of 5", got, lost+1)
		}
	}
}

func TestClaimsOfWhichTheAnswerWasLostAreMade(t *testing.T) {
	log, wire := lossyLog(t)
	wire.cutNext(1)
	claims, err := log.ClaimAll(limit(t), "a", nil, moment)
	if err != nil || len(claims) != Partitions || wire.left() != 0 {
		t.Fatalf("%d claims, %v, %d answers still to lose", len(claims), err, wire.left())
	}
	if got := count(t, log, ClassOwn); got != Partitions {
		t.Errorf("%d claims stored", got)
	}
}

// A server that was away for longer than its duplicate window does not know
// the batch again; what stands in the log does.
func TestABatchStoredBeforeTheDuplicateWindowIsStoredOnce(t *testing.T) {
	log, _ := lossyLog(t)
	ctx := limit(t)
	cfg := Config{Job: "lossy", Run: 1, MaxBytes: 64 << 20}.stream()
	cfg.Duplicates = 100 * time.Millisecond
	if _, err := log.js.UpdateStream(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	var claims []Claim
	for p := range 2 {
		c, err := log.Claim(ctx, p, "a", 0, moment)
		if err != nil {
			t.Fatal(err)
		}
		claims = append(claims, c)
	}
	forgets := func() {
		t.Helper()
		// The window is over when the server takes an id again.
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		m := nats.NewMsg(Subject(log.name, ClassIn, 9))
		m.Header.Set(nats.MsgIdHdr, fmt.Sprint("forgets", count(t, log, ClassIn)))
		for n := 0; n < 2; {
			ack, err := log.js.PublishMsg(ctx, m)
			if err != nil {
				t.Fatal(err)
			}
			if !ack.Duplicate {
				n++
			}
			<-tick.C
		}
	}

	b := log.NewBatch()
	outcomes(b, claims[0], 2)
	outcomes(b, claims[1], 2)
	b.after = log.acked.Load() + 1
	if err := log.send(ctx, b); err != nil {
		t.Fatal(err)
	}
	b.unsure = true // its answer was lost
	other := log.NewBatch()
	outcomes(other, claims[1], 1)
	if err := log.Commit(ctx, other); err != nil {
		t.Fatal(err)
	}
	forgets()
	if err := log.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if got := count(t, log, ClassLog); got != 5 {
		t.Errorf("%d messages of 5, behind another of the same owner", got)
	}

	// Nor is one that never got there taken for stored.
	b = log.NewBatch()
	outcomes(b, claims[0], 1)
	b.unsure = true
	if err := log.Commit(ctx, b); err != nil {
		t.Fatal(err)
	}
	if got := count(t, log, ClassLog); got != 6 {
		t.Errorf("%d messages of 6", got)
	}
}

func TestACommitEndsWithItsContextOrItsConnection(t *testing.T) {
	log, wire := lossyLog(t)
	c, err := log.Claim(limit(t), 1, "a", 0, moment)
	if err != nil {
		t.Fatal(err)
	}
	b := log.NewBatch()
	outcomes(b, c, 1)
	if err := wire.nats.Restart(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := log.Commit(ended, b); !errors.Is(err, context.Canceled) {
		t.Errorf("context: %v", err)
	}
	if err := log.Commit(limit(t), b); err != nil {
		t.Errorf("again: %v", err)
	}
	if got := count(t, log, ClassLog); got != 1 {
		t.Errorf("%d messages", got)
	}
	log.js.Conn().Close()
	if err := log.Commit(limit(t), b); !errors.Is(err, nats.ErrConnectionClosed) {
		t.Errorf("connection: %v", err)
	}
	if _, err := log.Read(limit(t), 0); err == nil {
		t.Error("a reader on a closed connection was made")
	}
}

func TestErrorsSayWhetherTheyPass(t *testing.T) {
	api := func(status int, code jetstream.ErrorCode) error {
		return fmt.Errorf("commit: %w", &jetstream.APIError{Code: status, ErrorCode: code})
	}
	for _, tt := range []struct {
		name                  string
		err                   error
		ambiguous, pass, full bool
	}{
		{"no error", nil, false, false, false},
		{"a time-out", fmt.Errorf("publish: %w", context.DeadlineExceeded), true, true, false},
		{"nobody answers", nats.ErrNoResponders, true, true, false},
		{"nobody answers, retried", jetstream.ErrNoStreamResponse, true, true, false},
		{"the buffer for a reconnect is full", nats.ErrReconnectBufExceeded, true, true, false},
		{"the connection is closed", nats.ErrConnectionClosed, true, false, false},
		{"a lost fence", api(400, codeWrongLastSequence), false, false, false},
		{"a fence in process", api(400, codeSequenceInProcess), false, true, false},
		{"an incomplete batch", api(400, codeIncomplete), false, true, false},
		{"too many batches at once", api(429, 10210), false, true, false},
		{"no leader", api(503, 10008), false, true, false},
		{"too large", api(400, 10199), false, false, false},
		{"a full stream", api(503, codeMaxBytes), false, true, true},
		{"a full store", api(503, codeStoreFull), false, true, true},
		{"a full account", api(400, codeAccountFull), false, false, true},
		{"no stream", jetstream.ErrStreamNotFound, false, false, false},
		{"another", errors.New("x"), false, false, false},
	} {
		if got := [3]bool{Ambiguous(tt.err), passing(tt.err), full(tt.err)}; got != [3]bool{tt.ambiguous, tt.pass, tt.full} {
			t.Errorf("%s: ambiguous, passing, full: %v", tt.name, got)
		}
		if got := errors.Is(asFull(tt.err), ErrFull); got != tt.full {
			t.Errorf("%s: ErrFull %v", tt.name, got)
		}
	}
}
