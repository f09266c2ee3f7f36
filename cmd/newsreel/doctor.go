package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/internal/remote"
)

func doctorCommand() *cobra.Command {
	var asJSON bool
	var names []string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Look whether this machine is fit for a crawl",
		Long: `Doctor looks at the disk of the data folder and how long it takes to make a write
durable, at limits of the system, the clock, sockets, DNS, proxies and the
environment. It says in words what it found, and what cures each problem. It
needs no network and changes nothing. With --nats and --s3 it looks at the servers
of a cluster in place of the folder, and puts and removes a small object.

  newsreel doctor
  newsreel doctor --data /srv/news --name www.example.com

Exit status: 0 nothing must be cured, 1 something must.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			at, err := placeOf(cmd)
			if err != nil {
				return err
			}
			ctx, undo := interruptible()
			defer undo()
			d := &doctor{dir: at.dir, cluster: at.cluster, names: names, environ: os.Environ(), now: time.Now(), resolver: net.DefaultResolver}
			list := []finding(nil)
			if d.cluster != nil {
				list = d.examineCluster(ctx)
			} else {
				list = d.examine(ctx)
			}
			return d.report(cmd.OutOrStdout(), list, asJSON)
		},
	}
	cmd.Flags().StringArrayVar(&names, "name", nil, "look `NAME` up in the DNS; may be repeated")
	jsonFlag(cmd, &asJSON, "one JSON object")
	return cmd
}

// States of a finding.
const (
	findingOK = "ok"
	// findingNote is worth knowing, and no obstacle.
	findingNote = "note"
	// findingProblem must be cured.
	findingProblem = "problem"
)

// finding is what doctor says of one thing.
type finding struct {
	Name  string `json:"name"`
	State string `json:"state"`
	Text  string `json:"text"`
	// Cure is a command, or what to do in words.
	Cure string `json:"cure,omitempty"`
}

func fine(name, format string, args ...any) finding {
	return finding{Name: name, State: findingOK, Text: fmt.Sprintf(format, args...)}
}

func noteworthy(name, cure, format string, args ...any) finding {
	return finding{Name: name, State: findingNote, Text: fmt.Sprintf(format, args...), Cure: cure}
}

func problem(name, cure, format string, args ...any) finding {
	return finding{Name: name, State: findingProblem, Text: fmt.Sprintf(format, args...), Cure: cure}
}

// doctor is one examination.
type doctor struct {
	dir string
	// cluster is looked at in place of the folder, nil for none.
	cluster  *remote.Config
	names    []string
	environ  []string
	now      time.Time
	resolver interface {
		LookupHost(ctx context.Context, host string) ([]string, error)
	}
}

// examine makes all findings, in the order in which they are printed.
func (d *doctor) examine(ctx context.Context) []finding {
	place, found := d.folder()
	list := []finding{found}
	if place != "" {
		list = append(list, diskSpace(place), fsyncTime(place), attributes(place), d.clock(place))
	}
	list = append(list, d.sockets(), openFiles(), memory(), resolverConfig())
	for _, name := range d.names {
		list = append(list, d.lookUpName(ctx, name))
	}
	return append(list, d.proxies(), d.colly(), d.ownVariables())
}

// report prints the findings; a problem among them is exit code 1.
func (d *doctor) report(w io.Writer, list []finding, asJSON bool) error {
	problems := 0
	for _, f := range list {
		if f.State == findingProblem {
			problems++
		}
	}
	var err error
	if asJSON {
		err = printJSON(w, struct {
			OK       bool      `json:"ok"`
			Findings []finding `json:"findings"`
		}{problems == 0, list})
	} else {
		err = printFindings(w, list)
	}
	if err == nil && problems > 0 {
		err = &exitError{code: exitFailed, err: fmt.Errorf("doctor: %s to cure", countOf(int64(problems), "problem", "problems"))}
	}
	return err
}

func printFindings(w io.Writer, list []finding) error {
	marks := map[string]string{findingOK: "ok", findingNote: "note", findingProblem: "PROBLEM"}
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%-7s  %-12s %s\n", marks[f.State], f.Name, plain(f.Text))
		if f.Cure != "" {
			fmt.Fprintf(&b, "%-21s → %s\n", "", plain(f.Cure))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
