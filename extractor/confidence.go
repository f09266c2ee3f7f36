package extractor

import (
	_ "embed" // the table of confidences
	"strconv"
	"strings"

	"newsreel/article"
	"newsreel/extractor/page"
	"newsreel/extractor/readers"
)

// Signal is what a field's confidence is looked up by: who read it, and what else
// on the page speaks for the value or against it.
type Signal struct{ Field, Reader, Support string }

// confidenceTable is written by `go run ./bench/calibrate`: of the pages on which
// a field came with a signal, the share on which it was right.
//
//go:embed confidence.tsv
var confidenceTable string

// confidences hold the table; "*" stands for any reader or support.
var confidences = parseConfidences(confidenceTable)

func parseConfidences(table string) map[Signal]float64 {
	m := map[Signal]float64{}
	for _, line := range strings.Split(table, "\n") {
		cells := strings.Split(line, "\t")
		if len(cells) < 6 || strings.HasPrefix(line, "#") {
			continue
		}
		if v, err := strconv.ParseFloat(cells[5], 64); err == nil {
			m[Signal{cells[0], cells[1], cells[2]}] = v
		}
	}
	return m
}

// lookUp is the confidence of a signal, or of the nearest that the table has.
func lookUp(table map[Signal]float64, g Signal) (float64, bool) {
	for _, s := range []Signal{g, {g.Field, "*", g.Support}, {g.Field, "*", "*"}} {
		if v, ok := table[s]; ok {
			return v, true
		}
	}
	return 0, false
}

// Signals extracts a page like Extract, and also tells by which signals the
// confidences of its fields were looked up. It is for calibration.
func Signals(p Page) (*article.Article, []Signal) {
	a, s := extract(p, nil)
	return a, s.signals
}

// rate sets the confidences of the fields that the table knows. What a site rule
// gave keeps the rule's.
func (s *story) rate(a *article.Article) {
	for _, field := range []string{"headline", "published", "body", "captions", "authors"} {
		source, have := a.Sources[field]
		if !have || s.rule != nil && source.From == s.rule.from() {
			continue
		}
		g := Signal{Field: field}
		switch field {
		case "headline":
			g.Reader, g.Support = headlineReader(source.From), s.headlineSupport(a.Headline)
		case "published":
			g.Reader, g.Support = s.publishedSignal(a, source.From)
		case "body":
			g.Reader, g.Support = source.From, s.bodySupport(a)
		case "captions":
			g.Reader, g.Support = source.From, several(len(a.Captions))
		case "authors":
			g.Reader, _, _ = strings.Cut(source.From, " ")
			g.Support = several(len(a.Authors))
		}
		s.signals = append(s.signals, g)
		if v, ok := lookUp(confidences, g); ok {
			s.say(a, field, source.From, v)
		}
	}
}

func several(n int) string {
	switch {
	case n <= 1:
		return "one"
	case n <= 4:
		return "few"
	}
	return "many"
}

// headlineReader makes few of the many elements and meta names.
func headlineReader(from string) string {
	switch tag, printed := strings.CutPrefix(from, "printed "); {
	case printed && (tag == "h1" || tag == "h2"):
		return from
	case printed:
		return "printed otherwise"
	case from == "title element":
		return from
	}
	return "metadata"
}

// headlineSupport tells how a headline compares with the titles of the metadata.
func (s *story) headlineSupport(headline string) string {
	refs := s.references()
	if len(refs) == 0 {
		return "no title"
	}
	if s.quotes(headline, refs) {
		return "a title says so"
	}
	words, sim := wordList(headline), 0.0
	for _, r := range refs {
		sim = max(sim, dice(words, r.words))
	}
	if sim >= 0.6 {
		return "a title is near"
	}
	return "unlike any title"
}

// publishedSignal tells whether other kinds of source name the day of the
// publication, or a different one.
func (s *story) publishedSignal(a *article.Article, from string) (reader, support string) {
	names := [...]string{"jsonld", "microdata", "meta", "time", "printed", "other"}
	reader = names[sourceKind(from)]
	day := a.Published[:min(10, len(a.Published))]
	agreed, disputed := false, false
	for i := range s.dates {
		d := &s.dates[i]
		switch {
		case d.Role == readers.Modified || d.Role == readers.Other || d.weight < 2.5:
		case d.Time.Date().String() == day:
			agreed = agreed || sourceKind(d.From) != sourceKind(from)
		case d.weight >= 4:
			disputed = true
		}
	}
	switch {
	case agreed && disputed:
		support = "agreed and disputed"
	case agreed:
		support = "agreed"
	case disputed:
		support = "disputed"
	default:
		support = "alone"
	}
	if a.PublishedPrecision == article.PrecisionDay {
		return reader, support + ", day"
	}
	return reader, support + ", minute"
}

// bodySupport tells whether the structured data gives the same text, and how
// long the body is.
func (s *story) bodySupport(a *article.Article) string {
	vouched, all := 0, 0
	for i := range s.blocks {
		if i < len(s.keep) && s.keep[i] {
			all += s.blocks[i].Letters
			if s.vouched[i] {
				vouched += s.blocks[i].Letters
			}
		}
	}
	switch letters := page.Letters(a.Body); {
	case all > 0 && 10*vouched >= 7*all:
		return "structured data has it too"
	case letters < 400:
		return "short"
	case letters < 1500:
		return "middling"
	}
	return "long"
}
