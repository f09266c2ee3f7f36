package objstore

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"

	"newsreel/internal/diepoint"
)

// PutOptions are the settings of Put. The zero value is good.
type PutOptions struct {
	// ContentType defaults to application/octet-stream.
	ContentType string
	// Metadata is kept with the object and returned by Stat. Keys are
	// compared without case.
	Metadata map[string]string
	// IfAbsent stores nothing where an object has the key: ErrExists, as of
	// PutIfAbsent.
	IfAbsent bool
}

// uploadMark is the metadata key by which a multipart upload knows its own
// object again.
const uploadMark = "Newsreel-Upload"

// abortTimeout bounds the clean-up of an upload that went wrong, which goes on
// when the caller's context has ended.
const abortTimeout = 10 * time.Second

// PutIfAbsent stores body under key unless an object is there, in one request
// with If-None-Match: *. Of several callers exactly one gets nil; ErrExists is
// the answer to the others. When PutIfAbsent returns nil the object is as
// durable as the server makes it before it answers.
//
// A put whose answer was lost is sent again, and then meets itself: ErrExists
// does not say whose object it is. The caller reads the object and compares
// (for which a manifest holds its attempt's id).
//
// Errors: ErrExists, ErrNoSpace, ErrKey, or the server's.
func (s *Store) PutIfAbsent(ctx context.Context, key string, body []byte, contentType string) error {
	if err := checkKey(key); err != nil {
		return s.fail("put", key, err)
	}
	opts := minio.PutObjectOptions{
		ContentType: contentType, DisableMultipart: true, DisableContentSha256: true,
	}
	opts.SetMatchETagExcept("*")
	if err := s.putBytes(ctx, key, body, opts); err != nil {
		return s.failPut("put", key, err)
	}
	return nil
}

// Put stores size bytes of r under key, over whatever is there. Up to PartSize
// it is one request. Above, it is a multipart upload whose parts are sent one
// after the other from one buffer; the upload is judged by what the server
// then says is stored (its mark and its size), never by the answer to the
// completion alone. Put reads r to size bytes and does not close it.
//
// Errors: ErrNoSpace; ErrUnconfirmed if the stored object is not this upload;
// ErrSource if r failed or is short; ErrKey; or the server's. Nothing is stored after
// an error, except that with ErrUnconfirmed or a lost connection the object
// may appear later.
func (s *Store) Put(ctx context.Context, key string, r io.Reader, size int64, opts PutOptions) error {
	if err := checkKey(key); err != nil {
		return s.fail("put", key, err)
	}
	if size < 0 {
		return s.fail("put", key, fmt.Errorf("%w: size %d", ErrSource, size))
	}
	var err error
	if size <= PartSize {
		err = s.putSingle(ctx, key, r, size, opts)
	} else {
		err = s.putParts(ctx, key, r, size, opts)
	}
	if err != nil {
		return s.failPut("put", key, err)
	}
	return nil
}

func (s *Store) putSingle(ctx context.Context, key string, r io.Reader, size int64, opts PutOptions) error {
	buf := make([]byte, size)
	if err := readFull(r, buf); err != nil {
		return err
	}
	put := minio.PutObjectOptions{
		ContentType: opts.ContentType, UserMetadata: opts.Metadata,
		DisableMultipart: true, DisableContentSha256: true,
	}
	if opts.IfAbsent {
		put.SetMatchETagExcept("*")
	}
	return s.putBytes(ctx, key, buf, put)
}

// putBytes sends body signed with its SHA-256, so that the server checks what
// arrives. Chunked signing would do so as well, at the price of a stored
// Content-Encoding of aws-chunked and of bytes left on the connection after an
// empty body.
func (s *Store) putBytes(ctx context.Context, key string, body []byte, opts minio.PutObjectOptions) error {
	sum := sha256.Sum256(body)
	_, err := s.core.PutObject(ctx, s.cfg.Bucket, key, bytes.NewReader(body), int64(len(body)),
		"", hex.EncodeToString(sum[:]), opts)
	return err
}

