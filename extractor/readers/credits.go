package readers

import (
	"regexp"
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
	if caption == "" && credit != "" {
		return splitOnlyCredit(credit)
	}
	if credit == "" {
		return PartCredit(caption)
	}
	rest, more := PartCredit(caption)
	if more != "" && rest != "" {
		return rest, trimCredit(more + " " + credit)
	}
	return caption, trimCredit(credit)
}

// splitOnlyCredit handles an element that is named a credit but may hold the
// whole caption.
func splitOnlyCredit(s string) (caption, credit string) {
	if caption, credit = PartCredit(s); credit != "" {
		return caption, credit
	}
	if Words(s) > 9 || EndsSentence(s) && Words(s) > 5 {
		return s, ""
	}
	return "", trimCredit(s)
}

func captionParts(root, n *page.Node, text, by *strings.Builder) {
	for c := n.First; c != nil; c = c.Next {
		switch {
		case c.IsText():
			text.WriteString(c.Text)
		case c.Invisible() || c.Tag == atom.Button || c.Marks&(page.Share|page.Tools|page.Promo) != 0 && c.Marks&page.CaptionMark == 0:
		case isCredit(c) || labelledChild(c) || text.Len() > 0 && agencyChild(c) || c.Prev != nil && text.Len() > 0 && c.Tag == atom.Span && afterSentence(text.String(), c):
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
	if n.Marks&page.Credit == 0 || n.Marks&page.CaptionMark != 0 && !strings.Contains(strings.ToLower(n.Attr("class")), "credit") {
		return n.Attr("itemprop") == "copyrightHolder"
	}
	return n.Find(func(e *page.Node) bool { return e != n && e.Marks&page.CaptionMark != 0 && e.Marks&page.Credit == 0 }) == nil
}

// labelledChild tells whether a child of a caption is a short text that begins
// with a credit's label: "Bild: …", "© …".
func labelledChild(n *page.Node) bool {
	text := n.InnerText()
	return len(text) < 160 && Words(text) <= 14 && leadingLabel.MatchString(text) && n.Find(func(e *page.Node) bool { return e.Marks&page.CaptionMark != 0 }) == nil
}

// afterSentence tells whether a child stands right after a whole sentence and is
// itself a short text without a stop, as a credit in a span of its own is.
func afterSentence(before string, n *page.Node) bool {
	text := n.InnerText()
	return EndsSentence(before) && text != "" && Words(text) <= 12 && !EndsSentence(text) && n.Next == nil
}

// agencyChild tells whether the last child of a caption is a short text of its
// own style that names an agency or ends in the word for a photo, as in
// <i>AP photo</i>.
func agencyChild(n *page.Node) bool {
	if n.Tag != atom.I && n.Tag != atom.Em && n.Tag != atom.Span && n.Tag != atom.B && n.Tag != atom.Font {
		return false
	}
	for next := n.Next; next != nil; next = next.Next {
		if !next.IsText() || strings.TrimSpace(next.Text) != "" {
			return false
		}
	}
	text := n.InnerText()
	return len(text) < 80 && Words(text) <= 5 && !EndsSentence(text) && agencyWord.MatchString(text)
}

// glued tells whether a child's text would run into the word before it.
func glued(before string, n *page.Node) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	first, _ := utf8.DecodeRuneInString(n.SpacedText())
	return unicode.IsUpper(first) && (unicode.IsLower(last) || strings.ContainsRune(".!?)", last))
}

// creditInside is the text of a credit element of a figure, outside its caption.
func creditInside(n *page.Node) string {
	found := n.Find(func(e *page.Node) bool {
		return e != n && e.Marks&page.Credit != 0 && e.Marks&(page.CaptionMark|page.Hidden) == 0 && e.Tag != atom.Img && e.Tag != atom.Figcaption && e.Tag != atom.Source && e.Tag != atom.Picture && imageIn(e) == nil
	})
	if found == nil {
		return ""
	}
	if text := found.InnerText(); len(text) < 200 {
		return trimCredit(text)
	}
	return ""
}

// creditAfter is the credit in the element after a caption's, where its label
// says so.
func creditAfter(n *page.Node) string {
	next := n.Next
	for next != nil && next.IsText() && strings.TrimSpace(next.Text) == "" {
		next = next.Next
	}
	if next == nil || next.IsText() || next.End-next.Order > 20 {
		return ""
	}
	if text := next.InnerText(); len(text) < 120 && leadingLabel.MatchString(text) {
		return trimCredit(text)
	}
	return ""
}

// creditLabel begins a credit in the languages of news pages.
const creditLabel = `(?:photo(?:graph)?(?: credit| by| courtesy(?: of)?)?|photograph(?:er|y)(?: by)?|picture(?: credit)?|image(?: credit| source)?|images|credit(?:s)?|pic(?:s)?|illustration|courtesy(?: of)?|foto(?:s|graf|grafie|nachweis|credit|grafía|grafia)?|bild(?:er|quelle|nachweis|rechte)?|quelle|grafik|symbolbild|archivfoto|symbolfoto|crédit(?:s)?(?: photo)?|photo d'illustration|źródło|fot|zdjęcie|imagen|imagem|crédito|credito|fuente|fonte|source|billede|kuva|fotó|zdj|фото|снимка|джерело|источник|фотография|φωτογραφία|φωτο|사진|写真|撮影|圖|图|資料照片|صورة|عکس|צילום|fotoğraf|ảnh|ภาพ|©|\(c\)|ⓒ|📷)`

var (
	// A label with a colon (or ©) at the end of the text, or in brackets.
	labelled = regexp.MustCompile(`(?i)[\s|/,.;–—-]*(?:\(|\[)?\s*(?:^|[\s(\[|/.,;–—-])(` + creditLabel + `\s?(?:[:：/|]|by\b|©)|©|ⓒ|📷)\s*([^:]{2,120})$`)
	// An agency in brackets at the end.
	bracketed = regexp.MustCompile(`\s*[(\[（]([^()\[\]（）]{2,90})[)\]）]\.?\s*$`)
	// A name with an agency at the end: "Jane Roe/REUTERS", "AFP via Getty Images".
	agencyTail = regexp.MustCompile(`(?:^|[\s.!?|–—-])((?:\p{Lu}(?:[\p{L}'’-]+|\.) ){0,3}(?:\p{Lu}(?:[\p{L}'’-]+|\.))?\s?(?:/|\||via|on|–|,)?\s?(?:` + agencies + `)(?:\s?(?:/|via|\||,|-)\s?[\p{L} .'’/-]{2,40})?)\.?$`)
	agencyWord = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:` + agencies + `|` + creditLabel + `)(?:$|[^\p{L}])`)
)

// agencies are those whose names stand under photos all over the world.
const agencies = `AP|AFP|dpa|DPA|REUTERS|Reuters|EPA(?:-EFE)?|EFE|ANSA|APA|AAP|PA|PA Wire|PA Media|TASS|ТАСС|Getty|Getty Images|Shutterstock|iStock|Alamy|IMAGO|imago(?: images)?|Bloomberg|Keystone|KEYSTONE|Xinhua|Kyodo|ANP|Belga|BELGA|NTB|TT|Ritzau|Scanpix|Lehtikuva|PAP|ČTK|TASR|MTI|Agerpres|Anadolu(?: Agency)?|AA|UPI|ZUMA|Sipa|SIPA|Abaca|picture[ -]alliance|ddp|epd|KNA|WENN|Rex|REX|Pixabay|Unsplash|Pexels|Flickr|Wikimedia(?: Commons)?|NASA|Europa Press|LaPresse|Yonhap|연합뉴스|뉴시스|뉴스1|共同|時事|ロイター|УНІАН|УНИАН|РИА Новости|Adobe Stock|Depositphotos|Fotolia|Instagram|Facebook|Twitter|Handout|AFP via Getty Images|The Associated Press|Associated Press|AP Photo|AP photo|afp|PTI|ANI`

// PartCredit sets a credit apart that stands at the end of a caption (or makes
// up all of it): "(AP photo)", "Foto: Jane Roe/dpa", "© Reuters".
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
	if wholeCredit.MatchString(s) && Words(s) <= 9 {
		return "", trimCredit(s)
	}
	if m := nameTail.FindStringSubmatchIndex(s); m != nil {
		return s[:m[3]], s[m[4]:m[5]]
	}
	if !mayCredit(s) {
		return s, ""
	}
	if m := bracketed.FindStringSubmatchIndex(s); m != nil && agencyWord.MatchString(s[m[2]:m[3]]) {
		if rest := strings.TrimSpace(s[:m[0]]); rest != "" || m[0] == 0 {
			return rest, trimCredit(s[m[2]:m[3]])
		}
	}
	if m := labelled.FindStringSubmatchIndex(s); m != nil && Words(s[m[4]:m[5]]) <= 12 {
		return strings.TrimRight(s[:m[2]], " |/,;–—-(["), trimCredit(s[m[2]:])
	}
	if caption, credit := slashTail(s); credit != "" {
		return caption, trimCredit(credit)
	}
	if m := agencyTail.FindStringSubmatchIndex(s); m != nil {
		rest := strings.TrimRight(s[:m[2]], " |/,;–—-")
		if rest == "" || EndsSentence(rest) || strings.ContainsAny(s[m[2]:m[3]], "/|") || strings.HasSuffix(s[:m[2]], "| ") || strings.HasSuffix(s[:m[2]], "– ") || strings.HasSuffix(s[:m[2]], "- ") {
			return rest, trimCredit(s[m[2]:m[3]])
		}
	}
	return s, ""
}

var (
	// wholeCredit is a name and its agencies with nothing else: "Jane
	// Roe/Agency/Getty Images", "Credit Jane Roe", "Jane Roe on Unsplash".
	wholeCredit = regexp.MustCompile(`^(?:(?:\p{Lu}[\p{L}.'’-]*[ -]?){1,4}(?:/\p{Lu}[\p{L}.'’ -]{1,40}){1,3}|Credits? ?\p{Lu}[\p{L}.'’ /-]{2,60}|[\p{L}.'’ -]{2,40} on (?:Unsplash|Pexels|Flickr|Pixabay))$`)
	// nameTail is a name after a whole sentence: "… in Seoul on Thursday. Jane Roe".
	nameTail = regexp.MustCompile(`^(.*(?:\p{Ll}{4}|\d{4}|[”"»)])[.!?][”"»]?) ((?:\p{Lu}[\p{L}'’-]+ ){1,3}\p{Lu}[\p{L}'’-]+)$`)
)

// mayCredit is a cheap look for what a credit needs: a bracket at the end, a
// sign after a label, or an agency's name.
func mayCredit(s string) bool {
	if strings.ContainsAny(s, ":/|©ⓒ：") || strings.Contains(s, " by ") || strings.Contains(s, "By ") || strings.HasSuffix(strings.TrimRight(s, ". "), ")") || strings.HasSuffix(s, "]") || strings.HasSuffix(s, "）") {
		return true
	}
	for _, a := range agencyNames {
		if strings.Contains(s, a) {
			return true
		}
	}
	return false
}

// agencyNames are the plain beginnings of agencies, for a quick look.
var agencyNames = func() []string {
	var out []string
	for _, a := range strings.Split(agencies, "|") {
		if at := strings.IndexAny(a, "([?"); at >= 0 {
			a = a[:at]
		}
		if a = strings.TrimRight(a, "-"); len(a) > 1 && !strings.Contains(a, ")") {
			out = append(out, a)
		}
	}
	return out
}()

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
		if Words(tail) <= 7 && (Words(s[:at]) >= 2 || strings.Contains(tail, "/")) && (unicode.IsUpper(first) || first == '©' || first == '(' || unicode.Is(unicode.Lo, first)) {
			return strings.TrimSpace(s[:at]), tail
		}
	}
	if m := newLabel.FindStringSubmatchIndex(s); m != nil {
		return s[:m[3]], s[m[4]:]
	}
	return "", ""
}

// newLabel is a label in a language that the table does not know: one word and a
// colon after a sentence, then a name.
var newLabel = regexp.MustCompile(`^(.*[.!?…”"])\s+(\p{Lu}\p{L}{3,14}: ?(?:[\p{L}.'’/&-]+ ?){1,5})$`)

var leadingLabel = regexp.MustCompile(`(?i)^\s*` + creditLabel + `\s?(?:[:：/|]|by\b)\s*`)

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
	s = strings.TrimRight(s, ")] ")
	for i := 0; i < 2; i++ {
		if m := leadingLabel.FindString(s); m != "" && len(m) < len(s) {
			s = strings.TrimSpace(s[len(m):])
		}
	}
	return strings.TrimSpace(strings.TrimPrefix(strings.TrimPrefix(s, "©"), "ⓒ"))
}
