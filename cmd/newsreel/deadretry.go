package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/archiver"
	"newsreel/extractor"
	"newsreel/internal/runs"
	"newsreel/job"
	"newsreel/stream"
)

func deadRetryCommand() *cobra.Command {
	var r deadRetry
	cmd := &cobra.Command{
		Use:   "retry ID… | --all [JOB]",
		Short: "Extract again what could not be extracted",
		Long: `Retry extracts pages again that could not be extracted, each in a process of
its own, with this version of newsreel. What goes well is archived: of a run
that is over as a segment of its own, of one under way with its capture. Search
and export then find the articles. Nothing is archived twice, whatever else
retries at the same time.

  newsreel dead retry 0c8f3f5e 91bb2d04
  newsreel dead retry --all
  newsreel dead retry --all gazette

The exit status is 1 if something is still dead after it.`,
		RunE: r.run,
	}
	cmd.Flags().BoolVar(&r.all, "all", false, "all dead letters, of one job if it is named")
	jsonFlag(cmd, &r.json, "one JSON object for each")
	return cmd
}

type deadRetry struct {
	all, json bool
	// failed counts those that are still dead.
	failed int
}

func (r *deadRetry) run(cmd *cobra.Command, args []string) error {
	name := ""
	switch {
	case r.all:
		if err := atMostOneJob(cmd, args); err != nil {
			return err
		}
		if len(args) == 1 {
			name, args = args[0], nil
		}
	case len(args) == 0:
		return usage(errors.New("dead retry wants ids, or --all, as in: newsreel dead retry --all; `newsreel dead list` lists them"))
	}
	return lookUp(cmd, func(ctx context.Context, l *lookup) error {
		letters, err := l.deadLetters(ctx, name)
		if err == nil && !r.all {
			letters, err = named(letters, args)
		}
		if err != nil {
			return err
		}
		if len(letters) == 0 {
			say(cmd, "No dead letters: everything that was captured was processed.")
			return nil
		}
		if err := r.each(ctx, cmd, l, letters); err != nil {
			return err
		}
		if r.failed > 0 {
			return &exitError{code: exitFailed, err: fmt.Errorf("%s still dead", countOf(int64(r.failed), "letter is", "letters are"))}
		}
		return nil
	})
}

// retryBatch is how many results are archived together.
const retryBatch = 100

// each retries the letters of a run after those of another.
func (r *deadRetry) each(ctx context.Context, cmd *cobra.Command, l *lookup, letters []deadLetter) error {
	type runKey struct {
		collection, job string
		run             int
		archived        bool
	}
	var order []runKey
	byRun := map[runKey][]deadLetter{}
	for _, d := range letters {
		k := runKey{d.Collection, d.Job, d.Run, d.Segment != ""}
		if byRun[k] == nil {
			order = append(order, k)
		}
		byRun[k] = append(byRun[k], d)
	}
	for _, k := range order {
		for some := range slices.Chunk(byRun[k], retryBatch) {
			again := r.archived
			if !k.archived {
				again = r.live
			}
			if err := again(ctx, cmd, l, some); err != nil {
				return err
			}
		}
	}
	return nil
}

// archived extracts captures of a run's segments, and archives what goes well.
func (r *deadRetry) archived(ctx context.Context, cmd *cobra.Command, l *lookup, letters []deadLetter) error {
	first := &letters[0]
	rules, lost, err := l.rulesOf(ctx, first)
	if err != nil {
		return err
	}
	w := extractor.NewWorker(extractor.WorkerSettings{Sandbox: sandbox, Rules: rules, RulesLost: lost}, nil, first.Job, first.Run)
	var done []archiver.Redone
	var lines []retryLine
	for i := range letters {
		d := &letters[i]
		line := retryLine{ID: d.ID, URL: d.URL, Result: stream.ResultFailed, Reason: d.Reason}
		if d.Stage == archive.StageExtraction {
			row, err := l.deadCapture(ctx, d)
			if err != nil {
				return err
			}
			block, err := l.arc.Response(ctx, row, maxDeadRecord)
			if err != nil {
				return err
			}
			result, err := w.Archived(ctx, row, block)
			if err != nil {
				return err
			}
			if line.Result, line.Reason = result.Kind, result.Error; result.Kind != stream.ResultFailed {
				done = append(done, archiver.Redone{Capture: *row, Result: result})
			}
		}
		lines = append(lines, line)
	}
	spool := ""
	if l.folder != nil {
		spool = filepath.Join(l.folder.Path(), "spool")
	}
	_, err = archiver.Redo(ctx, l.store, archiver.Settings{Collection: first.Collection, Job: first.Job, Run: first.Run,
		Software: "newsreel/" + Version, SpoolDir: spool}, done)
	if err != nil {
		return err
	}
	return r.print(cmd, lines)
}

