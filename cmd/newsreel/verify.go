package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/progress"
)

func verifyCommand() *cobra.Command {
	var v verify
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Recompute every checksum and index entry of the archive",
		Long: `Verify reads all that is archived: the size and SHA-256 of each object, the
digests of each WARC record, each index line and table row with the record that
it points to, the ledger of each run with its checksum and its segments, and the
checksum of each manifest and run record.

  newsreel verify
  newsreel verify --collection news

Exit status: 0 all matches, 1 something does not, and it is named.`,
		Args: cobra.NoArgs,
		RunE: v.run,
	}
	cmd.Flags().StringVar(&v.collection, "collection", "", "only this collection")
	jsonFlag(cmd, &v.json, "one JSON object for each collection")
	return cmd
}

type verify struct {
	collection string
	json       bool
}

func (v *verify) run(cmd *cobra.Command, _ []string) error {
	return lookUp(cmd, func(ctx context.Context, l *lookup) error {
		collections, err := l.collections(ctx, v.collection)
		if err != nil {
			return err
		}
		var wrong int64
		for _, c := range collections {
			r, err := l.arc.Verify(ctx, c, v.progress(cmd))
			if err != nil {
				return err
			}
			wrong += r.Mismatched
			if err := v.print(cmd.OutOrStdout(), &r); err != nil {
				return err
			}
		}
		if wrong > 0 {
			return &exitError{code: exitFailed, err: fmt.Errorf("verify: %s", countOf(wrong, "mismatch", "mismatches"))}
		}
		return nil
	})
}

// verifySays is how often a long verification says how far it is.
const verifySays = 5 * time.Second

func (v *verify) progress(cmd *cobra.Command) func(archive.Report) {
	next := time.Now().Add(verifySays)
	return func(r archive.Report) {
		if now := time.Now(); now.After(next) {
			next = now.Add(verifySays)
			say(cmd, "%s: %s read, %s", r.Collection, progress.Bytes(r.Bytes), countOf(r.Mismatched, "mismatch", "mismatches"))
		}
	}
}

func (v *verify) print(w io.Writer, r *archive.Report) error {
	if v.json {
		return printJSON(w, r)
	}
	verdict := "all matches"
	if !r.OK() {
		verdict = countOf(r.Mismatched, "mismatch", "mismatches")
	}
	fmt.Fprintf(w, "Collection %s: %s\n", r.Collection, verdict)
	fmt.Fprintf(w, "  %s in %s, %s hashed\n", countOf(r.Objects, "object", "objects"), countOf(r.Segments, "segment", "segments"), progress.Bytes(r.Bytes))
	fmt.Fprintf(w, "  %s, %s recomputed, %s compared\n", countOf(r.Records, "WARC record", "WARC records"),
		countOf(r.Digests, "digest", "digests"), countOf(r.Entries, "index entry", "index entries"))
	_, err := fmt.Fprintf(w, "  %s\n", countOf(r.Runs, "finished run with its ledger", "finished runs with their ledgers"))
	more := r.Mismatched
	for _, m := range r.Mismatches {
		_, err = fmt.Fprintf(w, "  %s: %s\n", m.Key, plain(m.Text))
		if m.More > 0 {
			_, err = fmt.Fprintf(w, "  %s: … and %s more of this object\n", m.Key, progress.Count(m.More))
		}
		more -= 1 + m.More
	}
	if more > 0 {
		_, err = fmt.Fprintf(w, "  and %s more\n", progress.Count(more))
	}
	return err
}

// countOf writes a number with its noun.
func countOf(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return progress.Count(n) + " " + many
}
