package readers

import (
	"strings"
	"unicode"

	"newsreel/extractor/page"
	"newsreel/extractor/when"
)

// Role tells what a date is said to be.
type Role uint8

// The roles of dates.
const (
	Unsaid Role = iota
	Published
	Modified
	Other // an event's, a photo's, a copyright's
)

// Date is one candidate for a page's published or modified date.
type Date struct {
	when.Printed
	Role Role
	// From names the source: "jsonld datePublished", "meta date", "time",
	// "printed", "url".
	From string
	// Node is where it stands, nil for the head and the URL; Block is the index
	// of the block that prints it, or -1.
	Node  *page.Node
	Block int
}

// roleWords are labels beside dates, in lower case. Modified is looked for
// first: "zuletzt aktualisiert" holds, whatever else the label says.
var modifiedWords = []string{
	"updated", "update", "modified", "last changed", "last reviewed", "last revised", "revised", "edited", "amended", "aktualisiert", "aktualisierung", "geändert", "letztes update", "überarbeitet", "bearbeitet", "stand:", "stand ", "letzte änderung", "mis à jour", "màj", "maj ", "maj:",
	"modifié", "actualizado", "actualizada", "actualización", "modificado", "atualizado", "atualizada", "aggiornato", "aggiornamento", "modificato", "bijgewerkt", "gewijzigd", "laatste update",
	"uppdaterad", "uppdaterat", "oppdatert", "sist oppdatert", "opdateret", "päivitetty", "muokattu", "uuendatud", "atnaujinta", "atjaun", "aktualizov", "aktualizac", "aktualizacja", "zaktualizowano", "zmieniono", "upraveno", "upravené", "frissít", "módosít", "actualizat", "actualizări", "modificat", "güncelleme", "güncellendi",
	"обновлен", "обновлён", "изменен", "оновлен", "актуализ", "ажурирано", "ažurirano", "izmijenjeno", "izmenjeno", "posodobljeno", "përditësuar", "eguneratua", "actualitzat", "actualització", "yenilənib", "жаңартыл", "թարմացվել", "განახლებ", "שונה", "ενημέρωση", "ενημερώθηκε", "تحديث", "به روز", "بروزرسانی", "עודכן", "עדכון", "अपडेट", "অপডেট", "更新", "수정", "最終更新", "cập nhật", "diperbarui", "dikemas kini", "kemaskini", "diupdate", "imesasishwa", "อัปเดต", "อัพเดท", "uppfært",
}

var publishedWords = []string{
	"published", "posted", "created", "original publication", "first published", "publication date", "veröffentlicht", "publiziert", "erstellt", "erschienen", "online seit", "publié", "publiée", "publie le", "paru", "posté", "publicado", "publicada", "creado", "pubblicato", "gepubliceerd", "geplaatst", "publicerad", "publicerat", "publisert", "offentliggjort", "udgivet", "julkaistu", "avaldatud", "paskelbta", "publicēts", "publikováno", "vydáno", "vydané", "zverejnené", "publikované", "zveřejněno",
	"opublikowano", "dodano", "data publikacji", "megjelen", "közzétéve", "létrehozva", "publicat", "publicări", "postat", "yayınlanma", "yayın tarihi", "giriş", "опубликовано", "опубліковано", "публикувано", "објављено", "objavljeno", "postavljeno", "publikuar", "argitaratua", "publicació", "dərc olun", "oluşturulma", "жарияланды", "δημοσίευση", "δημοσιεύθηκε", "نشر", "منتشر", "تاریخ انتشار", "פורסם", "प्रकाशित", "প্রকাশ", "公開", "掲載", "配信", "发布", "發布", "입력", "등록", "작성", "đăng", "xuất bản", "diterbitkan", "dipublikasikan", "dimuat", "tayang", "imechapishwa", "เผยแพร่", "ลงวันที่", "birt", "erscheinungsdatum", "release date", "aired", "date:", "datum:", "fecha:", "data:",
}

var otherWords = []string{"©", "copyright", "(c)", "photo", "foto:", "getty", "archiv", "born", "geboren", "expires", "gültig", "abgerufen", "accessed", "retrieved", "last visited", "member since", "joined", "registriert", "mitglied seit", "print edition", "edición impresa", "paru dans l'édition", "beginn:", "event", "termin", "deadline", "valid until", "updated by cookie", "privacy", "today is", "time now is", "it is currently", "heute ist", "aujourd'hui", "hoy es", "hoy:", "oggi è", "сегодня", "сьогодні", "今天是", "本日は"}

// roleOf reads the label before (and, less, after) a date in lower case. A label
// after the date that a number follows ("updated 8:12pm") is that number's.
func roleOf(before, after string) Role {
	m, p := lastOf(before, modifiedWords), lastOf(before, publishedWords)
	switch {
	case m > p:
		return Modified
	case p > m:
		return Published
	}
	if lastOf(before, otherWords) >= 0 {
		return Other
	}
	if m := lastOf(after, modifiedWords); m >= 0 && len(after) < 60 && lastOf(after, publishedWords) < 0 && !strings.ContainsFunc(after[m:], unicode.IsDigit) {
		return Modified
	}
	return Unsaid
}

// LabelsDate tells whether a text begins with a label such as "Published" or
// "Updated", in any of the languages known.
func LabelsDate(text string) bool {
	low := strings.ToLower(text)
	for _, list := range [][]string{modifiedWords, publishedWords} {
		for _, w := range list {
			if strings.HasPrefix(low, w) {
				return true
			}
		}
	}
	return false
}

// WithoutLabel takes a label such as "Published:" off the end of a text.
func WithoutLabel(text string) string {
	low := strings.ToLower(text)
	cut := len(low)
	for _, list := range [][]string{modifiedWords, publishedWords} {
		for _, w := range list {
			if at := strings.LastIndex(low, w); at >= 0 && len(low)-at-len(w) <= 4 {
				cut = min(cut, at)
			}
		}
	}
	if len(low) != len(text) {
		return text // lower case is of another length: the place is not known
	}
	return text[:cut]
}

// lastOf is the end of the last of the words in s, or -1.
func lastOf(s string, words []string) int {
	at := -1
	for _, w := range words {
		if i := strings.LastIndex(s, w); i >= 0 {
			at = max(at, i+len(w))
		}
	}
	return at
}
