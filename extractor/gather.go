package extractor

import (
	"slices"
	"strings"
	"time"

	"newsreel/extractor/readers"
	"newsreel/extractor/when"
)

// publishedNames are meta elements that hold the date of publication, by weight;
// modifiedNames those of changes. Names are in lower case without what parts
// their words, so that article:published_time and article.published-time are one.
var (
	publishedNames = byWeight(map[float64]string{
		9:   "articlepublishedtime ogarticlepublishedtime articlepublished ogpublishedtime",
		8:   "rnewsdatepublished datepublished parselypubdate cxenseparserecspublishtime cxenseparsepublishtime articlefirstpublished",
		7:   "publishedtime sailthrudate publicationdate publishdate published pubdate articledateoriginal originalpublicationdate btpubdate vrpublishedtime dcdateissued dctermsissued publishingdate articlepublicationdate firstpublished firstpublishedat firstpublishedtime articlepubdate articlepublishdate publicationtime ogpublishdate newspublishdate newspublishtime firstpubdate origpubdate articlepublisheddate",
		6:   "dctermscreated dcdatecreated dctermsavailable dcdatepublication citationpublicationdate citationdate articlepostdate dateavailable datecreated articlecreatedtime ogarticlecreatetime weiboarticlecreateat ogpubdate eomportalfirstpublished pubtime publishtime pagepubdate postdate dateposted publishedat prismpublicationdate citationonlinedate",
		5.2: "dcdate dctermsdate",
		5:   "created creationdate date pdate displaydate issued ptime releasedate ogreleasedate articledate newsdate originaldate articlecreated articlecreateddate geppublished contentpublished",
		4:   "lastupdateddateoriginal dateiso lastpubdate uploaddate cmsdate documentdate",
		3:   "videoreleasedate ogvideoreleasedate time timestamp",
		1:   "startdate",
		0.5: "buildtime",
	})
	modifiedNames = strings.Fields("articlemodified articlemodifieddate articlemodifiedtime articleupdated articleupdatedtime btmoddate cxenseparsemodifiedtime datelastmodified datemodified datemodifiedtime dcdatemodified dcmodified dctermsdatemodified dctermsmodified lastmod lastmodified lastmodifieddate lastupdate lastupdated lastupdatedtime moddate modificationdate modified modifieddate modifiedtime ogarticlemodifiedtime ogarticleupdatedtime ogmodifiedtime ogupdatedtime pagelastupdated revised revisiondate updated updatedat updatedtime updatetime")
)

// metaDate is the weight of a meta element's date of publication, or 0, and
// whether it is one of a change. Publishers put prefixes of their own before the
// usual names, as in "agency:first_published".
func metaDate(name string) (weight float64, modified bool) {
	key := squeeze(name)
	if publishedNames[key] == 0 {
		if at := strings.IndexAny(name, ":."); at > 0 && strings.Contains(name[at:], "publi") {
			key = squeeze(name[at:])
		}
	}
	return publishedNames[key], slices.Contains(modifiedNames, key)
}

func byWeight(lists map[float64]string) map[string]float64 {
	m := map[string]float64{}
	for weight, names := range lists {
		for _, n := range strings.Fields(names) {
			m[n] = weight
		}
	}
	return m
}

// gatherDates asks every reader for dates.
func (s *story) gatherDates() []dated {
	g := &dateGatherer{o: s.options()}
	s.ruledDates(g)
	for i := range s.things {
		s.thingDates(g, i)
	}
	if s.state != nil {
		g.machine(s.state.Published, "script data", readers.Published, 7)
		g.machine(s.state.Modified, "script data", readers.Modified, 5)
	}
	for _, name := range s.meta.Names() {
		switch weight, modified := metaDate(name); {
		case weight > 0:
			g.machine(s.meta.Get(name), "meta "+name, readers.Published, weight)
		case modified:
			g.machine(s.meta.Get(name), "meta "+name, readers.Modified, 6)
		}
	}
	for _, d := range readers.TimeTags(s.doc, s.blocks, g.o) {
		w := s.printedWeight(&d)
		w.add("in a time element", 0.7)
		g.out = append(g.out, dated{Date: d, weight: w.sum, why: w.noted})
	}
	for _, d := range s.printed {
		w := s.printedWeight(&d)
		g.out = append(g.out, dated{Date: d, weight: w.sum, why: w.noted})
	}
	for _, u := range []string{s.p.URL, s.canonical()} {
		if d, ok := readers.URLDate(u); ok {
			g.out = append(g.out, dated{Date: d, weight: 4})
			break
		}
	}
	if !slices.ContainsFunc(g.out, func(d dated) bool { return d.weight >= 2 && d.unfit() == "" }) {
		s.lastResorts(g)
	}
	return s.possible(g.out)
}

