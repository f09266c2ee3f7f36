package yamltree

import (
	"errors"
	"strings"
	"testing"
)

func TestParseKeepsLinesAndOrder(t *testing.T) {
	n, err := Parse([]byte("# a note\nb: [x, 2]\na:\n  deep: true\n  text: |\n    one\n    two\nempty:\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n.Kind != Map || len(n.Entries) != 3 || n.Entries[0].Key != "b" || n.Entries[1].Line != 3 {
		t.Fatalf("%+v", n)
	}
	list, inner := n.Entries[0].Value, n.Entries[1].Value
	if list.Kind != List || list.Items[0].Text != "x" || list.Items[1].Kind != Number {
		t.Errorf("list %+v", list)
	}
	if inner.Entries[0].Value.Kind != Bool || inner.Entries[0].Line != 4 || inner.Entries[1].Value.Text != "one\ntwo" {
		t.Errorf("map %+v", inner)
	}
	if n.Entries[2].Value.Kind != Null {
		t.Errorf("empty %+v", n.Entries[2].Value)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct {
		name, text string
		line       int
	}{
		{"an anchor", "a: &x 1\nb: *x\n", 1},
		{"a tag", "a: !!binary x\n", 1},
		{"a second document", "a: 1\n---\nb: 2\n", 3},
		{"a key that stands twice", "a: 1\nb: 2\na: 3\n", 3},
		{"broken syntax", "a: [1\nb: }\n", 0},
		{"deep nesting", strings.Repeat("[", 2000), 1},
		{"many keys", strings.Repeat("a: 1\n", maxKeys+2), maxKeys + 1},
		{"a large document", strings.Repeat("#", MaxBytes+1), 0},
	} {
		_, err := Parse([]byte(c.text))
		var f *Fault
		if !errors.As(err, &f) || c.line > 0 && f.Line != c.line {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("a: [1, {b: c}]\nd: |\n  text\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if n, err := Parse(data); (n == nil) == (err == nil) {
			t.Fatalf("%v, %v", n, err)
		}
	})
}
