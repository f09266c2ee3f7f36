package when

import (
	"strings"
	"time"
)

// Options are what a page tells about the dates that it prints.
type Options struct {
	// Lang is the page's language, a BCP 47 tag or "".
	Lang string
	// MonthFirst reads 3/4/2024 as March 4.
	MonthFirst bool
	// Fetched gives the year of dates printed without one; zero leaves those out.
	Fetched time.Time
}

func (o Options) base() string {
	lang, _, _ := strings.Cut(strings.ToLower(o.Lang), "-")
	lang, _, _ = strings.Cut(lang, "_")
	return lang
}

// Printed is a date found in a text.
type Printed struct {
	Time Time
	// Text is the date as printed, with its time of day; Start and End are its
	// bounds in the text searched.
	Text       string
	Start, End int
	// YearGuessed tells that the text names no year and the nearest before the
	// fetch was taken.
	YearGuessed bool
	// Swapped is the reading with day and month exchanged, where both are
	// possible.
	Swapped *Time
	// Relative tells that the text gives a distance ("3 hours ago").
	Relative bool
}

// Find lists the dates printed in a text, from left to right. It looks at the
// first 4 KiB.
func Find(text string, o Options) []Printed {
	if !strings.ContainsFunc(text, func(r rune) bool { return digitValue(r) >= 0 }) {
		return nil
	}
	p := &finder{text: text, toks: tokenize(text), o: o, lang: o.base()}
	var out []Printed
	for i, floor := 0, 0; i < len(p.toks); {
		d, next, ok := p.date(i)
		if !ok {
			i++
			continue
		}
		d, first, next := p.clock(d, i, next, floor)
		d.Start, d.End = p.toks[first].start, p.toks[next-1].end
		d.Text = text[d.Start:d.End]
		if d.Time.Valid() {
			out = append(out, d)
			i, floor = next, next
		} else {
			i++
		}
	}
	return out
}

type finder struct {
	text string
	toks []token
	o    Options
	lang string
}

func (p *finder) tok(i int) token {
	if i < 0 || i >= len(p.toks) {
		return token{kind: symbol}
	}
	return p.toks[i]
}

// date reads a date that begins at token i.
func (p *finder) date(i int) (d Printed, next int, ok bool) {
	t := p.tok(i)
	if prev := p.tok(i - 1); t.kind == number && !t.spaced && i > 0 && (prev.in(". / - : # $ € £ + _ = &") && p.tok(i-2).kind == number || prev.in("# $ € £ _ = & %")) {
		return d, 0, false
	}
	switch {
	case t.kind == number && t.digits == 4:
		return p.yearFirst(i)
	case t.kind == number && t.digits <= 2:
		return p.dayFirst(i)
	case t.kind == word:
		if before, found := eraYears[t.text]; found {
			return p.era(i, before)
		}
		return p.monthFirst(i)
	}
	return d, 0, false
}

func (p *finder) era(i, before int) (d Printed, next int, ok bool) {
	y := p.tok(i + 1)
	year := y.value
	if y.is("元") {
		year = 1
	} else if y.kind != number {
		return d, 0, false
	}
	return p.cjk(year+before, i+2)
}

// cjk reads 年 M 月 D 日 from token i.
func (p *finder) cjk(year, i int) (d Printed, next int, ok bool) {
	if !p.tok(i).in("年 년") || p.tok(i+1).kind != number || !p.tok(i+2).in("月 월") || p.tok(i+3).kind != number {
		return d, 0, false
	}
	d.Time = Time{Year: year, Month: p.tok(i + 1).value, Day: p.tok(i + 3).value}
	next = i + 4
	if p.tok(next).in("日 일 号") {
		next++
	}
	return d, next, true
}

func (p *finder) yearFirst(i int) (d Printed, next int, ok bool) {
	year := p.tok(i).value
	if d, next, ok := p.cjk(p.year(year), i+1); ok {
		return d, next, true
	}
	j := i + 1
	sep := p.tok(j)
	if sep.in("- / .") && p.tok(j+1).kind == number && p.tok(j+1).digits <= 2 && p.tok(j+2).is(sep.text) && p.tok(j+3).kind == number && p.tok(j+3).digits <= 2 {
		d.Time = p.calendar(year, p.tok(j+1).value, p.tok(j+3).value, false)
		next = j + 4
		if sep.is(".") && p.tok(next).is(".") {
			next++
		}
		if d.Time.Valid() {
			return d, next, true
		}
		return d, 0, false
	}
	for p.tok(j).in(". , m год г gada g") && j < i+3 {
		j++
	}
	if m, persian, size, found := p.month(j); found {
		day := p.tok(j + size)
		if day.kind == number && day.digits <= 2 && p.tok(j+size+1).text != ":" {
			d.Time = p.calendar(year, m, day.value, persian)
			next = j + size + 1
			if p.tok(next).in(". d") {
				next++
			}
			return d, next, d.Time.Valid()
		}
	}
	// 2024. gada 3. maijs
	if day := p.tok(j); day.kind == number && day.digits <= 2 && p.tok(j+1).is(".") {
		if m, _, size, found := p.month(j + 2); found {
			d.Time = Time{Year: p.year(year), Month: m, Day: day.value}
			return d, j + 2 + size, d.Time.Valid()
		}
	}
	return d, 0, false
}

