package extractor

import (
	"strings"
	"time"

	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// zoned settles the zone of a time by what else the page says. A time without a
// zone takes the offset that another source gives to the same clock time. For
// one that markup states in UTC:
//
//  1. another source gives the same clock time with an offset of its own: the
//     "Z" was stamped on local time, and the offset holds;
//  2. the page prints the same minute at another clock time, 00:38 UTC beside
//     "4:38 PM" the day before: the instant stands, at the page's own offset;
//  3. the page prints the very clock time that the markup calls UTC, without a
//     zone, in a country that does not live by UTC: the two contradict each
//     other, and the time is given without an offset.
//
// A midnight that only markup knows is a day (see wholeDay).
func (s *story) zoned(d *dated) *dated {
	switch {
	case d == nil || !d.Time.Clock:
		return d
	case s.wholeDay(d):
		return retimed(d, func(t when.Time) when.Time { return t.Date() })
	case d.Time.Zoned && d.Time.Offset != 0:
		return d
	}
	for i := range s.dates {
		e := &s.dates[i]
		if e.Time.Clock && e.Time.Zoned && e.Time.Offset != 0 && e.weight >= 3 && sameWall(e.Time, d.Time) {
			return retimed(d, func(t when.Time) when.Time { t.Zoned, t.Offset = true, e.Time.Offset; return t })
		}
	}
	if !d.Time.Zoned {
		return d
	}
	return s.zonedByPrint(d)
}

// zonedByPrint holds a time in UTC against those that the page prints.
func (s *story) zonedByPrint(d *dated) *dated {
	contradicted := false
	for i := range s.printed {
		e := &s.printed[i]
		if e.YearGuessed || e.Role == readers.Other || !e.Time.Clock || e.Time.Zoned || s.printedWeight(e).sum < 3 {
			continue
		}
		if sameWall(e.Time, d.Time) {
			contradicted = contradicted || (e.Role == readers.Modified) == (d.Role == readers.Modified)
			continue
		}
		if diff, ok := offsetBetween(e.Time, d.Time); ok {
			return retimed(d, func(t when.Time) when.Time { return t.In(diff) })
		}
	}
	if day, ok := s.dayBegun(d); ok {
		return retimed(d, func(when.Time) when.Time { return day })
	}
	if contradicted && !s.livesByUTC() {
		return retimed(d, func(t when.Time) when.Time { t.Zoned = false; return t })
	}
	return d
}

// dayBegun is the printed day that begins, somewhere east, at an instant in UTC
// that is on the hour: what publishing systems store for a day without a time. A
// day that the page's head may show each day is none, and where the page prints
// the instant's own day too, or the instant with its time, that is what it means.
func (s *story) dayBegun(d *dated) (day when.Time, ok bool) {
	for i := range s.printed {
		e := &s.printed[i]
		if e.YearGuessed || e.Role == readers.Other || (e.Role == readers.Modified) != (d.Role == readers.Modified) || s.mastheadDay(e) || s.printedWeight(e).sum < 1 {
			continue
		}
		switch {
		case e.Time.Clock:
			if e.Time.Zoned && e.Time.Instant().Sub(d.Time.Instant()).Abs() < time.Minute {
				return day, false
			}
		case e.Time.SameDay(d.Time):
			return day, false
		case localMidnight(e.Time, d.Time):
			day, ok = e.Time, true
		}
	}
	return day, ok
}

// localMidnight tells whether an instant in UTC is the midnight at which a day
// begins somewhere east.
func localMidnight(day, utc when.Time) bool {
	diff := day.Instant().Sub(utc.Instant())
	return utc.Minute%30 == 0 && utc.Second == 0 && utc.Nano == 0 && diff > 0 && diff <= 14*time.Hour
}

// wholeDay tells whether a time is a midnight that stands for a day: markup gives
// it to the second, and nothing on the page shows midnight.
func (s *story) wholeDay(d *dated) bool {
	if !midnight(d.Time) || d.siteZone || d.From == "printed" {
		return false
	}
	for i := range s.printed {
		if e := &s.printed[i]; e.Time.Clock && midnight(e.Time) && e.Time.SameDay(d.Time) {
			return false
		}
	}
	return true
}

func midnight(t when.Time) bool {
	return t.Clock && t.Hour == 0 && t.Minute == 0 && t.Second == 0 && t.Nano == 0
}

func retimed(d *dated, f func(when.Time) when.Time) *dated {
	out := *d
	out.Time = f(d.Time)
	return &out
}

// sameWall tells whether two times show the same day, hour and minute.
func sameWall(a, b when.Time) bool {
	return a.SameDay(b) && a.Hour == b.Hour && a.Minute == b.Minute
}

// offsetBetween is the offset, in seconds east, at which a clock shows wall at
// an instant in UTC: of half hours, within what the world uses.
func offsetBetween(wall, utc when.Time) (int, bool) {
	wall.Zoned, wall.Offset, wall.Second, wall.Nano = true, 0, 0, 0
	utc.Second, utc.Nano = 0, 0
	diff := int(wall.Instant().Sub(utc.Instant()) / time.Second)
	if diff%3600 != 0 {
		switch diff {
		case -34200, -12600, -9000, 12600, 16200, 19800, 20700, 23400, 34200, 37800:
			return diff, true // the half hours, and Nepal's quarter, that clocks go by
		}
		return 0, false
	}
	return diff, diff != 0 && diff >= -12*3600 && diff <= 14*3600
}

// livesByUTC tells whether a site is of a country whose clocks show UTC, at
// least in winter, or of no country.
func (s *story) livesByUTC() bool {
	host := "." + registrableDomain(s.p.URL)
	for _, tld := range []string{".uk", ".ie", ".pt", ".is", ".gh", ".sn", ".ci", ".ml", ".gm", ".sl", ".lr", ".mr", ".tg", ".bf"} {
		if strings.HasSuffix(host, tld) {
			return true
		}
	}
	switch lang := strings.ToLower(s.language()); lang {
	case "en-gb", "en-ie", "pt-pt", "is", "is-is", "ga", "cy", "gd":
		return true
	case "", "en", "en-us":
		// Sites that write for the world print UTC as often as local time.
		label := host[strings.LastIndexByte(host, '.')+1:]
		return len(label) > 2
	}
	return false
}
