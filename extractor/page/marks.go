package page

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// Mark is what an element's own names (its class, id, itemprop, role, data-…
// labels) say it is for. Names are read as words, in the languages that
// publishers name their elements in; no publisher's own names are among them.
type Mark uint64

// The marks.
const (
	Hidden      Mark = 1 << iota // not shown
	Nav                          // menus, breadcrumbs, pagination
	Share                        // share rows, social buttons
	Related                      // other stories, "read also", most read
	Teaser                       // a card that links to a story
	Promo                        // adverts, campaigns, sponsored boxes
	Subscribe                    // newsletters, registration, paywall offers
	Comments                     // readers' comments
	Footer                       // imprint, copyright
	Header                       // page header
	Sidebar                      // side columns and boxes
	AuthorBox                    // names of authors, their portraits
	Byline                       // byline rows
	DateLine                     // dates
	Headline                     // headlines
	Kicker                       // topic line over a headline
	Standfirst                   // lead-in
	BodyText                     // the article's text
	CaptionMark                  // text under a photo
	Credit                       // who made a photo
	Figure                       // a photo with what belongs to it
	Gallery                      // several photos
	VideoBox                     // players
	TagList                      // topics, keywords
	Consent                      // cookie walls
	Correction                   // correction notes
	Modified                     // "updated" dates
	Embed                        // embedded posts and widgets
	Liveblog                     // live tickers
	FactBox                      // boxes beside the text
	Tools                        // print, listen, font size, bookmarks
	Summary                      // key points
	PaywallBox                   // what stands where the text is cut off
	Notice                       // alerts, editor's notes
	Main                         // the page's main part
	Quote                        // pull quotes
)

