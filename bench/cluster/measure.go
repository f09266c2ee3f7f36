package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"newsreel/archive"
	"newsreel/internal/cluster"
	"newsreel/job"
)

var kinds = []string{"crawler", "extractor", "archiver"}

// Measurement is one cluster's.
type Measurement struct {
	// Each is how many processes of each role there were.
	Each int `json:"each"`
	// Pages are captures of all jobs; Wall is from the first job's submission
	// to the last one's end, in seconds.
	Pages, Articles int64
	Wall            float64
	// CPU is in seconds for 1,000 pages, by kind of process: crawler,
	// extractor, archiver, nats, s3.
	CPU map[string]float64
	// PeakMB is the largest resident set of one process of each kind.
	PeakMB map[string]float64
	// A page's NATS messages in and out, bytes in, S3 requests by method, and
	// fsyncs by kind of process, where they were counted.
	MessagesIn, MessagesOut, BytesIn float64
	S3                               map[string]float64
	Fsyncs                           map[string]float64
	// Connections to NATS, and to S3 at most at once, for each role's process.
	NATSConnections, S3Connections float64
	// Idle is the cluster after its work: CPU in percent of a processor and
	// resident megabytes, over all processes of a kind.
	IdleCPU, IdleMB map[string]float64
}

func measure(ctx context.Context, o options, dir string, programs cluster.Programs, each int, log io.Writer) (*Measurement, error) {
	dir = filepath.Join(dir, fmt.Sprintf("each-%d", each))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	origin, err := cluster.StartOrigin(ctx, dir, "origin", programs, "-hosts", fmt.Sprint(o.hosts), "-pages", fmt.Sprint(o.pages),
		"-min", fmt.Sprint(o.min), "-max", fmt.Sprint(o.max))
	if err != nil {
		return nil, err
	}
	defer origin.Kill()
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir, Programs: programs, NATSServers: o.servers, MaxStore: 64 << 30})
	if err != nil {
		return nil, err
	}
	defer c.Kill()
	store, err := countS3(c.S3URL())
	if err != nil {
		return nil, err
	}
	defer store.close()
	c.Env = append(c.Env, "NEWSREEL_S3="+store.url)
	for _, kind := range kinds {
		for range each {
			if err := startRole(c, kind); err != nil {
				return nil, err
			}
		}
	}
	m := &Measurement{Each: each, CPU: map[string]float64{}, PeakMB: map[string]float64{}, S3: map[string]float64{},
		IdleCPU: map[string]float64{}, IdleMB: map[string]float64{}}
	traces, err := traceAll(c, o.strace)
	if err != nil {
		return nil, err
	}
	before, err := look(c)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	if err := submit(ctx, o, c, dir, origin.Seeds); err != nil {
		return nil, err
	}
	if err := finished(ctx, o, c, each, log); err != nil {
		return nil, err
	}
	m.Wall = time.Since(began).Seconds()
	if err := m.results(ctx, o, c); err != nil {
		return nil, err
	}
	after, err := look(c)
	if err != nil {
		return nil, err
	}
	m.count(before, after, store)
	if m.Fsyncs, err = traces.fsyncs(m.Pages); err != nil {
		return nil, err
	}
	return m, m.idle(ctx, o, c)
}

// submit stores the jobs, each over hosts of its own.
func submit(ctx context.Context, o options, c *cluster.Cluster, dir string, seeds []string) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(4)
	for i := range o.jobs {
		var own []string
		for n := i; n < len(seeds); n += o.jobs {
			own = append(own, seeds[n])
		}
		g.Go(func() error {
			file := filepath.Join(dir, fmt.Sprintf("job-%d.yaml", i))
			text := fmt.Sprintf("name: job-%d\nseeds:\n  urls: [%s]\npoliteness:\n  delay: %s\n  concurrency: %d\nnetwork:\n  allow_private: true\n",
				i, strings.Join(own, ", "), o.delay, o.concurrency)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				return err
			}
			_, err := c.Newsreel(ctx, "job", "submit", file)
			return err
		})
	}
	return g.Wait()
}

// patience bounds the wait for all jobs' ends.
const patience = 20 * time.Minute

// finished waits until every job is over.
func finished(ctx context.Context, o options, c *cluster.Cluster, each int, log io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		over, err := countOver(ctx, c)
		if err != nil {
			return err
		}
		fmt.Fprintf(log, "\r%d of each: %d of %d jobs are over ", each, over, o.jobs)
		if over >= o.jobs {
			fmt.Fprintln(log)
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%d of %d jobs over: %w", over, o.jobs, ctx.Err())
		case <-tick.C:
		}
	}
}

func countOver(ctx context.Context, c *cluster.Cluster) (over int, err error) {
	out, err := c.Newsreel(ctx, "job", "list", "--json")
	if err != nil {
		return 0, err
	}
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var j struct{ Job, State string }
		err := dec.Decode(&j)
		if errors.Is(err, io.EOF) {
			return over, nil
		}
		switch {
		case err != nil:
			return 0, fmt.Errorf("job list: %w", err)
		case j.State == job.StateFailed:
			return 0, fmt.Errorf("job %s failed", j.Job)
		case j.State == job.StateFinished:
			over++
		}
	}
}

// results adds up what the jobs came to.
func (m *Measurement) results(ctx context.Context, o options, c *cluster.Cluster) error {
	cfg, err := c.Remote()
	if err != nil {
		return err
	}
	store, err := cfg.OpenStore()
	if err != nil {
		return err
	}
	defer store.Close()
	arc := archive.New(store, "")
	for i := range o.jobs {
		name := fmt.Sprintf("job-%d", i)
		record, err := arc.ReadRun(ctx, name, name, 1)
		if err != nil {
			return err
		}
		m.Pages += record.Summary.Captures
		m.Articles += record.Summary.Articles
	}
	return nil
}

// startRole starts a process of a role. Two hundred jobs at once are to have
// room in the store: what a run's log reserves is small.
func startRole(c *cluster.Cluster, kind string) error {
	var args []string
	if kind != "extractor" {
		args = []string{"--log-bytes", "200MB"}
	}
	_, err := c.Role(kind, args...)
	return err
}
