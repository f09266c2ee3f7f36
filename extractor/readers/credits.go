package readers

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// creditAround is the credit of a picture that stands outside its caption: in
// the element around image and caption, in an attribute, or after the caption's
// words in the image's title.
func creditAround(p *Picture, holder *page.Node) string {
	if holder != nil {
		if credit := creditInside(holder, p.Text); credit != "" {
			return credit
		}
	}
	if p.Text != nil {
		if credit := creditAfter(p.Text); credit != "" {
			return credit
		}
		if holder != nil && p.Text != holder && holder.Tag == atom.Figure {
			if credit := looseCredit(holder, p.Text); credit != "" {
				return credit
			}
		}
	}
	if p.Image == nil {
		return ""
	}
	for _, key := range creditKeys {
		if v := clean(p.Image.Attr(key)); v != "" && len(v) < 160 && page.Letters(v) > 1 {
			return trimCredit(v)
		}
	}
	for _, key := range []string{"title", "alt"} {
		v := clean(p.Image.Attr(key))
		at := strings.LastIndex(v, " | ")
		if at < 0 || len(v)-at > 100 || p.Caption != "" && !strings.HasPrefix(v, p.Caption) && !leadingLabel.MatchString(v[at+3:]) {
			continue
		}
		if tail := v[at+3:]; Words(tail) <= 10 && !strings.HasPrefix(p.Caption, tail) {
			return trimCredit(tail)
		}
	}
	return ""
}

// withoutCredit takes a credit that is known from elsewhere off the end of a
// caption, with the brackets around it.
func withoutCredit(caption, credit string) string {
	if credit == "" || len(credit) < 4 && caption != credit {
		return caption
	}
	rest, found := strings.CutSuffix(strings.TrimRight(caption, " )]."), credit)
	if !found {
		return caption
	}
	trimmed := strings.TrimRight(rest, " ([|/–—-")
	if trimmed == "" || strings.HasSuffix(trimmed, ".") || len(trimmed) < len(strings.TrimRight(rest, " ")) {
		return trimmed
	}
	return caption
}

// creditInside is the text of an element of a figure, outside its caption, that
// is a credit by its names or by its label.
func creditInside(n, caption *page.Node) string {
	found := n.Find(func(e *page.Node) bool {
		if e == n || e.IsText() || isImage(e) || e.Tag == atom.Figcaption || e.Tag == atom.Source || e.Tag == atom.Picture || e.Marks&page.Hidden != 0 || caption != nil && e.Holds(caption) {
			return false
		}
		if e.Marks&page.Credit != 0 && e.Marks&page.CaptionMark == 0 || e.Tag == atom.Cite || e.Tag == atom.Small || e.Tag == atom.Footer && n.Tag == atom.Figure {
			text := shortText(e, 200)
			return imageIn(e) == nil && text != "" && (Words(text) <= 14 || agencyWord.MatchString(text)) && !shares(text, caption)
		}
		if e.First == nil || caption != nil && caption.Holds(e) || e.End-e.Order > 12 {
			return false
		}
		text := shortText(e, 120)
		return text != "" && Words(text) <= 12 && (leadingLabel.FindString(text) != text && leadingLabel.MatchString(text) || strings.HasPrefix(text, "© "))
	})
	if found == nil {
		return ""
	}
	return trimCredit(shortText(found, 200))
}

// looseCredit is the text of a figure outside of its caption, where it is names
// and nothing else.
func looseCredit(n, caption *page.Node) string {
	var b strings.Builder
	n.Each(func(e *page.Node) bool {
		switch {
		case e.IsText():
			b.WriteString(e.Text)
			return true
		case e == caption || e.Invisible() || e.Tag == atom.Button || e.Tag == atom.A || e.Tag == atom.Figcaption || e.Attr("role") == "button" || namesCaption(e):
			return false
		}
		b.WriteByte(' ')
		return b.Len() < 200
	})
	text := page.Fold(b.String())
	if words := Words(text); len(text) > 80 || words == 0 || words > 6 || EndsSentence(text) || strings.ContainsAny(text, "0123456789") {
		return ""
	}
	if capitals(text) || Words(text) > 1 && mostlyNames(text) {
		return trimCredit(text)
	}
	return ""
}

// shares tells whether a text begins as a caption does.
func shares(text string, caption *page.Node) bool {
	if caption == nil {
		return false
	}
	printed := unfolded(caption)
	return len(printed) > 30 && len(text) > 30 && text[:20] == printed[:20]
}

// shortText is an element's text where it is shorter than limit bytes, else "".
func shortText(n *page.Node, limit int) string {
	if n.End-n.Order > 40 {
		return ""
	}
	if text := n.InnerText(); len(text) < limit {
		return text
	}
	return ""
}

