// Package readers holds what offers candidates for an article's fields: one
// file for each source. A reader says what it found and where; it decides
// nothing. The extractor package weighs what they say.
package readers

import (
	"strings"

	"newsreel/extractor/page"
)

// Thing is what a page's structured data (JSON-LD, microdata or RDFa, in the terms of
// schema.org) says of its main subject. Texts are as given, with spaces folded
// and entities resolved.
type Thing struct {
	// From is "jsonld", "microdata" or "rdfa".
	From string
	// Type is the type without its namespace: NewsArticle.
	Type                            string
	Headline, AltHeadline, Name     string
	Description, Body               string
	Published, Modified, Created    string
	Section, Language, URL          string
	SiteName                        string
	Authors                         []Person
	Images                          []Image
	Keywords                        []string
	Free                            string // isAccessibleForFree, lower case
	LiveStart                       string
	Updates                         int // entries of a live blog
	DatesFromWebPage                bool
	publishedTrusted, modifiedAsPub bool
}

// Person is an author; Org tells that the page calls it an organisation.
type Person struct {
	Name string
	Org  bool
}

// Image is a photo that structured data names.
type Image struct {
	URL, Caption, Credit string
	Width, Height        int
}

// IsArticle tells whether the type is one of a text that is published, as
// schema.org's Article and its kinds.
func (t *Thing) IsArticle() bool { return articleType(t.Type) }

func articleType(t string) bool {
	switch t {
	case "BlogPosting", "LiveBlogPosting", "Report", "SocialMediaPosting", "DiscussionForumPosting", "Review", "ReviewNewsArticle",
		"Recipe", "ImageGallery", "MediaGallery", "Blog", "CreativeWork", "PressRelease", "TVEpisode", "PodcastEpisode", "VideoObject", "HowTo", "QAPage", "FAQPage":
		return t != "Blog" && t != "FAQPage"
	}
	return strings.HasSuffix(t, "Article") || strings.HasSuffix(t, "article")
}

// rank orders types by how surely they are the page's story.
func rank(t string) int {
	switch {
	case strings.HasSuffix(t, "NewsArticle"), t == "LiveBlogPosting":
		return 5
	case strings.HasSuffix(t, "Article"), t == "BlogPosting", t == "Report", t == "article":
		return 4
	case t == "Recipe", t == "Review", t == "ImageGallery", t == "HowTo":
		return 3
	case t == "VideoObject", t == "PodcastEpisode", t == "MediaGallery":
		return 2
	case articleType(t):
		return 1
	}
	return 0
}

func cleanType(t string) string {
	if i := strings.LastIndexAny(t, "/#:"); i >= 0 {
		t = t[i+1:]
	}
	return strings.TrimSpace(t)
}

func clean(s string) string { return page.Fold(unescape(s)) }
