// Command s3server is versitygw's S3 server over a folder, as a process of its
// own, with the hooks that make it durable. The keys are in the environment,
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"newsreel/internal/embedded"
)

func main() {
	if err := serve(); err != nil {
		fmt.Fprintln(os.Stderr, "s3server:", err)
		os.Exit(1)
	}
}

func serve() error {
	root := flag.String("root", "", "folder of the buckets")
	listen := flag.String("listen", "127.0.0.1:9000", "address")
	bucket := flag.String("bucket", "newsreel", "bucket to make")
	flag.Parse()
	dir, err := filepath.Abs(*root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	s, err := embedded.StartS3(embedded.S3Config{Root: dir, Listen: *listen, Bucket: *bucket,
		AccessKey: os.Getenv("AWS_ACCESS_KEY_ID"), SecretKey: os.Getenv("AWS_SECRET_ACCESS_KEY")})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case <-s.Done():
	}
	return s.Shutdown()
}
