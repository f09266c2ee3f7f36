package gold

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Result is what an extractor made of a page.
type Result struct {
	Headline, Published, Body string
	Captions, Authors         []string
	// Credits are the photos' captions with their credits, where there is one.
	Credits []Credit
}

// Score adds up how far results agree with gold. The zero value is ready.
//
//   - body: F1 over 4-grams of words, the mean over pages; with or without the
//     standfirst, whichever is better.
//   - headline: equal after folding of case, signs and spaces, with or without
//     the kicker.
//   - day: the same calendar day, or the same instant; minute: the same instant
//     within 60 s, or the same clock time where one of the two knows no zone.
//   - captions: F1 over all pages; two match where Dice over their words is 0.8.
//   - authors: F1 over all pages, of names that are equal after folding.
//   - credits: of gold's captions that have a credit and were found, the share
//     whose credit is equal after folding, or Dice 0.8.
type Score struct {
	Pages                       int
	Body, Headline, Day, Minute Mean
	Captions, Authors           Overlap
	Credits                     Mean
	Misses                      []Miss
}

// Mean is an average.
type Mean struct{ Sum, N float64 }

func (m *Mean) add(v float64) { m.Sum += v; m.N++ }

// Value is the average, 0 of nothing.
func (m Mean) Value() float64 {
	if m.N == 0 {
		return 0
	}
	return m.Sum / m.N
}

// Overlap counts what gold and results share.
type Overlap struct{ Both, Gold, Got int }

// F1 is the harmonic mean of precision and recall, 0 of nothing.
func (o Overlap) F1() float64 {
	if o.Gold+o.Got == 0 {
		return 0
	}
	return 2 * float64(o.Both) / float64(o.Gold+o.Got)
}

// Miss is a page that lost something.
type Miss struct {
	Measure, Page string
	Score         float64
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Add scores one page.
func (s *Score) Add(p *Page, r *Result) {
	s.Pages++
	if p.Body != "" {
		f := bodyF1(p.Body, r.Body)
		if p.Summary != "" {
			f = max(f, bodyF1(p.Summary+"\n\n"+p.Body, r.Body))
		}
		s.Body.add(f)
		s.miss("body", p, f)
	}
	if p.Headline != "" {
		h := Fold(r.Headline)
		v := yes(h == Fold(p.Headline) || p.Kicker != "" && h == Fold(p.Kicker+" "+p.Headline))
		s.Headline.add(v)
		s.miss("headline", p, v)
	}
	if p.Published != "" {
		day, minute, timed := sameTime(p.Published, r.Published)
		s.Day.add(yes(day))
		s.miss("day", p, yes(day))
		if timed {
			s.Minute.add(yes(minute))
			s.miss("minute", p, yes(minute))
		}
	}
	if p.Captions != nil {
		got, want := unique(r.Captions), unique(*p.Captions)
		o := Overlap{len(matches(want, got)), len(want), len(got)}
		s.Captions.add(o)
		if o.Gold+o.Got > 0 {
			s.miss("captions", p, o.F1())
		}
	}
	s.addCredits(p, r)
	if len(p.Authors) > 0 {
		s.Authors.add(names(p.Authors, r.Authors))
	}
}

func (s *Score) miss(measure string, p *Page, v float64) {
	if v < 1 {
		s.Misses = append(s.Misses, Miss{measure, p.ID, v})
	}
}

func (o *Overlap) add(p Overlap) {
	o.Both, o.Gold, o.Got = o.Both+p.Both, o.Gold+p.Gold, o.Got+p.Got
}

func (s *Score) addCredits(p *Page, r *Result) {
	for _, c := range p.Credits {
		for _, got := range r.Credits {
			if dice(c.Caption, got.Caption) >= 0.8 {
				s.Credits.add(yes(Fold(c.Credit) == Fold(got.Credit) || dice(c.Credit, got.Credit) >= 0.8))
				break
			}
		}
	}
}

// words splits a text into lower-case runs of letters and digits; a letter of a
// script without spaces is a word of its own. What nobody sees is left out.
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

// Fold is a text as its words alone.
func Fold(s string) string { return strings.Join(words(s), " ") }

func shingles(s string) map[string]int {
	w, m := words(s), map[string]int{}
	if len(w) == 0 {
		return m
	}
	for i := 0; i == 0 || i+4 <= len(w); i++ {
		m[strings.Join(w[i:min(i+4, len(w))], " ")]++
	}
	return m
}

func bodyF1(gold, got string) float64 {
	g, q := shingles(gold), shingles(got)
	both, sum := 0, 0
	for k, n := range g {
		sum += n
		both += min(n, q[k])
	}
	for _, n := range q {
		sum += n
	}
	if sum == 0 {
		return 1
	}
	return 2 * float64(both) / float64(sum)
}

func dice(a, b string) float64 {
	x, y := words(a), words(b)
	if len(x)+len(y) == 0 {
		return 1
	}
	n := map[string]int{}
	for _, w := range x {
		n[w]++
	}
	both := 0
	for _, w := range y {
		if n[w] > 0 {
			n[w]--
			both++
		}
	}
	return 2 * float64(both) / float64(len(x)+len(y))
}

// unique leaves out texts that, folded, came before.
func unique(list []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, c := range list {
		if f := Fold(c); !seen[f] {
			seen[f] = true
			out = append(out, c)
		}
	}
	return out
}

// matches pairs texts that are alike, by index.
func matches(gold, got []string) map[int]int {
	pairs, used := map[int]int{}, make([]bool, len(got))
	for i, c := range gold {
		for k, q := range got {
			if !used[k] && dice(c, q) >= 0.8 {
				pairs[i], used[k] = k, true
				break
			}
		}
	}
	return pairs
}

func names(gold, got []string) Overlap {
	o := Overlap{Gold: len(gold), Got: len(got)}
	left := map[string]int{}
	for _, n := range got {
		left[Fold(n)]++
	}
	for _, n := range gold {
		if left[Fold(n)] > 0 {
			left[Fold(n)]--
			o.Both++
		}
	}
	return o
}

// when reads a date; clock and zone tell how much of it is known.
func when(s string) (t time.Time, clock, zone, ok bool) {
	for _, f := range []struct {
		layout      string
		clock, zone bool
	}{
		{time.RFC3339Nano, true, true}, {"2006-01-02T15:04:05.999999999", true, false},
		{"2006-01-02T15:04Z07:00", true, true}, {"2006-01-02T15:04", true, false}, {time.DateOnly, false, false},
	} {
		if t, err := time.Parse(f.layout, s); err == nil {
			return t, f.clock, f.zone, true
		}
	}
	return time.Time{}, false, false, false
}

// sameTime compares two dates; timed tells whether gold knows the time of day.
func sameTime(gold, got string) (day, minute, timed bool) {
	g, timed, goldZone, ok := when(gold)
	if !ok {
		return false, false, false
	}
	p, clock, zone, ok := when(got)
	if !ok {
		return false, false, timed
	}
	if timed && clock {
		if goldZone && zone {
			minute = p.Sub(g).Abs() <= time.Minute
		} else {
			minute = p.Format("2006-01-02T15:04") == g.Format("2006-01-02T15:04")
		}
	}
	day = minute || p.Format(time.DateOnly) == g.Format(time.DateOnly) ||
		goldZone && zone && p.In(g.Location()).Format(time.DateOnly) == g.Format(time.DateOnly)
	return day, minute, timed
}
