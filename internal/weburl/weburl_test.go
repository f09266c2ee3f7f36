package weburl

import (
	"errors"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/htmlindex"
)

func TestParse(t *testing.T) {
	for _, test := range []struct{ name, raw, want string }{
		{"nothing to change", "https://example.com/a?b=c", "https://example.com/a?b=c"},
		{"no path", "http://example.com", "http://example.com/"},
		{"fragment, userinfo and default port go", "https://u:p@Example.COM:443/a#b", "https://example.com/a"},
		{"another port stays", "https://example.com:8443/", "https://example.com:8443/"},
		{"the port of the other scheme stays", "https://example.com:80/", "https://example.com:80/"},
		{"a stray percent sign stays", "https://example.com/50%-off", "https://example.com/50%-off"},
		{"a bar stays", "https://example.com/a|b", "https://example.com/a|b"},
		{"codes keep their case", "https://example.com/%c3%A9", "https://example.com/%c3%A9"},
		{"an empty query stays", "https://example.com/?", "https://example.com/?"},
		{"blanks around, line ends inside", "  https://exam\nple.com/a\tb ", "https://example.com/ab"},
		{"IDNA", "http://b\u00fccher.example/", "http://xn--bcher-kva.example/"},
		{"IPv4 in another spelling", "http://0x7f.1/", "http://127.0.0.1/"},
		{"IPv6", "http://[0:0::1]:80/", "http://[::1]/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.raw)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestParseErrorsAreNamed(t *testing.T) {
	long := strings.Repeat("x", MaxLength)
	for _, test := range []struct {
		name, raw string
		want      error
	}{
		{"another scheme", "ftp://example.com/", ErrScheme},
		{"a script", "javascript:void(0)", ErrScheme},
		{"a long data URL is no link, not a long one", "data:text/plain," + long, ErrScheme},
		{"relative", "/a", ErrNoBase},
		{"empty", "", ErrNoBase},
		{"too long", "https://example.com/" + long, ErrTooLong},
		{"too long once coded", "https://example.com/" + strings.Repeat("\u00e9", MaxLength/4), ErrTooLong},
		{"no host", "https://", ErrHost},
		{"a host with a blank", "https://a b/", ErrHost},
		{"an invalid IPv6 address", "https://[::x]/", ErrHost},
		{"port out of range", "https://example.com:65536/", ErrPort},
		{"port with letters", "https://example.com:8o/", ErrPort},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.raw)
			var typed *Error
			if !errors.Is(err, test.want) || !errors.As(err, &typed) || got != "" {
				t.Errorf("got %q, %v, want %v", got, err, test.want)
			}
			if err != nil && len(err.Error()) > 400 {
				t.Errorf("the message has %d bytes", len(err.Error()))
			}
		})
	}
}

