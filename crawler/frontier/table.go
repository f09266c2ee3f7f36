package frontier

import (
	"encoding/binary"
	"hash/maphash"
)

// state of an entry.
type state uint8

const (
	queued state = iota
	flying       // handed out, no outcome folded yet
	retrying
	captured
	failed
	skipped
)

// entry is what is known of one URL: 40 bytes, with the URL itself in the
// arena. A table keeps every URL of its partition, done or not, since the
// seen set must be exact: a hash alone would lose pages.
type entry struct {
	url      uint32 // in the arena
	via      uint32 // in the arena, 0 for none
	host     uint32
	found    uint32 // seconds since 1970
	foundMS  uint16 // and the milliseconds
	order    uint32 // discovery order, ties of the queue
	depth    uint16
	status   int16
	path     uint16 // in the small strings
	how      uint8
	kind     uint8
	reason   uint8
	state    state
	hops     uint8
	tries    uint8
	seed     bool
	counted  bool  // in flight, and counted as a page that may use a limit up
	finished uint8 // the kind that it turned out to be
}

// table is the fold of one partition: every URL with its state. It grows by
// appending; nothing points into it but indexes.
type table struct {
	seed    maphash.Seed
	entries []entry
	arena   arena
	slots   []uint32 // open addressing: entry number + 1
	names   names
}

func newTable() *table {
	t := &table{seed: maphash.MakeSeed(), slots: make([]uint32, 16)}
	t.names.id("") // 0 is the empty name
	t.arena.add("")
	return t
}

// find returns the number of a URL's entry.
func (t *table) find(url string) (int, bool) {
	mask := uint64(len(t.slots) - 1)
	for i := maphash.String(t.seed, url) & mask; ; i = (i + 1) & mask {
		s := t.slots[i]
		if s == 0 {
			return 0, false
		}
		if t.arena.is(t.entries[s-1].url, url) {
			return int(s - 1), true
		}
	}
}

// insert adds an entry for a URL that find did not find.
func (t *table) insert(url string, e entry) int {
	if (len(t.entries)+1)*4 > len(t.slots)*3 {
		t.grow()
	}
	e.url = t.arena.add(url)
	e.order = uint32(len(t.entries))
	if len(t.entries) == cap(t.entries) {
		// A quarter more, not double: the tables are most of the memory.
		bigger := make([]entry, len(t.entries), len(t.entries)+len(t.entries)/4+16)
		copy(bigger, t.entries)
		t.entries = bigger
	}
	t.entries = append(t.entries, e)
	t.place(url, uint32(len(t.entries)))
	return len(t.entries) - 1
}

func (t *table) place(url string, number uint32) {
	mask := uint64(len(t.slots) - 1)
	i := maphash.String(t.seed, url) & mask
	for t.slots[i] != 0 {
		i = (i + 1) & mask
	}
	t.slots[i] = number
}

func (t *table) grow() {
	t.slots = make([]uint32, 2*len(t.slots))
	for n := range t.entries {
		t.place(t.url(n), uint32(n+1))
	}
}

func (t *table) url(n int) string { return t.arena.get(t.entries[n].url) }

// viaRef finds where a via URL stands in the arena: that of its own entry
// where the page is of this partition, else a copy kept once per run of links.
func (t *table) viaRef(via string, last *viaCache) uint32 {
	if via == "" {
		return 0
	}
	if last.ref != 0 && last.url == via {
		return last.ref
	}
	ref := uint32(0)
	if n, ok := t.find(via); ok {
		ref = t.entries[n].url
	} else {
		ref = t.arena.add(via)
	}
	*last = viaCache{url: via, ref: ref}
	return ref
}

type viaCache struct {
	url string
	ref uint32
}

// arena holds strings of up to 64 KiB behind each other, in chunks so that
// growing copies nothing. A reference is chunk and offset in one number.
type arena struct{ chunks [][]byte }

const (
	chunkBits = 18
	chunkSize = 1 << chunkBits // 256 KiB, 16,384 chunks: 4 GiB a partition
)

func (a *arena) add(s string) uint32 {
	need := len(s) + 2
	last := len(a.chunks) - 1
	if last < 0 || len(a.chunks[last])+need > chunkSize {
		// The first chunk grows as needed: most partitions stay small.
		size := chunkSize
		if last < 0 {
			size = 1024
		}
		a.chunks = append(a.chunks, make([]byte, 0, size))
		last++
	}
	c := a.chunks[last]
	ref := uint32(last)<<chunkBits | uint32(len(c))
	c = binary.LittleEndian.AppendUint16(c, uint16(len(s)))
	a.chunks[last] = append(c, s...)
	return ref
}

func (a *arena) bytes(ref uint32) []byte {
	c := a.chunks[ref>>chunkBits]
	at := int(ref & (chunkSize - 1))
	n := int(binary.LittleEndian.Uint16(c[at:]))
	return c[at+2 : at+2+n]
}

func (a *arena) is(ref uint32, s string) bool { return string(a.bytes(ref)) == s }
func (a *arena) get(ref uint32) string        { return string(a.bytes(ref)) }

// size is the memory of the strings, in bytes.
func (a *arena) size() int {
	n := 0
	for _, c := range a.chunks {
		n += cap(c)
	}
	return n
}

// names maps the few short strings that entries share (kinds, reasons, hop
// paths) to numbers. Number 0 is the empty string, and what comes after the
// last number shares it.
type names struct {
	list []string
	ids  map[string]uint16
}

func (n *names) id(s string) uint16 {
	if id, ok := n.ids[s]; ok {
		return id
	}
	if n.ids == nil {
		n.ids = map[string]uint16{}
	}
	if len(n.list) >= 1<<16-1 {
		return 0
	}
	id := uint16(len(n.list))
	n.list = append(n.list, s)
	n.ids[s] = id
	return id
}

func (n *names) name(id uint16) string { return n.list[id] }
