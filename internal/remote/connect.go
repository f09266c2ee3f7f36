package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"newsreel/internal/objstore"
	"newsreel/job"
	"newsreel/stream"
)

// requestTime bounds a question to a server that answers in milliseconds.
const requestTime = 5 * time.Second

// Dial connects to NATS. The connection comes back by itself for as long as it
// is open. With nats.RetryOnFailedConnect it is returned before there is one.
func (c *Config) Dial(opts ...nats.Option) (*nats.Conn, error) {
	all := []nats.Option{nats.Name(c.Name), nats.MaxReconnects(-1), nats.Timeout(requestTime),
		nats.ReconnectWait(250 * time.Millisecond), nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		// Keys may be changed while we run: being refused is no reason to end.
		nats.IgnoreAuthErrorAbort(), nats.PingInterval(5 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(newHeard(c.Log).hear)}
	own, err := c.credentials()
	if err != nil {
		return nil, err
	}
	nc, err := nats.Connect(joined(c.NATS), append(append(all, own...), opts...)...)
	if err != nil {
		return nil, c.natsError(err)
	}
	return nc, nil
}

func joined(urls []string) string {
	text := ""
	for i, u := range urls {
		if i > 0 {
			text += ","
		}
		text += u
	}
	return text
}

func (c *Config) credentials() ([]nats.Option, error) {
	var opts []nats.Option
	switch {
	case c.Creds != "":
		if _, err := os.Stat(c.Creds); err != nil {
			return nil, wrong("--nats-creds: %w", err)
		}
		opts = append(opts, nats.UserCredentials(c.Creds))
	case c.User != "":
		password, err := secretOr(passwordVariable, "nats-password-file", c.PasswordFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nats.UserInfo(c.User, password))
	case c.TokenFile != "", os.Getenv(tokenVariable) != "":
		token, err := secretOr(tokenVariable, "nats-token-file", c.TokenFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, nats.Token(token))
	}
	cfg, err := c.NATSTLS.config("nats")
	if err != nil {
		return nil, err
	}
	if cfg != nil {
		opts = append(opts, nats.Secure(cfg))
	}
	return opts, nil
}

// natsError says in words what a connection failed of.
func (c *Config) natsError(err error) error {
	cure := "see that the servers run and that --nats has their address"
	var dns *net.DNSError
	switch {
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired), errors.Is(err, nats.ErrAuthRevoked):
		cure = "they refuse our credentials: --nats-creds, --nats-user with --nats-password-file, or --nats-token-file give others"
	case errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted):
		cure = "one side asks for TLS and the other does not: tls:// in --nats asks for it, --nats-ca names its authority"
	case errors.As(err, &dns):
		cure = "look for a typing error in --nats"
	case closed(err) && c.NATSTLS.CA != "" && c.NATSTLS.Cert == "":
		cure = "they hang up: if they ask for a certificate of ours, --nats-cert and --nats-key give one"
	}
	return fmt.Errorf("NATS at %s: %w\n%s", c.NATSAddresses(), err, cure)
}

// closed tells whether the other side ended a connection. A server of TLS 1.3 may
// do so behind a handshake that went well for us, since it looks at our
// certificate after that; what it has to say of it may be lost then. (RFC 8446,
// 4.4.2.4)
func closed(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET)
}

// OpenStore makes the client of the S3 store. Nothing is sent yet.
func (c *Config) OpenStore() (*objstore.Store, error) {
	o := objstore.Config{Endpoint: c.S3, Bucket: c.Bucket, Region: c.Region}
	if o.Bucket == "" {
		o.Bucket = DefaultBucket
	}
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION"} {
		if o.Region == "" {
			o.Region = os.Getenv(name)
		}
	}
	var err error
	if o.AccessKey, o.SecretKey, o.SessionToken, err = c.keys(); err != nil {
		return nil, err
	}
	if o.TLS, err = c.S3TLS.config("s3"); err != nil {
		return nil, err
	}
	store, err := objstore.New(o)
	if err != nil {
		return nil, wrong("--s3: %w", err)
	}
	return store, nil
}

// keys are those of the S3 store: the settings', or the environment's.
func (c *Config) keys() (access, secretKey, token string, err error) {
	if c.AccessKey != "" {
		secretKey, err = secret("s3-secret-key-file", c.SecretKeyFile)
		return c.AccessKey, secretKey, "", err
	}
	access, secretKey, token = os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), os.Getenv("AWS_SESSION_TOKEN")
	if access == "" || secretKey == "" {
		err = wrong("no keys for the S3 store%s: --s3-access-key with --s3-secret-key-file gives them, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment", c.atS3())
	}
	return access, secretKey, token, err
}

func (c *Config) atS3() string {
	if c.S3 == "" {
		return ""
	}
	return " at " + c.S3Address()
}

// ErrStore is in the chain of errors that S3Error makes: it is not NATS that is
// away.
var ErrStore = errors.New("S3 store")

type storeError struct{ error }

func (e *storeError) Is(target error) bool { return target == ErrStore }
func (e *storeError) Unwrap() error        { return e.error }