func TestALongFragmentIsNoLongURL(t *testing.T) {
	got, err := Parse("https://example.com/a#" + strings.Repeat("x", 2*MaxLength))
	if err != nil || got != "https://example.com/a" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestLimitsOfABase(t *testing.T) {
	base, err := NewBase("https://example.com/a/", 30)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Resolve(base, "12345", nil); err != nil {
		t.Error(err)
	}
	if _, err := Resolve(base, "123456789", nil); !errors.Is(err, ErrTooLong) {
		t.Errorf("got %v", err)
	}
}

func TestQueriesAreCodedInTheirCharset(t *testing.T) {
	for _, test := range []struct{ name, charset, ref, want string }{
		{"UTF-8", "utf-8", "/\u041f?q=\u041f", "/%D0%9F?q=%D0%9F"},
		{"windows-1251, the path stays UTF-8", "windows-1251", "/\u041f?q=\u041f", "/%D0%9F?q=%CF"},
		{"a label of it", " CP1251 ", "?q=\u041f", "/?q=%CF"},
		{"what it lacks becomes a reference", "windows-1251", "?q=\u4e2d!", "/?q=%26%2320013%3B!"},
		{"windows-1252", "iso-8859-1", "?q=\u20ac", "/?q=%80"},
		{"Shift_JIS, where a second byte may be ASCII", "shift_jis", "?q=\u8868", "/?q=%95\\"},
		{"EUC-JP", "euc-jp", "?q=\u8868", "/?q=%C9%BD"},
		{"GBK", "gb2312", "?q=\u4e2d", "/?q=%D6%D0"},
		{"Big5", "big5", "?q=\u4e2d", "/?q=%A4%A4"},
		{"EUC-KR", "euc-kr", "?q=\ud55c", "/?q=%C7%D1"},
		{"ISO-2022-JP shifts back", "iso-2022-jp", "?q=\u8868x", "/?q=%1B$BI=%1B(Bx"},
		{"ISO-2022-JP before what it lacks", "iso-2022-jp", "?q=\u8868\U0001F600\u8868", "/?q=%1B$BI=%1B(B%26%23128512%3B%1B$BI=%1B(B"},
		{"UTF-16 pages send UTF-8", "utf-16", "?q=\u041f", "/?q=%D0%9F"},
		{"an unknown charset", "klingon", "?q=\u041f", "/?q=%D0%9F"},
		{"quotes and blanks as ever", "windows-1251", "?q='\u041f' \"", "/?q=%27%CF%27%20%22"},
	} {
		t.Run(test.name, func(t *testing.T) {
			base, err := NewBase("http://a.test/", 0)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Resolve(base, test.ref, QueryEncoding(test.charset))
			if want := "http://a.test" + test.want; err != nil || got != want {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func FuzzQueryEncoding(f *testing.F) {
	f.Add("windows-1251", "\u041f\u4e2d")
	f.Add("iso-2022-jp", "\u8868\U0001F600")
	f.Add("gb18030", "\U0001F600\xff")
	f.Fuzz(func(t *testing.T, charset, query string) {
		if _, err := htmlindex.Get(charset); err != nil || len(query) > 1000 {
			return
		}
		base, err := NewBase("http://a.test/", 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Resolve(base, "?"+query, QueryEncoding(charset))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Resolve(base, got, QueryEncoding(charset)); err != nil || again != got {
			t.Fatalf("%q becomes %q, %v", got, again, err)
		}
	})
}

func TestParts(t *testing.T) {
	for _, test := range []struct{ url, scheme, origin, host, hostname, path string }{
		{"https://a.test/", "https", "https://a.test", "a.test", "a.test", "/"},
		{"http://a.test:81/x/y?z=/", "http", "http://a.test:81", "a.test:81", "a.test", "/x/y?z=/"},
		{"http://[::1]/x", "http", "http://[::1]", "[::1]", "[::1]", "/x"},
		{"http://[::1]:8080/?q", "http", "http://[::1]:8080", "[::1]:8080", "[::1]", "/?q"},
	} {
		got := [...]string{Scheme(test.url), Origin(test.url), Host(test.url), Hostname(test.url), Path(test.url)}
		want := [...]string{test.scheme, test.origin, test.host, test.hostname, test.path}
		if got != want {
			t.Errorf("%s: got %q, want %q", test.url, got, want)
		}
	}
}

func TestRegistrableDomain(t *testing.T) {
	for hostname, want := range map[string]string{
		"www.example.com": "example.com", "example.com": "example.com", "a.b.example.co.uk": "example.co.uk",
		"co.uk": "co.uk", "com": "com", "localhost": "localhost", "127.0.0.1": "127.0.0.1", "[::1]": "[::1]",
		"paper.github.io": "paper.github.io", "www.paper.github.io": "paper.github.io", "www.example.com.": "example.com",
		"a.b.unknowntld": "b.unknowntld", "": "", "xn--bcher-kva.example": "xn--bcher-kva.example", "news.a1": "news.a1",
	} {
		if got := RegistrableDomain(hostname); got != want {
			t.Errorf("%s: got %s, want %s", hostname, got, want)
		}
	}
}

func TestTrapReason(t *testing.T) {
	for _, test := range []struct{ name, path, want string }{
		{"an article", "/news/2024/05/03/title-of-it.html", ""},
		{"a part three times", "/a/b/a/b/a/", TrapRepeat},
		{"a part twice", "/a/b/a/b/", ""},
		{"the same in a row", "/x/x/x", TrapRepeat},
		{"a date of ones", "/2011/11/11/11/title", ""},
		{"larger numbers do count", "/123/123/123/", TrapRepeat},
		{"empty parts do not count", "/a////b", ""},
		{"a query does not count", "/a?/a/a/a", ""},
		{"a hundred parts", "/a1/b1" + strings.Repeat("/11", 98), ""},
		{"more than a hundred", "/a1/b1" + strings.Repeat("/11", 99), TrapDepth},
		{"longer than 8 KiB", "/" + strings.Repeat("x", MaxLength), TrapLength},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := TrapReason("https://a.test"+test.path, DefaultTrapLimits()); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
			if got := TrapReason("https://a.test"+test.path, TrapLimits{}); got != "" {
				t.Errorf("without limits: got %q", got)
			}
		})
	}
}

func TestTrapReasonIsCheapForHostilePaths(t *testing.T) {
	var path strings.Builder
	for i := range 200_000 {
		path.WriteString("/")
		path.WriteByte(byte('a' + i%26))
		path.WriteByte(byte('a' + i/26%26))
		path.WriteByte(byte('a' + i/676%26))
		path.WriteByte(byte('a' + i/17576%26))
	}
	start := time.Now()
	TrapReason("https://a.test"+path.String(), TrapLimits{MaxRepeat: 3})
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestHostileHostsAndPatternsAreCheap(t *testing.T) {
	var host strings.Builder
	for r := '\u4e00'; host.Len() < MaxLength-100; r++ {
		host.WriteRune(r)
	}
	start := time.Now()
	for range 100 {
		if _, err := Parse("http://" + host.String() + "/"); !errors.Is(err, ErrHost) {
			t.Fatal(err)
		}
		Pattern("http://a.test/" + strings.Repeat("11111111-", 900))
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("it took %v", d)
	}
}

func TestPattern(t *testing.T) {
	for _, test := range []struct{ name, path, want string }{
		{"numbers, slug, suffix, query", "/news/2024/05/a-long-title-123.html?page=2&id=7", "/news/0/0/{slug}.html?id&page"},
		{"order and number of keys do not matter", "/?b=1&a=2&b=3&", "/?a&b"},
		{"a section keeps its name", "/world-news/europe/", "/world-news/europe/"},
		{"a number in a name", "/article12345.html", "/article0.html"},
		{"a UUID", "/x/123e4567-e89b-12d3-a456-426614174000", "/x/{hex}"},
		{"a hash", "/img/9f86d081884c7d65.jpg", "/img/{hex}.jpg"},
		{"a session", "/a;jsessionid=1A2B3C4D5E6F7A8B", "/a;jsessionid={hex}"},
		{"a word of hexadecimal letters", "/facade/decade/", "/facade/decade/"},
		{"a date", "/calendar/2024-05-03", "/calendar/0-0-0"},
		{"a coded title", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D1%8C", "/{slug}"},
		{"keys with numbers", "/?q1=a&q2=b", "/?q0&q0"},
		{"the root", "/", "/"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got, want := Pattern("https://a.test"+test.path), "https://a.test"+test.want; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

func FuzzParts(f *testing.F) {
	f.Add("https://a.test:8/x/1-2-3?b=c")
	f.Fuzz(func(t *testing.T, raw string) {
		u, err := Parse(raw)
		if err != nil {
			return
		}
		if Origin(u)+Path(u) != u || !strings.HasPrefix(Path(u), "/") {
			t.Fatalf("%q: origin %q, path %q", u, Origin(u), Path(u))
		}
		if Hostname(u) == "" || !strings.HasPrefix(Host(u), Hostname(u)) {
			t.Fatalf("%q: host %q, hostname %q", u, Host(u), Hostname(u))
		}
		TrapReason(u, DefaultTrapLimits())
		RegistrableDomain(Hostname(u))
		if p := Pattern(u); !strings.HasPrefix(p, Origin(u)) {
			t.Fatalf("%q: pattern %q", u, p)
		}
	})
}

func BenchmarkPattern(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Pattern("https://www.example.com/politics/2024/05/03/a-long-headline-about-something-12345.html?ref=home&id=3")
	}
}
