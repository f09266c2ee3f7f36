package archiver

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"newsreel/archive"
	"newsreel/internal/objstore"
	"newsreel/stream"
	"newsreel/warc"
)

// Archiver archives one run. Run does the work; Seal, Flush, Progress,
// Committed and Summary may be called from anywhere at any time.
type Archiver struct {
	log   runLog
	store Store
	s     Settings
	arc   *archive.Archive
	enc   *warc.Encoder
	dedup *dedup

	// open takes what is read; ready are sealed, oldest first.
	open  *segment
	ready []*segment
	// due are the captures whose result has not come, and dead those whose
	// result says that they could not be extracted; another may follow.
	due, dead map[string]awaited
	// next is the sequence behind the last that was taken.
	next uint64
	// end and cancelled are set once their control message was read.
	end       *stream.Control
	cancelled time.Time
	// idle is the newest idle mark of each partition, complete if this
	// archiver read the log from its start.
	idle         map[int]*stream.Idle
	idleComplete bool
	// pending is how many messages waited behind the last one read, and
	// lastEntry when that was.
	pending   uint64
	lastEntry time.Time

	// done is what is committed.
	done struct {
		segments int64
		own      int64
		last     uint64
		counts   archive.Counts
	}

	seals chan chan<- uint64
	// over is closed when Run has returned.
	over   chan struct{}
	pauses pauses

	mu       sync.Mutex
	progress Progress
	summary  *archive.Summary
}

// awaited is a capture whose result is due.
type awaited struct {
	segment *segment
	capture int32
}

// Progress is where an archiver stands.
type Progress struct {
	// Segments are committed up to the sequence Committed, with their counts.
	Segments int64
	// Own is how many of them this archiver committed itself.
	Own       int64
	Committed uint64
	Counts    archive.Counts
	// Read is the last sequence read. Sealed segments are not committed yet;
	// Open captures are in the segment that is filled.
	Read   uint64
	Sealed int
	Open   int
	// Uncommitted is the counts of the sealed segments and the open one.
	Uncommitted archive.Counts
	// Awaited is how many captures have no result yet; a sealed segment has
	// waited for some of them since WaitingSince, zero if none does.
	Awaited      int
	WaitingSince time.Time
	// Finished says that the run's record is stored and its stream is gone.
	Finished bool
	// LastError is what is being tried again, "" for nothing, since
	// LastErrorTime.
	LastError     string
	LastErrorTime time.Time
}

// New returns the archiver of a run. It does nothing before Run.
func New(log *stream.Log, store Store, s Settings) *Archiver {
	if s.SegmentSize <= 0 {
		s.SegmentSize = DefaultSegmentSize
	}
	if n := log.MaxBytes(); n > 0 {
		// While a segment is filled its captures stay in the run log.
		s.SegmentSize = min(s.SegmentSize, n/4)
	}
	return newArchiver(natsLog{log}, store, s)
}

func newArchiver(log runLog, store Store, s Settings) *Archiver {
	if s.SegmentSize <= 0 {
		s.SegmentSize = DefaultSegmentSize
	}
	if s.SegmentAge <= 0 {
		s.SegmentAge = DefaultSegmentAge
	}
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Attempt == nil {
		s.Attempt = func() string { return strings.ToLower(rand.Text()[:12]) }
	}
	if s.DigestAlgorithm == "" {
		s.DigestAlgorithm = warc.SHA1
	}
	return &Archiver{
		log: log, store: store, s: s, arc: archive.New(store, s.SpoolDir),
		enc: warc.NewEncoder(warc.DefaultLevel), due: map[string]awaited{}, dead: map[string]awaited{},
		idle: map[int]*stream.Idle{}, seals: make(chan chan<- uint64, 16), over: make(chan struct{}),
		pauses: realPauses,
	}
}

// Seal asks for the open segment to be sealed once everything that the run log
// holds now is in it: a pause of crawling, a clean stop. It is committed when
// its results are there. Seal does not wait; see Flush.
func (a *Archiver) Seal() {
	select {
	case a.seals <- nil:
	default: // enough requests wait
	}
}

