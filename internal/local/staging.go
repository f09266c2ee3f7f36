package local

import (
	"context"
	"io"

	"newsreel/internal/objstore"
)

// staging is the object store as crawlers and extractors see it.
type staging struct{ store *objstore.Store }

func (s staging) PutStaged(ctx context.Context, key string, r io.Reader, size int64) error {
	return s.store.Put(ctx, key, r, size, objstore.PutOptions{})
}

func (s staging) GetStaged(ctx context.Context, key string, limit int64) ([]byte, error) {
	return s.store.GetBytes(ctx, key, limit)
}

func (s staging) DeleteStaged(ctx context.Context, key string) error {
	return s.store.Delete(ctx, key)
}
