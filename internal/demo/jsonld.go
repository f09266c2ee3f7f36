package demo

// jsonLD is the schema.org description of a story, for the mastheads that have
// one. (schema.org/NewsArticle)
func (b *builder) jsonLD(s story, v *storyView) any {
	typ := map[string]string{
		"article": "NewsArticle", "liveblog": "LiveBlogPosting", "gallery": "ImageGallery", "video": "VideoObject",
	}[s.kind]
	people := make([]any, len(s.authors))
	for i, name := range s.authors {
		people[i] = map[string]any{"@type": "Person", "name": name}
	}
	ld := map[string]any{
		"@context":      "https://schema.org",
		"@type":         typ,
		"headline":      s.head,
		"name":          s.head,
		"description":   s.stand,
		"datePublished": v.ISO,
		"inLanguage":    b.Lang,
		"author":        people,
		"mainEntityOfPage": map[string]any{
			"@type": "WebPage", "@id": b.url(s.path),
		},
		"publisher":      map[string]any{"@type": "NewsMediaOrganization", "name": b.Name},
		"articleSection": v.Section,
	}
	if v.ModifiedISO != "" {
		ld["dateModified"] = v.ModifiedISO
	}
	if v.Paywalled {
		ld["isAccessibleForFree"] = false
		ld["hasPart"] = map[string]any{
			"@type": "WebPageElement", "isAccessibleForFree": false, "cssSelector": ".wall",
		}
	}
	if s.kind == "video" {
		ld["uploadDate"] = v.ISO
	}
	if len(v.Photos) > 0 {
		ld["image"] = v.Photos[0].Big
	}
	return []any{ld, map[string]any{
		"@context": "https://schema.org",
		"@type":    "BreadcrumbList",
		"itemListElement": []any{
			map[string]any{"@type": "ListItem", "position": 1, "name": b.Name, "item": b.url("/")},
			map[string]any{"@type": "ListItem", "position": 2, "name": v.Section, "item": b.url(v.SectionPath)},
		},
	}}
}
