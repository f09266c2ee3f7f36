package extractor

import (
	"strings"
	"testing"
)

func TestTheTableOfConfidencesIsWhole(t *testing.T) {
	rows := strings.Count(confidenceTable, "\n") - strings.Count(confidenceTable, "#")
	if len(confidences) != rows || rows < 20 {
		t.Errorf("%d of %d rows read", len(confidences), rows)
	}
	for _, field := range []string{"headline", "published", "body", "captions", "authors"} {
		if v, ok := lookUp(confidences, Signal{field, "a reader to come", "nothing known"}); !ok || v < 0.3 || v > 0.99 {
			t.Errorf("%s by an unknown reader: %.2f", field, v)
		}
	}
	for g, v := range confidences {
		if v <= 0 || v > 0.99 {
			t.Errorf("%v: %.2f", g, v)
		}
	}
}

func TestADateThatStandsAloneIsLessSureThanOneThatIsConfirmed(t *testing.T) {
	const print = `<html lang="en"><body><article><h1>Bridge over the river closes for two years of repairs</h1><p class="date">May 3, 2024</p>` +
		`<p>The bridge will close on Monday, the council said, and will stay so for about two years while its piers are renewed.</p>` +
		`<p>Ferries will run every ten minutes, and the railway will add trains in the morning and in the evening, it added.</p></article></body></html>`
	alone := Extract(Page{Body: []byte(print), URL: "https://paper.example/bridge"})
	ld := `<script type="application/ld+json">{"@type":"NewsArticle","headline":"Bridge over the river closes for two years of repairs","datePublished":"2024-05-03T10:00:00+02:00"}</script><article>`
	agreed := Extract(Page{Body: []byte(strings.Replace(print, "<article>", ld, 1)), URL: "https://paper.example/bridge"})
	a, b := alone.Sources["published"].Confidence, agreed.Sources["published"].Confidence
	if a == 0 || a >= b {
		t.Errorf("alone %.2f, agreed %.2f", a, b)
	}
}
