package fetch

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"crypto/tls"
)

// proxy is where all exchanges of a client go through.
type proxy struct {
	scheme   string
	host     string
	port     uint16
	user     *url.Userinfo
	basic    string // Proxy-Authorization
	absolute bool   // plain http goes as a whole URL rather than through a tunnel
}

func parseProxy(text string) (*proxy, error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	ports := map[string]uint16{"http": 80, "https": 443, "socks5": 1080}
	p := &proxy{scheme: u.Scheme, host: u.Hostname(), port: ports[u.Scheme], user: u.User}
	if p.port == 0 || p.host == "" {
		return nil, errors.New("proxy: want http://, https:// or socks5:// and a host")
	}
	if text := u.Port(); text != "" {
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 {
			return nil, fmt.Errorf("proxy: port %q", text)
		}
		p.port = uint16(n)
	}
	p.absolute = p.scheme != "socks5"
	if p.user != nil && p.absolute {
		password, _ := p.user.Password()
		p.basic = "Basic " + base64.StdEncoding.EncodeToString([]byte(p.user.Username()+":"+password))
	}
	return p, nil
}

// dial gives a connection on which a request for t may be written: to the
// proxy itself for plain http, a tunnel to t for https and socks5. The guard is
// not asked about the proxy's own address; t was judged by its literal host.
func (p *proxy) dial(ctx context.Context, c *Client, t *target) (net.Conn, error) {
	addrs := []netip.Addr(nil)
	if addr, err := netip.ParseAddr(p.host); err == nil {
		addrs = []netip.Addr{addr}
	} else if addrs, err = c.settings.Resolver.LookupNetIP(ctx, "ip", p.host); err != nil {
		return nil, fail(ReasonProxy, "look up proxy", err)
	}
	nc, err := dialAny(ctx, addrs, p.port, nil)
	if err != nil {
		return nil, fail(ReasonProxy, "dial proxy", err)
	}
	if p.scheme == "https" {
		secured := tls.Client(nc, &tls.Config{ServerName: p.host, RootCAs: c.settings.RootCAs, NextProtos: []string{"http/1.1"}})
		if err := secured.HandshakeContext(ctx); err != nil {
			nc.Close()
			return nil, fail(ReasonProxy, "handshake with proxy", err)
		}
		nc = secured
	}
	if t.scheme == "http" && p.absolute {
		return nc, nil
	}
	if err := p.tunnel(ctx, nc, t); err != nil {
		nc.Close()
		return nil, fail(ReasonProxy, "open tunnel", err)
	}
	return nc, nil
}

func (p *proxy) tunnel(ctx context.Context, nc net.Conn, t *target) error {
	stop := context.AfterFunc(ctx, func() { nc.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if deadline, ok := ctx.Deadline(); ok {
		nc.SetDeadline(deadline)
		defer nc.SetDeadline(time.Time{})
	}
	if p.scheme == "socks5" {
		return p.socks(nc, t)
	}
	host := t.host
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	to := host + ":" + strconv.Itoa(int(t.port))
	request := "CONNECT " + to + " HTTP/1.1\r\nHost: " + to + "\r\n"
	if p.basic != "" {
		request += "Proxy-Authorization: " + p.basic + "\r\n"
	}
	if _, err := io.WriteString(nc, request+"\r\n"); err != nil {
		return err
	}
	// Byte by byte, so that nothing of the tunnel is taken: heads here are
	// short, and read once a connection.
	var b []byte
	var scan headScan
	one := make([]byte, 1)
	for scan.find(b) == 0 {
		if len(b) > 16<<10 {
			return errors.New("answer to CONNECT over 16 KiB")
		}
		if _, err := io.ReadFull(nc, one); err != nil {
			return err
		}
		b = append(b, one[0])
	}
	if h := parseHead(b, scan.lead); h.status/100 != 2 {
		return fmt.Errorf("CONNECT answered %d %s", h.status, h.reason)
	}
	return nil
}

// socks asks for a connection to t by name (RFC 1928, RFC 1929).
func (p *proxy) socks(nc net.Conn, t *target) error {
	hello := []byte{5, 1, 0}
	if p.user != nil {
		hello = []byte{5, 2, 0, 2}
	}
	if _, err := nc.Write(hello); err != nil {
		return err
	}
	answer := make([]byte, 2)
	if _, err := io.ReadFull(nc, answer); err != nil {
		return err
	}
	switch {
	case answer[0] != 5:
		return errors.New("not a SOCKS5 server")
	case answer[1] == 2 && p.user != nil:
		if err := p.socksLogin(nc); err != nil {
			return err
		}
	case answer[1] != 0:
		return errors.New("no acceptable SOCKS5 authentication")
	}
	request := []byte{5, 1, 0}
	if addr, ok := t.literal(); ok && addr.Is4() {
		request = append(append(request, 1), addr.AsSlice()...)
	} else if ok {
		request = append(append(request, 4), addr.AsSlice()...)
	} else if len(t.host) > 255 {
		return errHost
	} else {
		request = append(append(request, 3, byte(len(t.host))), t.host...)
	}
	request = append(request, byte(t.port>>8), byte(t.port))
	if _, err := nc.Write(request); err != nil {
		return err
	}
	return socksReply(bufio.NewReaderSize(&byteReader{nc}, 16))
}

func (p *proxy) socksLogin(nc net.Conn) error {
	user := p.user.Username()
	password, _ := p.user.Password()
	if len(user) > 255 || len(password) > 255 {
		return errors.New("SOCKS5 credentials over 255 bytes")
	}
	login := append([]byte{1, byte(len(user))}, user...)
	login = append(append(login, byte(len(password))), password...)
	if _, err := nc.Write(login); err != nil {
		return err
	}
	answer := make([]byte, 2)
	if _, err := io.ReadFull(nc, answer); err != nil {
		return err
	}
	if answer[1] != 0 {
		return errors.New("SOCKS5 credentials refused")
	}
	return nil
}

// byteReader gives one byte a read, so that a buffer above it takes no byte
// of the tunnel.
type byteReader struct{ io.Reader }

func (r *byteReader) Read(p []byte) (int, error) { return r.Reader.Read(p[:min(len(p), 1)]) }

func socksReply(r *bufio.Reader) error {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return err
	}
	if head[1] != 0 {
		return fmt.Errorf("SOCKS5 server answered %d", head[1])
	}
	rest := 4 + 2
	switch head[3] {
	case 3:
		n, err := r.ReadByte()
		if err != nil {
			return err
		}
		rest = int(n) + 2
	case 4:
		rest = 16 + 2
	}
	_, err := io.CopyN(io.Discard, r, int64(rest))
	return err
}
