package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/progress"
)

func exportCommand() *cobra.Command {
	var e export
	cmd := &cobra.Command{
		Use:   "export --format FORMAT -o OUT",
		Short: "Write articles or captures of a collection to a file",
		Long: `Export writes what is archived in a collection, or a part of it, to one file
(- is standard output):

  jsonl    articles, a JSON record a line
  csv      articles, lists joined by " | "
  parquet  articles as a table, for DuckDB, pandas, Spark
  warc     captures with their requests, WARC/1.1, a gzip member a record
  cdxj     the index lines of all captures

  newsreel export --format parquet -o articles.parquet
  newsreel export --collection news --format jsonl --site example.com --from 2024-01-01 -o - | jq .headline
  newsreel export --format warc --query harbour -o harbour.warc.gz`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usage(fmt.Errorf("export takes no %q: what it writes is chosen by flags, and -o names the file", args[0]))
			}
			return nil
		},
		RunE: e.run,
	}
	e.filter.bind(cmd, "may be left out where there is only one")
	cmd.Flags().StringVar(&e.query, "query", "", "only articles with these words, and captures that such come from")
	cmd.Flags().StringVar(&e.format, "format", "", "one of "+strings.Join(archive.Formats[:], ", "))
	cmd.Flags().StringVarP(&e.out, "output", "o", "", "`FILE` to write, - for standard output")
	jsonFlag(cmd, &e.json, "what was written as one JSON object, unless that goes to standard output")
	return cmd
}

type export struct {
	filter             filterFlags
	query, format, out string
	json               bool
}

// exported is what `export --json` prints.
type exported struct {
	Collection string `json:"collection"`
	Format     string `json:"format"`
	File       string `json:"file"`
	// Count is of articles, captures or index lines, by format.
	Count int64 `json:"count"`
	Bytes int64 `json:"bytes"`
}

func (e *export) run(cmd *cobra.Command, _ []string) error {
	f, err := e.check()
	if err != nil {
		return usage(err)
	}
	name := e.out
	if name != "-" {
		// Holding a data folder changes the working directory.
		if name, err = filepath.Abs(name); err != nil {
			return err
		}
	}
	return lookUp(cmd, func(ctx context.Context, l *lookup) error {
		var err error
		if f.Collection, err = l.oneCollection(ctx, f.Collection); err != nil {
			return err
		}
		done, err := e.write(ctx, cmd, l, f, name)
		if errors.Is(err, archive.ErrQuery) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		if e.json && name != "-" {
			return printJSON(cmd.OutOrStdout(), done)
		}
		say(cmd, "%s %s, %s", progress.Count(done.Count), e.what(), progress.Bytes(done.Bytes))
		return nil
	})
}

// check makes the filter of the flags, and finds what is wrong with them.
func (e *export) check() (archive.Filter, error) {
	f, err := e.filter.filter()
	f.Query = e.query
	switch {
	case err != nil:
		return f, err
	case e.format == "wacz":
		return f, errors.New("--format wacz is not in this version; warc and cdxj hold the same")
	case e.format == "":
		return f, fmt.Errorf("--format wants one of %s", strings.Join(archive.Formats[:], ", "))
	case !slices.Contains(archive.Formats[:], e.format):
		return f, fmt.Errorf("--format %s: there is %s", e.format, strings.Join(archive.Formats[:], ", "))
	case e.out == "":
		return f, errors.New("-o wants the file to write, or - for standard output")
	}
	return f, nil
}

// what is counted in a format.
func (e *export) what() string {
	switch e.format {
	case archive.FormatWARC:
		return "captures"
	case archive.FormatCDXJ:
		return "index lines"
	}
	return "articles"
}

// write writes the file whole or not at all.
func (e *export) write(ctx context.Context, cmd *cobra.Command, l *lookup, f archive.Filter, name string) (*exported, error) {
	done := &exported{Collection: f.Collection, Format: e.format, File: name}
	to := &exportWriter{w: cmd.OutOrStdout(), cmd: cmd, next: time.Now().Add(exportSays)}
	if name == "-" {
		var err error
		done.Count, err = l.arc.Export(ctx, to, e.format, f)
		done.Bytes = to.n
		return done, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+"-*")
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer os.Remove(tmp.Name()) // not there after the rename
	defer tmp.Close()
	to.w = tmp
	if done.Count, err = l.arc.Export(ctx, to, e.format, f); err != nil {
		return nil, err
	}
	done.Bytes = to.n
	if err := errors.Join(tmp.Chmod(0o644), tmp.Sync(), tmp.Close()); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := os.Rename(tmp.Name(), name); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	return done, nil
}

// exportSays is how often a long export says how far it is.
const exportSays = 5 * time.Second

// exportWriter counts what is written, and says so now and then.
type exportWriter struct {
	w    io.Writer
	cmd  *cobra.Command
	n    int64
	next time.Time
}

func (e *exportWriter) Write(p []byte) (int, error) {
	n, err := e.w.Write(p)
	e.n += int64(n)
	if now := time.Now(); now.After(e.next) {
		e.next = now.Add(exportSays)
		say(e.cmd, "%s written", progress.Bytes(e.n))
	}
	return n, err
}
