package readers

import (
	"regexp"
	"strings"
)

// creditLabel begins a credit, in the languages of news pages. Longer forms
// stand before shorter ones that begin them.
const creditLabel = `(?:(?:(?:top|cover|main|lead|header|featured?|all|file|stock) )?(?:` +
	`photo(?:graph)?s?(?: credits?| by| courtesy(?: of)?| illustration)?|photograph(?:er|y)(?: by)?|pictures?(?: credits?| by)?|images?(?: credits?| sources?| courtesy(?: of)?| by)?|credits?(?: images?| photos?)?|pics?|illustration(?: by)?|cartoon(?: by)?|drawing(?: by)?|courtesy(?: of)?|source|screenshots?|screengrab|handout|graphic` +
	`|fotos?(?:grafie|graf|nachweis|credit|quelle|grafía|grafia|montage)?|bilder|bild(?:quelle|nachweis|rechte|agentur|er)?|(?:beitrags|titel|symbol|archiv|vorschau)(?:bild|foto)|quellen?|grafik|montage|urheber` +
	`|crédits?(?: photo| image)?|photo d'illustration|légende|capture d'écran|dessin` +
	`|imagen|imágenes|imagem|imagens|imatge|créditos?|creditos?|crédits|fuente|fonte|reprodução|divulgação|arquivo|captura(?: de pantalla)?|fotografía|fotografia|fotografie|argazkia|archivo` +
	`|beeld|bron|billede|bilde|bildet|bilete|skjermdump|skärmdump|kuva|kuvakaappaus|kuvat|mynd|ljósmynd` +
	`|źródło|fot|zdjęcie|zdjęcia|zdj|zdroj|snímka|snímek|autor|fotó|forrás|sursa|foto-montaj|nuotr|nuotrauka|foto autors|(?:autor/)?allikas|avots|izvor|vir|foto ilustracija` +
	`|фото(?:графия|графія|граф)?|снимка|снимок|источник|джерело|скриншот|извор|фотаздымак|сурет|здымак` +
	`|φωτογραφία|φωτογραφίες|φωτο|πηγή|fotoğraf|kaynak|görsel|şəkil|ფოტო|լուսանկարը|լուսանկար` +
	`|صورة|صور|تصوير|المصدر|مصدر الصورة|عکس|عکاس|تصویر|منبع|צילום|צילומים|תמונה|קרדיט` +
	`|फोटो|तस्वीर|छवि|ছবি|ফটো|புகைப்படம்|படம்|ఫొటో|ഫോട്ടോ|ಚಿತ್ರ|ફોટો|ፎቶ` +
	`|ภาพ|ที่มา|ảnh|nguồn(?: ảnh)?|gambar|larawan|picha|isithombe` +
	`|사진|자료사진|자료|출처|写真|撮影|画像|提供|出典|図|图片来源|圖片來源|图片|圖片|照片|資料照片|图源|圖源|来源|來源|圖|图|攝影|摄影|摄|攝` +
	`|©|\(c\)|ⓒ|📷|📸)(?: (?:fotos?|photos?|zdjęcia|zdjęć|фото|ảnh|imagen|imagem|immagine|slike|fotografije|fotoğraf))?)`

// shortLabel is a label that is cut short and so ends in a stop.
const shortLabel = `(?:fot|zdj|nuotr|ф|foto|phot|φωτ)\.`

