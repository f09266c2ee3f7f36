package guard

import (
	"errors"
	"net/netip"
	"strings"
	"testing"
)

func TestSpecialAddressesAreRefused(t *testing.T) {
	refused := []string{
		// IPv4, first and last of each range.
		"0.0.0.0", "0.1.2.3", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.100.100.200", "100.127.255.255",
		"127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255",
		"172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.0.255", "192.0.2.0", "192.0.2.255",
		"192.31.196.0", "192.31.196.255", "192.52.193.0", "192.52.193.255", "192.88.99.0", "192.88.99.255",
		"192.168.0.0", "192.168.255.255", "192.175.48.0", "192.175.48.255", "198.18.0.0", "198.19.255.255",
		"198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255",
		"240.0.0.0", "255.255.255.255", "168.63.129.16",
		// IPv6 outside 2000::/3.
		"::", "::1", "::127.0.0.1", "::8.8.8.8", "100::1", "100:0:0:1::1", "5f00::1", "fc00::1", "fdff::1", "fd00:ec2::254", "fd20:ce::254",
		"fe80::1", "febf::1", "fec0::1", "feff::1", "ff00::1", "ff02::1", "ffff::1", "1fff::1", "4000::1", "64:ff9b:1::1",
		// IPv6 within it.
		"2001::1", "2001:0:4136:e378::1", "2001:10::1", "2001:20::1", "2001:1ff:ffff::1", "2001:db8::1", "2001:db8:ffff::1",
		"2002::1", "2002:7f00:1::", "2002:808:808::1", "2620:4f:8000::1", "3fff::1", "3fff:fff::1",
		// A zone is never global.
		"fe80::1%eth0", "2606:4700::1%eth0",
		// IPv4 in IPv6.
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::10.0.0.1", "64:ff9b::169.254.169.254",
		"2606:4700::5efe:127.0.0.1", "2606:4700::200:5efe:10.0.0.1", "fe80::5efe:8.8.8.8%1",
	}
	for _, text := range refused {
		addr := netip.MustParseAddr(text)
		var refusal *Refusal
		if err := Judge(netip.AddrPortFrom(addr, 80), &Policy{}); !errors.As(err, &refusal) {
			t.Errorf("%s passes: %v", text, err)
		}
		if err := Judge(netip.AddrPortFrom(addr, 80), &Policy{AllowPrivate: true}); err != nil {
			t.Errorf("%s refused though private addresses are allowed: %v", text, err)
		}
	}
}

