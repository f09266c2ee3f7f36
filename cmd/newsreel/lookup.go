package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/datadir"
	"newsreel/internal/objstore"
	"newsreel/job"
)

// lookup is a data folder in use by a command that runs no roles: through the
// process that holds it, or held for as long as the command takes.
type lookup struct {
	session datadir.Session
	// dir is the folder as it was given, for commands that are printed.
	dir   string
	nc    *nats.Conn
	store *objstore.Store
	jobs  *job.Jobs
	arc   *archive.Archive
}

// openLookup uses the data folder of --data. One that does not exist is an
// error that says what makes one: looking something up must not.
func openLookup(ctx context.Context, cmd *cobra.Command) (*lookup, error) {
	dir, err := existingFolder(cmd)
	if err != nil {
		return nil, err
	}
	return useFolder(ctx, dir)
}

// existingFolder is the folder of --data if there is one.
func existingFolder(cmd *cobra.Command) (string, error) {
	dir, _ := cmd.Flags().GetString("data")
	_, err := os.Stat(filepath.Join(dir, "VERSION.json"))
	if err == nil {
		return dir, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("data folder %s: %w", dir, err)
	}
	what := "there is no data folder at " + dir
	if _, err := os.Stat(dir); err == nil {
		what = dir + " is no data folder"
	}
	data := dataFlag(dir)
	return "", errors.New(what + "\n" +
		"`newsreel demo" + data + "` makes one with something to look at, `newsreel crawl" + data + " https://www.example.com/` one of your own;\n" +
		"--data DIR names one that is elsewhere")
}

// useFolder joins the holder of a folder, or holds it. It changes the working
// directory of the process in the second case: paths of files are to be
// absolute before.
func useFolder(ctx context.Context, dir string) (*lookup, error) {
	session, err := datadir.Use(dir, datadir.Purpose{Command: commandLine()})
	if err != nil {
		return nil, err
	}
	l := &lookup{session: session, dir: dir}
	if err := l.connect(ctx); err != nil {
		session.Close()
		return nil, err
	}
	return l, nil
}

func (l *lookup) connect(ctx context.Context) error {
	var err error
	if l.nc, err = l.session.NATS(); err != nil {
		return err
	}
	if l.store, err = l.session.Store(); err != nil {
		return err
	}
	l.arc = archive.New(l.store, filepath.Join(l.session.Path(), "spool"))
	l.jobs, err = job.OpenJobs(ctx, l.nc, 1)
	return err
}

func (l *lookup) close() error { return l.session.Close() }

// roles says whether another process runs roles on the folder, and which.
func (l *lookup) roles() (datadir.HolderError, bool) {
	client, ok := l.session.(*datadir.Client)
	if !ok {
		return datadir.HolderError{}, false
	}
	h := client.Holder()
	return h, h.Roles
}

// lookUp opens the folder of --data, calls f, and closes it. A first Ctrl-C
// ends ctx, so that nothing half-written stays.
func lookUp(cmd *cobra.Command, f func(ctx context.Context, l *lookup) error) error {
	ctx, undo := interruptible()
	defer undo()
	l, err := openLookup(ctx, cmd)
	if err != nil {
		return err
	}
	err = f(ctx, l)
	if cerr := l.close(); err == nil && cerr != nil {
		err = cerr
	}
	return interrupted(ctx, err)
}

// interruptible is a context that the first Ctrl-C ends.
func interruptible() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}

// interrupted turns an error that a Ctrl-C caused into the exit code of one.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return &exitError{code: exitStopped, err: errors.New("stopped before its end")}
	}
	return err
}

// dataFlag is how a command that is printed names the folder: not at all where
// it is the default.
func dataFlag(dir string) string {
	if dir == defaultData {
		return ""
	}
	return " --data " + shellWord(dir)
}

// shellWord quotes a word for a shell where it needs that.
func shellWord(word string) string {
	const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,"
	if word != "" && strings.Trim(word, plain) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

// crawlCommandFor is the command that sets a stored job going.
func crawlCommandFor(name, dir string) string {
	return "newsreel crawl --name " + name + dataFlag(dir)
}

// defaultData is the data folder where none is named.
const defaultData = "./newsreel-data"
