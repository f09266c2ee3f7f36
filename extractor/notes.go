package extractor

import (
	"strings"

	"newsreel/extractor/page"
)

// noteWords are beginnings of what an editor says of the text: corrections,
// clarifications, editor's notes.
var noteWords = phrases(`
correction|corrections|clarification|editor's note|editor’s note|editors' note|editors’ note|editor note|note to readers|an earlier version of this|a previous version of this|a prior version of this|this article has been corrected|this story has been corrected|this article was corrected|this article was amended|this article has been amended|this story has been amended|this article was updated to|this article has been updated to|this story was updated to|this story has been updated to|this story has been updated with|this article has been updated with|amended on|erratum
anmerkung der redaktion|anm. d. red|anm. der red|hinweis der redaktion|korrektur|korrekturhinweis|richtigstellung|berichtigung|transparenzhinweis|in einer früheren version|in einer vorherigen version|in einer früheren fassung|in der ursprünglichen fassung
rectificatif|erratum|note de la rédaction|précision|correctif|une version précédente de cet article|une première version de cet article
corrección|fe de errores|fe de erratas|nota de la redacción|nota de redacción|nota del editor|una versión anterior de este|rectificación|aclaración
correção|errata|nota da redação|nota do editor|uma versão anterior deste|esclarecimento
errata corrige|rettifica|nota della redazione|una versione precedente di questo|precisazione
correctie|rectificatie|noot van de redactie|in een eerdere versie
rättelse|rettelse|rettet|korrigering|presisering|præcisering|redaktionel note|oikaisu|toimituksen huomautus|en tidigare version av|en tidligere versjon av|en tidligere version af|leiðrétting|parandus|labojums|patikslinimas
sprostowanie|od redakcji|korekta|oprava|poznámka redakce|upřesnění|pozn. red|poznámka redakcie|helyesbítés|szerkesztői megjegyzés|rectificare|nota redacției|ispravak|ispravka|napomena redakcije|popravek|opomba uredništva|поправка|уточнение|от редакции|примечание редакции|исправление|виправлення|від редакції|уточнення|спростування|корекция|бележка на редактора|исправка
διόρθωση|διευκρίνιση|σημείωση της σύνταξης|düzeltme|editörün notu|editör notu|düzəliş
تصحيح|تنويه|توضيح|ملاحظة المحرر|ملاحظة من المحرر|اصلاحیه|توضیح|تصحیح|יתיקון|תיקון|הבהרה|הערת המערכת|הערת עורך
सुधार|संपादक की टिप्पणी|संशोधन|সংশোধনী|সম্পাদকের নোট|திருத்தம்|آپڈیٹ|تصحیح
訂正|お詫び|おことわり|【訂正】|編集部注|※訂正|更正|编者按|編者按|编者注|編者註|更正啟事|정정|바로잡습니다|바로잡|편집자 주|편집자주
แก้ไขข่าว|หมายเหตุบรรณาธิการ|đính chính|ralat|koreksi|catatan redaksi|nota editor|marekebisho`)

const (
	// noteLetters is the longest note.
	noteLetters = 900
	// labelLetters is the longest line that only labels the note below it.
	labelLetters = 40
	maxNotes     = 20
)

// takeNotes takes what an editor says of the text out of the body. A line that
// only says "Correction" belongs to the block that follows it.
func (s *story) takeNotes() (notes []string) {
	if s.first < 0 {
		return nil
	}
	scope := s.scope()
	for i := max(0, s.titleBlock+1); i < len(s.blocks) && i <= s.last+12 && len(notes) < maxNotes; i++ {
		b := &s.blocks[i]
		if !scope.Holds(b.Node) || !s.isNote(i) {
			continue
		}
		text := b.Text
		for b.Letters <= labelLetters && !b.Sentence() && i+1 < len(s.blocks) || strings.HasSuffix(text, ":") && b.Letters <= labelLetters && i+1 < len(s.blocks) {
			s.keep[i] = false
			if i++; s.blocks[i].Letters > noteLetters || s.blocks[i].Heading() {
				break
			}
			b = &s.blocks[i]
			text += " " + b.Text
		}
		s.keep[i] = false
		if page.Letters(text) > labelLetters/2 {
			notes = append(notes, strings.Clone(text))
		}
	}
	s.dropLooseHeadings()
	s.findEnds()
	return notes
}

// isNote tells whether a block is a note: it stands in a small element named
// for corrections, or begins as one and is no heading of the story.
func (s *story) isNote(i int) bool {
	b := &s.blocks[i]
	if b.Letters > noteLetters || b.LinkShare() > 0.6 || s.isCard(b.Node) || s.inBox(b.Node) {
		return false
	}
	if n := b.Node.AboveMarked(page.Correction, 4); n != nil && s.sums[n] < 0.3*s.sums[s.root] && s.root != n && !n.Holds(s.root) {
		return b.Letters > 20
	}
	return labelsNote(b.Text)
}

// labelsNote tells whether a text begins as a note does: with one of the
// phrases and then its end, a colon, a dash, a date or a bracket, or with a
// phrase of several words.
func labelsNote(text string) bool {
	low := strings.TrimLeft(strings.ToLower(text), " -–—•*+→►[(【※■_")
	for _, p := range noteWords[key(low)] {
		rest, ok := strings.CutPrefix(low, p)
		if !ok {
			continue
		}
		if strings.Count(p, " ") > 1 {
			return rest == "" || !asciiLetter(rest[0])
		}
		if rest = strings.TrimLeft(rest, " "); strings.HasPrefix(rest, "]") || strings.HasPrefix(rest, ")") || strings.HasPrefix(rest, "】") {
			return true
		}
		if rest == "" || strings.ContainsRune(":：.,(-–—|/0123456789", []rune(rest)[0]) {
			return rest == "" || rest[0] != ',' && !(rest[0] == '.' && !strings.Contains(p, "."))
		}
	}
	return false
}

// findEnds finds the first and the last paragraph again.
func (s *story) findEnds() {
	s.first, s.last = -1, -1
	for i, k := range s.keep {
		if k && s.good[i] > 0 {
			if s.first < 0 {
				s.first = i
			}
			s.last = i
		}
	}
}

// textOf joins the texts of the kept blocks among blocks[from:to].
func (s *story) textOf(from, to int) string {
	var out []string
	for i := from; i < to; i++ {
		if s.keep[i] {
			out = append(out, s.blocks[i].Text)
		}
	}
	return strings.Join(out, "\n\n")
}
