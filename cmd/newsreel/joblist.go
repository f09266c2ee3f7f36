package main

import (
	"context"
	"io"
	"strconv"

	"github.com/spf13/cobra"

	"newsreel/internal/progress"
	"newsreel/job"
)

func jobListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the jobs of the data folder",
		Long: `List prints the jobs of the data folder with the state of the newest run of
each: stored (never run), queued, running, paused, stopped (the same command
goes on), finished or failed.

  newsreel job list
  newsreel job list --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lookUpJobs(cmd, func(ctx context.Context, l *lookup) error {
				list, err := l.listJobs(ctx)
				if err != nil {
					return err
				}
				return printJobs(cmd, list, l.at, asJSON)
			})
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object for each job")
	return cmd
}

// stateStored is the state of a job that has never run.
const stateStored = "stored"

// jobLine is a job in a list. Captured and Waiting are those of the newest
// run, and absent where they are not known.
type jobLine struct {
	Job        string `json:"job"`
	Collection string `json:"collection"`
	Runs       int    `json:"runs"`
	State      string `json:"state"`
	Captured   *int64 `json:"captured,omitempty"`
	Waiting    *int64 `json:"waiting,omitempty"`
}

// listed is the longest log that is read for a line of a list: about a second.
const listed = 100_000

func (l *lookup) listJobs(ctx context.Context) ([]jobLine, error) {
	records, err := l.jobs.List(ctx)
	if err != nil {
		return nil, err
	}
	lines := make([]jobLine, 0, len(records))
	for _, rec := range records {
		line, err := l.jobLine(ctx, rec)
		if err != nil {
			return nil, err
		}
		lines = append(lines, *line)
	}
	return lines, nil
}

func (l *lookup) jobLine(ctx context.Context, rec *job.Record) (*jobLine, error) {
	line := &jobLine{Job: rec.Name, Collection: rec.Document.Collection, Runs: rec.Latest, State: stateStored}
	if rec.Latest == 0 {
		return line, nil
	}
	run, err := l.jobs.Run(ctx, rec.Name, rec.Latest)
	if err != nil {
		return nil, err
	}
	v, err := l.view(ctx, run, listed)
	if err != nil {
		return nil, err
	}
	line.State = v.State
	if v.known {
		line.Captured, line.Waiting = &v.Captured, &v.Waiting
	}
	return line, nil
}

func printJobs(cmd *cobra.Command, list []jobLine, at place, asJSON bool) error {
	if asJSON {
		for i := range list {
			if err := printJSON(cmd.OutOrStdout(), &list[i]); err != nil {
				return err
			}
		}
		return nil
	}
	if len(list) == 0 {
		say(cmd, "No jobs in %s yet: `newsreel job submit FILE|URL…%s` stores one.", at, at.flags)
		return nil
	}
	return jobTable(cmd.OutOrStdout(), list)
}

func jobTable(w io.Writer, list []jobLine) error {
	count := func(n *int64) string {
		if n == nil {
			return "?"
		}
		return progress.Count(*n)
	}
	rows := [][]string{{"NAME", "RUNS", "STATE", "CAPTURED", "WAITING", "COLLECTION"}}
	for _, j := range list {
		captured, waiting := count(j.Captured), count(j.Waiting)
		if j.State == stateStored {
			captured, waiting = "-", "-"
		}
		rows = append(rows, []string{j.Job, strconv.Itoa(j.Runs), j.State, captured, waiting, j.Collection})
	}
	return table(w, rows, 1, 3, 4)
}
