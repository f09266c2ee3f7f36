package fetch

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// poolKey says which requests may share a connection. The policy is part of
// it: what was dialled with private addresses allowed is never lent to a
// request that may not reach them, nor across certificate policies.
type poolKey struct {
	scheme, host string
	port         uint16
	allowPrivate bool
	record       bool
}

// conn is a connection to one server, or through a proxy to one.
type conn struct {
	net.Conn
	key         poolKey
	raw         net.Conn // beneath TLS
	remote      netip.AddrPort
	protocols   []string
	cipher      string
	certificate string
	reused      bool
	idleSince   time.Time
}

// pool keeps idle connections, oldest first. It starts no goroutine: a timer
// runs only while something is idle.
type pool struct {
	perHost, max int
	timeout      time.Duration

	mu     sync.Mutex
	idle   []*conn
	timer  *time.Timer
	closed bool
}

// get gives the connection of key that was used last, or nil. One that the
// peer has closed, or on which it said something unasked, is dropped.
func (p *pool) get(key poolKey) *conn {
	for {
		c := p.take(key)
		if c == nil {
			return nil
		}
		if time.Since(c.idleSince) < p.timeout && quiet(c.raw) {
			c.reused = true
			return c
		}
		c.Close()
	}
}

func (p *pool) take(key poolKey) *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := len(p.idle) - 1; i >= 0; i-- {
		if c := p.idle[i]; c.key == key {
			p.remove(i)
			return c
		}
	}
	return nil
}

func (p *pool) remove(i int) {
	copy(p.idle[i:], p.idle[i+1:])
	p.idle[len(p.idle)-1] = nil
	p.idle = p.idle[:len(p.idle)-1]
}

func (p *pool) put(c *conn) {
	c.idleSince = time.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.Close()
		return
	}
	same, oldest := 0, -1
	for i, other := range p.idle {
		if other.key == c.key {
			if same++; oldest < 0 {
				oldest = i
			}
		}
	}
	if same >= p.perHost {
		p.idle[oldest].Close()
		p.remove(oldest)
	} else if len(p.idle) >= p.max {
		p.idle[0].Close()
		p.remove(0)
	}
	p.idle = append(p.idle, c)
	if len(p.idle) == 1 {
		p.arm(p.timeout)
	}
}

func (p *pool) arm(d time.Duration) {
	if p.timer == nil {
		p.timer = time.AfterFunc(d, p.expire)
		return
	}
	p.timer.Reset(d)
}

func (p *pool) expire() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		left := p.timeout - time.Since(p.idle[0].idleSince)
		if left > 0 {
			p.arm(left)
			return
		}
		p.idle[0].Close()
		p.remove(0)
	}
}

func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
	for _, c := range p.idle {
		c.Close()
	}
	p.idle = nil
}
