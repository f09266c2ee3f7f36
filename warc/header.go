package warc

import (
	"strings"
)

// Field is one named field of a record's or message's head, as written: the
// name in its own case, the value without the blanks around it.
type Field struct{ Name, Value string }

// Header is a head's fields in the order written. Names are compared without
// regard to case; a repeated field stands as often as it was written.
type Header []Field

// Get returns the first value of the field, or "" if there is none.
func (h Header) Get(name string) string {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return h[i].Value
		}
	}
	return ""
}

// Has reports whether the field is there, even with an empty value.
func (h Header) Has(name string) bool {
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			return true
		}
	}
	return false
}

// Values returns all values of the field, in the order written.
func (h Header) Values(name string) []string {
	var out []string
	for i := range h {
		if strings.EqualFold(h[i].Name, name) {
			out = append(out, h[i].Value)
		}
	}
	return out
}

// Add appends a field.
func (h *Header) Add(name, value string) { *h = append(*h, Field{name, value}) }

// Set gives the field one value: the first place where it stands keeps its
// position, later ones go; a field that was not there is appended.
func (h *Header) Set(name, value string) {
	kept, done := (*h)[:0], false
	for _, f := range *h {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
			continue
		}
		if !done {
			kept, done = append(kept, Field{f.Name, value}), true
		}
	}
	*h = kept
	if !done {
		h.Add(name, value)
	}
}

// Del removes every occurrence of the field.
func (h *Header) Del(name string) {
	kept := (*h)[:0]
	for _, f := range *h {
		if !strings.EqualFold(f.Name, name) {
			kept = append(kept, f)
		}
	}
	*h = kept
}

// Clone returns a copy that shares nothing with h.
func (h Header) Clone() Header { return append(Header(nil), h...) }
