package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"newsreel/internal/demo"
	"newsreel/internal/local"
	"newsreel/job"
)

func demoCommand() *cobra.Command {
	r := crawlRun{demo: true}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Crawl the newspapers that newsreel brings along",
		Long: `Demo serves a small world of newspapers on this machine's loopback address,
crawls it, extracts its articles and archives it all: the whole way that a crawl
of real sites goes, without touching one. --again crawls the papers as they are a
week later.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := refuseCluster(cmd); err != nil {
				return err
			}
			world := demo.New()
			if _, err := world.Start(); err != nil {
				return fmt.Errorf("serve the demo newspapers: %w", err)
			}
			defer world.Close()
			r.cmd, r.resolve = cmd, world.Resolve()
			if r.again {
				world.SetEdition(2)
			}
			r.dir, _ = cmd.Flags().GetString("data")
			return r.do(func(context.Context, *local.Runner) (*job.Document, error) {
				doc, err := job.Parse("demo.yaml", []byte(world.JobYAML()))
				if err != nil {
					return nil, err
				}
				// The papers' names lead to a port that is another each time, which
				// is no part of the job.
				doc.Network.Resolve = nil
				return doc, nil
			})
		},
	}
	cmd.Flags().BoolVar(&r.again, "again", false, "start the next run")
	cmd.Flags().BoolVar(&r.json, "json", false, "print the summary as one JSON object")
	cmd.Flags().BoolVar(&r.quiet, "quiet", false, "show no progress")
	return cmd
}
