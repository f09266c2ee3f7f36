package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// ErrNotFound says that a run log, a message or a lease does not exist.
var ErrNotFound = errors.New("not found")

// Config is what a run log is created with.
type Config struct {
	Job string
	Run int
	// MaxBytes is reserved in the server's store when the stream is created.
	MaxBytes int64
	// Replicas is 1 for a single server, 3 for a cluster; 0 means 1.
	Replicas int
	// FirstSeq is the sequence of the first message, 0 means 1: a stream that
	// is made again for a run must not reuse sequences that manifests name.
	FirstSeq uint64
}

// Log is one run's log. It is safe for concurrent use.
type Log struct {
	js       jetstream.JetStream
	stream   jetstream.Stream
	name     string
	created  time.Time
	maxBytes int64
	// acked is the newest sequence that a batch of this process got.
	acked  atomic.Uint64
	uptake uptake
	room   room
}

// Create makes the run's stream, or opens it if it exists, whatever its
// settings. ErrFull: the server's store has no room for MaxBytes. Limits retention, refusing new messages when full: never interest
// retention, which drops what is published before a consumer exists, and never
// a work queue, which refuses a second reader.
func Create(ctx context.Context, nc *nats.Conn, c Config) (*Log, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("create run log: %w", err)
	}
	name := StreamName(c.Job, c.Run)
	s, err := createStream(ctx, js, c.stream())
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
		return Open(ctx, nc, c.Job, c.Run)
	}
	if err != nil {
		return nil, fmt.Errorf("create run log %s: %w", name, asFull(err))
	}
	return newLog(js, s), nil
}

func (c Config) stream() jetstream.StreamConfig {
	name := StreamName(c.Job, c.Run)
	return jetstream.StreamConfig{
		Name:               name,
		Description:        fmt.Sprintf("newsreel run log of job %s, run %d", c.Job, c.Run),
		Subjects:           []string{name + ".>"},
		Retention:          jetstream.LimitsPolicy,
		Discard:            jetstream.DiscardNew,
		Storage:            jetstream.FileStorage,
		MaxBytes:           c.MaxBytes,
		Replicas:           max(c.Replicas, 1),
		FirstSeq:           c.FirstSeq,
		AllowAtomicPublish: true,
		AllowDirect:        true,
	}
}

// storeTries is how often the making of a stream is tried while the server
// still removes the files of one of the same name, in the background.
const storeTries = 20

