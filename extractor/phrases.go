package extractor

import (
	"strings"
	"unicode/utf8"

	"newsreel/extractor/readers"
)

// leadsAway are beginnings of blocks that lead to other stories, in lower case;
// a block that begins so is no part of the story unless it is a long paragraph.
var leadsAway = phrases(`
read also|also read|read more|read next|see also|related:|related story|related stories|related article|related articles|must read|must-read|related content|related news|related topics|more on|more from|more about|more stories|more news|don't miss|recommended|you may also like|you might also like|you may like|up next|next story|previous article|next article|trending|most read|most popular|popular now|latest stories|top stories|full story|full coverage|continue reading|story continues|keep reading|click here|watch:|watch now|watch the video|listen:|editor's picks|editors' picks|what to read next|further reading|explore more|in case you missed
lesen sie auch|lesen sie mehr|lesen sie hier|auch interessant|mehr zum thema|mehr dazu|mehr lesen|mehr von|mehr aus|weiterlesen|weitere artikel|weitere themen|weitere meldungen|weitere videos|das könnte sie|das könnte dich|passend dazu|passend zum|zum thema|jetzt lesen|meistgelesen|empfehlungen der redaktion|die neuesten|verwandte artikel|auch lesenswert|lesetipp|siehe auch|hier geht es|hier finden sie
lire aussi|à lire aussi|a lire aussi|à lire également|lire également|voir aussi|sur le même sujet|lire la suite|en savoir plus|plus d'articles|les plus lus|à voir aussi
lee también|lea también|leer más|te puede interesar|también te puede|más información|noticias relacionadas|artículos relacionados|ver también|más noticias|sigue leyendo|lo más leído|le puede interesar|otras noticias|quizás te interese
leia também|leia mais|você pode gostar|você também pode|talvez você goste|veja também|saiba mais|notícias relacionadas|mais lidas|continua depois
leggi anche|leggi di più|approfondisci|articoli correlati|potrebbe interessarti|potrebbero interessarti|ti potrebbe interessare|vedi anche|continua a leggere|i più letti
lees ook|lees meer|meer over|gerelateerd|bekijk ook|meest gelezen
les også|les mer|les saken|se også|læs også|læs mere|läs också|läs mer|läs även|mer om|lue myös|lue lisää|katso myös|luetuimmat|loe ka|loe lisaks|lasi arī|lasi vēl|skaitykite|taip pat skaitykite|susiję straipsniai|lesið meira|sjá einnig
czytaj też|czytaj także|czytaj więcej|zobacz też|zobacz także|przeczytaj także|polecamy|čtěte také|čtěte více|přečtěte si|související|mohlo by vás|prečítajte si|čítajte aj|súvisiace|olvasta már|kapcsolódó|ajánló|olvassa el|ovasd el|citește și|citește mai|vezi și|pročitajte|čitajte|povezane vijesti|preberite|прочетете още|още по темата|прочитајте
читайте также|читайте ещё|читать далее|по теме|смотрите также|подробнее|новости по теме|читайте також|читайте далі|дивіться також|більше новин|чытайце таксама
διαβάστε επίσης|διαβάστε ακόμη|διαβάστε περισσότερα|δείτε επίσης|ilgili haber|bunlar da ilginizi|daha fazla|önerilen
اقرأ أيضا|اقرأ أيضًا|اقرأ المزيد|شاهد أيضا|مواضيع ذات صلة|بیشتر بخوانید|مطالب مرتبط|اخبار مرتبط|קראו גם|עוד בנושא|כתבות נוספות
यह भी पढ़ें|ये भी पढ़ें|ये खबर भी पढ़ें|ये खबरें भी पढ़ें|यह खबर भी पढ़ें|ये ख़बर भी पढ़ें|पढ़ें पूरी खबर|इसे भी पढ़ें|और पढ़ें|আরও পড়ুন|আরো পড়ুন|மேலும் படிக்க
関連記事|あわせて読みたい|続きを読む|こちらもおすすめ|【関連記事】|関連ニュース|人気記事|相关阅读|相关新闻|延伸阅读|延伸閱讀|相關新聞|更多新聞|推荐阅读|阅读更多|관련기사|관련 기사|함께 읽으면|많이 본|더보기
อ่านเพิ่มเติม|ข่าวที่เกี่ยวข้อง|xem thêm|đọc thêm|tin liên quan|baca juga|baca selengkapnya|artikel terkait`)

