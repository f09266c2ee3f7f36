package rules

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"time"
	"unicode/utf8"

	"newsreel/internal/yamltree"
)

// Limits of one rule.
const (
	// MaxBytes is the size above which a rule is not read.
	MaxBytes     = 256 << 10
	maxSelectors = 200
	maxPattern   = 1000 // bytes of a regular expression
)

// Error is one fault of a rule.
type Error struct {
	File string
	Line int    // counted from 1; 0 where no line is known
	Key  string // published.zone; "" for the document as a whole
	Text string // what is wrong, and what would be right
}

// Error is file:line: key: text, without what is not known.
func (e Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	b.WriteString(": ")
	if e.Key != "" {
		b.WriteString(e.Key + ": ")
	}
	return b.String() + e.Text
}

// Errors are all faults of a rule or a folder, in order.
type Errors []Error

// Error has a line for each fault.
func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i, fault := range e {
		lines[i] = fault.Error()
	}
	return strings.Join(lines, "\n")
}

// maxErrors bounds what a hostile document can make us print.
const maxErrors = 50

// Parse reads a rule, in YAML or JSON, and checks it whole. The error is Errors:
// all faults, each with file (name, as given), line and key.
func Parse(name string, data []byte) (*Rule, error) {
	if name == "" {
		name = "rule"
	}
	r := &ruleReader{rule: &Rule{File: name, source: bytes.Clone(data)}}
	if len(data) > MaxBytes {
		r.fault(0, "", "larger than %d bytes", MaxBytes)
		return nil, r.faults
	}
	if !utf8.Valid(data) {
		r.fault(1+bytes.Count(data[:invalidAt(data)], []byte("\n")), "", "not UTF-8")
		return nil, r.faults
	}
	root, err := yamltree.Parse(data)
	if err != nil {
		f := &yamltree.Fault{Text: err.Error()}
		errors.As(err, &f)
		r.fault(f.Line, "", "%s", f.Text)
		return nil, r.faults
	}
	if root.Kind == yamltree.Null {
		r.fault(0, "", "empty: a rule needs name and match at least")
		return nil, r.faults
	}
	r.section(ruleKeys, root, "")
	r.build(root)
	if len(r.faults) > 0 {
		sort.SliceStable(r.faults, func(i, j int) bool { return r.faults[i].Line < r.faults[j].Line })
		return nil, r.faults[:min(len(r.faults), maxErrors)]
	}
	return r.rule, nil
}

// invalidAt is where a text ceases to be UTF-8.
func invalidAt(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(data)
}

type ruleReader struct {
	rule      *Rule
	faults    Errors
	selectors int
}

func (r *ruleReader) fault(line int, key, format string, args ...any) {
	r.faults = append(r.faults, Error{File: r.rule.File, Line: line, Key: key, Text: fmt.Sprintf(format, args...)})
}

func joined(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// section checks the keys of a map and the forms of their values.
func (r *ruleReader) section(keys []key, n *yamltree.Node, path string) {
	if n.Kind != yamltree.Map {
		r.fault(n.Line, path, "wants keys, not %s", n.Kind)
		return
	}
	have := map[string]bool{}
	for _, e := range n.Entries {
		have[e.Key] = true
		k := find(keys, e.Key)
		if k == nil {
			r.fault(e.Line, joined(path, clip(e.Key)), "unknown key; known are %s", names(keys))
			continue
		}
		r.value(k, e.Value, joined(path, e.Key))
	}
	for i := range keys {
		if keys[i].required && !have[keys[i].name] {
			r.fault(n.Line, joined(path, keys[i].name), "is missing")
		}
	}
}

func (r *ruleReader) value(k *key, n *yamltree.Node, path string) {
	switch k.form {
	case section:
		r.section(k.keys, n, path)
		return
	case sections:
		if n.Kind != yamltree.List {
			r.fault(n.Line, path, "wants a list, not %s", n.Kind)
			return
		}
		for i, item := range n.Items {
			r.section(k.keys, item, fmt.Sprintf("%s[%d]", path, i))
		}
		return
	case field, date:
		if n.Kind == yamltree.Map {
			r.section(k.keys, n, path)
			return
		}
	case text:
		if n.Kind != yamltree.Text {
			r.fault(n.Line, path, "wants text, not %s%s", n.Kind, quoteHint(n))
		}
		return
	case values:
		r.texts(n, path, true)
		return
	}
	r.texts(n, path, false)
}

func quoteHint(n *yamltree.Node) string {
	if n.Kind == yamltree.Number || n.Kind == yamltree.Bool {
		return fmt.Sprintf("; write it in quotes: %q", clip(n.Text))
	}
	return ""
}

// texts checks a text or a list of texts; loose takes numbers and such as texts.
func (r *ruleReader) texts(n *yamltree.Node, path string, loose bool) {
	scalar := func(n *yamltree.Node) bool {
		return n.Kind == yamltree.Text || loose && (n.Kind == yamltree.Number || n.Kind == yamltree.Bool)
	}
	if scalar(n) {
		return
	}
	if n.Kind != yamltree.List {
		r.fault(n.Line, path, "wants text or a list, not %s%s", n.Kind, quoteHint(n))
		return
	}
	for i, item := range n.Items {
		if !scalar(item) {
			r.fault(item.Line, fmt.Sprintf("%s[%d]", path, i), "wants text, not %s%s", item.Kind, quoteHint(item))
		}
	}
}

// child is the value of a key, or nil.
func child(n *yamltree.Node, name string) *yamltree.Node {
	if n == nil {
		return nil
	}
	for _, e := range n.Entries {
		if e.Key == name {
			return e.Value
		}
	}
	return nil
}

// list is a text or a list of texts as scalars.
func list(n *yamltree.Node) []*yamltree.Node {
	if n == nil || n.Kind == yamltree.Map || n.Kind == yamltree.Null {
		return nil
	}
	if n.Kind == yamltree.List {
		return n.Items
	}
	return []*yamltree.Node{n}
}

var (
	ruleName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)
	hostName = regexp.MustCompile(`^(\*\.)?[a-z0-9_-]+(\.[a-z0-9_-]+)*$`)
)

