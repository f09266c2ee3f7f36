package ruletest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"newsreel/extractor"
	"newsreel/extractor/rules"
)

var (
	notInName = regexp.MustCompile(`[^a-z0-9]+`)
	bare      = regexp.MustCompile(`^[a-z][a-z0-9.-]*$`)
)

// Scaffold begins a rule for the site of a page: with the elements that the
// fields were read from, and a test that wants what came out. saved is the page's
// file beside the rule.
func Scaffold(p extractor.Page, saved string) ([]byte, error) {
	u, err := url.Parse(p.URL)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("%q is no address", p.URL)
	}
	host := strings.ToLower(u.Hostname())
	a, e := extractor.Explain(p)
	at := map[string]string{}
	for _, d := range e.Fields {
		at[d.Field] = d.At
	}
	name := strings.Trim(notInName.ReplaceAllString(strings.TrimPrefix(host, "www."), "-"), "-")
	var b strings.Builder
	fmt.Fprintf(&b, "# A rule for %s. Each line was made from one page: keep what is needed\n# and holds on others too. docs/extraction.md says what there is.\n", host)
	fmt.Fprintf(&b, "name: %s\nmatch:\n  hosts: [%s]\n", quoted(name[:min(len(name), 60)]), quoted(host))
	for _, field := range []string{"headline", "published", "body", "captions"} {
		if at[field] == "" {
			fmt.Fprintf(&b, "# %s: no one element; read from %q\n", field, a.Sources[field].From)
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", field, quoted(at[field]))
	}
	fmt.Fprintf(&b, "tests:\n  - page: %s\n    url: %s\n", quoted(saved), quoted(p.URL))
	if !p.Fetched.IsZero() {
		fmt.Fprintf(&b, "    fetched: %s\n", quoted(p.Fetched.UTC().Format(time.RFC3339)))
	}
	b.WriteString("    want:\n")
	for _, field := range []string{"headline", "published", "authors", "captions"} {
		list := Values(a, field)
		texts := make([]string, len(list))
		for i, v := range list {
			texts[i] = quoted(v)
		}
		fmt.Fprintf(&b, "      %s: [%s]\n", field, strings.Join(texts, ", "))
	}
	if paragraphs := strings.Split(a.Body, "\n\n"); a.Body != "" {
		fmt.Fprintf(&b, "    body_has:\n      - %s\n      - %s\n", quoted(paragraphs[0]), quoted(paragraphs[len(paragraphs)-1]))
	}
	text := []byte(b.String())
	if _, err := rules.Parse("new rule", text); err != nil {
		return nil, err
	}
	return text, nil
}

// quoted is a text as YAML and JSON quote it, or bare where it is a plain word.
func quoted(s string) string {
	if bare.MatchString(s) && s != "true" && s != "false" && s != "null" && s != "yes" && s != "no" {
		return s
	}
	q, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(string(q))
}
