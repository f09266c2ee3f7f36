package extractor

import (
	"strings"

	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// settleOrder reads dates such as 3/4/2024 again where the page shows in which
// order it writes day and month: by a date that can be read in one way only, or
// by another source that names the day of the other reading and none that names
// the day of this.
func (s *story) settleOrder() {
	shown := s.shownOrder()
	for i := range s.dates {
		d := &s.dates[i]
		if d.Swapped == nil {
			continue
		}
		if wrong := shown != when.NoOrder && (shown == when.MonthFirst) != s.options().MonthFirst; wrong || shown == when.NoOrder && s.named(*d.Swapped, d) && !s.named(d.Time, d) {
			if !s.future(*d.Swapped) {
				other := d.Time
				d.Time, d.Swapped = *d.Swapped, &other
			}
		}
	}
}

// shownOrder is the order of the page's dates in numbers that can be read in one
// way only, if all agree.
func (s *story) shownOrder() when.Order {
	order := when.NoOrder
	for i := range s.dates {
		switch o := s.dates[i].Order; {
		case o == when.NoOrder:
		case order != when.NoOrder && o != order:
			return when.NoOrder
		default:
			order = o
		}
	}
	return order
}

// named tells whether a source that cannot be read in two ways, and is of
// another kind than d, gives a day.
func (s *story) named(t when.Time, d *dated) bool {
	for i := range s.dates {
		e := &s.dates[i]
		if e != d && e.Swapped == nil && e.Role != readers.Other && e.weight >= 2 && e.Time.SameDay(t) && (sourceKind(e.From) != sourceKind(d.From) || strings.HasPrefix(e.From, "printed")) {
			return true
		}
	}
	return false
}
