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
	s, err := js.CreateOrUpdateStream(ctx, leasesConfig(replicas))
	if err != nil {
		return nil, fmt.Errorf("open leases: %w", err)
	}
	return &Leases{js: js, stream: s}, nil
}

func leasesConfig(replicas int) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: leaseStream, Subjects: []string{leaseStream + ".*"},
		Description: "newsreel: which crawlers live", Storage: jetstream.MemoryStorage,
		MaxMsgsPerSubject: 1, Replicas: max(replicas, 1), AllowMsgTTL: true,
		SubjectDeleteMarkerTTL: LeaseTTL, AllowDirect: true,
	}
}

// Born is when the stream was made. After it was lost and made again nobody
// claims for one TTL: who lived before may not know yet.
func (l *Leases) Born() time.Time { return l.stream.CachedInfo().Created }

// Lease is one crawler's. Not for concurrent use but for Deadline's value.
type Lease struct {
	leases  *Leases
	crawler string
	ttl     time.Duration
	// holder tells this lease from an earlier one of the same crawler.
	holder   string
	sequence uint64
	// Deadline is until when the holder may act on it, by its own monotonic
	// clock.
	Deadline time.Time
}

// leaseBody is a lease's message, as JSON.
type leaseBody struct {
	Crawler string `json:"crawler"`
	Holder  string `json:"holder"`
	// Renewed is the holder's clock when it sent the message.
	Renewed time.Time `json:"renewed"`
}

func leaseSubject(crawler string) string { return leaseStream + "." + crawler }

// newest returns the message of a crawler's lease, nil if there never was one
// that the server remembers.
func (l *Leases) newest(ctx context.Context, crawler string) (*jetstream.RawStreamMsg, error) {
	m, err := getMessage(ctx, l.js.Conn(), leaseStream, getRequest{Last: leaseSubject(crawler)})
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return m, err
}

// Take takes the lease of a crawler's id. ErrLost: a crawler of that id lives.
// ErrNotFound: the server has lost the leases, and they are to be opened again.
func (l *Leases) Take(ctx context.Context, crawler string, ttl time.Duration) (*Lease, error) {
	lease := &Lease{leases: l, crawler: crawler, ttl: ttl, holder: nuid.Next()}
	m, err := l.newest(ctx, crawler)
	if err != nil {
		return nil, fmt.Errorf("take lease of %s: %w", crawler, asGone(err))
	}
	if m != nil {
		if !isMarker(m) {
			return nil, fmt.Errorf("take lease of %s: %w", crawler, ErrLost)
		}
		lease.sequence = m.Sequence
	}
	return lease, lease.Renew(ctx)
}

// Renew renews the lease. ErrLost: it has ended, and the crawler must stop.
// ErrNotFound: the server has lost the leases. After any other error the lease
// may hold still, until Deadline, and Renew may be tried again.
func (l *Lease) Renew(ctx context.Context) error {
	err := l.renew(ctx)
	if code(err) == codeWrongLastSequence {
		// A renewal of which the answer was lost may stand there.
		if err := l.adopt(ctx); err != nil {
			return fmt.Errorf("renew lease of %s: %w", l.crawler, err)
		}
		if err = l.renew(ctx); code(err) == codeWrongLastSequence {
			err = ErrLost
		}
	}
	if err != nil && l.leases.lost(ctx) {
		err = fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	if err != nil {
		return fmt.Errorf("renew lease of %s: %w", l.crawler, err)
	}
	return nil
}

func (l *Lease) renew(ctx context.Context) error {
	sent := time.Now()
	body, err := json.Marshal(leaseBody{Crawler: l.crawler, Holder: l.holder, Renewed: sent.UTC()})
	if err != nil {
		return err
	}
	ack, err := l.leases.js.Publish(ctx, leaseSubject(l.crawler), body,
		jetstream.WithExpectLastSequencePerSubject(l.sequence), jetstream.WithMsgTTL(l.ttl))
	if err != nil {
		return err
	}
	l.sequence = ack.Sequence
	l.Deadline = sent.Add(l.ttl - leaseSlack)
	return nil
}

// adopt takes over the sequence of the lease's own message, or returns ErrLost
// if there is none.
func (l *Lease) adopt(ctx context.Context) error {
	m, err := l.leases.newest(ctx, l.crawler)
	if err != nil {
		return asGone(err)
	}
	var b leaseBody
	if m == nil || isMarker(m) || json.Unmarshal(m.Data, &b) != nil || b.Holder != l.holder {
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

// End gives the lease up. One that is lost already is no error, and its new
// holder's stays.
func (l *Lease) End(ctx context.Context) error {
	err := l.adopt(ctx)
	if errors.Is(err, ErrLost) || errors.Is(err, ErrNotFound) {
		return nil
	}
	if err == nil {
		err = l.leases.stream.Purge(ctx, jetstream.WithPurgeSubject(leaseSubject(l.crawler)),
			jetstream.WithPurgeSequence(l.sequence+1))
	}
	if err != nil {
		return fmt.Errorf("end lease of %s: %w", l.crawler, err)
	}
	return nil
}

// Live returns the ids of the crawlers that hold a lease, sorted.
func (l *Leases) Live(ctx context.Context) ([]string, error) {
	info, err := l.stream.Info(ctx, jetstream.WithSubjectFilter(leaseStream+".*"))
	if err != nil {
		return nil, fmt.Errorf("leases: %w", asGone(err))
	}
	var live []string
	for subject := range info.State.Subjects {
		crawler := strings.TrimPrefix(subject, leaseStream+".")
		m, err := l.newest(ctx, crawler)
		if err != nil {
			return nil, fmt.Errorf("leases: %w", asGone(err))
		}
		if m != nil && !isMarker(m) {
			live = append(live, crawler)
		}
	}
	slices.Sort(live)
	return live, nil
}

// isMarker tells the server's note that a lease ran out from a lease.
func isMarker(m *jetstream.RawStreamMsg) bool {
	return m.Header.Get("Nats-Marker-Reason") != ""
}
