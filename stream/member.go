package stream

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// MemberOptions are how a process joins its role.
type MemberOptions struct {
	// Replicas of the leases: 1 for a single server, 3 for a cluster; 0 means
	// 1.
	Replicas int
	Log      *slog.Logger
	// TTL of the lease, the same for all of a role; 0 means LeaseTTL. Not below
	// two seconds: servers count whole ones, and one is slack.
	TTL time.Duration
}

// Member is a process among those of its role: one lease, shared by all of its
// runs, and a view of who else has one. Safe for concurrent use.
//
// Who lives is judged by the own monotonic clock: another is gone when no
// renewal of its lease was seen for a TTL, or when it says that it left. The
// server's clock decides nothing, so stepping it moves no partition.
type Member struct {
	nc   *nats.Conn
	role string
	id   string
	o    MemberOptions

	stop    context.CancelFunc
	done    chan struct{}
	changed chan struct{}

	// Of the goroutine that renews.
	leases *Leases
	lease  *Lease

	mu       sync.Mutex
	open     *Leases // for Gone
	deadline time.Time
	settled  time.Time
	term     uint64
	renewed  time.Time
	held     bool // as Changed last told
	seen     map[string]sighting
	live     []string // others
}

// sighting is when a lease was last seen to be renewed.
type sighting struct {
	holder   string
	sequence uint64
	at       time.Time
	left     bool
}

// Live and Gone look at sightings of so many TTLs at most; older ones are
// forgotten.
const rememberTTLs = 10

var memberID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Join takes the lease of a process in a role (RoleCrawler, …) and keeps it
// until Leave: renews it, takes it anew when it ran out, and makes the stream
// of leases again where a server lost it. id is of [A-Za-z0-9_-], names this
// process and no other, and is never used again. Join waits for a server that
// is away until ctx ends. ErrLost: a process of that id lives.
func Join(ctx context.Context, nc *nats.Conn, role, id string, o MemberOptions) (*Member, error) {
	if !memberID.MatchString(role) || !memberID.MatchString(id) {
		return nil, fmt.Errorf("join %q as %q: neither may hold anything but letters, digits, - and _", role, id)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.TTL == 0 {
		o.TTL = LeaseTTL
	}
	m := &Member{nc: nc, role: role, id: id, o: o, done: make(chan struct{}), changed: make(chan struct{}, 1),
		seen: map[string]sighting{}}
	taken := false
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		var err error
		if !taken {
			err = m.take(ctx)
			taken = err == nil
		}
		if err == nil {
			// A stream that was just made leaves the first question unanswered.
			try, cancel := context.WithTimeout(ctx, m.renewal()/2)
			err = m.look(try)
			cancel()
		}
		if err == nil {
			break
		}
		if errors.Is(err, ErrLost) || !passing(err) && !errors.Is(err, ErrNotFound) {
			return nil, fmt.Errorf("join as %s: %w", leaseID{role, id}, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("join as %s: %w", leaseID{role, id}, errors.Join(ctx.Err(), err))
		case <-time.After(pause):
		}
	}
	life, stop := context.WithCancel(context.Background())
	m.stop = stop
	go m.keep(life)
	return m, nil
}

// ID is the process's, as it stands in claims.
func (m *Member) ID() string { return m.id }

// TTL is that of the role's leases.
func (m *Member) TTL() time.Duration { return m.o.TTL }

// Holds says whether the own lease holds, by the own monotonic clock. It is
// what is asked before whatever only one process may do.
func (m *Member) Holds() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Before(m.deadline)
}

// Unrenewed is for how long the servers have taken no renewal of the lease.
func (m *Member) Unrenewed() time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Since(m.renewed)
}

// Term counts how often the lease was taken: what was claimed in an earlier
// term may be another's by now. A renewal that came too late begins a term too.
func (m *Member) Term() uint64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.term
}

// Live returns the ids of the role's processes that have a lease, sorted; this
// one among them while it holds its own. The slice is the caller's.
func (m *Member) Live() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.all()
}

func (m *Member) all() []string {
	live := slices.Clone(m.live)
	if time.Now().Before(m.deadline) {
		n, _ := slices.BinarySearch(live, m.id)
		live = slices.Insert(live, n, m.id)
	}
	return live
}

// Owns says whether a key falls to this process, among all that live: the
// highest hash of key and id wins, so that who comes or goes moves only keys
// of its own. False while the own lease does not hold.
func (m *Member) Owns(key string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return time.Now().Before(m.deadline) && Rendezvous(key, m.all()) == m.id
}

// Rendezvous returns the id to which a key falls, "" of none.
func Rendezvous(key string, ids []string) string {
	best, most := "", uint64(0)
	for _, id := range ids {
		if w := weight(key, id); best == "" || w > most || w == most && id < best {
			best, most = id, w
		}
	}
	return best
}

