package readers

import (
	"regexp"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
	"newsreel/extractor/when"
)

// scriptDate is a name for the day of publication as scripts spell it, from the
// letters "ubli" or "ubd" on, with a date that machines read.
var scriptDate = regexp.MustCompile(`^(?i)(?:ubli(?:sh|shed|shing|cation)?|ub)[_-]?(?:date|time|at|on)?(?:_?gmt|_?time|_?millis|_?timestamp|_?utc)?\\?["']?\s*[:=]\s*\\?["']?((?:19|20)\d\d-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|1\d{9}(?:\d{3})?\b)`)

// maxScriptDates bounds the dates that scripts may name: where they name more
// days, they speak of more stories than one.
const maxScriptDates = 2

// ScriptDates lists the days that a page's scripts call those of publication,
// such as published_at or cmsPublishingDate of the data for its counters; none
// where there are many.
func ScriptDates(d *page.Doc) []Date {
	var out []Date
	days := map[string]bool{}
	for _, n := range d.Nodes {
		if n.Tag != atom.Script {
			continue
		}
		raw := n.RawText()
		for at := 0; len(out) < 200; {
			i := nextName(raw[at:])
			if i < 0 {
				break
			}
			at += i
			m := scriptDate.FindStringSubmatch(raw[at:min(len(raw), at+90)])
			at += 3
			if m == nil {
				continue
			}
			if t, ok := when.Machine(m[1]); ok {
				days[t.Date().String()] = true
				date := Date{From: "script", Role: Published, Block: -1}
				date.Time = t
				out = append(out, date)
			}
		}
	}
	if len(days) > maxScriptDates {
		return nil
	}
	return out
}

func nextName(s string) int {
	best := -1
	for _, word := range []string{"ubli", "ubDate", "ubdate", "ub_date"} {
		if i := strings.Index(s, word); i >= 0 && (best < 0 || i < best) {
			best = i
			s = s[:min(len(s), i+len(word))]
		}
	}
	return best
}
