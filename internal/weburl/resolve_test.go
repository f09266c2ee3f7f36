package weburl

import (
	"errors"
	"strings"
	"testing"

	"github.com/nlnwa/whatwg-url/url"
)

// oracle is the library's answer, cut down to what this package promises.
func oracle(base, ref string) (string, bool) {
	u, err := url.ParseRef(base, ref)
	if err != nil || u == nil {
		return "", false
	}
	if u.Scheme() != "http" && u.Scheme() != "https" || u.Hostname() == "" {
		return "", false
	}
	u.SetUsername("")
	u.SetPassword("")
	return u.Href(true), true
}

func checkAgainstOracle(t *testing.T, base, ref string) {
	t.Helper()
	b, err := NewBase(base, 0)
	if err != nil {
		return
	}
	got, err := Resolve(b, ref, nil)
	if errors.Is(err, ErrTooLong) || len(ref) > maxOddHost && errors.Is(err, ErrHost) {
		return
	}
	want, ok := oracle(b.String(), ref)
	if ok != (err == nil) || ok && got != want {
		t.Errorf("base %q ref %q:\n got %q, %v\nwant %q, %v", base, ref, got, err, want, ok)
	}
	if err == nil {
		if again, err := Parse(got); err != nil || again != got {
			t.Errorf("%q parses again to %q, %v", got, again, err)
		}
	}
}

var bases = []string{
	"https://example.com/",
	"http://example.com:8080/a/b/c.html?x=y",
	"https://www.example.co.uk/news/2024//?q",
	"http://[::1]:81/x",
	"http://127.0.0.1:3000/a/../b",
}

var refs = []string{
	"", "#top", "?a=b", "?", "/", "//", "///", "/a", "a", "./a", "../a", "../../../a", "..", ".", "a/..", "a/.", "a/./b",
	"/a/../../b", "/%2e%2E/x", "/.%2e", "/a/%2e", "/a//b", "//other.test", "//other.test/x", "//OTHER.test:80/x",
	"https://example.com", "https://example.com?x", "https://example.com#x", "HTTP://Example.COM:80/A", "https://example.com:443/",
	"http:a", "https:a", "http:/a", "https://", "http:\\\\x\\y", "\\a\\b", "/a\\b?c\\d", "https:example.com/x",
	"javascript:void(0)", "mailto:a@b", "data:text/html,x", "tel:+1", "ftp://x/y", "a:b", "1:b", ":b", "a/b:c",
	"/50%-off", "/a|b", "/a^b", "/a b", "/a%20b", "/\u4e2d\u6587?\u4e2d=\u6587", "/'x'?'x'", "/\"<>`{}?\"<>`{}", "/a[1]?b[2]",
	" /a ", "\t/a\n", "/a\nb\tc", "ht\ntp://x.test/", "/\xff\xfe?\xff", "/a\x00b", "\x00/a\x1f",
	"http://user:pw@example.com/x", "http://@example.com/", "http://a@b@c.test/", "http://user@/x", "//u:p@h.test",
	"http://exa mple.com/", "http://example.com:99999/", "http://example.com:x/", "http://example.com:/", "http://:80/",
	"http://xn--zz.test/", "http://b\u00fccher.test/", "http://xn--bcher-kva.test/", "http://a_b.test/", "http://a--b.test/", "http://-a.test/",
	"http://a-.test/", "http://a..b/", "http://a.b./", "http://./", "http://0x7f.1/", "http://127.1/", "http://1.2.3.4/", "http://01.2.3.4/",
	"http://1.2.3.4.5/", "http://256.1.1.1/", "http://[::ffff:7f00:1]/", "http://[::1", "http://\u24d4xample.com/", "http://%65xample.com/",
	"http://example.com%2f/", "http://a%00b/", "http://%C2%AD/", "http://ex\tample.com/", "http://example.com\\@evil.test/",
	"http://example.com/a?b?c#d#e", "http://example.com/a;b=c,d", "http://a.b.c.1d/", "http://a.1/", "http://foo.0x/", "http://*.test/",
	"//\u4f8b\u3048.test/\u30c6", "http://" + strings.Repeat("a", 64) + ".test/", "http://1.1.1.1:80", "http://1.1.1.1:443/..",
}

func TestResolveAgreesWithTheURLStandard(t *testing.T) {
	for _, base := range bases {
		for _, ref := range refs {
			checkAgainstOracle(t, base, ref)
		}
	}
}

func FuzzResolve(f *testing.F) {
	for _, base := range bases {
		for _, ref := range refs {
			f.Add(base, ref)
		}
	}
	f.Fuzz(checkAgainstOracle)
}

func FuzzHost(f *testing.F) {
	for _, host := range []string{
		"a.test", "A.TEST:80", "[::1]:8", "[::ffff:1.2.3.4]", "[1:2:3:4:5:6:7:8]", "[::", "1.2.3.4", "0x7f.1", "0300.1", "4294967295", "1.2.3.-4",
		"b\u00fccher.test", "xn--bcher-kva.test", "\u200d.test", "%61.test", "a%2eb", "fa\u00df.de", "a\u3002b", "\u00ad", "u:p@h", "a..b", "-a-.b-", "_x.test",
	} {
		f.Add(host)
	}
	f.Fuzz(func(t *testing.T, host string) {
		checkAgainstOracle(t, "https://example.com/", "http://"+host+"/x")
	})
}

func BenchmarkResolve(b *testing.B) {
	base, err := NewBase("https://www.example.com/news/2024/05/story.html", 0)
	if err != nil {
		b.Fatal(err)
	}
	for _, bench := range []struct{ name, ref string }{
		{"absolute path", "/politics/2024/05/03/a-long-headline-about-something-12345.html"},
		{"absolute URL", "https://www.example.com/politics/2024/05/03/a-long-headline-about-something-12345.html?ref=home"},
		{"with dots", "../../2024/05/03/a-long-headline-about-something-12345.html"},
		{"coded", "/\u043f\u043e\u043b\u0438\u0442\u0438\u043a\u0430/\u043d\u043e\u0432\u043e\u0441\u0442\u0438.html"},
		{"idna host", "https://b\u00fccher.test/x"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			buf := make([]byte, 0, 512)
			b.ReportAllocs()
			for b.Loop() {
				buf, _ = AppendResolve(buf[:0], base, bench.ref, nil)
			}
		})
	}
}