// furnitureWords are beginnings of short blocks that belong to the page and not
// to the story: subscriptions, sharing, rights, comments, adverts.
var furnitureWords = phrases(`
subscribe|sign up|sign in|log in|register now|create an account|create a free|already a subscriber|already a member|become a member|join our|join the conversation|join us|support our|support us|support local|donate|advertisement|advert |sponsored|promoted|share this|share on|share your|share article|tweet this|follow us|follow @|like us|get the latest|get our|get breaking|download our|download the|newsletter|our newsletter|enter your email|your email|by signing up|thank you for|comments|leave a comment|leave a reply|post a comment|view comments|copyright|© |(c) |all rights reserved|this article was originally|this story is for|this article is for|this story was originally|the views expressed|have a tip|got a tip|got a story|do you have a story|contact us|contact the|email the|send us|report a typo|report an error|print this|listen to this|listen now|loading|this site uses|we use cookies|cookie|accept all|privacy policy|terms of|tags:|topics:|filed under|posted in|categories:|category:|minute read|min read|reading time|estimated read|skip advert|skip advertisement|do you want to share|do you want to advertise|article continues|text continues|skip to|scroll to|back to top|go to|view gallery|view all|view 1|view 2|view 3|view 4|view 5|view 6|view 7|view 8|view 9|powered by|image|see all|show more|load more|show comments|hide caption|toggle caption|enlarge|click to|tap to|swipe|image:|photo:|photos:|photo by|image credit|picture:|credit:|video:|if you value|if you enjoyed|thanks for reading|please enable|your browser|javascript|we've emailed|turn on notifications|what do you think|tell us|let us know|have your say|poll|vote |rate this|quantities may be|prices are subject
abonnieren|der artikel geht|artikel geht weiter|der artikel wird|tekst gaat verder|artikel gaat verder|het artikel gaat verder|artikkelen fortsetter|saken fortsetter|artikeln fortsätter|artiklen fortsætter|juttu jatkuu|artikkeli jatkuu|lugu jätkub|straipsnis tęsiasi|raksts turpinās|abonnieren|jetzt abonnieren|newsletter|jetzt anmelden|anmelden|registrieren|jetzt registrieren|einloggen|anzeige|werbung|artikel teilen|teilen|folgen sie|kommentare|kommentar |diskutieren|alle rechte vorbehalten|zur startseite|empfohlener externer inhalt|an dieser stelle|um eingebettete inhalte|externer inhalt|dieser artikel|dieser beitrag|ich bin damit einverstanden|mit dem laden|wir verwenden cookies|lesezeit|artikel anhören|artikel drucken|artikel vorlesen|hinweis:|transparenzhinweis|feedback|fehler gefunden|ihre meinung|ein angebot|hat ihnen dieser|hat ihnen der|quelle:|schlagwörter|schlagworte|themen:|tags|stichwörter|detailansicht öffnen|bild vergrößern|zur merkliste|unterstützen sie|jetzt spenden|mit material|dpa-infocom|wir haben neue|sie lesen gerade|mehr lesekomfort|push-nachrichten|redaktion|exklusiv für abonnenten|jetzt testen|jetzt weiterlesen|nein danke
il vous reste|la suite après|l'article continue|la suite de l'article|el artículo continúa|la nota continúa|continúa leyendo|el texto continúa|l'articolo continua|o artigo continua|abonnez-vous|s'abonner|je m'abonne|inscrivez-vous|connectez-vous|se connecter|publicité|partager|commentaires|tous droits réservés|suivez-nous|recevez|newsletter|temps de lecture|imprimer|réagir|article réservé|la suite est réservée|déjà abonné|pour aller plus loin|mots-clés
suscríbete|suscríbase|suscribirse|regístrate|inicia sesión|publicidad|compartir|comentarios|comenta|todos los derechos|síguenos|boletín|recibe|archivado en|temas|etiquetas|normas|conforme a los criterios|más sobre|tiempo de lectura|únete
assine|cadastre-se|publicidade|compartilhe|comentários|todos os direitos|siga-nos|receba|continua após
abbonati|iscriviti|registrati|accedi|pubblicità|condividi|commenti|tutti i diritti|riproduzione riservata|© riproduzione|seguici|ricevi|tempo di lettura|argomenti
abonneer|schrijf je in|meld je aan|advertentie|deel dit|reacties|alle rechten|volg ons|leestijd
annonse|annonce|annons|reklame|del saken|del artikkelen|dela|kommentarer|nyhetsbrev|nyhedsbrev|bli abonnent|mainos|jaa|kommentit|uutiskirje|ilmoita virheestä|sammendraget er laget|vis mer|vis mindre|sammanfattningen
dalsza część|ciąg dalszy|tekst kontynuowany|článek pokračuje|článok pokračuje|text pokračuje|a cikk a hirdetés|cikkünk a hirdetés|a cikk folytatódik|articolul continuă|continuă după|nastavak teksta|nastavak članka|tekst se nastavlja|članak se nastavlja|продолжение после|продовження після|статията продължава|subskrybuj|zapisz się|zaloguj|reklama|udostępnij|komentarze|wszelkie prawa|obserwuj nas|sdílet|diskuse|komentáře|předplatné|přihlásit|odebírat|iratkozz|iratkozzon|kövess|kövesse|kövessen|hirdetés|megosztás|hozzászólás|abonează|publicitate|distribuie|comentarii|pretplati|oglas|podijeli|komentari|реклама|подписывайтесь|последвайте|подпишитесь|поделиться|комментарии|все права|фото:|нашли ошибку|если вы нашли|выделите|присоединяйтесь|следите за|підписуйтесь|поділитися|коментарі|якщо ви помітили|приєднуйтесь|абонирайте|коментари
εγγραφείτε|ακολουθήστε|διαφήμιση|σχόλια|κοινοποίηση|haberin devamı|abone ol|reklam|paylaş|yorumlar|yorum yap|takip et|etiketler
اشترك|شارك|إعلان|تعليقات|حقوق النشر|تابعنا|المصدر:|اشتراک|نظرات|تبلیغات|انتهای پیام|پایان پیام|انتهای خبر|برچسب|منبع:|הירשמו|שתפו|תגובות|פרסומת
सब्सक्राइब|शेयर करें|विज्ञापन|टिप्पणी|हमें फॉलो|খবরটি শেয়ার|বিজ্ঞাপন
シェア|コメント|広告|無断転載|会員登録|ログイン|この記事は有料|残り|copyright|분享|评论|广告|版权|責任編輯|责任编辑|訂閱|订阅|登录|구독|공유|댓글|광고|저작권|무단 전재|무단전재|기자 구독|로그인
สมัครสมาชิก|แชร์|โฆษณา|ความคิดเห็น|đăng ký|chia sẻ|quảng cáo|bình luận|berlangganan|bagikan|iklan|komentar|ikuti kami|editor:|simak juga|simak video|tonton juga|lihat juga
we value your privacy|we care about your privacy|your privacy|wir schätzen ihre privatsphäre|ihre privatsphäre|wir respektieren ihre|nous respectons votre vie|votre vie privée|vos données|valoramos tu privacidad|valoramos su privacidad|tu privacidad|la tua privacy|rispettiamo la tua|teniamo alla tua|we respecteren je privacy|jouw privacy|uw privacy|szanujemy twoją|twoja prywatność`)

