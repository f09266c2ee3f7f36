package main

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"newsreel/article"
)

// judge tells whether a field agrees with gold; known is false where gold is
// silent.
func judge(g *goldPage, a *article.Article, field string) (right, known bool) {
	switch field {
	case "headline":
		h := strings.Join(words(a.Headline), " ")
		return h == strings.Join(words(g.Headline), " ") || g.Kicker != "" && h == strings.Join(words(g.Kicker+" "+g.Headline), " "), g.Headline != ""
	case "published":
		return sameTime(g.Published, a.Published), g.Published != ""
	case "body":
		return max(f1(shingles(g.Body), shingles(a.Body)), f1(shingles(g.Summary+"\n"+g.Body), shingles(a.Body))) >= 0.9, g.Body != ""
	case "captions":
		return g.Captions != nil && captionsF1(*g.Captions, a.Captions) >= 0.8, g.Captions != nil
	case "authors":
		return g.Authors != nil && sameNames(*g.Authors, a.Authors), g.Authors != nil && len(*g.Authors) > 0
	}
	return false, false
}

// words splits a text as the scorer does.
func words(s string) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			out = append(out, b.String())
			b.Reset()
		}
	}
	for _, r := range strings.ToLower(norm.NFKC.String(s)) {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			flush()
			out = append(out, string(r))
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.Is(unicode.M, r):
			b.WriteRune(r)
		case unicode.Is(unicode.Cf, r):
		default:
			flush()
		}
	}
	flush()
	return out
}

func shingles(s string) map[string]int {
	w, m := words(s), map[string]int{}
	for i := 0; i == 0 || i+4 <= len(w); i++ {
		m[strings.Join(w[i:min(i+4, len(w))], " ")]++
	}
	return m
}

func f1(gold, got map[string]int) float64 {
	both, sum := 0, 0
	for k, n := range gold {
		both += min(n, got[k])
		sum += n
	}
	for _, n := range got {
		sum += n
	}
	return 2 * float64(both) / float64(max(sum, 1))
}

func captionsF1(gold, got []string) float64 {
	used := make([]bool, len(got))
	hit := 0
	for _, g := range gold {
		for i, c := range got {
			if !used[i] && dice(words(g), words(c)) >= 0.8 {
				used[i] = true
				hit++
				break
			}
		}
	}
	return 2 * float64(hit) / float64(max(len(gold)+len(got), 1))
}

func dice(a, b []string) float64 {
	n := map[string]int{}
	for _, w := range a {
		n[w]++
	}
	both := 0
	for _, w := range b {
		if n[w] > 0 {
			n[w]--
			both++
		}
	}
	return 2 * float64(both) / float64(max(len(a)+len(b), 1))
}

func sameNames(gold, got []string) bool {
	set := map[string]bool{}
	for _, n := range gold {
		set[strings.Join(words(n), " ")] = true
	}
	have := map[string]bool{}
	for _, n := range got {
		n = strings.Join(words(n), " ")
		if !set[n] {
			return false
		}
		have[n] = true
	}
	return len(have) == len(set)
}

// sameTime compares instants where both know a zone, and days where one knows no
// more. Clock times of which one lacks a zone may differ by what zones differ by:
// gold often has in UTC what the page prints in its own time.
func sameTime(gold, got string) bool {
	g, goldClock, goldZone, ok := when(gold)
	if !ok {
		return false
	}
	p, clock, zone, ok := when(got)
	if !ok {
		return false
	}
	if clock && goldClock {
		if zone && goldZone {
			return p.Sub(g).Abs() <= time.Minute
		}
		off := p.Truncate(time.Minute).Sub(g.Truncate(time.Minute))
		if goldZone {
			return off%(30*time.Minute) == 0 && off.Abs() <= 14*time.Hour
		}
		return p.Format("2006-01-02T15:04") == g.Format("2006-01-02T15:04")
	}
	return p.Format(time.DateOnly) == g.Format(time.DateOnly)
}

func when(s string) (t time.Time, clock, zone, ok bool) {
	for _, f := range []struct {
		layout      string
		clock, zone bool
	}{{time.RFC3339Nano, true, true}, {"2006-01-02T15:04:05.999999999", true, false}, {"2006-01-02T15:04", true, false}, {time.DateOnly, false, false}} {
		if t, err := time.Parse(f.layout, s); err == nil {
			return t, f.clock, f.zone, true
		}
	}
	return time.Time{}, false, false, false
}
