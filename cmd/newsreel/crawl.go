package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"newsreel/internal/clock"
	"newsreel/internal/local"
	"newsreel/internal/progress"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

func crawlCommand() *cobra.Command {
	var c crawl
	cmd := &cobra.Command{
		Use:   "crawl [JOB.yaml | URL…]",
		Short: "Run a job to its end: crawl, extract, archive",
		Long: `Crawl runs a job to its end in this process: from a job document, or from the
URLs given. Run again, the same command goes on where it was stopped or killed;
when the job is finished it prints what came of it. --again starts the next run.

Ctrl-C once stops cleanly, twice at once.

  newsreel crawl https://www.example.com/
  newsreel crawl --max-pages 100 --scope domain https://www.example.com/
  newsreel crawl job.yaml
  newsreel crawl --name www-example-com-1a2b3c4d

Exit status: 0 finished, 1 failed, 2 wrong usage or job document, 3 stopped
before its end.`,
		RunE: func(cmd *cobra.Command, args []string) error { return c.run(cmd, args) },
	}
	c.job = job.BindFlags(cmd.Flags())
	cmd.Flags().BoolVar(&c.again, "again", false, "start the next run of a job that is finished")
	cmd.Flags().BoolVar(&c.json, "json", false, "print the summary as one JSON object")
	cmd.Flags().BoolVar(&c.quiet, "quiet", false, "show no progress")
	cmd.Flags().BoolVar(&c.explain, "explain", false, "print the whole job document with where each value is from, and do nothing")
	cmd.Flags().Int64Var(&c.snapshotEvery, "snapshot-every", 0, "entries of a partition between two snapshots of the frontier")
	_ = cmd.Flags().MarkHidden("snapshot-every")
	return cmd
}

type crawl struct {
	job                         *job.Flags
	again, json, quiet, explain bool
	snapshotEvery               int64
}

func (c *crawl) run(cmd *cobra.Command, args []string) error {
	doc, stored, err := c.document(cmd, args)
	if err != nil {
		return usage(err)
	}
	here := fromHere()
	if c.explain {
		return c.explained(cmd, doc, stored, here)
	}
	if err := refuseCluster(cmd); err != nil {
		return err
	}
	dir, _ := cmd.Flags().GetString("data")
	r := crawlRun{cmd: cmd, dir: dir, again: c.again, json: c.json, quiet: c.quiet, snapshotEvery: c.snapshotEvery}
	return r.do(func(ctx context.Context, runner *local.Runner) (*job.Document, error) {
		if doc != nil {
			return doc, nil
		}
		rec, err := runner.Jobs().Get(ctx, stored)
		if errors.Is(err, job.ErrNoJob) {
			return nil, usage(fmt.Errorf("no job %q in %s; `newsreel job list` lists them", stored, runner.Path()))
		}
		if err != nil {
			return nil, err
		}
		doc := rec.Document
		if err := c.apply(doc, here); err != nil {
			return nil, usage(err)
		}
		return doc, nil
	})
}

// explained prints a document, or that of a stored job, and does nothing else.
func (c *crawl) explained(cmd *cobra.Command, doc *job.Document, stored string, place func(string) (string, error)) error {
	if doc != nil {
		_, err := io.WriteString(cmd.OutOrStdout(), job.Explain(doc))
		return err
	}
	return lookUp(cmd, func(ctx context.Context, l *lookup) error {
		rec, err := l.record(ctx, stored)
		if err != nil {
			return err
		}
		if err := c.apply(rec.Document, place); err != nil {
			return usage(err)
		}
		_, err = io.WriteString(cmd.OutOrStdout(), job.Explain(rec.Document))
		return err
	})
}

// document reads the job from a file or from URLs. Without either, --name is
// that of a stored job.
func (c *crawl) document(cmd *cobra.Command, args []string) (doc *job.Document, stored string, err error) {
	switch {
	case len(args) == 0 && c.job.Given("name"):
		return nil, cmd.Flags().Lookup("name").Value.String(), nil
	case len(args) == 0 && os.Getenv("NEWSREEL_NAME") != "":
		return nil, os.Getenv("NEWSREEL_NAME"), nil
	case len(args) == 0:
		return nil, "", errors.New("crawl what? Give a job document or URLs, as in: newsreel crawl https://www.example.com/")
	case len(args) == 1 && isFile(args[0]):
		doc, err = job.ParseFile(args[0])
	default:
		doc, err = job.FromURLs(args)
	}
	if err != nil {
		return nil, "", err
	}
	return doc, "", c.apply(doc, nil)
}

// fromHere places paths below the working directory as it is now, for when what
// runs in this process has changed it. A working directory that is gone matters
// only to who names such a path.
func fromHere() func(path string) (string, error) {
	here, err := os.Getwd()
	return func(path string) (string, error) {
		if err != nil {
			return "", fmt.Errorf("%s: the working directory: %w", path, err)
		}
		return filepath.Join(here, path), nil
	}
}

// apply puts flags and environment over a document, and reads its site rules;
// where their relative paths lead is as runs.ReadSiteRules says.
func (c *crawl) apply(doc *job.Document, place func(string) (string, error)) error {
	if err := c.job.Apply(doc, os.LookupEnv); err != nil {
		return err
	}
	return runs.ReadSiteRules(doc, place)
}

func isFile(arg string) bool {
	if strings.Contains(arg, "://") {
		return false
	}
	info, err := os.Stat(arg)
	return err == nil && info.Mode().IsRegular() || strings.HasSuffix(arg, ".yaml") || strings.HasSuffix(arg, ".yml")
}