// embedWords are beginnings of what asks whether a post or film of another site
// may be shown, however long.
var embedWords = phrases(`
an dieser stelle finden sie|an dieser stelle findest du|ich bin damit einverstanden, dass|ich bin einverstanden, dass|um diesen inhalt|um diese inhalte|dieser inhalt wird von|empfohlener redaktioneller inhalt|wir benötigen ihre zustimmung|wir brauchen ihre zustimmung|this content is hosted by|this content is provided by|to view this content|to see this content|we need your consent|by loading the
ce contenu est bloqué|ce contenu n'est pas|pour afficher ce contenu|pour voir ce contenu|para ver este contenido|este contenido está alojado|este contenido externo|necesitamos tu consentimiento|para ver este conteúdo|este conteúdo é|per vedere questo contenuto|per visualizzare questo contenuto|questo contenuto è|om deze inhoud|deze inhoud wordt|deze content
det här innehållet|för att se detta innehåll|innholdet kan ikke vises|dette innholdet|dette indhold|for at se dette indhold|tämä sisältö|aby zobaczyć tę treść|a tartalom megtekintéséhez|pentru a vizualiza acest conținut`)

// tailWords are beginnings of what follows a story's last paragraph, however
// long: appeals, rights, notes on links and contacts.
var tailWords = phrases(`
if you found|if you enjoyed|for the latest|for more stories|for more news|get in touch|if you liked|if you have a|do you have|did you|all products recommended|we may earn|this article contains affiliate|this site is protected|this content is|this story has been|this article has been|get your weekly|get weekly|don't have time|please follow|please consider|consider supporting|sign up|subscribe|stay up to date|want more|read more|follow |cover photo|featured image|top image
hat dir|hat ihnen|folge uns|folgen sie|unterstütz|werden sie|werde |nutze |abonniere|bild:|bilder:|beitragsbild|titelbild|foto:|fotos:|quelle:|quellen:|verwendete quellen|anmerkung|hinweis|korrektur|mehr zum|mehr über|zu den autor|zum autor|zur autorin|über den autor|über die autor|unsere aktuellen|unsere |sie möchten|sie haben|dieser artikel|dieser text|dieser beitrag|lesen sie|die redaktion|schreiben sie|kontakt|** mit|(c) 
abonnez|suivez|recevez|soutenez|retrouvez|pour aller plus loin|lire aussi|à lire|crédit|(avec |suscríbe|síguenos|sigue |lea también|apoya|assine|siga |leia |iscriviti|seguici|leggi |volg ons|lees ook|steun |följ oss|läs |les også|følg |læs |źródło|zdroj:|vill du veta|voit keskustella|keskustella voi|masz newsa|napisz do|pełne korzystanie|obserwuj|czytaj|wypróbuj|sledujte|čtěte|přečtěte|подпис|читайте|следите|фото|источник|джерело|kaynak:|borítókép|nyitókép|simak breaking|ikuti berita|dapatkan update|editor :|підпис|читайте|más información|para más
返回|更多|责任编辑|責任編輯|編輯|编辑|※|■|▼|＜|<저작권자|저작권자|무단|ⓒ|<ⓒ|기자 |사진|제보|写真|【関連|（記者|（編集`)

