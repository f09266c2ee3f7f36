package extractor

import (
	"fmt"
	"strings"

	"newsreel/article"
)

// fieldText is a field of an article as one text.
func fieldText(a *article.Article, field string) string {
	switch field {
	case "headline":
		return a.Headline
	case "published":
		return a.Published
	case "modified":
		return a.Modified
	case "body":
		return a.Body
	case "summary":
		return a.Summary
	case "authors":
		return strings.Join(a.Authors, ", ")
	case "captions":
		return strings.Join(a.Captions, "\n\n")
	case "section":
		return a.Section
	case "tags":
		return strings.Join(a.Tags, ", ")
	case "language":
		return a.Language
	case "site_name":
		return a.SiteName
	case "paywalled":
		return fmt.Sprint(a.Paywalled)
	case "kind":
		return a.Kind
	case "canonical_url":
		return a.CanonicalURL
	case "charset":
		return a.Sources["charset"].From
	}
	return ""
}
