// Command newsreel crawls news sites, extracts their articles and archives
// both, in one process over a data
// folder, or each role on its own over a cluster.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	// Where the system has no certificate authorities (an image with nothing
	// but this program), these are trusted.
	_ "golang.org/x/crypto/x509roots/fallback"
)

// Exit codes of every command.
const (
	exitDone    = 0
	exitFailed  = 1 // it was tried and went wrong, or found something wrong
	exitUsage   = 2 // wrong usage or job document
	exitStopped = 3 // stopped before its end
)

func main() {
	os.Exit(profiled(os.Stderr, func() int {
		return withRuntimeStats(os.Stderr, func() int { return run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr) })
	}))
}

// run is the program without its process: arguments in, exit code out.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand(stdin, stdout, stderr)
	root.SetArgs(args)
	err := root.Execute()
	var code *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &code):
		if code.err != nil {
			fmt.Fprintln(stderr, "newsreel:", code.err)
		}
		return code.code
	case isUsage(err):
		fmt.Fprintln(stderr, "newsreel:", err)
		return exitUsage
	}
	fmt.Fprintln(stderr, "newsreel:", err)
	return exitFailed
}

// exitError is an error with the exit code that it calls for. A nil err prints
// nothing: all was said.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage makes an error that means wrong usage.
func usage(err error) error { return &exitError{exitUsage, err} }

// isUsage knows the errors that cobra makes of its own.
func isUsage(err error) bool {
	return strings.HasPrefix(err.Error(), "unknown command") || strings.Contains(err.Error(), "arg(s)")
}

func rootCommand(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "newsreel",
		Short: "Crawl news sites, extract their articles, archive both",
		Long: `newsreel crawls news sites politely, extracts headline, date, body and photo
captions, and archives everything it saw as WARC with CDXJ indexes and Parquet.

Everything lives in one data folder (--data, default ./newsreel-data); nothing
else needs to be installed. Try it on the newspapers that it brings along:

  newsreel demo

With --nats and --s3 its roles run apart, on as many machines as wanted, over
NATS servers and an S3 store: newsreel help cluster`,
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return fromEnvironment(cmd.Flags())
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: noCommand,
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w\n`%s --help` tells what there is", err, cmd.CommandPath()))
	})
	root.PersistentFlags().String("data", defaultData, "data folder")
	withConnection(root)
	root.AddCommand(commands()...)
	return root
}

// noCommand refuses what is no command, and what is none yet by its name.
func noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Errorf("there is no command %q; `newsreel --help` lists them", args[0]))
}

// fromEnvironment gives flags that were not set the value of their variable:
// NEWSREEL_DATA for --data. The flags of job documents see to themselves. A
// place that is named on the command line is not mixed with one of the
// environment. Where the environment names both a cluster and a folder the
// cluster counts: the container image always names a folder.
func fromEnvironment(fs *pflag.FlagSet) error {
	folder := fs.Changed("data")
	cluster := fs.Changed("nats") || fs.Changed("s3") || !folder && os.Getenv("NEWSREEL_NATS")+os.Getenv("NEWSREEL_S3") != ""
	var wrong error
	fs.VisitAll(func(f *pflag.Flag) {
		variable := "NEWSREEL_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value, ok := os.LookupEnv(variable)
		if !ok || f.Changed || f.Name == "help" || f.Annotations["job"] != nil || wrong != nil ||
			folder && isConnection(f.Name) || cluster && f.Name == "data" {
			return
		}
		if err := fs.Set(f.Name, value); err != nil {
			wrong = usage(fmt.Errorf("%s: %w", variable, err))
			return
		}
		_ = fs.SetAnnotation(f.Name, fromEnv, nil)
		f.Annotations[fromEnv] = []string{variable}
	})
	return wrong
}