// listTitles are the whole of a line over a list of other stories.
var listTitles = lines(`
related|related links|more|more news|more on this topic|latest|latest news|popular|top news|most viewed|see more|editors' choice|from the web|around the web|elsewhere|for you
mehr|weitere nachrichten|aktuelle nachrichten|aktuell|neueste|beliebt|verwandt|das könnte ihnen auch gefallen|aus dem archiv|links
dans la même rubrique|articles liés|à ne pas manquer|les dernières actualités|populaire|voir plus|articles similaires|articles associés
relacionado|relacionados|relacionadas|más|lo último|últimas noticias|más leídas|destacados|te recomendamos|notas relacionadas
relacionadas|últimas notícias|mais|em destaque|recomendadas|assuntos relacionados
correlati|articoli simili|ultime notizie|in evidenza|altri articoli|notizie correlate
gerelateerde artikelen|meer nieuws|laatste nieuws|populair|aanbevolen
relaterat|relaterade artiklar|mer|senaste nytt|mest läst|relaterte saker|siste nytt|mest lest|relaterede|seneste nyt|mest læste|aiheesta lisää|lisää aiheesta|uusimmat|seotud|seotud lood
powiązane|najnowsze|popularne|czytaj dalej|související články|nejčtenější|aktuálně|súvisiace články|najčítanejšie|kapcsolódó cikkek|legolvasottabb|legfrissebb|articole similare|cele mai citite|povezano|najčitanije|povezani članci|свързани|най-четени
похожие новости|материалы по теме|другие новости|популярное|главное|последние новости|ещё по теме|пов'язані|схожі новини|популярне|останні новини|новини по темі|читайте
σχετικά άρθρα|σχετικά|δημοφιλή|ilgili haberler|ilgili|çok okunanlar|son dakika|əlaqəli xəbərlər
ذات صلة|أخبار ذات صلة|مقالات ذات صلة|الأكثر قراءة|مرتبط|مطالب مرتبط|اخبار مرتبط|پربازدیدترین|متعلقہ خبریں|כתבות קשורות|אולי יעניין אותך|עוד חדשות
संबंधित खबरें|ताज़ा खबरें|ट्रेंडिंग|সম্পর্কিত খবর|আরও খবর|தொடர்புடைய செய்திகள்
関連記事|関連ニュース|おすすめ|ランキング|人気記事|最新ニュース|相关阅读|相关新闻|相关文章|相关报道|热门|推荐|推薦閱讀|相關文章|熱門新聞|관련기사|관련 뉴스|인기 기사|추천 기사|주요뉴스
ข่าวที่เกี่ยวข้อง|ข่าวล่าสุด|tin liên quan|tin khác|đọc nhiều|terkait|berita terkait|terpopuler|berita lainnya`)

