// Command image builds newsreel's container image without a container engine:
// one static program and nothing else, for a user that is not root. The same
// source gives the same image, byte for byte.
//
//	go run ./deploy/image -o newsreel.tar
//	docker load -i newsreel.tar        (podman load likewise)
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func main() {
	out := flag.String("o", "newsreel.tar", "the image, as a tar file that docker load and podman load read")
	tag := flag.String("tag", "newsreel:latest", "name and tag of the image")
	arch := flag.String("arch", "amd64", "processor: amd64 or arm64")
	binary := flag.String("binary", "", "a static newsreel to put in; empty: build it")
	flag.Parse()
	if err := run(*out, *tag, *arch, *binary); err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(out, tag, arch, binary string) error {
	if binary == "" {
		dir, err := os.MkdirTemp("", "newsreel-image-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "newsreel")
		if err := build(context.Background(), binary, arch); err != nil {
			return err
		}
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	image, err := Image(program, arch)
	if err != nil {
		return err
	}
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	if err := tarball.WriteToFile(out, ref, image); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	digest, err := image.Digest()
	if err != nil {
		return err
	}
	fmt.Printf("%s  %s  %s/%s\n", out, digest, "linux", arch)
	return nil
}

// build makes a program that depends on nothing of the machine that builds it:
// no C library, no paths, no commit of a checkout.
func build(ctx context.Context, out, arch string) error {
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out, "newsreel/cmd/newsreel")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=", "GOAMD64=v1")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, strings.TrimSpace(string(said)))
	}
	return nil
}
