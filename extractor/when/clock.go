package when

// clock looks for a time of day right after the date, then right before it (but
// not before the token floor, up to which another date reaches), and for the
// zone after the time. first and next bound the tokens taken.
func (p *finder) clock(d Printed, first, next, floor int) (Printed, int, int) {
	for j, skipped := next, 0; j < len(p.toks) && skipped <= 4; j, skipped = j+1, skipped+1 {
		if t, end, ok := p.timeAt(d.Time, j, skipped == 0); ok {
			d.Time = t
			return d, first, end
		}
		if !p.between(j) {
			break
		}
	}
	for back := 2; back <= 9 && first-back >= floor; back++ {
		t, end, ok := p.timeAt(d.Time, first-back, true)
		if !ok || end > first || p.tok(first-back-1).kind == symbol && p.tok(first-back-1).in(": . /") {
			continue
		}
		gap := true
		for j := end; j < first; j++ {
			gap = gap && p.between(j)
		}
		if gap {
			d.Time = t
			return d, first - back, next
		}
	}
	return d, first, next
}

// between tells whether a token may stand between a date and its time.
func (p *finder) between(j int) bool {
	t := p.tok(j)
	if t.kind == symbol {
		return t.in(", . - | / ( · • ∙ ― @ : [ ; ') ~ > * ) ]")
	}
	return t.in("at um à a las às alle ore kl klo kell v o в о на ve ob u ora om uur h den dem the on jam saat time lúc um pada pukul jam uhr " +
		"monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun " +
		"montag dienstag mittwoch donnerstag freitag samstag sonntag mo di mi do fr sa so lunes martes miércoles jueves viernes sábado domingo " +
		"lundi mardi mercredi jeudi vendredi samedi dimanche pazartesi salı çarşamba perşembe cuma cumartesi pazar " +
		"godz години година г год р року ч год kello klukkan kl klokken de la d del clock time τις στις ώρα الساعة ساعت בשעה เวลา 木 金 土 火 水")
}

// timeAt reads a time of day at token j: 10:39, 10:39:05, 10.39 Uhr, 10h39,
// 10 Uhr, 10:39 a.m., 午後10時39分. near tells that a date stands right beside.
func (p *finder) timeAt(d Time, j int, near bool) (Time, int, bool) {
	h := noHalf
	switch t := p.tok(j); {
	case t.in("午前 上午 오전 凌晨 早上"):
		h, j = am, j+1
	case t.in("午後 下午 오후 晚上 中午"):
		h, j = pm, j+1
	}
	hour := p.tok(j)
	if hour.kind != number || hour.digits > 2 || hour.value > 24 {
		return d, 0, false
	}
	t := d
	t.Hour, t.Clock = hour.value, true
	sep, minute := p.tok(j+1), p.tok(j+2)
	next := j
	switch {
	case sep.in(": h u 時 时 시 點 点 ः") && minute.kind == number && minute.digits == 2 && minute.value < 60:
		t.Minute, next = minute.value, j+3
		if p.tok(next).in("分 분") {
			next++
		}
		if s := p.tok(next + 1); p.tok(next).is(":") && s.kind == number && s.digits == 2 && s.value < 60 {
			t.Second, t.Seconds, next = s.value, true, next+2
		}
	case sep.in("h 時 시 点 點 時頃") && !p.tok(j).spaced && (h != noHalf || sep.is("h") && !p.tok(j+1).spaced || !sep.is("h")):
		next = j + 2
	case sep.is("uhr"):
		next = j + 2
	case sep.is(".") && !minute.spaced && minute.kind == number && minute.digits == 2 && minute.value < 60 && (near && hour.digits == 2 && j > 0 || p.dottedClock(j)):
		t.Minute, next = minute.value, j+3
	case sep.in("am pm a p") && p.halfAt(j+1) != noHalf:
		next = j + 1
	default:
		return d, 0, false
	}
	if half := p.halfAt(next); half != noHalf {
		h = half
		next = p.skipHalf(next)
	}
	t.Hour = h.hour(t.Hour)
	if t.Hour == 24 {
		return d, 0, false
	}
	if p.tok(next).in("uhr h uur hrs ч น น. 時 klo") {
		next++
	}
	return p.zone(t, next)
}

// dottedClock tells whether 10.39 at token j is a time: a clock word stands
// beside it, and no further number follows.
func (p *finder) dottedClock(j int) bool {
	if p.tok(j+3).is(".") && p.tok(j+4).kind == number {
		return false
	}
	if p.tok(j + 3).in("uhr h am pm a p uur น") {
		return true
	}
	for back := 1; back <= 2; back++ {
		if p.tok(j - back).in("kl klo um at ore alle kello klokken klukkan om saat à à ora jam pukul pkl , | - –") {
			return p.tok(j+2).digits == 2 && p.tok(j).digits == 2 || !p.tok(j-back).in(", | - –")
		}
	}
	return false
}

func (p *finder) halfAt(j int) half {
	t := p.tok(j)
	switch {
	case t.in("am π.μ πμ صباحا صباحاً ص öö"):
		return am
	case t.in("pm μ.μ μμ مساء مساءً م ös"):
		return pm
	case t.is("a") && p.tok(j+1).is(".") && p.tok(j+2).is("m"):
		return am
	case t.is("p") && p.tok(j+1).is(".") && p.tok(j+2).is("m"):
		return pm
	}
	return noHalf
}

func (p *finder) skipHalf(j int) int {
	if !p.tok(j).in("a p") {
		return j + 1
	}
	j += 3
	if p.tok(j).is(".") {
		j++
	}
	return j
}

// zone reads a zone that follows the time.
func (p *finder) zone(t Time, next int) (Time, int, bool) {
	at := len(p.text)
	if next < len(p.toks) {
		at = p.toks[next].start
	}
	if at > maxText || next >= len(p.toks) {
		return t, next, true
	}
	if tk := p.tok(next); tk.is("-") && (tk.spaced || p.tok(next+1).digits != 4 && p.tok(next+1).digits != 2) {
		return t, next, true // a dash between two times, not a minus
	}
	offset, size, ok := zoneAt(p.text[at:min(len(p.text), at+24)], t)
	if !ok {
		return t, next, true
	}
	t.Zoned, t.Offset = true, offset
	for next < len(p.toks) && p.toks[next].start < at+size {
		next++
	}
	return t, next, true
}
