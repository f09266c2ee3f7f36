package main

import (
	"fmt"
	"io"
	"sort"
	"time"

	"newsreel/internal/local"
	"newsreel/internal/progress"
)

// printSummary prints what a run came to, for a person.
func printSummary(w io.Writer, dir string, r *local.Result) {
	s := r.Summary
	took := ""
	if s.Finished != nil {
		took = ", " + progress.Duration(s.Finished.Sub(s.Started))
	}
	state := s.State
	if r.Paused {
		state = "paused"
	}
	if r.Stored {
		state += " before; --again starts the next run"
	}
	fmt.Fprintf(w, "\nJob %s, run %d: %s%s\n\n", s.Job, s.Run, state, took)
	row := func(n int64, text string) { fmt.Fprintf(w, "  %10s  %s\n", progress.Count(n), text) }
	reasons := func(m map[string]int64, of string) {
		keys := make([]string, 0, len(m))
		for k := range m {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			row(m[k], of+": "+reasonText(k))
		}
	}
	row(s.Discovered, "URLs discovered, of which")
	row(s.Captured, "captured")
	reasons(s.Failed, "failed")
	reasons(s.Skipped, "skipped")
	row(s.Waiting, "waiting")
	fmt.Fprintln(w)
	row(s.Captures, fmt.Sprintf("captures, %s of them revisits of content held already; %s received", progress.Count(s.Revisits), progress.Bytes(s.Bytes)))
	row(s.Articles, "articles")
	row(s.Outside, "links led out of the scope")
	if s.State == "stopped" {
		fmt.Fprintf(w, "\nThe same command goes on from here.\n")
	}
	fmt.Fprintf(w, "\nFiles: %s/s3/newsreel/%s (%d segments, run started %s)\n", dir, s.Collection, s.Segments, s.Started.Format(time.DateTime))
}

// reasonText puts a reason of the ledger into words.
func reasonText(reason string) string {
	words := map[string]string{
		"robots": "robots (robots.txt says no, or could not be had)", "limit": "limit (a limit of the job)",
		"trap": "trap (looks endless)", "excluded": "excluded (scope.exclude or include)", "type": "type",
		"address": "address (not a public one)", "url": "url (too long)", "cancelled": "cancelled",
		"dns": "dns (no such name)", "connect": "connect (nobody answers)", "tls": "tls (bad certificate or handshake)",
		"timeout": "timeout", "reset": "reset (cut before an answer)", "malformed": "malformed (not HTTP)",
	}
	if t := words[reason]; t != "" {
		return t
	}
	return reason
}
