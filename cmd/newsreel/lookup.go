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
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"newsreel/archive"
	"newsreel/internal/datadir"
	"newsreel/internal/objstore"
	"newsreel/internal/remote"
	"newsreel/internal/runs"
	"newsreel/job"
)

// lookup is a place in use by a command that runs no roles: a cluster, or a data
// folder, through the process that holds it, or held for as long as the command
// takes.
type lookup struct {
	at place
	// folder is nil in a cluster.
	folder datadir.Session
	nc     *nats.Conn
	store  *objstore.Store
	jobs   *job.Jobs
	arc    *archive.Archive
	keeper *runs.Keeper
	// there says whether the store can be reached; it is asked once.
	there func(context.Context) error
	end   func() error
}

// openLookup uses the place that the flags name. A data folder that does not
// exist is an error that says what makes one: looking something up must not.
func openLookup(ctx context.Context, cmd *cobra.Command) (*lookup, error) {
	at, err := existingPlace(cmd)
	if err != nil {
		return nil, err
	}
	return use(ctx, at)
}

// existingPlace is the place that the flags name, if it is a folder that is
// there, or a cluster.
func existingPlace(cmd *cobra.Command) (place, error) {
	at, err := placeOf(cmd)
	if err != nil || at.cluster != nil {
		return at, err
	}
	_, err = os.Stat(filepath.Join(at.dir, "VERSION.json"))
	if err == nil {
		return at, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return at, fmt.Errorf("data folder %s: %w", at.dir, err)
	}
	what := "there is no data folder at " + at.dir
	if _, err := os.Stat(at.dir); err == nil {
		what = at.dir + " is no data folder"
	}
	return at, errors.New(what + "\n" +
		"`newsreel demo" + at.flags + "` makes one with something to look at, `newsreel crawl" + at.flags + " https://www.example.com/` one of your own;\n" +
		"--data DIR names one that is elsewhere, --nats and --s3 a cluster")
}

// use connects to a cluster, or joins the holder of a folder, or holds it. It
// changes the working directory of the process in the last case: paths of files
// are to be absolute before.
func use(ctx context.Context, at place) (*lookup, error) {
	l := &lookup{at: at}
	var err error
	if at.cluster != nil {
		err = l.useCluster(ctx)
	} else {
		err = l.useFolder(ctx)
	}
	if err != nil {
		return nil, err
	}
	l.keeper = &runs.Keeper{NATS: l.nc, Jobs: l.jobs, Store: l.store, Archive: l.arc, Now: time.Now}
	return l, nil
}

// useWithStore is use where the store has to be there.
func useWithStore(ctx context.Context, at place) (*lookup, error) {
	l, err := use(ctx, at)
	if err != nil {
		return nil, err
	}
	if err := l.there(ctx); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *lookup) useCluster(ctx context.Context) error {
	session, err := l.at.cluster.OpenNATS(ctx)
	if errors.Is(err, remote.ErrSettings) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	l.nc, l.store, l.jobs, l.end = session.NATS, session.Store, session.Jobs, session.Close
	l.arc = archive.New(l.store, "")
	asked, away := false, error(nil)
	l.there = func(ctx context.Context) error {
		if !asked {
			away = l.at.cluster.StoreThere(ctx, session)
			asked = ctx.Err() == nil
		}
		return away
	}
	return nil
}

func (l *lookup) useFolder(ctx context.Context) error {
	session, err := datadir.Use(l.at.dir, datadir.Purpose{Command: commandLine()})
	if err != nil {
		return err
	}
	l.folder, l.end = session, session.Close
	l.there = func(context.Context) error { return nil }
	if err := l.connect(ctx); err != nil {
		session.Close()
		return err
	}
	return nil
}

func (l *lookup) connect(ctx context.Context) error {
	var err error
	if l.nc, err = l.folder.NATS(); err != nil {
		return err
	}
	if l.store, err = l.folder.Store(); err != nil {
		return err
	}
	l.arc = archive.New(l.store, filepath.Join(l.folder.Path(), "spool"))
	l.jobs, err = job.OpenJobs(ctx, l.nc, 1)
	return err
}

func (l *lookup) close() error { return l.end() }

// roles says whether roles may run beside this command: in a cluster always, on
// a folder if another process holds it for them.
func (l *lookup) roles() bool {
	if l.at.cluster != nil {
		return true
	}
	client, ok := l.folder.(*datadir.Client)
	return ok && client.Holder().Roles
}

// lookUp opens the place that the flags name, calls f, and closes it. A first Ctrl-C
// ends ctx, so that nothing half-written stays.
func lookUp(cmd *cobra.Command, f func(ctx context.Context, l *lookup) error) error {
	return lookUpJobs(cmd, func(ctx context.Context, l *lookup) error {
		if err := l.there(ctx); err != nil {
			return err
		}
		return f(ctx, l)
	})
}

// lookUpJobs is lookUp for what needs the run logs and the store of jobs alone:
// the S3 store may be away.
func lookUpJobs(cmd *cobra.Command, f func(ctx context.Context, l *lookup) error) error {
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

// defaultData is the data folder where none is named.
const defaultData = "./newsreel-data"
