package extractor

import (
	"strings"
	"time"

	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// zoned settles the zone of a time that markup states in UTC by what else the
// page says:
//
//  1. another source gives the same clock time with an offset of its own: the
//     "Z" was stamped on local time, and the offset holds;
//  2. the page prints the same minute at another clock time, 00:38 UTC beside
//     "4:38 PM" the day before: the instant stands, at the page's own offset;
//  3. the page prints the very clock time that the markup calls UTC, without a
//     zone, in a country that does not live by UTC: the two contradict each
//     other, and the time is given without an offset.
func (s *story) zoned(d *dated) *dated {
	if d == nil || !d.Time.Clock || !d.Time.Zoned || d.Time.Offset != 0 {
		return d
	}
	for i := range s.dates {
		e := &s.dates[i]
		if e.Time.Clock && e.Time.Zoned && e.Time.Offset != 0 && e.weight >= 3 && sameWall(e.Time, d.Time) {
			return retimed(d, func(t when.Time) when.Time { t.Offset = e.Time.Offset; return t })
		}
	}
	contradicted := false
	for i := range s.printed {
		e := &s.printed[i]
		if !e.Time.Clock || e.Time.Zoned || e.YearGuessed || s.printedWeight(e) < 3 {
			continue
		}
		if sameWall(e.Time, d.Time) {
			contradicted = e.Role == readers.Modified == (d.Role == readers.Modified)
			continue
		}
		if diff, ok := offsetBetween(e.Time, d.Time); ok {
			return retimed(d, func(t when.Time) when.Time { return t.In(diff) })
		}
	}
	if contradicted && !s.livesByUTC() {
		return retimed(d, func(t when.Time) when.Time { t.Zoned = false; return t })
	}
	return d
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
	return diff, diff%1800 == 0 && diff != 0 && diff >= -12*3600 && diff <= 14*3600
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
