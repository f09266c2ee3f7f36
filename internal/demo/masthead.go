package demo

import (
	"bytes"
	"crypto/sha1"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
)

//go:embed layouts
var layoutFS embed.FS

// masthead is one newspaper: its manners, and what it prints.
type masthead struct {
	Host, Name, Motto string
	Lang              string // of its pages
	Charset           string // windows-1251, iso-8859-1 or utf-8
	layout            string // file under layouts, without its end
	folder            string // what relative links of its layout start from
	gzip, chunked     bool
	etags             bool
	charsetInHead     bool      // the charset is named in the HTTP head
	base              time.Time // date of the oldest story, in the site's zone
	step              time.Duration
	photoBase         string // URL of the folder of photos
	photoEnd          string // .jpg, .png, .gif
	big               bool   // photos come in two sizes
	perPage           int    // teasers of a section page
	sections          []link // path of a section, and its name
	sectionOf         map[string]int
	visible           func(time.Time) string // a date as the page prints it
	path              func(i int, s story) string
	promise           func(i int, s story, a *ExpectedArticle) // what dates the page gives
	stories           []story
	core              int // stories that stand in both editions
}

type link struct{ Href, Text string }

// teaser is a story as lists show it.
type teaser struct {
	Href, Head, Stand, Date, Thumb, Section, Kicker string
}

// photoView is a photo with its addresses.
type photoView struct{ Src, Big, Alt, Caption, Credit string }

type para struct {
	Text string
	Sub  bool
	Also *teaser // a box before the paragraph
}

// page is what the layouts see.
type page struct {
	M         *masthead
	URL, Path string
	Canonical string
	Title     string
	Heading   string
	Nav       []link
	Teasers   []teaser
	MostRead  []teaser
	Links     []link
	Text      []string
	Images    []string
	Prev      string
	Next      string
	Feed      string
	Story     *storyView
}

type storyView struct {
	Head, Kicker, Stand, Section, SectionPath, Kind string
	Authors, Tags                                   []link
	ISO, ModifiedISO, Visible, VisibleModified      string
	Paras                                           []para
	Photos                                          []photoView
	Related                                         []teaser
	LD                                              any
	N                                               int
	Paywalled, OptOut                               bool
	Print                                           string
}

// layouts reads the templates of a masthead.
func (m *masthead) layouts() (*template.Template, error) {
	return template.New(m.layout).Funcs(template.FuncMap{
		"slug":   slug,
		"sheet":  sheets(),
		"join":   strings.Join,
		"first":  func(n int, ts []teaser) []teaser { return ts[:min(n, len(ts))] },
		"add":    func(a, b int) int { return a + b },
		"first1": func(ps []photoView) []photoView { return ps[:min(1, len(ps))] },
		"odd":    func(i int) bool { return i%2 == 1 },
	}).ParseFS(layoutFS, "layouts/"+m.layout+".html")
}

// url is the absolute URL of a path on the masthead's host.
func (m *masthead) url(path string) string { return "http://" + m.Host + path }

// contentType is the type that the host sends with HTML.
func (m *masthead) contentType() string {
	if m.charsetInHead {
		return "text/html; charset=" + m.Charset
	}
	return "text/html"
}

// encode turns UTF-8 into the masthead's charset; what that lacks becomes a
// character reference.
func (m *masthead) encode(b []byte) ([]byte, error) {
	var e *encoding.Encoder
	switch m.Charset {
	case "windows-1251":
		e = charmap.Windows1251.NewEncoder()
	case "iso-8859-1":
		e = charmap.ISO8859_1.NewEncoder()
	default:
		return b, nil
	}
	return encoding.HTMLEscapeUnsupported(e).Bytes(b)
}

// photo gives a photo its addresses, as pages name them.
func (m *masthead) photo(p photo) photoView {
	v := photoView{Src: m.photoBase + p.name + "-320" + m.photoEnd, Alt: p.alt, Caption: p.caption, Credit: p.credit}
	if m.big {
		v.Big = m.photoBase + p.name + "-480" + m.photoEnd
	}
	return v
}

