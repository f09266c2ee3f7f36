package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"unicode/utf8"

	"newsreel/internal/local"
	"newsreel/internal/progress"
)

// printSummary prints what a run came to, for a person.
func printSummary(w io.Writer, at place, r *local.Result) {
	s := r.Summary
	fmt.Fprintf(w, "\nJob %s, run %d, %s\n\n", s.Job, s.Run, stateText(r))
	row := func(n int64, indent, text string) {
		fmt.Fprintf(w, "  %9s  %s%s\n", progress.Count(n), indent, text)
	}
	row(s.Discovered, "", "URLs discovered")
	row(s.Captured, "  ", "captured")
	row(total(s.Failed), "  ", "failed"+reasons(s.Failed))
	row(total(s.Skipped), "  ", "skipped"+reasons(s.Skipped))
	row(s.Waiting, "  ", "waiting")
	fmt.Fprintln(w)
	row(s.Captures, "", fmt.Sprintf("captures stored, %s received%s", progress.Bytes(s.Bytes), revisits(s.Revisits)))
	row(s.Articles, "", "articles extracted")
	row(s.Outside, "", "links led out of the scope")
	printSamples(w, r.Samples)
	if s.State == "stopped" {
		fmt.Fprintf(w, "\nNothing is lost: the same command goes on from here.\n")
	}
	if at.cluster != nil {
		fmt.Fprintf(w, "\nIn bucket %s at %s, below %s/:\n", at.cluster.Bucket, at.cluster.S3Address(), s.Collection)
	} else {
		fmt.Fprintf(w, "\nIn %s, as plain files:\n", filepath.Join(at.dir, "s3", "newsreel", s.Collection))
	}
	for _, line := range [][2]string{
		{"warc/", "every request and response, WARC/1.1"},
		{"cdxj/", "where each capture stands in them"},
		{"captures/ articles/", "Parquet tables for DuckDB, pandas, Spark"},
		{"urls/", "the ledger: each URL and its fate"},
		{"segments/", "manifests with the checksums of all of it"},
	} {
		fmt.Fprintf(w, "  %-20s  %s\n", line[0], line[1])
	}
}

func stateText(r *local.Result) string {
	s := r.Summary
	switch {
	case r.Stored:
		return s.State + " before (--again starts the next run)"
	case r.Paused:
		return "paused"
	case s.State == "finished" && s.Finished != nil:
		return "finished in " + progress.Duration(s.Finished.Sub(s.Started))
	}
	return s.State
}

func revisits(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf("; %s repeat content held already", progress.Count(n))
}

func total(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}

// reasons lists why URLs failed or were skipped, the most frequent first.
func reasons(m map[string]int64) string {
	if len(m) == 0 {
		return ""
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Slice(keys, func(i, j int) bool { return m[keys[i]] > m[keys[j]] || m[keys[i]] == m[keys[j]] && keys[i] < keys[j] })
	parts := make([]string, 0, len(keys))
	for _, k := range keys {
		parts = append(parts, fmt.Sprintf("%s %s", progress.Count(m[k]), reasonText(k)))
	}
	return ": " + strings.Join(parts, ", ")
}

// reasonText puts a reason of the ledger into words.
func reasonText(reason string) string {
	switch reason {
	case "robots":
		return "robots (robots.txt forbids it, or could not be had)"
	case "limit":
		return "limit (a limit of the job)"
	case "trap":
		return "trap (looks endless)"
	case "excluded":
		return "excluded (by the scope's patterns)"
	case "address":
		return "address (refused)"
	case "url":
		return "url (too long)"
	case "dns":
		return "dns (no such name)"
	case "connect":
		return "connect (nobody answers)"
	case "tls":
		return "tls (bad certificate or handshake)"
	case "reset":
		return "reset (cut before an answer)"
	case "malformed":
		return "malformed (not HTTP)"
	}
	return reason
}

// because joins a reason and its detail, which may begin with the same word.
func because(reason, detail string) string {
	switch {
	case detail == "":
		return reasonText(reason)
	case strings.HasPrefix(detail, reason+" "):
		return detail
	}
	return reasonText(reason) + ": " + detail
}

// printSamples lists articles: when, what, where, and where the date was read.
func printSamples(w io.Writer, list []local.Sample) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\nSome of the articles, with where each date was read:\n")
	for _, a := range list {
		from := a.DateFrom
		if a.Published == "" {
			from = "no date on the page"
		}
		fmt.Fprintf(w, "  %-16s  %s\n  %16s  %s, date from %s\n", shortTime(a.Published), cut(a.Headline, 76), "", a.Domain, from)
	}
}

// shortTime is a published time to the minute.
func shortTime(t string) string {
	if len(t) >= 16 {
		return strings.Replace(t[:16], "T", " ", 1)
	}
	return t
}

func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:n-1])) + "…"
}

// printNext names three commands that work as they are printed.
func printNext(w io.Writer, dir, collection string) {
	self, data := os.Args[0], ""
	if dir != defaultData {
		data = " --data " + dir
	}
	fmt.Fprintf(w, `
Try next:
  %[1]s search harbour%[2]s
  %[1]s export --collection %[3]s --format parquet -o articles.parquet%[2]s && duckdb -c "SELECT published, headline, domain FROM 'articles.parquet' ORDER BY published DESC LIMIT 10"
  %[1]s crawl https://www.example.com/ --max-pages 20%[2]s
`, self, data, collection)
}