// weight is FNV-1a over key, a zero byte and id, mixed once more, since FNV's
// high bits hardly depend on the last bytes.
func weight(key, id string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(key))
	h.Write([]byte{0})
	h.Write([]byte(id))
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// Gone says whether what another process holds may be taken over: its lease
// ended. One that this process never saw is looked up. False, too, while the
// own lease does not hold, and for one TTL after the leases were made anew.
func (m *Member) Gone(ctx context.Context, id string) (bool, error) {
	m.mu.Lock()
	s, known := m.seen[id]
	leases, now := m.open, time.Now()
	ready := now.Before(m.deadline) && !now.Before(m.settled)
	lives := slices.Contains(m.live, id)
	m.mu.Unlock()
	switch {
	case known && s.left:
		return true, nil
	case !ready || lives || id == m.id:
		return false, nil
	case known:
		return true, nil
	}
	msg, err := leases.newest(ctx, leaseID{m.role, id})
	if err != nil {
		return false, fmt.Errorf("lease of %s: %w", leaseID{m.role, id}, asGone(err))
	}
	if msg == nil {
		return true, nil
	}
	_, live := liveLease(msg)
	return !live, nil
}

// Changed receives a value after Live or Holds changed; several changes may be
// one value. It is for one receiver.
func (m *Member) Changed() <-chan struct{} { return m.changed }

func (m *Member) pulse() {
	select {
	case m.changed <- struct{}{}:
	default:
	}
}

// Leave gives the lease up. Whatever was held under it is to be released
// before.
func (m *Member) Leave(ctx context.Context) error {
	m.stop()
	<-m.done
	m.mu.Lock()
	m.deadline = time.Time{}
	m.mu.Unlock()
	m.pulse()
	return m.lease.End(ctx)
}

// keep renews the lease and looks who else has one, until Leave.
func (m *Member) keep(ctx context.Context) {
	defer close(m.done)
	tick := time.NewTicker(m.o.TTL / 10)
	defer tick.Stop()
	due := time.Now().Add(m.renewal())
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if now := time.Now(); !now.Before(due) && m.renew(ctx) {
			due = now.Add(m.renewal())
		}
		// What was seen before stands until the next look that succeeds. One
		// without an answer must not keep the lease from being renewed.
		try, cancel := context.WithTimeout(ctx, m.renewal()/2)
		_ = m.look(try)
		cancel()
		m.tell()
	}
}

func (m *Member) renewal() time.Duration { return m.o.TTL * 3 / 10 }

// renew renews or takes the lease, and says whether it is held.
func (m *Member) renew(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, m.renewal())
	defer cancel()
	err := m.lease.Renew(ctx)
	if err == nil {
		m.hold()
		return true
	}
	if errors.Is(err, ErrLost) || errors.Is(err, ErrNotFound) {
		m.o.Log.Warn("the lease ran out; taking it anew", "role", m.role, "id", m.id, "error", err)
		m.mu.Lock()
		m.deadline = time.Time{}
		m.mu.Unlock()
		err = m.take(ctx)
	}
	if err != nil {
		m.o.Log.Debug("renew lease", "role", m.role, "id", m.id, "error", err)
	}
	return err == nil
}

// take opens the leases and takes one.
func (m *Member) take(ctx context.Context) error {
	ctx, cancel := withDeadline(ctx)
	defer cancel()
	leases, err := OpenLeases(ctx, m.nc, m.o.Replicas)
	if err != nil {
		return err
	}
	lease, err := leases.Take(ctx, m.role, m.id, m.o.TTL)
	if err != nil {
		return err
	}
	m.leases, m.lease = leases, lease
	m.mu.Lock()
	m.open = leases
	m.settled = leases.settled(m.o.TTL)
	m.deadline = time.Time{} // a new term
	m.mu.Unlock()
	m.hold()
	return nil
}

// hold notes a renewal.
func (m *Member) hold() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !time.Now().Before(m.deadline) {
		m.term++
	}
	m.deadline, m.renewed = m.lease.Deadline, time.Now()
}

// look reads the role's leases and judges who lives.
func (m *Member) look(ctx context.Context) error {
	all, err := m.leases.all(ctx, m.role)
	if err != nil {
		return err
	}
	now := time.Now()
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, l := range all {
		s, known := m.seen[id]
		// A replica that lags shows a former renewal.
		if !known || l.Holder != s.holder || l.sequence > s.sequence {
			m.seen[id] = sighting{holder: l.Holder, sequence: l.sequence, at: now, left: l.Left}
		}
	}
	var live []string
	for id, s := range m.seen {
		switch age := now.Sub(s.at); {
		case age > rememberTTLs*m.o.TTL:
			delete(m.seen, id)
		case id != m.id && !s.left && age < m.o.TTL:
			live = append(live, id)
		}
	}
	slices.Sort(live)
	if !slices.Equal(live, m.live) {
		m.live = live
		m.pulse()
	}
	return nil
}

// tell pulses when the own lease began or ceased to hold.
func (m *Member) tell() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if holds := time.Now().Before(m.deadline); holds != m.held {
		m.held = holds
		m.pulse()
	}
}
