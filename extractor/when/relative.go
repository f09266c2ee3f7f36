package when

import (
	"strings"
	"time"
)

// agoWords mark a distance into the past, before or after the number.
const agoWords = " ago vor il y a hace há fa geleden sedan siden sitten назад тому temu před pred önce lalu trước قبل پیش לפני पहले επί πριν prije пре преди "

// units are the words for spans of time, as they stand after a number.
var units = buildUnits([]unitWords{
	{time.Minute, "minute minutes min mins minuten minuto minutos minuti minuut minuut minuter minutter minuuttia минут минуты минуту хвилин хвилини хвилину minut minuty minutę minutami minutu dakika menit phút دقيقة دقائق دقیقه דקות मिनट λεπτά minuta minuti"},
	{time.Hour, "hour hours hr hrs h stunde stunden std heure heures hora horas ora ore uur timmar timme timer time tuntia tunti час часа часов годин години годину godzin godziny godzinę hodin hodinami hodinou saat jam giờ ساعة ساعات ساعت שעות घंटे ώρες sati sata"},
	{24 * time.Hour, "day days tag tagen tage jour jours día días dia dias giorno giorni dag dagen dagar dage päivää päivä день дня дней днів дні dni dzień dny dnem gün hari ngày يوم أيام روز ימים दिन μέρες ημέρες dana"},
})

type unitWords struct {
	span  time.Duration
	words string
}

func buildUnits(table []unitWords) map[string]time.Duration {
	m := map[string]time.Duration{}
	for _, u := range table {
		for _, w := range strings.Fields(u.words) {
			m[w] = u.span
		}
	}
	return m
}

// cjkAgo are spans of time that carry their "ago" with them.
var cjkAgo = []struct {
	unit string
	span time.Duration
}{
	{"分前", time.Minute}, {"分钟前", time.Minute}, {"分鐘前", time.Minute}, {"분 전", time.Minute}, {"분전", time.Minute},
	{"時間前", time.Hour}, {"小时前", time.Hour}, {"小時前", time.Hour}, {"시간 전", time.Hour}, {"시간전", time.Hour},
	{"日前", 24 * time.Hour}, {"天前", 24 * time.Hour}, {"일 전", 24 * time.Hour}, {"일전", 24 * time.Hour},
}

// Ago reads a distance such as "3 hours ago", "vor 3 Stunden" or "3時間前" in a
// short text, and gives the day that it leads to from the fetch, in UTC: the
// distance is too rough for more. ok is false without a fetch time.
func Ago(text string, o Options) (d Printed, ok bool) {
	if o.Fetched.IsZero() || len(text) > 120 {
		return d, false
	}
	toks := tokenize(text)
	past := false
	for _, t := range toks {
		past = past || t.kind == word && len(t.text) > 1 && strings.Contains(agoWords, " "+t.text+" ")
	}
	for i, t := range toks {
		if t.kind != number || t.digits > 3 || i+1 >= len(toks) {
			continue
		}
		span, end := units[toks[i+1].text], toks[i+1].end
		found := past && span != 0 && toks[i+1].kind == word
		for _, c := range cjkAgo {
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
