package when

import (
	"strings"
	"time"
)

// zoneNames are abbreviations that pages print, in minutes east of UTC. A name
// that means different offsets in different countries is left out unless the
// one of news pages is clear.
var zoneNames = map[string]int{
	"z": 0, "utc": 0, "gmt": 0, "wet": 0, "uct": 0,
	"bst": 60, "west": 60, "cet": 60, "mez": 60, "met": 60, "wat": 60,
	"cest": 120, "mesz": 120, "mest": 120, "eet": 120, "sast": 120, "cat": 120, "hnec": 60, "heec": 120,
	"eest": 180, "msk": 180, "мск": 180, "trt": 180, "eat": 180, "idt": 180, "ast": 180,
	"irst": 210, "gst": 240, "pkt": 300, "uzt": 300, "ist": 330, "npt": 345, "bdt": 360,
	"mmt": 390, "azt": 240, "ict": 420, "wib": 420, "wita": 480, "hkt": 480, "sgt": 480, "myt": 480, "pht": 480, "awst": 480, "wit": 540,
	"jst": 540, "kst": 540, "acst": 570, "aest": 600, "acdt": 630, "aedt": 660, "nzst": 720, "nzdt": 780,
	"nst": -210, "ndt": -150, "brt": -180, "art": -180, "clst": -180, "clt": -240, "adt": -180, "cot": -300, "pet": -300,
	"est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
	"hae": -240, "hne": -300, "hac": -300, "hnc": -360, "har": -360, "hnr": -420, "hap": -420, "hnp": -480, "haa": -180, "hna": -240,
	"akst": -540, "akdt": -480, "hst": -600,
}

// americanZones are names that leave daylight saving to the date.
var americanZones = map[string]int{"et": -300, "ct": -360, "mt": -420, "pt": -480}

// ZoneOffset reads a zone at the start of s: Z, +01:00, +0100, +1, GMT+2, UTC,
// or an abbreviation. The offset is in seconds east of UTC.
func ZoneOffset(s string, t Time) (offset int, ok bool) {
	offset, _, ok = zoneIn(s, t, "")
	return offset, ok
}

// localZones are names that mean another offset in the language of a page.
var localZones = map[string]map[string]int{
	"zh": {"cst": 480}, "he": {"ist": 120}, "ga": {"ist": 60}, "bn": {"bst": 360},
}

// zoneIn also looks at the page's language, and tells how many bytes of s the
// zone takes.
func zoneIn(s string, t Time, lang string) (offset, size int, ok bool) {
	start := 0
	for start < len(s) && (s[start] == ' ' || s[start] == '(') {
		start++
	}
	end := start
	for end < len(s) && (letter(s[end]) || s[end] >= 0x80) {
		end++
	}
	word := strings.ToLower(s[start:end])
	if word == "" || word == "gmt" || word == "utc" {
		if offset, n, ok := numericZone(s[end:]); ok {
			return offset, end + n, true
		}
	}
	if word == "" {
		return 0, 0, false
	}
	if minutes, found := localZones[lang][word]; found {
		return minutes * 60, end, true
	}
	if minutes, found := zoneNames[word]; found {
		return minutes * 60, end, true
	}
	if minutes, found := americanZones[word]; found && s[start:end] == strings.ToUpper(s[start:end]) && t.Year > 0 {
		if americanSummer(t) {
			minutes += 60
		}
		return minutes * 60, end, true
	}
	return 0, 0, false
}

func numericZone(s string) (offset, size int, ok bool) {
	c := &scanner{s: s}
	for c.any(" ") {
	}
	sign := 1
	switch {
	case c.any("+"):
	case c.any("-"):
		sign = -1
	case strings.HasPrefix(c.rest(), "\u2212"):
		c.at += len("\u2212")
		sign = -1
	default:
		return 0, 0, false
	}
	start := c.at
	hours, ok := c.digits(1, 2)
	if !ok {
		return 0, 0, false
	}
	minutes := 0
	if c.any(":") || c.at-start == 2 {
		if m, ok := c.digits(2, 2); ok {
			minutes = m
		}
	}
	if hours > 14 || minutes > 59 {
		return 0, 0, false
	}
	return sign * (hours*3600 + minutes*60), c.at, true
}

// americanSummer tells whether daylight saving runs in the United States: from
// the second Sunday of March to the first of November (Energy Policy Act of
// 2005; before 2007 from the first Sunday of April to the last of October).
func americanSummer(t Time) bool {
	from, to := nthSunday(t.Year, 3, 2), nthSunday(t.Year, 11, 1)
	if t.Year < 2007 {
		from, to = nthSunday(t.Year, 4, 1), nthSunday(t.Year, 11, 1).AddDate(0, 0, -7)
	}
	w := t.wall()
	return !w.Before(from.Add(2*time.Hour)) && w.Before(to.Add(2*time.Hour))
}

func nthSunday(year, month, nth int) time.Time {
	first := time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC)
	return first.AddDate(0, 0, (7-int(first.Weekday()))%7+7*(nth-1))
}
