package fetch

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"newsreel/crawler/fetch/torture"
)

// names is a resolver of fixed answers; a second answer follows the first.
type names map[string][][]netip.Addr

func (n names) LookupNetIP(_ context.Context, _, host string) ([]netip.Addr, error) {
	answers := n[host]
	if len(answers) == 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	if len(answers) > 1 {
		n[host] = answers[1:]
	}
	return answers[0], nil
}

func addrs(texts ...string) []netip.Addr {
	var list []netip.Addr
	for _, text := range texts {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

func reason(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("not an Error: %v", err)
	}
	return e
}

func TestPrivateAddressesAreRefusedHoweverTheyAreNamed(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Addr)
	settings := testSettings(t)
	settings.Resolver = names{
		"inside.test": {addrs("127.0.0.1")}, "mapped.test": {addrs("::ffff:127.0.0.1")}, "six.test": {addrs("::1", "fd00::1")},
	}
	settings.Resolve = map[string]string{"pinned.test": "127.0.0.1", "pinnedport.test": server.Addr}
	client := newTestClient(t, settings)
	for _, host := range []string{
		"127.0.0.1", "0x7f.1", "127.1", "2130706433", "0177.1", "１２７.0.0.1", "[::1]", "[::ffff:7f00:1]", "0", "localhost", "[::ffff:127.0.0.1]",
		"inside.test", "mapped.test", "six.test", "pinned.test", "pinnedport.test", "x.localhost",
	} {
		request := get("http://" + host + ":" + port + "/case/plain-answer")
		request.AllowPrivate = false
		_, err := client.Do(t.Context(), request)
		if e := reason(t, err); e.Reason != ReasonAddress || !e.Permanent() {
			t.Errorf("%s: %v", host, err)
		}
	}
	if server.Conns() != 0 {
		t.Errorf("%d connections made", server.Conns())
	}
	if n := client.Counters()["address"]; n != 17 {
		t.Errorf("address counted %d times", n)
	}
	for _, host := range []string{"127.0.0.1", "0x7f.1", "inside.test", "pinned.test"} {
		ex, err := client.Do(t.Context(), get("http://"+host+":"+port+"/case/plain-answer"))
		if err != nil {
			t.Errorf("%s, private allowed: %v", host, err)
			continue
		}
		ex.Close()
	}
}

func TestConnectionOfAPrivatePolicyIsNeverLentToAPublicOne(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	settings := testSettings(t)
	settings.Resolve = map[string]string{"news.test": server.Addr}
	client := newTestClient(t, settings)
	request := get("http://news.test/case/plain-answer")
	ex, err := client.Do(t.Context(), request)
	if err != nil {
		t.Fatal(err)
	}
	ex.Close()
	request.AllowPrivate = false
	if _, err := client.Do(t.Context(), request); reason(t, err).Reason != ReasonAddress {
		t.Error(err)
	}
}

func TestNameThatTurnsPrivateOnTheSecondLookUpIsRefused(t *testing.T) {
	settings := testSettings(t)
	settings.Resolver = names{"turns.test": {addrs("127.0.0.1"), addrs("10.0.0.1")}}
	client := newTestClient(t, settings)
	for range 2 {
		request := get("http://turns.test/")
		request.AllowPrivate = false
		if _, err := client.Do(t.Context(), request); reason(t, err).Reason != ReasonAddress {
			t.Error(err)
		}
	}
}

func TestOwnEndpointIsRefusedThoughPrivateIsAllowed(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	settings := testSettings(t)
	settings.Forbidden = []netip.AddrPort{netip.MustParseAddrPort(server.Addr)}
	settings.Resolve = map[string]string{"news.test": server.Addr}
	client := newTestClient(t, settings)
	for _, url := range []string{server.URL("/"), "http://news.test/"} {
		if _, err := client.Do(t.Context(), get(url)); reason(t, err).Reason != ReasonAddress {
			t.Error(err)
		}
	}
}

func TestResolveReplacesAddressAndPortButNotTheHostField(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Addr)
	settings := testSettings(t)
	settings.Resolve = map[string]string{"news.test": server.Addr, "here.test": "127.0.0.1"}
	client := newTestClient(t, settings)
	for _, c := range []struct{ url, host string }{
		{"http://news.test/case/plain-answer", "news.test"},
		{"http://NEWS.test.:8099/case/plain-answer", "news.test.:8099"},
		{"http://here.test:" + port + "/case/plain-answer", "here.test:" + port},
	} {
		ex, err := client.Do(t.Context(), get(c.url))
		if err != nil {
			t.Fatalf("%s: %v", c.url, err)
		}
		if got := header(ex.RequestBytes, "Host"); got != c.host {
			t.Errorf("%s: Host %q, want %q", c.url, got, c.host)
		}
		if ex.Remote.String() != server.Addr {
			t.Errorf("remote %v", ex.Remote)
		}
		ex.Close()
	}
	if _, err := NewClient(Settings{Resolve: map[string]string{"a": "b"}}); err == nil {
		t.Error("a name resolved to a name is taken")
	}
}

