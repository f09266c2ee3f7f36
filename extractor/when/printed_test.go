package when

import (
	"testing"
	"time"

	"newsreel/internal/fuzzguard"
)

func TestFindReadsDatesAsPagesPrintThem(t *testing.T) {
	fetched := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct{ text, lang, want string }{
		{"10:39 Sep. 5, 2016", "en", "2016-09-05T10:39:00"},
		{"10:39, 5 September 2016", "en", "2016-09-05T10:39:00"},
		{"September 5th, 2016 at 10:39 a.m. EDT", "en", "2016-09-05T10:39:00-04:00"},
		{"Published: Sept. 5, 2016, 10:39 PM GMT+2", "en", "2016-09-05T22:39:00+02:00"},
		{"Mon 5 Sep 2016 10.39 BST", "en", "2016-09-05T10:39:00+01:00"},
		{"05.09.2016, 10:39 Uhr", "de", "2016-09-05T10:39:00"},
		{"5. Mai 2024 um 7.05 Uhr", "de", "2024-05-05T07:05:00"},
		{"Stand: 05.09.16, 10 Uhr", "de", "2016-09-05T10:00:00"},
		{"Publié le 5 août 2023 à 10h39", "fr", "2023-08-05T10:39:00"},
		{"1er mai 2023", "fr", "2023-05-01"},
		{"5 de septiembre de 2016 - 10:39 CEST", "es", "2016-09-05T10:39:00+02:00"},
		{"Lunes, 5 septiembre 2016, 10:39 h", "es", "2016-09-05T10:39:00"},
		{"5 settembre 2016 alle 10:39", "it", "2016-09-05T10:39:00"},
		{"2016. szeptember 5. 10:39", "hu", "2016-09-05T10:39:00"},
		{"2016 m. rugsėjo 5 d. 10:39", "lt", "2016-09-05T10:39:00"},
		{"2024年5月3日 10時39分", "ja", "2024-05-03T10:39:00"},
		{"令和6年5月3日", "ja", "2024-05-03"},
		{"2024년 5월 3일 오후 10:39", "ko", "2024-05-03T22:39:00"},
		{"2024.05.03 10:39", "ko", "2024-05-03T10:39:00"},
		{"5 сентября 2016 г., 10:39", "ru", "2016-09-05T10:39:00"},
		{"5 вересня 2016, 10:39", "uk", "2016-09-05T10:39:00"},
		{"۲ تیر ۱۳۹۹ - ۱۰:۳۹", "fa", "2020-06-22T10:39:00"},
		{"٥ سبتمبر ٢٠١٦", "ar", "2016-09-05"},
		{"3 พ.ค. 2567 เวลา 10:39 น.", "th", "2024-05-03T10:39:00"},
		{"5 Eylül 2016 10:39", "tr", "2016-09-05T10:39:00"},
		{"04/05/2024 10:39", "en-US", "2024-05-04T10:39:00"},
		{"25/05/2024 10:39", "en-US", "2024-05-25T10:39:00"},
		{"3. mai kl. 10.39", "nb", "2024-05-03T10:39:00"},
		{"Dec 24, 10:39 p.m.", "en", "2023-12-24T22:39:00"},
		{"Fri, 05/03/2013 - 18:00", "en", "2013-05-03T18:00:00"},
		{"posted 05/03/2013 (Tuesday)", "en-US", "2013-03-05"},
		{"Friday 05/07/2013", "en", "2013-07-05"},
		{"5/3(金) 18:00配信", "ja", "2024-05-03T18:00:00"},
		{"2024年5月3日（金） 午後6時05分", "ja", "2024-05-03T18:05:00"},
		{"3.5. 18:00", "fi", "2024-05-03T18:00:00"},
		{"le 3 mai 2024 à 18 h", "fr", "2024-05-03T18:00:00"},
		{"3 mai 2024 à 18 h 05 HAE", "fr-CA", "2024-05-03T18:05:00-04:00"},
		{"03.05.2024. plkst. 18:00", "lv", "2024-05-03T18:00:00"},
		{"3 траўня 2024, 18:00", "be", "2024-05-03T18:00:00"},
		{"آخر تحديث: 18:00-3 مايو 2024 م", "ar", "2024-05-03T18:00:00"},
		{"Fri May 03 18:00:00 CEST 2024", "de", "2024-05-03T18:00:00+02:00"},
		{"Fri May 3 18:05:12 2024", "en", "2024-05-03T18:05:12"},
		{"Fri Mar 13 21:30:09 EST 2015", "en-US", "2015-03-13T21:30:09-05:00"},
		{"Fri Mar 13 2015 21:30 EST", "en-AU", "2015-03-13T21:30:00"},
		{"version 1.2.3.2016", "en", ""},
		{"may 2016", "en", ""},
		{"5 września 2016, 10:39", "pl", "2016-09-05T10:39:00"},
		{"10:39 2016-09-05", "en", "2016-09-05T10:39:00"},
	} {
		got := ""
		if found := Find(c.text, Options{Lang: c.lang, Fetched: fetched}); len(found) > 0 {
			got = found[0].Time.String()
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.text, got, c.want)
		}
	}
}

