package frontier

import (
	"container/heap"
	"time"
)

// entryHeap is a host's queue: robots.txt and what tells of more URLs first,
// then by depth, the assets of a page before the pages one link on, then in
// the order of discovery.
type entryHeap struct {
	t    *table
	list []uint32
}

func (q *entryHeap) key(i int) (uint32, uint32) {
	e := &q.t.entries[q.list[i]]
	return rank(e), e.order
}

func rank(e *entry) uint32 {
	switch e.kind {
	case kindRobots:
		return 0
	case kindSitemap, kindFeed:
		return 1
	case kindAsset:
		return 2*uint32(e.depth) + 3
	}
	return 2*uint32(e.depth) + 2
}

func (q *entryHeap) Len() int { return len(q.list) }
func (q *entryHeap) Less(i, j int) bool {
	ri, oi := q.key(i)
	rj, oj := q.key(j)
	return ri < rj || ri == rj && oi < oj
}
func (q *entryHeap) Swap(i, j int) { q.list[i], q.list[j] = q.list[j], q.list[i] }
func (q *entryHeap) Push(x any)    { q.list = append(q.list, x.(uint32)) }
func (q *entryHeap) Pop() any {
	n := len(q.list) - 1
	x := q.list[n]
	q.list = q.list[:n]
	if n < cap(q.list)/4 && cap(q.list) > 1024 {
		q.list = append(make([]uint32, 0, cap(q.list)/2), q.list...)
	}
	return x
}

func (q *entryHeap) push(n int) { heap.Push(q, uint32(n)) }
func (q *entryHeap) pop() int   { return int(heap.Pop(q).(uint32)) }

// fix puts an entry right whose rank has changed. Rare, so it is looked for.
func (q *entryHeap) fix(n uint32) {
	for i, x := range q.list {
		if x == n {
			heap.Fix(q, i)
			return
		}
	}
}

// readyHeap orders the hosts that have something to fetch by when they may be
// asked.
type readyHeap []*host

func (r readyHeap) Len() int           { return len(r) }
func (r readyHeap) Less(i, j int) bool { return r[i].readyAt.Before(r[j].readyAt) }
func (r readyHeap) Swap(i, j int) {
	r[i], r[j] = r[j], r[i]
	r[i].index, r[j].index = i, j
}
func (r *readyHeap) Push(x any) {
	h := x.(*host)
	h.index = len(*r)
	*r = append(*r, h)
}
func (r *readyHeap) Pop() any {
	old := *r
	h := old[len(old)-1]
	old[len(old)-1] = nil
	*r = old[:len(old)-1]
	h.index = -1
	return h
}

// set puts a host in the heap, or moves it.
func (r *readyHeap) set(h *host, at time.Time) {
	h.readyAt = at
	if h.index >= 0 {
		heap.Fix(r, h.index)
		return
	}
	heap.Push(r, h)
}

func (r *readyHeap) remove(h *host) {
	if h.index >= 0 {
		heap.Remove(r, h.index)
	}
}
