package when

import (
	"strconv"
	"strings"
	"time"
)

// Machine reads a date in the forms that markup gives it: ISO 8601 and RFC 3339
// with their usual slips (a space for the T, `+0100`, no seconds, basic form),
// RFC 1123, what JavaScript's Date prints, and Unix times in seconds or
// milliseconds. ok is false where s is in no such form.
func Machine(s string) (t Time, ok bool) {
	s = strings.Trim(strings.TrimSpace(s), `"'`)
	if len(s) < 8 || len(s) > 80 {
		return Time{}, false
	}
	if t, ok := iso(s); ok {
		return t, t.Valid()
	}
	if t, ok := unix(s); ok {
		return t, t.Valid()
	}
	return Time{}, false
}

// scanner reads digits and literals of a date from the left.
type scanner struct {
	s  string
	at int
}

func (c *scanner) digits(least, most int) (int, bool) {
	start, v := c.at, 0
	for c.at < len(c.s) && c.at-start < most && '0' <= c.s[c.at] && c.s[c.at] <= '9' {
		v = v*10 + int(c.s[c.at]-'0')
		c.at++
	}
	if c.at-start < least {
		c.at = start
		return 0, false
	}
	return v, true
}

func (c *scanner) any(set string) bool {
	if c.at < len(c.s) && strings.IndexByte(set, c.s[c.at]) >= 0 {
		c.at++
		return true
	}
	return false
}

func (c *scanner) rest() string { return c.s[c.at:] }

func iso(s string) (t Time, ok bool) {
	c := &scanner{s: s}
	if t.Year, ok = c.digits(4, 4); !ok {
		return t, false
	}
	dash := c.any("-/.")
	if t.Month, ok = c.digits(1, 2); !ok {
		return t, false
	}
	if dash != c.any("-/.") {
		return t, false
	}
	if t.Day, ok = c.digits(1, 2); !ok {
		return t, false
	}
	if c.rest() == "" {
		return t, true
	}
	if !dash && (len(c.rest()) == 4 || len(c.rest()) == 6) {
		return c.compact(t)
	}
	if !c.any("Tt _") {
		return t, c.rest()[0] == 'Z' || c.rest()[0] == '+'
	}
	for c.any(" Tt") {
	}
	if t.Hour, ok = c.digits(1, 2); !ok {
		return t, strings.HasPrefix(strings.TrimSpace(c.rest()), "-")
	}
	colon := c.any(":.")
	if t.Minute, ok = c.digits(2, 2); !ok {
		t.Hour = 0
		return t, true
	}
	t.Clock = true
	if colon && c.any(":.") || !colon {
		if t.Second, ok = c.digits(1, 2); ok {
			t.Seconds = true
			t.Nano = c.fraction()
		}
	}
	if t.Hour == 24 && t.Minute == 0 {
		t.Hour, t.Minute = 23, 59
	}
	zone := strings.TrimSpace(c.rest())
	if half, rest, found := meridiem(zone); found {
		t.Hour, zone = half.hour(t.Hour), rest
	}
	if offset, found := ZoneOffset(zone, t); found {
		t.Zoned, t.Offset = true, offset
	}
	return t, true
}

// compact reads the clock of a date without any signs: 202306211745,
// 20230621174502.
func (c *scanner) compact(t Time) (Time, bool) {
	var found bool
	if t.Hour, found = c.digits(2, 2); !found {
		return t, false
	}
	if t.Minute, found = c.digits(2, 2); !found {
		return t, false
	}
	if c.rest() != "" {
		if t.Second, t.Seconds = c.digits(2, 2); !t.Seconds {
			return t, false
		}
	}
	t.Clock = true
	return t, true
}

func (c *scanner) fraction() int {
	if !c.any(".,:") {
		return 0
	}
	start := c.at
	for c.at < len(c.s) && '0' <= c.s[c.at] && c.s[c.at] <= '9' {
		c.at++
	}
	digits := (c.s[start:c.at] + "000000000")[:9]
	n, _ := strconv.Atoi(digits)
	return n
}

type half int

const (
	noHalf half = iota
	am
	pm
	// atNight is the half around midnight: ten at night is 22, two at night 2.
	atNight
)

func (h half) hour(hour int) int {
	switch {
	case h == pm && hour < 12, h == atNight && hour >= 6 && hour < 12:
		return hour + 12
	case (h == am || h == atNight) && hour == 12:
		return 0
	}
	return hour
}

func meridiem(s string) (h half, rest string, ok bool) {
	low := strings.ToLower(s)
	for _, m := range []struct {
		word string
		half half
	}{{"am", am}, {"a.m.", am}, {"pm", pm}, {"p.m.", pm}} {
		if strings.HasPrefix(low, m.word) && (len(low) == len(m.word) || !letter(low[len(m.word)])) {
			return m.half, strings.TrimSpace(s[len(m.word):]), true
		}
	}
	return noHalf, s, false
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// unix reads seconds (10 digits) or milliseconds (13) since 1970.
func unix(s string) (Time, bool) {
	if len(s) != 10 && len(s) != 13 {
		return Time{}, false
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return Time{}, false
	}
	if len(s) == 13 {
		return FromGo(time.UnixMilli(n).UTC()), true
	}
	return FromGo(time.Unix(n, 0).UTC()), true
}
