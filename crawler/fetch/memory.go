package fetch

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// budget counts the bytes that the recordings of one client hold in memory. It
// never blocks: who gets none spills, so that no exchange waits for another.
type budget struct {
	limit int64
	used  atomic.Int64
}

func (b *budget) try(n int64) bool {
	if b.used.Add(n) <= b.limit {
		return true
	}
	b.used.Add(-n)
	return false
}

// force takes bytes that cannot do without: a head is parsed in memory.
func (b *budget) force(n int64)   { b.used.Add(n) }
func (b *budget) release(n int64) { b.used.Add(-n) }

// loan is what one exchange has taken from the budget for its view.
type loan struct {
	budget *budget
	held   int64
}

// Reserve implements content.Memory.
func (l *loan) Reserve(n int64) bool {
	if !l.budget.try(n) {
		return false
	}
	l.held += n
	return true
}

// Release implements content.Memory.
func (l *loan) Release(n int64) {
	l.held -= n
	l.budget.release(n)
}

func (l *loan) end() {
	if l.budget != nil {
		l.Release(l.held)
	}
}

const (
	minClass = 15 // 32 KiB
	maxClass = 21 // 2 MiB; what is larger is rare, and not kept
)

// buffers lends byte slices in powers of two and takes them back.
type buffers struct {
	classes [maxClass + 1]sync.Pool
}

// get gives a slice of length 0 and at least size bytes of capacity.
func (p *buffers) get(size int) []byte {
	class := max(minClass, bits.Len(uint(max(size, 1)-1)))
	if class > maxClass {
		return make([]byte, 0, size)
	}
	if b, ok := p.classes[class].Get().(*[]byte); ok {
		return (*b)[:0]
	}
	return make([]byte, 0, 1<<class)
}

func (p *buffers) put(b []byte) {
	class := bits.Len(uint(cap(b)) - 1)
	if cap(b) == 0 || class < minClass || class > maxClass || cap(b) != 1<<class {
		return
	}
	p.classes[class].Put(&b)
}
