// Package remote reaches NATS servers and an S3 store that run elsewhere, where
// other commands use those inside a data folder. What went wrong is said with
// the address and with what may cure it, and never with a secret.
package remote

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
)

// Config says where NATS and S3 are and how to reach them. Secrets are read
// from files, or from the environment's AWS_ variables, when they are needed.
type Config struct {
	// NATS are the URLs of the servers: nats://host:port, or tls:// with TLS.
	NATS []string
	// Creds is a credentials file (JWT and seed); User goes with PasswordFile,
	// or with NEWSREEL_NATS_PASSWORD in the environment; TokenFile holds a token,
	// else NEWSREEL_NATS_TOKEN does. At most one of the three is given.
	Creds, User, PasswordFile, TokenFile string
	// NATSTLS and S3TLS are files; a server that asks for TLS gets it without.
	NATSTLS, S3TLS TLS

	// S3 is http://host:port, https://host:port, or unix:///path.
	S3 string
	// Bucket defaults to DefaultBucket, Region to the environment's AWS_REGION
	// or AWS_DEFAULT_REGION.
	Bucket, Region string
	// AccessKey and SecretKeyFile; where both are empty the keys are the
	// environment's AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and
	// AWS_SESSION_TOKEN.
	AccessKey, SecretKeyFile string

	// Replicas of streams; 0: three where there are three servers, else one.
	Replicas int
	// Name is what the servers call the connection.
	Name string
	// Log takes what befalls the connection to NATS beside what is asked of it.
	// Nil: nothing is said.
	Log *slog.Logger
}

// TLS are files in PEM: authorities that are trusted, and the client's own
// certificate with its key.
type TLS struct{ CA, Cert, Key string }

// Variables that hold secrets of NATS themselves, where no file is named.
const (
	passwordVariable = "NEWSREEL_NATS_PASSWORD"
	tokenVariable    = "NEWSREEL_NATS_TOKEN"
)

// DefaultBucket is the bucket where none is named.
const DefaultBucket = "newsreel"

// ErrSettings is in the chain of errors that are wrong usage.
var ErrSettings = errors.New("settings")

// wrong makes an error that ErrSettings matches, without its word.
func wrong(format string, args ...any) error { return &settingsError{fmt.Errorf(format, args...)} }

type settingsError struct{ error }

func (e *settingsError) Is(target error) bool { return target == ErrSettings }
func (e *settingsError) Unwrap() error        { return e.error }

// Check finds what is wrong with the settings before anything is asked.
func (c *Config) Check() error {
	switch {
	case len(c.NATS) == 0:
		return wrong("--s3 goes with --nats: the addresses of the NATS servers, as in --nats nats://nats-1:4222,nats://nats-2:4222")
	case c.S3 == "":
		return wrong("--nats goes with --s3: the address of the S3 store, as in --s3 https://s3.example.com")
	case c.Replicas < 0 || c.Replicas > 5 || c.Replicas%2 == 0 && c.Replicas != 0:
		return wrong("--replicas %d: want 1, 3 or 5", c.Replicas)
	}
	for _, raw := range c.NATS {
		if err := checkNATS(raw); err != nil {
			return err
		}
	}
	if err := checkS3(c.S3); err != nil {
		return err
	}
	ways := 0
	for _, way := range []string{c.Creds, c.User + c.PasswordFile, c.TokenFile} {
		if way != "" {
			ways++
		}
	}
	switch {
	case ways > 1:
		return wrong("give one of --nats-creds, --nats-user with --nats-password-file, and --nats-token-file")
	case c.User == "" && c.PasswordFile != "", c.User != "" && c.PasswordFile == "" && os.Getenv(passwordVariable) == "":
		return wrong("--nats-user goes with --nats-password-file, or with %s", passwordVariable)
	case (c.AccessKey == "") != (c.SecretKeyFile == ""):
		return wrong("--s3-access-key goes with --s3-secret-key-file")
	case (c.NATSTLS.Cert == "") != (c.NATSTLS.Key == ""):
		return wrong("--nats-cert goes with --nats-key")
	case (c.S3TLS.Cert == "") != (c.S3TLS.Key == ""):
		return wrong("--s3-cert goes with --s3-key")
	}
	return nil
}

func checkNATS(raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return wrong("--nats: an address is no URL; as in nats://nats-1:4222") // it may hold a password
	}
	switch u.Scheme {
	case "nats", "tls", "ws", "wss":
	default:
		return wrong("--nats %s: want nats://host:port, or tls://host:port", redacted(raw))
	}
	if u.Host == "" {
		return wrong("--nats %s: host is missing", redacted(raw))
	}
	return nil
}

func checkS3(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "unix" && (u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		return wrong("--s3: want a URL, https://host or http://host:port, as in --s3 http://127.0.0.1:9000") // what it is may hold a secret
	}
	return nil
}

// redacted is a URL without user and password.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(no URL)"
	}
	u.User = nil
	return u.String()
}

// NATSAddresses are the servers' URLs as they may be shown.
func (c *Config) NATSAddresses() string {
	var list []string
	for _, raw := range c.NATS {
		list = append(list, redacted(raw))
	}
	return strings.Join(list, ",")
}

// S3Address is the store's URL as it may be shown.
func (c *Config) S3Address() string { return redacted(c.S3) }

// String names the cluster for people.
func (c *Config) String() string { return "the cluster at " + c.NATSAddresses() }

// config makes the settings of TLS, nil if there are none.
func (t TLS) config(flag string) (*tls.Config, error) {
	if t == (TLS{}) {
		return nil, nil
	}
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.CA != "" {
		data, err := os.ReadFile(t.CA)
		if err != nil {
			return nil, wrong("--%s-ca: %w", flag, err)
		}
		cfg.RootCAs = x509.NewCertPool()
		if !cfg.RootCAs.AppendCertsFromPEM(data) {
			return nil, wrong("--%s-ca %s: holds no certificate in PEM", flag, t.CA)
		}
	}
	if t.Cert != "" {
		pair, err := tls.LoadX509KeyPair(t.Cert, t.Key)
		if err != nil {
			return nil, wrong("--%s-cert %s, --%s-key %s: %w", flag, t.Cert, flag, t.Key, err)
		}
		cfg.Certificates = []tls.Certificate{pair}
	}
	return cfg, nil
}

// secret reads a file that holds one secret, without the line end behind it.
func secret(flag, path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", wrong("--%s: %w", flag, err)
	}
	text := strings.TrimRight(string(data), "\r\n")
	if text == "" {
		return "", wrong("--%s: %s is empty", flag, path)
	}
	return text, nil
}

// secretOr is the secret of a file, or of a variable where no file is named.
func secretOr(variable, flag, path string) (string, error) {
	if path == "" {
		return os.Getenv(variable), nil
	}
	return secret(flag, path)
}