// creditAfter is the credit in an element after a caption's, or after the
// elements around that, where its names or its label say so.
func creditAfter(n *page.Node) string {
	for up := 0; n != nil && up < 4; n, up = n.Parent, up+1 {
		next := nextShown(n)
		if next == nil {
			continue
		}
		if next.End-next.Order > 20 || heading(next.Tag) {
			return ""
		}
		text := next.InnerText()
		if rest, found := strings.CutPrefix(text, n.InnerText()); found { // the caption again, with its credit
			text = strings.TrimLeft(rest, " |/–—-")
		}
		named := next.Marks&page.Credit != 0 || next.First != nil && next.First.Marks&page.Credit != 0
		if len(text) < 120 && Words(text) <= 14 && (leadingLabel.MatchString(text) || named && next.Marks&(page.Related|page.Teaser) == 0) {
			return trimCredit(text)
		}
		return ""
	}
	return ""
}

// PartCredit sets a credit apart that stands at the end of a caption (or at its
// beginning, in brackets; or makes up all of it): "(AP photo)", "Foto: Jane
// Roe/dpa", "© Reuters".
func PartCredit(s string) (caption, credit string) {
	if len(s) > 3000 {
		return s, ""
	}
	// A credit stands at the end; what is before the last 200 bytes is not read.
	if cut := len(s) - 200; cut > 0 {
		for !utf8.RuneStart(s[cut]) {
			cut++
		}
		if caption, credit = PartCredit(s[cut:]); credit == "" || caption == "" {
			return s, ""
		}
		return s[:cut] + caption, credit
	}
	if m := leadingLabel.FindString(s); m != "" { // "Foto: The ferry at the pier (Jane Roe/paper)"
		if caption, credit = bracketCredit(s[len(m):]); credit != "" && Words(caption) > 3 && !mostlyNames(caption) {
			return caption, credit
		}
	}
	if m := barredCredit.FindStringSubmatch(s); m != nil && mostlyNames(m[1]) && !mostlyNames(m[2]) {
		return m[2], m[1]
	}
	if onlyCredit(s) {
		return "", trimCredit(s)
	}
	if m := nameTail.FindStringSubmatchIndex(s); m != nil {
		return s[:m[3]], s[m[4]:m[5]]
	}
	if caption, credit = eastAsianTail(s); credit != "" {
		return caption, credit
	}
	if !mayCredit(s) {
		return s, ""
	}
	ways := []func(string) (string, string){bracketCredit, labelledTail, slashTail, agencyAtEnd}
	if m := labelled.FindStringSubmatchIndex(s); m != nil && strings.LastIndexAny(s[:m[2]], "([（【") <= strings.LastIndexAny(s[:m[2]], ")]）】") {
		ways[0], ways[1] = ways[1], ways[0] // "Foto: Jane Roe (dpa)"
	}
	for _, part := range ways {
		if caption, credit = part(s); credit == "" {
			continue
		}
		if m := nameTail.FindStringSubmatchIndex(caption); m != nil { // "… on Friday. Jane Roe / AP"
			return s[:m[3]], trimCredit(s[m[3]:])
		}
		if before, more := slashTail(caption); more != "" && strings.HasPrefix(s, before) { // "… on Friday. / Jane Roe (AP)"
			return before, trimCredit(strings.TrimLeft(s[len(before):], " /|"))
		}
		return caption, credit
	}
	return s, ""
}

// LabelledCredit tells whether a text is a credit's label and few words: "Foto:
// Jane Roe".
func LabelledCredit(s string) bool {
	return mayCredit(s) && leadingLabel.MatchString(strings.Trim(s, "()[] ")) && onlyCredit(s)
}

// onlyCredit tells whether a text is a credit and nothing else: a name and its
// agencies, or a label and what may be names.
func onlyCredit(s string) bool {
	bare := strings.Trim(s, "()[] ")
	if wholeCredit.MatchString(bare) && Words(bare) <= 9 {
		return true
	}
	if gluedLabel.MatchString(bare) && Words(bare) <= 14 && !EndsSentence(bare) {
		return true
	}
	m := leadingLabel.FindString(bare)
	if m == "" || m == bare {
		return false
	}
	rest := bare[len(m):]
	words := Words(rest)
	return words <= 3 || words <= 12 && !EndsSentence(rest) && (mostlyNames(rest) || strings.ContainsAny(rest, "/|"))
}

