package frontier

import (
	"fmt"
	"io"

	"newsreel/stream"
)

// Idle returns the owned partitions that have nothing queued, in flight or
// awaiting retry, and whose newest word in the log is not an idle mark.
func (f *Frontier) Idle() []stream.Claim {
	f.mu.Lock()
	defer f.mu.Unlock()
	var idle []stream.Claim
	for _, p := range f.parts {
		if p != nil && p.active && p.waiting == 0 && p.sinceMark && !p.marking && len(p.t.entries) > 0 {
			idle = append(idle, p.claim)
		}
	}
	return idle
}

// Mark writes the list of a partition's URLs and their fates to w, and returns
// the idle mark that is to name it. The partition counts as being marked until
// the mark is folded, or Unmark says that it could not be logged.
func (f *Frontier) Mark(number int, w io.Writer) (stream.Idle, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.parts[number]
	if p == nil {
		return stream.Idle{}, fmt.Errorf("mark partition %d idle: %w", number, ErrNotOwned)
	}
	list := stream.NewFateWriter(w)
	for n := range p.t.entries {
		if err := list.Write(p.fate(n)); err != nil {
			return stream.Idle{}, fmt.Errorf("mark partition %d idle: %w", number, err)
		}
	}
	if err := list.Close(); err != nil {
		return stream.Idle{}, fmt.Errorf("mark partition %d idle: %w", number, err)
	}
	p.marking, p.markVersion = true, p.version
	counts := p.counts
	counts.Waiting = p.waiting
	return stream.Idle{In: p.inSeq, Counts: counts}, nil
}

// Unmark takes Mark back.
func (f *Frontier) Unmark(number int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := f.parts[number]; p != nil {
		p.marking = false
	}
}

func (p *partition) fate(n int) *stream.FateLine {
	e := &p.t.entries[n]
	line := &stream.FateLine{URL: p.t.url(n), Fate: stateWords[e.state], Reason: reasonWords[e.reason],
		Kind: kindWords[e.kind], Status: int(e.status), How: howWords[e.how], Depth: int(e.depth),
		Tries: int(e.tries), Found: int64(e.found)*1000 + int64(e.foundMS), Via: p.t.arena.get(e.via)}
	if e.finished > 0 {
		line.Kind = kindWords[e.finished-1]
	}
	return line
}

// Done says whether every partition that was read of is idle at the last entry
// of its in.P that was read, and returns the sequences of the last entries that
// were read, by class (in and log) and partition: if they are the log's newest,
// the run is over. Who has read nothing yet is done too, since it knows of no
// partition. control is the sequence of the last ctl entry that was folded.
func (f *Frontier) Done() (last map[string]map[int]uint64, control uint64, done bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	in, log := map[int]uint64{}, map[int]uint64{}
	for n := range f.marks {
		m := &f.marks[n]
		if p := f.parts[n]; p != nil && !p.active {
			return nil, f.ctlSeq, false
		}
		if m.used && (!m.idle || m.in < m.lastIn) {
			return nil, f.ctlSeq, false
		}
		in[n], log[n] = m.lastIn, m.lastLog
	}
	return map[string]map[int]uint64{stream.ClassIn: in, stream.ClassLog: log}, f.ctlSeq, true
}
