package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"newsreel/archiver"
	"newsreel/internal/progress"
)

func sweepCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "sweep",
		Short: "Remove what crashes left behind",
		Long: `Sweep removes objects of attempts to store a segment that another attempt has
stored, staged objects of run logs that are gone, run logs of finished runs, and uploads
that were begun more than a day ago and never ended.
It removes nothing that is archived or under way, and can run beside a crawl.

  newsreel sweep`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return lookUp(cmd, func(ctx context.Context, l *lookup) error {
				streams, err := archiver.NATSStreams(l.nc)
				if err != nil {
					return err
				}
				r, err := archiver.Sweep(ctx, l.store, streams)
				if err != nil {
					return err
				}
				if asJSON {
					return printJSON(cmd.OutOrStdout(), &r)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), sweepText(&r))
				return err
			})
		},
	}
	jsonFlag(cmd, &asJSON, "one JSON object")
	return cmd
}

func sweepText(r *archiver.SweepReport) string {
	text := "Nothing to remove."
	if r.Attempts+r.Staged+r.Streams > 0 {
		text = fmt.Sprintf("Removed %s, %s and %s: %s.",
			countOf(r.Attempts, "object of a lost attempt", "objects of lost attempts"),
			countOf(r.Staged, "staged object", "staged objects"),
			countOf(r.Streams, "run log of a finished run", "run logs of finished runs"), progress.Bytes(r.Bytes))
	}
	if r.Uploads > 0 {
		text += fmt.Sprintf(" Freed %s that never ended.", countOf(r.Uploads, "upload", "uploads"))
	}
	if r.Kept > 0 {
		text += fmt.Sprintf(" Kept %s that may be under way.", countOf(r.Kept, "object", "objects"))
	}
	return text
}
