package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

// commands lists what newsreel can do, in the order of its help.
func commands() []*cobra.Command {
	return append([]*cobra.Command{
		crawlCommand(), demoCommand(),
		jobCommand(), whyCommand(), searchCommand(), exportCommand(), verifyCommand(), sweepCommand(), deadCommand(), doctorCommand(),
		extractCommand(), rulesCommand(), robotsCommand(),
		crawlerCommand(), extractorCommand(), archiverCommand(),
		s3ServerCommand(), versionCommand(), extractPageCommand(), clusterTopic(),
	}, laterCommands()...)
}

// laterCommands are part of newsreel's contract and not of this version: they
// are refused by name.
func laterCommands() []*cobra.Command {
	var list []*cobra.Command
	for name, what := range map[string]string{
		"serve":   "the web pages and the HTTP API",
		"gateway": "the web pages and the HTTP API as a role of their own",
		"import":  "the import of WARC files",
	} {
		list = append(list, &cobra.Command{
			Use: name, Hidden: true, DisableFlagParsing: true,
			RunE: func(*cobra.Command, []string) error {
				return usage(fmt.Errorf("%s, %s, does not exist yet in this version; `newsreel --help` lists what does", name, what))
			},
		})
	}
	return list
}
