package readers

import (
	"html"
	"strconv"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// JSONLD reads a page's application/ld+json: single objects, arrays, @graph,
// objects within objects, and JSON that is not quite right. All articles are
// listed, the likeliest to be the page's own first. (schema.org/NewsArticle)
func JSONLD(d *page.Doc, pageURL string) []Thing {
	var objects []Value
	for _, n := range d.Nodes {
		if n.Tag != atom.Script || !strings.Contains(strings.ToLower(n.Attr("type")), "ld+json") {
			continue
		}
		raw := n.RawText()
		if v, ok := ParseJSON(raw); ok {
			objects = collect(v, objects, 0)
		}
	}
	var things []Thing
	byID := index(objects)
	for _, o := range objects {
		if t := thing(o, byID); rank(t.Type) > 0 || t.Type == "WebPage" || t.Type == "ItemPage" || t.Type == "AboutPage" {
			things = append(things, t)
		}
	}
	things = merge(things)
	return order(things, pageURL)
}

// collect lists the typed objects of a value, outer ones first.
func collect(v Value, out []Value, depth int) []Value {
	if len(out) > 2000 || depth > 12 {
		return out
	}
	if v.Kind == Object && v.Get("@type").Kind != Null {
		out = append(out, v)
	}
	for i, item := range v.Items {
		if v.Kind == Object && skipMember(v.Keys[i]) {
			continue
		}
		if item.Kind == Object || item.Kind == Array {
			out = collect(item, out, depth+1)
		}
	}
	return out
}

// skipMember names members that hold other stories or no story at all.
func skipMember(key string) bool {
	switch key {
	case "itemListElement", "relatedLink", "citation", "comment", "hasPart", "isPartOf", "isBasedOn", "mentions", "about",
		"blogPost", "liveBlogUpdate", "publisher", "author", "creator", "video", "associatedMedia", "image", "itemReviewed", "review":
		return true
	}
	return false
}

func index(objects []Value) map[string]Value {
	byID := map[string]Value{}
	for _, o := range objects {
		if id := o.Get("@id").Str; id != "" && len(o.Keys) > 2 {
			if _, have := byID[id]; !have {
				byID[id] = o
			}
		}
	}
	return byID
}

func thing(o Value, byID map[string]Value) Thing {
	t := Thing{From: "jsonld"}
	for _, v := range o.Get("@type").List() {
		if c := cleanType(v.Str); rank(c) >= rank(t.Type) {
			t.Type = c
		}
	}
	t.Headline, t.AltHeadline, t.Name = clean(o.Get("headline").Text()), clean(o.Get("alternativeHeadline").Text()), clean(o.Get("name").Text())
	t.Description = clean(o.Get("description").Text())
	t.Body = o.Get("articleBody").Text()
	if t.Body == "" && t.Type != "WebPage" {
		t.Body = o.Get("text").Text()
	}
	t.Published, t.Modified, t.Created = o.Get("datePublished").Text(), o.Get("dateModified").Text(), o.Get("dateCreated").Text()
	if t.Published == "" && t.Type == "VideoObject" {
		t.Published = o.Get("uploadDate").Text()
	}
	t.Section = clean(o.Get("articleSection").Text())
	t.Language = o.Get("inLanguage").Text()
	if code := o.Get("inLanguage").Get("alternateName").Text(); code != "" {
		t.Language = code
	}
	t.URL = o.Get("url").Text()
	if t.URL == "" {
		t.URL = identity(o.Get("mainEntityOfPage"))
	}
	t.SiteName = clean(resolve(o.Get("publisher"), byID).Get("name").Text())
	t.Free = strings.ToLower(o.Get("isAccessibleForFree").Text())
	t.Keywords = keywords(o.Get("keywords"))
	t.Authors = people(o, byID)
	for _, v := range append(o.Get("image").List(), o.Get("associatedMedia").List()...) {
		if len(t.Images) < 100 {
			t.Images = append(t.Images, image(resolve(v, byID)))
		}
	}
	t.LiveStart = o.Get("coverageStartTime").Text()
	t.Updates = len(o.Get("liveBlogUpdate").List())
	return t
}

func identity(v Value) string {
	if v.Kind == String {
		return v.Str
	}
	return v.Get("@id").Text()
}

// resolve follows {"@id": …} to the object of that id.
func resolve(v Value, byID map[string]Value) Value {
	if v.Kind == Array && len(v.Items) > 0 {
		v = v.Items[0]
	}
	if v.Kind == Object && len(v.Keys) <= 2 && v.Get("name").Kind == Null {
		if full, ok := byID[v.Get("@id").Str]; ok {
			return full
		}
	}
	return v
}

func people(o Value, byID map[string]Value) []Person {
	var out []Person
	list := o.Get("author").List()
	if len(list) == 0 {
		list = o.Get("creator").List()
	}
	for _, v := range list {
		if len(out) >= 50 {
			break
		}
		v = resolve(v, byID)
		org := strings.Contains(v.Get("@type").Text(), "Organization")
		for _, name := range v.Get("name").List() {
			out = append(out, Person{clean(name.Text()), org})
		}
		if v.Kind == String {
			out = append(out, Person{clean(v.Str), false})
		}
	}
	return out
}

func image(v Value) Image {
	if v.Kind == String {
		return Image{URL: v.Str}
	}
	m := Image{URL: v.Get("url").Text(), Caption: clean(v.Get("caption").Text())}
	if m.URL == "" {
		m.URL = v.Get("contentUrl").Text()
	}
	if m.Caption == "" {
		m.Caption = clean(v.Get("description").Text())
	}
	for _, key := range []string{"creditText", "copyrightNotice", "creator", "author", "copyrightHolder"} {
		if m.Credit == "" {
			m.Credit = clean(v.Get(key).Text())
		}
	}
	m.Width, _ = strconv.Atoi(strings.TrimSuffix(v.Get("width").Text(), "px"))
	m.Height, _ = strconv.Atoi(strings.TrimSuffix(v.Get("height").Text(), "px"))
	return m
}

func keywords(v Value) []string {
	var out []string
	for _, k := range v.List() {
		for _, w := range strings.Split(k.Text(), ",") {
			if w = clean(w); w != "" && len(out) < 100 && !strings.Contains(w, ":") {
				out = append(out, w)
			}
		}
	}
	return out
}

// merge lets a WebPage lend its dates to an article that has none.
func merge(things []Thing) []Thing {
	var web *Thing
	var out []Thing
	for i := range things {
		if rank(things[i].Type) == 0 {
			if web == nil {
				web = &things[i]
			}
			continue
		}
		out = append(out, things[i])
	}
	if web != nil {
		web.DatesFromWebPage = true
		out = append(out, *web)
	}
	return out
}

// order puts the article of this URL and the most telling type first.
func order(things []Thing, pageURL string) []Thing {
	best, bestScore := -1, -1
	for i := range things {
		t := &things[i]
		score := rank(t.Type) * 4
		if t.URL != "" && SameAddress(t.URL, pageURL) {
			score += 5
		}
		if t.Published != "" {
			score += 3
		}
		if t.Headline != "" {
			score += 3
		}
		if t.Body != "" {
			score++
		}
		if score > bestScore {
			best, bestScore = i, score
		}
	}
	if best > 0 {
		chosen := things[best]
		copy(things[1:best+1], things[:best])
		things[0] = chosen
	}
	return things
}

// SameAddress compares URLs by host without www, path without its last slash.
func SameAddress(a, b string) bool { return a != "" && address(a) == address(b) }

func address(u string) string {
	if i := strings.IndexAny(u, "?#"); i >= 0 {
		u = u[:i]
	}
	if _, rest, ok := strings.Cut(u, "//"); ok {
		u = rest
	}
	u = strings.TrimPrefix(strings.ToLower(u), "www.")
	return strings.TrimSuffix(u, "/")
}

// unescape resolves entities, twice where they were escaped twice, and drops
// markup that some publishers leave in their metadata.
func unescape(s string) string {
	for i := 0; i < 2 && strings.Contains(s, "&"); i++ {
		s = html.UnescapeString(s)
	}
	if strings.Contains(s, "<") && strings.Contains(s, ">") {
		s = stripTags(s)
	}
	return s
}

// StripTags drops markup from a text; ends of paragraphs become line feeds.
func StripTags(s string) string { return stripTags(s) }

func stripTags(s string) string {
	var b strings.Builder
	for s != "" {
		open := strings.IndexByte(s, '<')
		if open < 0 || open+1 >= len(s) {
			b.WriteString(s)
			break
		}
		c := s[open+1] | 0x20
		end := strings.IndexByte(s[open:], '>')
		if end < 0 || !(c >= 'a' && c <= 'z' || s[open+1] == '/' || s[open+1] == '!') {
			b.WriteString(s[:open+1])
			s = s[open+1:]
			continue
		}
		b.WriteString(s[:open])
		tag := s[open : open+end+1]
		if strings.HasPrefix(tag, "<p") || strings.HasPrefix(tag, "</p") || strings.HasPrefix(tag, "<br") || strings.HasPrefix(tag, "</div") || strings.HasPrefix(tag, "</h") || strings.HasPrefix(tag, "</li") {
			b.WriteByte('\n')
		}
		s = s[open+end+1:]
	}
	return b.String()
}
