package rules

// form is what a key's value looks like.
type form int

const (
	text     form = iota // a text
	texts                // a text or a list of texts
	selector             // a selector, or a list of them, tried in order
	field                // a selector, a list of them, or a map with select
	date                 // as field, with format and zone
	section              // a map
	sections             // a list of maps
	values               // a text or a list of texts; true, false and numbers too
)

// key is one key of a rule. One table of them checks rules and makes the schema.
type key struct {
	name, doc string
	form      form
	required  bool
	keys      []key
}

var fieldKeys = []key{
	{name: "select", doc: "CSS selector, or a list of them: the first that names any element counts", form: selector, required: true},
	{name: "attribute", doc: "attribute that holds the value, instead of the element's text", form: text},
	{name: "pattern", doc: "regular expression (RE2) that cuts the value out of the text: its first group, or its whole match", form: text},
}

var dateKeys = []key{
	{name: "select", doc: fieldKeys[0].doc + "; without it only zone may be given", form: selector},
	fieldKeys[1], fieldKeys[2],
	{name: "format", doc: "how the date is written, such as DD.MM.YYYY HH:mm; without it any date is read", form: text},
	{name: "zone", doc: "zone of times that the page gives without one: a name such as Europe/Berlin, or an offset such as +02:00", form: text},
}

var wantKeys = []key{
	{name: "headline", doc: "the headline", form: values},
	{name: "published", doc: "the published date, as the article has it", form: values},
	{name: "published_zone", doc: "page, site, fetch or none", form: values},
	{name: "modified", doc: "the date of the last change", form: values},
	{name: "summary", doc: "the standfirst", form: values},
	{name: "body", doc: "the whole body, paragraphs parted by a blank line", form: values},
	{name: "authors", doc: "names", form: values},
	{name: "captions", doc: "the photos' captions in order; [] for none", form: values},
	{name: "credits", doc: "the photos' credits in order, of photos that have one", form: values},
	{name: "section", doc: "part of the paper", form: values},
	{name: "tags", doc: "topics", form: values},
	{name: "language", doc: "BCP 47 tag", form: values},
	{name: "site_name", doc: "the site's name", form: values},
	{name: "kind", doc: "article, liveblog, gallery, video, index or other", form: values},
	{name: "paywalled", doc: "true or false", form: values},
}

var ruleKeys = []key{
	{name: "name", doc: "name of the rule: small letters, digits and hyphens, at most 60", form: text, required: true},
	{name: "match", doc: "which pages the rule is for", form: section, required: true, keys: []key{
		{name: "hosts", doc: "hosts; *.paper.example are all hosts below paper.example, and not itself", form: texts, required: true},
		{name: "paths", doc: "regular expressions (RE2) of which one must match the URL's path; none: all paths", form: texts},
	}},
	{name: "headline", doc: "the headline as the page prints it", form: field, keys: fieldKeys},
	{name: "summary", doc: "the standfirst", form: field, keys: fieldKeys},
	{name: "published", doc: "the date of publication", form: date, keys: dateKeys},
	{name: "modified", doc: "the date of the last change", form: date, keys: dateKeys},
	{name: "body", doc: "the elements that hold the article's text: all of their text but captions, headline and what remove names", form: selector},
	{name: "captions", doc: "the elements that hold the photos' captions; no other caption is taken then", form: selector},
	{name: "authors", doc: "the authors' names, an element each", form: field, keys: fieldKeys},
	{name: "section", doc: "part of the paper that the article stands in", form: field, keys: fieldKeys},
	{name: "tags", doc: "topics, an element each", form: field, keys: fieldKeys},
	{name: "remove", doc: "elements that are taken out of the page before anything is read", form: texts},
	{name: "tests", doc: "saved pages with what must come out of them; newsreel rules test runs them", form: sections, keys: []key{
		{name: "page", doc: "file of the saved page, relative to the rule's; .gz is decompressed", form: text, required: true},
		{name: "url", doc: "address that the page was found at", form: text, required: true},
		{name: "fetched", doc: "when it was fetched, RFC 3339", form: text},
		{name: "want", doc: "fields of the article, by its JSON keys; [] for none", form: section, keys: wantKeys},
		{name: "body_has", doc: "texts that must stand in the body", form: texts},
		{name: "body_lacks", doc: "texts that must not stand in the body", form: texts},
	}},
}

func find(keys []key, name string) *key {
	for i := range keys {
		if keys[i].name == name {
			return &keys[i]
		}
	}
	return nil
}
