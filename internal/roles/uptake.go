package roles

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"newsreel/internal/progress"
	"newsreel/stream"
)

// takesNothing is what is said of a server whose disk was full: it answers what
// only reads, or not even that, takes nothing more, without a word, and does not
// go on by itself when there is room again. freeIt is the cure.
const (
	freeIt       = "is its disk full? Free it and restart that server"
	takesNothing = "NATS takes no messages: " + freeIt
)

// untakenAfter is how long something may wait to be stored before it is said.
const untakenAfter = 15 * time.Second

// sent is what a role sends to NATS.
type sent struct {
	// logs are those of the runs that it works on, by name.
	logs []*stream.Log
	// unrenewed is for how long no renewal of its lease was taken.
	unrenewed time.Duration
}

func (r *Role) sent() sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s sent
	if r.member != nil {
		s.unrenewed = r.member.Unrenewed()
	}
	for _, w := range r.workers {
		if log := w.log.Load(); log != nil {
			s.logs = append(s.logs, log)
		}
	}
	slices.SortFunc(s.logs, func(a, b *stream.Log) int { return strings.Compare(a.Name(), b.Name()) })
	return s
}

// watchUptake looks whether NATS takes what is sent to it until ctx ends. What
// is sent waits for as long as it must, so that nothing else tells.
func (w *weather) watchUptake(ctx context.Context) {
	tick := time.NewTicker(weatherTick)
	defer tick.Stop()
	u := uptakes{}
	asked, up := time.Time{}, time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		switch {
		case !w.connected(): // that is spoken of already
			u, up = uptakes{last: u.last}, time.Now()
			continue
		case time.Since(asked) >= askEvery:
			asked = time.Now()
			u.look(ctx, w.sent(), time.Since(up))
			if ctx.Err() != nil {
				return
			}
		}
		w.see(&w.uptake, words{begins: takesNothing, ends: "NATS takes messages again", with: []any{"at", w.cluster.NATSAddresses()}}, u.why)
	}
}

// uptakes is what was seen of a role's logs and of its lease.
type uptakes struct {
	// doubts are by the names of what they are of.
	doubts map[string]time.Time
	// last is the name of the log that was asked in turn.
	last string
	// why NATS takes no messages, "" if it does.
	why string
}

// look asks the logs that are in doubt, and one more in its turn: a role that
// has nothing to send is told too. up is for how long NATS has been there.
func (u *uptakes) look(ctx context.Context, s sent, up time.Duration) {
	before := u.doubts
	u.doubts, u.why = map[string]time.Time{}, ""
	doubt := func(what, why string, patience time.Duration) {
		since, known := before[what]
		if !known {
			since = time.Now()
		}
		u.doubts[what] = since
		if time.Since(since) >= patience {
			u.why = why
		}
	}
	turn := u.turn(s.logs)
	for _, log := range s.logs {
		_, doubtful := before[log.Name()]
		untaken := min(log.Untaken(), up)
		if !doubtful && log != turn && untaken < untakenAfter {
			continue
		}
		err := ask(ctx, log)
		switch {
		case errors.Is(err, stream.ErrNotFound): // the run is over
		case stream.Passing(err): // a leader may be chosen
			doubt(log.Name(), oneLine(err.Error()), untakenAfter)
		case err != nil:
			doubt(log.Name(), oneLine(err.Error()), 0)
		case untaken >= untakenAfter:
			doubt(log.Name(), fmt.Sprintf("run log %s has taken nothing for %s that was sent", log.Name(), progress.Duration(untaken)), secondLook)
		}
		if u.why != "" {
			return // the others can hardly be better off
		}
	}
	if unrenewed := min(s.unrenewed, up); unrenewed >= untakenAfter {
		doubt("lease", "no renewal of the lease was taken for "+progress.Duration(unrenewed), secondLook)
	}
}

// secondLook is the patience with what only clocks tell: a process that stood
// still for a while is answered in a moment.
const secondLook = askEvery / 2

// turn is the log after the one that was asked last, nil if there is none.
func (u *uptakes) turn(logs []*stream.Log) *stream.Log {
	if len(logs) == 0 {
		return nil
	}
	turn := logs[0]
	if n := slices.IndexFunc(logs, func(l *stream.Log) bool { return l.Name() > u.last }); n >= 0 {
		turn = logs[n]
	}
	u.last = turn.Name()
	return turn
}

func ask(ctx context.Context, log *stream.Log) error {
	try, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return log.Takes(try)
}
