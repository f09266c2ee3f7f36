package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/progress"
	"newsreel/job"
)

func jobShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a job: what it asks, its runs, and the ledger so far",
		Long: `Show prints what a job asks beyond the defaults, its runs, and the ledger of the
newest: every URL within the scope is captured, failed, skipped or waiting.

  newsreel job show NAME
  newsreel job show NAME --json

newsreel why URL tells what happened to one URL.`,
		Args: oneJob,
		RunE: func(cmd *cobra.Command, args []string) error {
			return lookUpJobs(cmd, func(ctx context.Context, l *lookup) error {
				shown, err := l.showJob(ctx, args[0])
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), shown)
				}
				return printJob(cmd.OutOrStdout(), shown, l.at)
			})
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object")
	return cmd
}

// shownJob is a job as `job show` prints it. Runs are in their order.
type shownJob struct {
	Job        string        `json:"job"`
	Collection string        `json:"collection"`
	State      string        `json:"state"`
	Created    time.Time     `json:"created"`
	Document   *job.Document `json:"document"`
	Runs       []*runView    `json:"runs"`
}

func (l *lookup) showJob(ctx context.Context, name string) (*shownJob, error) {
	rec, err := l.record(ctx, name)
	if err != nil {
		return nil, err
	}
	shown := &shownJob{Job: rec.Name, Collection: rec.Document.Collection, State: stateStored, Created: rec.Created,
		Document: rec.Document.Public(), Runs: []*runView{}}
	for number := 1; number <= rec.Latest; number++ {
		run, err := l.jobs.Run(ctx, name, number)
		if errors.Is(err, job.ErrNoJob) {
			continue // of an earlier life of the folder: its record is in the archive
		}
		if err != nil {
			return nil, err
		}
		v, err := l.view(ctx, run, math.MaxUint64)
		if err != nil {
			return nil, err
		}
		shown.Runs = append(shown.Runs, v)
		shown.State = v.State
	}
	return shown, nil
}

func printJob(w io.Writer, j *shownJob, at place) error {
	var b strings.Builder
	fmt.Fprintf(&b, "Job %s, collection %s, %s\n", j.Job, j.Collection, j.State)
	for _, line := range asked(j.Document) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	for i, v := range j.Runs {
		if i < len(j.Runs)-1 && v.away != nil {
			fmt.Fprintf(&b, "\nRun %d: %s\n", v.Run, runText(v, time.Now()))
			continue
		}
		if i < len(j.Runs)-1 {
			fmt.Fprintf(&b, "\nRun %d: %s, %s captured, %s articles\n", v.Run, runText(v, time.Now()), progress.Count(v.Captured), progress.Count(v.Articles))
			continue
		}
		fmt.Fprintf(&b, "\nRun %d: %s\n", v.Run, runText(v, time.Now()))
		if v.known || v.away == nil {
			printLedger(&b, &v.Summary)
		} else {
			what, _ := parted(v.away)
			fmt.Fprintf(&b, "  its counts are not known: %s\n", what)
		}
		if v.WaitsFor != "" {
			fmt.Fprintf(&b, "  %s\n", v.WaitsFor)
		}
	}
	if n := len(j.Runs); n == 0 || j.Runs[n-1].goesOn() {
		fmt.Fprintf(&b, "\n%s\n", howOn(j, at))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// howOn says what sets a job going.
func howOn(j *shownJob, at place) string {
	switch {
	case at.cluster == nil || j.State == stateStored:
		return "This starts it:\n  " + at.starts(j.Job)
	case j.State == job.StatePaused:
		return "This goes on with it:\n  newsreel job resume " + j.Job + at.flags
	}
	return "A crawler takes it as soon as one is free. This starts another:\n  newsreel crawler" + at.flags
}

// goesOn says whether a run can be set going.
func (v *runView) goesOn() bool {
	switch v.State {
	case stateStopped, job.StatePaused, job.StateQueued:
		return !v.live
	}
	return false
}

// runText is the state of a run in words.
func runText(v *runView, now time.Time) string {
	text := v.State
	switch {
	case v.Finished != nil:
		text += " " + v.Finished.Local().Format(time.DateTime) + " after " + progress.Duration(v.Finished.Sub(v.Started))
	case v.State == job.StateRunning:
		text += " for " + progress.Duration(now.Sub(v.Started))
	}
	if v.Finished == nil && v.Message != "" && v.Message != v.State {
		text += " (" + v.Message + ")"
	}
	return text
}

// printLedger prints the counts of a run.
func printLedger(w io.Writer, s *archive.Summary) {
	row := func(n int64, text string) { fmt.Fprintf(w, "  %9s  %s\n", progress.Count(n), text) }
	row(s.Discovered, "URLs discovered")
	row(s.Captured, "  captured")
	row(total(s.Failed), "  failed"+reasons(s.Failed))
	row(total(s.Skipped), "  skipped"+reasons(s.Skipped))
	row(s.Waiting, "  waiting")
	row(s.Captures, fmt.Sprintf("captures, %s received%s", progress.Bytes(s.Bytes), revisits(s.Revisits)))
	row(s.Articles, "articles")
	row(s.Segments, "segments stored")
}

// shownValues is how many values of a list are spelt out.
const shownValues = 3

// asked lists what a document asks that is not the default: key and value.
func asked(d *job.Document) []string {
	data, err := json.Marshal(d)
	if err != nil {
		return nil // a document always marshals
	}
	var values map[string]any
	if json.Unmarshal(data, &values) != nil {
		return nil
	}
	var lines []string
	for _, key := range job.Diff(job.Default(), d) {
		if key == "name" || key == "collection" {
			continue
		}
		lines = append(lines, fmt.Sprintf("%-22s %s", key, valueText(valueAt(values, key))))
	}
	return lines
}

func valueAt(values map[string]any, path string) any {
	var at any = values
	for name := range strings.SplitSeq(path, ".") {
		inner, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = inner[name]
	}
	return at
}

func valueText(v any) string {
	list, ok := v.([]any)
	if !ok {
		return plain(fmt.Sprint(v))
	}
	var parts []string
	for _, item := range list[:min(len(list), shownValues)] {
		parts = append(parts, plain(fmt.Sprint(item)))
	}
	text := strings.Join(parts, ", ")
	if more := len(list) - shownValues; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