// lastResorts asks where dates stand that may be anything's, on pages that give
// no better one: what scripts call a date of publication, the title, and the
// address of the picture for sharing.
func (s *story) lastResorts(g *dateGatherer) {
	for _, d := range readers.ScriptDates(s.doc) {
		g.out = append(g.out, dated{Date: d, weight: 2.5})
	}
	for _, d := range when.Find(s.meta.Title, g.o) {
		if !d.YearGuessed {
			g.out = append(g.out, dated{Date: readers.Date{Printed: d, From: "title element", Block: -1}, weight: 2})
		}
	}
	if d, ok := readers.URLDate(s.meta.Get("og:image")); ok {
		d.From = "picture's url"
		g.out = append(g.out, dated{Date: d, weight: 2})
	}
}

type dateGatherer struct {
	o   when.Options
	out []dated
}

// machine reads a date of the markup; one that is written as for people counts a
// little less.
func (g *dateGatherer) machine(raw, from string, role readers.Role, weight float64) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return
	}
	d := readers.Date{Role: role, From: from, Block: -1}
	if t, ok := when.Machine(raw); ok {
		d.Time = t
	} else if found := when.Find(raw, g.o); len(found) > 0 && !found[0].YearGuessed {
		d.Printed = found[0]
		weight -= 0.5
	} else {
		return
	}
	g.out = append(g.out, dated{Date: d, weight: weight})
}

// thingDates weighs the dates of one thing of the structured data: the first
// article's count most, those of another address hardly.
func (s *story) thingDates(g *dateGatherer, i int) {
	t := &s.things[i]
	weight := 10.0 - 2*float64(min(i, 3))
	switch {
	case t.DatesFromWebPage:
		weight = 6.5
	case t.From == "microdata" || t.From == "rdfa":
		weight = 8
	case t.Type == "VideoObject" || t.Type == "PodcastEpisode":
		weight = 5
	case !t.IsArticle():
		weight = 6
	}
	if i > 0 && t.URL != "" && !readers.SameAddress(t.URL, s.p.URL) && !t.DatesFromWebPage {
		weight = 1
	}
	g.machine(t.Published, t.From+" datePublished", readers.Published, weight)
	g.machine(t.Modified, t.From+" dateModified", readers.Modified, weight)
	if t.Published == "" {
		g.machine(t.Created, t.From+" dateCreated", readers.Published, weight-1)
	}
}

// possible leaves out dates after the fetch (with an hour for clocks that
// differ) and before the web. A time in UTC that only its zone puts after the
// fetch is local time that was stamped so.
func (s *story) possible(all []dated) []dated {
	out := all[:0]
	for _, d := range all {
		if !d.Time.Valid() || d.Time.Year < 1995 {
			s.noteRefused(&d, "before the web, or no day of any calendar")
			continue
		}
		if s.future(d.Time) {
			local := d.Time
			local.Zoned = false
			switch {
			case d.Swapped != nil && !s.future(*d.Swapped):
				d.Time, d.Swapped = *d.Swapped, nil
			case d.Time.Clock && d.Time.Zoned && d.Time.Offset == 0 && !s.future(local):
				d.Time = local
			default:
				s.noteRefused(&d, "after the fetch")
				continue
			}
		}
		out = append(out, d)
	}
	return out
}

func (s *story) future(t when.Time) bool {
	return !s.p.Fetched.IsZero() && t.Earliest().After(s.p.Fetched.Add(time.Hour))
}

// squeeze takes out of a name what parts its words.
func squeeze(name string) string {
	if !strings.ContainsAny(name, ":_.- ") {
		return name
	}
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":_.- ", r) {
			return -1
		}
		return r
	}, name)
}
