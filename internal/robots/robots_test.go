package robots

import (
	"strings"
	"testing"
	"time"
)

func TestVerdicts(t *testing.T) {
	const rfcExample = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n" +
		"User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n" +
		"User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\nUser-Agent: quxbot\n"
	for _, test := range []struct {
		name, file, agent, target string
		allowed                   bool
		line                      int
	}{
		// RFC 9309, 5.1
		{"a pattern for all agents", rfcExample, "other", "/pictures/a.gif", false, 2},
		{"a directory for all agents", rfcExample, "other", "/example/x", false, 3},
		{"an agent shut out", rfcExample, "foobot", "/", false, 7},
		{"an exception for it", rfcExample, "FooBot/2.1", "/example/page.html", true, 8},
		{"an exception outweighs the star group's pattern", rfcExample, "foobot", "/example/allowed.gif", true, 9},
		{"two agents in one group, the first", rfcExample, "barbot", "/example/page.html", false, 13},
		{"two agents in one group, the second", rfcExample, "bazbot", "/example/page.html", false, 13},
		{"the star group is not for those with one of their own", rfcExample, "bazbot", "/x.gif", true, 0},
		{"a group without rules at the end of the file", rfcExample, "quxbot", "/example/", true, 0},
		// RFC 9309, 5.2
		{"longest match wins", "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n", "foobot", "/example/page/disallowed.gif", false, 3},
		{"order does not matter", "User-Agent: a\nDisallow: /p\nAllow: /p/q\nDisallow: /\n", "a", "/p/q", true, 3},
		// RFC 9309, 2.2.2 and 2.2.3
		{"query as it is", "User-agent: *\nDisallow: /foo/bar?baz=quz\n", "a", "/foo/bar?baz=quz", false, 2},
		{"address in a query, rule plain", "User-agent: *\nDisallow: /foo/bar?baz=https://foo.bar\n", "a", "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false, 2},
		{"address in a query, rule coded", "User-agent: *\nDisallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar\n", "a", "/foo/bar?baz=https://foo.bar", false, 2},
		{"rule in UTF-8", "User-agent: *\nDisallow: /foo/bar/\u30c4\n", "a", "/foo/bar/%E3%83%84", false, 2},
		{"rule coded, address in lower-case codes", "User-agent: *\nDisallow: /foo/bar/%E3%83%84\n", "a", "/foo/bar/%e3%83%84", false, 2},
		{"address in bytes that are not UTF-8", "User-agent: *\nDisallow: /caf\xe9\n", "a", "/caf%E9", false, 2},
		{"unreserved characters coded in the rule", "User-agent: *\nDisallow: /foo/bar/%62%61%7A\n", "a", "/foo/bar/baz", false, 2},
		{"unreserved characters coded in the address", "User-agent: *\nDisallow: /foo/bar/baz\n", "a", "/foo/bar/%62%61%7A", false, 2},
		{"a coded slash is no slash in a path", "User-agent: *\nDisallow: /a/b\n", "a", "/a%2Fb", true, 0},
		{"a coded star is a star", "User-agent: *\nDisallow: /path/file-with-a-%2A.html\n", "a", "/path/file-with-a-*.html", false, 2},
		{"a coded star is no wildcard", "User-agent: *\nDisallow: /a%2Ab\n", "a", "/axb", true, 0},
		{"a coded dollar is a dollar", "User-agent: *\nDisallow: /path/foo-%24\n", "a", "/path/foo-$", false, 2},
		{"a dollar inside is a dollar", "User-agent: *\nDisallow: /a$b\n", "a", "/a$b", false, 2},
		{"a comment ends the rule", "User-agent: * # all\nDisallow: /x # why\n", "a", "/x", false, 2},
		{"dollar anchors", "User-agent: *\nAllow: /this/path/exactly$\nDisallow: /\n", "a", "/this/path/exactly", true, 2},
		{"dollar forbids more", "User-agent: *\nAllow: /this/path/exactly$\nDisallow: /\n", "a", "/this/path/exactly/", false, 3},
		{"star inside", "User-agent: *\nAllow: /this/*/exactly\nDisallow: /\n", "a", "/this/here/or/exactly", true, 2},
		// As Google documents
		{"a prefix", "User-agent: *\nDisallow: /fish\n", "a", "/fish.html", false, 2},
		{"a prefix is case-sensitive", "User-agent: *\nDisallow: /fish\n", "a", "/Fish.asp", true, 0},
		{"a trailing star is nothing", "User-agent: *\nDisallow: /fish*\n", "a", "/fishheads/yummy.html", false, 2},
		{"a folder", "User-agent: *\nDisallow: /fish/\n", "a", "/fish", true, 0},
		{"star and suffix", "User-agent: *\nDisallow: /*.php\n", "a", "/folder/filename.php?parameters", false, 2},
		{"star and suffix, anchored", "User-agent: *\nDisallow: /*.php$\n", "a", "/filename.php?parameters", true, 0},
		{"star between", "User-agent: *\nDisallow: /fish*.php\n", "a", "/fishheads/catfish.php?parameters", false, 2},
		{"allow of the same length wins", "User-agent: *\nAllow: /folder\nDisallow: /folder\n", "a", "/folder/page", true, 2},
		{"wildcards count as length", "User-agent: *\nAllow: /page\nDisallow: /*.htm\n", "a", "/page.htm", false, 3},
		{"the root alone", "User-agent: *\nAllow: /$\nDisallow: /\n", "a", "/", true, 2},
		{"all but the root", "User-agent: *\nAllow: /$\nDisallow: /\n", "a", "/page.htm", false, 3},
		{"groups of one agent are one", "User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /z\nUser-agent: A\nDisallow: /y\n", "a", "/y", false, 6},
		{"sitemap lines do not part groups", "User-agent: a\nSitemap: https://x.test/s.xml\nUser-agent: b\nDisallow: /\n", "a", "/", false, 4},
		{"unknown lines do not part groups", "User-agent: a\nNoindex: /x\nUser-agent: b\nDisallow: /\n", "a", "/", false, 4},
		{"a version after the name", "User-agent: newsreel/1.0\nDisallow: /\n", "newsreel", "/", false, 2},
		{"star followed by words", "User-agent: * (all)\nDisallow: /\n", "a", "/", false, 2},
		{"another product with our name as its beginning", "User-agent: newsreeler\nDisallow: /\n", "newsreel", "/", true, 0},
		{"rules before any agent are nobody's", "Disallow: /\nUser-agent: a\nAllow: /\n", "b", "/", true, 0},
		{"a rule without a path allows all", "User-agent: *\nDisallow:\n", "a", "/", true, 0},
		{"a rule without a path ends the run of agents", "User-agent: a\nDisallow:\nUser-agent: b\nDisallow: /\n", "a", "/", true, 0},
		{"misspelt names", "useragent: *\nDissalow: /a\nDisalow: /b\n", "a", "/b", false, 3},
		{"no colon", "User-agent *\nDisallow /x\n", "a", "/x", false, 2},
		{"no colon and three words is no rule", "User-agent: *\nDisallow /x y\n", "a", "/x", true, 0},
		{"blanks before the colon", "user-agent : *\ndisallow : /x\n", "a", "/x", false, 2},
		{"a rule that does not begin with a slash never matches", "User-agent: *\nDisallow: x\n", "a", "/x", true, 0},
		{"byte order mark", "\uFEFFUser-agent: *\nDisallow: /\n", "a", "/", false, 2},
		{"lines end in CR", "User-agent: *\rDisallow: /x\r", "a", "/x", false, 2},
		{"lines end in CRLF", "User-agent: *\r\n\r\nDisallow: /x\r\n", "a", "/x", false, 3},
		{"no end of line", "User-agent: *\nDisallow: /x", "a", "/x", false, 2},
		{"robots.txt itself", "User-agent: *\nDisallow: /\n", "a", "/robots.txt", true, 0},
		{"a whole URL", "User-agent: *\nDisallow: /x?y\n", "a", "https://h.test:81/x?y#z", false, 2},
		{"a URL without a path", "User-agent: *\nDisallow: /$\n", "a", "https://h.test", false, 2},
		{"a URL in a path", "User-agent: *\nDisallow: /go/\n", "a", "/go/https://other.test/", false, 2},
		{"an HTML page is no rules", "<html><body>User-agent: none</body></html>", "a", "/", true, 0},
		{"an empty file", "", "a", "/", true, 0},
		{"an agent with digits", "User-agent: MJ12bot\nDisallow: /\n", "mj12bot", "/", false, 2},
		{"an agent with digits is not another", "User-agent: MJ12bot\nDisallow: /\n", "mj13bot", "/", true, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			rules := Parse([]byte(test.file))
			v := rules.Test(test.agent, test.target)
			if v.Allowed != test.allowed || v.Line != test.line {
				t.Errorf("got %+v, want allowed %v by line %d", v, test.allowed, test.line)
			}
			if again := ParseCompact(rules.Relevant(test.agent)).Test(test.agent, test.target); again != v {
				t.Errorf("compact form %q gives %+v, want %+v", rules.Relevant(test.agent), again, v)
			}
		})
	}
}

