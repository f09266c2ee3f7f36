package roles

import (
	"log/slog"
	"sync"
	"time"
)

// away says that servers are away or full for all runs of a process: each run
// meets that by itself, within moments of the others. What the weather speaks of
// is not said beside it.
type away struct {
	log *slog.Logger
	bad func() bool

	mu   sync.Mutex
	last time.Time
}

// awayAgain is how long after one line there is no other.
const awayAgain = time.Minute

// tell is a crawler's Away.
func (a *away) tell(runLog string, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.bad() || !a.last.IsZero() && time.Since(a.last) < awayAgain {
		a.log.Debug("a server is away or full; trying again", "log", runLog, "error", err)
		return
	}
	a.last = time.Now()
	a.log.Warn("a server is away or full, for this run and maybe for others; trying again", "log", runLog, "error", err)
}
