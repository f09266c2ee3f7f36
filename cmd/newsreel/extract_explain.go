package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"newsreel/article"
	"newsreel/extractor"
)

// The forms of --explain.
const (
	explainText = "text"
	explainJSON = "json"
)

// How much of an explanation is printed for a person; --explain=json has all.
const (
	shownCandidates = 6
	shownCuts       = 12
	shownLetters    = 90
)

// explanation is what --explain=json prints.
type explanation struct {
	Article     *article.Article       `json:"article"`
	Explanation *extractor.Explanation `json:"explanation"`
}

func explain(w io.Writer, p extractor.Page, form string) error {
	switch form {
	case explainJSON:
		a, e := extractor.Explain(p)
		return printJSON(w, explanation{a, e})
	case explainText:
		_, e := extractor.Explain(p)
		var out bytes.Buffer
		writeExplanation(&out, e)
		_, err := w.Write(out.Bytes())
		return err
	}
	return usage(errors.New("--explain is text or json, as in --explain=json"))
}

func writeExplanation(w *bytes.Buffer, e *extractor.Explanation) {
	page := "a page without a URL; give it with --url, since links and dates are judged by it"
	if e.URL != "" {
		page = plain(e.URL)
	}
	fmt.Fprintf(w, "page  %s\n", page)
	for i := range e.Fields {
		writeDecision(w, &e.Fields[i])
	}
	if len(e.Fields) == 0 {
		fmt.Fprintln(w, "\nnothing on the page speaks for any field")
	}
	fmt.Fprintln(w, "\n=> taken   x refused   + and - are evidence for and against; all of it: --explain=json")
}

func writeDecision(w *bytes.Buffer, d *extractor.Decision) {
	fmt.Fprintf(w, "\n%s  %s\n", d.Field, shownValue(d))
	if d.From != "" && d.From != d.Value {
		fmt.Fprintf(w, "  from %s, confidence %.2f\n", plain(d.From), d.Confidence)
	}
	if d.Reason != "" {
		fmt.Fprintf(w, "  %s\n", plain(d.Reason))
	}
	writeCandidates(w, d)
	for i, c := range d.Cuts {
		if i == shownCuts {
			fmt.Fprintf(w, "    and %d more\n", len(d.Cuts)-i)
			break
		}
		if i == 0 {
			fmt.Fprintln(w, "  left out:")
		}
		fmt.Fprintf(w, "    %s\n         %s\n", clipped(c.Text), plain(c.Why))
	}
}

// shownValue is a field's value on one line.
func shownValue(d *extractor.Decision) string {
	switch {
	case d.Field == "body" && d.Value != "":
		return fmt.Sprintf("%d paragraphs, %d characters: %s", 1+strings.Count(d.Value, "\n\n"), utf8.RuneCountInString(d.Value), clipped(d.Value))
	case d.Field == "captions" && d.Value != "":
		if n := strings.Count(d.Value, "\n\n"); n > 0 {
			return fmt.Sprintf("%d captions", n+1)
		}
		return "1 caption"
	case d.Value != "":
		return plain(d.Value)
	case strings.HasPrefix(d.Field, "limit "):
		return ""
	}
	return "(none)"
}

func writeCandidates(w *bytes.Buffer, d *extractor.Decision) {
	width := 0
	for i, c := range d.Candidates {
		if i < shownCandidates || c.Chosen {
			width = max(width, utf8.RuneCountInString(c.From))
		}
	}
	hidden, shown, refused := 0, 0, ""
	for _, c := range d.Candidates {
		if shown >= shownCandidates && !c.Chosen {
			hidden++
			continue
		}
		shown++
		mark := "  "
		switch {
		case c.Chosen:
			mark = "=>"
		case c.Refused != "":
			mark = "x "
		}
		weight := "      "
		if c.Weight != 0 {
			weight = fmt.Sprintf("%6.2f", c.Weight)
		}
		fmt.Fprintf(w, "    %s %s  %-*s  %s\n", mark, weight, width, plain(c.From), clipped(c.Value))
		if c.Refused != "" && c.Refused != refused {
			fmt.Fprintf(w, "                 %s\n", plain(c.Refused))
		}
		refused = c.Refused
		if text := evidence(c.Evidence); text != "" {
			fmt.Fprintf(w, "                 %s\n", text)
		}
	}
	if hidden > 0 {
		fmt.Fprintf(w, "    and %d more\n", hidden)
	}
}

// evidence puts reasons on one line: "+3.00 heading of this level, -1.20 is a link".
func evidence(list []extractor.Evidence) string {
	var parts []string
	for _, e := range list {
		what := clipped(e.What)
		if e.Weight != 0 {
			what = fmt.Sprintf("%+.2f %s", e.Weight, what)
		}
		parts = append(parts, what)
	}
	return strings.Join(parts, ", ")
}

// clipped is the beginning of a text, cut between words where they have spaces.
func clipped(text string) string {
	text = plain(text)
	if utf8.RuneCountInString(text) <= shownLetters {
		return text
	}
	runes := []rune(text)[:shownLetters]
	for i := len(runes) - 1; i > shownLetters/2; i-- {
		if unicode.IsSpace(runes[i]) {
			runes = runes[:i]
			break
		}
	}
	return string(runes) + " …"
}