func createStream(ctx context.Context, js jetstream.JetStream, cfg jetstream.StreamConfig) (jetstream.Stream, error) {
	for try := 1; ; try++ {
		s, err := js.CreateStream(ctx, cfg)
		if code(err) != codeStoreCreate || try == storeTries {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Open opens an existing run log, or returns ErrNotFound.
func Open(ctx context.Context, nc *nats.Conn, job string, run int) (*Log, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open run log: %w", err)
	}
	name := StreamName(job, run)
	s, err := js.Stream(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("open run log %s: %w", name, asGone(err))
	}
	if err := knownFormat(s.CachedInfo().Config.Metadata); err != nil {
		return nil, fmt.Errorf("open run log %s: %w", name, err)
	}
	return newLog(js, s), nil
}

// Format is the number of the form of a run log's messages. It stands in no
// stream of its own form, and in the metadata of those of later ones under
// formatKey.
const (
	Format    = 1
	formatKey = "newsreel-format"
)

// ErrNewer says that a later version of newsreel wrote what this version does
// not know.
var ErrNewer = errors.New("written by a newer version of newsreel: use that version or a later one")

func knownFormat(metadata map[string]string) error {
	text, ok := metadata[formatKey]
	if !ok {
		return nil
	}
	if n, err := strconv.Atoi(text); err == nil && n <= Format {
		return nil
	}
	return fmt.Errorf("%w (it has format %.20s, and this one knows up to %d)", ErrNewer, text, Format)
}

func newLog(js jetstream.JetStream, s jetstream.Stream) *Log {
	info := s.CachedInfo()
	return &Log{js: js, stream: s, name: info.Config.Name, created: info.Created.UTC(), maxBytes: info.Config.MaxBytes}
}

// Name is the stream's name, J_<job>_<run>.
func (l *Log) Name() string { return l.name }

// same returns ErrNotFound if the stream is gone or was made again.
func (l *Log) same(ctx context.Context) error {
	s, err := l.js.Stream(ctx, l.name)
	if err != nil {
		return asGone(err)
	}
	if created := s.CachedInfo().Created.UTC(); !created.Equal(l.created) {
		return fmt.Errorf("%w: the stream of %s was made again at %s", ErrNotFound, l.created, created)
	}
	return nil
}

// Created tells one incarnation of a stream from another of the same name.
func (l *Log) Created() time.Time { return l.created }

// MaxBytes is the most bytes that the stream takes.
func (l *Log) MaxBytes() int64 { return l.maxBytes }

// State is what the server says of the stream now.
type State struct {
	Bytes             uint64
	Messages          uint64
	FirstSeq, LastSeq uint64
}

// State asks the server how full the stream is.
func (l *Log) State(ctx context.Context) (State, error) {
	info, err := l.stream.Info(ctx)
	if err != nil {
		return State{}, fmt.Errorf("run log %s: state: %w", l.name, asGone(err))
	}
	s := info.State
	return State{Bytes: s.Bytes, Messages: s.Msgs, FirstSeq: s.FirstSeq, LastSeq: s.LastSeq}, nil
}

// LastOf returns the sequence of the last message of each subject of a class
// that has one, by partition (ctl is partition -1).
func (l *Log) LastOf(ctx context.Context, class string) (map[int]uint64, error) {
	last := map[int]uint64{}
	info, err := l.stream.Info(ctx, jetstream.WithSubjectFilter(ClassFilter(l.name, class)))
	if err != nil {
		return nil, fmt.Errorf("run log %s: subjects of %s: %w", l.name, class, asGone(err))
	}
	for subject := range info.State.Subjects {
		_, p, err := SplitSubject(subject)
		if err != nil {
			return nil, err
		}
		m, err := l.last(ctx, subject)
		if errors.Is(err, ErrNotFound) {
			continue // purged meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("run log %s: last of %s: %w", l.name, subject, asGone(err))
		}
		last[p] = m.Sequence
	}
	return last, nil
}

// Control stores a control message; it is durable when Control returns.
func (l *Log) Control(ctx context.Context, c Control) (uint64, error) {
	return l.control(ctx, c)
}

// End stores the end of the run, if no other control message came after the
// sequence last (0 for none). A lost race is ErrLost: fold it and look again.
func (l *Log) End(ctx context.Context, last uint64, at time.Time) (uint64, error) {
	seq, err := l.control(ctx, Control{Type: ControlEnd, Time: at},
		jetstream.WithExpectLastSequenceForSubject(last, ControlSubject(l.name)))
	if code(err) == codeWrongLastSequence {
		return 0, fmt.Errorf("run log %s: end: %w", l.name, ErrLost)
	}
	return seq, err
}

func (l *Log) control(ctx context.Context, c Control, opts ...jetstream.PublishOpt) (uint64, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return 0, fmt.Errorf("run log %s: control: %w", l.name, asGone(err))
	}
	ends := l.uptake.sends()
	ack, err := l.js.Publish(ctx, ControlSubject(l.name), data, opts...)
	ends(err)
	if err != nil {
		return 0, fmt.Errorf("run log %s: control %s: %w", l.name, c.Type, asGone(err))
	}
	return ack.Sequence, nil
}

// Result stores an extraction result. A second one for the same capture is
// dropped by the server within its duplicate window, and by readers after it:
// the first counts.
func (l *Log) Result(ctx context.Context, r *Result) error {
	m, err := r.message(l.name)
	if err != nil {
		return err
	}
	ends := l.uptake.sends()
	_, err = l.js.PublishMsg(ctx, m)
	ends(err)
	if err != nil {
		return fmt.Errorf("run log %s: result of capture %s: %w", l.name, r.CaptureID, asFull(err))
	}
	return nil
}

// Discover stores discoveries for the owners of their partitions, for whoever
// is not an owner: the seeds of a run. Idempotent, since the fold is.
func (l *Log) Discover(ctx context.Context, partition int, lines *Lines) error {
	m := nats.NewMsg(Subject(l.name, ClassIn, partition))
	m.Data = lines.Bytes()
	ends := l.uptake.sends()
	_, err := l.js.PublishMsg(ctx, m)
	ends(err)
	if err != nil {
		return fmt.Errorf("run log %s: discover: %w", l.name, asFull(err))
	}
	return nil
}

// Purge removes the messages of a class and partition (-1: of all) up to and
// including a sequence. Purging twice is purging once.
func (l *Log) Purge(ctx context.Context, class string, partition int, upTo uint64) error {
	subject := ClassFilter(l.name, class)
	if partition >= 0 {
		subject = Subject(l.name, class, partition)
	}
	err := l.stream.Purge(ctx, jetstream.WithPurgeSubject(subject), jetstream.WithPurgeSequence(upTo+1))
	if err != nil {
		return fmt.Errorf("run log %s: purge %s up to %d: %w", l.name, subject, upTo, asGone(err))
	}
	return nil
}

// Delete removes the stream. A stream that is gone already is no error.
func (l *Log) Delete(ctx context.Context) error {
	err := l.js.DeleteStream(ctx, l.name)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return fmt.Errorf("delete run log %s: %w", l.name, err)
	}
	return nil
}

// StagingPrefix is what the keys of a run's staged objects begin with.
func StagingPrefix(streamName string) string { return "staging/" + streamName + "/" }

// StagedKey names a staged object after the capture (or partition mark) that
// it belongs to and the attempt that made it.
func StagedKey(streamName, id, attempt string) string {
	return StagingPrefix(streamName) + id + "-" + attempt
}
