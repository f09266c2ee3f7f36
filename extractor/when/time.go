// Package when reads the dates that news pages give: machine forms in markup
// and printed ones in some forty languages. It never adds what is not there: a
// date without a clock time stays a day, a time without a zone stays local.
package when

import (
	"fmt"
	"time"
)

// Time is a point in time as far as a page tells it.
type Time struct {
	Year, Month, Day int
	// Clock tells whether Hour and Minute are known, Seconds whether Second is.
	Clock, Seconds       bool
	Hour, Minute, Second int
	Nano                 int
	// Zoned tells whether Offset (seconds east of UTC) is known.
	Zoned  bool
	Offset int
}

// Valid tells whether the calendar has such a day and time, in a year that a
// web page can be from.
func (t Time) Valid() bool {
	if t.Year < 1990 || t.Year > 2100 || t.Month < 1 || t.Month > 12 || t.Day < 1 || t.Day > daysIn(t.Year, t.Month) {
		return false
	}
	return !t.Clock || t.Hour >= 0 && t.Hour < 24 && t.Minute >= 0 && t.Minute < 60 && t.Second >= 0 && t.Second <= 60
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// Earliest is the earliest instant that t can mean: for a time without zone the
// one at UTC+14.
func (t Time) Earliest() time.Time {
	offset := 14 * 3600
	if t.Zoned {
		offset = t.Offset
	}
	return t.wall().Add(-time.Duration(offset) * time.Second)
}

// Instant is t's instant; a time without zone is taken as UTC.
func (t Time) Instant() time.Time {
	return t.wall().Add(-time.Duration(t.Offset) * time.Second)
}

func (t Time) wall() time.Time {
	return time.Date(t.Year, time.Month(t.Month), t.Day, t.Hour, t.Minute, t.Second, t.Nano, time.UTC)
}

// In is the same instant at another offset; a t without zone is returned as is.
func (t Time) In(offset int) Time {
	if !t.Zoned || !t.Clock {
		return t
	}
	w := t.wall().Add(time.Duration(offset-t.Offset) * time.Second)
	t.Year, t.Month, t.Day = w.Year(), int(w.Month()), w.Day()
	t.Hour, t.Minute, t.Second, t.Offset = w.Hour(), w.Minute(), w.Second(), offset
	return t
}

// SameDay tells whether two times name the same calendar day as printed.
func (t Time) SameDay(u Time) bool {
	return t.Year == u.Year && t.Month == u.Month && t.Day == u.Day
}

// DaysApart is the distance of two printed days.
func (t Time) DaysApart(u Time) int {
	a := time.Date(t.Year, time.Month(t.Month), t.Day, 0, 0, 0, 0, time.UTC)
	b := time.Date(u.Year, time.Month(u.Month), u.Day, 0, 0, 0, 0, time.UTC)
	d := int(a.Sub(b) / (24 * time.Hour))
	return max(d, -d)
}

// Date is the day alone.
func (t Time) Date() Time { return Time{Year: t.Year, Month: t.Month, Day: t.Day} }

// String is RFC 3339 as far as t is known: 2016-09-05, 2016-09-05T10:39:00,
// 2016-09-05T10:39:00+03:00.
func (t Time) String() string {
	if !t.Clock {
		return fmt.Sprintf("%04d-%02d-%02d", t.Year, t.Month, t.Day)
	}
	s := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d", t.Year, t.Month, t.Day, t.Hour, t.Minute, min(t.Second, 59))
	if t.Nano >= 1e6 {
		s += fmt.Sprintf(".%03d", t.Nano/1e6)
	}
	if !t.Zoned {
		return s
	}
	if t.Offset == 0 {
		return s + "+00:00"
	}
	sign, o := '+', t.Offset
	if o < 0 {
		sign, o = '-', -o
	}
	return s + fmt.Sprintf("%c%02d:%02d", sign, o/3600, o%3600/60)
}

// FromGo is a Go time with its offset.
func FromGo(g time.Time) Time {
	_, offset := g.Zone()
	return Time{Year: g.Year(), Month: int(g.Month()), Day: g.Day(), Clock: true, Seconds: true,
		Hour: g.Hour(), Minute: g.Minute(), Second: g.Second(), Nano: g.Nanosecond(), Zoned: true, Offset: offset}
}
