package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"newsreel/job"
	"newsreel/stream"
)

func jobCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Store, list, follow, pause and cancel jobs",
		Long: `A job is a named document that says what to crawl and how; a run is one
execution of it. Jobs live in the data folder, or in a cluster (newsreel help
cluster), where crawlers and archivers take what is submitted.

  newsreel job submit job.yaml
  newsreel crawl --name NAME        runs a stored job
  newsreel job list
  newsreel job watch NAME           from another terminal, while it runs`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("there is no command \"job %s\"; `newsreel job --help` lists them", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(jobSubmitCommand(), jobListCommand(), jobShowCommand(), jobWatchCommand(),
		jobPauseCommand(), jobResumeCommand(), jobCancelCommand())
	return cmd
}

// oneJob is the argument check of commands that take a job's name.
func oneJob(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		path := cmd.CommandPath()
		_, command, _ := strings.Cut(path, " ") // the program names itself
		return usage(fmt.Errorf("%s wants the name of one job, as in: %s NAME; `newsreel job list` lists them", command, path))
	}
	if !job.ValidName(args[0]) {
		return usage(fmt.Errorf("%q is no name of a job: small letters, digits and hyphens, at most 60; `newsreel job list` lists them", args[0]))
	}
	return nil
}

// record is a stored job by name.
func (l *lookup) record(ctx context.Context, name string) (*job.Record, error) {
	rec, err := l.jobs.Get(ctx, name)
	if errors.Is(err, job.ErrNoJob) {
		return nil, fmt.Errorf("no job %s in %s; `newsreel job list%s` lists them", name, l.at, l.at.flags)
	}
	return rec, err
}

// liveLog opens the log of a run, nil if there is none, and says whether a
// process works on it now.
func (l *lookup) liveLog(ctx context.Context, run *job.RunState) (*stream.Log, bool, error) {
	log, err := stream.Open(ctx, l.nc, run.Job, run.Number)
	if errors.Is(err, stream.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	live, err := l.live(ctx, log)
	return log, live, err
}

// live says whether the owner of any partition of the run holds its lease.
func (l *lookup) live(ctx context.Context, log *stream.Log) (bool, error) {
	if !l.roles() {
		return false, nil
	}
	leases, err := stream.OpenLeases(ctx, l.nc, 1)
	if err != nil {
		return false, err
	}
	ids, err := leases.Live(ctx, stream.RoleCrawler)
	if err != nil || len(ids) == 0 {
		return false, err
	}
	alive := map[string]bool{}
	for _, id := range ids {
		alive[id] = true
	}
	owners, err := log.Owners(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range owners {
		if alive[o.Crawler] && !o.Released {
			return true, nil
		}
	}
	return false, nil
}
