// Package progress shows how a run goes: one line that is drawn again on a
// terminal, a line now and then elsewhere. It also writes counts, sizes and
// durations for people.
package progress

import (
	"io"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

const (
	redrawEvery  = 200 * time.Millisecond
	lineEvery    = 10 * time.Second
	defaultWidth = 80
	eraseLine    = "\r\x1b[K"
)

// Snapshot is the state of a run at one moment. Discovered = Captured + Failed
// + Skipped + Waiting; InFlight is part of Waiting. Bytes are those received.
type Snapshot struct {
	Discovered, Captured, Failed, Skipped, Waiting, InFlight, Articles int64

	Bytes          int64
	PagesPerSecond float64
	Note           string    // what is worth knowing just now, in a phrase
	Started        time.Time // zero leaves the time taken out
}

// Printer shows snapshots. It is safe for concurrent use, starts no goroutine,
// and ignores errors of its writer: a run does not fail for its progress.
type Printer struct {
	w        io.Writer
	terminal bool
	now      func() time.Time
	width    func() int

	mu     sync.Mutex
	last   Snapshot
	any    bool      // there has been an Update
	fresh  bool      // last is not shown yet
	drawn  bool      // the bar stands on the terminal's last line
	shown  time.Time // when something was last shown; first Update before that
	closed bool
}

// New makes a Printer that writes to w, which is a terminal or not. A
// terminal's width is asked for at each drawing; 80 where that fails. Times
// for pacing come from now.
func New(w io.Writer, isTerminal bool, now func() time.Time) *Printer {
	return &Printer{w: w, terminal: isTerminal, now: now, width: func() int { return terminalWidth(w) }}
}

// terminalWidth asks the terminal behind w for its columns.
func terminalWidth(w io.Writer) int {
	file, ok := w.(interface{ Fd() uintptr })
	if !ok {
		return defaultWidth
	}
	size, err := unix.IoctlGetWinsize(int(file.Fd()), unix.TIOCGWINSZ)
	if err != nil || size.Col == 0 {
		return defaultWidth
	}
	return int(size.Col)
}

// Update takes the newest state. On a terminal it is drawn at once, but at
// most five times a second; elsewhere a line appears every ten seconds. What
// comes in between replaces what has not been shown.
func (p *Printer) Update(s Snapshot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	first := !p.any
	p.last, p.any, p.fresh = s, true, true
	now := p.now()
	switch {
	case p.terminal && (first || p.due(now, redrawEvery)):
		p.draw(now)
	case p.terminal:
	case first:
		p.shown = now
	case p.due(now, lineEvery):
		p.line(now)
	}
}

// due also holds after the clock was set back.
func (p *Printer) due(now time.Time, every time.Duration) bool {
	passed := now.Sub(p.shown)
	return passed >= every || passed < 0
}

// Message writes a text of its own, above the bar on a terminal. Control
// characters in it become spaces; line ends stay.
func (p *Printer) Message(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var b strings.Builder
	if p.drawn {
		b.WriteString(eraseLine)
	}
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		b.WriteString(clean(line) + "\n")
	}
	if p.drawn {
		b.WriteString(barLine(p.last, p.now(), p.width()))
	}
	p.write(b.String())
}

// Done shows the last state, ends the line of the bar, and makes later Updates
// do nothing. It may be called again.
func (p *Printer) Done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	switch {
	case p.terminal && p.any:
		p.draw(p.now())
		p.drawn = false
		p.write("\n")
	case p.fresh:
		p.line(p.now())
	}
}

func (p *Printer) draw(now time.Time) {
	p.write(eraseLine + barLine(p.last, now, p.width()))
	p.drawn, p.fresh, p.shown = true, false, now
}

func (p *Printer) line(now time.Time) {
	p.write(plainLine(p.last, now) + "\n")
	p.fresh, p.shown = false, now
}

func (p *Printer) write(text string) {
	_, _ = io.WriteString(p.w, text) // see Printer: nothing depends on it
}
