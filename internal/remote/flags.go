package remote

import (
	"strings"

	"github.com/spf13/pflag"
)

// Flags are the settings of Config as flags of a command.
type Flags struct {
	c    Config
	nats string
}

// Bind defines the flags. Those beside --nats and --s3 do not show in the help
// of each command: Usage describes them.
func Bind(fs *pflag.FlagSet) *Flags {
	f := &Flags{}
	fs.StringVar(&f.nats, "nats", "", "NATS servers in place of the data folder: `URL,URL`")
	fs.StringVar(&f.c.S3, "s3", "", "S3 store in place of the data folder: `URL`")
	for _, d := range f.definitions() {
		fs.StringVar(d.into, d.name, d.value, d.usage)
		_ = fs.MarkHidden(d.name)
	}
	fs.IntVar(&f.c.Replicas, "replicas", 0, "how many servers keep each stream")
	_ = fs.MarkHidden("replicas")
	return f
}

// Usage lists all flags of a cluster, a line each.
func Usage() string {
	fs := pflag.NewFlagSet("", pflag.ContinueOnError)
	Bind(fs)
	fs.VisitAll(func(f *pflag.Flag) { f.Hidden = false })
	return fs.FlagUsages()
}

type definition struct {
	into               *string
	name, value, usage string
}

func (f *Flags) definitions() []definition {
	c := &f.c
	return []definition{
		{&c.Creds, "nats-creds", "", "credentials `FILE` of NATS (JWT and seed)"},
		{&c.User, "nats-user", "", "user `NAME` of NATS"},
		{&c.PasswordFile, "nats-password-file", "", "`FILE` that holds the user's password (else " + passwordVariable + ")"},
		{&c.TokenFile, "nats-token-file", "", "`FILE` that holds a token of NATS (else " + tokenVariable + ")"},
		{&c.NATSTLS.CA, "nats-ca", "", "`FILE` of authorities that sign the servers' certificates"},
		{&c.NATSTLS.Cert, "nats-cert", "", "`FILE` of our certificate"},
		{&c.NATSTLS.Key, "nats-key", "", "`FILE` of its key"},
		{&c.Bucket, "s3-bucket", DefaultBucket, "`NAME` of the bucket"},
		{&c.Region, "s3-region", "", "`NAME` of the region (else AWS_REGION, else us-east-1)"},
		{&c.AccessKey, "s3-access-key", "", "access `KEY` (else AWS_ACCESS_KEY_ID)"},
		{&c.SecretKeyFile, "s3-secret-key-file", "", "`FILE` that holds the secret key (else AWS_SECRET_ACCESS_KEY)"},
		{&c.S3TLS.CA, "s3-ca", "", "`FILE` of authorities that sign the store's certificate"},
		{&c.S3TLS.Cert, "s3-cert", "", "`FILE` of our certificate"},
		{&c.S3TLS.Key, "s3-key", "", "`FILE` of its key"},
	}
}

// Given says whether a cluster is asked for in place of a data folder.
func (f *Flags) Given() bool { return f.nats != "" || f.c.S3 != "" }

// Config is what the flags say, checked.
func (f *Flags) Config() (*Config, error) {
	c := f.c
	for part := range strings.SplitSeq(f.nats, ",") {
		if part = strings.TrimSpace(part); part != "" {
			c.NATS = append(c.NATS, part)
		}
	}
	return &c, c.Check()
}

// Bucket is the bucket that the flags name, and its keys, where nothing else of
// the store is asked for.
func (f *Flags) Bucket() (name, accessKey, secretKey string, err error) {
	if name = f.c.Bucket; name == "" {
		name = DefaultBucket
	}
	accessKey, secretKey, _, err = f.c.keys()
	return name, accessKey, secretKey, err
}