// agencies are those whose names stand under photos all over the world.
const agencies = `AFP via Getty Images|The Associated Press|Associated Press|AP Photos?|AP photos?|AP|AFP|afp|dpa|DPA|REUTERS|Reuters|EPA(?:-EFE)?|EFE|ANSA|APA|AAP(?: Image)?|PA Wire|PA Media|PA|TASS|ТАСС` +
	`|Getty Images|Getty|Shutterstock(?:\.com)?|iStock(?:photo)?|Alamy|IMAGO|imago(?: images)?|Bloomberg|Keystone|KEYSTONE|Xinhua|Kyodo|ANP|Belga|BELGA|NTB|TT|Ritzau(?: Scanpix)?|Scanpix|Lehtikuva|PAP|ČTK|TASR|MTI|AGERPRES|Agerpres|BNS|LETA|ELTA|HINA|Tanjug|LUSA|Lusa|BTA` +
	`|Anadolu(?: Agency| Ajansı)?|AA|DHA|İHA|UPI|ZUMA|Sipa|SIPA|Abaca|picture[ -]alliance|ddp|epd|KNA|WENN|Rex|REX|Pixabay|Unsplash|Pexels|Freepik|Dreamstime|Flickr|Wikimedia(?: Commons)?|Profimedia|NurPhoto|Folhapress|Estadão Conteúdo|Agência Brasil|Télam|Cuartoscuro|East News|Imagn(?: Images)?|USA TODAY Sports|Icon Sportswire` +
	`|NASA|Europa Press|LaPresse|Sputnik|Yonhap|IRNA|ISNA|Mehr|Tasnim|WANA|PTI|ANI|IANS|Antara|TTXVN|УНІАН|УНИАН|Укринформ|Укрінформ|РИА Новости|Интерфакс` +
	`|연합뉴스|뉴시스|뉴스1|로이터|共同通信|共同|時事通信|時事|ロイター|ＡＰ|ＡＦＰ|新华社|新華社|中新社|中央社|法新社|路透社?|美聯社|视觉中国` +
	`|رويترز|أ\. ?ف\. ?ب\.?|أ ف ب|أ\. ?ب\.?|الفرنسية|الأوروبية|أسوشيتد برس|الأناضول|غيتي|وكالات|سبوتنيك|شينخوا|رویترز|ایسنا|ایرنا|تسنیم|خبرگزاری [\p{L}‌]{2,20}|اے ایف پی|روئٹرز|רויטרס|גטי|פלאש ?90|לע"?מ` +
	`|एएनआई|पीटीआई|एएफपी|रॉयटर्स|রয়টার্স|এএফপি|এএনআই|รอยเตอร์|เอเอฟพี` +
	`|Adobe Stock|Depositphotos|Fotolia|Instagram|Facebook|Twitter|YouTube|Telegram|Handout|Pool`