func (s *Store) putParts(ctx context.Context, key string, r io.Reader, size int64, opts PutOptions) error {
	mark := rand.Text()
	meta := map[string]string{uploadMark: mark}
	for k, v := range opts.Metadata {
		meta[k] = v
	}
	id, err := s.core.NewMultipartUpload(ctx, s.cfg.Bucket, key, minio.PutObjectOptions{
		ContentType: opts.ContentType, UserMetadata: meta,
	})
	if err != nil {
		return err
	}
	diepoint.Here("upload.begun")
	parts, err := s.sendParts(ctx, key, id, r, size)
	if err != nil {
		s.abort(ctx, key, id)
		return err
	}
	diepoint.Here("upload.complete")
	var complete minio.PutObjectOptions
	if opts.IfAbsent {
		complete.SetMatchETagExcept("*")
	}
	_, err = s.core.CompleteMultipartUpload(ctx, s.cfg.Bucket, key, id, parts, complete)
	if cerr := s.confirm(ctx, key, mark, size); cerr != nil {
		s.abort(ctx, key, id)
		if responseOf(err).StatusCode == http.StatusPreconditionFailed {
			return err
		}
		if err != nil && ctx.Err() == nil {
			return errors.Join(err, cerr)
		}
		return cerr
	}
	return nil
}

func (s *Store) sendParts(ctx context.Context, key, id string, r io.Reader, size int64) ([]minio.CompletePart, error) {
	partSize := partSizeFor(size)
	buf := make([]byte, partSize)
	var parts []minio.CompletePart
	for left, n := size, 1; left > 0; n++ {
		part := buf[:min(left, partSize)]
		if err := readFull(r, part); err != nil {
			return nil, err
		}
		sum := sha256.Sum256(part)
		sent, err := s.core.PutObjectPart(ctx, s.cfg.Bucket, key, id, n, bytes.NewReader(part), int64(len(part)),
			minio.PutObjectPartOptions{Sha256Hex: hex.EncodeToString(sum[:]), DisableContentSha256: true})
		if err != nil {
			return nil, err
		}
		parts = append(parts, minio.CompletePart{PartNumber: n, ETag: sent.ETag})
		left -= int64(len(part))
		diepoint.Here("upload.part")
	}
	return parts, nil
}

// partSizeFor keeps an upload below the 10,000 parts that S3 allows.
func partSizeFor(size int64) int64 {
	const maxParts = 10_000
	partSize := int64(PartSize)
	for size > partSize*maxParts {
		partSize *= 2
	}
	return partSize
}

// confirm asks what is stored under key. The answer to a completion cannot be
// trusted either way: servers say 200 to one that did nothing, and an error or
// silence may follow one that did all.
func (s *Store) confirm(ctx context.Context, key, mark string, size int64) error {
	got, err := s.Stat(ctx, key)
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Errorf("%w: nothing is", ErrUnconfirmed)
	case err != nil:
		return fmt.Errorf("%w: %v", ErrUnconfirmed, err)
	case got.Metadata[uploadMark] != mark:
		return fmt.Errorf("%w: another upload is", ErrUnconfirmed)
	case got.Size != size:
		return fmt.Errorf("%w: %d bytes are stored of %d", ErrUnconfirmed, got.Size, size)
	}
	return nil
}

// abort frees the parts of an upload, as far as it can.
func (s *Store) abort(ctx context.Context, key, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), abortTimeout)
	defer cancel()
	// A failure leaves parts behind, which the sweep finds.
	_ = s.core.AbortMultipartUpload(ctx, s.cfg.Bucket, key, id)
}

// AbortUploads frees the parts of multipart uploads that were begun before a
// time, by the server's clock, and never ended: their process died. It returns
// how many they were. Keys of an upload under way must not be among them.
func (s *Store) AbortUploads(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	// Some servers know an upload by its whole key or without a prefix only.
	for u := range s.client.ListIncompleteUploads(ctx, s.cfg.Bucket, "", true) {
		if u.Err != nil {
			return n, s.fail("list uploads of", "", u.Err)
		}
		if !u.Initiated.Before(before) {
			continue
		}
		err := s.core.AbortMultipartUpload(ctx, s.cfg.Bucket, u.Key, u.UploadID)
		if err != nil && kindOf(err) != ErrNotFound {
			return n, s.fail("abort upload of", u.Key, err)
		}
		n++
	}
	if err := ctx.Err(); err != nil {
		return n, s.fail("list uploads of", "", err)
	}
	return n, nil
}

func readFull(r io.Reader, buf []byte) error {
	if n, err := io.ReadFull(r, buf); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return fmt.Errorf("%w: ended %d bytes early", ErrSource, len(buf)-n)
		}
		return fmt.Errorf("%w: %w", ErrSource, err)
	}
	return nil
}
