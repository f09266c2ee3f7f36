package main

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/spf13/cobra"

	"newsreel/internal/embedded"
)

// s3ServerCommand serves the S3 store of a data folder on an address, for the
// compose file: what it acknowledges is on the disk.
func s3ServerCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:    "s3server DIR --listen ADDR",
		Short:  "Serve an S3 store over a folder",
		Hidden: true,
		Long: `S3server serves the objects of a folder by the S3 protocol, to whoever has the
keys: --s3-access-key with --s3-secret-key-file, or AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY. It is the server that works inside newsreel crawl: what it
acknowledges is on the disk, and outlasts a power cut. It has no TLS.

  newsreel s3server /srv/news-objects --listen :7070

It runs until SIGTERM or Ctrl-C.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return serveS3(cmd, args[0], listen) },
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:7070", "`ADDR` to serve on")
	return cmd
}

func serveS3(cmd *cobra.Command, folder, listen string) error {
	root, err := filepath.Abs(folder)
	if err != nil {
		return err
	}
	cfg := embedded.S3Config{Root: root, Listen: listen}
	if cfg.Bucket, cfg.AccessKey, cfg.SecretKey, err = connectionOf(cmd).Bucket(); err != nil {
		return usage(err)
	}
	if err := os.MkdirAll(root, 0o755); err != nil {
		return err
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(stop)
	s, err := embedded.StartS3(cfg)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "S3 store over %s, bucket %s, on %s\n", root, cfg.Bucket, listen)
	select {
	case <-stop:
		return s.Shutdown()
	case <-s.Done():
	}
	return errors.Join(errors.New("the S3 server has ended"), s.Shutdown())
}