var (
	// A label with a colon (or ©) at the end of the text, or in brackets.
	labelled = regexp.MustCompile(`(?i)(?:^|[\s(\[（【|/,;.。–—-])(` + creditLabel + `(?:\s?[:：=|／]|\s?/|\s+by\b|\s?©)|` + shortLabel + `:?|©|ⓒ|📷|📸)\s*([^:]{2,120})$`)
	// A bracket at the end.
	bracketed = regexp.MustCompile(`\s*[(\[（【]([^()\[\]（）【】]{2,90})[)\]）】]\.?\s*$`)
	// A bracket at the beginning.
	bracketFirst = regexp.MustCompile(`^[(\[（【]([^()\[\]（）【】]{2,90})[)\]）】]\s*(.{12,})$`)
	// A name with an agency at the end: "Jane Roe/REUTERS", "AFP via Getty Images".
	agencyTail = regexp.MustCompile(`(?:^|[\s.!?|–—-])((?:\p{Lu}(?:[\p{L}'’-]+|\.) ){0,3}(?:\p{Lu}(?:[\p{L}'’-]+|\.))?\s?(?:/|\||via|on|–|,)?\s?(?:` + agencies + `)(?:\s?(?:/|via|\||,|-)\s?[\p{L} .'’/-]{2,40})?)\.?$`)
	agencyWord = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:` + agencies + `|` + creditLabel + `)(?:$|[^\p{L}])`)
	// Agencies that no caption ends with unless they are its credit, after a word.
	gluedAgency = regexp.MustCompile(`(\p{Ll}|\d) ((?:AFP via |NurPhoto via )?Getty Images|REUTERS|Shutterstock|EPA-EFE|iStock)$`)
	// preposition before an agency: the caption speaks of it.
	preposition = regexp.MustCompile(`(?i) (?:to|by|via|from|of|with|at|for|told|and|on|an|von|bei|laut|à|de|par|con|per) $`)

	leadingLabel = regexp.MustCompile(`(?i)^\s*(?:` + creditLabel + `\s?(?:[:：|=／]|by\b|©)\s*|(?:photos?|pictures?|fotos?) / |` + shortLabel + `:?\s*|photos? by |pictures? by |courtesy of |courtesy )`)
	// labelAtEnd is a label whose credit stood in an element of its own.
	labelAtEnd = regexp.MustCompile(`(?i)(?:^|[\s(\[|/–—-])(?:` + creditLabel + `\s?[:：=]|` + shortLabel + `:?)\s*$`)
	// bareLabel is a label before a name in brackets: (foto Ansa).
	bareLabel = regexp.MustCompile(`^(?:[Ff]oto|[Bb]ild|[Kk]uva|[Фф]ото)\s+(\p{Lu}.*)$`)
	// nameOf is a label without a colon before a name: Foto di Anna Rossi.
	nameOf = regexp.MustCompile(`^(?i:(?:foto|photo|imagen|imagem)s? (?:di|de|von|van|av|af)) (\p{Lu}.*)$`)
	// orgBefore is what stands before a label of its own: PT PHOTO: …
	orgBefore = regexp.MustCompile(`^(.*[.!?”"»])\s+(\p{Lu}{2,12})$`)
	// dashNames are names after a whole sentence and a dash.
	dashNames = regexp.MustCompile(`^(.*(?:\p{L}{2}|\d)[.!?”"»)])\s?(?:[—–]| -)\s?([^—–:]{2,60}?)\.?$`)
	// barredCredit is a credit before its caption, with bars between: FOTO | Jane Roe |
	// The bridge.
	barredCredit = regexp.MustCompile(`^(?i:` + creditLabel + `)\s?[|:]\s?([^|]{2,60})\s\|\s(.{12,})$`)
	// gluedLabel is a label that styles hide, run into the name: CreditJane Roe.
	gluedLabel = regexp.MustCompile(`^(?:Credits?|Crédits?)+(\p{Lu}|\.\.\.|…)`)
	// takenBy ends a bracket that is a credit in Japanese, Chinese and Korean: who
	// took or gave the photo.
	takenBy = regexp.MustCompile(`(?:撮影|提供|写真|摄|攝|供图|供圖|資料照|资料图|資料圖|촬영|제공)$`)
	// takenFrom begins one: who took it, or where it is from.
	takenFrom = regexp.MustCompile(`^(?:촬영 |(?:圖|图)?(?:取自|翻攝|翻摄|擷取|擷自|截自)|提供：|撮影：)`)
	// hangulTail is an agency after a whole sentence in Korean.
	hangulTail = regexp.MustCompile(`^(.{6,}\p{Hangul}\.)\s([\p{Hangul}\w]{2,8}(?: [\p{Hangul}\w]{2,6})?)$`)
	// sentenceTaken is who took a photo, after a whole sentence or, in Japanese, after
	// the place: 。新华社记者 某某摄, 、某某撮影.
	sentenceTaken = regexp.MustCompile(`^(.*(?:[。！？”」）]\s?|、))([^。、＝=（）]{2,24})(?:摄|攝|撮影)$`)
	// afterEquals is a credit after the sign that Japanese and Korean papers use.
	afterEquals = regexp.MustCompile(`^(.*[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\d）)」』].*?)\s?[＝=]([\p{Han}\p{Katakana}\p{Hangul}\p{L} ・/／]{1,16})$`)
	// reporter is a photographer of a Korean paper: a name and 기자.
	reporter = regexp.MustCompile(`^(.{8,}[.다음])\s?[/=]?\s?(?:\p{Hangul}{1,4}=)?(\p{Hangul}{2,4}) ?(?:선임|인턴|수습|사진)?기자\.?(?: \S{1,40}@\S{3,40})?$`)
	// givenBy is who gave a photo to a Korean paper, after a whole sentence.
	givenBy = regexp.MustCompile(`^(.{4,}[.다])\s((?:[\p{Hangul}\w]{2,12} ){1,3})제공\.?$`)
	// place is a part of a sentence in Japanese that only gives place or day.
	place = regexp.MustCompile(`[でにのは日月年分頃前後市町県区府]$|\d`)
	// nameInBrackets is a name and its paper or agency: Jane Roe/The Paper.
	nameInBrackets = regexp.MustCompile(`^(?:\p{Lu}[\p{L}.'’ -]{1,40} ?/ ?\p{Lu}[\p{L}.'’ /-]{1,50}|\p{Lu}[\p{L}.'’-]+ \p{Lu}[\p{L}.'’ -]{1,40} ?/ ?[\p{L}\d][\p{L}\d.-]{2,30}|\p{Lu}[\p{L}.'’-]+ \p{Lu}[\p{L}.'’ -]{1,40} (?:for|pour|para|per|für|voor|för|dla) [\p{L}.'’« »/-]{3,40})$`)

	// wholeCredit is a name and its agencies with nothing else: "Jane
	// Roe/Agency/Getty Images", "Credit Jane Roe", "Jane Roe on Unsplash".
	wholeCredit = regexp.MustCompile(`^(?:(?:\p{Lu}[\p{L}.'’-]*[ -]?){1,4}(?:/\p{Lu}[\p{L}.'’ -]{1,40}){1,3}|[\p{L}\d_-]{2,20}(?:/[\p{L}\d_-]{2,20})*/(?:Getty Images|iStock(?: / Getty Images(?: Plus)?)?|Shutterstock|AFP|AP|Reuters|REUTERS)|Credits? ?\p{Lu}[\p{L}.'’ /-]{2,60}|[\p{L}.'’ -]{2,40} on (?:Unsplash|Pexels|Flickr|Pixabay))$`)
	// nameTail is a name after a whole sentence: "… in Seoul on Thursday. Jane Roe".
	nameTail = regexp.MustCompile(`^(.*(?:\p{Ll}{4}|\d{4}|[”"»)])[.!?][”"»]?) ((?:\p{Lu}[\p{L}'’-]+ ){1,3}\p{Lu}[\p{L}'’-]+)$`)
	// sentenceLabel is a label without a colon after a whole sentence: "… on Friday.
	// Courtesy of the museum", "… . फोटो- लोम पोस्ट".
	sentenceLabel = regexp.MustCompile(`^(.*[.!?…।。”"»)])\s+((?i:` + creditLabel + `)\s?[-–—]\s?[^:]{2,60}|(?i:(?:(?:photo|image|picture)s? )?courtesy (?:of )?)[^:]{2,80})$`)
	dashLabel     = regexp.MustCompile(`^(?i:` + creditLabel + `)\s?[-–—]\s?`)
	// endLabel is a name and the word for a photo after it, as Lithuanian and
	// Hungarian papers have it.
	endLabel = regexp.MustCompile(`^(.*(?:\p{Ll}{2}|\d)[.!?)”"»]) ((?:\p{Lu}[\p{L}.'’-]* ?(?:/ ?)?){1,5}(?:nuotr|felvétele|fotója|fotografija)\.?)$`)
	// slashNames are an agency and a name after a whole sentence: "… on Friday.
	// LP/Jane Roe".
	slashNames = regexp.MustCompile(`^(.*(?:\p{L}{3}|\d{4}|[”"»)])[.!?][”"»]?)\s+(\p{Lu}[\p{L}.'’-]*(?: \p{Lu}[\p{L}.'’-]*){0,3} ?/ ?\p{Lu}[\p{L}.'’-]*(?:[ /]\p{Lu}[\p{L}.'’-]*){0,4})$`)
	// newLabel is a label in a language that the table does not know: one word and
	// a colon after a sentence, then a name.
	newLabel = regexp.MustCompile(`^(.*[.!?…”"])\s+(\p{Lu}\p{L}{3,14}: ?(?:[\p{L}.'’/&-]+ ?){1,5})$`)
)

// agencyNames are the plain beginnings of agencies, for a quick look.
var agencyNames = func() []string {
	var out []string
	for _, a := range strings.Split(agencies, "|") {
		if at := strings.IndexAny(a, "([?\\"); at >= 0 {
			a = a[:at]
		}
		if a = strings.TrimRight(a, "-"); len(a) > 1 && !strings.Contains(a, ")") {
			out = append(out, a)
		}
	}
	return out
}()
