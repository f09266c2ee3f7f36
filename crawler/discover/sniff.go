package discover

import (
	"bytes"
	"strings"
)

// What Sniff gives.
const (
	TypeSitemap      = "sitemap"
	TypeSitemapIndex = "sitemapindex"
	TypeRSS          = "rss" // RSS 0.9x, 1.0, 2.0
	TypeAtom         = "atom"
	TypeJSONFeed     = "jsonfeed"
	TypeHTML         = "html"
	TypeXML          = "xml"
	TypeText         = "text"
)

const sniffed = 4096 // bytes that decide

// Sniff tells what a document is by its first bytes: one of the Type
// constants, or "" for what is none of them (a picture, say). It passes over a
// byte order mark, blanks, XML declarations, comments and document types.
func Sniff(body []byte) string {
	head := asciiHead(body)
	s := strings.TrimLeft(head, " \t\r\n\f\x00")
	if s == "" {
		return ""
	}
	if s[0] == '{' {
		if strings.Contains(s, "jsonfeed.org/version") || strings.Contains(s, `jsonfeed.org\/version`) {
			return TypeJSONFeed
		}
		return TypeText
	}
	if s[0] != '<' {
		return sniffText(s)
	}
	return sniffMarkup(s)
}

// asciiHead gives the part of the document that is looked at. Of UTF-16, known
// by its mark or by a first "<", it gives the low bytes.
func asciiHead(body []byte) string {
	body = bytes.TrimLeft(body, blanks) // some pages begin with pages of them
	body = body[:min(len(body), sniffed)]
	switch {
	case bytes.HasPrefix(body, []byte("\xEF\xBB\xBF")):
		return string(body[3:])
	case bytes.HasPrefix(body, []byte("\xFF\xFE")), bytes.HasPrefix(body, []byte("\xFE\xFF")):
		return string(bytes.ReplaceAll(body[2:], []byte{0}, nil))
	case bytes.HasPrefix(body, []byte("<\x00")), bytes.HasPrefix(body, []byte("\x00<\x00")):
		return string(bytes.ReplaceAll(body, []byte{0}, nil))
	}
	return string(body)
}

// sniffMarkup goes by the first element's name.
func sniffMarkup(s string) string {
	declared := false
	for {
		s = strings.TrimLeft(s, " \t\r\n\f")
		switch {
		case strings.HasPrefix(s, "<?"):
			declared = declared || strings.HasPrefix(s, "<?xml")
			s = after(s, "?>")
		case strings.HasPrefix(s, "<!--"):
			s = after(s[4:], "-->")
		case strings.HasPrefix(s, "<!"):
			if len(s) >= 14 && strings.EqualFold(s[:9], "<!doctype") && strings.EqualFold(strings.TrimSpace(s[9:14]), "html") {
				return TypeHTML
			}
			s = afterDoctype(s)
		case len(s) > 1 && s[0] == '<' && isLetter(s[1]):
			return sniffElement(s[1:], declared)
		default:
			if declared {
				return TypeXML
			}
			return sniffText(s)
		}
	}
}

func after(s, end string) string {
	if i := strings.Index(s, end); i >= 0 {
		return s[i+len(end):]
	}
	return ""
}

// afterDoctype passes over a document type, its internal subset included.
func afterDoctype(s string) string {
	end := strings.IndexByte(s, '>')
	if subset := strings.IndexByte(s, '['); subset >= 0 && subset < end {
		s = after(s, "]")
		end = strings.IndexByte(s, '>')
	}
	if end < 0 {
		return ""
	}
	return s[end+1:]
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func sniffElement(s string, declared bool) string {
	end := strings.IndexAny(s, " \t\r\n\f/>")
	if end < 0 {
		end = len(s)
	}
	name := strings.ToLower(s[:end])
	if i := strings.LastIndexByte(name, ':'); i >= 0 {
		name = name[i+1:]
	}
	switch name {
	case "urlset":
		return TypeSitemap
	case "sitemapindex":
		return TypeSitemapIndex
	case "rss", "rdf":
		return TypeRSS
	case "feed":
		return TypeAtom
	case "html", "head", "body", "script", "title", "meta", "link", "base", "style", "div", "p", "a", "table", "span",
		"h1", "h2", "h3", "br", "hr", "img", "font", "center", "b", "i", "iframe", "noscript", "main", "article", "section",
		"header", "nav", "ul", "ol", "form", "frameset", "pre":
		return TypeHTML
	}
	if declared || strings.Contains(s, "xmlns") {
		return TypeXML
	}
	return sniffText(s)
}

// sniffText tells text from other bytes, and finds HTML that begins late.
func sniffText(s string) string {
	lower := strings.ToLower(s)
	for _, tag := range []string{"<!doctype html", "<html", "<head", "<body"} {
		if strings.Contains(lower, tag) {
			return TypeHTML
		}
	}
	for i := 0; i < len(s) && i < 1024; i++ {
		if c := s[i]; c < ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1b {
			return ""
		}
	}
	return TypeText
}
