// Package objstore is the archive's view of an S3 bucket: put-if-absent, put,
// get, range, list and delete, and the few questions that go with them (stat,
// bucket, permanent or not). Whatever holds these verbs can hold an archive;
// package objstoretest is the suite that says so.
//
// Keys are the caller's, and must be clean relative paths (ErrKey). To stay
// within what every S3 server accepts, a part of a key (between slashes) is of
// [A-Za-z0-9._-], and no key is both an object and the folder of another.
package objstore

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// PartSize is the size of a part of a multipart upload, in bytes, and the size
// up to which Put sends an object in one request.
const PartSize = 16 << 20

// maxRetries bounds how often one request is sent. The waits between are
// 0.2 s, 0.4 s and 0.8 s at most; whoever can wait longer retries the verb.
const maxRetries = 4

const (
	defaultRegion = "us-east-1"
	dialTimeout   = 10 * time.Second
	idleTimeout   = 60 * time.Second
)

// Config says where a bucket is and how to reach it.
type Config struct {
	// Endpoint is http://host:port, https://host:port or unix:///path.sock,
	// the last with plain HTTP inside.
	Endpoint string
	// AccessKey and SecretKey sign the requests (AWS Signature Version 4).
	AccessKey, SecretKey string
	// SessionToken goes with keys that are lent for a time.
	SessionToken string
	// TLS are settings for https, nil for the system's.
	TLS *tls.Config
	// Bucket is the one bucket of the store.
	Bucket string
	// Region defaults to us-east-1.
	Region string
	// LocalPath, where the bucket lies on a file system of this machine, is
	// a path on it. After a failed put its free space and inodes are looked
	// at, as servers name a full disk in several misleading ways.
	LocalPath string
	// PathStyle asks for bucket names in the path. It is what an address
	// other than Amazon's gets anyway.
	PathStyle bool
	// Transport replaces the HTTP transport, for tests. It may be nil.
	Transport http.RoundTripper
}

// Store is a bucket. It is safe for concurrent use. Close frees its idle
// connections; it can be used again after that.
type Store struct {
	cfg       Config
	client    *minio.Client
	core      minio.Core
	transport http.RoundTripper
	space     func(path string) error
}

// New returns the store that cfg describes. It checks the settings only, and
// sends nothing.
func New(cfg Config) (*Store, error) {
	if cfg.Bucket == "" {
		return nil, errors.New("object store: bucket is not set")
	}
	if cfg.AccessKey == "" || cfg.SecretKey == "" {
		return nil, errors.New("object store: access key and secret key must be set")
	}
	if cfg.Region == "" {
		cfg.Region = defaultRegion
	}
	host, secure, socket, err := parseEndpoint(cfg.Endpoint)
	if err != nil {
		return nil, err
	}
	tr := cfg.Transport
	if tr == nil {
		tr = newTransport(socket, cfg.TLS)
	}
	lookup := minio.BucketLookupAuto
	if cfg.PathStyle || socket != "" {
		lookup = minio.BucketLookupPath
	}
	client, err := minio.New(host, &minio.Options{
		Creds:        credentials.NewStaticV4(cfg.AccessKey, cfg.SecretKey, cfg.SessionToken),
		Secure:       secure,
		Transport:    tr,
		Region:       cfg.Region,
		BucketLookup: lookup,
		MaxRetries:   maxRetries,
	})
	if err != nil {
		return nil, fmt.Errorf("object store %s: %w", cfg.Endpoint, err)
	}
	return &Store{
		cfg: cfg, client: client, core: minio.Core{Client: client},
		transport: tr, space: checkSpace,
	}, nil
}

// parseEndpoint splits an endpoint into the host for the Host header, whether
// TLS is spoken, and the socket's path where there is one.
func parseEndpoint(endpoint string) (host string, secure bool, socket string, err error) {
	if path, ok := strings.CutPrefix(endpoint, "unix://"); ok {
		if !strings.HasPrefix(path, "/") {
			return "", false, "", fmt.Errorf("object store endpoint %q: a socket needs an absolute path", endpoint)
		}
		return "localhost", false, path, nil
	}
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", false, "", fmt.Errorf("object store endpoint %q: %w", endpoint, err)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return "", false, "", fmt.Errorf("object store endpoint %q: want http://, https:// or unix://", endpoint)
	case u.Host == "":
		return "", false, "", fmt.Errorf("object store endpoint %q: host is missing", endpoint)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil:
		return "", false, "", fmt.Errorf("object store endpoint %q: want scheme, host and port only", endpoint)
	}
	return u.Host, u.Scheme == "https", "", nil
}

func newTransport(socket string, secure *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	tr := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		MaxIdleConns:          64,
		MaxIdleConnsPerHost:   32,
		IdleConnTimeout:       idleTimeout,
		TLSHandshakeTimeout:   dialTimeout,
		TLSClientConfig:       secure,
		ExpectContinueTimeout: 10 * time.Second,
		// Objects are often gzip already; what is stored is what is read.
		DisableCompression: true,
		ForceAttemptHTTP2:  socket == "",
	}
	if socket != "" {
		tr.Proxy = nil
		tr.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}
	}
	return tr
}

// Bucket returns the bucket's name.
func (s *Store) Bucket() string { return s.cfg.Bucket }

// Endpoint returns the address as it was given to New.
func (s *Store) Endpoint() string { return s.cfg.Endpoint }

// Close closes idle connections. Requests under way are not disturbed.
func (s *Store) Close() error {
	if c, ok := s.transport.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
	return nil
}

// EnsureBucket makes the bucket unless it exists. Several callers may do so at
// once.
func (s *Store) EnsureBucket(ctx context.Context) error {
	ok, err := s.client.BucketExists(ctx, s.cfg.Bucket)
	if StatusOf(err) == http.StatusForbidden {
		// The answer to a HEAD has no body, and so no reason: a listing's has.
		if why := s.tryList(ctx); StatusOf(why) == http.StatusForbidden {
			err = why
		}
	}
	if err != nil {
		return s.fail("look up bucket", "", err)
	}
	if ok {
		return nil
	}
	err = s.client.MakeBucket(ctx, s.cfg.Bucket, minio.MakeBucketOptions{Region: s.cfg.Region})
	switch minio.ToErrorResponse(err).Code {
	case minio.BucketAlreadyOwnedByYou, minio.BucketAlreadyExists:
		return nil
	}
	if err != nil {
		return s.failPut("make bucket", "", err)
	}
	return nil
}

// tryList asks for the beginning of the bucket's list.
func (s *Store) tryList(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx) // ends the list
	defer cancel()
	first := <-s.client.ListObjects(ctx, s.cfg.Bucket, minio.ListObjectsOptions{MaxKeys: 1})
	return first.Err
}
