package readers

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"newsreel/extractor/page"
)

func TestItemsAreReadInEachSyntax(t *testing.T) {
	want := Thing{Type: "NewsArticle", Headline: "Harbour opens", Published: "2019-05-02T08:00:00+02:00", Section: "City",
		Authors: []Person{{Name: "Ana Ruiz"}}}
	for name, html := range map[string]string{
		"microdata": `<div itemscope itemtype="https://schema.org/NewsArticle"><h1 itemprop="headline">Harbour opens</h1>
			<meta itemprop="articleSection" content="City"><time itemprop="datePublished" datetime="2019-05-02T08:00:00+02:00">today</time>
			<span itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Ana Ruiz</b></span>
			<div itemscope itemtype="https://schema.org/WebPage"><i itemprop="headline">Another</i></div></div>`,
		"rdfa": `<div vocab="https://schema.org/" typeof="NewsArticle"><h1 property="headline">Harbour opens</h1>
			<meta property="articleSection" content="City"><time property="datePublished" datetime="2019-05-02T08:00:00+02:00">today</time>
			<span property="author" typeof="Person"><b property="name">Ana Ruiz</b></span>
			<div typeof="WebPage"><i property="headline">Another</i></div></div>`,
		"rdfa with prefixes": `<div prefix="s: http://schema.org/" typeof="s:NewsArticle"><h1 property="s:headline">Harbour opens</h1>
			<meta property="s:articleSection" content="City"><time property="s:datePublished" datetime="2019-05-02T08:00:00+02:00">today</time>
			<span property="s:author" typeof="s:Person"><b property="s:name">Ana Ruiz</b></span></div>`,
	} {
		t.Run(name, func(t *testing.T) {
			doc := page.Parse([]byte("<html><body>" + html))
			read := Microdata
			if name != "microdata" {
				read = RDFa
			}
			things := read(doc)
			if len(things) != 1 {
				t.Fatalf("%d things", len(things))
			}
			want := want
			want.From = things[0].From
			if diff := cmp.Diff(want, things[0], cmp.AllowUnexported(Thing{})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDublinCoreInRDFaIsRead(t *testing.T) {
	doc := page.Parse([]byte(`<html><body><div about="/node/7" typeof="sioc:Item foaf:Document"><h1 property="dc:title">Harbour opens</h1>
		<span property="dc:date dc:created" content="2013-02-11T15:20:00+01:00">Mon</span></div>
		<div typeof="sioc:UserAccount" property="foaf:name">Editor</div>`))
	things := RDFa(doc)
	if len(things) != 1 || things[0].Headline != "Harbour opens" || things[0].Published != "2013-02-11T15:20:00+01:00" {
		t.Errorf("things %+v", things)
	}
}
