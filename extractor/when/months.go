package when

import "strings"

// monthTable holds the months of a language as printed in dates, January first;
// forms of one month (genitive, short) are parted by a slash.
var monthTable = map[string]string{
	"en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug september/sept/sep october/oct november/nov december/dec",
	"de": "januar/jän/jänner/jan februar/feb/feber märz/maerz/mär/mrz april/apr mai juni/jun juli/jul august/aug september/sept/sep oktober/okt november/nov dezember/dez",
	"fr": "janvier/janv/jan février/fevrier/févr/fév/fevr mars avril/avr mai juin juillet/juil août/aout septembre/sept octobre/oct novembre/nov décembre/decembre/déc/dec",
	"es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago septiembre/setiembre/sept/sep/set octubre/oct noviembre/nov diciembre/dic",
	"pt": "janeiro/jan fevereiro/fev março/marco/mar abril/abr maio/mai junho/jun julho/jul agosto/ago setembro/set outubro/out novembro/nov dezembro/dez",
	"it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug agosto/ago settembre/set/sett ottobre/ott novembre/nov dicembre/dic",
	"ca": "gener/gen febrer/febr març/març abril/abr maig juny/jun juliol/jul agost/ag setembre/set octubre/oct novembre/nov desembre/des",
	"gl": "xaneiro/xan febreiro/feb marzo/mar abril/abr maio/mai xuño/xuñ xullo/xul agosto/ago setembro/set outubro/out novembro/nov decembro/dec",
	"eu": "urtarrila/urtarrilaren/urtarrilak/urt otsaila/otsailaren/otsailak/ots martxoa/martxoaren/martxoak/mar apirila/apirilaren/apirilak/api maiatza/maiatzaren/maiatzak/mai ekaina/ekainaren/ekainak/eka uztaila/uztailaren/uztailak/uzt abuztua/abuztuaren/abuztuak/abu iraila/irailaren/irailak/ira urria/urriaren/urriak/urr azaroa/azaroaren/azaroak/aza abendua/abenduaren/abenduak/abe",
	"ro": "ianuarie/ian februarie/feb martie/mar aprilie/apr mai iunie/iun iulie/iul august/aug septembrie/sept/sep octombrie/oct noiembrie/nov/noi decembrie/dec",
	"nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug september/sept/sep oktober/okt november/nov december/dec",
	"sv": "januari/jan februari/feb mars/mar april/apr maj juni/jun juli/jul augusti/aug september/sept/sep oktober/okt november/nov december/dec",
	"da": "januar/jan februar/feb marts/mar april/apr maj juni/jun juli/jul august/aug september/sept/sep oktober/okt november/nov december/dec",
	"nb": "januar/jan februar/feb mars/mar april/apr mai juni/jun juli/jul august/aug september/sept/sep oktober/okt november/nov desember/des",
	"is": "janúar/jan febrúar/feb mars/mar apríl/apr maí júní/jún júlí/júl ágúst/ágú september/sept/sep október/okt nóvember/nóv desember/des",
	"fi": "tammikuuta/tammikuu/tammi helmikuuta/helmikuu/helmi maaliskuuta/maaliskuu/maalis huhtikuuta/huhtikuu/huhti toukokuuta/toukokuu/touko kesäkuuta/kesäkuu/kesä heinäkuuta/heinäkuu/heinä elokuuta/elokuu/elo syyskuuta/syyskuu/syys lokakuuta/lokakuu/loka marraskuuta/marraskuu/marras joulukuuta/joulukuu/joulu",
	"et": "jaanuar/jaan/jaanuari veebruar/veebr/veebruari märts/märtsi aprill/apr/aprilli mai juuni juuli august/aug/augusti september/sept/septembri oktoober/okt/oktoobri november/nov/novembri detsember/dets/detsembri",
	"lv": "janvāris/janvārī/janvāra/janv februāris/februārī/februāra/febr marts/martā/marta aprīlis/aprīlī/aprīļa/apr maijs/maijā/maija jūnijs/jūnijā/jūnija/jūn jūlijs/jūlijā/jūlija/jūl augusts/augustā/augusta/aug septembris/septembrī/septembra/sept oktobris/oktobrī/oktobra/okt novembris/novembrī/novembra/nov decembris/decembrī/decembra/dec",
	"lt": "sausio/sausis/saus vasario/vasaris/vas kovo/kovas balandžio/balandis/bal gegužės/gegužė/geg birželio/birželis/birž liepos/liepa/liep rugpjūčio/rugpjūtis/rugp rugsėjo/rugsėjis/rugs spalio/spalis/spal lapkričio/lapkritis/lapkr gruodžio/gruodis/gruod",
	"pl": "stycznia/styczeń/sty lutego/luty/lut marca/marzec/mar kwietnia/kwiecień/kwi maja/maj czerwca/czerwiec/cze lipca/lipiec/lip sierpnia/sierpień/sie września/wrzesień/wrz października/październik/paź listopada/listopad/lis grudnia/grudzień/gru",
	"cs": "ledna/leden/led února/únor/úno března/březen/bře dubna/duben/dub května/květen/kvě června/červen/čvn července/červenec/čvc srpna/srpen/srp září/zář října/říjen/říj listopadu/listopad/lis prosince/prosinec/pro",
	"sk": "januára/január/jan februára/február/feb marca/marec/mar apríla/apríl/apr mája/máj júna/jún júla/júl augusta/august/aug septembra/september/sep októbra/október/okt novembra/november/nov decembra/december/dec",
	"hu": "január/jan február/febr/feb március/márc április/ápr május/máj június/jún július/júl augusztus/aug szeptember/szept október/okt november/nov december/dec",
	"sl": "januarja/januar/jan februarja/februar/feb marca/marec/mar aprila/april/apr maja/maj junija/junij/jun julija/julij/jul avgusta/avgust/avg septembra/september/sep oktobra/oktober/okt novembra/november/nov decembra/december/dec",
	"hr": "siječnja/siječanj/sij veljače/veljača/velj ožujka/ožujak/ožu travnja/travanj/tra svibnja/svibanj/svi lipnja/lipanj/lip srpnja/srpanj/srp kolovoza/kolovoz/kol rujna/rujan/ruj listopada/listopad/lis studenoga/studenog/studeni/stu prosinca/prosinac/pro",
	"sr": "januar/januara/jan februar/februara/feb mart/marta/mar april/aprila/apr maj/maja jun/juna jul/jula avgust/avgusta/avg septembar/septembra/sep oktobar/oktobra/okt novembar/novembra/nov decembar/decembra/dec",
	"sq": "janar/jan shkurt/shk mars/mar prill/pri maj qershor/qer korrik/kor gusht/gush shtator/sht tetor/tet nëntor/nën dhjetor/dhj",
	"tr": "ocak/oca şubat/şub mart/mar nisan/nis mayıs/may haziran/haz temmuz/tem ağustos/ağu eylül/eyl ekim/eki kasım/kas aralık/ara",
	"az": "yanvar/yan fevral/fev mart/mar aprel/apr may iyun iyul avqust/avq sentyabr/sen oktyabr/okt noyabr/noy dekabr/dek",
	"ru": "января/январь/янв февраля/февраль/фев/февр марта/март/мар апреля/апрель/апр мая/май июня/июнь/июн июля/июль/июл августа/август/авг сентября/сентябрь/сен/сент октября/октябрь/окт ноября/ноябрь/ноя/нояб декабря/декабрь/дек",
	"uk": "січня/січень/січ лютого/лютий/лют березня/березень/бер квітня/квітень/квіт травня/травень/трав червня/червень/черв липня/липень/лип серпня/серпень/серп вересня/вересень/вер жовтня/жовтень/жовт листопада/листопад/лист грудня/грудень/груд",
	"be": "студзеня/студзень/студ лютага/люты/лют сакавіка/сакавік/сак красавіка/красавік/крас мая/май/траўня/травень чэрвеня/чэрвень/чэр ліпеня/ліпень/ліп жніўня/жнівень/жнів верасня/верасень/вер кастрычніка/кастрычнік/каст лістапада/лістапад/ліст снежня/снежань/снеж",
	"bg": "януари/ян февруари/фев март април/апр май юни юли август/авг септември/септ октомври/окт ноември/ноем декември/дек",
	"mk": "јануари/јан февруари/фев март април/апр мај јуни/јун јули/јул август/авг септември/сеп октомври/окт ноември/ное декември/дек",
	"sx": "јануар/јануара/јан фебруар/фебруара/феб март/марта април/априла/апр мај/маја јун/јуна јул/јула август/августа/авг септембар/септембра/сеп октобар/октобра/окт новембар/новембра/нов децембар/децембра/дец",
	"el": "ιανουαρίου/ιανουάριος/ιαν φεβρουαρίου/φεβρουάριος/φεβ μαρτίου/μάρτιος/μαρ απριλίου/απρίλιος/απρ μαΐου/μάιος/μαϊ/μαι/μαίου ιουνίου/ιούνιος/ιουν ιουλίου/ιούλιος/ιουλ αυγούστου/αύγουστος/αυγ σεπτεμβρίου/σεπτέμβριος/σεπ οκτωβρίου/οκτώβριος/οκτ νοεμβρίου/νοέμβριος/νοε δεκεμβρίου/δεκέμβριος/δεκ",
	"ar": "يناير/كانون-الثاني/جانفي/ينايـر فبراير/شباط/فيفري مارس/آذار/اذار أبريل/ابريل/إبريل/نيسان/أفريل مايو/أيار/ايار/ماي يونيو/حزيران/جوان/يونيه يوليو/تموز/جويلية/يوليه/يوليوز أغسطس/آب/أوت/غشت سبتمبر/أيلول/شتنبر أكتوبر/تشرين-الأول نوفمبر/تشرين-الثاني/نونبر ديسمبر/كانون-الأول/دجنبر",
	"he": "ינואר/בינואר פברואר/בפברואר מרץ/במרץ/מרס/במרס אפריל/באפריל מאי/במאי יוני/ביוני יולי/ביולי אוגוסט/באוגוסט ספטמבר/בספטמבר אוקטובר/באוקטובר נובמבר/בנובמבר דצמבר/בדצמבר",
	"fa": "ژانویه/جنوری فوریه/فبروری مارس/مارچ آوریل/اپریل مه/می ژوئن/ژوين/جون ژوئیه/جولای اوت/آگوست/اگست سپتامبر/سپتمبر اکتبر/اکتوبر نوامبر/نومبر دسامبر/دسمبر",
	"ur": "جنوری فروری مارچ اپریل مئی جون جولائی اگست ستمبر اکتوبر نومبر دسمبر",
	"hi": "जनवरी/जन फरवरी/फ़रवरी/फर मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर/सित अक्टूबर/अक्तूबर/अक्टू नवंबर/नवम्बर/नव दिसंबर/दिसम्बर/दिस",
	"mr": "जानेवारी फेब्रुवारी मार्च एप्रिल मे जून जुलै ऑगस्ट सप्टेंबर ऑक्टोबर नोव्हेंबर डिसेंबर",
	"bn": "জানুয়ারি/জানুয়ারী/জানু ফেব্রুয়ারি/ফেব্রুয়ারী মার্চ এপ্রিল মে জুন জুলাই আগস্ট/অগস্ট সেপ্টেম্বর অক্টোবর নভেম্বর ডিসেম্বর",
	"ta": "ஜனவரி பிப்ரவரி மார்ச் ஏப்ரல் மே ஜூன் ஜூலை ஆகஸ்ட் செப்டம்பர் அக்டோபர் நவம்பர் டிசம்பர்",
	"te": "జనవరి ఫిబ్రవరి మార్చి ఏప్రిల్ మే జూన్ జులై/జూలై ఆగస్టు/ఆగస్ట్ సెప్టెంబర్/సెప్టెంబరు అక్టోబర్/అక్టోబరు నవంబర్/నవంబరు డిసెంబర్/డిసెంబరు",
	"ml": "ജനുവരി ഫെബ്രുവരി മാർച്ച് ഏപ്രിൽ മേയ്/മെയ് ജൂൺ ജൂലൈ ഓഗസ്റ്റ്/ആഗസ്റ്റ് സെപ്റ്റംബർ ഒക്ടോബർ നവംബർ ഡിസംബർ",
	"kn": "ಜನವರಿ ಫೆಬ್ರವರಿ ಮಾರ್ಚ್ ಏಪ್ರಿಲ್ ಮೇ ಜೂನ್ ಜುಲೈ ಆಗಸ್ಟ್ ಸೆಪ್ಟೆಂಬರ್ ಅಕ್ಟೋಬರ್ ನವೆಂಬರ್ ಡಿಸೆಂಬರ್",
	"gu": "જાન્યુઆરી ફેબ્રુઆરી માર્ચ એપ્રિલ મે જૂન જુલાઈ ઓગસ્ટ સપ્ટેમ્બર ઓક્ટોબર નવેમ્બર ડિસેમ્બર",
	"th": "มกราคม/ม.ค. กุมภาพันธ์/ก.พ. มีนาคม/มี.ค. เมษายน/เม.ย. พฤษภาคม/พ.ค. มิถุนายน/มิ.ย. กรกฎาคม/ก.ค. สิงหาคม/ส.ค. กันยายน/ก.ย. ตุลาคม/ต.ค. พฤศจิกายน/พ.ย. ธันวาคม/ธ.ค.",
	"id": "januari/jan februari/feb/pebruari maret/mar april/apr mei juni/jun juli/jul agustus/agu/agt september/sep oktober/okt november/nov/nopember desember/des",
	"ms": "januari/jan februari/feb mac april/apr mei jun julai/jul ogos/ogo september/sep oktober/okt november/nov disember/dis",
	"tl": "enero pebrero marso abril mayo hunyo hulyo agosto setyembre oktubre nobyembre disyembre",
	"sw": "januari/jan februari/feb machi/mac aprili/apr mei juni/jun julai/jul agosti/ago septemba/sep oktoba/okt novemba/nov desemba/des",
	"af": "januarie/jan februarie/feb maart/mrt april/apr mei junie/jun julie/jul augustus/aug september/sept/sep oktober/okt november/nov desember/des",
	"ga": "eanáir/ean feabhra/feabh márta/már aibreán/aibreáin/aib bealtaine/beal meitheamh/mheithimh/meith iúil lúnasa/lún meán-fómhair/mheán-fómhair deireadh-fómhair/dheireadh-fómhair samhain/shamhain/samhna nollaig/nollag",
	"cy": "ionawr/ion chwefror/chwef mawrth/maw ebrill/ebr mai mehefin/meh gorffennaf/gorff awst medi hydref/hyd tachwedd/tach rhagfyr/rhag",
	"lb": "januar/jan februar/feb mäerz abrëll mee juni/jun juli/jul august/aug september/sept oktober/okt november/nov dezember/dez",
	"ka": "იანვარი/იან თებერვალი/თებ მარტი/მარ აპრილი/აპრ მაისი/მაი ივნისი/ივნ ივლისი/ივლ აგვისტო/აგვ სექტემბერი/სექ ოქტომბერი/ოქტ ნოემბერი/ნოე დეკემბერი/დეკ",
	"hy": "հունվարի/հունվար փետրվարի/փետրվար մարտի/մարտ ապրիլի/ապրիլ մայիսի/մայիս հունիսի/հունիս հուլիսի/հուլիս օգոստոսի/օգոստոս սեպտեմբերի/սեպտեմբեր հոկտեմբերի/հոկտեմբեր նոյեմբերի/նոյեմբեր դեկտեմբերի/դեկտեմբեր",
	"kk": "қаңтар/қаңтарда ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан",
	"uz": "yanvar/январ fevral/феврал mart/март aprel/апрел may/май iyun/июн iyul/июл avgust/август sentabr/сентябр oktabr/октябр noyabr/ноябр dekabr/декабр",
	"pa": "ਜਨਵਰੀ ਫਰਵਰੀ ਮਾਰਚ ਅਪ੍ਰੈਲ ਮਈ ਜੂਨ ਜੁਲਾਈ ਅਗਸਤ ਸਤੰਬਰ ਅਕਤੂਬਰ ਨਵੰਬਰ ਦਸੰਬਰ",
	"ne": "जनवरी फेब्रुअरी/फेब्रुवरी मार्च अप्रिल मे जुन जुलाई अगस्ट/अगस्त सेप्टेम्बर/सेप्टेम्वर अक्टोबर/अक्टुबर नोभेम्बर डिसेम्बर",
	"si": "ජනවාරි පෙබරවාරි මාර්තු අප්රේල්/අප්රියෙල් මැයි ජූනි/ජුනි ජූලි/ජුලි අගෝස්තු සැප්තැම්බර් ඔක්තෝබර් නොවැම්බර් දෙසැම්බර්",
	"or": "ଜାନୁଆରୀ/ଜାନୁଆରି ଫେବୃଆରୀ/ଫେବ୍ରୁଆରୀ/ଫେବୃଆରି ମାର୍ଚ୍ଚ/ମାର୍ଚ ଅପ୍ରେଲ/ଏପ୍ରିଲ ମେ/ମଇ ଜୁନ ଜୁଲାଇ ଅଗଷ୍ଟ ସେପ୍ଟେମ୍ବର ଅକ୍ଟୋବର ନଭେମ୍ବର ଡିସେମ୍ବର",
	"as": "জানুৱাৰী ফেব্ৰুৱাৰী মাৰ্চ এপ্ৰিল মে' জুন জুলাই আগষ্ট ছেপ্টেম্বৰ অক্টোবৰ নৱেম্বৰ ডিচেম্বৰ",
	"lo": "ມັງກອນ ກຸມພາ ມີນາ ເມສາ ພຶດສະພາ ມິຖຸນາ ກໍລະກົດ ສິງຫາ ກັນຍາ ຕຸລາ ພະຈິກ ທັນວາ",
	"km": "មករា/ខែមករា កុម្ភៈ/ខែកុម្ភៈ មីនា/ខែមីនា មេសា/ខែមេសា ឧសភា/ខែឧសភា មិថុនា/ខែមិថុនា កក្កដា/ខែកក្កដា សីហា/ខែសីហា កញ្ញា/ខែកញ្ញា តុលា/ខែតុលា វិច្ឆិកា/ខែវិច្ឆិកា ធ្នូ/ខែធ្នូ",
	"my": "ဇန်နဝါရီ/ဇန်နဝါရီလ ဖေဖော်ဝါရီ/ဖေဖော်ဝါရီလ မတ်/မတ်လ ဧပြီ/ဧပြီလ မေ/မေလ ဇွန်/ဇွန်လ ဇူလိုင်/ဇူလိုင်လ ဩဂုတ်/သြဂုတ်/ဩဂုတ်လ/သြဂုတ်လ စက်တင်ဘာ/စက်တင်ဘာလ အောက်တိုဘာ/အောက်တိုဘာလ နိုဝင်ဘာ/နိုဝင်ဘာလ ဒီဇင်ဘာ/ဒီဇင်ဘာလ",
	"am": "ጃንዩወሪ/ጃንዋሪ ፌብሩወሪ/ፌብሯሪ ማርች ኤፕሪል ሜይ ጁን ጁላይ ኦገስት ሴፕቴምበር ኦክቶበር ኖቬምበር ዲሴምበር",
	"ha": "janairu fabrairu/faburairu/febrairu maris afrilu/afirilu mayu yuni yuli agusta satumba/satumbar oktoba nuwamba/nuwambar disamba/disambar/dizamba",
	"so": "janaayo/jannaayo/jeneweri febraayo/feebraayo/febrayo maarso/maarj abriil maajo juunyo/juun luuliyo/juulaay/luulyo agoosto/ogosto/ogoosto sebteembar/sibtembar/setembar oktoobar/oktobar nofembar/noofembar desembar/disembar/diseembar",
	"zu": "januwari/masingana februwari/nhlolanja mashi/ndasa ephreli/mbasa meyi/nhlaba juni/nhlangulana julayi/ntulikazi agasti/ncwaba septhemba/mandulo okthoba/mfumfu novemba/lwezi disemba/zibandlela",
	"ku": "çile/rêbendan/çileya sibat/reşemî/reşemiyê adar/adarê/avdar nîsan/avrêl/nîsanê gulan/gulanê hezîran/pûşper/pûşperê tîrmeh/tîrmehê tebax/gelawêj/tebaxê îlon/rezber/îlonê cotmeh/kewçêr/cotmehê mijdar/sermawez/mijdarê berfanbar/kanûn/berfanbarê",
	"ck": "کانوونی-دووەم/کانونی-دووەم شوبات ئازار/ئادار/مارت نیسان ئایار/مایس حوزەیران تەمموز/تەموز ئاب/ئۆگەست ئەیلوول/ئەیلول تشرینی-یەکەم/ئۆکتۆبەر تشرینی-دووەم کانوونی-یەکەم/کانونی-یەکەم",
	"ps": "جنوري فبروري/فبرورۍ مارچ اپريل/اپرېل مۍ/مئ جون جولای/جولايي اګست/اگست سپتمبر/سپټمبر اکتوبر/اکتوبرۍ نومبر/نوامبر ډسمبر/دسمبر",
	"sd": "جنوري فيبروري مارچ اپريل مئي جون جولاءِ آگسٽ سيپٽمبر آڪٽوبر نومبر ڊسمبر",
	"ug": "يانۋار فېۋرال مارت ئاپرېل ماي ئىيۇن ئىيۇل ئاۋغۇست سېنتەبىر ئۆكتەبىر نويابىر دېكابىر",
	"ky": "январь/январы/янв февраль/февралы/фев март/марты апрель/апрели/апр май/майы июнь/июну июль/июлу август/августу/авг сентябрь/сентябры/сен октябрь/октябры/окт ноябрь/ноябры/ноя декабрь/декабры/дек",
	"tg": "январ/январи феврал/феврали март/марти апрел/апрели май/майи июн/июни июл/июли август/августи сентябр/сентябри октябр/октябри ноябр/ноябри декабр/декабри",
	"tt": "гыйнвар/гыйнварь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
	"tk": "ýanwar fewral mart aprel maý iýun iýul awgust sentýabr oktýabr noýabr dekabr",
	"mt": "jannar/jan frar/fra marzu/mar april/apr mejju/mej ġunju/ġun lulju/lul awwissu/aww settembru/set ottubru/ott novembru/nov diċembru/diċ",
	"gd": "faoilleach/fhaoillich gearran/ghearrain màrt/mhàirt giblean/ghiblein cèitean/chèitein ògmhios/ògmhìos iuchar/iuchair lùnastal/lùnastail sultain/t-sultain dàmhair samhain/samhna dùbhlachd",
	"br": "genver - meurzh ebrel mae mezheven gouere eost gwengolo - - kerzu",
	"fo": "januar/jan februar/feb mars/mar apríl/apr mai juni/jun juli/jul august/aug september/sep oktober/okt november/nov desember/des",
	"fy": "jannewaris/jannewaarje febrewaris/febrewaarje maart april maaie juny july augustus septimber oktober novimber desimber",
	"mg": "janoary febroary martsa aprily mey jona jolay aogositra septambra oktobra novambra desambra",
}

