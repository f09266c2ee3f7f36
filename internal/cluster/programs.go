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
	p, err := BuildServers(ctx, dir)
	if err != nil {
		return p, err
	}
	p.Newsreel, p.Origin = filepath.Join(dir, "newsreel"), filepath.Join(dir, "origin")
	return p, build(ctx, map[string]string{p.Newsreel: "newsreel/cmd/newsreel", p.Origin: "newsreel/bench/origin"})
}

// BuildServers is Build of the NATS and the S3 server alone.
func BuildServers(ctx context.Context, dir string) (Programs, error) {
	p := Programs{NATS: filepath.Join(dir, "nats-server"), S3: filepath.Join(dir, "s3server")}
	return p, build(ctx, map[string]string{p.NATS: "github.com/nats-io/nats-server/v2", p.S3: "newsreel/internal/cluster/s3server"})
}

func build(ctx context.Context, programs map[string]string) error {
	for path, pkg := range programs {
		if err := gobuild.Program(ctx, path, pkg); err != nil {
			return err
		}
	}
	return nil
}
