package when

import "time"

// fromPersian turns a Solar Hijri day into a Gregorian one, by the 33-year rule
// of leap years, which holds from 1244 to 1473 (1865 to 2095).
func fromPersian(year, month, day int) (int, int, int, bool) {
	if year < 1300 || year > 1470 || month < 1 || month > 12 || day < 1 || day > 31 {
		return 0, 0, 0, false
	}
	// 1 Farvardin 1375 was 20 March 1996; count days from there.
	days := 0
	for y := 1375; y < year; y++ {
		days += persianYear(y)
	}
	for y := year; y < 1375; y++ {
		days -= persianYear(y)
	}
	if month <= 7 {
		days += (month - 1) * 31
	} else {
		days += 6*31 + (month-7)*30
	}
	t := time.Date(1996, 3, 20, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days+day-1)
	return t.Year(), int(t.Month()), t.Day(), true
}

func persianYear(y int) int {
	switch y % 33 {
	case 1, 5, 9, 13, 17, 22, 26, 30:
		return 366
	}
	return 365
}

// eraYears are the years before the first of each Japanese era, and before the
// first of the Minguo calendar.
var eraYears = map[string]int{"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911, "中華民國": 1911}
