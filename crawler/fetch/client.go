package fetch

import (
	"crypto/tls"
	"fmt"
	"net/netip"

	"newsreel/crawler/fetch/guard"
	"newsreel/internal/content"
)

// Client makes exchanges. It is safe for use by many goroutines.
type Client struct {
	settings        Settings
	public, private guard.Policy
	proxy           *proxy
	resolve         map[string]netip.AddrPort
	pool            pool
	memory          memory
	pools           content.Pools
	counters        counters
	sessions        [2]tls.ClientSessionCache // strict, record
	suites          []uint16
	plain           []string
}

// NewClient checks the settings. Close the client when done with it.
func NewClient(settings Settings) (*Client, error) {
	s := settings.withDefaults()
	c := &Client{settings: s, suites: cipherSuites(), plain: []string{"http/1.1"}}
	var err error
	if c.proxy, err = parseProxy(s.Proxy); err != nil {
		return nil, err
	}
	if c.resolve, err = parseResolve(s.Resolve); err != nil {
		return nil, err
	}
	if s.Own == nil {
		if s.Own, err = guard.LocalAddrs(); err != nil {
			return nil, fmt.Errorf("new client: %w", err)
		}
	}
	c.public = guard.Policy{Forbidden: s.Forbidden, Own: s.Own, NAT64: s.NAT64}
	c.private = c.public
	c.private.AllowPrivate = true
	c.pool.perHost, c.pool.max, c.pool.timeout = s.MaxIdlePerHost, s.MaxIdle, s.IdleTimeout
	c.memory.dir, c.memory.counters = s.SpillDir, &c.counters
	c.memory.budget.limit = s.MemoryBudget
	for i := range c.sessions {
		c.sessions[i] = tls.NewLRUClientSessionCache(256)
	}
	return c, nil
}

// Counters gives how often each limit has struck, by its name, and counts of
// exchanges, connections, reused, resent and spilled. "memory" counts both
// recordings that spilled early and views that were cut.
func (c *Client) Counters() map[string]int64 { return c.counters.snapshot() }

// LimitHits is the part of Counters that is of limits.
func (c *Client) LimitHits() map[string]int64 {
	m := make(map[string]int64, limitCount)
	for i, name := range counterNames[:limitCount] {
		m[name] = c.counters[i].Load()
	}
	return m
}

// MemoryUsed is what open exchanges hold in memory at this moment, in bytes.
func (c *Client) MemoryUsed() int64 { return c.memory.budget.used.Load() }

// Close closes idle connections. Exchanges under way go on, and theirs are
// closed when they end.
func (c *Client) Close() { c.pool.close() }
