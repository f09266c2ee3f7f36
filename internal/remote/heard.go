package remote

import (
	"log/slog"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// heard tells a log of errors that nobody waits for: a reader that is too slow,
// a right that is missing. Without it the client writes them to stderr as they
// are.
type heard struct {
	log *slog.Logger

	mu sync.Mutex
	// last is when each text was said.
	last map[string]time.Time
}

// Each text is said once in hearAgain; maxHeard texts are known apart.
const (
	hearAgain = time.Minute
	maxHeard  = 100
)

func newHeard(log *slog.Logger) *heard {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &heard{log: log, last: map[string]time.Time{}}
}

// hear is a nats.ErrHandler. What is wrong while there is no connection, as at
// each try to have it back, is known from its state.
func (h *heard) hear(nc *nats.Conn, sub *nats.Subscription, err error) {
	if nc != nil && !nc.IsConnected() || h.said(err.Error()) {
		h.log.Debug("NATS", "error", err)
		return
	}
	subject := ""
	if sub != nil {
		subject = sub.Subject
	}
	h.log.Warn("trouble on the connection to NATS", "error", err, "subject", subject)
}

// said says whether a text was said a short while ago, and notes it as said.
func (h *heard) said(text string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := time.Now()
	if last, ok := h.last[text]; ok && now.Sub(last) < hearAgain {
		return true
	}
	if len(h.last) >= maxHeard {
		clear(h.last)
	}
	h.last[text] = now
	return false
}