// live extracts captures that stand in the log of a run, and writes the results
// there: its archiver takes them with the captures.
func (r *deadRetry) live(ctx context.Context, cmd *cobra.Command, l *lookup, letters []deadLetter) error {
	log := letters[0].log
	rules, lost, err := l.rulesOf(ctx, &letters[0])
	if err != nil {
		return err
	}
	w := extractor.NewWorker(extractor.WorkerSettings{ID: "retry-" + rand.Text()[:10], Staging: runs.Staging{Store: l.store},
		Sandbox: sandbox, Rules: rules, RulesLost: lost}, log, letters[0].Job, letters[0].Run)
	for i := range letters {
		d := &letters[i]
		line := retryLine{ID: d.ID, URL: d.URL, Result: stream.ResultFailed}
		c, err := captureAt(ctx, log, d)
		if err != nil {
			return err
		}
		if c == nil {
			line.Reason = "it was archived meanwhile: retry it again"
		} else {
			result, err := w.Again(ctx, c)
			if err == nil && result.Kind != stream.ResultFailed {
				result.Again = true
				err = log.Result(ctx, result)
			}
			if err != nil {
				return err
			}
			line.Result, line.Reason = result.Kind, result.Error
		}
		if err := r.print(cmd, []retryLine{line}); err != nil {
			return err
		}
	}
	return nil
}

// rulesOf reads the site rules of a dead letter's run: as the store of jobs has
// the run, else as its record in the archive does. A run of which neither is left
// has none. Results are as of runs.Keeper.SiteRules.
func (l *lookup) rulesOf(ctx context.Context, d *deadLetter) (choose extractor.Chooser, lost, err error) {
	run, err := l.jobs.Run(ctx, d.Job, d.Run)
	if err == nil && run.Document.Collection == d.Collection {
		return l.keeper.SiteRules(ctx, run.Document)
	}
	if err != nil && !errors.Is(err, job.ErrNoJob) {
		return nil, nil, err
	}
	stored, err := l.arc.ReadRun(ctx, d.Collection, d.Job, d.Run)
	if errors.Is(err, archive.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	var doc job.Document
	if err := json.Unmarshal(stored.Document, &doc); err != nil {
		return nil, nil, fmt.Errorf("record of run %d of job %s: %w", d.Run, d.Job, err)
	}
	return l.keeper.SiteRules(ctx, &doc)
}

// captureAt reads a capture from the log, nil if it was archived and purged.
func captureAt(ctx context.Context, log *stream.Log, d *deadLetter) (*stream.Capture, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	reader, err := log.Read(ctx, d.sequence, stream.ClassCapture)
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	e, err := reader.Next(ctx)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && e.Sequence != d.sequence {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return stream.ParseCapture(e)
}

// retryLine is what `dead retry` prints of a letter.
type retryLine struct {
	ID     string `json:"id"`
	URL    string `json:"url"`
	Result string `json:"result"` // article, none or failed
	Reason string `json:"reason,omitempty"`
}

func (r *deadRetry) print(cmd *cobra.Command, lines []retryLine) error {
	out := cmd.OutOrStdout()
	for _, line := range lines {
		text := map[string]string{stream.ResultArticle: "extracted", stream.ResultNone: "no article on it"}[line.Result]
		if line.Result == stream.ResultFailed {
			r.failed++
			text = "still dead: " + plain(line.Reason)
		}
		var err error
		if r.json {
			err = printJSON(out, &line)
		} else {
			_, err = fmt.Fprintf(out, "%s  %s  %s\n", line.ID, plain(line.URL), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
