package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"
)

// MaxSocketPath is the longest path of a unix socket, in bytes (unix(7): 108
// with the final NUL).
const MaxSocketPath = 107

// s3StartTimeout bounds the start of the S3 server, which takes milliseconds.
const s3StartTimeout = 10 * time.Second

// Limits of the S3 server. Zero is refused by it, or means "none allowed".
const (
	s3MaxConnections = 1024
	s3MaxParts       = 10_000
	s3MaxCopySize    = 5 << 30
)

// s3Running guards what a process has one of: the gateway's package variables,
// and the working directory, which the gateway changes to its root and relies
// on from then on. A second start would move the first one's objects.
var s3Running atomic.Bool

// ErrS3Running is the answer to a second StartS3 while the first one runs.
var ErrS3Running = errors.New("an S3 server runs in this process already")

// S3Config are the settings of StartS3.
type S3Config struct {
	// Root is the absolute path of an existing folder. Each bucket is a
	// folder in it and each object a plain file, whose ETag, content type
	// and metadata are extended attributes.
	Root string
	// Socket is the absolute path of the unix socket to serve on, mode 0600
	// and at most MaxSocketPath bytes long. A socket that is there is
	// replaced, so the caller holds a lock.
	Socket string
	// Listen, host:port, is served on in place of Socket.
	Listen string
	// AccessKey and SecretKey are the only account.
	AccessKey, SecretKey string
	// Bucket is made if it is not there.
	Bucket string
	// Region defaults to us-east-1.
	Region string
}

// S3 is an S3 server inside the process.
//
// While it runs, and afterwards, the working directory of the process is Root:
// make every relative path absolute before StartS3.
type S3 struct {
	cfg    S3Config
	cancel context.CancelFunc
	done   chan struct{} // closed when the gateway has ended
	err    error         // why it ended; read after done

	stop    sync.Once
	stopErr error
}

// StartS3 starts the server and waits until it serves. What a crash may have
// left is cleaned first. There is one at a time in a process.
func StartS3(cfg S3Config) (*S3, error) {
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("start S3: %w", err)
	}
	if !s3Running.CompareAndSwap(false, true) {
		return nil, fmt.Errorf("start S3 in %s: %w", cfg.Root, ErrS3Running)
	}
	s, err := startS3(cfg)
	if err != nil {
		s3Running.Store(false)
		return nil, fmt.Errorf("start S3 in %s: %w", cfg.Root, err)
	}
	return s, nil
}

func (c S3Config) check() error {
	switch {
	case !filepath.IsAbs(c.Root):
		return fmt.Errorf("root %q is not an absolute path", c.Root)
	case c.Listen != "" && c.Socket != "":
		return errors.New("a socket and an address to listen on are given: one is wanted")
	case c.Listen == "" && !filepath.IsAbs(c.Socket):
		return fmt.Errorf("socket %q is not an absolute path", c.Socket)
	case len(c.Socket) > MaxSocketPath:
		return fmt.Errorf("socket %q: path of %d bytes, at most %d are possible", c.Socket, len(c.Socket), MaxSocketPath)
	case c.AccessKey == "" || c.SecretKey == "":
		return errors.New("access key and secret key must be set")
	case c.Bucket == "":
		return errors.New("bucket is not set")
	}
	return nil
}

func startS3(cfg S3Config) (*S3, error) {
	if err := CheckXattrs(cfg.Root); err != nil {
		return nil, err
	}
	if err := cleanLeftovers(cfg.Root); err != nil {
		return nil, err
	}
	if cfg.Socket != "" {
		if err := os.Remove(cfg.Socket); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	store, err := posix.New(cfg.Root, syncMeta{}, posix.PosixOpts{
		ValidateBucketNames: true,
		CopyObjectThreshold: s3MaxCopySize,
	})
	if err != nil {
		return nil, err
	}
	back := newDurable(store, cfg.Root)
	if err := back.ensureBucket(cfg.Bucket, cfg.AccessKey); err != nil {
		store.Shutdown()
		return nil, err
	}

	ctx, cancel := context.WithCancel(context.Background())
	s := &S3{cfg: cfg, cancel: cancel, done: make(chan struct{})}
	listening := make(chan struct{})
	go func() {
		defer close(s.done)
		s.err = embedgw.RunVersityGW(ctx, back, gatewayConfig(cfg, func() { close(listening) }))
	}()
	timeout := time.NewTimer(s3StartTimeout)
	defer timeout.Stop()
	select {
	case <-listening:
		return s, nil
	case <-s.done:
		cancel()
		return nil, fmt.Errorf("gateway ended: %w", s.err)
	case <-timeout.C:
		cancel()
		<-s.done
		return nil, fmt.Errorf("not ready after %s", s3StartTimeout)
	}
}

func gatewayConfig(cfg S3Config, listening func()) *embedgw.Config {
	return &embedgw.Config{
		RootUserAccess:    cfg.AccessKey,
		RootUserSecret:    cfg.SecretKey,
		Region:            cfg.Region,
		Ports:             []string{cmp.Or(cfg.Listen, cfg.Socket)},
		SocketPerm:        "0600",
		MaxConnections:    s3MaxConnections,
		MaxRequests:       s3MaxConnections,
		MultipartMaxParts: s3MaxParts,
		KeepAlive:         true,
		DisableACLs:       true,
		Quiet:             true,
		// Without a service of its own the gateway says so on stdout.
		IAMService: auth.NewIAMServiceSingle(auth.Account{
			Access: cfg.AccessKey, Secret: cfg.SecretKey, Role: auth.RoleAdmin,
		}),
		S3Options: []s3api.Option{s3api.WithOnListen(listening)},
	}
}

// Socket returns the path of the socket.
func (s *S3) Socket() string { return s.cfg.Socket }

// Done is closed when the server has ended, asked or not.
func (s *S3) Done() <-chan struct{} { return s.done }

// Shutdown stops the server, waits until it has ended and notes in the root
// that nothing was left behind. Uploads in flight fail after some seconds: stop
// the writers first. It may be called more than once.
func (s *S3) Shutdown() error {
	s.stop.Do(func() {
		s.cancel()
		<-s.done
		s3Running.Store(false)
		if s.err != nil {
			s.stopErr = fmt.Errorf("S3 server in %s: %w", s.cfg.Root, s.err)
			return
		}
		if err := markClean(s.cfg.Root); err != nil {
			s.stopErr = fmt.Errorf("stop S3 in %s: %w", s.cfg.Root, err)
		}
	})
	return s.stopErr
}
