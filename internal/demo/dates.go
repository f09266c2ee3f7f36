package demo

import (
	"fmt"
	"time"
)

// Dates as the mastheads print them.

func dateDE(t time.Time) string { return t.Format("02.01.2006, 15:04") + " Uhr" }

func dateFR(t time.Time) string {
	months := [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	return fmt.Sprintf("%d %s %d à %dh%02d", t.Day(), months[t.Month()-1], t.Year(), t.Hour(), t.Minute())
}

func dateUK(t time.Time) string {
	months := [...]string{"січня", "лютого", "березня", "квітня", "травня", "червня", "липня", "серпня", "вересня", "жовтня", "листопада", "грудня"}
	return fmt.Sprintf("%s, %d %s %d", t.Format("15:04"), t.Day(), months[t.Month()-1], t.Year())
}

func dateJA(t time.Time) string {
	return fmt.Sprintf("%d年%d月%d日", t.Year(), t.Month(), t.Day())
}

func dateES(t time.Time) string {
	days := [...]string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}
	months := [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	return fmt.Sprintf("%s, %d de %s de %d", days[t.Weekday()], t.Day(), months[t.Month()-1], t.Year())
}

// dateAgency is as English pages of an agency had it in 2016: 10:39 Sep. 5, 2016.
func dateAgency(t time.Time) string { return t.Format("15:04 Jan. 2, 2006") }

// Forms of a published time in the article record.
const (
	isoLocal = "2006-01-02T15:04:05" // the page gives no offset
	isoDay   = "2006-01-02"
)
