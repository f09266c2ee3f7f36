package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"newsreel/internal/remote"
)

// place is where a command finds jobs and archive: a data folder, or a cluster.
type place struct {
	// dir is the folder as it was given, "" for a cluster.
	dir     string
	cluster *remote.Config
	// flags name the place in commands that are printed: "" for the default
	// folder and for what the environment says.
	flags string
}

// folderAt is the place of a data folder.
func folderAt(dir string) place { return place{dir: dir, flags: dataFlag(dir)} }

// fromEnv marks a flag whose value is from its variable.
const fromEnv = "environment"

// placeOf is the place that the flags name.
func placeOf(cmd *cobra.Command) (place, error) {
	dir, _ := cmd.Flags().GetString("data")
	connection := connectionOf(cmd)
	if !connection.Given() {
		return folderAt(dir), nil
	}
	if cmd.Flags().Changed("data") {
		return place{}, usage(errors.New("--data names a folder and --nats with --s3 a cluster: give one of them"))
	}
	cfg, err := connection.Config()
	if err != nil {
		return place{}, usage(err)
	}
	cfg.Name = "newsreel " + cmd.Name()
	cfg.Log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
	return place{cluster: cfg, flags: clusterFlags(cmd.Flags(), cfg)}, nil
}

// clusterFlags are the flags of a cluster that were given on the command line.
func clusterFlags(fs *pflag.FlagSet, cfg *remote.Config) string {
	text := ""
	fs.Visit(func(f *pflag.Flag) {
		if f.Annotations[fromEnv] != nil || !isConnection(f.Name) {
			return
		}
		value := f.Value.String()
		if f.Name == "nats" {
			value = cfg.NATSAddresses()
		}
		text += " --" + f.Name + " " + shellWord(value)
	})
	return text
}

func isConnection(name string) bool {
	return name == "nats" || name == "s3" || name == "replicas" || strings.HasPrefix(name, "nats-") || strings.HasPrefix(name, "s3-")
}

func (p place) String() string {
	if p.cluster != nil {
		return p.cluster.String()
	}
	return p.dir
}

// starts is the command that sets a stored job going there.
func (p place) starts(name string) string {
	if p.cluster != nil {
		return "newsreel job submit --name " + name + p.flags
	}
	return "newsreel crawl --name " + name + p.flags
}

// refuseCluster refuses a command that works over a data folder alone.
func refuseCluster(cmd *cobra.Command) error {
	if !connectionOf(cmd).Given() {
		return nil
	}
	return usage(errors.New(cmd.Name() + " runs in this process over a data folder. In a cluster crawlers, extractors and archivers run on their own:\n" +
		"`newsreel job submit JOB.yaml` with --nats and --s3 gives them a job, `newsreel job watch NAME` follows it"))
}

// clusterTopic is what `newsreel help cluster` prints.
func clusterTopic() *cobra.Command {
	return &cobra.Command{
		Use:   "cluster",
		Short: "Roles apart: NATS servers and an S3 store in place of the data folder",
		Long: `With --nats and --s3 (or NEWSREEL_NATS and NEWSREEL_S3) a command works on NATS
servers with JetStream and on an S3 store, in place of a data folder. Each role
is a process of its own, as many as wanted, on as many machines:

  newsreel crawler   --nats nats://n1:4222,nats://n2:4222 --s3 https://s3.example.com
  newsreel extractor --nats … --s3 …
  newsreel archiver  --nats … --s3 …

  newsreel job submit gazette.yaml --nats … --s3 …
  newsreel job watch gazette       --nats … --s3 …

One of each is enough; more may join and leave at any time. Secrets are read from
files or the environment, never from the command line. Each flag has a variable:
NEWSREEL_NATS_CREDS for --nats-creds. Flags come before variables, and a cluster
that variables name before NEWSREEL_DATA.

` + remote.Usage() + `
newsreel doctor with these flags looks whether the cluster is fit.`,
	}
}

// connectionKey is under which a command's context holds its connection flags.
type connectionKey struct{}

// connectionOf are the connection flags that the command line was read into.
func connectionOf(cmd *cobra.Command) *remote.Flags {
	return cmd.Context().Value(connectionKey{}).(*remote.Flags)
}

// withConnection binds the connection flags to all commands below root.
func withConnection(root *cobra.Command) {
	flags := remote.Bind(root.PersistentFlags())
	root.SetContext(context.WithValue(context.Background(), connectionKey{}, flags))
}
