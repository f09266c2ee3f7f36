package cluster

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Programs are the executables that a cluster is made of.
type Programs struct {
	Newsreel, NATS, S3, Origin string
}

// Build builds the programs into dir, from this module and what it requires. It
// is to be called within the module, and needs no network beyond what the build
// of newsreel needs.
func Build(ctx context.Context, dir string) (Programs, error) {
	p := Programs{Newsreel: filepath.Join(dir, "newsreel"), NATS: filepath.Join(dir, "nats-server"),
		S3: filepath.Join(dir, "s3server"), Origin: filepath.Join(dir, "origin")}
	for path, pkg := range map[string]string{
		p.Newsreel: "newsreel/cmd/newsreel",
		p.NATS:     "github.com/nats-io/nats-server/v2",
		p.S3:       "newsreel/internal/cluster/s3server",
		p.Origin:   "newsreel/bench/origin",
	} {
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", path, pkg).CombinedOutput(); err != nil {
			return p, fmt.Errorf("build %s: %w\n%s", pkg, err, out)
		}
	}
	return p, nil
}