// S3Error adds to an error of the store what may cure it.
func (c *Config) S3Error(err error) error {
	bucket := c.Bucket
	if bucket == "" {
		bucket = DefaultBucket
	}
	cure := "see that the store runs and that --s3 has its address"
	switch objstore.StatusOf(err) {
	case 301, 307, 400:
		cure = "look at --s3 and --s3-region"
	case 401, 403:
		cure = "it refuses our keys, or they may not use bucket " + bucket + ": --s3-access-key with --s3-secret-key-file, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, give others"
	case 404:
		cure = "bucket " + bucket + " is not there: make it, or name another with --s3-bucket"
	}
	if closed(err) && c.S3TLS.CA != "" && c.S3TLS.Cert == "" {
		cure = "it hangs up: if it asks for a certificate of ours, --s3-cert and --s3-key give one"
	}
	if objstore.ClockOff(err) {
		cure = "its clock and ours differ by minutes: timedatectl set-ntp true, here and there"
	}
	return &storeError{fmt.Errorf("S3 store at %s: %w\n%s", c.S3Address(), err, cure)}
}

// Session is a cluster in use.
type Session struct {
	NATS  *nats.Conn
	Store *objstore.Store
	Jobs  *job.Jobs
	// Replicas is how many servers keep each stream.
	Replicas int
}

// Open connects to both, and makes bucket and store of jobs where they are
// missing. Its errors say what may cure them.
func (c *Config) Open(ctx context.Context, opts ...nats.Option) (*Session, error) {
	s, err := c.OpenNATS(ctx, opts...)
	if err != nil {
		return nil, err
	}
	if err := c.prepareStore(ctx, s); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Servers of which one has just ended choose another leader in some seconds.
// A question that none of them heard is never answered: it is asked again.
const (
	tryTime = 3 * time.Second
	allTime = 20 * time.Second
)

// patiently does something until it succeeds or fails for good, for as long as
// servers may take to agree.
func patiently(ctx context.Context, do func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, allTime)
	defer cancel()
	for {
		try, done := context.WithTimeout(ctx, tryTime)
		err := do(try)
		done()
		if err == nil || !stream.Passing(err) || ctx.Err() != nil || errors.Is(err, jetstream.ErrJetStreamNotEnabled) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// Prepare makes what is missing in a cluster that is connected to.
func (c *Config) Prepare(ctx context.Context, s *Session) error {
	if err := c.prepareNATS(ctx, s); err != nil {
		return err
	}
	return c.prepareStore(ctx, s)
}

func (c *Config) prepareNATS(ctx context.Context, s *Session) error {
	kept := 0
	err := patiently(ctx, func(ctx context.Context) (err error) {
		if s.Jobs, err = job.OpenJobs(ctx, s.NATS, c.replicas(s.NATS)); err == nil {
			kept, err = s.Jobs.Replicas(ctx)
		}
		return err
	})
	if err != nil {
		return c.jetStreamError(err)
	}
	if s.Replicas = c.Replicas; s.Replicas == 0 {
		// What was seen when the cluster was first used counts: one of its
		// servers may be away now.
		s.Replicas = max(kept, c.replicas(s.NATS))
	}
	return nil
}

func (c *Config) prepareStore(ctx context.Context, s *Session) error {
	try, cancel := context.WithTimeout(ctx, allTime)
	defer cancel()
	if err := s.Store.EnsureBucket(try); err != nil {
		return c.S3Error(err)
	}
	return nil
}

func (c *Config) jetStreamError(err error) error {
	return fmt.Errorf("NATS at %s: %w\nJetStream must be on, and most of a cluster's servers must run", c.NATSAddresses(), err)
}

// replicas is how often a stream is kept that is made now.
func (c *Config) replicas(nc *nats.Conn) int {
	if c.Replicas > 0 {
		return c.Replicas
	}
	if nc.ConnectedClusterName() == "" || Servers(nc) < 3 {
		return 1
	}
	return 3
}

// Servers counts the servers of a cluster that are known to a connection.
func Servers(nc *nats.Conn) int {
	hosts := map[string]bool{}
	for _, raw := range append(slices.Clone(nc.Servers()), nc.DiscoveredServers()...) {
		if u, err := url.Parse(raw); err == nil {
			hosts[u.Host] = true
		}
	}
	return len(hosts)
}

// Close ends the connections.
func (s *Session) Close() error {
	s.NATS.Close()
	return s.Store.Close()
}

// Addresses are those that a crawl must not reach: of NATS and S3, as far as
// their names can be looked up now.
func (c *Config) Addresses(ctx context.Context, nc *nats.Conn) []netip.AddrPort {
	urls := append(slices.Clone(c.NATS), nc.DiscoveredServers()...)
	var list []netip.AddrPort
	for _, raw := range append(urls, c.S3) {
		u, err := url.Parse(raw)
		if err != nil || u.Host == "" {
			continue
		}
		port := u.Port()
		if port == "" {
			port = map[string]string{"nats": "4222", "tls": "4222", "ws": "80", "wss": "443", "http": "80", "https": "443"}[u.Scheme]
		}
		names, err := net.DefaultResolver.LookupHost(ctx, u.Hostname())
		if err != nil {
			continue
		}
		for _, name := range names {
			if a, err := netip.ParseAddrPort(net.JoinHostPort(name, port)); err == nil {
				list = append(list, a)
			}
		}
	}
	return list
}
