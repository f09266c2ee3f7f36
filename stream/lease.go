package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/nats-io/nuid"
)

// Times of a lease. The holder counts from the moment it sent the renewal, and
// a second less than the server does, so that it stops before others start.
const (
	LeaseTTL   = 10 * time.Second
	LeaseRenew = 3 * time.Second
	leaseSlack = time.Second
)

// Roles of which the processes hold leases.
const (
	RoleCrawler   = "crawler"
	RoleExtractor = "extractor"
	RoleArchiver  = "archiver"
)

const leaseStream = "LEASES"

// Leases is the small memory stream of the leases of processes, subject
// LEASES.<role>.<id>: a message with a TTL, renewed by publish with expected
// last sequence and TTL (a key-value update would drop the TTL in silence).
type Leases struct {
	js     jetstream.JetStream
	stream jetstream.Stream
	opened time.Time
}

// OpenLeases opens the stream, and makes it where it is missing. One with fewer
// replicas than are asked for gets more; none gets fewer.
func OpenLeases(ctx context.Context, nc *nats.Conn, replicas int) (*Leases, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open leases: %w", err)
	}
	s, err := js.Stream(ctx, leaseStream)
	if err == nil {
		replicas = max(replicas, s.CachedInfo().Config.Replicas)
	}
	if want := leasesConfig(replicas); err != nil || !leasesLike(s.CachedInfo().Config, want) {
		s, err = js.CreateOrUpdateStream(ctx, want)
	}
	if err != nil {
		return nil, fmt.Errorf("open leases: %w", err)
	}
	return &Leases{js: js, stream: s, opened: time.Now()}, nil
}

func leasesLike(is, want jetstream.StreamConfig) bool {
	return slices.Equal(is.Subjects, want.Subjects) && is.Replicas == want.Replicas
}

func leasesConfig(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: leaseStream, Subjects: []string{leaseStream + ".*.*"},
		Description: "newsreel: which processes live", Storage: jetstream.MemoryStorage,
		MaxMsgsPerSubject: 1, Replicas: max(replicas, 1), AllowMsgTTL: true,
		SubjectDeleteMarkerTTL: LeaseTTL, AllowDirect: true,
	}
}

// Born is when the stream was made. After it was lost and made again nobody
// claims for one TTL: who lived before may not know yet.
func (l *Leases) Born() time.Time { return l.stream.CachedInfo().Created }

// ServerTime is the server's clock when the leases were opened; zero where it
// does not tell.
func (l *Leases) ServerTime() time.Time { return l.stream.CachedInfo().TimeStamp }

// settled is when a TTL has passed since the stream was made, by the own clock:
// the server's is asked only how long ago that was.
func (l *Leases) settled(ttl time.Duration) time.Time {
	info := l.stream.CachedInfo()
	return l.opened.Add(ttl - max(0, info.TimeStamp.Sub(info.Created)))
}

// Lease is one process's in a role. Not for concurrent use.
type Lease struct {
	leases *Leases
	who    leaseID
	ttl    time.Duration
	// holder tells this lease from an earlier one of the same process.
	holder   string
	sequence uint64
	// Deadline is until when the holder may act on it, by its own monotonic
	// clock.
	Deadline time.Time
}

type leaseID struct{ role, id string }

func (w leaseID) subject() string { return leaseStream + "." + w.role + "." + w.id }
func (w leaseID) String() string  { return w.role + " " + w.id }

// leaseBody is a lease's message, as JSON.
type leaseBody struct {
	ID     string `json:"id"`
	Holder string `json:"holder"`
	// Renewed is the holder's clock when it sent the message.
	Renewed time.Time `json:"renewed"`
	// Left says that the lease was given up.
	Left bool `json:"left,omitempty"`
}

// newest returns the message of a lease, nil if there never was one that the
// server remembers.
func (l *Leases) newest(ctx context.Context, who leaseID) (*jetstream.RawStreamMsg, error) {
	m, err := getMessage(ctx, l.js.Conn(), leaseStream, getRequest{Last: who.subject()})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return m, err
}

// Take takes the lease of an id in a role. ErrLost: a process of that id lives.
// ErrNotFound: the server has lost the leases, and they are to be opened again.
func (l *Leases) Take(ctx context.Context, role, id string, ttl time.Duration) (*Lease, error) {
	who := leaseID{role, id}
	lease := &Lease{leases: l, who: who, ttl: ttl, holder: nuid.Next()}
	m, err := l.newest(ctx, who)
	if err != nil {
		return nil, fmt.Errorf("take lease of %s: %w", who, asGone(err))
	}
	if m != nil {
		if b, live := liveLease(m); live {
			return nil, fmt.Errorf("take lease of %s, held by %s: %w", who, b.Holder, ErrLost)
		}
		lease.sequence = m.Sequence
	}
	return lease, lease.Renew(ctx)
}

