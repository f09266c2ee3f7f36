package runs

import (
	"context"
	"io"

	"newsreel/internal/objstore"
)

// Staging is the object store as crawlers and extractors see it.
type Staging struct{ Store *objstore.Store }

func (s Staging) PutStaged(ctx context.Context, key string, r io.Reader, size int64) error {
	return s.Store.Put(ctx, key, r, size, objstore.PutOptions{})
}

func (s Staging) GetStaged(ctx context.Context, key string, limit int64) ([]byte, error) {
	return s.Store.GetBytes(ctx, key, limit)
}

func (s Staging) DeleteStaged(ctx context.Context, key string) error {
	return s.Store.Delete(ctx, key)
}
