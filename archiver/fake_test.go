package archiver

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/nats-io/nats.go"

	"newsreel/internal/objstore"
	"newsreel/stream"
)

// memoryLog is a run log in memory. It outlives the archivers of a test.
type memoryLog struct {
	mu       sync.Mutex
	messages []stream.Entry // with growing sequences
	last     uint64
	more     chan struct{} // closed when something comes
	deleted  bool
	// read gets a token, if there is room, when a reader was given something.
	read chan struct{}
}

func newMemoryLog() *memoryLog {
	return &memoryLog{more: make(chan struct{}), read: make(chan struct{}, 1)}
}

// add stores a message and returns its sequence. A message of class in only
// takes a sequence.
func (l *memoryLog) add(class string, p int, h nats.Header, data []byte) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last++
	l.messages = append(l.messages, stream.Entry{Class: class, Partition: p, Sequence: l.last, Header: h, Data: data})
	close(l.more)
	l.more = make(chan struct{})
	return l.last
}

func (l *memoryLog) capture(c *stream.Capture) {
	row, _ := json.Marshal(&c.Row)
	h := nats.Header{stream.HeaderCapture: {c.Row.CaptureID}, stream.HeaderRow: {string(row)},
		stream.HeaderMembers: {strconv.Itoa(c.ResponseLen) + "," + strconv.Itoa(c.RequestLen)}}
	if c.Due {
		h[stream.HeaderDue] = []string{"1"}
	}
	if c.Staged != "" {
		h[stream.HeaderStaged] = []string{c.Staged}
	}
	l.add(stream.ClassCapture, c.Partition, h, c.Fragment)
}

func (l *memoryLog) result(r *stream.Result) {
	body, err := r.Body()
	if err != nil {
		panic(err)
	}
	l.add(stream.ClassResult, r.Partition, nats.Header{stream.HeaderCapture: {r.CaptureID}, stream.HeaderResult: {r.Kind}}, body)
}

func (l *memoryLog) control(c stream.Control) {
	data, _ := json.Marshal(c)
	l.add(stream.ClassControl, -1, nil, data)
}

func (l *memoryLog) Name() string       { return "J_job_1" }
func (l *memoryLog) Created() time.Time { return epoch }

func (l *memoryLog) State(context.Context) (stream.State, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return stream.State{LastSeq: l.last}, nil
}

// next returns the first message of the classes from a sequence on, how many
// follow it, and else a channel that is closed when more comes.
func (l *memoryLog) next(from uint64, classes []string) (e stream.Entry, ok bool, more chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deleted {
		return e, false, nil, fmt.Errorf("run log: %w", stream.ErrNotFound)
	}
	for _, m := range l.messages {
		if m.Sequence < from || !slices.Contains(classes, m.Class) {
			continue
		}
		if !ok {
			e, ok = m, true
		} else {
			e.Pending++
		}
	}
	return e, ok, l.more, nil
}

func (l *memoryLog) ReadAll(_ context.Context, from uint64, f func(stream.Entry) error, classes ...string) error {
	for {
		e, ok, _, err := l.next(from, classes)
		if err != nil || !ok {
			return err
		}
		if err := f(e); err != nil {
			return err
		}
		from = e.Sequence + 1
	}
}

func (l *memoryLog) Read(_ context.Context, from uint64, classes ...string) (entries, error) {
	return &memoryReader{l, from, classes}, nil
}

type memoryReader struct {
	l       *memoryLog
	from    uint64
	classes []string
}

func (r *memoryReader) Next(ctx context.Context) (stream.Entry, error) {
	for {
		e, ok, more, err := r.l.next(r.from, r.classes)
		if err != nil {
			return e, err
		}
		if ok {
			r.from = e.Sequence + 1
			select {
			case r.l.read <- struct{}{}:
			default:
			}
			return e, nil
		}
		select {
		case <-more:
		case <-ctx.Done():
			return e, ctx.Err()
		}
	}
}

func (r *memoryReader) Close() {}

func (l *memoryLog) Purge(_ context.Context, class string, _ int, upTo uint64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.messages = slices.DeleteFunc(l.messages, func(m stream.Entry) bool { return m.Class == class && m.Sequence <= upTo })
	return nil
}

func (l *memoryLog) Delete(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deleted = true
	return nil
}

// memoryStore is a Store in memory.
type memoryStore struct {
	mu      sync.Mutex
	objects map[string][]byte
}

func newMemoryStore() *memoryStore { return &memoryStore{objects: map[string][]byte{}} }

func (s *memoryStore) get(key string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.objects[key]
	if !ok {
		return nil, fmt.Errorf("get %s: %w", key, objstore.ErrNotFound)
	}
	return b, nil
}

func (s *memoryStore) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	b, err := s.get(key)
	return io.NopCloser(bytes.NewReader(b)), int64(len(b)), err
}

func (s *memoryStore) GetBytes(_ context.Context, key string, _ int64) ([]byte, error) {
	return s.get(key)
}

func (s *memoryStore) GetRange(_ context.Context, key string, off, n int64) (io.ReadCloser, error) {
	b, err := s.get(key)
	if err != nil {
		return nil, err
	}
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(b), off, n)), nil
}

func (s *memoryStore) Stat(_ context.Context, key string) (objstore.Object, error) {
	b, err := s.get(key)
	return objstore.Object{Key: key, Size: int64(len(b))}, err
}

