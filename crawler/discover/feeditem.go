package discover

import (
	"strings"
)

// set stores an element's text.
func (p *feedParser) set(field, text string) {
	if text == "" {
		return
	}
	if !p.inItem {
		switch {
		case field == "title" && p.out.Title == "":
			p.out.Title = plainText(text)
		case field == "link" && p.out.Home == "":
			p.out.Home = p.resolve(p.feedBase, text)
		}
		return
	}
	switch field {
	case "title":
		p.item.Title = plainText(text)
	case "link":
		if p.item.URL == "" {
			p.item.URL = p.resolve(p.itemBase, text)
		}
	case "feedburner:origlink":
		if u := p.resolve(p.itemBase, text); u != "" {
			p.item.URL = u
		}
	case "guid", "id":
		p.item.GUID = clip(text)
	case "pubdate", "published", "date", "issued", "created":
		p.item.Published = clip(text)
	case "updated", "modified":
		p.updated = clip(text)
	case "image", "url":
		p.enclosure(text, "image")
	case "name":
		if p.item.Author == "" {
			p.item.Author = plainText(text)
		}
	case "author", "creator":
		p.item.Author = plainText(text)
	}
}

// close ends what the element was; true if that was an item.
func (p *feedParser) close(name string) bool {
	if name == "item" || name == "entry" {
		p.skip = ""
		p.endItem()
		return true
	}
	if name == p.skip || name == "channel" {
		p.skip = ""
	}
	return false
}

// endItem stores the item. Its address, for want of a link, is a GUID or an
// rdf:about that is one.
func (p *feedParser) endItem() {
	item, inItem := p.item, p.inItem
	updated := p.updated
	names := []string{p.about}
	if p.permanent {
		names = []string{item.GUID, p.about}
	}
	p.item, p.inItem, p.about, p.updated = FeedEntry{}, false, "", ""
	if !inItem {
		return
	}
	for _, u := range names {
		if item.URL == "" && (strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")) {
			item.URL = p.resolve(nil, u)
		}
	}
	if item.Published == "" {
		item.Published = updated
	}
	p.addItem(item)
}

func (p *feedParser) addItem(item FeedEntry) {
	if item.URL == "" && item.GUID == "" && item.Title == "" {
		return
	}
	if len(p.out.Entries) >= p.limits.FeedItems {
		p.out.Truncated = true
		addFault(&p.out.Faults, "more items than the limit")
		return
	}
	item.PublishedTime, item.PublishedDay = feedTime(item.Published)
	p.out.Entries = append(p.out.Entries, item)
}

// plainText takes tags and references out of a title, which is often HTML in
// XML, and collapses blanks.
func plainText(s string) string {
	s = clip(s)
	var out strings.Builder
	for {
		i := strings.IndexByte(s, '<')
		if i < 0 || i+1 == len(s) {
			break
		}
		if isLetter(s[i+1]) || s[i+1] == '/' {
			out.WriteString(s[:i])
			s = after(s[i:], ">")
		} else {
			out.WriteString(s[:i+1])
			s = s[i+1:]
		}
	}
	out.WriteString(s)
	return collapse(unescapeClosed(out.String()))
}
