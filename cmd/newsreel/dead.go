package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/capture"
	"newsreel/internal/progress"
	"newsreel/job"
	"newsreel/stream"
)

func deadCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "dead",
		Short: "List, inspect and retry what could not be processed",
		Long: `Dead letters are captures that could not be processed: pages whose extraction
failed each time (and ended its process, ran over its limits, or could not read
the capture), and captures whose bytes were gone before they were archived. They
hold nothing up; the rest of the run is archived without them. URLs that could
not be fetched are no dead letters: ` + "`newsreel why URL`" + ` tells of them.

  newsreel dead list
  newsreel dead show 0c8f3f5e
  newsreel dead retry --all`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("there is no command dead %q; `newsreel dead --help` lists them", args[0]))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(deadListCommand(), deadShowCommand(), deadRetryCommand())
	return cmd
}

func deadListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list [JOB]",
		Short: "List what could not be processed",
		Long: `List prints the captures that could not be processed and were not since, with
the reason of each: of all jobs, or of one.

  newsreel dead list
  newsreel dead list gazette --json`,
		Args: atMostOneJob,
		RunE: func(cmd *cobra.Command, args []string) error {
			return lookUp(cmd, func(ctx context.Context, l *lookup) error {
				letters, err := l.deadLetters(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				return printDead(cmd, letters, asJSON)
			})
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object for each")
	return cmd
}

func atMostOneJob(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return oneJob(cmd, args)
}

// deadLetter is a dead letter with what is needed to try it again.
type deadLetter struct {
	archive.DeadLetter
	// sequence is that of the capture's message, where it is not archived yet.
	sequence uint64
	log      *stream.Log
}

// deadLetters are those of the archive and of the logs of runs under way, by
// time. It is no error if nothing is archived.
func (l *lookup) deadLetters(ctx context.Context, name string) ([]deadLetter, error) {
	collections, err := l.arc.Collections(ctx)
	if err != nil {
		return nil, err
	}
	var letters []deadLetter
	for _, c := range collections {
		for d, err := range l.arc.DeadLetters(ctx, c, name) {
			if err != nil {
				return nil, err
			}
			letters = append(letters, deadLetter{DeadLetter: d})
		}
	}
	records, err := l.jobs.List(ctx)
	if err != nil {
		return nil, err
	}
	for _, rec := range records {
		if rec.Latest == 0 || name != "" && rec.Name != name {
			continue
		}
		some, err := l.deadInLog(ctx, rec)
		if err != nil {
			return nil, err
		}
		letters = append(letters, some...)
	}
	slices.SortStableFunc(letters, func(x, y deadLetter) int { return x.Time.Compare(y.Time) })
	return letters, nil
}

// deadInLog are the dead letters of a job's newest run that are not archived yet:
// captures of its log whose results all say that they failed.
func (l *lookup) deadInLog(ctx context.Context, rec *job.Record) ([]deadLetter, error) {
	run, err := l.jobs.Run(ctx, rec.Name, rec.Latest)
	if err != nil || run.Over() {
		return nil, err
	}
	log, err := stream.Open(ctx, l.nc, run.Job, run.Number)
	if errors.Is(err, stream.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	committed := uint64(0)
	for m, err := range l.arc.RunManifests(ctx, run.Document.Collection, run.Job, run.Number) {
		if err != nil {
			return nil, err
		}
		committed = m.Last
	}
	found := map[string]deadLetter{}
	err = log.ReadAll(ctx, 1, func(e stream.Entry) error {
		id, kind := e.Header.Get(stream.HeaderCapture), e.Header.Get(stream.HeaderResult)
		if kind != stream.ResultFailed {
			delete(found, id)
			return nil
		}
		r, err := stream.ParseResult(e)
		if err != nil {
			return err
		}
		if _, known := found[id]; !known && r.CaptureSequence > committed {
			found[id] = deadLetter{sequence: r.CaptureSequence, log: log, DeadLetter: archive.DeadLetter{ID: id, URL: r.URL,
				Collection: run.Document.Collection, Job: run.Job, Run: run.Number, Stage: archive.StageExtraction,
				Reason: r.Error, Time: e.Time.UTC()}}
		}
		return nil
	}, stream.ClassResult)
	letters := make([]deadLetter, 0, len(found))
	for _, d := range found {
		letters = append(letters, d)
	}
	return letters, err
}

func printDead(cmd *cobra.Command, letters []deadLetter, asJSON bool) error {
	out := cmd.OutOrStdout()
	if asJSON {
		for _, d := range letters {
			if err := printJSON(out, &d.DeadLetter); err != nil {
				return err
			}
		}
		return nil
	}
	if len(letters) == 0 {
		say(cmd, "No dead letters: everything that was captured was processed.")
		return nil
	}
	rows := [][]string{{"ID", "JOB", "RUN", "URL", "WHY"}}
	for _, d := range letters {
		rows = append(rows, []string{d.ID, d.Job, fmt.Sprint(d.Run), plain(d.URL), plain(d.Reason)})
	}
	return table(out, rows, 2)
}

// leastID is how much of an id must be given.
const leastID = 8

// named returns the dead letters of ids, or of their beginnings.
func named(letters []deadLetter, ids []string) ([]deadLetter, error) {
	var picked []deadLetter
	for _, id := range ids {
		if len(id) < leastID {
			return nil, usage(fmt.Errorf("%q: give at least %d characters of an id; `newsreel dead list` lists them", id, leastID))
		}
		n := len(picked)
		for _, d := range letters {
			if strings.HasPrefix(d.ID, id) {
				picked = append(picked, d)
			}
		}
		switch len(picked) - n {
		case 1:
		case 0:
			return nil, fmt.Errorf("no dead letter %s; `newsreel dead list` lists them", id)
		default:
			return nil, usage(fmt.Errorf("%s is the beginning of several ids; give more of it", id))
		}
	}
	return picked, nil
}

func deadShowCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "show ID",
		Short: "Show why one could not be processed, and where it is",
		Long: `Show prints what is known of a dead letter: its URL, the reason, the size of the
page, and where its record stands in which WARC file. The beginning of an id
does.

  newsreel dead show 0c8f3f5e`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(errors.New("dead show wants one id, as in: newsreel dead show 0c8f3f5e; `newsreel dead list` lists them"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return lookUp(cmd, func(ctx context.Context, l *lookup) error {
				letters, err := l.deadLetters(ctx, "")
				if err == nil {
					letters, err = named(letters, args)
				}
				if err != nil {
					return err
				}
				return l.showDead(ctx, cmd, &letters[0], asJSON)
			})
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object")
	return cmd
}

// deadView is what `dead show` prints.
type deadView struct {
	*archive.DeadLetter
	Status       int16  `json:"status,omitempty"`
	ContentType  string `json:"content_type,omitempty"`
	WARC         string `json:"warc_filename,omitempty"`
	RecordOffset int32  `json:"warc_record_offset,omitempty"`
	RecordLength int32  `json:"warc_record_length,omitempty"`
	// ResponseBytes is the response as the server sent it.
	ResponseBytes int64 `json:"response_bytes,omitempty"`
}

// maxDeadRecord is the largest record that is read to be inspected or extracted
// again, in bytes.
const maxDeadRecord = 256 << 20

func (l *lookup) showDead(ctx context.Context, cmd *cobra.Command, d *deadLetter, asJSON bool) error {
	v := deadView{DeadLetter: &d.DeadLetter}
	if d.Segment != "" && d.Stage == archive.StageExtraction {
		row, err := l.deadCapture(ctx, d)
		if err != nil {
			return err
		}
		v.Status, v.ContentType = row.FetchStatus, cmp.Or(row.ContentMIMESniff, row.ContentMIMEType)
		v.WARC, v.RecordOffset, v.RecordLength = row.WARCFilename, row.WARCRecordOffset, row.WARCRecordLength
		block, err := l.arc.Response(ctx, row, maxDeadRecord)
		if err != nil {
			return err
		}
		v.ResponseBytes = int64(len(block))
	}
	if asJSON {
		return printJSON(cmd.OutOrStdout(), &v)
	}
	rows := [][]string{{"id", d.ID}, {"URL", plain(d.URL)}, {"job", fmt.Sprintf("%s, run %d, collection %s", d.Job, d.Run, d.Collection)},
		{"failed", d.Time.Format(time.RFC3339) + ", " + stageText(d)}, {"why", plain(d.Reason)}}
	if v.WARC != "" {
		rows = append(rows, []string{"page", fmt.Sprintf("status %d, %s, %s as the server sent it", v.Status, plain(v.ContentType), progress.Bytes(v.ResponseBytes))},
			[]string{"record", fmt.Sprintf("%s/%s/%s, %d bytes at %d", d.Collection, archive.ObjectWARC, v.WARC, v.RecordLength, v.RecordOffset)})
	}
	return table(cmd.OutOrStdout(), rows)
}

func stageText(d *deadLetter) string {
	switch {
	case d.Stage == archive.StageArchiving:
		return "as it was archived: its bytes are lost, and only a new crawl of the URL brings them"
	case d.Segment == "":
		return "as it was extracted; its segment is not archived yet"
	}
	return "as it was extracted"
}

// deadCapture is the archived capture of a dead letter.
func (l *lookup) deadCapture(ctx context.Context, d *deadLetter) (*capture.Row, error) {
	m, err := l.arc.Manifest(ctx, d.Collection, d.Segment)
	if err != nil {
		return nil, err
	}
	return l.arc.CaptureByID(ctx, m, d.ID)
}