// commentTitles are the whole of a line over readers' comments, its numbers left
// out.
var commentTitles = lines(`
comments|comment|reader comments|readers' comments|top rated comments|latest comments|most recent comments|responses|replies|leave a comment|leave a reply|post a comment|add a comment|add comment|write a comment|join the discussion|join the conversation|discussion|thoughts on|what do you think
kommentare|kommentar|leserkommentare|ergänzungen|kommentar schreiben|kommentar verfassen|schreibe einen kommentar|diskussion|leserbriefe|reacties|reageer|plaats een reactie|kommentarer|skriv en kommentar|lämna ett svar|legg igjen en kommentar|kommentit|kommentoi|athugasemdir
commentaires|commentaire|laisser un commentaire|vos réactions|réactions|comentarios|comentario|deja un comentario|deja una respuesta|comentários|deixe um comentário|deixe uma resposta|commenti|lascia un commento|comentaris
komentarze|komentarz|dodaj komentarz|komentáře|komentář|diskuse|diskusia|komentáre|pridať komentár|hozzászólások|hozzászólás|vélemény, hozzászólás|comentarii|lasă un comentariu|komentari|ostavi komentar|komentarai|komentārus|kommentaarid|komente
комментарии|комментариев|комментария|оставить комментарий|обсуждение|отзывы|коментарі|залишити коментар|коментари|σχόλια|αφήστε ένα σχόλιο|yorumlar|yorum|yorum yaz|yorum yap|bir cevap yazın|şərhlər
تعليقات|التعليقات|اترك تعليقا|اترك تعليقاً|نظرات|دیدگاه|دیدگاهها|دیدگاه‌ها|ارسال نظر|تبصرے|תגובות|הוסף תגובה|टिप्पणियाँ|टिप्पणियां|কমেন্ট|মন্তব্য|மறுமொழி
コメント|みんなのコメント|评论|評論|网友评论|网友留言|留言|发表评论|댓글|전체댓글|ความคิดเห็น|bình luận|ý kiến|komentar|tinggalkan komentar|tulis komentar|maoni`)