func (s *memoryStore) List(_ context.Context, prefix, after string) iter.Seq2[objstore.Object, error] {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []objstore.Object
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		if strings.HasPrefix(key, prefix) && key > after {
			found = append(found, objstore.Object{Key: key, Size: int64(len(s.objects[key]))})
		}
	}
	return func(yield func(objstore.Object, error) bool) {
		for _, o := range found {
			if !yield(o, nil) {
				return
			}
		}
	}
}

func (s *memoryStore) PutIfAbsent(_ context.Context, key string, body []byte, _ string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.objects[key]; ok {
		return fmt.Errorf("put %s: %w", key, objstore.ErrExists)
	}
	s.objects[key] = slices.Clone(body)
	return nil
}

func (s *memoryStore) Put(_ context.Context, key string, r io.Reader, size int64, opts objstore.PutOptions) error {
	b, err := io.ReadAll(r)
	if err != nil || int64(len(b)) != size {
		return fmt.Errorf("put %s: %d bytes of %d, %v", key, len(b), size, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, there := s.objects[key]; there && opts.IfAbsent {
		return fmt.Errorf("put %s: %w", key, objstore.ErrExists)
	}
	s.objects[key] = b
	return nil
}

func (s *memoryStore) Delete(_ context.Context, keys ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, key := range keys {
		delete(s.objects, key)
	}
	return nil
}

// trouble decides what happens to each step that one process takes outside of
// itself: it may fail for a while, with or without effect, or be the last that
// the process takes.
type trouble struct {
	mu     sync.Mutex
	rng    *rand.Rand
	left   int // steps until the crash
	kill   context.CancelFunc
	killed bool
}

// putOptions are the zero ones.
var putOptions objstore.PutOptions

var (
	errAway   = errors.New("server is away")
	errKilled = errors.New("killed")
)

// step takes a step that changes something or reads.
func (tr *trouble) step(do func() error) error {
	tr.mu.Lock()
	tr.left--
	crash, lucky, away := tr.left == 0, tr.rng.IntN(2) == 0, tr.rng.IntN(12) == 0
	dead, full := tr.killed, tr.rng.IntN(3) == 0
	if crash {
		tr.killed = true
	}
	tr.mu.Unlock()
	if dead {
		return &faultError{errKilled}
	}
	var err error
	if !crash && !away || lucky {
		err = do()
	}
	switch {
	case crash:
		tr.kill()
		return &faultError{errKilled}
	case away && full:
		return fmt.Errorf("put: %w", objstore.ErrNoSpace)
	case away:
		return errAway
	}
	return err
}

// troubled is a store seen by a process in trouble.
type troubled struct {
	*memoryStore
	*trouble
}

func (s troubled) GetBytes(ctx context.Context, key string, n int64) (b []byte, err error) {
	err = s.step(func() error { b, err = s.memoryStore.GetBytes(ctx, key, n); return err })
	return b, err
}

func (s troubled) GetRange(ctx context.Context, key string, off, n int64) (r io.ReadCloser, err error) {
	err = s.step(func() error { r, err = s.memoryStore.GetRange(ctx, key, off, n); return err })
	return r, err
}

func (s troubled) Stat(ctx context.Context, key string) (o objstore.Object, err error) {
	err = s.step(func() error { o, err = s.memoryStore.Stat(ctx, key); return err })
	return o, err
}

func (s troubled) PutIfAbsent(ctx context.Context, key string, body []byte, typ string) error {
	return s.step(func() error { return s.memoryStore.PutIfAbsent(ctx, key, body, typ) })
}

func (s troubled) Put(ctx context.Context, key string, r io.Reader, size int64, o objstore.PutOptions) error {
	return s.step(func() error { return s.memoryStore.Put(ctx, key, r, size, o) })
}

func (s troubled) Delete(ctx context.Context, keys ...string) error {
	return s.step(func() error { return s.memoryStore.Delete(ctx, keys...) })
}

// troubledLog is a run log seen by a process in trouble.
type troubledLog struct {
	*memoryLog
	*trouble
}

func (l troubledLog) Purge(ctx context.Context, class string, p int, upTo uint64) error {
	return l.step(func() error { return l.memoryLog.Purge(ctx, class, p, upTo) })
}

func (l troubledLog) Delete(ctx context.Context) error {
	return l.step(func() error { return l.memoryLog.Delete(ctx) })
}

func (l troubledLog) Read(ctx context.Context, from uint64, classes ...string) (r entries, err error) {
	err = l.step(func() error { r, err = l.memoryLog.Read(ctx, from, classes...); return err })
	return r, err
}

func TestFaultsAreWaitedOutAndRefusalsAreNot(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"full store":         {objstore.ErrNoSpace, false},
		"server away":        {errAway, false},
		"upload unconfirmed": {objstore.ErrUnconfirmed, false},
		"access denied":      {minio.ErrorResponse{StatusCode: http.StatusForbidden, Code: "AccessDenied"}, true},
		"lost to another":    {&lostError{}, true},
		"fault of ours":      {fault("bad"), true},
	} {
		if got := permanent(fmt.Errorf("put: %w", c.err)); got != c.want {
			t.Errorf("%s: permanent is %v", name, got)
		}
	}
}
