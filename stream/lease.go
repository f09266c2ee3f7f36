package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Times of a lease. The holder counts from the moment it sent the renewal, and
// a second less than the server does, so that it stops before others start.
const (
	LeaseTTL   = 10 * time.Second
	LeaseRenew = 3 * time.Second
	leaseSlack = time.Second
)

const leaseStream = "LEASES"

// Leases is the small memory stream of crawlers' leases, subject
// LEASES.<crawler>: a message with a TTL, renewed by publish with expected
// last sequence and TTL (a key-value update would drop the TTL in silence).
type Leases struct {
	js     jetstream.JetStream
	stream jetstream.Stream
}

// OpenLeases opens the stream, and makes it where it is missing.
func OpenLeases(ctx context.Context, nc *nats.Conn, replicas int) (*Leases, error) {
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, fmt.Errorf("open leases: %w", err)
	}
	s, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name: leaseStream, Subjects: []string{leaseStream + ".*"},
		Description: "newsreel: which crawlers live", Storage: jetstream.MemoryStorage,
		MaxMsgsPerSubject: 1, Replicas: max(replicas, 1), AllowMsgTTL: true,
		SubjectDeleteMarkerTTL: LeaseTTL, AllowDirect: true,
	})
	if err != nil {
		return nil, fmt.Errorf("open leases: %w", err)
	}
	return &Leases{js: js, stream: s}, nil
}

// Born is when the stream was made. After it was lost and made again nobody
// claims for one TTL: who lived before may not know yet.
func (l *Leases) Born() time.Time { return l.stream.CachedInfo().Created }

// Lease is one crawler's. Not for concurrent use but for Deadline's value.
type Lease struct {
	leases   *Leases
	crawler  string
	ttl      time.Duration
	sequence uint64
	// Deadline is until when the holder may act on it, by its own monotonic
	// clock.
	Deadline time.Time
}

type leaseBody struct {
	Crawler string    `json:"crawler"`
	Host    string    `json:"host,omitempty"`
	Since   time.Time `json:"since"`
}

// Take takes the lease of a crawler's id. ErrLost: a crawler of that id lives.
func (l *Leases) Take(ctx context.Context, crawler string, ttl time.Duration) (*Lease, error) {
	lease := &Lease{leases: l, crawler: crawler, ttl: ttl}
	m, err := l.stream.GetLastMsgForSubject(ctx, leaseStream+"."+crawler)
	if err == nil && !isMarker(m) {
		return nil, fmt.Errorf("take lease of %s: %w", crawler, ErrLost)
	}
	if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, fmt.Errorf("take lease of %s: %w", crawler, err)
	}
	if m != nil {
		lease.sequence = m.Sequence
	}
	return lease, lease.Renew(ctx)
}

// Renew renews the lease. ErrLost: it has ended, and the crawler must stop.
func (l *Lease) Renew(ctx context.Context) error {
	sent := time.Now()
	body, err := json.Marshal(leaseBody{Crawler: l.crawler, Since: sent.UTC()})
	if err != nil {
		return err
	}
	ack, err := l.leases.js.Publish(ctx, leaseStream+"."+l.crawler, body,
		jetstream.WithExpectLastSequencePerSubject(l.sequence), jetstream.WithMsgTTL(l.ttl))
	if code(err) == codeWrongLastSequence {
		return fmt.Errorf("renew lease of %s: %w", l.crawler, ErrLost)
	}
	if err != nil {
		return fmt.Errorf("renew lease of %s: %w", l.crawler, err)
	}
	l.sequence = ack.Sequence
	l.Deadline = sent.Add(l.ttl - leaseSlack)
	return nil
}

// End gives the lease up.
func (l *Lease) End(ctx context.Context) error {
	err := l.leases.stream.Purge(ctx, jetstream.WithPurgeSubject(leaseStream+"."+l.crawler))
	if err != nil {
		return fmt.Errorf("end lease of %s: %w", l.crawler, err)
	}
	return nil
}

// Live returns the ids of the crawlers that hold a lease.
func (l *Leases) Live(ctx context.Context) ([]string, error) {
	info, err := l.stream.Info(ctx, jetstream.WithSubjectFilter(leaseStream+".*"))
	if err != nil {
		return nil, fmt.Errorf("leases: %w", err)
	}
	var live []string
	for subject := range info.State.Subjects {
		m, err := l.stream.GetLastMsgForSubject(ctx, subject)
		if errors.Is(err, jetstream.ErrMsgNotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("leases: %w", err)
		}
		if !isMarker(m) {
			live = append(live, strings.TrimPrefix(subject, leaseStream+"."))
		}
	}
	return live, nil
}

// isMarker tells the server's note that a lease ran out from a lease.
func isMarker(m *jetstream.RawStreamMsg) bool {
	return m.Header.Get("Nats-Marker-Reason") != ""
}