// mostlyNames tells whether most words begin with a capital, in scripts that
// have them.
func mostlyNames(s string) bool {
	capitals, small := 0, 0
	for _, w := range strings.Fields(s) {
		switch r, _ := utf8.DecodeRuneInString(strings.TrimLeft(w, "(\"“„«")); {
		case unicode.IsUpper(r):
			capitals++
		case unicode.IsLower(r):
			small++
		}
	}
	return capitals > 2*small
}

// eastAsianTail sets apart what Japanese, Korean and Chinese papers end captions
// with: ＝共同, （…撮影）, a reporter's name.
func eastAsianTail(s string) (caption, credit string) {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x3000 }) < 0 {
		return "", "" // no letter of those scripts
	}
	if strings.ContainsAny(s, "＝=") {
		if caption, credit = labelledTail(s); credit != "" { // /사진=…
			return caption, credit
		}
	}
	if m := givenBy.FindStringSubmatch(s); m != nil {
		return m[1], strings.TrimSpace(m[2])
	}
	if m := sentenceTaken.FindStringSubmatch(s); m != nil {
		return strings.TrimRight(m[1], "、 "), strings.TrimSpace(m[2])
	}
	if m := reporter.FindStringSubmatch(s); m != nil {
		return strings.TrimSpace(m[1]), m[2]
	}
	if m := hangulTail.FindStringSubmatch(s); m != nil {
		return m[1], m[2]
	}
	if m := afterEquals.FindStringSubmatch(s); m != nil && !place.MatchString(m[2]) {
		caption = m[1]
		if at := strings.LastIndexByte(caption, ' '); at > 0 && strings.HasSuffix(caption[:at], ".") {
			caption = caption[:at] // 인천=연합뉴스: the place belongs to the credit
		}
		return strings.TrimSpace(caption), strings.TrimSpace(m[2])
	}
	if m := bracketed.FindStringSubmatchIndex(s); m != nil && m[0] > 0 {
		if inner := s[m[2]:m[3]]; takenBy.MatchString(inner) || takenFrom.MatchString(inner) {
			inner = strings.TrimPrefix(takenBy.ReplaceAllString(inner, ""), "촬영 ")
			return strings.TrimSpace(s[:m[0]]), trimCredit(inner)
		}
	}
	return "", ""
}

// bracketCredit sets a bracket apart that holds a label, an agency, or a name and
// its paper.
func bracketCredit(s string) (caption, credit string) {
	if m := bracketed.FindStringSubmatchIndex(s); m != nil {
		inner := strings.TrimSpace(s[m[2]:m[3]])
		rest := strings.TrimSpace(s[:m[0]])
		names := rest != "" && EndsSentence(rest) && Words(inner) > 1 && Words(inner) < 7 && mostlyNames(inner)
		if (names || agencyWord.MatchString(inner) || nameInBrackets.MatchString(inner)) && (rest != "" || m[0] == 0) && Words(inner) <= 14 {
			if m := bareLabel.FindStringSubmatch(inner); m != nil {
				inner = m[1]
			}
			return rest, trimCredit(inner)
		}
	}
	if m := bracketFirst.FindStringSubmatch(s); m != nil && leadingLabel.MatchString(m[1]) {
		return strings.TrimSpace(m[2]), trimCredit(m[1])
	}
	return "", ""
}

// labelledTail sets apart what follows a label at the end of a text. A label
// within a sentence, in small letters, is a word of it: "the bigger picture: …".
func labelledTail(s string) (caption, credit string) {
	m := labelled.FindStringSubmatchIndex(s)
	if m == nil || Words(s[m[4]:m[5]]) > 12 {
		return "", ""
	}
	before := strings.TrimRight(s[:m[2]], " ")
	first, _ := utf8.DecodeRuneInString(s[m[2]:])
	last, _ := utf8.DecodeLastRuneInString(before)
	if unicode.IsLower(first) && (unicode.IsLetter(last) || unicode.IsDigit(last)) {
		return "", ""
	}
	credit = trimCredit(s[m[2]:])
	if o := orgBefore.FindStringSubmatchIndex(before); o != nil {
		return before[:o[3]], s[o[4]:]
	}
	return strings.TrimRight(before, " |/,;–—-([（【"), credit
}

// agencyAtEnd sets an agency at the end apart, with the name before it.
func agencyAtEnd(s string) (caption, credit string) {
	if m := gluedAgency.FindStringSubmatchIndex(s); m != nil && !preposition.MatchString(s[:m[4]]) {
		return strings.TrimSpace(s[:m[4]]), s[m[4]:m[5]]
	}
	m := agencyTail.FindStringSubmatchIndex(s)
	if m == nil {
		return "", ""
	}
	before := s[:m[2]]
	rest := strings.TrimRight(before, " |/,;–—-")
	if rest == "" || EndsSentence(rest) || strings.ContainsAny(s[m[2]:m[3]], "/|") || strings.HasSuffix(before, "| ") || strings.HasSuffix(before, "– ") || strings.HasSuffix(before, "- ") {
		return rest, trimCredit(s[m[2]:m[3]])
	}
	return "", ""
}

