package streamtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/stream"
)

func testReaders(t *testing.T, s *suite) {
	t.Run("entries come in order, from a sequence, of some classes", func(t *testing.T) { ordered(t, s) })
	t.Run("entries of an owner that lost are dropped", func(t *testing.T) { stale(t, s) })
	t.Run("a closed reader leaves nothing behind", func(t *testing.T) { closed(t, s) })
	t.Run("a whole read ends", func(t *testing.T) { wholeReads(t, s) })
	t.Run("a reader learns that the log is gone", func(t *testing.T) { deletedLog(t, s) })
	t.Run("the newest snapshots are found", func(t *testing.T) { snapshots(t, s) })
}

func read(t *testing.T, log *stream.Log, from uint64, classes ...string) *stream.Reader {
	t.Helper()
	r, err := log.Read(context60(t), from, classes...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func next(t *testing.T, r *stream.Reader) stream.Entry {
	t.Helper()
	e, err := r.Next(context60(t))
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func ordered(t *testing.T, s *suite) {
	log := s.log(t)
	c := claim(t, log, 1, "a")
	var want []string
	for i := range 30 {
		b := log.NewBatch()
		for j := range 30 {
			id := fmt.Sprintf("%d-%d", i, j)
			b.Log(c, outcome("https://a.example/"+id))
			want = append(want, "log.1:"+id)
		}
		commit(t, log, b)
	}
	all := read(t, log, 0, stream.ClassLog)
	for i, w := range want {
		e := next(t, all)
		if got := describe(t, e); got != w || e.Pending != uint64(len(want)-1-i) || e.Sequence != uint64(i+2) ||
			e.Epoch != c.Sequence || e.Time.IsZero() {
			t.Fatalf("entry %d: %s with %d pending at %d, epoch %d; want %s", i, got, e.Pending, e.Sequence, e.Epoch, w)
		}
	}
	// It waits for what comes.
	got := make(chan error, 1)
	go func() {
		e, err := all.Next(context60(t))
		if err == nil && describe(t, e) != "log.1:late" {
			err = errors.New("not the late one")
		}
		got <- err
	}()
	b := log.NewBatch()
	b.Discover(5, discoveries("https://a.example/other"))
	b.Log(c, outcome("https://a.example/late"))
	commit(t, log, b)
	if err := <-got; err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := all.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing more: %v", err)
	}

	from := read(t, log, 895, stream.ClassIn, stream.ClassLog, stream.ClassOwn)
	for _, w := range append(want[893:], "in.5:other", "log.1:late") {
		if got := describe(t, next(t, from)); got != w {
			t.Errorf("from 895: %s, want %s", got, w)
		}
	}
	if e := next(t, read(t, log, 1)); e.Class != stream.ClassOwn || e.Epoch != 1 {
		t.Errorf("all classes begin with %s, epoch %d", e.Class, e.Epoch)
	}
}

// forge stores a log entry without a fence, as a zombie would on a server that
// did not know of fences.
func forge(t *testing.T, nc *nats.Conn, log *stream.Log, partition int, epoch uint64, id string) {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	m := nats.NewMsg(stream.Subject(log.Name(), stream.ClassLog, partition))
	m.Header.Set(stream.HeaderEpoch, fmt.Sprint(epoch))
	m.Data = outcome("https://a.example/" + id).Bytes()
	if _, err := js.PublishMsg(context60(t), m); err != nil {
		t.Fatal(err)
	}
}

func stale(t *testing.T, s *suite) {
	nc := s.connect(t)
	log, _ := s.create(t, nc, stream.Config{})
	old := claim(t, log, 1, "a")
	forge(t, nc, log, 1, old.Sequence, "first")
	taken := claim(t, log, 1, "b")
	forge(t, nc, log, 1, old.Sequence, "zombie")
	forge(t, nc, log, 1, taken.Sequence, "second")
	forge(t, nc, log, 2, 0, "other")
	forge(t, nc, log, 1, old.Sequence, "zombie")
	r := read(t, log, 0, stream.ClassOwn, stream.ClassLog)
	for _, w := range []string{"own.1:a", "log.1:first", "own.1:b", "log.1:second", "log.2:other"} {
		if got := describe(t, next(t, r)); got != w {
			t.Errorf("got %s, want %s", got, w)
		}
	}
	if r.Stale() != 1 {
		t.Errorf("%d stale", r.Stale())
	}
	// A whole read ends, though its last entry is one that is dropped.
	same(t, "whole", stored(t, log, stream.ClassOwn, stream.ClassLog),
		[]string{"own.1:a", "log.1:first", "own.1:b", "log.1:second", "log.2:other"})
}

func consumers(t *testing.T, nc *nats.Conn, log *stream.Log) int {
	t.Helper()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	st, err := js.Stream(context60(t), log.Name())
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	names := st.ConsumerNames(context60(t))
	for range names.Name() {
		n++
	}
	if err := names.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func closed(t *testing.T, s *suite) {
	nc := s.connect(t)
	log, _ := s.create(t, nc, stream.Config{})
	claim(t, log, 1, "a")
	r := read(t, log, 0)
	next(t, r)
	if n := consumers(t, nc, log); n != 1 {
		t.Errorf("%d consumers of one reader", n)
	}
	done := make(chan error, 1)
	go func() {
		_, err := r.Next(context.Background())
		done <- err
	}()
	r.Close()
	r.Close()
	if err := <-done; err == nil {
		t.Error("Next of a closed reader returned an entry")
	}
	if _, err := r.Next(context60(t)); err == nil {
		t.Error("Next after Close returned an entry")
	}
	stored(t, log)
	until(t, "no consumers", func() bool { return consumers(t, nc, log) == 0 })
}

func wholeReads(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	for _, classes := range [][]string{nil, {stream.ClassLog}, {stream.ClassControl, stream.ClassIn}} {
		if got := stored(t, log, classes...); len(got) != 0 {
			t.Errorf("an empty log: %q", got)
		}
	}
	c := claim(t, log, 1, "a")
	b := log.NewBatch()
	page(t, b, c, "x")
	commit(t, log, b)
	same(t, "everything", stored(t, log), []string{"own.1:a", "cap.1:x", "in.2:x", "log.1:x"})
	same(t, "a class without messages", stored(t, log, stream.ClassResult), nil)
	for from, want := range map[uint64]int{0: 2, 2: 2, 3: 1, 4: 1, 5: 0, 100: 0} {
		n := 0
		err := log.ReadAll(ctx, from, func(stream.Entry) error { n++; return nil }, stream.ClassCapture, stream.ClassLog)
		if err != nil || n != want {
			t.Errorf("from %d: %d entries, %v, want %d", from, n, err, want)
		}
	}
	stop := errors.New("stop")
	if err := log.ReadAll(ctx, 0, func(stream.Entry) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("an error of the function: %v", err)
	}
	// What is purged under it is not waited for.
	b = log.NewBatch()
	for i := range 900 {
		b.Log(c, outcome(fmt.Sprintf("https://a.example/%d", i)))
	}
	commit(t, log, b)
	var seen []uint64
	err := log.ReadAll(ctx, 0, func(e stream.Entry) error {
		if seen = append(seen, e.Sequence); len(seen) == 1 {
			return log.Purge(ctx, stream.ClassLog, -1, 904)
		}
		return nil
	}, stream.ClassLog)
	if err != nil || !slices.IsSorted(seen) {
		t.Errorf("%d entries, %v", len(seen), err)
	}
}

func deletedLog(t *testing.T, s *suite) {
	ctx := context60(t)
	nc := s.connect(t)
	log, cfg := s.create(t, nc, stream.Config{})
	claim(t, log, 1, "a")
	r := read(t, log, 0)
	next(t, r)
	done := make(chan error, 1)
	go func() {
		_, err := r.Next(ctx)
		done <- err
	}()
	if err := log.Delete(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("Next: %v", err)
	}
	if err := log.ReadAll(ctx, 0, nil); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("ReadAll: %v", err)
	}
	if _, err := log.Read(ctx, 0); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("Read: %v", err)
	}
	if err := log.Purge(ctx, stream.ClassLog, 1, 100); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("Purge: %v", err)
	}
	// Nor does it go on in another of the same name.
	again, err := stream.Create(ctx, nc, cfg)
	if err != nil {
		t.Fatal(err)
	}
	claim(t, again, 1, "b")
	if _, err := r.Next(ctx); !errors.Is(err, stream.ErrNotFound) {
		t.Errorf("Next, in another incarnation: %v", err)
	}
}

func snapshots(t *testing.T, s *suite) {
	ctx := context60(t)
	log := s.log(t)
	if got, err := log.Snapshots(ctx); err != nil || len(got) != 0 {
		t.Errorf("of an empty log: %v, %v", got, err)
	}
	for _, p := range []int{1, 2} {
		c := claim(t, log, p, "a")
		for i := range 3 {
			b := log.NewBatch()
			b.Log(c, outcome("https://a.example/"))
			b.Snapshot(c, &stream.Snapshot{Key: fmt.Sprintf("%d-%d", p, i), Covers: uint64(i + 1), URLs: i})
			b.Log(c, outcome("https://a.example/"))
			commit(t, log, b)
		}
	}
	got, err := log.Snapshots(ctx)
	if err != nil || len(got) != 2 || got[1] != (stream.Snapshot{Key: "1-2", Covers: 3, URLs: 2}) || got[2].Key != "2-2" {
		t.Errorf("got %+v, %v", got, err)
	}
}
