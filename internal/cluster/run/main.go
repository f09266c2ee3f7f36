// Command run shows newsreel as a cluster on this machine: three NATS servers
// with replicated streams, an S3 server, three crawlers, two extractors and two
// archivers, each a process of its own. It submits jobs, watches them to their
// end, tells what each process did, and compares the result, URL by URL, with
// that of one process over a data folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"newsreel/internal/cluster"
)

func main() {
	keep := flag.Bool("keep", false, "keep the folder with logs and stores")
	crawlers := flag.Int("crawlers", 3, "crawlers to start")
	extractors := flag.Int("extractors", 2, "extractors to start")
	archivers := flag.Int("archivers", 2, "archivers to start")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.MkdirTemp("", "newsreel-cluster-*")
	if err == nil {
		err = show(ctx, dir, []share{{"crawler", *crawlers}, {"extractor", *extractors}, {"archiver", *archivers}})
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "cluster: %v\nlogs: %s\n", err, dir)
		os.Exit(1)
	}
	if *keep {
		fmt.Println("Kept in", dir)
		return
	}
	os.RemoveAll(dir)
}

func show(ctx context.Context, dir string, shares []share) error {
	say("Building newsreel, nats-server, the S3 server and the origin.")
	programs, err := cluster.Build(ctx, dir)
	if err != nil {
		return err
	}
	say("Starting 3 NATS servers, the S3 server, %d crawlers, %d extractors, %d archivers.", shares[0].n, shares[1].n, shares[2].n)
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir, Programs: programs, NATSServers: 3})
	if err != nil {
		return err
	}
	defer c.Kill()
	team, err := startTeam(c, shares)
	if err != nil {
		return err
	}
	j, err := prepare(ctx, dir, programs)
	if err != nil {
		return err
	}
	defer j.kill()
	started := time.Now()
	for _, one := range j {
		if _, err := c.Newsreel(ctx, "job", "submit", one.file); err != nil {
			return err
		}
	}
	for _, one := range j {
		if err := watch(ctx, c, one.name); err != nil {
			return err
		}
	}
	say("All jobs are over after %s.", time.Since(started).Round(100*time.Millisecond))
	if err := verify(ctx, c); err != nil {
		return err
	}
	for _, one := range j {
		if err := compare(ctx, c, dir, one); err != nil {
			return err
		}
	}
	return team.shares(ctx)
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// watch follows a job on the terminal.
func watch(ctx context.Context, c *cluster.Cluster, name string) error {
	cmd := exec.CommandContext(ctx, c.Programs.Newsreel, "job", "watch", name)
	cmd.Stdout, cmd.Stderr, cmd.Env = os.Stdout, os.Stderr, c.Environ()
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("job watch %s: %w", name, err)
	}
	return nil
}

func verify(ctx context.Context, c *cluster.Cluster) error {
	out, err := c.Newsreel(ctx, "verify")
	fmt.Print(out)
	if err != nil {
		return err
	}
	out, err = c.Newsreel(ctx, "sweep")
	fmt.Print("Sweep: ", out)
	return err
}

// compare holds the run of a job in the cluster against one in one process.
func compare(ctx context.Context, c *cluster.Cluster, dir string, one *oneJob) error {
	alone, err := one.alone(ctx, filepath.Join(dir, "alone-"+one.name), c)
	if err != nil {
		return err
	}
	apart, err := c.Outcome(ctx, one.name, one.name, 1)
	if err != nil {
		return err
	}
	list := append(cluster.Diff(alone, apart), apart.Twice()...)
	for i, line := range list {
		if i < 20 {
			say("  %s", line)
		}
	}
	if len(list) > 0 {
		return fmt.Errorf("job %s: %d differences between one process (the first) and the cluster (the second)", one.name, len(list))
	}
	say("Job %s: %d URLs, %d captures and %d articles are the same as in one process.", one.name, len(apart.Fates), apart.Summary.Captures, apart.Summary.Articles)
	return nil
}

var errIdle = errors.New("a process did nothing")
