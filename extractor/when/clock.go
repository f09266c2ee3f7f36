package when

import (
	"strings"
	"unicode/utf8"
)

var (
	// beforeClock are signs and words that stand between a date and its time:
	// "at", "o'clock" and days of the week.
	beforeClock = setOf(`, . - | / ( · • ∙ ● ― @ : [ ; ' ) ~ > * ] » ⋅
at t um à a las às les alle ore kl klo kell kell. v o в о об на ve ob u ora om uur h den dem the on jam saat time lúc um pada pukul jam uhr ura sat alas dakong ganap en i
godz hodin hod godini години година год г р року года ч час ur kello klukkan klokken de la d del nî clock time τις στις ώρα ωρα ώρες الساعة ساعت ساعة على وقت بجے بوقت בשעה שעה เวลา ម៉ោង ເວລາ နာရီ समय बजे ရက်နေ့ ရက် സമയം நேரம் సమయం ಸಮಯ સમય ਸਮਾਂ වේලාව saa saacadda karfe plkst soat ժամը ժամ საათი saatda соат сағат саат цагт цаг
monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag mo di mi do fr sa so
lunes martes miércoles jueves viernes sábado domingo lun mar mié jue vie sáb dom lundi mardi mercredi jeudi vendredi samedi dimanche lunedì martedì mercoledì giovedì venerdì sabato domenica
segunda terça quarta quinta sexta feira maandag dinsdag woensdag donderdag vrijdag zaterdag zondag måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
maanantai tiistai keskiviikko torstai perjantai lauantai sunnuntai ma ti ke to pe la su esmaspäev teisipäev kolmapäev neljapäev reede laupäev pühapäev pirmdiena otrdiena trešdiena ceturtdiena piektdiena sestdiena svētdiena
pirmadienis antradienis trečiadienis ketvirtadienis penktadienis šeštadienis sekmadienis poniedziałek wtorek środa czwartek piątek sobota niedziela pondělí úterý středa čtvrtek pátek neděle pondelok utorok streda štvrtok piatok nedeľa
hétfő kedd szerda csütörtök péntek szombat vasárnap ponedjeljak utorak srijeda četvrtak petak subota nedjelja ponedeljak sreda nedelja ponedeljek torek četrtek luni marți miercuri joi vineri sâmbătă duminică
понедельник вторник среда четверг пятница суббота воскресенье пн вт ср чт пт сб вс понеділок вівторок середа п'ятниця субота неділя понеделник сряда четвъртък петък събота неделя понедељак уторак четвртак петак недеља
δευτέρα τρίτη τετάρτη πέμπτη παρασκευή σάββατο κυριακή pazartesi salı çarşamba perşembe cuma cumartesi pazar bazar ertəsi çərşənbə cümə şənbə
الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد دوشنبه سه‌شنبه چهارشنبه پنجشنبه پنج‌شنبه جمعه شنبه یکشنبه یک‌شنبه ראשון שני שלישי רביעי חמישי שישי שבת יום
सोमवार मंगलवार बुधवार गुरुवार शुक्रवार शनिवार रविवार সোমবার মঙ্গলবার বুধবার বৃহস্পতিবার শুক্রবার শনিবার রবিবার senin selasa rabu kamis jumat sabtu minggu isnin khamis ahad
木 金 土 火 水 木曜 金曜 土曜 火曜 水曜 曜 星期一 星期二 星期三 星期四 星期五 星期六 星期天 星期 周一 周二 周三 周四 周五 周六 周 週一 週二 週三 週四 週五 週六 一 二 三 四 五 六 금 목 수 화 토 금요 목요 수요 화요 토요 월요 요`)

	morning = setOf("am πμ صباحا صباحاً ص öö oo قظ قبل‌ازظهر صبح صبحا לפנה dop dopoledne paradite पूर्वाह्न सुबह সকাল পূর্বাহ্ণ পূর্বাহ্ন ভোর এএম முற்பகல் காலை පෙව बिहान ጠዋት asubuhi subax sáng sabah 午前 上午 오전 凌晨 早上 清晨 ព្រឹក မနက် နံနက် രാവിലെ ఉదయం ಬೆಳಿಗ್ಗೆ સવારે ਸਵੇਰੇ सकाळी")
	evening = setOf("pm μμ مساء مساءً م ös بظ بعدازظهر بعد‌ازظهر عصر شام אחה odp odpoledne pasdite अपराह्न शाम दोपहर दुपारी सायंकाळी বিকাল বিকেল সন্ধ্যা দুপুর অপরাহ্ণ অপরাহ্ন পিএম பிற்பகல் மாலை පව සවස ከሰዓት chiều tối 午後 下午 오후 晚上 傍晚 中午 晚间 晚間 ល្ងាច ညနေ വൈകിട്ട് സాయంత్రం సాయంత్రం ಸಂಜೆ સાંજે ਸ਼ਾਮ")
	// night is the half of the day that midnight parts.
	night = setOf("রাত रात ਰਾਤ રાત્રે रात्री രാത്രി రాత్రి ರಾತ್ರಿ இரவு usiku habeen đêm")

	afterClock = setOf("uhr h uur hrs ч час น น. 時 klo ур ο ώρα ωρα o'clock min м хв ч. تمام")
)

