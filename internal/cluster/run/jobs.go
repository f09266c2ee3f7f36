package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"newsreel/internal/cluster"
)

// oneJob is a job with the origin that it crawls, and what serves the same to
// one process.
type oneJob struct {
	name, file string
	origin     *cluster.Origin
	again      func(ctx context.Context) (*cluster.Origin, string, error)
}

type jobs []*oneJob

func (j jobs) kill() {
	for _, one := range j {
		one.origin.Kill()
	}
}

// parts is how many jobs the bench world is crawled by: enough for each archiver
// to get some.
const parts = 4

// prepare starts the worlds and writes the jobs: the demo's newspapers, and
// parts of a bench world.
func prepare(ctx context.Context, dir string, p cluster.Programs) (jobs, error) {
	papers := func(name string) func(context.Context) (*cluster.Origin, string, error) {
		return func(ctx context.Context) (*cluster.Origin, string, error) {
			o, err := cluster.StartOrigin(ctx, dir, name, p, "-demo")
			if err != nil {
				return nil, "", err
			}
			return o, o.Job, nil
		}
	}
	origin, document, err := papers("papers")(ctx)
	if err != nil {
		return nil, err
	}
	list := jobs{{name: "demo", file: filepath.Join(dir, "demo.yaml"), origin: origin, again: papers("papers-again")}}
	if err := os.WriteFile(list[0].file, []byte(document), 0o600); err != nil {
		return list, err
	}
	bench, err := cluster.StartOrigin(ctx, dir, "bench", p, "-hosts", "24", "-pages", "30", "-min", "5000", "-max", "20000")
	if err != nil {
		return list, err
	}
	share := len(bench.Seeds) / parts
	for i := range parts {
		name := fmt.Sprintf("bench-%d", i)
		one := &oneJob{name: name, file: filepath.Join(dir, name+".yaml"), origin: bench}
		list = append(list, one)
		if err := os.WriteFile(one.file, []byte(benchJob(name, bench.Seeds[i*share:(i+1)*share])), 0o600); err != nil {
			return list, err
		}
	}
	return list, nil
}

func benchJob(name string, seeds []string) string {
	return "name: " + name + "\nseeds:\n  urls:\n    - " + strings.Join(seeds, "\n    - ") +
		"\npoliteness:\n  delay: 10ms\nnetwork:\n  allow_private: true\n"
}

// alone runs the job in one process over a data folder of its own.
func (one *oneJob) alone(ctx context.Context, dir string, c *cluster.Cluster) (*cluster.Outcome, error) {
	file := one.file
	if one.again != nil { // a world that remembers what it was asked: a new one
		origin, document, err := one.again(ctx)
		if err != nil {
			return nil, err
		}
		defer origin.Kill()
		file = dir + ".yaml"
		if err := os.WriteFile(file, []byte(document), 0o600); err != nil {
			return nil, err
		}
	}
	return cluster.Alone(ctx, c.Programs, file, dir, one.name, one.name)
}
