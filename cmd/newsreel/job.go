package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/job"
	"newsreel/stream"
)

func jobCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Store, list, follow, pause and cancel jobs",
		Long: `A job is a named document that says what to crawl and how; a run is one
execution of it. Jobs live in the data folder.

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
		return nil, fmt.Errorf("no job %s in %s; `newsreel job list%s` lists them", name, l.dir, dataFlag(l.dir))
	}
	return rec, err
}

func jobSubmitCommand() *cobra.Command {
	var flags *job.Flags
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "submit FILE|URL…",
		Short: "Store a job, and print its name",
		Long: `Submit checks a job document, or makes one of URLs and flags, stores it in the
data folder, and prints the job's name. It starts nothing; what does is named
on stderr.

  newsreel job submit job.yaml
  newsreel job submit --max-pages 100 https://www.example.com/
  newsreel crawl --name "$(newsreel job submit job.yaml)"

A job that is stored already takes changed limits and politeness, and a run of
it that goes on takes them at once. Other seeds or scope make another job.`,
		RunE: func(cmd *cobra.Command, args []string) error { return submit(cmd, flags, args, asJSON) },
	}
	flags = job.BindFlags(cmd.Flags())
	jsonFlag(cmd, &asJSON, "the job's name as a JSON object")
	return cmd
}

func submit(cmd *cobra.Command, flags *job.Flags, args []string, asJSON bool) error {
	if len(args) == 0 {
		return usage(errors.New("submit what? Give a job document or URLs, as in: newsreel job submit https://www.example.com/"))
	}
	from := crawl{job: flags}
	doc, _, err := from.document(cmd, args)
	if err != nil {
		return usage(err)
	}
	dir, _ := cmd.Flags().GetString("data")
	ctx, undo := interruptible()
	defer undo()
	l, err := useFolder(ctx, dir)
	if err != nil {
		return err
	}
	defer l.close()
	applied, err := l.submit(ctx, doc)
	var changed *job.ChangeError
	if errors.As(err, &changed) {
		return usage(err)
	}
	if err != nil {
		return interrupted(ctx, err)
	}
	if len(applied) > 0 {
		say(cmd, "Job %s is running, and takes %s at once.", doc.Name, strings.Join(applied, ", "))
	} else {
		say(cmd, "Stored. This starts it:\n  %s", crawlCommandFor(doc.Name, dir))
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), map[string]string{"job": doc.Name})
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), doc.Name)
	return err
}

// submit stores a document. Where a run of the job goes on in another process
// it is told what changed, which is returned.
func (l *lookup) submit(ctx context.Context, doc *job.Document) (applied []string, err error) {
	var run *job.RunState
	if old, err := l.jobs.Get(ctx, doc.Name); err == nil && old.Latest > 0 {
		if run, err = l.jobs.Run(ctx, doc.Name, old.Latest); err != nil {
			return nil, err
		}
	}
	var changed []string
	if run != nil && !run.Over() {
		// Before it is stored: a run under way would refuse it for ever after.
		if changed, err = job.Resume(run.Document, doc); err != nil {
			return nil, err
		}
	}
	if _, err := l.jobs.Put(ctx, doc, time.Now()); err != nil || len(changed) == 0 {
		return nil, err
	}
	log, live, err := l.liveLog(ctx, run)
	if err != nil || !live {
		return nil, err
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	_, err = log.Control(ctx, stream.Control{Type: stream.ControlDocument, Document: data, By: "job submit", Time: time.Now().UTC()})
	return changed, err
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
	if _, roles := l.roles(); !roles {
		return false, nil
	}
	leases, err := stream.OpenLeases(ctx, l.nc, 1)
	if err != nil {
		return false, err
	}
	ids, err := leases.Live(ctx)
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