// clock looks for a time of day right after the date, then right before it (but
// not before the token floor, up to which another date reaches), and for the
// zone after the time. first and next bound the tokens taken.
func (p *finder) clock(d Printed, first, next, floor int) (Printed, int, int) {
	for j, skipped := next, 0; j < len(p.toks) && skipped <= 5; j, skipped = j+1, skipped+1 {
		if t, end, ok := p.timeAt(d.Time, j, skipped == 0); ok {
			d.Time = t
			return d, first, end
		}
		if !beforeClock.has(p.tok(j)) {
			break
		}
	}
	for back := 2; back <= 10 && first-back >= floor; back++ {
		t, end, ok := p.timeAt(d.Time, first-back, true)
		if !ok || end > first || p.tok(first-back-1).in(": . /") && p.tok(first-back-2).kind == number {
			continue
		}
		gap := true
		for j := end; j < first; j++ {
			gap = gap && (beforeClock.has(p.tok(j)) || p.tok(j).is("ngay"))
		}
		if gap {
			d.Time = t
			return d, first - back, next
		}
	}
	return d, first, next
}

// timeAt reads a time of day at token j: 10:39, 10:39:05, 10.39 Uhr, 10h39,
// 10 Uhr, 10:39 a.m., 午後10時39分. near tells that a date stands right beside.
func (p *finder) timeAt(d Time, j int, near bool) (Time, int, bool) {
	h, j := p.halfBefore(j)
	hour := p.tok(j)
	if hour.kind != number || hour.digits > 2 || hour.value > 24 {
		return d, 0, false
	}
	t := d
	t.Hour, t.Clock = hour.value, true
	sep, minute := p.tok(j+1), p.tok(j+2)
	whole := minute.kind == number && minute.digits == 2 && minute.value < 60
	next := j
	switch {
	case sep.in(": h u 時 时 시 點 点 ः gio টা") && whole, sep.is("uhr") && whole && !p.tok(j+3).in(". : /"):
		t.Minute, next = minute.value, j+3
		if p.tok(next).in("分 분 phut মিনিট min") {
			next++
		}
		if s := p.tok(next + 1); p.tok(next).is(":") && s.kind == number && s.digits == 2 && s.value < 60 {
			t.Second, t.Seconds, next = s.value, true, next+2
		}
	case sep.in("h 時 时 시 点 點 時頃 টা gio") && !p.tok(j).spaced && (h != noHalf || sep.is("h") && !p.tok(j+1).spaced || !sep.is("h")):
		next = j + 2
	case sep.is("uhr"), sep.is("h") && p.tok(j-1).is("a"):
		next = j + 2
	case sep.is(".") && !minute.spaced && whole && (near && (hour.digits == 2 || j > 0 && p.tok(j+3).kind != number && !p.tok(j+3).is(".")) && j > 0 || p.dottedClock(j)):
		t.Minute, next = minute.value, j+3
	case p.halfIs(j+1, "am pm"):
		next = j + 1
	default:
		return d, 0, false
	}
	if half, end := p.halfAfter(next); half != noHalf {
		h, next = half, end
	}
	t.Hour = h.hour(t.Hour)
	if t.Hour == 24 {
		return d, 0, false
	}
	if afterClock.has(p.tok(next)) {
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
	if p.tok(j + 3).in("uhr h am pm a p uur น น. wib wita wit") {
		return true
	}
	for back := 1; back <= 2; back++ {
		if p.tok(j - back).in("kl klo um at ob v u o la ore alle kello klokken klukkan om saat a ora jam pukul pkl เวลา , | - –") {
			return p.tok(j+2).digits == 2 && p.tok(j).digits == 2 || !p.tok(j-back).in(", | - –")
		}
	}
	return false
}

// halfBefore reads a half of the day that stands before the time, and gives the
// token of the hour. Chinese writes it, and others after it, without spaces.
func (p *finder) halfBefore(j int) (half, int) {
	t := p.tok(j)
	if t.kind != word || p.tok(j+1).kind != number || p.text[t.start] < 0x80 {
		return noHalf, j
	}
	switch {
	case morning.has(t):
		return am, j + 1
	case evening.has(t):
		return pm, j + 1
	case night.has(t):
		return atNight, j + 1
	}
	for _, suffix := range []string{"午前", "上午", "凌晨", "早上", "오전"} {
		if strings.HasSuffix(t.text, suffix) {
			return am, j + 1
		}
	}
	for _, suffix := range []string{"午後", "午后", "下午", "晚上", "오후"} {
		if strings.HasSuffix(t.text, suffix) {
			return pm, j + 1
		}
	}
	return noHalf, j
}

// halfAfter reads a half of the day at token j: PM, p.m., μ.μ., ب.ظ, אחה"צ. next
// is the token behind it.
func (p *finder) halfAfter(j int) (h half, next int) {
	t := p.tok(j)
	if t.kind != word {
		return noHalf, j
	}
	next = j + 1
	if p.tok(j+1).is(".") && p.tok(j+2).kind == word && short(t.text) && short(p.tok(j+2).text) {
		t.text += p.tok(j + 2).text
		next = j + 3
	}
	switch {
	case morning.has(t):
		h = am
	case evening.has(t):
		h = pm
	case night.has(t):
		h = atNight
	case p.lang == "vi" && t.is("sa"):
		h = am
	case p.lang == "vi" && t.is("ch"):
		h = pm
	default:
		return noHalf, j
	}
	if p.tok(next).in("\" ״ '") && p.tok(next+1).is("צ") {
		next += 2
	}
	if p.tok(next).is(".") && next > j+1 {
		next++
	}
	return h, next
}

// short tells whether a word is one letter, with or without its vowel sign.
func short(s string) bool {
	return utf8.RuneCountInString(s) <= 1 || s[0] >= 0xE0 && utf8.RuneCountInString(s) == 2
}

// halfIs tells whether AM or PM, in Latin letters, stands at token j.
func (p *finder) halfIs(j int, words string) bool {
	t := p.tok(j)
	if t.in(words) {
		return true
	}
	return t.in("a p") && p.tok(j+1).is(".") && p.tok(j+2).is("m")
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
	if strings.HasSuffix(strings.ToLower(p.o.Lang), "-au") && p.tok(next).in("est edt cst cdt wst") {
		return t, next, true // Australia has zones of these names, too
	}
	if tk := p.tok(next); tk.is("-") && (tk.spaced || p.tok(next+1).digits != 4 && p.tok(next+1).digits != 2) {
		return t, next, true // a dash between two times, not a minus
	}
	skip := 0
	if p.tok(next).is(",") && p.tok(next+1).in("gmt utc") {
		skip = 1
	}
	offset, size, ok := zoneIn(p.text[at+skip:min(len(p.text), at+skip+24)], t, p.lang)
	if !ok {
		return t, next, true
	}
	size += skip
	t.Zoned, t.Offset = true, offset
	for next < len(p.toks) && p.toks[next].start < at+size {
		next++
	}
	if p.tok(next).is(")") && p.tok(next-1).kind != symbol && strings.Contains(p.text[at:min(len(p.text), at+2)], "(") {
		next++
	}
	return t, next, true
}
