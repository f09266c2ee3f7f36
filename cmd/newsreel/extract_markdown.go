package main

import (
	"fmt"
	"io"
	"strings"

	"newsreel/article"
)

// printMarkdown prints an article as a document to read: headline, standfirst,
// who wrote it when, the body, and what its editor says of it.
func printMarkdown(w io.Writer, a *article.Article) error {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	if a.Headline != "" {
		add("# " + escapeMarkdown(a.Headline))
	}
	if a.Sources["summary"].From == "standfirst" {
		add("**" + escapeMarkdown(a.Summary) + "**")
	}
	var who []string
	for _, s := range []string{strings.Join(a.Authors, ", "), a.Published, a.SiteName} {
		if s != "" {
			who = append(who, escapeMarkdown(s))
		}
	}
	add(strings.Join(who, " · "))
	add(a.Markdown)
	for _, n := range a.Notes {
		add("> " + escapeMarkdown(n))
	}
	add(a.URL)
	_, err := fmt.Fprintln(w, strings.Join(parts, "\n\n"))
	return err
}

// escapeMarkdown keeps a text's own signs from being read as Markdown.
func escapeMarkdown(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`", "<", `\<`, ">", `\>`).Replace(s)
}