func TestMachineReadsMarkupDates(t *testing.T) {
	for s, want := range map[string]string{
		"2016-09-05T10:39:00+0100":      "2016-09-05T10:39:00+01:00",
		"2016-09-05 10:39":              "2016-09-05T10:39:00",
		"2016-09-05T10:39Z":             "2016-09-05T10:39:00+00:00",
		"2016-09-05":                    "2016-09-05",
		"20160905T103900Z":              "2016-09-05T10:39:00+00:00",
		"2016-09-05T10:39:00.123456+02": "2016-09-05T10:39:00.123+02:00",
		"1473071940":                    "2016-09-05T10:39:00+00:00",
		"1473071940000":                 "2016-09-05T10:39:00+00:00",
		"20160905":                      "2016-09-05",
		"201609051039":                  "2016-09-05T10:39:00",
		"20160905103907":                "2016-09-05T10:39:07",
		"201609052460":                  "",
		"2016-13-05":                    "",
		"0000-00-00T00:00:00":           "",
	} {
		got := ""
		if tm, ok := Machine(s); ok {
			got = tm.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func FuzzDates(f *testing.F) {
	for _, s := range []string{"10:39 Sep. 5, 2016", "۲ تیر ۱۳۹۹ - ۱۰:۳۹", "2024年5月3日 午後10時39分", "2016-09-05T10:39:00+0100", "3 พ.ค. 2567", "05.09.16, 10 Uhr GMT+2"} {
		f.Add(s, "de")
	}
	f.Fuzz(func(t *testing.T, text, lang string) {
		fetched := time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)
		end := 0
		var found []Printed
		fuzzguard.Run(t, len(text), func() { found = Find(text, Options{Lang: lang, Fetched: fetched}) })
		for _, d := range found {
			if d.Start < end {
				t.Errorf("%q: dates overlap", text)
			}
			end = d.End
			if !d.Time.Valid() || d.Start < 0 || d.End > len(text) || d.Start >= d.End || d.Text != text[d.Start:d.End] {
				t.Errorf("%q: %+v", text, d)
			}
			if again, ok := Machine(d.Time.String()); !ok || !again.SameDay(d.Time) {
				t.Errorf("%q: %s does not read back", text, d.Time)
			}
		}
		if m, ok := Machine(text); ok && !m.Valid() {
			t.Errorf("%q: %+v", text, m)
		}
	})
}

func TestPersianDaysBecomeGregorianOnes(t *testing.T) {
	for _, c := range []struct{ y, m, d, gy, gm, gd int }{
		{1399, 4, 2, 2020, 6, 22}, {1400, 1, 1, 2021, 3, 21}, {1403, 12, 30, 2025, 3, 20}, {1375, 1, 1, 1996, 3, 20}, {1370, 10, 11, 1992, 1, 1},
	} {
		if y, m, d, ok := fromPersian(c.y, c.m, c.d); !ok || y != c.gy || m != c.gm || d != c.gd {
			t.Errorf("%d-%d-%d: %d-%d-%d", c.y, c.m, c.d, y, m, d)
		}
	}
}

func TestAgoLeadsToADay(t *testing.T) {
	fetched := time.Date(2024, 6, 1, 2, 0, 0, 0, time.UTC)
	for text, want := range map[string]string{
		"3 hours ago": "2024-05-31", "vor 20 Minuten": "2024-06-01", "il y a 2 jours": "2024-05-30", "hace 5 horas": "2024-05-31",
		"2 години тому": "2024-06-01", "2 godziny temu": "2024-06-01", "3 saat önce": "2024-05-31", "3 jam yang lalu": "2024-05-31", "3 giờ trước": "2024-05-31",
		"منذ 3 ساعات": "2024-05-31", "۳ ساعت پیش": "2024-05-31", "לפני 3 שעות": "2024-05-31", "3 घंटे पहले": "2024-05-31", "৩ ঘণ্টা আগে": "2024-05-31",
		"3 ชั่วโมงที่แล้ว": "2024-05-31", "3小时前": "2024-05-31", "há 3 horas": "2024-05-31", "3 ore fa": "2024-05-31", "for 3 timer siden": "2024-05-31", "πριν από 3 ώρες": "2024-05-31",
		"3 óra ezelőtt": "2024-05-31", "acum 3 ore": "2024-05-31", "före 3 timmar sedan": "2024-05-31", "3 tuntia sitten": "2024-05-31", "před 3 hodinami": "2024-05-31", "2 weeks ago": "2024-05-18",
		"gestern, 10:39 Uhr": "2024-05-31T10:39:00", "Yesterday at 11:04 pm": "2024-05-31T23:04:00", "сегодня, 01:10": "2024-06-01T01:10:00", "昨天 22:39": "2024-05-31T22:39:00", "Today 20°": "",
		"3時間前": "2024-05-31", "2시간 전": "2024-06-01", "2 дня назад": "2024-05-30", "3 hours of work": "", "in 3 days": "", "400 days ago": "",
	} {
		got := ""
		if d, ok := Ago(text, Options{Fetched: fetched}); ok {
			got = d.Time.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}
