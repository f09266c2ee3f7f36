package look

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"newsreel/internal/objstore"
)

// Files is the bucket of a data folder, read as the plain files that it is: so
// the harness needs no server of the program that it tries.
type Files struct{ Root string }

func (f Files) path(key string) string { return filepath.Join(f.Root, filepath.FromSlash(key)) }

func notFound(op, key string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		err = objstore.ErrNotFound
	}
	return fmt.Errorf("%s %s: %w", op, key, err)
}

// Get implements archive.Store.
func (f Files) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	file, err := os.Open(f.path(key))
	if err != nil {
		return nil, 0, notFound("get", key, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, notFound("get", key, err)
	}
	return file, info.Size(), nil
}

// GetBytes implements archive.Store.
func (f Files) GetBytes(_ context.Context, key string, limit int64) ([]byte, error) {
	data, err := os.ReadFile(f.path(key))
	if err != nil {
		return nil, notFound("get", key, err)
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("get %s: %d bytes are over the limit of %d", key, len(data), limit)
	}
	return data, nil
}

type section struct {
	io.Reader
	io.Closer
}

// GetRange implements archive.Store.
func (f Files) GetRange(_ context.Context, key string, off, n int64) (io.ReadCloser, error) {
	file, err := os.Open(f.path(key))
	if err != nil {
		return nil, notFound("get", key, err)
	}
	return section{io.NewSectionReader(file, off, n), file}, nil
}

// Stat implements archive.Store.
func (f Files) Stat(_ context.Context, key string) (objstore.Object, error) {
	info, err := os.Stat(f.path(key))
	if err != nil {
		return objstore.Object{}, notFound("stat", key, err)
	}
	return objstore.Object{Key: key, Size: info.Size()}, nil
}

// List implements archive.Store.
func (f Files) List(_ context.Context, prefix, startAfter string) iter.Seq2[objstore.Object, error] {
	return func(yield func(objstore.Object, error) bool) {
		var found []objstore.Object
		err := filepath.WalkDir(f.Root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			key, _ := filepath.Rel(f.Root, path)
			if key = filepath.ToSlash(key); !strings.HasPrefix(key, prefix) || key <= startAfter {
				return nil
			}
			o := objstore.Object{Key: key}
			if info, err := d.Info(); err == nil {
				o.Size = info.Size()
			}
			found = append(found, o)
			return nil
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			yield(objstore.Object{}, fmt.Errorf("list %s: %w", prefix, err))
			return
		}
		slices.SortFunc(found, func(x, y objstore.Object) int { return strings.Compare(x.Key, y.Key) })
		for _, o := range found {
			if !yield(o, nil) {
				return
			}
		}
	}
}
