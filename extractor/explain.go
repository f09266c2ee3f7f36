package extractor

import (
	"slices"

	"newsreel/article"
	"newsreel/extractor/page"
)

// Explanation is why the fields of an article are what they are.
type Explanation struct {
	// URL is the page's, as given.
	URL string `json:"url,omitempty"`
	// Fields are in the order in which an article gives them; a field for which
	// the page offered nothing is left out.
	Fields []Decision `json:"fields"`
}

// Decision is what became of one field.
type Decision struct {
	// Field is the article's JSON key.
	Field string `json:"field"`
	// Value is what the article has, as text; "" where nothing was taken.
	Value string `json:"value,omitempty"`
	// From and Confidence are those of the article's sources.
	From       string  `json:"from,omitempty"`
	Confidence float64 `json:"confidence,omitempty"`
	// At is the element that the value was read from, as a selector; "" where
	// there is none, or not one.
	At string `json:"at,omitempty"`
	// Reason says in words why it is this value.
	Reason string `json:"reason,omitempty"`
	// Candidates are what the page offers, the heaviest first; of lists, such as
	// captions, in reading order.
	Candidates []Candidate `json:"candidates,omitempty"`
	// Cuts are the texts that were left out of the value.
	Cuts []Cut `json:"cuts,omitempty"`
}

// Candidate is a value that the page offers for a field.
type Candidate struct {
	Value string `json:"value"`
	// From is where it was read, as in an article's sources.
	From string `json:"from"`
	// Weight is the sum of the evidence; weights of different fields do not
	// compare.
	Weight   float64    `json:"weight"`
	Evidence []Evidence `json:"evidence,omitempty"`
	// Chosen tells that the field's value was made of it.
	Chosen bool `json:"chosen,omitempty"`
	// Refused says why it could not be taken, whatever its weight.
	Refused string `json:"refused,omitempty"`
}

// Evidence is one reason for or against a candidate.
type Evidence struct {
	What   string  `json:"what"`
	Weight float64 `json:"weight"`
}

// Cut is a text that was left out, and why.
type Cut struct {
	Text string `json:"text"`
	Why  string `json:"why"`
}

// Explain extracts a page as Extract does, and says why the article is as it is.
// It takes longer than Extract, and memory for what it notes.
func Explain(p Page) (*article.Article, *Explanation) {
	why := &reasons{fields: map[string]*Decision{}}
	a, _ := extract(p, why)
	return a, why.explanation(a)
}

// maxNoted bounds what is noted of one field.
const maxNoted = 1000

// reasons notes what is weighed while a page is extracted. A nil one, which is
// what Extract uses, notes nothing: guard with asked what costs to put in words.
type reasons struct{ fields map[string]*Decision }

// asked tells whether anyone wants to know.
func (r *reasons) asked() bool { return r != nil }

func (r *reasons) field(name string) *Decision {
	d := r.fields[name]
	if d == nil {
		d = &Decision{Field: name}
		r.fields[name] = d
	}
	return d
}

// candidate notes a value that the page offers for a field.
func (r *reasons) candidate(field string, c Candidate) {
	if r == nil {
		return
	}
	if d := r.field(field); len(d.Candidates) < maxNoted {
		d.Candidates = append(d.Candidates, c)
	}
}

// cut notes a text that was left out of a field.
func (r *reasons) cut(field, text, why string) {
	if r == nil || text == "" {
		return
	}
	if d := r.field(field); len(d.Cuts) < maxNoted {
		d.Cuts = append(d.Cuts, Cut{text, why})
	}
}

// because notes why a field is what it is.
func (r *reasons) because(field, reason string) {
	if r != nil {
		r.field(field).Reason = reason
	}
}

// at notes the element that a field was read from.
func (r *reasons) at(field string, n *page.Node) {
	if r != nil && n != nil {
		r.field(field).At = elementName(n)
	}
}

// forget drops what was noted of a field that is decided anew.
func (r *reasons) forget(field string) {
	if r != nil {
		delete(r.fields, field)
	}
}

// tally adds up evidence, and notes it if wanted.
type tally struct {
	sum   float64
	noted []Evidence
	notes bool
}

func (t *tally) add(what string, weight float64) {
	t.sum += weight
	if t.notes && weight != 0 {
		t.noted = append(t.noted, Evidence{what, weight})
	}
}

// times scales the sum.
func (t *tally) times(what string, factor float64) { t.add(what, t.sum*(factor-1)) }

// explained are the fields of an explanation, in its order.
var explained = []string{
	"headline", "published", "modified", "body", "summary", "authors", "captions",
	"section", "tags", "language", "site_name", "paywalled", "kind", "canonical_url", "charset",
}

func (r *reasons) explanation(a *article.Article) *Explanation {
	e := &Explanation{URL: a.URL, Fields: []Decision{}}
	names := slices.Clone(explained)
	for name := range a.Sources {
		if !slices.Contains(explained, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[len(explained):])
	for _, name := range names {
		d := r.fields[name]
		source, taken := a.Sources[name]
		if d == nil && !taken {
			continue
		}
		if d == nil {
			d = &Decision{Field: name}
		}
		d.From, d.Confidence = source.From, source.Confidence
		d.Value = fieldText(a, name)
		if d.heaviestFirst() {
			slices.SortStableFunc(d.Candidates, func(x, y Candidate) int {
				switch {
				case x.Chosen != y.Chosen && x.Chosen, x.Chosen == y.Chosen && x.Weight > y.Weight:
					return -1
				case x.Chosen == y.Chosen && x.Weight == y.Weight:
					return 0
				}
				return 1
			})
		}
		e.Fields = append(e.Fields, *d)
	}
	return e
}

// heaviestFirst tells whether one of the candidates is the value; of lists many
// are, in reading order.
func (d *Decision) heaviestFirst() bool { return d.Field != "captions" }