// pointTitles are the whole of a line over the points of a story that a page
// lists apart from its text.
var pointTitles = lines(`
key points|key takeaways|key facts|key findings|takeaways|the takeaways|highlights|story highlights|article highlights|at a glance|in brief|in short|in a nutshell|summary|quick summary|ai summary|ai-generated summary|article summary|key summary|need to know|tl;dr|the gist|the rundown|the lowdown|bottom line|main points|what you need to know
das wichtigste in kürze|das wichtigste im überblick|auf einen blick|zusammenfassung|kurz zusammengefasst|kurzfassung|kurz & knapp|kurz und knapp|in kürze|darum geht's|darum geht es|ki-zusammenfassung|artikelzusammenfassung|samenvatting|in het kort|kort samengevat|kort fortalt|kort oppsummert|oppsummert|oppsummering|sammendrag|det viktigste|kort sagt|opsummering|resumé|det korte af det lange|sammanfattning|i korthet|kortversionen|kortversjonen|det viktigaste i korthet|tiivistelmä|lyhyesti|samantekt|lühidalt|īsumā|santrauka|trumpai
l'essentiel|en bref|en résumé|les points clés|ce qu'il faut retenir|ce qu'il faut savoir|à retenir|las claves|claves|puntos clave|en resumen|resumen|en breve|lo más importante|lo esencial|resum|resumo|em resumo|resumo da notícia|pontos-chave|destaques|ponto a ponto|in sintesi|i punti chiave|punti chiave|in breve|riassunto|sintesi
w skrócie|najważniejsze informacje|najważniejsze|podsumowanie|streszczenie|shrnutí|v kostce|stručně|ve zkratce|zhrnutie|v skratke|stručne|összefoglaló|röviden|a lényeg|pe scurt|rezumat|ukratko|sažetak|najvažnije|povzetek|на кратко|накратко|коротко|кратко|главное|самое важное|головне|стисло|με λίγα λόγια|σε τίτλους|τα βασικά σημεία|özet|haberin özeti|xülasə
ملخص|الملخص|أبرز النقاط|خلاصة|باختصار|خلاصه|خلاصه خبر|تلخيص|خلاصہ|תקציר|בקצרה|עיקרי הדברים|मुख्य बातें|संक्षेप में|সংক্ষেপে|சுருக்கம்
要点|この記事のポイント|記事のポイント|ポイント|まとめ|要約|核心提示|摘要|内容摘要|重點|重點摘要|文章重點|요약|핵심 요약|기사 요약|한 줄 요약|สรุป|สรุปข่าว|tóm tắt|ringkasan|ringkasan berita|intisari|muhtasari`)

// factTitles are the whole of a line over facts that a page sets beside a story.
var factTitles = lines(`
fact box|factbox|fact file|fast facts|fakta|faktaboks|faktabox|faktaruta|faktarutan|fakta om saken|blå bog|tietolaatikko|fakten|daten und fakten|infokasten|zur person|steckbrief|infokader|ramka|dossier`)

// lines is a set of what a table parts at bars and lines.
func lines(table string) map[string]bool {
	m := map[string]bool{}
	for _, line := range strings.Split(table, "\n") {
		for _, t := range strings.Split(line, "|") {
			m[t] = true
		}
	}
	delete(m, "")
	return m
}

// phrases parts a table at bars and lines.
func phrases(table string) map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(table, "\n") {
		for _, p := range strings.Split(line, "|") {
			if p = strings.TrimLeft(p, " "); p != "" {
				m[key(p)] = append(m[key(p)], p)
			}
		}
	}
	return m
}

