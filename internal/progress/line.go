package progress

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/width"
)

const (
	shortestNote = 12
	lineMargin   = 1 // a full last column makes some terminals wrap
)

// barLine is the snapshot in at most columns cells: a bar whose length depends
// on the columns alone, so that it stands still, then what matters most first
// as far as there is room, then the note.
func barLine(s Snapshot, now time.Time, columns int) string {
	room := max(columns-lineMargin, 1)
	var line strings.Builder
	if size := barSize(columns); size > 0 {
		line.WriteString(bar(s, size) + "  ")
	}
	line.WriteString(percent(s))
	used := cells(line.String())
	for _, part := range barParts(s, now) {
		if used += cells(part) + len("  "); used > room {
			return cut(line.String(), room)
		}
		line.WriteString("  " + part)
	}
	if note := clean(s.Note); note != "" && room-used >= shortestNote {
		line.WriteString("  " + note)
	}
	return cut(line.String(), room)
}

func barSize(columns int) int {
	switch {
	case columns >= 140:
		return 30
	case columns >= 100:
		return 20
	case columns >= 50:
		return 10
	}
	return 0
}

// barParts are ordered by what a person would miss most.
func barParts(s Snapshot, now time.Time) []string {
	parts := []string{Count(s.Captured) + " captured", Rate(s.PagesPerSecond) + " pages/s"}
	if !s.Started.IsZero() {
		parts = append(parts, Duration(now.Sub(s.Started)))
	}
	for _, part := range []struct {
		n    int64
		name string
	}{{s.Waiting, "waiting"}, {s.Failed, "failed"}, {s.Articles, "articles"}, {s.Skipped, "skipped"}} {
		if part.n > 0 {
			parts = append(parts, Count(part.n)+" "+part.name)
		}
	}
	return append(parts, Bytes(s.Bytes))
}

// settled are the URLs whose fate is known.
func settled(s Snapshot) int64 { return s.Captured + s.Failed + s.Skipped }

func fraction(s Snapshot) float64 {
	if s.Discovered <= 0 {
		return 0
	}
	return min(max(float64(settled(s))/float64(s.Discovered), 0), 1)
}

// percent rounds down, so that 100 % means all.
func percent(s Snapshot) string { return fmt.Sprintf("%d %%", int(fraction(s)*100)) }

func bar(s Snapshot, size int) string {
	full := int(fraction(s) * float64(size))
	return "[" + strings.Repeat("#", full) + strings.Repeat("-", size-full) + "]"
}

// plainLine is the snapshot for a log.
func plainLine(s Snapshot, now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s captured, %s failed, %s skipped, %s waiting", Count(s.Captured), Count(s.Failed), Count(s.Skipped), Count(s.Waiting))
	if s.InFlight > 0 {
		fmt.Fprintf(&b, " (%s in flight)", Count(s.InFlight))
	}
	fmt.Fprintf(&b, ", %s articles, %s, %s pages/s", Count(s.Articles), Bytes(s.Bytes), Rate(s.PagesPerSecond))
	if !s.Started.IsZero() {
		fmt.Fprintf(&b, ", %s", Duration(now.Sub(s.Started)))
	}
	if note := clean(s.Note); note != "" {
		b.WriteString("; " + note)
	}
	return b.String()
}

// clean makes a text from outside harmless on a terminal: no escapes, no line
// ends, no characters that turn the direction of the line.
func clean(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		switch {
		case unicode.IsControl(c):
			return ' '
		case unicode.Is(unicode.Cf, c), c == unicode.ReplacementChar:
			return -1
		}
		return c
	}, text))
}

// cells is how many columns a text takes.
func cells(text string) int {
	total := 0
	for _, c := range text {
		total += cellsOf(c)
	}
	return total
}

func cellsOf(c rune) int {
	if unicode.In(c, unicode.Mn, unicode.Me, unicode.Cf) {
		return 0
	}
	switch width.LookupRune(c).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// cut shortens a text to the room, with an ellipsis where something is gone.
func cut(text string, room int) string {
	if cells(text) <= room {
		return text
	}
	used := 0
	for i, c := range text {
		if used += cellsOf(c); used > room-1 {
			return strings.TrimRight(text[:i], " ") + "…"
		}
	}
	return text
}