func header(request []byte, name string) string {
	h := parseHead(append([]byte("HTTP/1.1 200 OK\r\n"), request[indexLine(request):]...), 0)
	for _, f := range h.fields {
		if f.Name == name {
			return f.Value
		}
	}
	return ""
}

func indexLine(b []byte) int {
	for i, c := range b {
		if c == '\n' {
			return i + 1
		}
	}
	return len(b)
}

func TestFailuresOfConnectingHaveTheirReasons(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refusing := closed.Addr().String()
	closed.Close()
	settings := testSettings(t)
	settings.Resolver = names{}
	settings.Resolve = map[string]string{"dead.test": refusing}
	client := newTestClient(t, settings)
	_, err = client.Do(t.Context(), get("http://nowhere.test/"))
	if e := reason(t, err); e.Reason != ReasonDNS || !e.Permanent() {
		t.Error(err)
	}
	_, port, _ := net.SplitHostPort(refusing)
	_, err = client.Do(t.Context(), get("http://[::1]:"+port+"/"))
	if e := reason(t, err); e.Reason != ReasonConnect {
		t.Error(err)
	}
	_, err = client.Do(t.Context(), get("http://dead.test/"))
	if e := reason(t, err); e.Reason != ReasonConnect || e.Permanent() {
		t.Error(err)
	}
	for _, url := range []string{"ftp://a/", "http://", "http:///x", "//a", "a", "http://a:0/", "http://a:99999/", "http://[::1/", "http://a b/", "http://xn--zz/"} {
		if _, err = client.Do(t.Context(), get(url)); reason(t, err).Reason != ReasonURL {
			t.Errorf("%s: %v", url, err)
		}
	}
	if _, err = client.Do(t.Context(), get("http://dead.test:25/")); reason(t, err).Reason != ReasonAddress {
		t.Error(err)
	}
}

// stuck never answers a look-up before its context ends.
type stuck struct{}

func (stuck) LookupNetIP(ctx context.Context, _, _ string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestConnectLimitEndsALookUp(t *testing.T) {
	settings := testSettings(t)
	settings.Resolver = stuck{}
	settings.Limits.Connect = 30 * time.Millisecond
	client := newTestClient(t, settings)
	_, err := client.Do(t.Context(), get("http://slow.test/"))
	if e := reason(t, err); e.Reason != ReasonTimeout || e.Limit != "connect" || client.Counters()["connect"] != 1 {
		t.Errorf("%v, limit %q", err, e.Limit)
	}
	settings.Limits.Connect = 0
	client = newTestClient(t, settings)
	ctx, cancel := context.WithCancel(t.Context())
	defer time.AfterFunc(10*time.Millisecond, cancel).Stop()
	_, err = client.Do(ctx, get("http://slow.test/"))
	if e := reason(t, err); e.Reason != ReasonCancelled || !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestSecondAddressIsTriedWhenTheFirstFails(t *testing.T) {
	server := torture.Start()
	defer server.Close()
	_, port, _ := net.SplitHostPort(server.Addr)
	settings := testSettings(t)
	settings.Resolver = names{"two.test": {addrs("::1", "127.0.0.1", "127.0.0.2")}}
	client := newTestClient(t, settings)
	ex, err := client.Do(t.Context(), get("http://two.test:"+port+"/case/plain-answer"))
	if err != nil {
		t.Fatal(err)
	}
	if ex.Remote.String() != server.Addr {
		t.Errorf("remote %v", ex.Remote)
	}
	ex.Close()
}

func TestSlowAddressDoesNotHoldUpTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		late := make(chan struct{})
		winner, peer := net.Pipe()
		loser, loserPeer := net.Pipe()
		defer peer.Close()
		race := &dialRace{addrs: addrs("192.0.2.1", "192.0.2.2", "192.0.2.3"), results: make(chan attempt)}
		race.dial = func(addr netip.Addr) (net.Conn, error) {
			switch addr.String() {
			case "192.0.2.1":
				<-late // answers after all, too late
				return loser, nil
			case "192.0.2.2":
				return nil, errors.New("refused")
			}
			return winner, nil
		}
		began := time.Now()
		conn, err := race.run()
		if err != nil || conn != winner || time.Since(began) != attemptSpread {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		close(late)
		race.drain()
		if _, err := loserPeer.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the loser stays open: %v", err)
		}
		conn.Close()
	})
}
