package remote

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func TestSettingsThatAreWrongAreNamed(t *testing.T) {
	for args, want := range map[string]string{
		"--s3 http://s3":                                                   "--s3 goes with --nats",
		"--nats nats://n":                                                  "--nats goes with --s3",
		"--nats http://n --s3 http://s3":                                   "want nats://host:port",
		"--nats nats:// --s3 http://s3":                                    "host is missing",
		"--nats nats://n --s3 127.0.0.1:9000":                              "as in --s3 http://127.0.0.1:9000",
		"--nats nats://n --s3 localhost:9000":                              "as in --s3 http://",
		"--nats nats://n --s3 http://":                                     "as in --s3 http://",
		"--nats nats://n --s3 http://s3 --nats-password-file p":            "--nats-user",
		"--nats nats://n --s3 http://s3 --replicas 2":                      "want 1, 3 or 5",
		"--nats nats://n --s3 http://s3 --nats-user u":                     "--nats-password-file",
		"--nats nats://n --s3 http://s3 --s3-access-key a":                 "--s3-secret-key-file",
		"--nats nats://n --s3 http://s3 --nats-cert c":                     "--nats-key",
		"--nats nats://n --s3 http://s3 --s3-key k":                        "--s3-cert",
		"--nats nats://n,nats://u:secret@ --s3 http://s3":                  "host is missing",
		"--nats nats://u:se%zzcret@n --s3 http://s3":                       "is no URL",
		"--nats tls://n --s3 http://s3 --nats-creds c --nats-token-file t": "give one of",
	} {
		fs := pflag.NewFlagSet("", pflag.ContinueOnError)
		flags := Bind(fs)
		if err := fs.Parse(strings.Fields(args)); err != nil {
			t.Fatal(err)
		}
		_, err := flags.Config()
		if !errors.Is(err, ErrSettings) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", args, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret@") {
			t.Errorf("%s: the error shows a secret: %v", args, err)
		}
	}
}

func TestSecretsAreReadFromFilesAndNeverShown(t *testing.T) {
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	dir := t.TempDir()
	file := filepath.Join(dir, "secret")
	if err := os.WriteFile(file, []byte("hush\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := secret("s3-secret-key-file", file); err != nil || got != "hush" {
		t.Errorf("%q, %v", got, err)
	}
	c := &Config{NATS: []string{"nats://u:hush@127.0.0.1:1"}, S3: "http://127.0.0.1:1", AccessKey: "a", SecretKeyFile: filepath.Join(dir, "none")}
	if _, err := c.OpenStore(); !errors.Is(err, ErrSettings) || !strings.Contains(err.Error(), "--s3-secret-key-file") {
		t.Errorf("a missing file: %v", err)
	}
	c.AccessKey, c.SecretKeyFile = "", ""
	if _, err := c.OpenStore(); !errors.Is(err, ErrSettings) || !strings.Contains(err.Error(), "AWS_ACCESS_KEY_ID") {
		t.Errorf("no keys: %v", err)
	}
	_, err := c.Dial()
	if err == nil || strings.Contains(err.Error(), "hush") || !strings.Contains(err.Error(), "see that the servers run") {
		t.Errorf("nobody listens: %v", err)
	}
	if strings.Contains(c.String()+c.NATSAddresses(), "hush") {
		t.Errorf("%s shows a secret", c)
	}
}
