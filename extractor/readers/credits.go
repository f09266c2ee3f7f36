package readers

import (
	"regexp"
	"strings"

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
		case isCredit(c):
			by.WriteByte(' ')
			by.WriteString(c.SpacedText())
			text.WriteByte(' ')
		default:
			if !page.Inline(c.Tag) {
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

// creditInside is the text of a credit element of a figure, outside its caption.
func creditInside(n *page.Node) string {
	found := n.Find(func(e *page.Node) bool {
		return e != n && e.Marks&page.Credit != 0 && e.Marks&(page.CaptionMark|page.Hidden|page.Figure) == 0 && e.Tag != atom.Img && e.Tag != atom.Figcaption && e.Tag != atom.Source
	})
	if found == nil {
		return ""
	}
	if text := found.InnerText(); len(text) < 200 {
		return trimCredit(text)
	}
	return ""
}

// creditLabel begins a credit in the languages of news pages.
const creditLabel = `(?:photo(?:graph)?(?: credit| by| courtesy(?: of)?)?|photograph(?:er|y)(?: by)?|picture(?: credit)?|image(?: credit| source)?|images|credit(?:s)?|pic(?:s)?|illustration|courtesy(?: of)?|foto(?:s|graf|grafie|nachweis|credit|grafía|grafia)?|bild(?:er|quelle|nachweis|rechte)?|quelle|grafik|symbolbild|archivfoto|symbolfoto|crédit(?:s)?(?: photo)?|photo d'illustration|imagen|imagem|crédito|credito|fuente|fonte|source|billede|kuva|fotó|zdj|фото|снимка|джерело|источник|фотография|φωτογραφία|φωτο|사진|写真|撮影|圖|图|資料照片|صورة|عکس|צילום|fotoğraf|ảnh|ภาพ|©|\(c\)|ⓒ|📷)`

var (
	// A label with a colon (or ©) at the end of the text, or in brackets.
	labelled = regexp.MustCompile(`(?i)[\s|/,.;–—-]*(?:\(|\[)?\s*(?:^|[\s(\[|/.,;–—-])(` + creditLabel + `\s?(?:[:：/|]|by\b|©)|©|ⓒ|📷)\s*([^:]{2,120})$`)
	// An agency in brackets at the end.
	bracketed = regexp.MustCompile(`\s*[(\[（]([^()\[\]（）]{2,90})[)\]）]\.?\s*$`)
	// A name with an agency at the end: "Jane Roe/REUTERS", "AFP via Getty Images".
	agencyTail = regexp.MustCompile(`(?:^|[\s.!?|–—-])((?:[\p{L}.'’-]+ ){0,3}[\p{L}.'’-]*\s?(?:/|\||via|–|,)?\s?(?:` + agencies + `)(?:\s?(?:/|via|\||,|-)\s?[\p{L} .'’/-]{2,40})?)\.?$`)
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
	if m := bracketed.FindStringSubmatchIndex(s); m != nil && agencyWord.MatchString(s[m[2]:m[3]]) {
		if rest := strings.TrimSpace(s[:m[0]]); rest != "" {
			return rest, trimCredit(s[m[2]:m[3]])
		}
	}
	if m := labelled.FindStringSubmatchIndex(s); m != nil && Words(s[m[4]:m[5]]) <= 12 {
		return strings.TrimRight(s[:m[2]], " |/,;–—-(["), trimCredit(s[m[2]:])
	}
	if m := agencyTail.FindStringSubmatchIndex(s); m != nil {
		rest := strings.TrimRight(s[:m[2]], " |/,;–—-")
		if rest == "" || EndsSentence(rest) || strings.ContainsAny(s[m[2]:m[3]], "/|") || strings.HasSuffix(s[:m[2]], "| ") || strings.HasSuffix(s[:m[2]], "– ") || strings.HasSuffix(s[:m[2]], "- ") {
			return rest, trimCredit(s[m[2]:m[3]])
		}
	}
	return s, ""
}

var leadingLabel = regexp.MustCompile(`(?i)^\s*` + creditLabel + `\s?(?:[:：/|]|by\b)\s*`)

// trimCredit takes brackets and the label off a credit, but leaves one that is
// nothing else.
func trimCredit(s string) string {
	s = strings.TrimSpace(s)
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
