package readers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// captionText is the text of a caption element, its credit apart: what a child
// element that is named for it holds, or what the wording sets off.
func captionText(n *page.Node) (caption, credit string) {
	var text, by strings.Builder
	captionParts(n, n, &text, &by)
	caption, credit = page.Fold(text.String()), page.Fold(by.String())
	caption = captionLabel.ReplaceAllString(caption, "$1")
	if n.Tag == atom.Figcaption && isCredit(n) {
		caption, credit = "", page.Fold(caption+" "+credit)
	}
	if caption == "" && credit != "" {
		return splitOnlyCredit(credit)
	}
	if credit == "" {
		return PartCredit(caption)
	}
	caption = strings.TrimRight(labelAtEnd.ReplaceAllString(caption, ""), " |/–—-•·")
	rest, more := PartCredit(caption)
	if more != "" && rest != "" {
		return rest, trimCredit(more + " " + credit)
	}
	return caption, trimCredit(credit)
}

// splitOnlyCredit handles an element that is named a credit but may hold the
// whole caption.
func splitOnlyCredit(s string) (caption, credit string) {
	if caption, credit = PartCredit(s); credit != "" && (caption == "" || Words(caption) > 3 || EndsSentence(caption)) {
		return caption, credit
	}
	if words := Words(s); words > 9 || words > 5 && EndsSentence(s) || words > 4 && !mostlyNames(s) && !strings.ContainsAny(s, "/|©") && !agencyWord.MatchString(s) {
		return s, ""
	}
	return "", trimCredit(s)
}

func captionParts(root, n *page.Node, text, by *strings.Builder) {
	label := false // a label has gone before: what follows is the credit
	for c := n.First; c != nil; c = c.Next {
		switch {
		case (label || by.Len() > 0 && text.Len() > 0 && goesOn(c)) && !c.Invisible():
			label = true
			by.WriteByte(' ')
			by.WriteString(c.SpacedText())
			continue
		case !c.IsText() && isLabel(c):
			label = true
			continue
		}
		switch {
		case c.IsText():
			text.WriteString(c.Text)
		case c.Invisible() || c.Tag == atom.Button || c.Marks&(page.Share|page.Tools|page.Promo) != 0 && c.Marks&page.CaptionMark == 0:
		case c.Tag == atom.A && imageIn(c) != nil && Words(c.InnerText()) < 4: // "+ Enlarge"
		case text.Len() == 0 && namesCaption(c) || text.Len() > 0 && leadsOn(text.String(), c):
		case isCredit(c) || (text.Len() > 0 || nextShown(c) != nil) && isAuthor(c) || labelledChild(c) || text.Len() > 0 && agencyChild(c) || c.Prev != nil && text.Len() > 0 && (afterSentence(text.String(), c) || setOff(text.String(), c)):
			by.WriteByte(' ')
			by.WriteString(c.SpacedText())
			text.WriteByte(' ')
		default:
			if !page.Inline(c.Tag) || glued(text.String(), c) {
				text.WriteByte(' ')
			}
			captionParts(root, c, text, by)
			if !page.Inline(c.Tag) {
				text.WriteByte(' ')
			}
		}
	}
}

// isCredit tells whether an element's names, or its tag within a caption, say
// that it holds a credit.
func isCredit(n *page.Node) bool {
	if n.Tag == atom.Small || n.Tag == atom.Cite {
		return true
	}
	class := strings.ToLower(n.Attr("class"))
	if n.Marks&page.Credit == 0 || n.Marks&page.CaptionMark != 0 && !strings.Contains(class, "credit") && !strings.Contains(class, "attribution") {
		return n.Attr("itemprop") == "copyrightHolder"
	}
	return n.Find(func(e *page.Node) bool { return e != n && e.Marks&page.CaptionMark != 0 && e.Marks&page.Credit == 0 }) == nil
}

// isLabel tells whether an element holds a credit's label and nothing else:
// <strong>Image credits:</strong>.
func isLabel(n *page.Node) bool {
	if n.End-n.Order > 3 {
		return false
	}
	text := n.InnerText()
	return len(text) > 2 && len(text) < 40 && page.Letters(text) > 1 && strings.HasSuffix(text, ":") && leadingLabel.FindString(text) == text
}

// isAuthor tells whether a child of a caption, after its text, is named for an
// author: that of the photo.
func isAuthor(n *page.Node) bool {
	return n.Marks&(page.AuthorBox|page.Byline) != 0 && n.Marks&page.CaptionMark == 0 && Words(n.InnerText()) <= 15
}

// labelledChild tells whether a child of a caption is a short text that begins
// with a credit's label: "Bild: …", "© …".
func labelledChild(n *page.Node) bool {
	text := n.InnerText()
	return len(text) < 160 && Words(text) <= 14 && (leadingLabel.MatchString(text) || strings.HasPrefix(text, "©")) && n.Find(func(e *page.Node) bool { return e.Marks&page.CaptionMark != 0 }) == nil
}

