package archive

import (
	"context"
	"fmt"
	"io"
)

// Reading a Parquet file asks for many small pieces; they are cut from blocks
// that are fetched whole, the latest of which are kept.
const (
	blockSize  = 1 << 20
	blocksKept = 24
)

// storeError is an error of the store, as opposed to one of what it holds.
type storeError struct{ error }

func (e *storeError) Unwrap() error { return e.error }

// blockReader is an object as an io.ReaderAt, for one goroutine.
type blockReader struct {
	ctx    context.Context
	store  Store
	key    string
	size   int64
	blocks map[int64][]byte
	// used holds the numbers of the blocks, the one used longest ago first.
	used []int64
}

func newBlockReader(ctx context.Context, store Store, key string, size int64) *blockReader {
	return &blockReader{ctx: ctx, store: store, key: key, size: size, blocks: map[int64][]byte{}}
}

// ReadAt implements io.ReaderAt.
func (r *blockReader) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 {
		return 0, fmt.Errorf("read %s at %d", r.key, off)
	}
	done := 0
	for done < len(p) {
		if off >= r.size {
			return done, io.EOF
		}
		block, err := r.block(off / blockSize)
		if err != nil {
			return done, err
		}
		n := copy(p[done:], block[off%blockSize:])
		done += n
		off += int64(n)
	}
	return done, nil
}

func (r *blockReader) block(number int64) ([]byte, error) {
	if b, ok := r.blocks[number]; ok {
		for i, n := range r.used {
			if n == number {
				copy(r.used[i:], r.used[i+1:])
				r.used[len(r.used)-1] = number
				break
			}
		}
		return b, nil
	}
	var b []byte
	if len(r.used) == blocksKept {
		b = r.blocks[r.used[0]]
		delete(r.blocks, r.used[0])
		r.used = append(r.used[:0], r.used[1:]...)
	}
	want := min(blockSize, r.size-number*blockSize)
	if int64(cap(b)) < want {
		b = make([]byte, want)
	}
	b = b[:want]
	body, err := r.store.GetRange(r.ctx, r.key, number*blockSize, want)
	if err != nil {
		return nil, &storeError{err}
	}
	defer body.Close()
	if _, err := io.ReadFull(body, b); err != nil {
		return nil, &storeError{fmt.Errorf("read %s: bytes from %d on: %w", r.key, number*blockSize, err)}
	}
	r.blocks[number] = b
	r.used = append(r.used, number)
	return b, nil
}