func TestPublicAddressesPass(t *testing.T) {
	for _, text := range []string{
		"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
		"169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255", "168.63.129.15",
		"2606:4700::1111", "2001:200::1", "2001:4860:4860::8888", "2000::1", "2003::1", "2620:4f:7fff::1", "3ffe:ffff::1", "3fff:1000::1",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::5efe:8.8.8.8",
	} {
		if err := Judge(netip.AddrPortFrom(netip.MustParseAddr(text), 443), &Policy{}); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestOwnEndpointsAreRefusedUnderAnyPolicy(t *testing.T) {
	own := netip.MustParseAddr("192.168.7.7")
	policy := Policy{
		Forbidden: []netip.AddrPort{
			netip.MustParseAddrPort("127.0.0.1:4222"), netip.MustParseAddrPort("0.0.0.0:8080"),
			netip.MustParseAddrPort("[::1]:9000"), netip.MustParseAddrPort("203.0.113.9:7000"),
		},
		Own: []netip.Addr{own, netip.MustParseAddr("8.8.4.4")},
	}
	for _, allow := range []bool{false, true} {
		policy.AllowPrivate = allow
		for _, text := range []string{
			"127.0.0.1:4222", "[::ffff:127.0.0.1]:4222", "0.0.0.0:4222", "[64:ff9b::7f00:1]:4222",
			"127.0.0.1:8080", "127.5.5.5:8080", "192.168.7.7:8080", "[::1]:8080", "0.0.0.0:8080", "8.8.4.4:8080", "[::ffff:192.168.7.7]:8080",
			"[::1]:9000", "[::]:9000", "203.0.113.9:7000",
		} {
			if err := Judge(netip.MustParseAddrPort(text), &policy); err == nil {
				t.Errorf("%s passes with AllowPrivate %v", text, allow)
			}
		}
	}
	for _, text := range []string{"127.0.0.1:4223", "192.168.7.7:80", "10.0.0.1:8080", "192.168.7.7:4222"} {
		if err := Judge(netip.MustParseAddrPort(text), &policy); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
	policy.AllowPrivate = false
	if err := Judge(netip.MustParseAddrPort("8.8.4.4:80"), &policy); err == nil {
		t.Error("a public address of this machine passes")
	}
}

func TestSitesOwnTranslationPrefixIsJudgedAsIPv4(t *testing.T) {
	policy := &Policy{NAT64: netip.MustParsePrefix("2606:4700:64::/96")}
	if err := Judge(netip.MustParseAddrPort("[2606:4700:64::10.0.0.1]:80"), policy); err == nil {
		t.Error("10.0.0.1 behind the prefix passes")
	}
	if err := Judge(netip.MustParseAddrPort("[2606:4700:64::8.8.8.8]:80"), policy); err != nil {
		t.Error(err)
	}
}

func TestBadPortsAreRefusedUnderAnyPolicy(t *testing.T) {
	for _, port := range []uint16{0, 1, 22, 25, 53, 110, 143, 179, 389, 465, 587, 993, 2049, 3659, 5060, 6000, 6667, 10080} {
		if err := Judge(netip.AddrPortFrom(netip.MustParseAddr("8.8.8.8"), port), &Policy{AllowPrivate: true}); err == nil {
			t.Errorf("port %d passes", port)
		}
	}
	for _, port := range []uint16{80, 443, 3000, 8000, 8080, 8443, 9200} {
		if BadPort(port) {
			t.Errorf("port %d refused", port)
		}
	}
	if len(badPorts) != 83 {
		t.Errorf("%d bad ports, the standard has 83", len(badPorts))
	}
}

func TestHostsAreJudgedInEverySpelling(t *testing.T) {
	for _, host := range []string{
		"127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f.1", "0x7f000001", "0X7F.0.0.1", "0177.0.0.1", "017700000001",
		"127.0.0.1.", "１２７.０.０.１", "①②⑦.⓪.⓪.①", "127。0。0。1", "%31%32%37.0.0.1",
		"10.1", "0xa.1", "192.168.257", "3232235777", "0xc0a80101", "169.254.169.254", "0xa9fea9fe", "2852039166", "0251.0376.0251.0376", "0",
		"::1", "fe80::1%eth0", "[::1]", "[::]", "[0:0:0:0:0:0:0:1]", "[::ffff:7f00:1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[fe80::1]", "[fd00:ec2::254]",
		"localhost", "LOCALHOST", "localhost.", "ⓛocalhost", "ｌｏｃａｌｈｏｓｔ", "foo.localhost", "localhost.localdomain", "ip6-localhost", "metadata.google.internal",
		"1.2.3.4.5", "256.256.256.256", "[::1", "a b", "a/b", "", "xn--zz", "09.1", "exa%00mple",
	} {
		if err := JudgeURLHost(host, 80, &Policy{}); err == nil {
			t.Errorf("%q passes", host)
		}
	}
	for _, host := range []string{
		"example.com", "EXAMPLE.com", "example.com.", "8.8.8.8", "134744072", "0x8.8.8.8", "[2606:4700::1111]", "2606:4700::1111", "bücher.example",
		"xn--bcher-kva.example", "localhost.example.com", "1.example", "a_b.example", "notlocalhost",
	} {
		if err := JudgeURLHost(host, 80, &Policy{}); err != nil {
			t.Errorf("%q: %v", host, err)
		}
	}
	if err := JudgeURLHost("localhost", 80, &Policy{AllowPrivate: true}); err != nil {
		t.Error(err)
	}
	own := &Policy{AllowPrivate: true, Forbidden: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.1:4222")}}
	if err := JudgeURLHost("localhost", 4222, own); err == nil {
		t.Error("an own endpoint passes by name")
	}
	if err := JudgeURLHost("example.com", 25, own); err == nil {
		t.Error("a bad port passes")
	}
}

// FuzzNormalHost holds for any host: what comes out comes out again, and says
// nothing that could leave a Host field.
func FuzzNormalHost(f *testing.F) {
	for _, host := range []string{"0x7f.1", "[::1]", "ⓛocalhost", "a..b", "%31", "xn--a"} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		normal, err := NormalHost(host)
		if err != nil {
			return
		}
		if normal == "" || strings.ContainsAny(normal, " \r\n\t/@?#\\") {
			t.Fatalf("%q becomes %q", host, normal)
		}
		if again, err := NormalHost(normal); err != nil || again != normal {
			t.Fatalf("%q becomes %q, then %q, %v", host, normal, again, err)
		}
	})
}

func BenchmarkJudge(b *testing.B) {
	policy := &Policy{}
	addr := netip.MustParseAddrPort("93.184.216.34:443")
	b.ReportAllocs()
	for b.Loop() {
		if err := Judge(addr, policy); err != nil {
			b.Fatal(err)
		}
	}
}
