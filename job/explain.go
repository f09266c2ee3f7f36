package job

import (
	"encoding/json"
	"fmt"
	"strings"
)

// explainColumn is where the comments of Explain begin.
const explainColumn = 44

// Explain is the effective document as YAML, with a comment at each key that
// says where its value came from: default, file:line, flag or variable. Keys
// that do not exist yet in this version are left out. Passwords are, too.
func Explain(doc *Document) string {
	var b strings.Builder
	w := yamlWriter{b: &b, doc: doc.Public(), comments: true}
	w.section(tree(), 0)
	return b.String()
}

// MarshalYAML is every effective value in the document's order.
func (d *Document) MarshalYAML() ([]byte, error) {
	var b strings.Builder
	w := yamlWriter{b: &b, doc: d}
	w.section(tree(), 0)
	return []byte(b.String()), nil
}

// UnmarshalYAML reads what MarshalYAML wrote. It checks keys and types, reads
// no files, and leaves Validate to the caller.
func (d *Document) UnmarshalYAML(data []byte) error {
	r := &reader{file: "job document", doc: Default()}
	r.read(data)
	if err := r.faults.err(); err != nil {
		return err
	}
	*d = *r.doc
	return nil
}

// UnmarshalJSON reads a stored document. Keys that it lacks, for it was stored
// by an earlier version, have their defaults; what it has in addition is
// ignored. Validate is left to the caller.
func (d *Document) UnmarshalJSON(data []byte) error {
	type plain Document // without this method
	doc := Default()
	if err := json.Unmarshal(data, (*plain)(doc)); err != nil {
		return fmt.Errorf("read stored job document: %w", err)
	}
	for _, key := range allKeys() {
		doc.origins[key.Path] = origin{file: "stored document"}
	}
	*d = *doc
	return nil
}

type yamlWriter struct {
	b        *strings.Builder
	doc      *Document
	comments bool
}

func (w *yamlWriter) section(s *section, indent int) {
	for _, name := range s.order {
		if key := s.key(name); key != nil {
			w.key(key, name, indent)
			continue
		}
		var inner strings.Builder
		within := yamlWriter{b: &inner, doc: w.doc, comments: w.comments}
		within.section(s.section(name), indent+1)
		if inner.Len() > 0 {
			w.line(indent, name+":", "")
			w.b.WriteString(inner.String())
		}
	}
}

func (w *yamlWriter) key(key *Key, name string, indent int) {
	if key.Later != "" {
		return
	}
	if key.kind == listKind {
		w.list(key, name, indent)
		return
	}
	text := key.text(w.doc)
	if text == "" {
		return
	}
	if key.kind == textKind {
		text = quote(text)
	}
	w.line(indent, name+": "+text, w.doc.origins[key.Path].String())
}

func (w *yamlWriter) list(key *Key, name string, indent int) {
	values := key.list(w.doc)
	if len(values) == 0 {
		return
	}
	w.line(indent, name+":", "")
	for i, value := range values {
		from, ok := w.doc.origins[fmt.Sprintf("%s[%d]", key.Path, i)]
		if !ok {
			from = w.doc.origins[key.Path]
		}
		w.line(indent+1, "- "+quote(value), from.String())
	}
}

func (w *yamlWriter) line(indent int, text, comment string) {
	line := strings.Repeat("  ", indent) + text
	if w.comments && comment != "" {
		line = fmt.Sprintf("%-*s # %s", explainColumn, line, strings.Map(printable, comment))
	}
	w.b.WriteString(line + "\n")
}

func printable(c rune) rune {
	if c < ' ' || c == 0x7f {
		return '?'
	}
	return c
}

// quote writes a text so that YAML reads it back as the same text: plain where
// that is certain, else as JSON, which is YAML.
func quote(text string) string {
	plain := text != "" && (text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z')
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		colon := c == ':' && i+1 < len(text) && text[i+1] == '/'
		plain = plain && (letter || colon || strings.IndexByte("-_./+@", c) >= 0)
	}
	switch strings.ToLower(text) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
		plain = false
	}
	if plain {
		return text
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(text); err != nil {
		panic("job: a string cannot be JSON: " + err.Error())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
