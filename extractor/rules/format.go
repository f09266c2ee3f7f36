package rules

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones are the same on machines that have no table of them

	"newsreel/extractor/when"
)

// Format is how a site writes dates, in the letters DD, MM, YYYY and so on:
//
//	YYYY YY   year, of four figures or two
//	MMM       month's name in the page's language, whole or short
//	MM M      month's number
//	DD D      day
//	HH H      hour of 24
//	hh h a    hour of 12, and AM or PM
//	mm ss     minute, second
//	Z         offset, as +02:00, +0200 or Z
//
// Of numbers the form with one letter and that with two read the same. A space
// stands for any white space or none; what else stands in a format must stand
// in the date. Letters in [brackets] are taken as they are: DD [de] MMM.
type Format struct {
	text  string
	re    *regexp.Regexp
	parts []string
}

var formatParts = []struct{ letters, re string }{
	{"YYYY", `(\d{4})`}, {"YY", `(\d{2})`},
	{"MMM", `([\pL\pM]+\.?)`}, {"MM", `(\d{1,2})`}, {"M", `(\d{1,2})`},
	{"DD", `(\d{1,2})`}, {"D", `(\d{1,2})`},
	{"HH", `(\d{1,2})`}, {"H", `(\d{1,2})`}, {"hh", `(\d{1,2})`}, {"h", `(\d{1,2})`},
	{"mm", `(\d{2})`}, {"ss", `(\d{2})`},
	{"a", `([AaPp]\.?[Mm]\.?)`}, {"Z", `(Z|[+-]\d{2}:?\d{2})`},
}

// ParseFormat reads a format.
func ParseFormat(text string) (*Format, error) {
	if len(text) > 200 {
		return nil, fmt.Errorf("longer than 200 bytes")
	}
	f := &Format{text: text}
	var re strings.Builder
	for rest := text; rest != ""; {
		part, size, err := f.next(rest)
		if err != nil {
			return nil, err
		}
		re.WriteString(part)
		rest = rest[size:]
	}
	have := map[string]bool{}
	for _, p := range f.parts {
		key := p[:1]
		if have[key] {
			return nil, fmt.Errorf("%s stands twice", p)
		}
		have[key] = true
	}
	switch {
	case !have["Y"] || !have["M"] || !have["D"]:
		return nil, fmt.Errorf("a date needs year, month and day: YYYY, MM, DD")
	case have["H"] && have["h"], have["a"] && !have["h"], (have["m"] || have["s"]) && !have["H"] && !have["h"], have["s"] && !have["m"]:
		return nil, fmt.Errorf("the time of day is HH:mm, HH:mm:ss or hh:mm a")
	}
	compiled, err := regexp.Compile(re.String())
	if err != nil {
		return nil, fmt.Errorf("%q: %w", text, err)
	}
	f.re = compiled
	return f, nil
}

// next is the pattern of what a format begins with, and its size.
func (f *Format) next(rest string) (pattern string, size int, err error) {
	switch rest[0] {
	case '[':
		end := strings.IndexByte(rest, ']')
		if end < 0 {
			return "", 0, fmt.Errorf("] is missing after %q", rest)
		}
		return regexp.QuoteMeta(rest[1:end]), end + 1, nil
	case ' ':
		return `\s*`, 1, nil
	}
	for _, p := range formatParts {
		if strings.HasPrefix(rest, p.letters) {
			f.parts = append(f.parts, p.letters)
			return p.re, len(p.letters), nil
		}
	}
	if 'A' <= rest[0]&^0x20 && rest[0]&^0x20 <= 'Z' && rest[0] < 0x80 && rest[0] != 'T' {
		return "", 0, fmt.Errorf("%q stands for nothing; write words in [brackets]", rest[:1])
	}
	return regexp.QuoteMeta(rest[:1]), 1, nil
}

// Read finds the first date that is written so in a text. lang is the page's
// language, for the names of months.
func (f *Format) Read(text, lang string) (t when.Time, printed string, ok bool) {
	if len(text) > 4096 {
		text = text[:4096]
	}
	m := f.re.FindStringSubmatch(text)
	if m == nil {
		return t, "", false
	}
	half := ""
	for i, part := range f.parts {
		v := m[i+1]
		n, _ := strconv.Atoi(v)
		switch part {
		case "YYYY":
			t.Year = n
		case "YY":
			t.Year = 2000 + n
			if n >= 90 {
				t.Year = 1900 + n
			}
		case "MMM":
			t.Month = monthNamed(v, lang)
		case "MM", "M":
			t.Month = n
		case "DD", "D":
			t.Day = n
		case "HH", "H", "hh", "h":
			t.Hour, t.Clock = n, true
		case "mm":
			t.Minute = n
		case "ss":
			t.Second, t.Seconds = n, true
		case "a":
			half = strings.ToLower(v[:1])
		case "Z":
			t.Offset, t.Zoned = offsetOf(v), true
		}
	}
	switch {
	case half == "p" && t.Hour < 12:
		t.Hour += 12
	case half == "a" && t.Hour == 12:
		t.Hour = 0
	}
	return t, m[0], t.Valid()
}

// monthNamed is the number of a month's name, 0 for none.
func monthNamed(name, lang string) int {
	found := when.Find("5 "+strings.TrimSuffix(name, ".")+" 2020", when.Options{Lang: lang})
	if len(found) != 1 {
		return 0
	}
	return found[0].Time.Month
}

// offsetOf is +02:00 in seconds.
func offsetOf(s string) int {
	if s == "Z" {
		return 0
	}
	digits := strings.ReplaceAll(s[1:], ":", "")
	hours, _ := strconv.Atoi(digits[:2])
	minutes, _ := strconv.Atoi(digits[2:])
	seconds := hours*3600 + minutes*60
	if s[0] == '-' {
		return -seconds
	}
	return seconds
}

// Zone is the zone of a site's clocks.
type Zone struct {
	text string
	loc  *time.Location
}

var fixedZone = regexp.MustCompile(`^[+-]\d{2}:?\d{2}$`)

// ParseZone reads the name of a zone of the tz database (Europe/Berlin), UTC, or
// an offset (+02:00).
func ParseZone(text string) (*Zone, error) {
	if fixedZone.MatchString(text) {
		return &Zone{text, time.FixedZone(text, offsetOf(text))}, nil
	}
	if text == "" || text == "Local" {
		return nil, fmt.Errorf("%q is no zone; write one such as Europe/Berlin or +02:00", text)
	}
	loc, err := time.LoadLocation(text)
	if err != nil {
		return nil, fmt.Errorf("%q is no zone of the tz database, such as Europe/Berlin, and no offset, such as +02:00", text)
	}
	return &Zone{text, loc}, nil
}

// Apply gives a time of day without a zone this one's offset on that day; others
// stay as they are.
func (z *Zone) Apply(t when.Time) when.Time {
	if z == nil || !t.Clock || t.Zoned {
		return t
	}
	_, t.Offset = time.Date(t.Year, time.Month(t.Month), t.Day, t.Hour, t.Minute, t.Second, 0, z.loc).Zone()
	t.Zoned = true
	return t
}