// goesOn tells whether a loose text after a credit adds to it: " / Agency".
func goesOn(n *page.Node) bool {
	return n.IsText() && strings.IndexAny(strings.TrimLeft(n.Text, " \n\t"), "/|") == 0
}

// namesCaption tells whether the first child of a caption is a label for those
// who do not see it: "Image caption, ".
func namesCaption(n *page.Node) bool {
	if n.End-n.Order > 3 || n.Next == nil {
		return false
	}
	text := n.InnerText()
	return len(text) < 60 && Words(text) <= 3 && (strings.HasSuffix(text, ",") || strings.HasSuffix(text, "،"))
}

// leadsOn tells whether the last child of a caption, after a sentence or a
// credit, is a link of a few words: to a shop, a licence, a larger copy.
func leadsOn(before string, n *page.Node) bool {
	if n.Tag != atom.A || !isLast(n) || Words(n.InnerText()) < 3 {
		return false
	}
	if before = page.Fold(before); EndsSentence(before) {
		return !strings.HasSuffix(before, ":") && !mostlyNames(n.InnerText())
	}
	_, credit := PartCredit(before)
	return credit != ""
}

// isLast tells whether no text follows an element in its parent.
func isLast(n *page.Node) bool {
	for e := n.Next; e != nil; e = e.Next {
		if !e.IsText() || strings.TrimSpace(e.Text) != "" {
			return false
		}
	}
	return true
}

// setOff tells whether the last child of a caption is a credit by its place, after
// a text that is no whole sentence: names that follow a dash, run into the text
// before them, stand in capitals, or share the caption with one other element
// alone.
func setOff(before string, n *page.Node) bool {
	if !isLast(n) || n.End-n.Order > 8 || n.Tag == atom.A || EndsSentence(before) {
		return false
	}
	text := n.InnerText()
	if bracketed.FindString(text) == text && text != "" && Words(text) < 7 {
		return true
	}
	if words := Words(text); n.Tag == atom.Em || n.Tag == atom.I || words == 0 || words > 9 || EndsSentence(text) || Words(before) < 2 {
		return false
	}
	if strings.HasSuffix(before, " - ") || strings.HasSuffix(before, " – ") || strings.HasSuffix(before, "| ") {
		return mostlyNames(text)
	}
	alone := onlyText(n)
	switch {
	case strings.ContainsAny(text, "0123456789"), !mostlyNames(text): // a date or a time
		return false
	case capitals(text):
		return !capitals(before)
	case strings.ContainsAny(text, "/|"), strings.Contains(text, " - "), glued(before, n):
		return true
	}
	return alone && Words(before) > 3
}

// onlyText tells whether but one element with text stands before n in its parent.
func onlyText(n *page.Node) bool {
	texts := 0
	for e := n.Prev; e != nil && texts < 2; e = e.Prev {
		switch {
		case e.IsText() && strings.TrimSpace(e.Text) != "":
			return false
		case !e.IsText() && e.InnerText() != "":
			texts++
		}
	}
	return texts == 1
}

// capitals tells whether a text of some letters has no small one.
func capitals(s string) bool {
	return page.Letters(s) > 2 && strings.ToUpper(s) == s && strings.ToLower(s) != s
}

// afterSentence tells whether the last child of a caption, after a whole
// sentence, is a short text without a stop, as a credit in an element of its own
// is: in a span, or of names.
func afterSentence(before string, n *page.Node) bool {
	if !isLast(n) || n.End-n.Order > 8 || !EndsSentence(before) {
		return false
	}
	text := n.InnerText()
	if text == "" || EndsSentence(text) {
		return false
	}
	words := Words(text)
	return n.Tag == atom.Span && words <= 12 || words <= 8 && mostlyNames(text)
}

// agencyChild tells whether the last child of a caption is a short text of its
// own style that names an agency or ends in the word for a photo, as in
// <i>AP photo</i>.
func agencyChild(n *page.Node) bool {
	switch n.Tag {
	case atom.I, atom.Em, atom.Span, atom.B, atom.Font, atom.Div, atom.P:
	default:
		return false
	}
	for next := n.Next; next != nil; next = next.Next {
		if next.IsText() && strings.TrimSpace(next.Text) != "" || !next.IsText() && next.Marks&(page.Share|page.Tools) == 0 && next.Tag != atom.Button {
			return false
		}
	}
	text := n.InnerText()
	if text == "DR" || text == "D.R." {
		return true // droits réservés, derechos reservados, direitos reservados
	}
	return len(text) < 80 && Words(text) <= 5 && !EndsSentence(text) && agencyWord.MatchString(text)
}

// glued tells whether a child's text would run into the word before it.
func glued(before string, n *page.Node) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(n.SpacedText())
	return unicode.IsUpper(first) && (unicode.IsLower(last) || strings.ContainsRune(".!?)", last))
}
