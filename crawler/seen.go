package crawler

import (
	"hash/maphash"
	"sync"
)

// digests remembers the payloads of pages that this process has seen, for the
// trap rule alone: that one is forgotten, or mistaken for another once in
// 2^64, does no harm.
type digests struct {
	mu   sync.Mutex
	seed maphash.Seed
	set  map[uint64]struct{}
}

const maxDigests = 1 << 20

func (d *digests) again(digest string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.set == nil || len(d.set) >= maxDigests {
		d.seed, d.set = maphash.MakeSeed(), map[uint64]struct{}{}
	}
	h := maphash.String(d.seed, digest)
	_, known := d.set[h]
	d.set[h] = struct{}{}
	return known
}