func TestRuleIsNamedAsWritten(t *testing.T) {
	v := Parse([]byte("User-agent: *\n  disallow:/Private/   # keep out\n")).Test("a", "/Private/x")
	if v.Rule != "disallow:/Private/" || v.Line != 2 {
		t.Errorf("got %+v", v)
	}
}

func TestCrawlDelay(t *testing.T) {
	for _, test := range []struct {
		name, file string
		want       time.Duration
	}{
		{"whole seconds", "User-agent: a\nCrawl-delay: 5\n", 5 * time.Second},
		{"a fraction", "User-agent: a\nCrawl-delay: 0.5\n", 500 * time.Millisecond},
		{"of the star group", "User-agent: *\nCrawl-delay: 5\n", 5 * time.Second},
		{"not of the star group where there is one's own", "User-agent: *\nCrawl-delay: 5\nDisallow: /\n\nUser-agent: a\nDisallow: /x\n", 0},
		{"the longest of several", "User-agent: a\nCrawl-delay: 2\nCrawl-delay: 9\nCrawl-delay: 1\n", 9 * time.Second},
		{"it is not for the agents named after it", "User-agent: b\nCrawl-delay: 9\nUser-agent: a\nDisallow: /\n", 0},
		{"endless", "User-agent: a\nCrawl-delay: 1e99\n", MaxCrawlDelay},
		{"negative", "User-agent: a\nCrawl-delay: -1\n", 0},
		{"no number", "User-agent: a\nCrawl-delay: NaN\n", 0},
		{"words", "User-agent: a\nCrawl-delay: slow\n", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			rules := Parse([]byte(test.file))
			if got := rules.CrawlDelay("a"); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
			if got := ParseCompact(rules.Relevant("a")).CrawlDelay("a"); got != test.want {
				t.Errorf("compact form gives %v, want %v", got, test.want)
			}
		})
	}
}

