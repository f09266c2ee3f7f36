package progress

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// thin parts the thousands of a count: U+2009, as the SI writes numbers.
const thin = "\u2009"

// Count writes a number with thin spaces between its thousands: 12 345 678.
func Count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, digits = "-", digits[1:]
	}
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(thin)
		}
		b.WriteRune(digit)
	}
	return sign + b.String()
}

// Bytes writes a size in decimal units with three digits: 64 B, 1.50 kB,
// 12.3 MB, 1.07 GB.
func Bytes(n int64) string {
	if n < 0 {
		return "-" + Bytes(max(-n, 0))
	}
	if n < 1000 {
		return strconv.FormatInt(n, 10) + " B"
	}
	value, unit := float64(n), 0
	for value >= 999.5 && unit < 6 {
		value /= 1000
		unit++
	}
	return threeDigits(value) + " " + [...]string{"B", "kB", "MB", "GB", "TB", "PB", "EB"}[unit]
}

// threeDigits writes 0 to 999 with three significant digits.
func threeDigits(value float64) string {
	switch {
	case value < 9.995:
		return strconv.FormatFloat(value, 'f', 2, 64)
	case value < 99.95:
		return strconv.FormatFloat(value, 'f', 1, 64)
	}
	return strconv.FormatFloat(value, 'f', 0, 64)
}

// Duration writes a span of time in its two largest units: 12 s, 3m 05s,
// 1h 02m, 2d 04h; below ten seconds with a tenth, below one in milliseconds.
func Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Duration(max(-d, 0))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Truncate(100*time.Millisecond).Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh %02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd %02dh", d/(24*time.Hour), d%(24*time.Hour)/time.Hour)
}

// Rate writes pages a second: 0.25, 8.4, 120.
func Rate(perSecond float64) string {
	switch {
	case !(perSecond > 0): // not a number either
		return "0"
	case perSecond < 0.995:
		return strconv.FormatFloat(perSecond, 'f', 2, 64)
	case perSecond < 99.95:
		return strconv.FormatFloat(perSecond, 'f', 1, 64)
	case perSecond < 1e15:
		return Count(int64(perSecond + 0.5))
	}
	return "∞"
}
