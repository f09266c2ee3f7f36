package objstore

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"slices"
	"time"

	"github.com/minio/minio-go/v7"
)

// Object is what a store says about an object.
type Object struct {
	// Key is the whole key.
	Key string
	// Size is in bytes.
	Size int64
	// Modified is the server's clock at the end of the put.
	Modified time.Time
	// ETag is the server's mark of this content, without quotes. It is not a
	// digest to rely on, and can be empty in a folder restored without
	// extended attributes.
	ETag string
	// ContentType and Metadata are set by Stat and not by List. Metadata has
	// its keys in canonical header form, without "X-Amz-Meta-".
	ContentType string
	Metadata    map[string]string
}

// Get returns the content of an object and its size. The caller closes the
// reader, which streams: its errors may be the connection's, and a body cut
// short ends with io.ErrUnexpectedEOF. Errors: ErrNotFound, or the server's.
func (s *Store) Get(ctx context.Context, key string) (io.ReadCloser, int64, error) {
	if err := checkKey(key); err != nil {
		return nil, 0, s.fail("get", key, err)
	}
	body, info, _, err := s.core.GetObject(ctx, s.cfg.Bucket, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, 0, s.fail("get", key, err)
	}
	return body, info.Size, nil
}

// GetBytes returns an object of at most limit bytes, or ErrTooLarge. Errors
// besides: ErrNotFound, or the server's.
func (s *Store) GetBytes(ctx context.Context, key string, limit int64) ([]byte, error) {
	body, size, err := s.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	if size > limit {
		return nil, s.fail("get", key, fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, size, limit))
	}
	buf := make([]byte, size)
	if _, err := io.ReadFull(body, buf); err != nil {
		return nil, s.fail("get", key, err)
	}
	return buf, nil
}

// GetRange returns the n bytes of an object that begin at off, or fewer where
// the object ends before. The caller closes the reader. n of 0 or less reads
// nothing and asks nobody. Errors: ErrNotFound, or the server's (416 where off
// is past the end).
func (s *Store) GetRange(ctx context.Context, key string, off, n int64) (io.ReadCloser, error) {
	if n <= 0 {
		return http.NoBody, nil
	}
	if err := checkKey(key); err != nil {
		return nil, s.fail("get range of", key, err)
	}
	var opts minio.GetObjectOptions
	if err := opts.SetRange(off, off+n-1); err != nil {
		return nil, s.fail("get range of", key, err)
	}
	body, info, _, err := s.core.GetObject(ctx, s.cfg.Bucket, key, opts)
	if err != nil {
		return nil, s.fail("get range of", key, err)
	}
	if info.Size > n {
		body.Close()
		return nil, s.fail("get range of", key, fmt.Errorf("server sent %d bytes of %d asked for", info.Size, n))
	}
	return body, nil
}

// Stat returns what the store knows about an object. Errors: ErrNotFound, or
// the server's.
func (s *Store) Stat(ctx context.Context, key string) (Object, error) {
	if err := checkKey(key); err != nil {
		return Object{}, s.fail("stat", key, err)
	}
	info, err := s.client.StatObject(ctx, s.cfg.Bucket, key, minio.StatObjectOptions{})
	if err != nil {
		return Object{}, s.fail("stat", key, err)
	}
	o := objectOf(info)
	o.ContentType = info.ContentType
	o.Metadata = make(map[string]string, len(info.UserMetadata))
	for k, v := range info.UserMetadata {
		o.Metadata[http.CanonicalHeaderKey(k)] = v
	}
	return o, nil
}

// List yields the objects whose keys begin with prefix and come after
// startAfter (which need not exist), in the byte order of their keys. It asks
// for a page at a time as the caller goes on. The first error ends it.
func (s *Store) List(ctx context.Context, prefix, startAfter string) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		opts := minio.ListObjectsOptions{Prefix: prefix, StartAfter: startAfter, Recursive: true}
		for info := range s.client.ListObjectsIter(ctx, s.cfg.Bucket, opts) {
			if info.Err != nil {
				yield(Object{}, s.fail("list", prefix, info.Err))
				return
			}
			if !yield(objectOf(info), nil) {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			// The iterator ends in silence on a cancelled context.
			yield(Object{}, s.fail("list", prefix, err))
		}
	}
}

// Delete removes objects. A key that is not there is no error. A deletion is
// not synced to disk before it is answered: after a power cut the object may
// be back. The first error ends it, and names the key.
func (s *Store) Delete(ctx context.Context, keys ...string) error {
	const perRequest = 1000 // DeleteObjects, maximum of the S3 API
	for _, key := range keys {
		if err := checkKey(key); err != nil {
			return s.fail("delete", key, err)
		}
	}
	for chunk := range slices.Chunk(keys, perRequest) {
		if len(chunk) == 1 {
			err := s.client.RemoveObject(ctx, s.cfg.Bucket, chunk[0], minio.RemoveObjectOptions{})
			if err != nil {
				return s.fail("delete", chunk[0], err)
			}
			continue
		}
		if err := s.deleteChunk(ctx, chunk); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) deleteChunk(ctx context.Context, keys []string) error {
	objects := func(yield func(minio.ObjectInfo) bool) {
		for _, key := range keys {
			if !yield(minio.ObjectInfo{Key: key}) {
				return
			}
		}
	}
	results, err := s.client.RemoveObjectsWithIter(ctx, s.cfg.Bucket, objects, minio.RemoveObjectsOptions{})
	if err != nil {
		return s.fail("delete", keys[0], err)
	}
	for res := range results {
		if res.Err != nil {
			err = s.fail("delete", res.ObjectName, res.Err)
			break
		}
	}
	if err == nil && ctx.Err() != nil {
		err = s.fail("delete", keys[0], ctx.Err())
	}
	return err
}

func objectOf(info minio.ObjectInfo) Object {
	return Object{Key: info.Key, Size: info.Size, Modified: info.LastModified, ETag: info.ETag}
}
