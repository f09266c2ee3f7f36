package robots

import (
	"strconv"
	"strings"
)

// lineMark stands before the original line's number, in a comment at the end
// of each line of the compact form.
const lineMark = "#@"

// Relevant gives the least robots.txt that judges as r does for agent: its
// group, its Crawl-delay and the sitemaps, each line followed by "#@" and its
// number in the original. It is a valid robots.txt itself; ParseCompact reads
// it with the numbers. Bytes that are not UTF-8 stay as they are.
func (r *Rules) Relevant(agent string) []byte {
	if r == nil {
		return nil
	}
	var out []byte
	if g := r.group(agent); g != nil {
		out = appendLine(out, "User-agent: "+g.agent, g.line)
		if g.delay.d > 0 {
			out = appendLine(out, g.delay.text, g.delay.line)
		}
		for i := range g.rules {
			out = appendLine(out, g.rules[i].text, g.rules[i].line)
		}
	}
	for _, s := range r.sitemaps {
		out = appendLine(out, s.text, s.line)
	}
	return out
}

func appendLine(dst []byte, text string, line int) []byte {
	dst = append(dst, text...)
	dst = append(dst, ' ')
	dst = append(dst, lineMark...)
	dst = strconv.AppendInt(dst, int64(line), 10)
	return append(dst, '\n')
}

// ParseCompact reads what Relevant wrote. Lines without a number count as
// usual.
func ParseCompact(text []byte) *Rules { return parse(text, true) }

func compactLineNumber(line string, n int) int {
	i := strings.LastIndex(line, lineMark)
	if i < 0 {
		return n
	}
	at, err := strconv.Atoi(line[i+len(lineMark):])
	if err != nil || at <= 0 {
		return n
	}
	return at
}
