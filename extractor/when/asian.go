package when

// era reads a date whose year is counted from the beginning of an era.
func (p *finder) era(i, before int) (d Printed, next int, ok bool) {
	y := p.tok(i + 1)
	year := y.value
	if y.is("元") {
		year = 1
	} else if y.kind != number {
		return d, 0, false
	}
	return p.cjk(year+before, i+2)
}

// cjk reads 年 M 月 D 日 from token i.
func (p *finder) cjk(year, i int) (d Printed, next int, ok bool) {
	if !p.tok(i).in("年 년") || p.tok(i+1).kind != number || !p.tok(i+2).in("月 월") || p.tok(i+3).kind != number {
		return d, 0, false
	}
	d.Time = Time{Year: year, Month: p.tok(i + 1).value, Day: p.tok(i + 3).value}
	next = i + 4
	if p.tok(next).in("日 일 号 號") {
		next++
	}
	return d, next, true
}

func (p *finder) cjkWithoutYear(i int) (d Printed, next int, ok bool) {
	if p.tok(i+2).kind != number || !p.tok(i+3).in("日 일 号 號") {
		return d, 0, false
	}
	return p.withoutYear(named{month: p.tok(i).value, native: true}, p.tok(i+2).value, i+4)
}

// minguo reads a year of three digits on pages in Chinese: 113年5月3日, 113/05/03.
func (p *finder) minguo(i int) (d Printed, next int, ok bool) {
	year := p.tok(i).value + 1911
	if p.lang != "zh" || year < 1995 || year > 2050 {
		return d, 0, false
	}
	if d, next, ok := p.cjk(year, i+1); ok {
		return d, next, true
	}
	sep, month, day := p.tok(i+1), p.tok(i+2), p.tok(i+4)
	if !sep.in("/ . -") || !p.tok(i+3).is(sep.text) || month.digits != 2 || day.digits != 2 || month.kind != number || day.kind != number {
		return d, 0, false
	}
	d.Time = Time{Year: year, Month: month.value, Day: day.value}
	return d, i + 5, d.Time.Valid()
}

// vietnamese reads 3 tháng 5 năm 2024, 3 tháng 5, 2024.
func (p *finder) vietnamese(i int) (d Printed, next int, ok bool) {
	month := p.tok(i + 2)
	if !p.tok(i+1).is("thang") || month.kind != number {
		return d, 0, false
	}
	j := i + 3
	for p.tok(j).in(", nam / -") && j < i+5 {
		j++
	}
	if y := p.tok(j); y.kind == number && y.digits == 4 {
		d.Time = Time{Year: y.value, Month: month.value, Day: p.tok(i).value}
		return d, j + 1, d.Time.Valid()
	}
	return p.withoutYear(named{month: month.value, native: true}, p.tok(i).value, i+3)
}

// mongolian reads the month at token j of 2024 оны 5-р сарын 3, 2024 оны 05 сарын 03.
func (p *finder) mongolian(year, j int) (d Printed, next int, ok bool) {
	k := j + 1
	for p.tok(k).in("- р дугаар дүгээр сар сарын") && k < j+5 {
		k++
	}
	if day := p.tok(k); k > j+1 && p.tok(k-1).in("сар сарын") && day.kind == number && day.digits <= 2 {
		d.Time = Time{Year: year, Month: p.tok(j).value, Day: day.value}
		return d, k + 1, d.Time.Valid()
	}
	return d, 0, false
}
