package readers

import (
	"html"
	"strings"

	"golang.org/x/net/html/atom"

	"newsreel/extractor/page"
)

// State is an article found in the data that a page hands to its own scripts.
type State struct {
	Headline, Published, Modified string
	// HTML is the body's markup.
	HTML    string
	letters int
}

const (
	minStateLetters = 120
	maxScript       = 8 << 20
)

// EmbeddedState looks through a page's scripts for the article that they are to
// show: a member that holds paragraphs of markup, or a list of pieces of text.
// Such data repeats what a page shows, and holds other stories too: it is for
// pages that show nothing. ok is false where none is long enough.
func EmbeddedState(d *page.Doc) (best State, ok bool) {
	for _, n := range d.Nodes {
		if n.Tag != atom.Script || strings.Contains(n.Attr("type"), "ld+json") {
			continue
		}
		raw := n.RawText()
		if len(raw) < minStateLetters || len(raw) > maxScript {
			continue
		}
		if v, parsed := ParseJSON(raw); parsed {
			lookForStory(v, &best, 0)
		}
	}
	return best, best.letters >= minStateLetters
}

// lookForStory takes the longest text of an object, and what stands beside it.
func lookForStory(v Value, best *State, depth int) {
	if depth > 24 {
		return
	}
	if v.Kind == Object {
		for i, item := range v.Items {
			markup := storyMarkup(v.Keys[i], item)
			if markup == "" {
				continue
			}
			letters := page.Letters(stripTags(markup))
			if letters <= best.letters {
				continue
			}
			*best = State{HTML: markup, letters: letters}
			best.Headline = first(v, "headline", "title", "headlines", "heading", "name")
			best.Published = first(v, "datePublished", "publishedAt", "published_at", "firstPublished", "first_publish_date", "publishDate", "publish_date", "publicationDate", "publishedDate", "published", "display_date", "displayDate", "pubDate", "releaseDate", "createdAt", "created_at", "createDate", "regDate", "deployDt", "date", "datetime")
			best.Modified = first(v, "dateModified", "modifiedAt", "updatedAt", "updated_at", "last_updated_date", "modifiedDate", "updateDate", "updated", "modified")
		}
	}
	for _, item := range v.Items {
		if item.Kind == Object || item.Kind == Array {
			lookForStory(item, best, depth+1)
		} else if item.Kind == String && len(item.Str) > 2*minStateLetters && strings.Contains(item.Str, `":{"`) {
			if inner, ok := ParseJSON(item.Str); ok { // state that was made a string once more
				lookForStory(inner, best, depth+8)
			}
		}
	}
}

func first(v Value, keys ...string) string {
	for _, k := range keys {
		member := v.Get(k)
		if member.Kind == Object {
			for _, inner := range []string{"basic", "text", "title", "value", "iso", "date"} {
				if t := clean(member.Get(inner).Text()); t != "" {
					return t
				}
			}
			continue
		}
		if t := clean(member.Text()); t != "" && len(t) < 400 {
			return t
		}
	}
	return ""
}

// storyMarkup is a member's value as markup, where its name and form are those
// of a story's text.
func storyMarkup(key string, v Value) string {
	low := strings.ToLower(key)
	named := strings.Contains(low, "body") || strings.Contains(low, "content") || strings.Contains(low, "html") || strings.Contains(low, "text") || strings.Contains(low, "article") || strings.Contains(low, "paragraph") || strings.Contains(low, "blocks") || strings.Contains(low, "elements")
	if !named {
		return ""
	}
	switch v.Kind {
	case String:
		s := v.Str
		if strings.Contains(s, "&lt;p") {
			s = html.UnescapeString(s)
		}
		if len(s) < minStateLetters || strings.Count(s, "<p") < 2 && strings.Count(s, "<br") < 2 && strings.Count(s, "\n\n") < 2 {
			return ""
		}
		if !strings.Contains(s, "<") {
			s = "<p>" + strings.ReplaceAll(html.EscapeString(s), "\n\n", "</p><p>") + "</p>"
		}
		return s
	case Array:
		return piecesMarkup(v)
	}
	return ""
}

// piecesMarkup joins a list of pieces ({"type":"text","content":"…"}).
func piecesMarkup(v Value) string {
	var b strings.Builder
	texts := 0
	for _, item := range v.Items {
		if item.Kind == String && len(item.Str) > 40 {
			b.WriteString("<p>" + item.Str + "</p>")
			texts++
			continue
		}
		kind := strings.ToLower(item.Get("type").Text() + " " + item.Get("__typename").Text() + " " + item.Get("_type").Text())
		text := first2(item, "content", "text", "html", "value", "body")
		if text == "" || strings.Contains(kind, "image") || strings.Contains(kind, "related") || strings.Contains(kind, "embed") || strings.Contains(kind, "promo") {
			continue
		}
		tag := "p"
		if strings.Contains(kind, "head") {
			tag = "h2"
		}
		b.WriteString("<" + tag + ">" + text + "</" + tag + ">")
		texts++
	}
	if texts < 2 {
		return ""
	}
	return b.String()
}

func first2(v Value, keys ...string) string {
	for _, k := range keys {
		if m := v.Get(k); m.Kind == String && m.Str != "" {
			return m.Str
		}
	}
	return ""
}
