package when

import (
	"strings"
	"time"
)

// agoWords mark a distance into the past, before or after the number.
var agoWords = setOf(`ago vor il y a hace há ha fa geleden sedan siden síðan sitten tagasi назад тому temu pred před önce evvel əvvəl lalu yang yg
trước قبل منذ پیش پہلے לפני पहले पूर्वी पूर्व आधी આગાઉ પહેલા ਪਹਿਲਾਂ আগে আগে முன் முன்பு క్రితం ಹಿಂದೆ മുമ്പ് ที่ผ่านมา ที่แล้ว មុន နာရီအကြာက επί πριν πρίν prije пре преди пред prieš pirms acum urmă
iliyopita zilizopita yaliyopita nakaraan geleë ezelőtt óta temu бұрын мурун назад առաջ წინ өмнө oldin бая fyrir para parë`)

// units are the words for spans of time, as they stand after a number.
var units = buildUnits([]unitWords{
	{time.Second, "second seconds sec secs sekunden seconde secondes segundos secondi sekunder секунд секунды saniye detik giây"},
	{time.Minute, "minute minutes min mins minuten minuto minutos minuti minuut minuut minuter minutter minuuttia minutit minutes minut minuty minutę minutami minuta minutur mínútum mínútur минут минуты минуту мин хвилин хвилини хвилину хв минути dakika dəqiqə dk menit minit phút دقيقة دقائق دقیقه منٹ דקות דקה मिनट मिनेट মিনিট நிமிடங்கள் நிமிடம் నిమిషాల ನಿಮಿಷಗಳ മിനിറ്റ് મિનિટ ਮਿੰਟ นาที λεπτά minutes. min. perc perccel minuto dakikah dakika'lar daqiqa минут бұрын minūtēm minūtes minučių"},
	{time.Hour, "hour hours hr hrs h std stunde stunden heure heures hora horas hores ora ore uur timmar timme timer time tuntia tunti klukkustund klukkustundum tunni tund час часа часов часов ч годин години годину год godzin godziny godzinę hodin hodinami hodinou ur uro sati sat sata saat sa jam giờ óra órája órával ساعة ساعات ساعتين ساعت گھنٹے گھنٹہ שעות שעה घंटे घंटा घण्टा तास ঘণ্টা ঘন্টা மணி మணி గంటల ಗಂಟೆಗಳ മണിക്കൂർ કલાક ਘੰਟੇ ชั่วโมง ώρες ώρα oras saa masaa uur stundām stundas valandų val valandas цаг саат сағат soat ժամ საათის"},
	{24 * time.Hour, "day days tag tagen tage t jour jours j día días dia dias giorno giorni g dag dagen dagar dage dager päivää päivä päeva день дня дней днів дні ден дена dni dzień dny dnem dnevi dana dan gün hari ngày يوم أيام ايام يومين روز دن ימים יום दिन দিন நாட்கள் రోజుల ದಿನಗಳ ദിവസം દિવસ ਦਿਨ วัน μέρες ημέρες nap napja nappal zile siku araw dae dienām dienas dienų dni өдөр күн күни օր დღის"},
	{7 * 24 * time.Hour, "week weeks woche wochen semaine semaines semana semanas settimana settimane week weken vecka veckor uke uker uge uger viikkoa неделю недели недель тиждень тижні tydzień tygodnie hafta minggu tuần أسبوع أسابيع هفته שבועות שבוע सप्ताह সপ্তাহ สัปดาห์"},
})

type unitWords struct {
	span  time.Duration
	words string
}

func buildUnits(table []unitWords) map[string]time.Duration {
	m := map[string]time.Duration{}
	for _, u := range table {
		for w := range setOf(u.words) {
			if _, have := m[w]; !have {
				m[w] = u.span
			}
		}
	}
	return m
}

