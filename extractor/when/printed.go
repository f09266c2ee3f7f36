package when

import (
	"strings"
	"time"
)

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
	// Order tells in which order day and month are written in numbers.
	Order Order
	// Swapped is the reading with day and month exchanged, where both are
	// possible.
	Swapped *Time
	// Relative tells that the text gives a distance ("3 hours ago").
	Relative bool
}

// Order is how a date in numbers is written.
type Order int8

// The orders of day and month. A date in which both are possible, and one that
// names its month, is of no evident order.
const (
	NoOrder Order = iota
	DayFirst
	MonthFirst
)

// Find lists the dates printed in a text, from left to right. It looks at the
// first 4 KiB.
func Find(text string, o Options) []Printed {
	if !strings.ContainsFunc(text, func(r rune) bool { return digitValue(r) >= 0 || hanDigit(r) >= 0 }) {
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
		first := i
		if !d.Time.Clock {
			d, first, next = p.clock(d, i, next, floor)
		}
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

// skip goes over at most n tokens of a set.
func (p *finder) skip(i, n int, s set) int {
	for ; n > 0 && s.has(p.tok(i)); n-- {
		i++
	}
	return i
}

// date reads a date that begins at token i.
func (p *finder) date(i int) (d Printed, next int, ok bool) {
	t := p.tok(i)
	if prev := p.tok(i - 1); t.kind == number && !t.spaced && i > 0 && !(prev.is("-") && p.tok(i-3).is(":")) && (prev.in(". / - : # $ € £ + _ = &") && p.tok(i-2).kind == number || prev.in("# $ € £ _ = & %")) {
		return d, 0, false
	}
	switch {
	case t.kind == number && t.digits == 4:
		return p.yearFirst(i)
	case t.kind == number && t.digits == 3:
		return p.minguo(i)
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

// named is a month's name in a text.
type named struct {
	month   int
	persian bool
	// native tells that the page's language has the name, so that it needs no
	// year beside it.
	native bool
	thai   bool
}

// month reads a month's name at token i, with the stop of a short form, and a
// second name of it, as Arabic pages give both that are in use: مايو/أيار. next
// is the token behind.
func (p *finder) month(i int) (m named, next int, ok bool) {
	m, next, ok = p.monthName(i)
	if !ok || !p.tok(next).in("/ (") {
		return m, next, ok
	}
	if other, end, found := p.monthName(next + 1); found && other.month == m.month && !other.persian {
		if next = end; p.tok(end).is(")") {
			next++
		}
	}
	return m, next, true
}

func (p *finder) monthName(i int) (m named, next int, ok bool) {
	t := p.tok(i)
	if t.kind != word {
		return m, 0, false
	}
	foreign := p.text[t.start] >= 0x80
	if second := p.tok(i + 1); second.kind == word && firstOfTwo[t.text] {
		if m.month, m.persian, m.native, ok = monthOf(t.text+" "+second.text, p.lang); ok {
			m.native = m.native || foreign
			return m, i + 2, true
		}
	}
	if m.month, m.persian, m.native, ok = monthOf(t.text, p.lang); !ok {
		return m, 0, false
	}
	m.native = m.native || foreign
	m.thai = strings.HasPrefix(p.text[t.start:], "\u0e01") || p.text[t.start] == 0xE0 && p.text[t.start+1]&0xFE == 0xB8
	if next = i + 1; p.tok(next).is(".") {
		next++
	}
	return m, next, true
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
	case y.digits == 2 && (a.digits == 2 && b.digits == 2 || len(p.text) < 40 && !sep.is("-")) && !p.tok(i+5).in(": %"):
		year = p.shortYear(year)
	case y.digits != 4:
		return d, 0, false
	}
	day, month := a.value, b.value
	if p.o.MonthFirst && !sep.is(".") {
		day, month = month, day
	}
	if month > 12 && day <= 12 {
		day, month = month, day
	}
	d.Time = p.calendar(year, month, day, false)
	if !d.Time.Valid() {
		return d, 0, false
	}
	switch {
	case a.value > 12:
		d.Order = DayFirst
	case b.value > 12:
		d.Order = MonthFirst
	case a.value != b.value && !sep.is(".") && year > 1900 && year < 2700:
		other := d.Time
		other.Day, other.Month = month, day
		d.Swapped = &other
		p.orderByWeekday(&d, i, i+5)
	}
	return d, i + 5, true
}

// numericWithoutYear reads 3.5. 18:00, as in Finland, and 5/3(金) 18:00, as in
// Japan: numbers are a day only where a time of day follows.
func (p *finder) numericWithoutYear(i int) (d Printed, next int, ok bool) {
	a, sep, b := p.tok(i), p.tok(i+1), p.tok(i+2)
	if b.kind != number || b.digits > 2 || b.spaced {
		return d, 0, false
	}
	day, month, j := a.value, b.value, i+3
	switch {
	case sep.is(".") && p.tok(j).is("."):
		j++
	case sep.is("/") && p.lang == "ja":
		day, month = month, day
		if p.tok(j).is("(") && p.tok(j+2).is(")") {
			j += 3
		}
	default:
		return d, 0, false
	}
	j = p.skip(j, 2, beforeClock)
	if p.tok(j).kind != number || !p.tok(j+1).in(": .") || p.tok(j+2).kind != number || p.tok(j+2).digits != 2 || p.tok(j+3).is(".") {
		return d, 0, false
	}
	return p.withoutYear(named{month: month, native: true}, day, j)
}

// orderByWeekday settles in which order a date in numbers is written where an
// English day of the week, right before token first or at token next, is that of
// one reading and not of the other. (Other languages write the day first.)
func (p *finder) orderByWeekday(d *Printed, first, next int) {
	for _, beside := range [][2]int{{first - 1, first - 2}, {next, next + 1}} {
		t := p.tok(beside[0])
		if t.kind == symbol {
			t = p.tok(beside[1])
		}
		day, ok := weekday(t)
		this, other := d.Time.wall().Weekday() == day, d.Swapped.wall().Weekday() == day
		if !ok || this == other {
			continue
		}
		if other {
			d.Time = *d.Swapped
		}
		d.Order, d.Swapped = DayFirst, nil
		if d.Time.Month == p.tok(first).value {
			d.Order = MonthFirst
		}
		return
	}
}

// weekday reads an English day of the week, written out or cut to three letters
// or more.
func weekday(t token) (time.Weekday, bool) {
	if t.kind == word && len(t.text) >= 3 {
		for day := time.Sunday; day <= time.Saturday; day++ {
			if strings.HasPrefix(strings.ToLower(day.String()), t.text) {
				return day, true
			}
		}
	}
	return 0, false
}

// withoutYear takes the year in which the day last was before the fetch.
func (p *finder) withoutYear(m named, day, next int) (d Printed, _ int, ok bool) {
	if p.o.Fetched.IsZero() || m.persian || !m.native || m.month < 1 || m.month > 12 {
		return d, 0, false
	}
	d.Time = Time{Year: p.o.Fetched.Year(), Month: m.month, Day: day}
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
		return p.shortYear(y)
	}
	return y
}

// shortYear is the year that two digits mean: of this century, or of the last
// where the fetch cannot be after it; on Thai pages of the Buddhist era.
func (p *finder) shortYear(y int) int {
	if p.lang == "th" && y >= 40 {
		return y + 2500 - 543
	}
	if y >= 94 {
		return y + 1900
	}
	return y + 2000
}

// calendar is the Gregorian day of a date. Numbers are of the Persian calendar
// where the year can be of no other and the page is of those who use it; a
// Persian month with another year is no date.
func (p *finder) calendar(year, month, day int, persian bool) Time {
	if persian || year >= 1300 && year < 1500 && (p.lang == "fa" || p.lang == "ps" || p.lang == "prs" || p.lang == "") {
		if y, m, d, ok := fromPersian(year, month, day); ok {
			return Time{Year: y, Month: m, Day: d}
		}
		if persian {
			return Time{}
		}
	}
	return Time{Year: p.year(year), Month: month, Day: day}
}
