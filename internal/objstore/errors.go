package objstore

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/minio/minio-go/v7"
)

// Conditions that callers act on. They are matched with errors.Is.
var (
	// ErrNotFound: no object has this key, or the bucket does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists: PutIfAbsent found an object under the key. After a lost
	// answer that object may be the caller's own.
	ErrExists = errors.New("exists already")
	// ErrNoSpace: the store has no space or no inodes left. It is worth a
	// retry once there is space.
	ErrNoSpace = errors.New("no space left in the object store")
	// ErrTooLarge: the object is larger than the caller's limit.
	ErrTooLarge = errors.New("larger than the limit")
	// ErrUnconfirmed: a multipart upload was sent, and what is stored under
	// the key is not it. Put it again.
	ErrUnconfirmed = errors.New("upload is not what is stored")
	// ErrSource: the caller's reader failed, or did not hold as many bytes
	// as it was said to hold.
	ErrSource = errors.New("source of the object")
)

// storeError is an error with the operation and the key it belongs to.
type storeError struct {
	op, bucket, key string
	kind            error // one of the named conditions, or nil
	cause           error
}

func (e *storeError) Error() string {
	subject := e.bucket
	if e.key != "" {
		subject += "/" + e.key
	}
	switch {
	case e.kind == nil:
		return fmt.Sprintf("%s %s: %v", e.op, subject, e.cause)
	case e.cause == nil, e.kind == ErrNotFound, e.kind == ErrExists:
		return fmt.Sprintf("%s %s: %v", e.op, subject, e.kind)
	}
	return fmt.Sprintf("%s %s: %v: %v", e.op, subject, e.kind, e.cause)
}

func (e *storeError) Unwrap() []error {
	var errs []error
	if e.kind != nil {
		errs = append(errs, e.kind)
	}
	if e.cause != nil {
		errs = append(errs, e.cause)
	}
	return errs
}

// fail wraps what a request ended with.
func (s *Store) fail(op, key string, err error) error {
	return &storeError{op: op, bucket: s.cfg.Bucket, key: key, kind: kindOf(err), cause: err}
}

// failPut is fail for a request that writes. It asks the local file system
// first: out of inodes, the server inside answers 409 or 500.
func (s *Store) failPut(op, key string, err error) error {
	e := &storeError{op: op, bucket: s.cfg.Bucket, key: key, kind: kindOf(err), cause: err}
	if e.kind == nil && s.cfg.LocalPath != "" && !errors.Is(err, context.Canceled) {
		if full := s.space(s.cfg.LocalPath); full != nil {
			e.kind, e.cause = ErrNoSpace, errors.Join(full, err)
		}
	}
	return e
}

func kindOf(err error) error {
	for _, kind := range []error{ErrSource, ErrUnconfirmed, ErrTooLarge, ErrKey} {
		if errors.Is(err, kind) {
			return nil // named already, inside the cause
		}
	}
	resp := responseOf(err)
	switch {
	case resp.StatusCode == http.StatusPreconditionFailed:
		return ErrExists
	case resp.StatusCode == http.StatusInsufficientStorage,
		resp.Code == "XMinioStorageFull", resp.Code == "QuotaExceeded",
		resp.Code == "XMinioAdminBucketQuotaExceeded":
		return ErrNoSpace
	case resp.StatusCode == http.StatusNotFound:
		return ErrNotFound
	}
	return nil
}

func responseOf(err error) minio.ErrorResponse {
	var resp minio.ErrorResponse
	errors.As(err, &resp)
	return resp
}

// StatusOf is the HTTP status that an error came with, 0 for none.
func StatusOf(err error) int { return responseOf(err).StatusCode }

// ClockOff says that the store refuses requests since its clock and ours differ
// by minutes. (Amazon S3, RequestTimeTooSkewed)
func ClockOff(err error) bool { return responseOf(err).Code == "RequestTimeTooSkewed" }

// Permanent reports whether doing the same again would end the same: true for
// ErrNotFound, ErrExists, refused keys, refused names and other faults of the
// request; false for a nil error, a full store, a server's fault, a lost
// connection and a cancelled or expired context.
func Permanent(err error) bool {
	switch {
	case err == nil, errors.Is(err, ErrNoSpace), errors.Is(err, ErrUnconfirmed),
		errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, ErrNotFound), errors.Is(err, ErrExists),
		errors.Is(err, ErrSource), errors.Is(err, ErrTooLarge), errors.Is(err, ErrKey):
		return true
	}
	resp := responseOf(err)
	switch resp.StatusCode {
	case 0, http.StatusRequestTimeout, http.StatusTooManyRequests, 499, http.StatusConflict:
		// No answer, or one that says later. 409 is what servers answer to
		// writers that meet (OperationAborted, ConditionalRequestConflict).
		return resp.Code == "ExistingObjectIsDirectory" || resp.Code == "ObjectParentIsFile"
	}
	return resp.StatusCode < 500 && !ClockOff(err) && resp.Code != "RequestTimeout"
}
