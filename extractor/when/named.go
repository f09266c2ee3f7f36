package when

var (
	afterDay   = setOf(". º ° er st nd rd th re o a ª ا de of d ' ’ , - ngày e den / el ng an na mí ú an ik i - - م من شهر ב ان ی ta")
	afterMonth = setOf(", de del of do d - . / ' ’ พ.ศ. ค.ศ. พ ศ ปี year ឆ្នាំ năm عام سنة لعام لسنة سال ق של שנת року года г р yil жылы")
	afterYear  = setOf(". , m год г р года року gada g ko ko. ж жылғы жылы жылдын оны оны. - yil йил ел елның il ili ခုနှစ် ခု වසරේ r d nî salê an")
	dayEnds    = setOf("st nd rd th , . - / º ª an en a e ရက် ng")
)

// yearFirst reads 2016-09-05, 2016. szeptember 5., 2016年9月5日, 2016 оны 9-р
// сарын 5, 2024. gada 3. maijs.
func (p *finder) yearFirst(i int) (d Printed, next int, ok bool) {
	year := p.tok(i).value
	if d, next, ok := p.cjk(p.year(year), i+1); ok {
		return d, next, true
	}
	j := i + 1
	sep := p.tok(j)
	if sep.in("- / .") && p.tok(j+1).kind == number && p.tok(j+1).digits <= 2 && p.tok(j+2).is(sep.text) && p.tok(j+3).kind == number && p.tok(j+3).digits <= 2 {
		d.Time = p.calendar(year, p.tok(j+1).value, p.tok(j+3).value, false)
		next = j + 4
		if sep.is(".") && p.tok(next).is(".") {
			next++
		}
		if d.Time.Valid() {
			return d, next, true
		}
		return d, 0, false
	}
	j = p.skip(j, 3, afterYear)
	if m, end, found := p.month(j); found {
		day := p.tok(end)
		if day.kind == number && day.digits <= 2 && p.tok(end+1).text != ":" {
			d.Time = p.calendar(year, m.month, day.value, m.persian)
			next = end + 1
			if p.tok(next).in(". d") {
				next++
			}
			return d, next, d.Time.Valid()
		}
	}
	day := p.tok(j)
	if day.kind != number || day.digits > 2 {
		return d, 0, false
	}
	if m, end, found := p.month(p.skip(j+1, 2, afterDay)); found && j > i+1 {
		d.Time = p.calendar(year, m.month, day.value, m.persian)
		return d, end, d.Time.Valid()
	}
	return p.mongolian(year, j)
}

// dayFirst reads 5 September 2016, 5. Mai 2016, 5 de mayo de 2016, 5/9/2016.
func (p *finder) dayFirst(i int) (d Printed, next int, ok bool) {
	day := p.tok(i)
	if p.tok(i + 1).in("月 월") {
		return p.cjkWithoutYear(i)
	}
	if d, next, ok := p.numeric(i); ok {
		return d, next, true
	}
	if d, next, ok := p.vietnamese(i); ok {
		return d, next, true
	}
	if d, next, ok := p.numericWithoutYear(i); ok {
		return d, next, true
	}
	m, j, found := p.month(p.skip(i+1, 3, afterDay))
	if !found {
		return d, 0, false
	}
	k := p.skip(j, 3, afterMonth)
	if y := p.tok(k); y.kind == number && (y.digits == 4 || y.digits == 2 && (m.thai && y.value > 31 || p.tok(k-1).in("' ’ - /")) && !p.tok(k+1).is(":")) {
		year := y.value
		if m.thai && y.digits == 2 && year >= 40 {
			year += 2500
		}
		d.Time = p.calendar(year, m.month, day.value, m.persian)
		k++
		if p.tok(k).in("г р года року") {
			k++
			if p.tok(k).is(".") {
				k++
			}
		}
		return d, k, d.Time.Valid()
	}
	return p.withoutYear(m, day.value, j)
}

// monthFirst reads September 5, 2016 and Sep. 5.
func (p *finder) monthFirst(i int) (d Printed, next int, ok bool) {
	m, j, found := p.month(i)
	if !found {
		return d, 0, false
	}
	for n := 0; n < 2 && p.tok(j).in("the , . - /"); n++ {
		j++
	}
	day := p.tok(j)
	if day.kind != number || day.digits > 2 || p.tok(j+1).is(":") {
		return d, 0, false
	}
	j++
	if t, end, ok := p.timeAt(Time{}, j, true); ok && p.tok(end).kind == number && p.tok(end).digits == 4 {
		// Fri May 3 18:00:00 CEST 2024, as programs print it.
		t.Year, t.Month, t.Day = p.tok(end).value, m.month, day.value
		return Printed{Time: t}, end + 1, t.Valid()
	}
	k := p.skip(p.skip(j, 3, dayEnds), 2, afterMonth)
	if y := p.tok(k); y.kind == number && y.digits == 4 {
		d.Time = p.calendar(y.value, m.month, day.value, m.persian)
		if d.Time.Valid() {
			return d, k + 1, true
		}
	}
	return p.withoutYear(m, day.value, j)
}
