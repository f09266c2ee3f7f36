package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"newsreel/crawler/fetch/guard"
)

const (
	maxAddresses  = 16                     // tried for one name
	attemptSpread = 300 * time.Millisecond // between attempts that have not failed yet
)

// connect gives a fresh connection to t, ready for a request.
func (c *Client) connect(ctx context.Context, t *target, r *Request) (*conn, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.settings.Limits.Connect, errConnectLimit)
	defer cancel()
	cn, err := c.reach(ctx, t, r)
	if err != nil {
		return nil, c.connectFailure(ctx, err)
	}
	c.counters.add("connections")
	return cn, nil
}

var errConnectLimit = errors.New("no connection within the limit")

// connectFailure puts a time-out in place of what it made fail.
func (c *Client) connectFailure(ctx context.Context, err error) error {
	var f *failure
	if !errors.As(err, &f) {
		f = fail(ReasonInternal, "connect", err)
	}
	if ctx.Err() == nil && !isTimeout(err) || f.reason == ReasonAddress {
		return f
	}
	if errors.Is(ctx.Err(), context.Canceled) {
		return &failure{reason: ReasonCancelled, op: f.op, err: context.Canceled}
	}
	timeout := &failure{reason: ReasonTimeout, op: f.op, err: err}
	if context.Cause(ctx) == errConnectLimit {
		timeout.limit = "connect"
		c.counters.add("connect")
	}
	return timeout
}

func (c *Client) reach(ctx context.Context, t *target, r *Request) (*conn, error) {
	cn := &conn{protocols: c.plain}
	var err error
	if c.proxy != nil {
		cn.Conn, err = c.proxy.dial(ctx, c, t)
	} else {
		cn.Conn, err = c.dialTarget(ctx, t, r.AllowPrivate)
	}
	if err != nil {
		return nil, err
	}
	cn.raw = cn.Conn
	if addr, ok := cn.RemoteAddr().(*net.TCPAddr); ok && c.proxy == nil {
		remote := addr.AddrPort()
		cn.remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	}
	if t.scheme == "https" {
		if err := c.secure(ctx, cn, t, r); err != nil {
			cn.raw.Close()
			return nil, err
		}
	}
	return cn, nil
}

func (c *Client) dialTarget(ctx context.Context, t *target, allowPrivate bool) (net.Conn, error) {
	policy := &c.public
	if allowPrivate {
		policy = &c.private
	}
	addrs, port := []netip.Addr(nil), t.port
	if to, ok := c.resolve[t.host]; ok {
		addrs = []netip.Addr{to.Addr()}
		port = or(to.Port(), port)
	} else if addr, ok := t.literal(); ok {
		addrs = []netip.Addr{addr}
	} else {
		var err error
		if addrs, err = c.settings.Resolver.LookupNetIP(ctx, "ip", t.host); err != nil {
			return nil, fail(ReasonDNS, "look up", err)
		}
	}
	return dialAny(ctx, addrs, port, policy)
}

// dialAny tries the addresses one after the other, IPv4 and IPv6 by turns, the
// next when one fails or is slow; the first to answer wins (RFC 8305).
func dialAny(ctx context.Context, addrs []netip.Addr, port uint16, policy *guard.Policy) (net.Conn, error) {
	addrs = interleave(addrs)
	if len(addrs) == 0 {
		return nil, fail(ReasonDNS, "look up", errors.New("no addresses"))
	}
	if len(addrs) == 1 {
		return dialOne(ctx, addrs[0], port, policy)
	}
	ctx, cancel := context.WithCancel(ctx)
	race := &dialRace{addrs: addrs, results: make(chan attempt)}
	race.dial = func(addr netip.Addr) (net.Conn, error) { return dialOne(ctx, addr, port, policy) }
	conn, err := race.run()
	// The losers end with their context; none is left behind.
	cancel()
	race.drain()
	return conn, err
}

// dialRace is a dialAny under way. Each attempt sends its result once; run and
// then drain receive them all.
type dialRace struct {
	addrs            []netip.Addr
	dial             func(netip.Addr) (net.Conn, error)
	results          chan attempt
	started, running int
}

type attempt struct {
	conn net.Conn
	err  error
}

func (r *dialRace) start() {
	if r.started == len(r.addrs) {
		return
	}
	addr := r.addrs[r.started]
	r.started++
	r.running++
	go func() {
		conn, err := r.dial(addr)
		r.results <- attempt{conn, err}
	}()
}

