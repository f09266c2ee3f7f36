// Package datadir is the data folder: one folder that holds everything of an
// installation, locked by the process that uses it, with NATS and an S3 server
// over it and sockets by which other processes join in.
//
//	DIR/VERSION.json         format of the folder and the software that made it
//	DIR/limits.json          limits chosen at first start
//	DIR/nats/                JetStream's streams
//	DIR/s3/newsreel/         the archive: the bucket, as plain files
//	DIR/spool/               temporary files; emptied at each start
//	DIR/run/lock             locked (flock) while a process holds the folder
//	DIR/run/holder.json      that process
//	DIR/run/keys.json        keys of the S3 server
//	DIR/run/endpoints.json   addresses and keys, while the folder is served
//	DIR/run/*.sock           NATS and S3, where the path is short enough
//
// The S3 server changes the working directory of the process that holds a
// folder, for good. Programs make their relative paths absolute before Open or
// Use; these two do so with theirs.
package datadir

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"newsreel/internal/embedded"
	"newsreel/internal/objstore"
	"newsreel/job"
)

// Bucket is the bucket that holds the archive.
const Bucket = "newsreel"

// RoleWait is how long a command that runs roles waits for a look-up that
// holds the folder.
const RoleWait = 10 * time.Second

// Purpose says who wants a folder, and what for.
type Purpose struct {
	// Command is what a person typed, as shown to others who want the
	// folder: "newsreel crawl job.yaml".
	Command string
	// Roles says that the process runs roles on the folder (crawls, say),
	// and not just a look-up.
	Roles bool
	// Logger gets the warnings of the NATS server. Nil is silence.
	Logger *slog.Logger
}

// Folder is a data folder held by this process. It is safe for concurrent use.
type Folder struct {
	dir    string
	format int
	limits Limits

	lock    *lock
	nats    *embedded.NATS
	s3      *embedded.S3
	bridge  *bridge
	keys    keys
	sockets sockets

	mu     sync.Mutex
	conns  []*nats.Conn
	stores []*objstore.Store
	close  sync.Once
	err    error
}

// Open locks the folder, making it if need be, and starts NATS and S3 over it.
//
// If another process holds the folder, Open waits for up to wait. It does not
// wait if that process runs roles. Errors: *HolderError, *FormatError, or what
// went wrong.
func Open(dir string, purpose Purpose, wait time.Duration) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", dir, err)
	}
	f := &Folder{dir: dir}
	if err := f.open(purpose, wait); err != nil {
		f.release()
		var held *HolderError
		if errors.As(err, &held) {
			return nil, err
		}
		return nil, fmt.Errorf("open data folder %s: %w", dir, err)
	}
	return f, nil
}

func (f *Folder) open(purpose Purpose, wait time.Duration) error {
	// A folder of a newer program is left as it is, down to the lock.
	if err := checkFormat(f.dir); err != nil {
		return err
	}
	if err := makeFolders(f.dir); err != nil {
		return err
	}
	var err error
	if f.lock, err = takeLock(f.dir, purpose, wait); err != nil {
		return err
	}
	if f.format, err = ensureFormat(f.dir); err != nil {
		return err
	}
	if f.limits, err = ensureLimits(f.dir); err != nil {
		return err
	}
	if f.keys, err = ensureKeys(f.dir); err != nil {
		return err
	}
	if err := emptyFolder(f.SpoolDir()); err != nil {
		return err
	}
	if f.sockets, err = makeSockets(f.dir); err != nil {
		return err
	}
	return f.serve(purpose)
}

// serve starts the servers, then the ways in from outside.
func (f *Folder) serve(purpose Purpose) error {
	var err error
	f.s3, err = embedded.StartS3(embedded.S3Config{
		Root: f.path("s3"), Socket: f.sockets.S3,
		AccessKey: f.keys.AccessKey, SecretKey: f.keys.SecretKey, Bucket: Bucket,
	})
	if err != nil {
		return err
	}
	f.nats, err = embedded.StartNATS(embedded.NATSConfig{
		StoreDir: f.path("nats"), MaxStore: f.limits.MaxStoreBytes, Logger: purpose.Logger,
	})
	if err != nil {
		return err
	}
	if err := f.makeJobs(); err != nil {
		return err
	}
	if f.bridge, err = startBridge(f.sockets.NATS, f.nats.InProcessConn); err != nil {
		return err
	}
	return writeJSON(f.path("run", "endpoints.json"), 0o600, endpoints{
		Instance: f.lock.holder.Instance, NATS: f.sockets.NATS, S3: f.sockets.S3, keys: f.keys,
	})
}

// makeJobs makes the store of jobs while nobody else is there who would make it
// without regard to the size of this one's store.
func (f *Folder) makeJobs() error {
	ctx, cancel := context.WithTimeout(context.Background(), RoleWait)
	defer cancel()
	nc, err := f.nats.Conn()
	if err != nil {
		return err
	}
	defer nc.Close()
	return job.MakeJobs(ctx, nc, f.limits.MaxStoreBytes)
}

