package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"newsreel/internal/clock"
	"newsreel/internal/observe"
	"newsreel/internal/remote"
	"newsreel/internal/roles"
	"newsreel/internal/spool"
	"newsreel/job"
	"newsreel/stream"
)

func crawlerCommand() *cobra.Command {
	return roleCommand(stream.RoleCrawler, "Run a crawler of a cluster", `Crawler fetches the pages of all jobs of a cluster. Several share the work: each
site is one crawler's at a time, and goes to another when it leaves or dies.`)
}

func extractorCommand() *cobra.Command {
	return roleCommand(stream.RoleExtractor, "Run an extractor of a cluster", `Extractor reads the articles of what crawlers capture. Several share the pages;
those of one that dies go to others.`)
}

func archiverCommand() *cobra.Command {
	return roleCommand(stream.RoleArchiver, "Run an archiver of a cluster", `Archiver stores captures and articles in the S3 store. Of several each takes some
of the runs, and takes over those of one that leaves or dies.`)
}

func roleCommand(name, short, long string) *cobra.Command {
	c := roleRun{role: name}
	cmd := &cobra.Command{
		Use:   name,
		Short: short,
		Long: long + `

  newsreel ` + name + ` --nats nats://n1:4222,nats://n2:4222 --s3 https://s3.example.com

It runs until SIGTERM or Ctrl-C: then what is in flight is finished and given
over, within ` + fmt.Sprint(roles.StopTime) + `. A second signal ends it at once; nothing is lost either way.
While NATS or S3 is away it waits, says so once, and goes on by itself. Keys, TLS
and other flags of a cluster: newsreel help cluster`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.run(cmd) },
	}
	cmd.Flags().StringVar(&c.id, "id", "", "`NAME` of this process, never used again (default: one is made)")
	cmd.Flags().StringVar(&c.spool, "spool", "", "`DIR` for what does not stay in memory (default: a folder for temporary files)")
	cmd.Flags().StringVar(&c.health, "health", "", "answer /healthz, /readyz and /metrics on this `ADDR`, as in :9090 (default: nowhere)")
	cmd.Flags().StringVar(&c.logFormat, "log-format", "text", "the log on stderr as text (key=value) or json")
	if name != stream.RoleExtractor {
		cmd.Flags().StringVar(&c.logBytes, "log-bytes", "1GB", "reserved in the NATS servers' store for each run that begins")
	}
	if name == stream.RoleCrawler {
		cmd.Flags().Int64Var(&c.snapshotEvery, "snapshot-every", 0, "entries of a partition between two snapshots of the frontier")
		_ = cmd.Flags().MarkHidden("snapshot-every")
	}
	return cmd
}

// roleRun is one role as a process.
type roleRun struct {
	role, id, spool, logBytes string
	health, logFormat         string
	snapshotEvery             int64
}

func (c *roleRun) run(cmd *cobra.Command) error {
	at, err := placeOf(cmd)
	if err != nil {
		return err
	}
	if at.cluster == nil {
		return usage(fmt.Errorf("%s works in a cluster: --nats and --s3 name it (newsreel help cluster); over a data folder `newsreel crawl` runs all roles", c.role))
	}
	o, err := c.options(cmd, at.cluster)
	if err != nil {
		return usage(err)
	}
	folder, err := c.spoolDir(o.Log)
	if err != nil {
		return err
	}
	defer folder.Remove()
	o.SpoolDir = folder.Path()
	role, err := roles.New(o)
	if err != nil {
		return err
	}
	answered, err := c.answer(role, o)
	if err != nil {
		return usage(err)
	}
	defer answered()
	defer stopOnSignals(role, folder)()
	err = role.Run(context.Background())
	switch {
	case errors.Is(err, remote.ErrSettings):
		return usage(err)
	case errors.Is(err, stream.ErrLost):
		return fmt.Errorf("%w\na process of that name lives, or ended less than %s ago: give another --id, or none", err, stream.LeaseTTL)
	}
	return err
}

func (c *roleRun) options(cmd *cobra.Command, cluster *remote.Config) (roles.Options, error) {
	o := roles.Options{Now: clock.FromEnvironment(), Role: c.role, ID: c.id, Version: Version, Cluster: cluster, SnapshotEvery: c.snapshotEvery, Sandbox: sandbox}
	switch c.logFormat {
	case "text":
		o.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	case "json":
		o.Log = slog.New(slog.NewJSONHandler(cmd.ErrOrStderr(), nil))
	default:
		return o, fmt.Errorf("--log-format %q is neither text nor json", c.logFormat)
	}
	if o.ID == "" {
		o.ID = processID()
	}
	cluster.Name = "newsreel " + c.role + " " + o.ID
	if c.logBytes != "" {
		size, err := job.ParseBytes(c.logBytes)
		if err != nil {
			return o, fmt.Errorf("--log-bytes: %w", err)
		}
		if size < stream.MinLogBytes {
			return o, fmt.Errorf("--log-bytes: %s is too little for a run log: at least 8MB", c.logBytes)
		}
		o.LogBytes = int64(size)
	}
	return o, nil
}

// answer serves health and metrics of the role, if that is asked for, until the
// function that it returns is called.
func (c *roleRun) answer(role *roles.Role, o roles.Options) (end func(), err error) {
	if c.health == "" {
		return func() {}, nil
	}
	l, err := observe.Listen(c.health)
	if err != nil {
		return nil, fmt.Errorf("--health: %w", err)
	}
	page := observe.New(map[string]string{"role": o.Role, "id": o.ID, "version": o.Version})
	role.Observe(page)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := page.Serve(ctx, l); err != nil {
			o.Log.Warn("health and metrics are not served any more", "error", err)
		}
	}()
	o.Log.Info("health and metrics", "address", l.Addr().String())
	return func() { cancel(); <-done }, nil
}

// processID names a process: its machine, for people, and what makes it unique.
func processID() string {
	host, _ := os.Hostname()
	host = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, host)
	return strings.TrimLeft(host[:min(len(host), 40)]+"-", "-") + rand.Text()[:10]
}

// spoolDir makes a folder of this process alone, and removes those of roles that
// were killed.
func (c *roleRun) spoolDir(log *slog.Logger) (*spool.Folder, error) {
	prefix := func(role string) string { return "newsreel-" + role + "-" }
	f, removed, err := spool.Make(c.spool, prefix(c.role), prefix(stream.RoleCrawler), prefix(stream.RoleExtractor), prefix(stream.RoleArchiver))
	switch {
	case err != nil && c.spool != "":
		return nil, fmt.Errorf("--spool: %w", err)
	case err != nil:
		return nil, fmt.Errorf("make a folder for temporary files: %w", err)
	case removed > 0:
		log.Info("removed what processes that were killed left for temporary files", "folders", removed)
	}
	return f, nil
}

// stopOnSignals makes the first signal a clean stop, the second an end at once.
func stopOnSignals(role *roles.Role, folder *spool.Folder) (undo func()) {
	ch := make(chan os.Signal, 2)
	signal.Notify(ch, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for n := 0; ; n++ {
			select {
			case <-done:
				return
			case <-ch:
			}
			if n > 0 {
				folder.Remove()
				os.Exit(exitStopped)
			}
			role.Stop()
		}
	}()
	return func() { signal.Stop(ch); close(done) }
}