// run gives the first connection, or the first error, refusals by the guard
// counting only where there is no other.
func (r *dialRace) run() (net.Conn, error) {
	spread := time.NewTicker(attemptSpread)
	defer spread.Stop()
	var first error
	for r.start(); r.running > 0; {
		select {
		case a := <-r.results:
			r.running--
			if a.err == nil {
				return a.conn, nil
			}
			if first == nil || isRefusal(first) {
				first = a.err
			}
			r.start()
		case <-spread.C:
			r.start()
		}
	}
	return nil, first
}

func (r *dialRace) drain() {
	for ; r.running > 0; r.running-- {
		if a := <-r.results; a.conn != nil {
			a.conn.Close()
		}
	}
}

func isRefusal(err error) bool {
	var refusal *guard.Refusal
	return errors.As(err, &refusal)
}

func interleave(addrs []netip.Addr) []netip.Addr {
	var six, four []netip.Addr
	for _, addr := range addrs {
		if addr.Unmap().Is4() {
			four = append(four, addr)
		} else {
			six = append(six, addr)
		}
	}
	mixed := make([]netip.Addr, 0, len(addrs))
	for i := 0; i < max(len(six), len(four)) && len(mixed) < maxAddresses; i++ {
		if i < len(six) {
			mixed = append(mixed, six[i])
		}
		if i < len(four) {
			mixed = append(mixed, four[i])
		}
	}
	return mixed
}

// dialOne dials one address. The guard judges what the socket is about to
// connect to; a nil policy (the proxy's own address) is not judged.
func dialOne(ctx context.Context, addr netip.Addr, port uint16, policy *guard.Policy) (net.Conn, error) {
	dialer := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: false}}
	if policy != nil {
		dialer.Control = func(_, address string, _ syscall.RawConn) error {
			dialled, err := netip.ParseAddrPort(address)
			if err != nil {
				return &guard.Refusal{Host: address, Why: "not an address"}
			}
			return guard.Judge(dialled, policy)
		}
	}
	conn, err := dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(addr, port).String())
	if err == nil {
		return conn, nil
	}
	if isRefusal(err) {
		return nil, fail(ReasonAddress, "dial", err)
	}
	return nil, fail(ReasonConnect, "dial", err)
}

// secure speaks TLS on cn.
func (c *Client) secure(ctx context.Context, cn *conn, t *target, r *Request) error {
	record := r.Certificates == CertificatesRecord
	config := c.tlsConfig(t.host, record)
	if record {
		// Verified all the same, but only to know.
		config.VerifyConnection = func(state tls.ConnectionState) error {
			if err := verify(state, t.host, c.settings.RootCAs); err != nil {
				cn.certificate = err.Error()
			}
			return nil
		}
	}
	secured := tls.Client(cn.raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		return fail(ReasonTLS, "handshake", err)
	}
	state := secured.ConnectionState()
	cn.Conn = secured
	cn.cipher = tls.CipherSuiteName(state.CipherSuite)
	cn.protocols = append(append([]string(nil), c.plain...), protocolName(state.Version))
	return nil
}

// protocolName is the TLS version as WARC-Protocol has it.
func protocolName(version uint16) string {
	switch version {
	case tls.VersionTLS10:
		return "tls/1.0"
	case tls.VersionTLS11:
		return "tls/1.1"
	case tls.VersionTLS12:
		return "tls/1.2"
	case tls.VersionTLS13:
		return "tls/1.3"
	}
	return fmt.Sprintf("tls/0x%04x", version)
}

func (c *Client) tlsConfig(host string, record bool) *tls.Config {
	config := &tls.Config{
		ServerName:         host,
		NextProtos:         []string{"http/1.1"}, // h2 has no text form to record
		RootCAs:            c.settings.RootCAs,
		ClientSessionCache: c.sessions[0],
		CipherSuites:       c.suites,
		MinVersion:         tls.VersionTLS12,
	}
	if record {
		config.InsecureSkipVerify = true
		config.ClientSessionCache = c.sessions[1]
		config.MinVersion = tls.VersionTLS10
	}
	return config
}

// cipherSuites are Go's defaults and the RSA key exchanges that browsers still
// speak with old servers.
func cipherSuites() []uint16 {
	var ids []uint16
	for _, suite := range tls.CipherSuites() {
		ids = append(ids, suite.ID)
	}
	return append(ids,
		tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}

func verify(state tls.ConnectionState, host string, roots *x509.CertPool) error {
	if len(state.PeerCertificates) == 0 {
		return errors.New("no certificate")
	}
	options := x509.VerifyOptions{DNSName: host, Roots: roots, Intermediates: x509.NewCertPool()}
	for _, cert := range state.PeerCertificates[1:] {
		options.Intermediates.AddCert(cert)
	}
	_, err := state.PeerCertificates[0].Verify(options)
	return err
}

func isCertificateError(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}
