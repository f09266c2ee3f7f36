package crawler

import (
	"sync"

	"newsreel/warc"
)

// compressor makes gzip members, with memory of its own: half a megabyte of
// tables, and the members of one capture.
type compressor struct {
	enc *warc.Encoder
	buf []byte
}

// compressors lends a compressor for the making of one capture. The one used
// last is lent first: its tables are still in the processor's cache, and with
// many workers few of them are ever made.
type compressors struct {
	mu   sync.Mutex
	idle []*compressor
}

// maxCompressed is the most memory that an idle compressor keeps for members.
const maxCompressed = 1 << 20

func (c *compressors) get() *compressor {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.idle); n > 0 {
		z := c.idle[n-1]
		c.idle = c.idle[:n-1]
		return z
	}
	return &compressor{enc: warc.NewEncoder(warc.DefaultLevel)}
}

func (c *compressors) put(z *compressor) {
	if cap(z.buf) > maxCompressed {
		z.buf = nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle = append(c.idle, z)
}