var markWords = func() map[string]Mark {
	m := map[string]Mark{}
	for mark, words := range map[Mark]string{
		Hidden:      "visuallyhidden sronly srtext screenreader offscreen elementinvisible assistivetext forsr a11yhidden accessiblyhidden",
		Nav:         "nav navi navigation navbar menu submenu breadcrumb breadcrumbs crumb crumbs pagination paginator pager paging sitemap menubar toc tableofcontents inhaltsverzeichnis subnav topbar migas",
		Share:       "share sharing shares shareable sharebar sharebuttons sharetools sharer social socials socialbar socialmedia addthis sharethis addtoany teilen partager compartir condividi facebook twitter whatsapp pinterest linkedin telegram jetpack sharedaddy follow sns",
		Related:     "related relateds relatedcontent relatedarticles relatednews recommended recommendation recommendations recommends recirc recirculation readmore readalso readnext seealso mostread mostpopular mostviewed popular trending outbrain taboola similar suggested suggestions morefrom moreon morenews morestories lesenswert empfehlung empfehlungen verwandt verwandte weiterlesen artikellist articlelist relacionadas relacionados relacionada correlati correlate lire aussi upnext nextarticle previousarticle nextpost prevpost yarpp crosslink crosslinks zergnet meistgelesen populaire populaires anzeigenliste toppicks inlinelink storylink topstories latestnews latest recommendedstories alsoread associated",
		Teaser:      "teaser teasers teaserlist card cards tease",
		Promo:       "ad ads adv advert adverts advertisement advertising advertise advertorial anzeige werbung publicidad publicite pubblicita banner banners sponsor sponsored sponsors promo promos promotion promotional promobox dfp adslot adsense adbox adcontainer commercial affiliate reklame annonce billboard skyscraper mpu adunit marketing campaign donate donation donations spenden crowdfunding shopping widget widgets appstore appdownload shop",
		Subscribe:   "newsletter newsletters subscribe subscription subscriptions subscriber signup register registration abo abonnement abonnieren abonnieer abonner optin mailchimp nlsignup inscription suscribete suscripcion membership join login signin emailsignup",
		Comments:    "comment comments commentlist commentbox commenting kommentar kommentare kommentarer comentarios comentario commentaires commentaire commenti reacties disqus discussion respond commentform pinglist trackback trackbacks fbcomments forum userposts debat",
		Footer:      "footer colophon copyright footnote imprint impressum legal disclaimer siteinfo",
		Header:      "masthead pageheader siteheader topheader mainheader",
		Sidebar:     "sidebar sidebars aside rail rightrail leftrail rightcolumn rightcol sidecol secondary marginalie marginal randspalte tertiary",
		AuthorBox:   "author authors authorbox authorbio authorinfo authorname autor autoren autorenbox autore auteur auteurs writer writers journalist journalists contributor contributors forfatter redakteur biography bio aboutauthor authorcard redaktor",
		Byline:      "byline bylines signature firma firmas verfasser credits reporter by",
		DateLine:    "date dates datum dateline datetime pubdate publishdate published publishdatetime publication published timestamp time fecha zeit uhrzeit data tarih dato posted postdate entrydate articledate pubtime publishtime publishedat datepublished meta postmeta entrymeta articlemeta articleinfo",
		Headline:    "headline headlines hed title titel titre titulo titolo tittel rubrik overskrift heading articletitle articleheadline entrytitle posttitle storytitle tytul başlık baslik",
		Kicker:      "kicker overline topline eyebrow spitzmarke dachzeile roofline antetitulo antetitolo occhiello surtitre supertitle suptitle pretitle pretitulo volanta cintillo flag rubric rubrique strapline trumpet supertitel vignette chapeau labels label category categories section rubrik channel topicname",
		Standfirst:  "standfirst subheadline subheading subhead deck dek lead leadtext intro introduction introtext vorspann anleser teasertext sommario chapo sapo excerpt subtitle untertitel subtitulo sottotitolo soustitre ingress manchet bajada entradilla synopsis abstract preamble unterzeile leadin kurztext leadparagraph stand spitz spoiler",
		BodyText:    "articlebody articletext articlecontent articlecopy entrycontent postcontent postbody storybody storytext storycontent bodytext bodycopy contentbody articlemain articledetail articledetails artikeltext artikelinhalt articolotesto textbody fulltext richtext articleparagraph articleparagraphs storyparagraph copytext cuerponoticia textonoticia brodtext newstext newsbody newscontent articletxt textarticle contentarticle maincontent blogcontent postentry singlecontent hentry textcontent contenttext",
		CaptionMark: "caption captions figcaption bildunterschrift bildtext bu legende leyenda didascalia bijschrift billedtekst bildetekst imagecaption photocaption imgcaption wpcaption picturecaption captiontext imagetext kuvateksti piedefoto pie epigrafe leadfotocaption thumbcaption cutline legend legenda onderschrift fotoonderschrift bildtekst bildunterzeile fototext phototext imgtext picturetext imagedescription imgdescription photodescription picturedescription mediadescription imagedesc imgdesc photodesc picdesc imgcap photocap piccap imgtxt pictxt piefoto pieimagen textofoto podpis popisek fotopopisek opiszdjecia kepalairas resimalti altyazi fotoaltyazi myndatexti chuthich chuthichanh ketfoto keteranganfoto keterangangambar kapsyen pildiallkiri potpisslike opisslike opisfotografije podnapis popisok peufoto peudefoto pedefoto fotoparaksts argazkioina",
		Credit:      "credit credits photocredit imagecredit copyright bildnachweis bildquelle quelle fotograf fotografo fotografe photographer photograph foto fotonachweis source byline copyrightholder bildrechte rights urheber attribution agency agencyname creditline photoby imageby bildautor fotoautor photoauthor photosource imagesource imgsource picsource fotoquelle fotocredit fotobyline photobyline imagebyline izvor zdroj zrodlo fuente kilde kaynak sumber forras sursa",
		Figure:      "figure image images img photo photos foto fotos bild bilder picture pictures leadimage heroimage articleimage media mediaelement imagewrapper imagecontainer imageblock illustration thumbnail featuredimage leadphoto imagen immagine afbeelding bilde kuva imagebox visual",
		Gallery:     "gallery galleries slideshow carousel slider slides slide galerie bilderstrecke fotostrecke fotogaleria galeria diaporama bildergalerie fotogalerie swiper lightbox photogallery imagegallery",
		VideoBox:    "video videos player videoplayer jwplayer brightcove youtube vimeo podcast podcasts audioplayer audio jwp livestream",
		TagList:     "tag tags taglist tagcloud keywords keyword topics topiclist schlagwort schlagworte schlagworter etiquetas hashtags temas themen tagcontainer articletags posttags argomenti",
		Consent:     "cookie cookies consent gdpr cmp cookiebar cookiebanner onetrust dsgvo usercentrics",
		Correction:  "correction corrections clarification korrektur errata fedeerratas",
		Modified:    "updated modified aktualisiert lastupdated lastmodified datemodified update dateupdated updatedat actualizado modifie aggiornato",
		Embed:       "embed embeds embedded tweet tweets fbpost fbvideo xfbml bskyembed redditembed threadspost instagram tiktok twittertweet embedbox socialembed datawrapper infogram iframe opinary poll quiz umfrage voting",
		Liveblog:    "liveblog liveticker ticker livefeed liveposts",
		FactBox:     "factbox faktbox infobox infokasten faktenbox box kasten wissensbox fakta faktaboks fact facts despiece zusatzinfo inlinebox",
		Tools:       "tools toolbar toolbox print printer bookmark merkliste merken vorlesen listen readaloud speech actions actionbar buttons button toast tooltip modal popup popover overlay dialog rating ratings stars favorite like likes reaction reactions feedback vote survey counter views readingtime readtime lesezeit lesedauer",
		Summary:     "keypoints takeaways highlights bulletpoints keytakeaways tldr",
		PaywallBox:  "paywallbox paywalloffer paidbarrier offerbox paygate regwall piano tppaywall paywalloverlay abobox plusbox metered barrier wall",
		Notice:      "notice alert alerts note notification hinweis warnung announcement editorsnote",
		Main:        "main",
		Quote:       "pullquote pullquotes blockquote zitat quote",
	} {
		for _, w := range strings.Fields(words) {
			m[w] |= mark
		}
	}
	return m
}()

