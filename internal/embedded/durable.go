package embedded

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"

	"newsreel/internal/diepoint"
)

// Attributes by which the gateway knows objects and buckets.
const (
	etagAttr      = "etag"
	aclAttr       = "acl"
	ownershipAttr = "ownership"
)

// syncMeta keeps metadata in extended attributes, and syncs an object's data
// before the object gets its name. The gateway itself syncs nothing, and it
// allocates files in advance: after a power cut an object could have its name,
// its size, its ETag and nothing but zeros. Put and completion both store the
// ETag on the open, nameless file shortly before they link it, which makes that
// the place.
type syncMeta struct{ meta.XattrMeta }

func (m syncMeta) StoreAttribute(f *os.File, bucket, object, attr string, value []byte) error {
	if f != nil && attr == etagAttr && !strings.HasPrefix(object, posix.MetaTmpDir) {
		if err := f.Sync(); err != nil {
			return fmt.Errorf("sync object data: %w", err)
		}
	}
	return m.XattrMeta.StoreAttribute(f, bucket, object, attr, value)
}

// durable is the gateway's file backend, made durable: an object is on disk,
// under its name, before its put is answered.
type durable struct {
	*posix.Posix
	meta syncMeta
	root string

	// mu keeps deletions, which remove empty folders, apart from syncs,
	// which note the folders whose names are known to be on disk.
	mu     sync.RWMutex
	synced sync.Map // folder below root -> struct{}
	count  atomic.Int64
}

// maxSynced bounds the set of folders. It costs a sync or two to forget it.
const maxSynced = 10_000

func (d *durable) forget() {
	d.synced.Clear()
	d.count.Store(0)
}

func newDurable(store *posix.Posix, root string) *durable {
	return &durable{Posix: store, root: root}
}

// ensureBucket makes the bucket, or gives a bucket folder that lost its
// extended attributes (a copy or backup without them) those it needs.
func (d *durable) ensureBucket(bucket, owner string) error {
	acl, err := json.Marshal(auth.ACL{Owner: owner})
	if err != nil {
		return err
	}
	_, err = os.Stat(filepath.Join(d.root, bucket))
	if errors.Is(err, fs.ErrNotExist) {
		ctx := context.WithValue(context.Background(), "bucket-owner", auth.Account{Access: owner}) //nolint:staticcheck // the gateway's key
		if err := d.CreateBucket(ctx, &s3.CreateBucketInput{
			Bucket:                    &bucket,
			ObjectOwnership:           types.ObjectOwnershipBucketOwnerEnforced,
			CreateBucketConfiguration: &types.CreateBucketConfiguration{},
		}, acl); err != nil {
			return fmt.Errorf("make bucket %s: %w", bucket, err)
		}
		return emptyStaging(filepath.Join(d.root, bucket))
	}
	if err != nil {
		return err
	}
	attrs := map[string][]byte{aclAttr: acl, ownershipAttr: []byte(types.ObjectOwnershipBucketOwnerEnforced)}
	for name, value := range attrs {
		_, err := d.meta.RetrieveAttribute(nil, bucket, "", name)
		if errors.Is(err, meta.ErrNoSuchKey) {
			err = d.meta.StoreAttribute(nil, bucket, "", name, value)
		}
		if err != nil {
			return fmt.Errorf("attribute %s of bucket %s: %w", name, bucket, err)
		}
	}
	return nil
}

// CreateBucket makes a bucket and syncs it.
func (d *durable) CreateBucket(ctx context.Context, in *s3.CreateBucketInput, acl []byte) error {
	if err := d.Posix.CreateBucket(ctx, in, acl); err != nil {
		return err
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	if err := syncPath(filepath.Join(d.root, *in.Bucket)); err != nil {
		return err
	}
	return syncPath(d.root)
}

// PutObject stores an object and syncs it.
func (d *durable) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	in.ContentEncoding = withoutChunked(in.ContentEncoding)
	if in.IfNoneMatch != nil && d.hasNoETag(*in.Bucket, *in.Key) {
		return s3response.PutObjectOutput{}, s3err.GetAPIError(s3err.ErrPreconditionFailed)
	}
	out, err := d.Posix.PutObject(ctx, in)
	if err := d.settle(*in.Bucket, *in.Key, err); err != nil {
		return s3response.PutObjectOutput{}, err
	}
	return out, nil
}

