package demo

import (
	"embed"
	"fmt"
	"strings"
	"time"
)

//go:embed content
var contentFS embed.FS

// story is one article before a masthead lays it out.
type story struct {
	topic    string
	section  string
	kicker   string
	head     string
	stand    string
	body     []string // a subheading begins with "# "
	photos   []photo
	authors  []string
	tags     []string
	when     time.Time // the masthead's local time, its zone that of the site
	modified time.Time // zero if never
	path     string
	kind     string
}

// photo is a picture with its words.
type photo struct {
	name    string // without its end
	caption string
	credit  string
	alt     string
}

// texts is what a content file gives: topics, and a pool of paragraphs that fit
// under any of them.
type texts struct {
	places, people, agencies []string
	topics                   []topic
	pool                     []string
	subheads                 []string
}

type topic struct {
	name, section, kicker, head, stand string
	body, captions, tags               []string
}

// readTexts reads a content file. A line is "key: value"; "== NAME" begins a
// topic; what stands before the first is of the whole file. Names in braces
// are filled in by tell.
func readTexts(file string) (*texts, error) {
	b, err := contentFS.ReadFile("content/" + file)
	if err != nil {
		return nil, err
	}
	t := &texts{}
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if name, ok := strings.CutPrefix(line, "== "); ok {
			t.topics = append(t.topics, topic{name: name})
			continue
		}
		key, value, ok := strings.Cut(line, ": ")
		if !ok || !t.set(key, value) {
			return nil, fmt.Errorf("content/%s:%d: not a line of a content file: %q", file, i+1, line)
		}
	}
	return t, nil
}

func (t *texts) set(key, value string) bool {
	if len(t.topics) == 0 {
		switch key {
		case "places":
			t.places = split(value)
		case "people":
			t.people = split(value)
		case "agencies":
			t.agencies = split(value)
		case "subhead":
			t.subheads = append(t.subheads, value)
		case "pool":
			t.pool = append(t.pool, value)
		default:
			return false
		}
		return true
	}
	c := &t.topics[len(t.topics)-1]
	switch key {
	case "section":
		c.section = value
	case "kicker":
		c.kicker = value
	case "head":
		c.head = value
	case "stand":
		c.stand = value
	case "p":
		c.body = append(c.body, value)
	case "caption":
		c.captions = append(c.captions, value)
	case "tags":
		c.tags = split(value)
	default:
		return false
	}
	return true
}

func split(s string) []string {
	parts := strings.Split(s, "|")
	for i := range parts {
		parts[i] = strings.TrimSpace(parts[i])
	}
	return parts
}

// tell makes the nth story of a topic: its own paragraphs, and some of the pool
// under a subheading.
func (t *texts) tell(topicIndex, n int) story {
	c := t.topics[topicIndex]
	seed := topicIndex*7 + n*5
	at := func(list []string, i int) string { return list[(seed+i)%len(list)] }
	fill := strings.NewReplacer(
		"{place}", t.places[(topicIndex+n*4)%len(t.places)],
		"{other}", t.places[(topicIndex+n*4+2)%len(t.places)],
		"{person}", t.people[(topicIndex*2+n*3)%len(t.people)],
		"{second}", t.people[(topicIndex*2+n*3+1)%len(t.people)],
		"{n}", fmt.Sprint(3+(seed*13)%17),
		"{m}", fmt.Sprint(21+(seed*29)%70),
		"{k}", fmt.Sprint(110+(seed*37)%800),
		"{year}", fmt.Sprint(1988+(seed*11)%27),
	).Replace
	s := story{
		topic: c.name, section: c.section, kicker: fill(c.kicker), head: fill(c.head),
		stand: fill(c.stand), tags: c.tags, kind: "article",
	}
	for _, p := range c.body {
		s.body = append(s.body, fill(p))
	}
	if n%2 == 1 && len(t.subheads) > 0 {
		s.body = append(s.body, "# "+fill(at(t.subheads, topicIndex)))
	}
	for i := range 4 + (topicIndex+n)%2 {
		s.body = append(s.body, fill(at(t.pool, i)))
	}
	for i := range (topicIndex + n) % 3 {
		if i < len(c.captions) {
			s.photos = append(s.photos, photo{
				name: fmt.Sprintf("%s-%d-%d", c.name, n, i), caption: fill(c.captions[i]),
				credit: at(t.agencies, i), alt: fill(c.captions[i][:strings.IndexAny(c.captions[i]+",", ",.")]),
			})
		}
	}
	s.authors = []string{t.people[(seed+6)%len(t.people)]}
	if (topicIndex+n)%5 == 4 {
		s.authors = append(s.authors, t.people[(seed+8)%len(t.people)])
	}
	return s
}

// paragraphs is the body as an extractor must give it.
func (s story) paragraphs() []string {
	ps := make([]string, len(s.body))
	for i, p := range s.body {
		ps[i] = strings.TrimPrefix(p, "# ")
	}
	return ps
}

// expect is what an extractor must find of the story, apart from dates, which
// depend on what the page prints.
func (s story) expect(language string) *ExpectedArticle {
	a := &ExpectedArticle{
		Headline: s.head, Kicker: s.kicker, Summary: s.stand, Body: s.paragraphs(), Authors: s.authors,
		Section: s.section, Tags: s.tags, Language: language, Kind: s.kind, PublishedZone: "none",
	}
	for _, p := range s.photos {
		a.Captions = append(a.Captions, p.caption)
		a.Credits = append(a.Credits, p.credit)
	}
	return a
}

// slug is a headline as a part of a path.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case strings.ContainsRune("äàâáå", r):
			b.WriteByte('a')
		case strings.ContainsRune("éèêë", r):
			b.WriteByte('e')
		case strings.ContainsRune("íîï", r):
			b.WriteByte('i')
		case strings.ContainsRune("öôó", r):
			b.WriteByte('o')
		case strings.ContainsRune("üûùú", r):
			b.WriteByte('u')
		case r == 'ç':
			b.WriteByte('c')
		case r == 'ñ':
			b.WriteByte('n')
		case r == 'ß':
			b.WriteString("ss")
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}