func TestSitemapsStandAnywhereAndOnce(t *testing.T) {
	rules := Parse([]byte("Sitemap: https://x.test/a.xml\nUser-agent: *\nsite-map: /b.xml\nDisallow: /\nSITEMAP: https://x.test/a.xml\nSitemap:\n"))
	want := "https://x.test/a.xml /b.xml"
	if got := strings.Join(rules.Sitemaps(), " "); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := strings.Join(ParseCompact(rules.Relevant("x")).Sitemaps(), " "); got != want {
		t.Errorf("compact form gives %q, want %q", got, want)
	}
}

func TestCompactFormIsLeast(t *testing.T) {
	file := "# hello\nUser-agent: other\nDisallow: /other\n\nUser-agent: newsreel\nCrawl-delay: 3\nDisallow: /a # b\nAllow: /a/c\nSitemap: https://x.test/s.xml\n"
	want := "User-agent: newsreel #@5\nCrawl-delay: 3 #@6\nDisallow: /a #@7\nAllow: /a/c #@8\nSitemap: https://x.test/s.xml #@9\n"
	if got := string(Parse([]byte(file)).Relevant("newsreel/1.0 (+mailto:a@b.test)")); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestOnlyTheFirst500KiBCount(t *testing.T) {
	file := "User-agent: *\nDisallow: /a\n" + strings.Repeat("# padding\n", MaxBytes/10) + "Disallow: /b\n"
	rules := Parse([]byte(file))
	if rules.Test("x", "/a").Allowed || !rules.Test("x", "/b").Allowed {
		t.Error("the limit is not where it should be")
	}
}

func TestOutcomes(t *testing.T) {
	body := []byte("User-agent: *\nDisallow: /x\n")
	for _, test := range []struct {
		name    string
		status  int
		access  Access
		allowed bool
		rule    string
	}{
		{"there is a file", 200, ByRules, false, "Disallow: /x"},
		{"too many redirects count as no file", 301, AllowAll, true, "robots.txt: status 301"},
		{"no file", 404, AllowAll, true, "robots.txt: status 404"},
		{"forbidden is no file", 403, AllowAll, true, "robots.txt: status 403"},
		{"too many requests is a server's trouble", 429, DisallowAll, false, "robots.txt: status 429"},
		{"server's trouble", 503, DisallowAll, false, "robots.txt: status 503"},
		{"no answer", 0, DisallowAll, false, "robots.txt: unreachable"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := FromStatus(test.status, body)
			v := o.Test("a", "/x")
			if o.Access != test.access || v.Allowed != test.allowed || v.Rule != test.rule {
				t.Errorf("got %v, %+v", o.Access, v)
			}
			if again := ParseOutcome(o.Compact("a")); again.Access != o.Access || again.Test("a", "/x") != v {
				t.Errorf("compact form %q gives %v, %+v", o.Compact("a"), again.Access, again.Test("a", "/x"))
			}
			if !o.Test("a", "/robots.txt").Allowed {
				t.Error("robots.txt itself is refused")
			}
		})
	}
}

func TestExpiry(t *testing.T) {
	for _, test := range []struct {
		name   string
		values []string
		want   time.Duration
	}{
		{"nothing said", nil, MaxExpiry},
		{"an hour", []string{"public, max-age=3600"}, time.Hour},
		{"quoted", []string{`max-age="3600"`}, time.Hour},
		{"a year is a day", []string{"max-age=31536000"}, MaxExpiry},
		{"none at all", []string{"max-age=0"}, MinExpiry},
		{"no caching", []string{"No-Cache"}, MinExpiry},
		{"several fields", []string{"private", "max-age=7200"}, 2 * time.Hour},
		{"nonsense", []string{"max-age=soon"}, MaxExpiry},
		{"more than a number holds", []string{"max-age=99999999999999999999"}, MaxExpiry},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := Expiry(test.values...); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func TestNilRulesAllow(t *testing.T) {
	var rules *Rules
	if !rules.Test("a", "/").Allowed || rules.CrawlDelay("a") != 0 || rules.Sitemaps() != nil || rules.Relevant("a") != nil {
		t.Error("nil rules forbid something")
	}
}
