package robots

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// slowMatch is the definition: a pattern's star is any run of bytes, a dollar
// at its end the target's end. It works on normal forms, by dynamic
// programming over all places.
func slowMatch(patternText, targetText string) bool {
	anchored := strings.HasSuffix(patternText, "$")
	p := string(normalise(nil, strings.TrimSuffix(patternText, "$"), true))
	s := string(normalise(nil, targetText, false))
	at := make([]bool, len(s)+1) // at[j]: the pattern so far matches s[:j]
	at[0] = true
	for i := range len(p) {
		next := make([]bool, len(s)+1)
		for j := range at {
			if !at[j] {
				continue
			}
			if p[i] == '*' {
				for k := j; k <= len(s); k++ {
					next[k] = true
				}
				break
			}
			if j < len(s) && s[j] == p[i] {
				next[j+1] = true
			}
		}
		at = next
	}
	if anchored {
		return at[len(s)]
	}
	for _, ok := range at {
		if ok {
			return true
		}
	}
	return false
}

func checkMatch(t *testing.T, patternText, targetText string) {
	t.Helper()
	p := compile(patternText)
	if got, want := p.matchBytes(normalise(nil, targetText, false)), slowMatch(patternText, targetText); got != want {
		t.Fatalf("pattern %q target %q: got %v, want %v", patternText, targetText, got, want)
	}
}

func TestMatchAgreesWithItsDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	random := func(alphabet string, most int) string {
		b := make([]byte, rng.IntN(most))
		for i := range b {
			b[i] = alphabet[rng.IntN(len(alphabet))]
		}
		return string(b)
	}
	for range 50_000 {
		checkMatch(t, "/"+random("ab/*$*", 10), "/"+random("ab/$", 12))
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("/a*b$", "/axxb")
	f.Add("/%2a*%C3", "/*\xc3")
	f.Add("*$", "")
	f.Fuzz(func(t *testing.T, p, s string) {
		if len(p) < 200 && len(s) < 200 {
			checkMatch(t, p, s)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("User-agent: *\nDisallow: /a*b$\nCrawl-delay: 2\nSitemap: x"), "/ab")
	f.Add([]byte("\uFEFFuser-agent a\rallow /\r\n# x #@7\ndisallow: /#@9"), "/")
	f.Fuzz(func(t *testing.T, file []byte, target string) {
		rules := Parse(file)
		again := ParseCompact(rules.Relevant("newsreel"))
		if got, want := again.Test("newsreel", target), rules.Test("newsreel", target); got != want {
			t.Fatalf("compact form %q of %q gives %+v, want %+v", rules.Relevant("newsreel"), file, got, want)
		}
		if got, want := again.CrawlDelay("newsreel"), rules.CrawlDelay("newsreel"); got != want {
			t.Fatalf("compact delay %v, want %v", got, want)
		}
		if got, want := strings.Join(again.Sitemaps(), "\n"), strings.Join(rules.Sitemaps(), "\n"); got != want {
			t.Fatalf("compact sitemaps %q, want %q", got, want)
		}
	})
}

func TestHostilePatternsTakeLinearTime(t *testing.T) {
	p := compile("/" + strings.Repeat("*a", 4000) + "b$")
	s := normalise(nil, "/"+strings.Repeat("a", 8000), false)
	start := time.Now()
	for range 100 {
		if p.matchBytes(s) {
			t.Fatal("it matches")
		}
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("100 matches took %v", d)
	}
}

func BenchmarkTest(b *testing.B) {
	var file strings.Builder
	file.WriteString("User-agent: *\n")
	for range 100 {
		file.WriteString("Disallow: /some/path/*/that/is?long=\nAllow: /some/path\n")
	}
	rules := Parse([]byte(file.String()))
	b.ReportAllocs()
	for b.Loop() {
		rules.Test("newsreel", "/politics/2024/05/03/a-long-headline-about-something.html?x=y")
	}
}