func (m *masthead) teaser(s story) teaser {
	t := teaser{Href: s.path, Head: s.head, Stand: s.stand, Date: m.visible(s.when), Section: m.sectionName(s), Kicker: s.kicker}
	if len(s.photos) > 0 {
		t.Thumb = m.photo(s.photos[0]).Src
	}
	return t
}

func (m *masthead) teasers(stories []story) []teaser {
	ts := make([]teaser, len(stories))
	for i, s := range stories {
		ts[i] = m.teaser(s)
	}
	return ts
}

func (m *masthead) sectionName(s story) string { return m.sections[m.sectionOf[s.section]].Text }

// latest is the stories from the newest to the oldest.
func (m *masthead) latest() []story {
	ss := slices.Clone(m.stories)
	slices.SortStableFunc(ss, func(a, b story) int { return b.when.Compare(a.when) })
	return ss
}

// write fills the masthead with n stories of each topic, dated from base on.
func (m *masthead) write(t *texts, n int) {
	for i := range n * len(t.topics) {
		s := t.tell(i%len(t.topics), i/len(t.topics))
		s.when = m.base.Add(time.Duration(i) * m.step).Add(time.Duration(i*i%53) * time.Minute)
		s.path = m.path(i, s)
		m.stories = append(m.stories, s)
	}
	m.core = len(m.stories)
}

// builder puts one masthead into an edition.
type builder struct {
	*masthead
	e        *edition
	pictures *pictures
	t        *template.Template
	fault    error // the first one
}

func newBuilder(e *edition, p *pictures, m *masthead) (*builder, error) {
	t, err := m.layouts()
	if err != nil {
		return nil, fmt.Errorf("layout %s: %w", m.layout, err)
	}
	return &builder{masthead: m, e: e, pictures: p, t: t}, nil
}

// note keeps the first error, so that building reads as a list.
func (b *builder) note(err error) {
	if err != nil && b.fault == nil {
		b.fault = fmt.Errorf("%s: %w", b.Host, err)
	}
}

// html renders a page with a layout and adds it; change may adapt the resource
// before that.
func (b *builder) html(layout string, p page, change func(*resource)) {
	p.M = b.masthead
	p.URL = b.url(p.Path)
	if p.Canonical == "" {
		p.Canonical = p.URL
	}
	p.Nav = b.sections
	if p.Title == "" {
		p.Title = p.Heading
	}
	p.MostRead = b.teasers(b.stories[2:min(7, b.core)])
	var out bytes.Buffer
	if err := b.t.ExecuteTemplate(&out, layout, p); err != nil {
		b.note(err)
		return
	}
	body, err := b.encode(out.Bytes())
	b.note(err)
	r := &resource{expect: Expected{URL: p.URL, Kind: KindPage}, typ: b.contentType(), body: body, chunked: b.chunked}
	if b.etags {
		sum := sha1.Sum(body)
		r.etag = `"` + hex.EncodeToString(sum[:8]) + `"`
	}
	if change != nil {
		change(r)
	}
	if b.gzip {
		r.gzipped = squeeze(r.body)
	}
	b.note(b.e.put(r))
}

// view is a story as the layouts see it, beside what an extractor must find.
func (b *builder) view(i int, s story) (*storyView, *ExpectedArticle) {
	a := s.expect(b.Lang)
	a.Section = b.sectionName(s)
	v := &storyView{
		Head: s.head, Kicker: s.kicker, Stand: s.stand, Section: a.Section,
		SectionPath: b.sections[b.sectionOf[s.section]].Href, Kind: s.kind,
		ISO: s.when.Format(time.RFC3339), Visible: b.visible(s.when), N: i,
	}
	if !s.modified.IsZero() {
		v.ModifiedISO, v.VisibleModified = s.modified.Format(time.RFC3339), b.visible(s.modified)
	}
	for _, name := range s.authors {
		v.Authors = append(v.Authors, link{"/people/" + slug(name), name})
	}
	for _, tag := range s.tags {
		v.Tags = append(v.Tags, link{"/tag/" + slug(tag), tag})
	}
	for _, p := range s.photos {
		v.Photos = append(v.Photos, b.photo(p))
	}
	for k := range 3 {
		v.Related = append(v.Related, b.teaser(b.stories[(max(i, 0)+3+k)%7]))
	}
	for k, p := range s.body {
		text, sub := strings.CutPrefix(p, "# ")
		q := para{Text: text, Sub: sub}
		if k == 2 && i%3 == 1 {
			q.Also = &v.Related[0]
			a.Never = append(a.Never, v.Related[0].Head)
		}
		v.Paras = append(v.Paras, q)
	}
	b.promise(i, s, a)
	return v, a
}

