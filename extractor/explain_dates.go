package extractor

import (
	"fmt"

	"newsreel/extractor/readers"
)

// dateCandidate puts a date in words.
func dateCandidate(d *dated) Candidate {
	c := Candidate{Value: d.Time.String(), From: d.From, Weight: d.weight, Evidence: d.why}
	if d.Text != "" {
		c.Value += fmt.Sprintf(" (%q)", d.Text)
	}
	return c
}

// noteRefused notes a date that cannot be the page's.
func (s *story) noteRefused(d *dated, why string) {
	if !s.why.asked() {
		return
	}
	c := dateCandidate(d)
	c.Refused = why
	field := "published"
	if d.Role == readers.Modified {
		field = "modified"
	}
	s.why.candidate(field, c)
}

// noteDates notes what was weighed for the dates, and what the days gathered.
func (s *story) noteDates(best, modified *dated, days map[string]float64) {
	if !s.why.asked() {
		return
	}
	for i := range s.dates {
		d := &s.dates[i]
		c := dateCandidate(d)
		if d.Role == readers.Modified {
			c.Chosen = d == modified
			s.why.candidate("modified", c)
			continue
		}
		c.Chosen, c.Refused = d == best, d.unfit()
		if support, ok := days[d.Time.Date().String()]; ok && c.Refused == "" {
			c.Evidence = append(c.Evidence, Evidence{What: fmt.Sprintf("its day gathers %.2f", support)})
		}
		s.why.candidate("published", c)
	}
	if best != nil {
		s.why.at("published", best.Node)
	}
	switch {
	case best != nil:
		s.why.because("published", "the day that most speaks for (the best of each kind of source, a quarter of each further one); of its sources the heaviest that knows the time of day")
	case modified != nil:
		s.why.because("published", "only the date of a change says enough")
	default:
		s.why.because("published", "no date on the page can be the article's")
	}
	if modified != nil {
		s.why.because("modified", "the heaviest of the dates that are said to be of a change")
	}
}

// noteZone notes that a time was given another zone than its source stated.
func (s *story) noteZone(field string, before, after *dated) {
	if !s.why.asked() || before == after {
		return
	}
	why := "; its markup calls a local time UTC, and another source gives the same clock time with an offset: that holds"
	switch {
	case after.siteZone:
		why = "; a site rule gives the zone of its clocks"
	case !after.Time.Zoned:
		why = "; its markup calls UTC the very clock time that the page prints: the two contradict each other, and the time is given without a zone"
	case after.Time.Instant().Equal(before.Time.Instant()):
		why = "; the page prints the same instant at another clock time, and so tells its zone"
	}
	d := s.why.field(field)
	d.Reason += why
}