// crawlRun is one running of a job on the terminal.
type crawlRun struct {
	cmd                *cobra.Command
	dir                string
	again, json, quiet bool
	snapshotEvery      int64
	// demo leaves out what only a crawl of one's own needs to hear.
	demo bool
	// resolve are addresses of names beside those of the document.
	resolve map[string]string
	printer *progress.Printer
	// document is that of the run, once it has begun.
	document *job.Document
}

// do opens the folder and runs the job that choose returns.
func (r *crawlRun) do(choose func(context.Context, *local.Runner) (*job.Document, error)) error {
	stderr := r.cmd.ErrOrStderr()
	r.printer = progress.New(stderr, isTerminal(stderr), time.Now)
	opts := local.Options{Now: clock.FromEnvironment(), Dir: r.dir, Command: commandLine(), Version: Version, Again: r.again, Resolve: r.resolve, SnapshotEvery: r.snapshotEvery,
		Sandbox: sandbox, Log: warnings(r.printer), Started: r.started, Progress: r.progress}
	runner, err := local.Open(opts)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	defer r.interrupts(runner)()
	result, err := func() (*local.Result, error) {
		doc, err := choose(ctx, runner)
		if err != nil {
			return nil, err
		}
		return runner.Run(ctx, doc)
	}()
	r.printer.Done()
	if cerr := runner.Close(); err == nil {
		err = cerr
	}
	var changed *job.ChangeError
	if errors.As(err, &changed) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	return r.finish(result)
}

// interrupts makes the first Ctrl-C a clean stop, the second an end at once.
func (r *crawlRun) interrupts(runner *local.Runner) (undo func()) {
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-ch:
			}
			if n > 0 {
				os.Exit(exitStopped)
			}
			r.printer.Message("Stopping: what is in flight is finished and archived first. Ctrl-C again stops at once; nothing is lost either way.")
			runner.Stop()
		}
	}()
	return func() { signal.Stop(ch); close(done) }
}

func (r *crawlRun) started(s local.Start) {
	r.document = s.Document
	if r.quiet {
		return
	}
	d := s.Document
	verb := "Crawling"
	if s.Resumed {
		verb = "Going on with"
	}
	r.printer.Message(fmt.Sprintf("%s job %s, run %d, into collection %s.", verb, s.Run.Job, s.Run.Number, d.Collection))
	if n := len(d.Extract.Rules); n > 0 && d.Extract.Enabled {
		r.printer.Message(fmt.Sprintf("Articles are read with %s.", count(n, "site rule")))
	}
	if s.OldRules {
		r.printer.Message(oldRules)
	}
	if len(s.Changed) > 0 {
		r.printer.Message("Changed since it was started: " + strings.Join(s.Changed, ", ") + ".")
	}
	if !r.demo {
		for _, line := range pace(d) {
			r.printer.Message(line)
		}
	}
}

// oldRules says that a run is not made with the site rules that were given.
const oldRules = "The site rules have changed since this run began: it goes on with those that it began with, and the next run takes the new ones."

func (r *crawlRun) progress(p local.Progress) {
	if r.quiet {
		return
	}
	s := progress.Snapshot{Discovered: p.Counts.Discovered, Captured: p.Counts.Captured, Waiting: p.Counts.Waiting,
		InFlight: p.InFlight, Articles: p.Articles, Bytes: p.Counts.Bytes, Note: p.Note, Started: p.Started}
	for _, n := range p.Counts.Failed {
		s.Failed += n
	}
	for _, n := range p.Counts.Skipped {
		s.Skipped += n
	}
	if p.Phase != "crawling" && p.Phase != "over" && s.Note == "" {
		s.Note = p.Phase
	}
	if took := time.Since(p.Started).Seconds(); took > 0 {
		s.PagesPerSecond = float64(p.Counts.Captures) / took
	}
	r.printer.Update(s)
}

// finish prints the summary and says how the command ends.
func (r *crawlRun) finish(result *local.Result) error {
	s := result.Summary
	if r.json {
		if err := json.NewEncoder(r.cmd.OutOrStdout()).Encode(&s); err != nil {
			return err
		}
	} else {
		printSummary(r.cmd.OutOrStdout(), folderAt(r.dir), result)
		if r.demo && s.State == "finished" {
			printNext(r.cmd.OutOrStdout(), r.dir, s.Collection)
		}
	}
	switch s.State {
	case "finished":
		return nil
	case "failed":
		return &exitError{code: exitFailed, err: errors.New(whyFailed(result, r.document))}
	}
	return &exitError{code: exitStopped}
}

// whyFailed says why a run failed, and what may cure it.
func whyFailed(r *local.Result, doc *job.Document) string {
	text := fmt.Sprintf("no seed of job %s could be captured", r.Summary.Job)
	if f := r.Failure; f != nil {
		text += fmt.Sprintf("\n%s: %s", plain(f.URL), plain(because(f.Reason, f.Detail)))
		if cure := cureOf(f, doc); cure != "" {
			text += "\n" + cure
		}
	}
	return text + "\n`newsreel why URL` tells what happened to each URL; the same command tries again"
}

// cureOf is what may help against a failure, "" where nothing is known to.
func cureOf(f *runs.Failure, doc *job.Document) string {
	switch f.Reason {
	case stream.SkipAddress:
		// The bad ports are refused whatever is allowed.
		if doc != nil && !doc.Network.AllowPrivate && !strings.Contains(f.Detail, "bad port") {
			return "--allow-private lets a crawl reach addresses that are not public"
		}
	case "dns":
		return "look for a typing error, or give the name's address with --resolve NAME=ADDR"
	case "tls":
		return "--certificates record captures it all the same, and records that"
	}
	return ""
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}

func commandLine() string { return "newsreel " + strings.Join(os.Args[1:], " ") }
