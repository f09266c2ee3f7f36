package archive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"

	"newsreel/internal/objstore"
)

// Store is what reading an archive needs of an object store. Its errors match
// those of package objstore: ErrNotFound above all. *objstore.Store is one.
type Store interface {
	Get(ctx context.Context, key string) (io.ReadCloser, int64, error)
	GetBytes(ctx context.Context, key string, limit int64) ([]byte, error)
	GetRange(ctx context.Context, key string, off, n int64) (io.ReadCloser, error)
	Stat(ctx context.Context, key string) (objstore.Object, error)
	List(ctx context.Context, prefix, startAfter string) iter.Seq2[objstore.Object, error]
}

// ErrNotFound says that an object of the archive does not exist. It is the
// store's.
var ErrNotFound = objstore.ErrNotFound

// ErrDamaged is matched by errors of what an object holds, which no second
// reading cures.
var ErrDamaged = errors.New("damaged or of another format")

// ErrNewer is matched by errors of what a later version of newsreel has written
// in a form that this version does not know.
var ErrNewer = errors.New("written by a newer version")

// Archive reads what is archived in a store. It keeps nothing between calls
// and is safe for concurrent use. A method's iterator ends with the first
// error, and reads on only as its caller goes on.
type Archive struct {
	store Store
	// temp is the folder for temporary files.
	temp string
}

// New returns the archive in a store. Temporary files (an export of Parquet
// makes one) go to the folder temp, or to the system's where it is "".
func New(store Store, temp string) *Archive {
	if temp == "" {
		temp = os.TempDir()
	}
	return &Archive{store: store, temp: temp}
}

// readRange reads n bytes of an object whole.
func readRange(ctx context.Context, store Store, key string, off, n int64) ([]byte, error) {
	r, err := store.GetRange(ctx, key, off, n)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := make([]byte, n)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", key, err)
	}
	return data, nil
}