// ErrStopped says that an archiver is not running any more.
var ErrStopped = errors.New("archiver has stopped")

// Flush seals as Seal does and waits until what the run log held is committed.
// A sealed segment whose results are missing waits for them. Errors: ctx's; or
// ErrStopped if Run returned before.
func (a *Archiver) Flush(ctx context.Context) error {
	sealed := make(chan uint64, 1)
	select {
	case a.seals <- sealed:
	case <-a.over:
		return a.atEnd()
	case <-ctx.Done():
		return ctx.Err()
	}
	var upTo uint64
	select {
	case upTo = <-sealed:
	case <-a.over:
		return a.atEnd()
	case <-ctx.Done():
		return ctx.Err()
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for a.Committed() < upTo {
		select {
		case <-tick.C:
		case <-a.over:
			if a.Committed() < upTo {
				return a.atEnd()
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// atEnd is what Flush says of an archiver that has ended.
func (a *Archiver) atEnd() error {
	if a.Progress().Finished {
		return nil
	}
	return ErrStopped
}

// Progress says where the archiver stands.
func (a *Archiver) Progress() Progress {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.progress
}

// Committed is the last sequence of the run log that a manifest covers. What
// others keep in the log for the archiver may go up to it.
func (a *Archiver) Committed() uint64 { return a.Progress().Committed }

// Summary is the run's summary, nil before Run has returned nil.
func (a *Archiver) Summary() *archive.Summary {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.summary
}

// update shows the state of the loop in Progress.
func (a *Archiver) update() {
	p := Progress{Read: a.next - 1, Sealed: len(a.ready), Awaited: len(a.due)}
	for _, s := range a.ready {
		p.Uncommitted.Add(&s.counts)
		if s.waiting > 0 && p.WaitingSince.IsZero() {
			p.WaitingSince = s.sealedAt
		}
	}
	if a.open != nil {
		p.Open = len(a.open.captures)
		p.Uncommitted.Add(&a.open.counts)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old := &a.progress
	p.Own = a.done.own
	p.Segments, p.Committed, p.Counts, p.Finished = a.done.segments, a.done.last, a.done.counts, old.Finished
	p.LastError, p.LastErrorTime = old.LastError, old.LastErrorTime
	a.progress = p
}

// account counts a committed manifest; update shows it.
func (a *Archiver) account(m *archive.Manifest) {
	a.done.segments++
	a.done.last = m.Last
	a.done.counts.Add(&m.Counts)
}

// note keeps an error that is being tried again; nil says that it went well.
func (a *Archiver) note(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case err == nil:
		a.progress.LastError, a.progress.LastErrorTime = "", time.Time{}
	case a.progress.LastError != err.Error():
		a.progress.LastError, a.progress.LastErrorTime = err.Error(), a.s.Now()
	}
}

// patiently does something until it succeeds. What cannot end otherwise when
// done again is returned; whatever else goes wrong (a full disk, a server that
// is away) is shown in Progress and tried again, for as long as ctx lives.
func (a *Archiver) patiently(ctx context.Context, do func() error) error {
	pause := a.pauses.retry
	for {
		err := do()
		if err == nil {
			if pause > a.pauses.retry {
				a.note(nil)
			}
			return nil
		}
		if ctx.Err() != nil || permanent(err) {
			return err
		}
		a.note(err)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause = min(2*pause, a.pauses.maxRetry)
		}
	}
}

// permanent says whether doing the same again would end the same.
func permanent(err error) bool {
	var lost *lostError
	var ours *faultError
	return errors.As(err, &lost) || errors.As(err, &ours) || errors.Is(err, archive.ErrDamaged) || errors.Is(err, archive.ErrNewer) || objstore.Permanent(err)
}

// faultError is a fault of ours or of what is stored: no waiting cures it.
type faultError struct{ error }

func (e *faultError) Unwrap() error { return e.error }

func fault(format string, args ...any) error { return &faultError{fmt.Errorf(format, args...)} }