// article adds a story's page, and its photos. A zero story date leaves out
// what depends on it.
func (b *builder) article(i int, s story, change func(*storyView, *ExpectedArticle, *resource)) {
	v, a := b.view(i, s)
	b.photos(s)
	r := &resource{}
	if change != nil {
		change(v, a, r)
	}
	v.LD = b.jsonLD(s, v)
	layout := s.kind
	if layout == "article" || b.t.Lookup(layout) == nil {
		layout = "article"
	}
	b.html(layout, page{Path: s.path, Title: s.head, Heading: s.head, Story: v}, func(out *resource) {
		out.expect.Article = a
		out.expect.OptOut = v.OptOut
		out.robots = r.robots
		if !b.etags {
			out.modified = s.when
			if !s.modified.IsZero() {
				out.modified = s.modified
			}
		}
	})
}

// photos adds the pictures of a story.
func (b *builder) photos(s story) {
	for _, p := range s.photos {
		v := b.photo(p)
		b.picture(v.Src, 320, 180)
		if v.Big != "" {
			b.picture(v.Big, 480, 270)
		}
	}
}

// picture adds one picture under an address that may be relative to the host.
// One that is there already is left.
func (b *builder) picture(address string, width, height int) {
	base, _ := url.Parse(b.url("/"))
	u, err := base.Parse(address)
	if err != nil {
		b.note(err)
		return
	}
	if b.e.resources[u.String()] != nil {
		return
	}
	data, typ := b.pictures.get(u.String(), width, height)
	b.note(b.e.put(&resource{
		expect: Expected{URL: u.String(), Kind: KindAsset}, typ: typ, body: data, modified: day(2016, 1, 4),
	}))
}

// lists adds front page, section pages, and those of tags and authors where the
// masthead has any.
func (b *builder) lists() {
	latest := b.latest()
	b.html("list", page{Path: "/", Title: b.Name, Teasers: b.teasers(latest[:min(9, len(latest))]), Feed: "front"}, func(r *resource) {
		r.cookie = "visit=1; Path=/; HttpOnly"
	})
	for i, s := range b.sections {
		var in []story
		for _, t := range latest {
			if b.sectionOf[t.section] == i {
				in = append(in, t)
			}
		}
		b.section(s, in)
	}
}

// section adds the pages of one section.
func (b *builder) section(s link, in []story) {
	for n := 1; ; n++ {
		p := page{Path: s.Href, Heading: s.Text}
		if !strings.HasPrefix(p.Path, "/") {
			p.Path = b.folder + p.Path
		}
		if n > 1 {
			p.Path = fmt.Sprintf("%s?page=%d", p.Path, n)
			p.Prev = s.Href
			if n > 2 {
				p.Prev = fmt.Sprintf("%s?page=%d", s.Href, n-1)
			}
		}
		p.Teasers = b.teasers(in[:min(b.perPage, len(in))])
		in = in[len(p.Teasers):]
		if len(in) > 0 {
			p.Next = fmt.Sprintf("%s?page=%d", s.Href, n+1)
		}
		b.html("list", p, nil)
		if len(in) == 0 {
			return
		}
	}
}

// index adds one list page for each value of key, a tag or an author.
func (b *builder) index(folder string, stories []story, key func(story) []string) {
	groups := map[string][]story{}
	var names []string
	for _, s := range stories {
		for _, k := range key(s) {
			if groups[k] == nil {
				names = append(names, k)
			}
			groups[k] = append(groups[k], s)
		}
	}
	for _, n := range names {
		b.html("list", page{Path: folder + slug(n), Heading: n, Teasers: b.teasers(groups[n])}, nil)
	}
}