// Renew renews the lease. ErrLost: it has ended, and the process must stop.
// ErrNotFound: the server has lost the leases. After any other error the lease
// may hold still, until Deadline, and Renew may be tried again.
func (l *Lease) Renew(ctx context.Context) error {
	err := l.put(ctx, false)
	if code(err) == codeWrongLastSequence {
		// A renewal of which the answer was lost may stand there.
		if err := l.adopt(ctx); err != nil {
			return fmt.Errorf("renew lease of %s: %w", l.who, err)
		}
		if err = l.put(ctx, false); code(err) == codeWrongLastSequence {
			err = ErrLost
		}
	}
	if err != nil && l.leases.lost(ctx) {
		err = fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return fmt.Errorf("renew lease of %s: %w", l.who, err)
	}
	return nil
}

func (l *Lease) put(ctx context.Context, left bool) error {
	sent := time.Now()
	body, err := json.Marshal(leaseBody{ID: l.who.id, Holder: l.holder, Renewed: sent.UTC(), Left: left})
	if err != nil {
		return err
	}
	ack, err := l.leases.js.Publish(ctx, l.who.subject(), body,
		jetstream.WithExpectLastSequencePerSubject(l.sequence), jetstream.WithMsgTTL(l.ttl))
	if err != nil {
		return err
	}
	l.sequence = ack.Sequence
	if left {
		l.Deadline = time.Time{}
	} else {
		l.Deadline = sent.Add(l.ttl - leaseSlack)
	}
	return nil
}

// adopt takes over the sequence of the lease's own message, or returns ErrLost
// if there is none.
func (l *Lease) adopt(ctx context.Context) error {
	m, err := l.leases.newest(ctx, l.who)
	if err != nil {
		return asGone(err)
	}
	if m == nil {
		return ErrLost
	}
	if b, live := liveLease(m); !live || b.Holder != l.holder {
		return ErrLost
	}
	l.sequence = m.Sequence
	return nil
}

// lost says whether the server knows the leases no more: it was restarted.
func (l *Leases) lost(ctx context.Context) bool {
	_, err := l.js.Stream(ctx, leaseStream)
	return errors.Is(err, jetstream.ErrStreamNotFound)
}

// End gives the lease up, and says so to those who watch. One that is lost
// already is no error, and its new holder's stays.
func (l *Lease) End(ctx context.Context) error {
	err := l.adopt(ctx)
	if err == nil {
		err = l.put(ctx, true)
	}
	if errors.Is(err, ErrLost) || errors.Is(err, ErrNotFound) || code(err) == codeWrongLastSequence {
		return nil
	}
	if err != nil {
		return fmt.Errorf("end lease of %s: %w", l.who, err)
	}
	return nil
}

// Live returns the ids of the processes of a role of which the server has a
// lease, sorted. A Member judges by its own clock, and over time.
func (l *Leases) Live(ctx context.Context, role string) ([]string, error) {
	all, err := l.all(ctx, role)
	if err != nil {
		return nil, err
	}
	var live []string
	for id, b := range all {
		if !b.Left {
			live = append(live, id)
		}
	}
	slices.Sort(live)
	return live, nil
}

// seenLease is a lease as one look at the stream shows it.
type seenLease struct {
	leaseBody
	sequence uint64
}

// all returns what the server has of a role's leases, those that were given up
// included, by id.
func (l *Leases) all(ctx context.Context, role string) (map[string]seenLease, error) {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	last, err := lastOfEach(ctx, l.js, leaseStream, leaseStream+"."+role+".*")
	if err != nil && l.lost(ctx) {
		err = fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return nil, fmt.Errorf("leases: %w", asGone(err))
	}
	found := map[string]seenLease{}
	for _, m := range last {
		if b, live := liveLease(m); live || b.Left {
			id := m.Subject[strings.LastIndexByte(m.Subject, '.')+1:]
			found[id] = seenLease{leaseBody: b, sequence: m.Sequence}
		}
	}
	return found, nil
}

// liveLease tells a lease from the server's note that one ran out, and from
// one that was given up.
func liveLease(m *jetstream.RawStreamMsg) (b leaseBody, live bool) {
	if m.Header.Get("Nats-Marker-Reason") != "" || json.Unmarshal(m.Data, &b) != nil {
		return leaseBody{}, false
	}
	return b, !b.Left
}