// build makes the rule of a document whose forms are checked.
func (r *ruleReader) build(root *yamltree.Node) {
	rule := r.rule
	if n := child(root, "name"); n != nil && n.Kind == yamltree.Text {
		if rule.Name = n.Text; !ruleName.MatchString(n.Text) {
			r.fault(n.Line, "name", "%q is not small letters, digits and hyphens, at most 60", clip(n.Text))
		}
	}
	r.match(child(root, "match"))
	rule.Headline = r.field(child(root, "headline"), "headline")
	rule.Summary = r.field(child(root, "summary"), "summary")
	rule.Authors = r.field(child(root, "authors"), "authors")
	rule.Section = r.field(child(root, "section"), "section")
	rule.Tags = r.field(child(root, "tags"), "tags")
	rule.Body = r.field(child(root, "body"), "body")
	rule.Captions = r.field(child(root, "captions"), "captions")
	rule.Published = r.date(child(root, "published"), "published")
	rule.Modified = r.date(child(root, "modified"), "modified")
	for i, n := range list(child(root, "remove")) {
		if s := r.selector(n, fmt.Sprintf("remove[%d]", i)); s != nil {
			rule.Remove = append(rule.Remove, s)
		}
	}
	for i, n := range list(child(root, "tests")) {
		r.test(n, fmt.Sprintf("tests[%d]", i))
	}
	if len(root.Entries) > 0 && len(r.faults) == 0 && rule.empty() {
		r.fault(root.Line, "", "says nothing about its pages: give a field, a zone or remove")
	}
}

func (r *Rule) empty() bool {
	return r.Headline == nil && r.Summary == nil && r.Authors == nil && r.Section == nil && r.Tags == nil && r.Body == nil &&
		r.Captions == nil && r.Published == nil && r.Modified == nil && len(r.Remove) == 0
}

func (r *ruleReader) match(n *yamltree.Node) {
	for i, h := range list(child(n, "hosts")) {
		host := strings.ToLower(h.Text)
		if !hostName.MatchString(host) {
			r.fault(h.Line, fmt.Sprintf("match.hosts[%d]", i), "%q is no host such as www.paper.example or *.paper.example; leave scheme, port and path out", clip(h.Text))
			continue
		}
		r.rule.hosts = append(r.rule.hosts, host)
	}
	if h := child(n, "hosts"); h != nil && len(list(h)) == 0 && h.Kind == yamltree.List {
		r.fault(h.Line, "match.hosts", "wants one host at least")
	}
	for i, p := range list(child(n, "paths")) {
		if re := r.pattern(p, fmt.Sprintf("match.paths[%d]", i)); re != nil {
			r.rule.paths = append(r.rule.paths, re)
		}
	}
}