// gluedAgo are spans of time that carry their "ago" with them.
var gluedAgo = []struct {
	unit string
	span time.Duration
}{
	{"秒前", time.Second}, {"초 전", time.Second},
	{"分前", time.Minute}, {"分钟前", time.Minute}, {"分鐘前", time.Minute}, {"분 전", time.Minute}, {"분전", time.Minute},
	{"時間前", time.Hour}, {"小时前", time.Hour}, {"小時前", time.Hour}, {"个小时前", time.Hour}, {"個小時前", time.Hour}, {"시간 전", time.Hour}, {"시간전", time.Hour},
	{"日前", 24 * time.Hour}, {"天前", 24 * time.Hour}, {"일 전", 24 * time.Hour}, {"일전", 24 * time.Hour},
	{"นาทีที่แล้ว", time.Minute}, {"ชั่วโมงที่แล้ว", time.Hour}, {"วันที่แล้ว", 24 * time.Hour}, {"နာရီက", time.Hour}, {"မိနစ်က", time.Minute},
	{"นาทีที่ผ่านมา", time.Minute}, {"ชั่วโมงที่ผ่านมา", time.Hour}, {"វិនាទីមុន", time.Second}, {"នាទីមុន", time.Minute}, {"ម៉ោងមុន", time.Hour}, {"ថ្ងៃមុន", 24 * time.Hour},
}

// Days that are named by their distance. The word alone says little (mastheads
// print it): a time of day must stand beside it.
var (
	today     = setOf("today heute aujourd'hui aujourd hoy hoje oggi avui gaur vandaag idag dag dzisiaj dziś dnes ma danas днес сегодня сьогодні сёння денес данас astăzi azi tänään täna šodien šiandien sot σήμερα bugün hari ini अाज आज আজ আজকে اليوم امروز آج היום today's 今日 今天 本日 오늘 วันนี้ nay leo ngayong bugun бүгін бүгүн өнөөдөр այսօր დღეს vandag")
	yesterday = setOf("yesterday gestern hier ayer ontem ieri ahir atzo gisteren igår går wczoraj včera jučer juče včeraj tegnap вчера вчора учора вчера јуче eile eilen vakar vakar dje χθες χτες dün dünən kemarin গতকাল أمس امس دیروز گزشتہ אתמול 昨日 昨天 어제 เมื่อวานนี้ เมื่อวาน qua jana kahapon kecha кеше кечээ өчигдөр երեկ გუშინ gister")
)

// Ago reads a distance such as "3 hours ago", "vor 3 Stunden", "3時間前" or
// "gestern, 10:39" in a short text, and gives the day that it leads to from the
// fetch, in UTC: a distance is too rough for more. A day that is named with a
// time of day keeps that, without a zone. ok is false without a fetch time.
func Ago(text string, o Options) (d Printed, ok bool) {
	if o.Fetched.IsZero() || len(text) > 120 {
		return d, false
	}
	toks := tokenize(text)
	if d, ok := ago(text, toks, o); ok {
		return d, true
	}
	return namedDay(text, toks, o)
}

func ago(text string, toks []token, o Options) (d Printed, ok bool) {
	past := false
	for _, t := range toks {
		past = past || t.kind == word && len(t.text) > 1 && agoWords.has(t)
	}
	for i, t := range toks {
		if t.kind != number || t.digits > 3 || i+1 >= len(toks) {
			continue
		}
		span, end := units[toks[i+1].text], toks[i+1].end
		found := past && span != 0 && toks[i+1].kind == word
		for _, c := range gluedAgo {
			if !found && strings.HasPrefix(strings.TrimLeft(text[t.end:], " "), c.unit) {
				span, found = c.span, true
				end = t.end + strings.Index(text[t.end:], c.unit) + len(c.unit)
			}
		}
		if !found || time.Duration(t.value)*span > 31*24*time.Hour {
			continue
		}
		d.Time = FromGo(o.Fetched.UTC().Add(-time.Duration(t.value) * span)).Date()
		d.Text, d.Start, d.End, d.Relative = text[t.start:end], t.start, end, true
		if past {
			d.Text, d.Start, d.End = strings.TrimSpace(text), 0, len(text)
		}
		return d, d.Time.Valid()
	}
	return d, false
}

// namedDay reads "today, 10:39" and "10:39, yesterday".
func namedDay(text string, toks []token, o Options) (d Printed, ok bool) {
	if len(text) > 60 {
		return d, false
	}
	p := &finder{text: text, toks: toks, o: o, lang: o.base()}
	for i, t := range toks {
		back := 0
		switch {
		case yesterday.has(t):
			back = 1
		case !today.has(t):
			continue
		}
		d.Time = FromGo(o.Fetched.UTC().AddDate(0, 0, -back)).Date()
		d, first, next := p.clock(d, i, i+1, 0)
		if !d.Time.Clock || !d.Time.Valid() {
			continue
		}
		d.Start, d.End, d.Relative = toks[first].start, toks[next-1].end, true
		d.Text = text[d.Start:d.End]
		return d, true
	}
	return d, false
}