// persianMonths are those of the Solar Hijri calendar, Farvardin first.
// The second names are those of Afghanistan, in Dari and Pashto.
var persianMonths = strings.Fields("فروردین/حمل/وری اردیبهشت/ثور/غویی خرداد/جوزا/غبرګولی تیر/سرطان/چنګاښ مرداد/امرداد/اسد/زمری شهریور/سنبله/وږی مهر/میزان/تله آبان/عقرب/لړم آذر/قوس/لیندۍ دی/جدی/مرغومی بهمن/دلو/سلواغه اسفند/حوت/کب")

// meaning is what a word can be: a month in some languages.
type meaning struct {
	month   int
	persian bool
	langs   string // " en de "
}

// speaks tells whether the word means this in a language.
func (m meaning) speaks(lang string) bool { return strings.Contains(m.langs, " "+lang+" ") }

// monthWords holds what each folded word can mean, see foldWord.
var monthWords = buildMonths()

// firstOfTwo are the words with which a month's name of two words begins.
var firstOfTwo = func() map[string]bool {
	m := map[string]bool{}
	for w := range monthWords {
		if first, _, two := strings.Cut(w, " "); two {
			m[first] = true
		}
	}
	return m
}()

func buildMonths() map[string][]meaning {
	m := map[string][]meaning{}
	add := func(word, lang string, month int, persian bool) {
		word = foldWord(word)
		for i, have := range m[word] {
			if have.month == month && have.persian == persian {
				m[word][i].langs += lang + " "
				return
			}
		}
		m[word] = append(m[word], meaning{month, persian, " " + lang + " "})
	}
	for _, lang := range languageOrder {
		for i, forms := range strings.Fields(monthTable[lang]) {
			for _, f := range strings.Split(forms, "/") {
				if f != "-" {
					add(strings.ReplaceAll(f, "-", " "), lang, i+1, false)
				}
			}
		}
	}
	for i, forms := range persianMonths {
		for _, f := range strings.Split(forms, "/") {
			add(f, "fa", i+1, true)
			add(f, "ps", i+1, true)
		}
	}
	return m
}