// month reads a month's name at token i; size is the tokens that it takes, with
// the stop of a short form.
func (p *finder) month(i int) (month int, persian bool, size int, ok bool) {
	t := p.tok(i)
	if t.kind != word {
		return 0, false, 0, false
	}
	if month, persian, ok = monthOf(t.text+" "+p.tok(i+1).text, p.lang); ok && p.tok(i+1).kind == word {
		return month, persian, 2, true
	}
	month, persian, ok = monthOf(t.text, p.lang)
	size = 1
	if ok && p.tok(i+1).is(".") {
		size = 2
	}
	return month, persian, size, ok
}

// dayFirst reads 5 September 2016, 5. Mai 2016, 5 de mayo de 2016, 5/9/2016.
func (p *finder) dayFirst(i int) (d Printed, next int, ok bool) {
	day := p.tok(i)
	if p.tok(i + 1).in("月 월") {
		return p.cjkWithoutYear(i)
	}
	if d, next, ok := p.numeric(i); ok {
		return d, next, true
	}
	j := i + 1
	for n := 0; n < 3 && p.tok(j).in(". º ° er st nd rd th re o a ا de of d ' ’ , - ngày tháng - e den / el ไทย yil"); n++ {
		j++
	}
	m, persian, size, found := p.month(j)
	if !found {
		return d, 0, false
	}
	j += size
	k := j
	for n := 0; n < 3 && p.tok(k).in(", de del of - . / ' ’ พ ศ year"); n++ {
		k++
	}
	if y := p.tok(k); y.kind == number && (y.digits == 4 || y.digits == 2 && p.tok(k-1).in("' ’ - /") && !p.tok(k+1).is(":")) {
		d.Time = p.calendar(y.value, m, day.value, persian)
		k++
		if p.tok(k).in("г р года року") {
			k++
			if p.tok(k).is(".") {
				k++
			}
		}
		return d, k, d.Time.Valid()
	}
	return p.withoutYear(m, day.value, persian, j)
}

// monthFirst reads September 5, 2016 and Sep. 5.
func (p *finder) monthFirst(i int) (d Printed, next int, ok bool) {
	m, persian, size, found := p.month(i)
	if !found {
		return d, 0, false
	}
	j := i + size
	for n := 0; n < 2 && p.tok(j).in("the , . - / "); n++ {
		j++
	}
	day := p.tok(j)
	if day.kind != number || day.digits > 2 || p.tok(j+1).is(":") {
		return d, 0, false
	}
	j++
	k := j
	for n := 0; n < 3 && p.tok(k).in("st nd rd th , . - / º"); n++ {
		k++
	}
	if y := p.tok(k); y.kind == number && y.digits == 4 {
		d.Time = p.calendar(y.value, m, day.value, persian)
		if d.Time.Valid() {
			return d, k + 1, true
		}
	}
	return p.withoutYear(m, day.value, persian, j)
}

// numeric reads 5.9.2016, 5/9/2016, 5-9-2016 and 5.9.16.
func (p *finder) numeric(i int) (d Printed, next int, ok bool) {
	a, sep, b, y := p.tok(i), p.tok(i+1), p.tok(i+2), p.tok(i+4)
	if !sep.in(". / -") || b.kind != number || b.digits > 2 || !p.tok(i+3).is(sep.text) || y.kind != number {
		return d, 0, false
	}
	if p.tok(i+5).is(sep.text) && !p.tok(i+5).spaced && p.tok(i+6).kind == number && !p.tok(i+6).spaced {
		return d, 0, false // 1.2.3.4 is no date
	}
	year := y.value
	switch {
	case y.digits == 2 && a.digits == 2 && b.digits == 2 && !p.tok(i+5).in(": %"):
		year += 2000
	case y.digits != 4:
		return d, 0, false
	}
	day, month := a.value, b.value
	swap := p.o.MonthFirst && !sep.is(".")
	if swap {
		day, month = month, day
	}
	if month > 12 && day <= 12 {
		day, month = month, day
	}
	d.Time = p.calendar(year, month, day, false)
	if !d.Time.Valid() {
		return d, 0, false
	}
	if day <= 12 && day != month && !sep.is(".") && year > 1900 && year < 2500 {
		other := d.Time
		other.Day, other.Month = month, day
		d.Swapped = &other
	}
	return d, i + 5, true
}

func (p *finder) cjkWithoutYear(i int) (d Printed, next int, ok bool) {
	if p.tok(i+2).kind != number || !p.tok(i+3).in("日 일 号") {
		return d, 0, false
	}
	return p.withoutYear(p.tok(i).value, p.tok(i+2).value, false, i+4)
}

// withoutYear takes the year in which the day last was before the fetch.
func (p *finder) withoutYear(month, day int, persian bool, next int) (d Printed, _ int, ok bool) {
	if p.o.Fetched.IsZero() || persian || month < 1 || month > 12 {
		return d, 0, false
	}
	d.Time = Time{Year: p.o.Fetched.Year(), Month: month, Day: day}
	if !d.Time.Valid() {
		return d, 0, false
	}
	if d.Time.Earliest().After(p.o.Fetched) {
		d.Time.Year--
	}
	d.YearGuessed = true
	return d, next, true
}

// year reads the Buddhist era of Thai pages, and two digits.
func (p *finder) year(y int) int {
	if y >= 2533 && y <= 2643 {
		return y - 543
	}
	if y < 100 {
		return y + 2000
	}
	return y
}

func (p *finder) calendar(year, month, day int, persian bool) Time {
	if persian || year >= 1300 && year < 1500 && (p.lang == "fa" || p.lang == "ps" || p.lang == "") {
		if y, m, d, ok := fromPersian(year, month, day); ok {
			return Time{Year: y, Month: m, Day: d}
		}
	}
	return Time{Year: p.year(year), Month: month, Day: day}
}
