// Package gobuild builds programs of this module, and of what it requires, as
// `make build` does, so that tests and benchmarks run what users run, and one
// build cache serves all.
package gobuild

import (
	"context"
	"fmt"
	"os"
	"os/exec"
)

// Program builds the program of the package path pkg into the file out. It is to
// be called while the working directory is within the module. An error has what
// the compiler said.
func Program(ctx context.Context, out, pkg string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", out, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, said)
	}
	return nil
}