// BracketTail sets a bracket at the end of a text apart where it holds a name's
// few words, the first of them with a capital. Whether it is a credit, the other
// captions of the page tell.
func BracketTail(s string) (rest, bracket string) {
	m := bracketed.FindStringSubmatchIndex(s)
	if m == nil || m[0] == 0 {
		return s, ""
	}
	inner := strings.TrimSpace(s[m[2]:m[3]])
	first, _ := utf8.DecodeRuneInString(inner)
	if Words(inner) > 6 || unicode.IsLower(first) || !unicode.IsLetter(first) {
		return s, ""
	}
	return strings.TrimSpace(s[:m[0]]), inner
}

// mayCredit is a cheap look for what a credit needs: a bracket at the end, a
// sign after a label, or an agency's name.
func mayCredit(s string) bool {
	if strings.ContainsAny(s, ":/|©ⓒ：=📷📸") || strings.Contains(s, " by ") || strings.Contains(s, "By ") || strings.HasSuffix(strings.TrimRight(s, ". "), ")") || strings.HasSuffix(s, "]") || strings.HasSuffix(s, "）") {
		return true
	}
	for _, list := range [][]string{agencyNames, labelSigns} {
		for _, a := range list {
			if strings.Contains(s, a) {
				return true
			}
		}
	}
	return false
}

// labelSigns are what labels without a sign of their own have.
var labelSigns = []string{"ot. ", "dj. ", "ωτ. ", " nuotr", " felvétele", " fotója", " fotografija", "ourtesy ", "- ", "– ", "—", "／"}

// slashTail sets apart what follows " / " or " | " at the end where it is but a
// name or two: "… in Palma / Jane Roe".
func slashTail(s string) (caption, credit string) {
	for _, sep := range []string{" | ", " / ", " // "} {
		at := strings.Index(s, sep)
		if at <= 0 {
			continue
		}
		tail := strings.TrimSpace(s[at+len(sep):])
		first, _ := utf8.DecodeRuneInString(tail)
		if Words(tail) <= 9 && (Words(s[:at]) >= 2 || strings.Contains(tail, "/")) && (unicode.IsUpper(first) || first == '©' || first == '(' || unicode.Is(unicode.Lo, first)) {
			return strings.TrimSpace(s[:at]), trimCredit(tail)
		}
	}
	if m := dashNames.FindStringSubmatchIndex(s); m != nil && Words(s[m[4]:m[5]]) <= 6 && mostlyNames(s[m[4]:m[5]]) {
		return s[:m[3]], trimCredit(s[m[4]:m[5]])
	}
	for _, tail := range []*regexp.Regexp{sentenceLabel, endLabel, slashNames, newLabel} {
		if m := tail.FindStringSubmatchIndex(s); m != nil && Words(s[m[4]:]) <= 12 && (tail != newLabel || !EndsSentence(s) && mostlyNames(s[m[4]:])) {
			return s[:m[3]], trimCredit(dashLabel.ReplaceAllString(s[m[4]:], ""))
		}
	}
	return "", ""
}

// trimCredit takes brackets and the label off a credit, but leaves one that is
// nothing else.
func trimCredit(s string) string {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "（"); ok {
		s = strings.TrimSuffix(inner, "）")
	}
	if len(s) > 1 && strings.ContainsAny(s[:1], "([") {
		s = strings.Trim(s, "()[] ")
	}
	s = strings.TrimSpace(s)
	for _, pair := range []string{"()", "[]"} {
		if strings.HasSuffix(s, pair[1:]) && !strings.Contains(s, pair[:1]) {
			s = strings.TrimRight(s, pair[1:]+" ")
		}
	}
	for i := 0; i < 3; i++ {
		s = strings.TrimLeft(s, "©ⓒ ")
		if m := leadingLabel.FindString(s); m != "" && len(m) < len(s) {
			s = strings.TrimSpace(s[len(m):])
		}
		if m := gluedLabel.FindStringSubmatchIndex(s); m != nil {
			s = strings.TrimLeft(s[m[2]:], ".… ")
		}
	}
	if m := nameOf.FindStringSubmatch(s); m != nil {
		s = m[1]
	}
	s = strings.Trim(strings.TrimLeft(s, "©ⓒ "), " |/–—-•·,;")
	if before, after, ok := strings.Cut(s, " | "); ok && before == after {
		return before
	}
	return s
}