// marks reads the names of an element. Pages repeat the same few class lists,
// so these are kept while one page is parsed.
func (b *builder) marks(n *Node) Mark {
	var m Mark
	for i := range n.Attrs {
		a := &n.Attrs[i]
		switch a.Key {
		case "class", "id", "itemprop", "role", "data-testid", "data-component", "data-qa", "data-module", "data-type", "data-block", "data-area", "name":
			if a.Key == "name" && n.Tag != atom.A && n.Tag != atom.Div || a.Key == "id" && anchored(n.Tag) || len(a.Val) > 2000 {
				continue
			}
			if a.Key == "itemprop" && strings.Contains(a.Val, "associatedMedia") {
				m |= Figure // schema.org's name of a page's photos, nothing that is merely associated
				continue
			}
			m |= b.names(a.Val)
		case "hidden":
			// What React streams in stands in hidden elements named S:… until a
			// script puts it in place.
			if a.Val != "until-found" && !strings.HasPrefix(n.Attr("id"), "S:") {
				m |= Hidden
			}
		case "style":
			m |= styleMark(a.Val)
		}
	}
	return m | tagMarks(n.Tag)
}

// anchored tells whether an element's id is a place that a table of contents
// leads to, made of what it says or of a number, rather than a name.
func anchored(tag atom.Atom) bool {
	switch tag {
	case atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}

func tagMarks(tag atom.Atom) Mark {
	switch tag {
	case atom.Nav:
		return Nav
	case atom.Footer:
		return Footer
	case atom.Aside:
		return Sidebar
	case atom.Figcaption:
		return CaptionMark
	case atom.Figure:
		return Figure
	case atom.Time:
		return DateLine
	case atom.Main:
		return Main
	}
	return 0
}

func styleMark(s string) Mark {
	if len(s) > 4096 || !strings.Contains(s, "none") && !strings.Contains(s, "hidden") && !strings.Contains(s, "-9999") {
		return 0
	}
	s = strings.ToLower(strings.Join(strings.Fields(s), ""))
	for _, hiding := range []string{"display:none", "visibility:hidden", "left:-9999", "top:-9999", "indent:-9999"} {
		if strings.Contains(s, hiding) {
			return Hidden
		}
	}
	return 0
}

func (b *builder) names(s string) Mark {
	if m, ok := b.classes[s]; ok {
		return m
	}
	m := readNames(s)
	if len(b.classes) < 20_000 {
		b.classes[s] = m
	}
	return m
}

// readNames looks up each word, each pair of neighbouring words written as one
// ("read-more" as "readmore"), and a few words that stand within longer ones.
func readNames(s string) Mark {
	var m Mark
	prev := ""
	if hiding(s) {
		m |= Hidden
	}
	fields := strings.Fields(s)
	hashed := atomic(fields)
	for _, name := range fields {
		prev = ""
		if hashed && len(name) <= 3 {
			continue
		}
		if low := strings.ToLower(name); strings.HasSuffix(low, "h1") && (len(low) == 2 || len(low) > 5) {
			m |= Headline
		}
		state, mixed := false, name != strings.ToLower(name)
		SplitWords(name, func(w string) {
			switch {
			case state:
				return // "has-sidebar" names a state of the element, not its purpose
			case prev == "" && (w == "has" || w == "is" || w == "with" || w == "no" || w == "without" || w == "not"):
				state = true
				return
			}
			if len(w) <= 3 && mixed {
				prev = w
				return // "kDCiBY" is no word but a hash
			}
			m |= markWords[w]
			if prev != "" {
				m |= markWords[prev+w]
			}
			if len(w) > 7 {
				m |= within(w)
			}
			if len(w) > 6 && (strings.HasSuffix(w, "bild") || strings.HasSuffix(w, "foto")) || len(w) > 4 && strings.HasPrefix(w, "img") {
				m |= Figure
			}
			prev = w
		})
	}
	return m
}

// atomic tells whether a class list is made of a style sheet's numbers in
// letters ("ay by gc ad"), whose short names are no words.
func atomic(fields []string) bool {
	short := 0
	for _, f := range fields {
		if len(f) <= 3 {
			short++
		}
	}
	return short >= 3 && 3*short >= 2*len(fields)
}

// hiding tells whether a class list hides its element: it has one of the usual
// classes for that, and none that shows it again on wider screens.
func hiding(s string) bool {
	if !strings.Contains(s, "hid") && !strings.Contains(s, "none") && !strings.Contains(s, "sr-only") && !strings.Contains(s, "screen-reader") {
		return false
	}
	found := false
	for _, c := range strings.Fields(s) {
		switch c {
		case "hidden", "d-none", "hide", "is-hidden", "u-hidden", "visuallyhidden", "sr-only", "screen-reader-text", "hide-visually", "u-hide-visually":
			found = true
		}
		found = found || strings.HasSuffix(c, "visually-hidden")
		if strings.HasSuffix(c, "block") || strings.HasSuffix(c, "flex") || strings.HasSuffix(c, "grid") || strings.HasSuffix(c, "inline") || strings.Contains(c, "show") {
			return false
		}
	}
	return found
}

// stems are words that keep their meaning within a longer one.
var stems = []struct {
	stem string
	mark Mark
}{
	{"newsletter", Subscribe}, {"subscri", Subscribe}, {"related", Related}, {"recommend", Related}, {"comment", Comments},
	{"kommentar", Comments}, {"advert", Promo}, {"sponsor", Promo}, {"caption", CaptionMark}, {"headline", Headline},
	{"byline", Byline}, {"author", AuthorBox}, {"autoren", AuthorBox}, {"kicker", Kicker}, {"teaser", Teaser},
	{"articlebody", BodyText}, {"articletext", BodyText}, {"articlecontent", BodyText}, {"gallery", Gallery},
	{"breadcrumb", Nav}, {"navigation", Nav}, {"cookie", Consent}, {"sidebar", Sidebar}, {"factbox", FactBox},
	{"infobox", FactBox}, {"liveblog", Liveblog}, {"standfirst", Standfirst}, {"subheadline", Standfirst},
	{"figcaption", CaptionMark}, {"bildunterschrift", CaptionMark}, {"photocredit", Credit}, {"carousel", Gallery},
	{"slideshow", Gallery}, {"mostread", Related}, {"readmore", Related}, {"readalso", Related}, {"copyright", Credit},
	{"image", Figure}, {"picture", Figure}, {"photo", Figure}, {"videoplayer", VideoBox}, {"dateline", DateLine}, {"timestamp", DateLine}, {"pubdate", DateLine},
}

func within(w string) Mark {
	var m Mark
	for _, s := range stems {
		if strings.Contains(w, s.stem) {
			m |= s.mark
		}
	}
	return m
}
