package when

import (
	"strings"
	"time"
)

// Options are what a page tells about the dates that it prints.
type Options struct {
	// Lang is the page's language, a BCP 47 tag or "".
	Lang string
	// MonthFirst reads 3/4/2024 as March 4.
	MonthFirst bool
	// Fetched gives the year of dates printed without one; zero leaves those out.
	Fetched time.Time
}

func (o Options) base() string {
	lang, _, _ := strings.Cut(strings.ToLower(o.Lang), "-")
	lang, _, _ = strings.Cut(lang, "_")
	return lang
}

// set is a set of words and signs, the words folded.
type set map[string]bool

func setOf(list string) set {
	s := set{}
	for _, w := range strings.Fields(list) {
		s[foldWord(w)] = true
	}
	return s
}

func (s set) has(t token) bool { return t.kind != number && t.text != "" && s[t.text] }
