package cluster

import (
	"context"
	"path/filepath"

	"newsreel/internal/gobuild"
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
		if err := gobuild.Program(ctx, path, pkg); err != nil {
			return p, err
		}
	}
	return p, nil
}