// key is what a phrase is looked up by: its first two runes.
func key(s string) string {
	n := 0
	for i := range s {
		if n == 2 {
			return s[:i]
		}
		n++
	}
	return s
}

// beginsWith tells whether a text, in lower case and without signs before its
// first letter, begins with one of the phrases as whole words.
func beginsWith(text string, table map[string][]string) bool {
	text = strings.TrimLeft(strings.ToLower(text), " -–—•>»«*|+→▶►:.\"'“„[(#")
	for _, p := range table[key(text)] {
		if strings.HasPrefix(text, p) {
			rest := text[len(p):]
			if rest == "" || !asciiLetter(p[len(p)-1]) || !asciiLetter(rest[0]) {
				return true
			}
		}
	}
	return false
}

func asciiLetter(c byte) bool { return 'a' <= c && c <= 'z' }

// quoted tells whether a block is what somebody says: it begins with a quotation
// mark and holds no link.
func quoted(b *readers.Block) bool {
	if b.Links > 0 || !b.Sentence() {
		return false
	}
	r, _ := utf8.DecodeRuneInString(b.Text)
	return strings.ContainsRune("\"“„«‹»「『‘", r)
}

// isTail tells whether a block only follows a story.
func isTail(b *readers.Block) bool {
	return b.Letters < 250 && (beginsWith(b.Text, tailWords) || b.Letters < 160 && !strings.HasPrefix(b.Text, "©") && beginsWith(b.Text, furnitureWords))
}

// isLead tells whether a block only leads to other stories.
func isLead(b *readers.Block) bool {
	return b.Letters < 160 && !quoted(b) && beginsWith(b.Text, leadsAway)
}

// announces tells whether a block stands over a list of other stories.
func announces(b *readers.Block) bool {
	return isLead(b) || isLine(b, listTitles)
}

// titlesPoints tells whether a block stands over the points of its story.
func titlesPoints(b *readers.Block) bool { return isLine(b, pointTitles) }

// titlesFacts tells whether a block stands over facts beside its story.
func titlesFacts(b *readers.Block) bool { return isLine(b, factTitles) }

// titlesComments tells whether a block stands over readers' comments.
func titlesComments(b *readers.Block) bool {
	return b.Letters < 40 && b.Links == 0 && commentTitles[strings.Trim(strings.ToLower(b.Text), " :.…»›>()[]0123456789")]
}

// isLine tells whether a short block is one of some lines.
func isLine(b *readers.Block, lines map[string]bool) bool {
	return b.Letters < 40 && b.Links == 0 && lines[strings.TrimRight(strings.ToLower(b.Text), " :.…»›>")]
}

// asksConsent tells whether a text speaks of the files that a site wants to store:
// what asks for that may be longer than the story below it.
func asksConsent(text string) bool {
	for _, w := range []string{"ookie", "クッキー", "쿠키", "куки", "çerez", "Çerez", "evästeitä", "nformasjonskapsler"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// offersLetter tells whether a text speaks of a letter by e-mail.
func offersLetter(text string) bool {
	for _, w := range []string{"ewsletter", "yhetsbrev", "yhedsbrev", "utiskirje", "ieuwsbrief", "írlevél", "bülten", "ассылк", "озсилк", "メルマガ", "ニュースレター", "뉴스레터", "نشرة", "خبرنامه", "ניוזלטר"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// isFurniture tells whether a short block belongs to the page.
func isFurniture(b *readers.Block) bool {
	limit := 90
	if b.Links > 0 || !b.Sentence() {
		limit = 150
	}
	if b.Letters < 300 && beginsWith(b.Text, embedWords) {
		return true
	}
	if b.Letters >= limit || quoted(b) {
		return false
	}
	return beginsWith(b.Text, furnitureWords) || b.Links > 0 && (strings.Contains(b.Text, " your inbox") || offersLetter(b.Text)) || b.Links > 0 && strings.HasPrefix(b.Text, "Follow ") && strings.Contains(b.Text, " on ")
}
