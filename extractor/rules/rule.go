package rules

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"regexp"
	"strings"

	"newsreel/extractor/page"
)

// Rule is what is known of one site's pages. It is not changed once parsed, and
// safe for concurrent use.
type Rule struct {
	// Name identifies the rule.
	Name string
	// File is where it was read from.
	File string

	Headline, Summary, Body, Captions, Authors, Section, Tags *Field
	Published, Modified                                       *Date
	// Remove names elements that are taken out of the page before anything is
	// read.
	Remove []*Selector
	// Tests are pages with what must come out of them.
	Tests []Test

	hosts  []string // lower case; "*.example" for hosts below
	paths  []*regexp.Regexp
	source []byte
}

// Field says where a field stands on a page.
type Field struct {
	// Select is tried in order; the first selector that names any element counts.
	Select []*Selector
	// Attribute is where the value stands; "" is the element's text.
	Attribute string
	// Pattern cuts the value out of the text: its first group, or all of its
	// match; nil takes the text whole.
	Pattern *regexp.Regexp
}

// Date says where a date stands and how it is written.
type Date struct {
	// Field is nil where the rule only knows the zone.
	*Field
	// Format is how the date is written; nil reads it as any date of the page.
	Format *Format
	// Zone is that of times that the page gives without one; nil leaves them
	// without.
	Zone *Zone
}

// Test is a page with what must come out of it.
type Test struct {
	// Line is where it stands in the rule's file.
	Line int
	// Page is a saved page's file, relative to the rule's; it may be compressed
	// with gzip.
	Page    string
	URL     string
	Fetched string
	// Want holds what fields must be, by the article's JSON keys. Body must be
	// equal; of BodyHas and BodyLacks each text must stand, and not stand, in it.
	Want               map[string][]string
	BodyHas, BodyLacks []string
}

// ID names a rule's text: its name and the beginning of its SHA-256.
func (r *Rule) ID() string {
	sum := sha256.Sum256(r.source)
	return r.Name + " " + hex.EncodeToString(sum[:4])
}

// Source is the rule's YAML, as it was read. It must not be changed.
func (r *Rule) Source() []byte { return r.source }

// wire is a rule on its way to another process.
type wire struct {
	File string `json:"file"`
	Text string `json:"text"`
}

// MarshalJSON gives the rule's file name and text.
func (r *Rule) MarshalJSON() ([]byte, error) { return json.Marshal(wire{r.File, string(r.source)}) }

// UnmarshalJSON parses what MarshalJSON gave.
func (r *Rule) UnmarshalJSON(data []byte) error {
	var w wire
	if err := json.Unmarshal(data, &w); err != nil {
		return err
	}
	parsed, err := Parse(w.File, []byte(w.Text))
	if err != nil {
		return err
	}
	*r = *parsed
	return nil
}

// Matches tells whether the rule is for a page's address.
func (r *Rule) Matches(address string) bool {
	u, err := url.Parse(address)
	return err == nil && r.matchesHost(strings.ToLower(u.Hostname())) && r.matchesPath(u)
}

func (r *Rule) matchesHost(host string) bool {
	for _, h := range r.hosts {
		if below, any := strings.CutPrefix(h, "*"); h == host || any && strings.HasSuffix(host, below) && len(host) > len(below) {
			return true
		}
	}
	return false
}

func (r *Rule) matchesPath(u *url.URL) bool {
	if len(r.paths) == 0 {
		return true
	}
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	for _, p := range r.paths {
		if p.MatchString(path) {
			return true
		}
	}
	return false
}

// Set is the rules of a folder. A nil Set has none. It is not changed once made,
// and safe for concurrent use.
type Set struct {
	rules  []*Rule
	byHost map[string][]int
}

// NewSet makes a set of rules; where several are for one page the first counts.
func NewSet(list []*Rule) *Set {
	s := &Set{rules: list, byHost: map[string][]int{}}
	for i, r := range list {
		for _, h := range r.hosts {
			s.byHost[h] = append(s.byHost[h], i)
		}
	}
	return s
}

// Rules lists the set's rules in order.
func (s *Set) Rules() []*Rule {
	if s == nil {
		return nil
	}
	return s.rules
}

// For is the rule for a page's address, or nil.
func (s *Set) For(address string) *Rule {
	if s == nil || len(s.rules) == 0 {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" {
		return nil
	}
	host := strings.ToLower(u.Hostname())
	best := len(s.rules)
	try := func(key string) {
		for _, i := range s.byHost[key] {
			if i < best && s.rules[i].matchesPath(u) {
				best = i
				return
			}
		}
	}
	try(host)
	for rest := host; ; {
		_, after, ok := strings.Cut(rest, ".")
		if !ok {
			break
		}
		rest = after
		try("*." + rest)
	}
	if best == len(s.rules) {
		return nil
	}
	return s.rules[best]
}

// Value is what a field takes of an element: an attribute or its text, or the
// part of it that the pattern cuts out; "" where there is none.
func (f *Field) Value(n *page.Node) string {
	v := ""
	if f.Attribute != "" {
		v = page.Fold(n.Attr(f.Attribute))
	} else {
		v = n.InnerText()
	}
	if f.Pattern == nil || v == "" {
		return v
	}
	m := f.Pattern.FindStringSubmatch(v)
	switch {
	case m == nil:
		return ""
	case len(m) > 1:
		return page.Fold(m[1])
	}
	return page.Fold(m[0])
}
