package job

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

func scoped(mode string, include, exclude []string, seeds ...string) *Scope {
	doc := Default()
	doc.Scope.Mode, doc.Scope.Include, doc.Scope.Exclude = mode, include, exclude
	doc.Seeds.URLs = seeds
	return NewScope(doc, nil)
}

func TestJudgeByMode(t *testing.T) {
	const seed = "https://www.news.example/world/asia/index.html?x=1"
	for _, c := range []struct {
		mode, url string
		in        bool
	}{
		{"page", "https://www.news.example/world/asia/index.html?x=1", true},
		{"page", "https://www.news.example/world/asia/index.html", false},
		{"page", "https://www.news.example/", false},
		{"prefix", "https://www.news.example/world/asia/", true},
		{"prefix", "http://www.news.example/world/asia/2016/09/05/a.html", true},
		{"prefix", "https://www.news.example/world/asia", false},
		{"prefix", "https://www.news.example/world/", false},
		{"prefix", "https://news.example/world/asia/a", false},
		{"host", "http://www.news.example/", true},
		{"host", "https://www.news.example/any/where?at=all", true},
		{"host", "https://www.news.example:8443/", false},
		{"host", "https://news.example/", false},
		{"host", "https://www.news.example.evil.example/", false},
		{"domain", "https://news.example/", true},
		{"domain", "https://a.b.news.example:8443/x", true},
		{"domain", "https://evilnews.example/", false},
		{"domain", "https://news.example.com/", false},
	} {
		judged := scoped(c.mode, nil, nil, seed).Judge(c.url)
		if judged.In != c.in || judged.Excluded || judged.Rule == "" {
			t.Errorf("%s %s: %+v", c.mode, c.url, judged)
		}
	}
}

func TestDomainScopeKnowsPublicSuffixes(t *testing.T) {
	for _, c := range []struct {
		seed, url string
		in        bool
	}{
		{"https://www.paper.co.uk/", "https://sport.paper.co.uk/", true},
		{"https://www.paper.co.uk/", "https://other.co.uk/", false},
		{"https://alice.github.io/", "https://bob.github.io/", false},
		{"https://github.io/", "https://bob.github.io/", false},
		{"https://aws.amazonaws.com/", "https://x.s3.amazonaws.com/", false},
		{"http://127.0.0.1:8001/", "http://127.0.0.1:8002/", true},
		{"http://127.0.0.1/", "http://1.127.0.0.1/", false},
		{"http://localhost/", "http://a.localhost/", false},
		{"http://[2001:db8::1]/", "http://[2001:db8::1]:81/", true},
	} {
		s := scoped("domain", nil, nil, c.seed)
		for range 2 { // the second answer is remembered
			if judged := s.Judge(c.url); judged.In != c.in {
				t.Errorf("%s seen from %s: %+v", c.url, c.seed, judged)
			}
		}
	}
}

func TestIncludeAndExclude(t *testing.T) {
	s := scoped("host", []string{"/20[0-9]{2}/", "/live/"}, []string{`\.pdf$`}, "https://news.example/", "https://news.example/seed.pdf")
	for url, want := range map[string]Judgement{
		"https://news.example/":           {In: true, Rule: "a seed"},
		"https://news.example/2016/a":     {In: true, Rule: "host news.example"},
		"https://news.example/live/b":     {In: true, Rule: "host news.example"},
		"https://news.example/about":      {Excluded: true, Rule: "matches none of scope.include"},
		"https://news.example/2016/a.pdf": {Excluded: true, Rule: `scope.exclude \.pdf$`},
		"https://news.example/seed.pdf":   {Excluded: true, Rule: `scope.exclude \.pdf$`},
		"https://other.example/2016/a":    {Rule: ruleHost},
		"https://other.example/2016.pdf":  {Rule: ruleHost},
	} {
		if got := s.Judge(url); got != want {
			t.Errorf("%s: %+v, want %+v", url, got, want)
		}
	}
}

func TestSeedsOfEveryKindAndRedirectTargetsWidenTheScope(t *testing.T) {
	doc := Default()
	doc.Seeds = Seeds{URLs: []string{"https://a.example"}, Feeds: []string{"https://b.example/rss"}, Sitemaps: []string{"https://c.example/s.xml"}}
	s := NewScope(doc, []string{"https://d.example/"})
	if s.Judge("https://e.example/x").In {
		t.Error("e is inside before it is a seed")
	}
	s.AddSeed("https://e.example/")
	s.AddSeed("not a url")
	for _, host := range []string{"a", "b", "c", "d", "e"} {
		if !s.Judge("https://" + host + ".example/x").In {
			t.Errorf("%s is outside", host)
		}
	}
}

func TestPrefixesThatCoverOthers(t *testing.T) {
	s := scoped("prefix", nil, nil, "https://a.example/x/y/", "https://a.example/x/", "https://a.example/x/z/1.html", "https://a.example/w/")
	if got := fmt.Sprint(s.prefixes["a.example"]); got != "[/x/ /w/]" {
		t.Error(got)
	}
}

func TestASeedAddedInDomainModeChangesEarlierJudgements(t *testing.T) {
	s := scoped("domain", nil, nil, "https://github.io/")
	if s.Judge("https://bob.github.io/a").In {
		t.Fatal("bob is inside before")
	}
	s.AddSeed("https://bob.github.io/")
	if !s.Judge("https://bob.github.io/a").In {
		t.Error("bob is outside after")
	}
}

func TestScopeIsSafeForConcurrentUse(t *testing.T) {
	for _, mode := range []string{"page", "prefix", "host", "domain"} {
		s := scoped(mode, nil, nil, "https://news.example/")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for j := range 200 {
					url := fmt.Sprintf("https://h%d-%d.news.example/", i, j)
					s.AddSeed(url)
					if !s.Judge(url).In {
						t.Errorf("%s: a seed is outside", mode)
					}
				}
			})
		}
		wg.Wait()
	}
}

func FuzzJudge(f *testing.F) {
	f.Add("https://www.news.example/a/b?c", "domain")
	f.Add("://", "prefix")
	f.Add("http://[::1", "host")
	f.Fuzz(func(t *testing.T, url, mode string) {
		s := scoped(mode, nil, nil, "https://news.example/", url)
		if judged := s.Judge(url); judged.Rule == "" {
			t.Errorf("no rule for %q", url)
		}
	})
}

func TestJudgeDoesNotAllocateForHostAndDomain(t *testing.T) {
	for _, mode := range []string{"host", "domain"} {
		s := scoped(mode, nil, nil, "https://www.news.example/")
		for _, url := range []string{"https://www.news.example/2016/09/05/a", "https://other.example/", "https://m.news.example/a"} {
			s.Judge(url)
			if n := testing.AllocsPerRun(100, func() { s.Judge(url) }); n != 0 {
				t.Errorf("%s %s: %v allocations", mode, url, n)
			}
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	url := "https://sport.news.example/2016/09/05/" + strings.Repeat("long-headline-", 5) + ".html"
	for _, mode := range []string{"page", "prefix", "host", "domain"} {
		s := scoped(mode, nil, nil, "https://sport.news.example/", "https://www.news.example/world/")
		b.Run(mode, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s.Judge(url)
			}
		})
	}
}
