package job

import (
	"fmt"
	"sort"
	"strings"
)

// Error is one fault of a job document, a flag or an environment variable.
type Error struct {
	File string // the document, or a seed file; empty for flags and variables
	Line int    // counted from 1; 0 where no line is known
	Key  string // the key (limits.pages), flag (--max-pages) or variable
	Text string // what is wrong, and what would be right
}

// Error is file:line: key: text, without what is not known.
func (e Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
		}
		b.WriteString(": ")
	}
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	return b.String() + e.Text
}

// Errors are all faults of a document, in the order of its lines.
type Errors []Error

// Error has a line for each fault.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// mostErrors bounds what a hostile document can make us print.
const mostErrors = 100

// err is nil for no faults, else they in order.
func (e Errors) err() error {
	if len(e) == 0 {
		return nil
	}
	sort.SliceStable(e, func(i, j int) bool {
		return e[i].File == e[j].File && e[i].Line < e[j].Line
	})
	if len(e) > mostErrors {
		more := len(e) - mostErrors
		e = append(e[:mostErrors:mostErrors], Error{File: e[0].File, Text: fmt.Sprintf("and %d more faults", more)})
	}
	return e
}

// origin is where a value came from: a line of a file, a flag, a variable, an
// argument; the zero origin is the default.
type origin struct {
	file string
	line int
	name string // --max-pages, NEWSREEL_MAX_PAGES, argument
	note string
}

func (o origin) String() string {
	switch {
	case o.file != "" && o.line > 0:
		return fmt.Sprintf("%s:%d", o.file, o.line)
	case o.file != "":
		return o.file
	case o.name != "":
		return o.name
	case o.note != "":
		return "default, " + o.note
	}
	return "default"
}

// isDefault tells values that nobody asked for.
func (o origin) isDefault() bool { return o.file == "" && o.name == "" }

// fault is an error about a key's value, at the place that gave it.
func (d *Document) fault(path, format string, args ...any) Error {
	key, _, _ := strings.Cut(path, "[")
	from, ok := d.origins[path]
	if !ok {
		from = d.origins[key]
	}
	e := Error{File: from.file, Line: from.line, Key: path, Text: fmt.Sprintf(format, args...)}
	if from.name != "" {
		e.Key = from.name
	}
	return e
}

// suggest finds the key that was meant by an unknown one, or "".
func suggest(parent *section, name string) string {
	best, bestCost := "", 3
	for _, known := range parent.order {
		if cost := distance(fold(name), fold(known)); cost < bestCost && cost*2 < len(known) {
			best, bestCost = join(parent.name, known), cost
		}
	}
	if best != "" {
		return best
	}
	flag := strings.ReplaceAll(fold(name), "_", "-")
	for _, key := range allKeys() {
		if key.Flag == flag && flag != "" || lastPart(key.Path) == fold(name) {
			return key.Path
		}
	}
	return ""
}

func fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(clip(name), "-", "_"))
}

// distance counts the single-letter edits and swaps of neighbours that lie
// between two short words.
func distance(a, b string) int {
	before := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	older := make([]int, len(b)+1)
	for i := 1; i <= len(a); i++ {
		older, before, row = before, row, older
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(before[j]+1, row[j-1]+1, before[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], older[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
