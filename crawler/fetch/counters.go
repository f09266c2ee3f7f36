package fetch

import "sync/atomic"

// counterNames are the limits first, limitCount of them, each under the name that
// Exchange.Limit and View.Limit use, then what else is worth counting.
var counterNames = [...]string{
	"body", "head", "chunk_line", "connect", "first_byte", "exchange",
	"decompressed", "ratio", "view", "memory", "url", "address",
	"exchanges", "connections", "reused", "resent", "spilled",
}

const limitCount = 12

// counters is fixed in shape, so reading and adding need no lock.
type counters [len(counterNames)]atomic.Int64

func (c *counters) add(name string) {
	for i, n := range counterNames {
		if n == name {
			c[i].Add(1)
			return
		}
	}
}

func (c *counters) snapshot() map[string]int64 {
	m := make(map[string]int64, len(counterNames))
	for i, name := range counterNames {
		m[name] = c[i].Load()
	}
	return m
}
