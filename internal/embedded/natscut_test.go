package embedded_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	mrand "math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"newsreel/internal/embedded"
)

const natsStore = 256 << 20

func TestNATSSurvivesPowerCuts(t *testing.T) {
	acknowledged := 0
	cuts(t, func(t *testing.T, i int) {
		d := newDisk(t)
		acks := runUntil(t, "nats-write", d.path(), 200+mrand.IntN(1500))
		acknowledged += len(acks)
		checkMessages(t, d.cut(t), acks)
	})
	t.Logf("%d messages acknowledged", acknowledged)
}

// checkMessages opens the store, compares each acknowledged message with the
// hash that was acknowledged for its sequence, and publishes another.
func checkMessages(t *testing.T, dir string, acks []string) {
	t.Helper()
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: filepath.Join(dir, "nats"), MaxStore: natsStore})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Shutdown()
	nc, err := n.Conn()
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	stream, err := js.Stream(ctx, "CUT")
	if err != nil {
		t.Fatalf("the stream is gone: %v", err)
	}
	for _, ack := range acks {
		var seq uint64
		var want string
		if _, err := fmt.Sscan(ack, &seq, &want); err != nil {
			t.Fatalf("%q: %v", ack, err)
		}
		msg, err := stream.GetMsg(ctx, seq)
		if err != nil {
			t.Errorf("acknowledged and lost: message %d: %v", seq, err)
			continue
		}
		sum := sha256.Sum256(msg.Data)
		if hex.EncodeToString(sum[:]) != want {
			t.Errorf("message %d is not what was acknowledged", seq)
		}
	}
	if _, err := js.Publish(ctx, "cut.after", []byte("new")); err != nil {
		t.Errorf("publish after the cut: %v", err)
	}
	if err := n.Healthy(); err != nil {
		t.Error(err)
	}
}

// writeMessages publishes until it is killed, single messages and atomic
// batches, and writes sequence and hash of each one acknowledged.
func writeMessages(dir string) error {
	n, err := embedded.StartNATS(embedded.NATSConfig{StoreDir: filepath.Join(dir, "nats"), MaxStore: natsStore})
	if err != nil {
		return err
	}
	defer n.Shutdown()
	nc, err := n.Conn()
	if err != nil {
		return err
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		return err
	}
	_, err = js.CreateStream(context.Background(), jetstream.StreamConfig{
		Name: "CUT", Subjects: []string{"cut.>"}, AllowAtomicPublish: true,
		Discard: jetstream.DiscardNew, MaxBytes: natsStore / 2,
	})
	if err != nil {
		return err
	}
	out := &ackWriter{}
	errs := make(chan error, 3)
	for w := range 2 {
		go func() { errs <- publishSingly(js, out, w) }()
	}
	go func() { errs <- publishBatches(js, out) }()
	return <-errs
}

type ackWriter struct{ mu sync.Mutex }

func (w *ackWriter) ack(first uint64, bodies ...[]byte) error {
	var b strings.Builder
	for i, body := range bodies {
		fmt.Fprintf(&b, "%d %x\n", first+uint64(i), sha256.Sum256(body))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, err := fmt.Print(b.String())
	return err
}

func message() []byte {
	body := make([]byte, 200+mrand.IntN(15_000))
	rand.Read(body)
	return body
}

func publishSingly(js jetstream.JetStream, out *ackWriter, w int) error {
	for {
		body := message()
		ack, err := js.Publish(context.Background(), fmt.Sprintf("cut.one.%d", w), body)
		if err != nil {
			return err
		}
		if err := out.ack(ack.Sequence, body); err != nil {
			return err
		}
	}
}

func publishBatches(js jetstream.JetStream, out *ackWriter) error {
	const size = 10
	for {
		bodies := make([][]byte, size)
		msgs := make([]*nats.Msg, size)
		for i := range bodies {
			bodies[i] = message()
			msgs[i] = &nats.Msg{Subject: "cut.batch", Header: nats.Header{}, Data: bodies[i]}
		}
		ack, err := jetstreamext.PublishMsgBatch(context.Background(), js, msgs)
		if err != nil {
			return err
		}
		if err := out.ack(ack.Sequence-size+1, bodies...); err != nil {
			return err
		}
	}
}