// languageOrder fixes which meaning of a word holds where the language of the
// page decides nothing.
var languageOrder = strings.Fields("en de fr es it pt nl sv da nb pl cs sk hu ro ru uk bg sr sx hr sl el tr fi et lv lt is ca gl eu sq az be mk ar he fa ur hi mr bn ta te ml kn gu th id ms tl sw af ga cy lb ka hy kk uz " +
	"pa ne si or as lo km my am ha so zu ku ck ps sd ug ky tg tt tk mt gd br fo fy mg")

// sameMonths are language codes that share a row of the table.
var sameMonths = map[string]string{"no": "nb", "nn": "nb", "fil": "tl", "bs": "hr", "sh": "hr", "ckb": "ck", "kmr": "ku", "iw": "he", "in": "id", "prs": "fa", "mo": "ro", "xh": "zu"}

// monthOf is the month that a folded word names in a language, or in any; native
// tells that it does in that language, or that the language is unknown.
func monthOf(word, lang string) (month int, persian, native, ok bool) {
	all := monthWords[word]
	if len(all) == 0 {
		return 0, false, false, false
	}
	if same := sameMonths[lang]; same != "" {
		lang = same
	}
	if lang != "" {
		for _, m := range all {
			if m.speaks(lang) || lang == "sr" && m.speaks("sx") || lang == "hr" && m.speaks("sr") {
				return m.month, m.persian, true, true
			}
		}
	}
	return all[0].month, all[0].persian, lang == "" || all[0].speaks("en"), true
}