// Close ends the connections that NATS gave out, closes the bridges, stops
// NATS and S3 and frees the lock, in this order. Stop whatever writes before:
// uploads in flight hold Close up for some seconds, and fail. It may be called
// more than once.
func (f *Folder) Close() error {
	f.close.Do(func() { f.err = f.release() })
	return f.err
}

// release undoes open from wherever it got to.
func (f *Folder) release() error {
	var errs []error
	if f.lock == nil {
		return nil
	}
	// Nobody new comes in.
	errs = append(errs, removeIfThere(f.path("run", "endpoints.json")))
	if f.bridge != nil {
		f.bridge.close()
	}
	f.mu.Lock()
	for _, nc := range f.conns {
		nc.Close()
	}
	for _, s := range f.stores {
		s.Close()
	}
	f.conns, f.stores = nil, nil
	f.mu.Unlock()
	if f.nats != nil {
		f.nats.Shutdown()
	}
	if f.s3 != nil {
		errs = append(errs, f.s3.Shutdown())
	}
	f.sockets.remove()
	errs = append(errs, f.lock.release())
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close data folder %s: %w", f.dir, err)
	}
	return nil
}

// NATS returns a connection to the folder's NATS server. The caller closes it;
// Close does so for those that are forgotten.
func (f *Folder) NATS(opts ...nats.Option) (*nats.Conn, error) {
	nc, err := f.nats.Conn(opts...)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns = slices.DeleteFunc(f.conns, (*nats.Conn).IsClosed)
	f.conns = append(f.conns, nc)
	return nc, nil
}

// Store returns the folder's archive.
func (f *Folder) Store() (*objstore.Store, error) {
	s, err := newStore(f.dir, f.sockets.S3, f.keys)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stores = append(f.stores, s)
	return s, nil
}

// Server returns the NATS server, for Healthy and Restart after a full disk.
func (f *Folder) Server() *embedded.NATS { return f.nats }

// S3Done is closed when the S3 server has ended, which before Close is a fault.
func (f *Folder) S3Done() <-chan struct{} { return f.s3.Done() }

// S3Endpoint returns the address and the keys of the S3 server, for tools of
// other makers: unix:///path, access key, secret key.
func (f *Folder) S3Endpoint() (endpoint, accessKey, secretKey string) {
	return "unix://" + f.sockets.S3, f.keys.AccessKey, f.keys.SecretKey
}

// Path returns the absolute path of the folder.
func (f *Folder) Path() string { return f.dir }

// SpoolDir returns the folder for temporary files. What is there when a
// process opens the folder is removed.
func (f *Folder) SpoolDir() string { return f.path("spool") }

// FormatVersion returns the number of the folder's format.
func (f *Folder) FormatVersion() int { return f.format }

// Limits returns the folder's limits, chosen when it was made.
func (f *Folder) Limits() Limits { return f.limits }

// Held is false: this process holds the folder itself.
func (f *Folder) Held() bool { return false }

func (f *Folder) path(parts ...string) string {
	return filepath.Join(append([]string{f.dir}, parts...)...)
}

func newStore(dir, socket string, k keys) (*objstore.Store, error) {
	return objstore.New(objstore.Config{
		Endpoint: "unix://" + socket, AccessKey: k.AccessKey, SecretKey: k.SecretKey,
		Bucket: Bucket, LocalPath: filepath.Join(dir, "s3"),
	})
}

func makeFolders(dir string) error {
	for _, sub := range []string{"nats", "s3", "spool"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	// Sockets and keys are for the owner alone.
	return os.MkdirAll(filepath.Join(dir, "run"), 0o700)
}

// Session is a data folder in use, held by this process or through the one
// that holds it.
type Session interface {
	// NATS returns a connection; the caller closes it.
	NATS(opts ...nats.Option) (*nats.Conn, error)
	// Store returns the archive; the caller may close it.
	Store() (*objstore.Store, error)
	// Close ends the use.
	Close() error
	// Held is true when another process holds the folder.
	Held() bool
	// Path returns the absolute path of the folder.
	Path() string
}

var (
	_ Session = (*Folder)(nil)
	_ Session = (*Client)(nil)
)

// Use joins the process that holds the folder, or else holds it. It is for
// look-ups: a command that runs roles calls Open. Where holders come and go
// meanwhile it tries for RoleWait.
func Use(dir string, purpose Purpose) (Session, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("data folder %s: %w", dir, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), RoleWait)
	defer cancel()
	for {
		c, err := Attach(dir)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, ErrNobody) {
			return nil, err
		}
		f, err := Open(dir, purpose, 0)
		if err == nil {
			return f, nil
		}
		var held *HolderError
		if !errors.As(err, &held) || ctx.Err() != nil {
			return nil, err
		}
		// Somebody was faster: join them.
		wait(ctx, pollInterval)
	}
}