// CreateMultipartUpload begins an upload.
func (d *durable) CreateMultipartUpload(ctx context.Context, in s3response.CreateMultipartUploadInput) (s3response.InitiateMultipartUploadResult, error) {
	in.ContentEncoding = withoutChunked(in.ContentEncoding)
	return d.Posix.CreateMultipartUpload(ctx, in)
}

// CompleteMultipartUpload assembles an object and syncs it. The gateway answers
// 200 to a completion that did nothing: a second one while the first still
// works, one repeated after a crash, one of an unknown upload where the key
// exists. Here those are NoSuchUpload.
func (d *durable) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput) (s3response.CompleteMultipartUploadResult, string, error) {
	none := s3response.CompleteMultipartUploadResult{}
	if in.Bucket == nil || in.Key == nil {
		return none, "", s3err.GetAPIError(s3err.ErrNoSuchKey)
	}
	if in.IfNoneMatch != nil && d.hasNoETag(*in.Bucket, *in.Key) {
		return none, "", s3err.GetAPIError(s3err.ErrPreconditionFailed)
	}
	out, version, err := d.Posix.CompleteMultipartUpload(ctx, in)
	if err := d.settle(*in.Bucket, *in.Key, err); err != nil {
		return none, "", err
	}
	stored, err := d.meta.RetrieveAttribute(nil, *in.Bucket, *in.Key, etagAttr)
	if err != nil || out.ETag == nil || string(stored) != *out.ETag {
		return none, "", s3err.GetAPIError(s3err.ErrNoSuchUpload)
	}
	return out, version, nil
}

// CopyObject copies an object and syncs the copy.
func (d *durable) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	out, err := d.Posix.CopyObject(ctx, in)
	if err != nil || in.Bucket == nil || in.Key == nil {
		return out, err
	}
	return out, d.sync(*in.Bucket, *in.Key)
}

// DeleteObject removes an object and the folders that are empty without it. It
// is not synced.
func (d *durable) DeleteObject(ctx context.Context, in *s3.DeleteObjectInput) (*s3.DeleteObjectOutput, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	return d.Posix.DeleteObject(ctx, in)
}

// DeleteObjects is DeleteObject for many.
func (d *durable) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput) (s3response.DeleteResult, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.forget()
	return d.Posix.DeleteObjects(ctx, in)
}

// settle makes the outcome of a put durable before it is answered. So it does
// with a failed condition: the loser may act on the winner's object, which may
// have its name and not be synced yet.
func (d *durable) settle(bucket, key string, err error) error {
	if err != nil && !isPreconditionFailed(err) {
		return err
	}
	if serr := d.sync(bucket, key); serr != nil {
		return serr
	}
	return err
}

func isPreconditionFailed(err error) bool {
	var e s3err.S3Error
	return errors.As(err, &e) && e.StatusCode() == 412
}

// hasNoETag reports whether a file without an ETag has the key: it came from a
// copy without extended attributes, and the gateway takes it for absent.
func (d *durable) hasNoETag(bucket, key string) bool {
	_, err := d.meta.RetrieveAttribute(nil, bucket, key, etagAttr)
	return errors.Is(err, meta.ErrNoSuchKey)
}

// withoutChunked removes aws-chunked, a form of the request, from what would be
// stored as a form of the object.
func withoutChunked(encoding *string) *string {
	if encoding == nil {
		return nil
	}
	var kept []string
	for _, e := range strings.Split(*encoding, ",") {
		if e = strings.TrimSpace(e); e != "" && e != "aws-chunked" {
			kept = append(kept, e)
		}
	}
	joined := strings.Join(kept, ",")
	return &joined
}

// sync brings an object's file to disk, and the names of the folders above it.
func (d *durable) sync(bucket, key string) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	diepoint.Here("store.named")
	path := filepath.Join(d.root, bucket, key)
	if err := syncPath(path); err != nil {
		return spaceError(err)
	}
	// The object's own folder always has a new name in it; those above only
	// where a folder is new.
	dir := filepath.Dir(path)
	if err := syncPath(dir); err != nil {
		return spaceError(err)
	}
	var fresh []string
	for len(dir) > len(d.root) {
		if _, ok := d.synced.Load(dir); ok {
			break
		}
		fresh = append(fresh, dir)
		dir = filepath.Dir(dir)
		if err := syncPath(dir); err != nil {
			return spaceError(err)
		}
	}
	for _, dir := range fresh {
		if _, known := d.synced.LoadOrStore(dir, struct{}{}); !known && d.count.Add(1) > maxSynced {
			d.forget()
		}
	}
	return nil
}
