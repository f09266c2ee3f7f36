package fetch

import (
	"context"
	"crypto/x509"
	"fmt"
	"net"
	"net/netip"
	"os"
	"time"
)

// Limits are the bounds on one exchange. A zero field takes its default, which
// stands beside it. Every limit has a counter of the same name in
// Client.Counters, and the name stands in Exchange.Limit or View.Limit when it
// cut something.
type Limits struct {
	Body         int64         // bytes after the head, as received: 64 MiB ("body")
	Head         int           // bytes of all heads together, interim ones and trailers included: 1 MiB ("head")
	ChunkLine    int           // bytes of one chunk-size line: 16 KiB, as browsers have it ("chunk_line")
	Connect      time.Duration // look-up, dial, proxy and TLS: 10 s ("connect")
	FirstByte    time.Duration // request sent to first byte: 20 s ("first_byte")
	Exchange     time.Duration // everything: 120 s ("exchange")
	Decompressed int64         // bytes after content decoding: 256 MiB ("decompressed")
	Ratio        int64         // decoded to received bytes, above 1 MiB decoded: 200 ("ratio")
	View         int64         // bytes of a view's body: 16 MiB ("view")
	URL          int           // bytes of a URL: 8 KiB ("url")
}

// Resolver looks names up. *net.Resolver is one.
type Resolver interface {
	LookupNetIP(ctx context.Context, network, host string) ([]netip.Addr, error)
}

// Settings make a Client. The zero value works: defaults stand beside the fields.
type Settings struct {
	Limits Limits

	// Proxy is empty or a URL with the scheme http, https or socks5, with
	// userinfo where the proxy wants credentials. Behind it names are the
	// proxy's to resolve; https goes through a tunnel.
	Proxy string
	// Resolve maps a host name to an IP, or to IP:port, in which case the port
	// dialled is replaced too. Names are lower case without a final dot.
	Resolve map[string]string
	// Resolver defaults to net.DefaultResolver.
	Resolver Resolver
	// AcceptEncoding is what requests offer: "gzip". "-" offers nothing.
	AcceptEncoding string
	// RootCAs defaults to the system's.
	RootCAs *x509.CertPool

	// MemoryBudget bounds the recorded bytes that all exchanges of the client
	// hold in memory: 256 MiB. An exchange that gets none spills to disk; heads
	// are always held (at most Limits.Head each).
	MemoryBudget int64
	// SpillAfter is what one exchange keeps in memory before it spills: 1 MiB.
	SpillAfter int64
	// SpillDir holds the spill files: os.TempDir(). They have no name while in
	// use where the system allows it, so a crash leaves none behind.
	SpillDir string

	// Forbidden are endpoints of our own (NATS, S3, gateway), refused under any
	// policy. An unspecified address stands for the port on all addresses of
	// this machine.
	Forbidden []netip.AddrPort
	// Own are this machine's addresses, refused unless private ones are
	// allowed. Nil asks the machine.
	Own []netip.Addr
	// NAT64 is the site's translation prefix (RFC 7050), if it has one: a
	// 96-bit prefix whose last 32 bits are judged as IPv4.
	NAT64 netip.Prefix

	MaxIdlePerHost int           // idle connections kept for a host: 2
	MaxIdle        int           // idle connections kept in all: 256
	IdleTimeout    time.Duration // how long one is kept: 30 s

	// Now stamps exchanges: time.Now. Deadlines always go by the real clock.
	Now func() time.Time
}

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func (l Limits) withDefaults() Limits {
	l.Body = or(l.Body, 64<<20)
	l.Head = or(l.Head, 1<<20)
	l.ChunkLine = or(l.ChunkLine, 16<<10)
	l.Connect = or(l.Connect, 10*time.Second)
	l.FirstByte = or(l.FirstByte, 20*time.Second)
	l.Exchange = or(l.Exchange, 120*time.Second)
	l.Decompressed = or(l.Decompressed, 256<<20)
	l.Ratio = or(l.Ratio, 200)
	l.View = or(l.View, 16<<20)
	l.URL = or(l.URL, 8<<10)
	return l
}

func (s Settings) withDefaults() Settings {
	s.Limits = s.Limits.withDefaults()
	if s.Resolver == nil {
		s.Resolver = net.DefaultResolver
	}
	s.AcceptEncoding = or(s.AcceptEncoding, "gzip")
	s.MemoryBudget = or(s.MemoryBudget, 256<<20)
	s.SpillAfter = or(s.SpillAfter, 1<<20)
	s.SpillDir = or(s.SpillDir, os.TempDir())
	s.MaxIdlePerHost = or(s.MaxIdlePerHost, 2)
	s.MaxIdle = or(s.MaxIdle, 256)
	s.IdleTimeout = or(s.IdleTimeout, 30*time.Second)
	if s.Now == nil {
		s.Now = time.Now
	}
	return s
}

// parseResolve turns the textual map into dial targets; port 0 keeps the URL's.
func parseResolve(names map[string]string) (map[string]netip.AddrPort, error) {
	targets := make(map[string]netip.AddrPort, len(names))
	for name, text := range names {
		if addr, err := netip.ParseAddr(text); err == nil {
			targets[name] = netip.AddrPortFrom(addr, 0)
			continue
		}
		target, err := netip.ParseAddrPort(text)
		if err != nil {
			return nil, fmt.Errorf("resolve %s=%s: neither IP nor IP:port", name, text)
		}
		targets[name] = target
	}
	return targets, nil
}