func (r *ruleReader) pattern(n *yamltree.Node, path string) *regexp.Regexp {
	if n == nil || n.Kind != yamltree.Text {
		return nil
	}
	if len(n.Text) > maxPattern {
		r.fault(n.Line, path, "longer than %d bytes", maxPattern)
		return nil
	}
	re, err := regexp.Compile(n.Text)
	if err != nil {
		r.fault(n.Line, path, "%s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return nil
	}
	return re
}

func (r *ruleReader) selector(n *yamltree.Node, path string) *Selector {
	if n == nil || n.Kind != yamltree.Text {
		return nil
	}
	if r.selectors++; r.selectors > maxSelectors {
		if r.selectors == maxSelectors+1 {
			r.fault(n.Line, path, "more than %d selectors in one rule", maxSelectors)
		}
		return nil
	}
	s, err := ParseSelector(n.Text)
	if err != nil {
		r.fault(n.Line, path, "selector %q: %s", clip(n.Text), err)
		return nil
	}
	return s
}

func (r *ruleReader) field(n *yamltree.Node, path string) *Field {
	if n == nil {
		return nil
	}
	f, from, at := &Field{}, n, path
	if n.Kind == yamltree.Map {
		from, at = child(n, "select"), path+".select"
		if a := child(n, "attribute"); a != nil {
			f.Attribute = strings.ToLower(a.Text)
		}
		f.Pattern = r.pattern(child(n, "pattern"), path+".pattern")
	}
	for i, item := range list(from) {
		where := at
		if from.Kind == yamltree.List {
			where = fmt.Sprintf("%s[%d]", at, i)
		}
		if s := r.selector(item, where); s != nil {
			f.Select = append(f.Select, s)
		}
	}
	if from != nil && from.Kind == yamltree.List && len(from.Items) == 0 {
		r.fault(from.Line, at, "wants one selector at least")
	}
	return f
}

func (r *ruleReader) date(n *yamltree.Node, path string) *Date {
	if n == nil {
		return nil
	}
	d := &Date{Field: r.field(n, path)}
	if format := child(n, "format"); format != nil && format.Kind == yamltree.Text {
		var err error
		if d.Format, err = ParseFormat(format.Text); err != nil {
			r.fault(format.Line, path+".format", "%s", err)
		}
	}
	if zone := child(n, "zone"); zone != nil && zone.Kind == yamltree.Text {
		var err error
		if d.Zone, err = ParseZone(zone.Text); err != nil {
			r.fault(zone.Line, path+".zone", "%s", err)
		}
	}
	if n.Kind == yamltree.Map && child(n, "select") == nil {
		d.Field = nil
		for _, e := range n.Entries {
			if e.Key != "zone" {
				r.fault(e.Line, joined(path, e.Key), "goes with select, which is missing")
			}
		}
		if child(n, "zone") == nil {
			r.fault(n.Line, path, "wants select or zone")
		}
	}
	return d
}

func (r *ruleReader) test(n *yamltree.Node, path string) {
	if n.Kind != yamltree.Map {
		return
	}
	t := Test{Line: n.Line, Want: map[string][]string{}}
	for _, into := range []struct {
		name string
		to   *string
	}{{"page", &t.Page}, {"url", &t.URL}, {"fetched", &t.Fetched}} {
		if v := child(n, into.name); v != nil {
			*into.to = v.Text
		}
	}
	if v := child(n, "page"); v != nil && (filepath.IsAbs(v.Text) || strings.Contains(v.Text, "..")) {
		r.fault(v.Line, path+".page", "%q leads out of the rule's folder", clip(v.Text))
	}
	if v := child(n, "url"); v != nil && len(r.rule.hosts) > 0 && !r.rule.Matches(v.Text) {
		r.fault(v.Line, path+".url", "the rule's match does not cover %s", clip(v.Text))
	}
	if v := child(n, "fetched"); v != nil {
		if _, err := time.Parse(time.RFC3339, v.Text); err != nil {
			r.fault(v.Line, path+".fetched", "%q is not RFC 3339, such as 2024-05-03T18:19:08Z", clip(v.Text))
		}
	}
	if want := child(n, "want"); want != nil {
		for _, e := range want.Entries {
			t.Want[e.Key] = plainTexts(e.Value)
		}
	}
	t.BodyHas, t.BodyLacks = plainTexts(child(n, "body_has")), plainTexts(child(n, "body_lacks"))
	if len(t.Want)+len(t.BodyHas)+len(t.BodyLacks) == 0 {
		r.fault(n.Line, path, "wants nothing: give want, body_has or body_lacks")
	}
	r.rule.Tests = append(r.rule.Tests, t)
}

func plainTexts(n *yamltree.Node) []string {
	out := []string{}
	for _, item := range list(n) {
		out = append(out, item.Text)
	}
	return out
}

// clip bounds a text that is quoted in an error.
func clip(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func names(keys []key) string {
	list := make([]string, len(keys))
	for i := range keys {
		list[i] = keys[i].name
	}
	return strings.Join(list, ", ")
}
