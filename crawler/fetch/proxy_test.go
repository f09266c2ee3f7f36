package fetch

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"newsreel/crawler/fetch/torture"
)

// testProxy is a small proxy for one protocol. Names lead to the addresses in
// names, as a proxy's own resolver would have it.
type testProxy struct {
	names    map[string]string
	secure   *tls.Config
	socks    bool
	login    string // user:password wanted
	mu       sync.Mutex
	requests []string // request lines, or socks targets
	auths    []string
}

func (p *testProxy) start(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if p.secure != nil {
				conn = tls.Server(conn, p.secure)
			}
			running.Go(func() {
				defer conn.Close()
				if p.socks {
					p.serveSocks(conn)
				} else {
					p.serveHTTP(conn)
				}
			})
		}
	})
	t.Cleanup(func() { listener.Close(); running.Wait() })
	return listener.Addr().String()
}

func (p *testProxy) saw(request, auth string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.auths = append(p.requests, request), append(p.auths, auth)
}

func (p *testProxy) serveHTTP(conn net.Conn) {
	r := bufio.NewReader(conn)
	for {
		req, err := http.ReadRequest(r)
		if err != nil {
			return
		}
		p.saw(req.Method+" "+req.RequestURI, req.Header.Get("Proxy-Authorization"))
		to, known := p.names[req.Host]
		if !known {
			io.WriteString(conn, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
			continue
		}
		upstream, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		if req.Method == http.MethodConnect {
			io.WriteString(conn, "HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n")
			relay(conn, r, upstream)
			return
		}
		io.WriteString(upstream, "GET "+req.URL.RequestURI()+" HTTP/1.1\r\nHost: "+req.Host+"\r\n\r\n")
		answer, err := http.ReadResponse(bufio.NewReader(upstream), req)
		if err == nil {
			answer.Write(conn)
		}
		upstream.Close()
	}
}

func relay(conn net.Conn, r io.Reader, upstream net.Conn) {
	done := make(chan struct{})
	go func() {
		io.Copy(conn, upstream)
		conn.Close()
		close(done)
	}()
	io.Copy(upstream, r)
	upstream.Close()
	<-done
}

func (p *testProxy) serveSocks(conn net.Conn) {
	r := bufio.NewReader(conn)
	b := make([]byte, 600)
	io.ReadFull(r, b[:2])
	io.ReadFull(r, b[:b[1]])
	auth := ""
	if p.login != "" {
		conn.Write([]byte{5, 2})
		io.ReadFull(r, b[:2])
		n := int(b[1])
		io.ReadFull(r, b[:n+1])
		auth = string(b[:n]) + ":"
		n = int(b[n])
		io.ReadFull(r, b[:n])
		auth += string(b[:n])
		if auth != p.login {
			conn.Write([]byte{1, 1})
			return
		}
		conn.Write([]byte{1, 0})
	} else {
		conn.Write([]byte{5, 0})
	}
	io.ReadFull(r, b[:5])
	n := int(b[4])
	io.ReadFull(r, b[:n+2])
	name := string(b[:n])
	p.saw("SOCKS "+name, auth)
	upstream, err := net.Dial("tcp", p.names[name])
	if err != nil {
		conn.Write([]byte{5, 4, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	conn.Write([]byte{5, 0, 0, 3, 4, 'n', 'a', 'm', 'e', 0, 80})
	relay(conn, r, upstream)
}

func TestExchangesGoThroughProxies(t *testing.T) {
	origin := torture.Start()
	defer origin.Close()
	cert, roots := certified(t, "news.test", time.Now().Add(time.Hour))
	secure := secureServer(t, cert, nil)
	proxyCert, proxyRoots := certified(t, "localhost", time.Now().Add(time.Hour))
	names := map[string]string{"news.test": origin.Addr, "news.test:443": secure.Listener.Addr().String()}
	for _, c := range []struct {
		name, url, login, want, wantAuth string
		proxy                            *testProxy
		remote                           string
	}{
		{"http by http proxy", "http://news.test/case/plain-answer", "", "GET http://news.test/case/plain-answer", "", &testProxy{}, "http"},
		{"http with credentials", "http://news.test/case/plain-answer", "me:pass@", "GET http://news.test/case/plain-answer", "Basic bWU6cGFzcw==", &testProxy{}, "http"},
		{"https by http proxy", "https://news.test/", "me:pass@", "CONNECT news.test:443", "Basic bWU6cGFzcw==", &testProxy{}, "http"},
		{"http by https proxy", "http://news.test/case/plain-answer", "", "GET http://news.test/case/plain-answer", "", &testProxy{secure: &tls.Config{Certificates: []tls.Certificate{proxyCert}}}, "https"},
		{"https by https proxy", "https://news.test/", "", "CONNECT news.test:443", "", &testProxy{secure: &tls.Config{Certificates: []tls.Certificate{proxyCert}}}, "https"},
		{"http by socks proxy", "http://news.test/case/plain-answer", "", "SOCKS news.test", "", &testProxy{socks: true}, "socks5"},
		{"http by socks proxy with credentials", "http://news.test/case/plain-answer", "me:pass@", "SOCKS news.test", "me:pass", &testProxy{socks: true, login: "me:pass"}, "socks5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			proxy := c.proxy
			proxy.names = names
			addr := proxy.start(t)
			if proxy.secure != nil {
				addr = strings.Replace(addr, "127.0.0.1", "localhost", 1)
			}
			settings := testSettings(t)
			settings.Proxy = c.remote + "://" + c.login + addr
			settings.RootCAs = roots
			if proxy.secure != nil {
				settings.RootCAs = proxyRoots.Clone()
				settings.RootCAs.AddCert(mustParse(t, cert))
			}
			client := newTestClient(t, settings)
			request := get(c.url)
			request.AllowPrivate = false // the proxy's own address is exempt
			if proxy.secure != nil {
				request.Certificates = CertificatesRecord
			}
			for i := range 2 {
				ex, err := client.Do(t.Context(), request)
				if err != nil {
					t.Fatal(err)
				}
				if ex.Status != 200 || !strings.Contains(string(ex.View().Body), "<p>") || ex.Remote.IsValid() || ex.Reused != (i == 1) {
					t.Errorf("status %d, remote %v, reused %v", ex.Status, ex.Remote, ex.Reused)
				}
				ex.Close()
			}
			if proxy.requests[0] != c.want || proxy.auths[0] != c.wantAuth {
				t.Errorf("proxy saw %q with %q", proxy.requests, proxy.auths)
			}
			if strings.HasPrefix(c.want, "CONNECT") && len(proxy.requests) != 1 {
				t.Errorf("proxy saw %q", proxy.requests)
			}
		})
	}
}

func mustParse(t *testing.T, cert tls.Certificate) *x509.Certificate {
	t.Helper()
	leaf, err := x509.ParseCertificate(cert.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return leaf
}

func TestLiteralPrivateAddressesAreRefusedBehindAProxy(t *testing.T) {
	proxy := &testProxy{}
	settings := testSettings(t)
	settings.Proxy = "http://" + proxy.start(t)
	settings.Forbidden = []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:4222")}
	client := newTestClient(t, settings)
	for _, host := range []string{"127.0.0.1", "0x7f.1", "127.1", "2130706433", "１２７.1", "ⓛocalhost", "localhost", "[::1]", "[::ffff:10.0.0.1]", "10.0.0.1"} {
		request := get("http://" + host + "/")
		request.AllowPrivate = false
		_, err := client.Do(t.Context(), request)
		if e := reason(t, err); e.Reason != ReasonAddress && e.Reason != ReasonURL {
			t.Errorf("%s: %v", host, err)
		}
	}
	if _, err := client.Do(t.Context(), get("http://127.0.0.1:4222/")); reason(t, err).Reason != ReasonAddress {
		t.Error(err)
	}
	if len(proxy.requests) != 0 {
		t.Errorf("proxy saw %q", proxy.requests)
	}
}

func TestFailingProxiesAreProxyErrors(t *testing.T) {
	refusing := &testProxy{}
	socks := &testProxy{socks: true, login: "a:b"}
	unknown := &testProxy{socks: true}
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	dead := silent.Addr().String()
	silent.Close()
	for _, c := range []struct{ name, proxy, url string }{
		{"tunnel refused", "http://" + refusing.start(t), "https://news.test/"},
		{"nobody there", "http://" + dead, "http://news.test/"},
		{"credentials refused", "socks5://x:y@" + socks.start(t), "http://news.test/"},
		{"name unknown to it", "socks5://" + unknown.start(t), "http://news.test/"},
	} {
		settings := testSettings(t)
		settings.Proxy = c.proxy
		client := newTestClient(t, settings)
		if _, err := client.Do(t.Context(), get(c.url)); reason(t, err).Reason != ReasonProxy {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, proxy := range []string{"ftp://a", "http://", "://", "http://a:99999", "localhost:3128"} {
		if _, err := NewClient(Settings{Proxy: proxy}); err == nil {
			t.Errorf("proxy %q is taken", proxy)
		}
	}
}
