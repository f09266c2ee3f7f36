package readers

import (
	"regexp"
	"strconv"

	"newsreel/extractor/when"
)

var (
	urlSlashed = regexp.MustCompile(`[/_-]((?:19|20)\d\d)[/_.-](0?[1-9]|1[0-2])[/_.-](0?[1-9]|[12]\d|3[01])(?:[/_.?-]|$)`)
	urlSolid   = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?:[^0-9]|$|[0-9]{6}(?:[^0-9]|$))`)
	urlPacked  = regexp.MustCompile(`/((?:19|20)\d\d)/(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])/`)
	urlSection = regexp.MustCompile(`/((?:19|20)\d\d)/[A-Za-z][A-Za-z._-]{1,30}/(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])/`)
	urlNamed   = regexp.MustCompile(`/((?:19|20)\d\d)/(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*/(0?[1-9]|[12]\d|3[01])(?:/|$)`)
)

// URLDate is the day that an address names, as /2016/09/05/, /2016/0905/,
// /2016/WORLD/09/05/ and 20160905 do.
func URLDate(u string) (Date, bool) {
	if len(u) > 4096 {
		u = u[:4096]
	}
	d := Date{From: "url", Role: Published, Block: -1}
	for _, re := range []*regexp.Regexp{urlSlashed, urlNamed, urlPacked, urlSection, urlSolid} {
		m := re.FindStringSubmatch(u)
		if m == nil {
			continue
		}
		year, _ := strconv.Atoi(m[1])
		month, err := strconv.Atoi(m[2])
		if err != nil {
			month = map[string]int{"jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}[m[2]]
		}
		day, _ := strconv.Atoi(m[3])
		d.Time = when.Time{Year: year, Month: month, Day: day}
		if d.Time.Valid() {
			return d, true
		}
	}
	return d, false
}
