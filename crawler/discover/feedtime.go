package discover

import (
	"strings"
	"time"
)

// feedTime reads the dates of feeds (RFC 822 with four-digit years, RFC 3339,
// and what is near to them). The time is zero where no offset is known; the
// day is as written. A zone is never made up: of zone names only those are
// taken whose offset is beyond doubt.
func feedTime(s string) (t time.Time, day string) {
	s = strings.Join(strings.Fields(s), " ")
	if i := strings.IndexByte(s, ','); i > 0 && i <= len("Wednesday") {
		s = strings.TrimSpace(s[i+1:]) // the day's name may be wrong or foreign
	}
	if s == "" || len(s) > 64 {
		return time.Time{}, ""
	}
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		if offset, ok := zoneOffset(s[i+1:]); ok {
			s = s[:i+1] + offset
		}
	}
	for _, layout := range zonedLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, t.Format(time.DateOnly)
		}
	}
	for _, layout := range plainLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return time.Time{}, t.Format(time.DateOnly)
		}
	}
	return time.Time{}, ""
}

var zonedLayouts = []string{
	time.RFC3339, "2006-01-02T15:04:05Z0700", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05Z07:00",
	"2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700", "2 January 2006 15:04:05 -0700", "2 Jan 2006 15:04:05 -07:00",
	"2 Jan 06 15:04:05 -0700", "Jan 2, 2006 15:04:05 -0700", "Mon Jan 2 15:04:05 -0700 2006", "Mon Jan 2 15:04:05 2006 -0700",
}

var plainLayouts = []string{
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
	"2 Jan 2006 15:04:05", "2 Jan 2006 15:04", "2 Jan 2006", "2 January 2006", "January 2, 2006", "Jan 2, 2006",
	// With the name of a zone that is not known.
	"2 Jan 2006 15:04:05 MST", "2 Jan 2006 15:04 MST", "2006-01-02 15:04:05 MST",
}

// zoneOffset knows the zones of RFC 822 and some that are as clear.
func zoneOffset(name string) (string, bool) {
	switch strings.ToUpper(name) {
	case "GMT", "UT", "UTC", "Z", "WET":
		return "+0000", true
	case "EST", "CDT":
		return "-0500", true
	case "EDT":
		return "-0400", true
	case "CST", "MDT":
		return "-0600", true
	case "MST", "PDT":
		return "-0700", true
	case "PST":
		return "-0800", true
	case "CET":
		return "+0100", true
	case "CEST", "EET":
		return "+0200", true
	case "EEST", "MSK":
		return "+0300", true
	case "JST", "KST":
		return "+0900", true
	}
	return "", false
}
