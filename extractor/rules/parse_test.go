package rules

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"newsreel/internal/fuzzguard"
	"newsreel/internal/yamltree"
)

var update = flag.Bool("update", false, "write testdata/*.want anew")

func TestFaultsAreNamedWithFileLineAndKey(t *testing.T) {
	data, err := os.ReadFile("testdata/faults.bad.yaml")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Parse("faults.bad.yaml", data)
	var faults Errors
	if !errors.As(err, &faults) {
		t.Fatalf("%v", err)
	}
	got := err.Error() + "\n"
	if *update {
		if err := os.WriteFile("testdata/faults.bad.want", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/faults.bad.want")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestDocumentsThatAreNoRules(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"empty", "# nothing\n", "empty"},
		{"a list", "- a\n", "wants keys, not a list"},
		{"nothing said", "name: a\nmatch: {hosts: a.example}\n", "says nothing about its pages"},
		{"no match", "name: a\nheadline: h1\n", "match: is missing"},
		{"no YAML", "a: [\n", "not YAML"},
		{"too large", strings.Repeat("# \n", MaxBytes), "larger than"},
		{"many selectors", "name: a\nmatch: {hosts: a.example}\nremove: [" + strings.Repeat("p, ", 300) + "p]\n", "more than 200 selectors"},
	} {
		if _, err := Parse("x.yaml", []byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestSetFindsTheRuleOfAPage(t *testing.T) {
	var list []*Rule
	for _, text := range []string{
		"name: opinion\nmatch: {hosts: paper.example, paths: '^/opinion/'}\nheadline: h1\n",
		"name: paper\nmatch: {hosts: [paper.example, '*.paper.example']}\nheadline: h2\n",
		"name: below\nmatch: {hosts: '*.wire.example'}\nheadline: h2\n",
	} {
		r, err := Parse("", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	set := NewSet(list)
	for url, want := range map[string]string{
		"https://paper.example/opinion/a": "opinion", "https://paper.example/news/a": "paper", "http://WWW.Paper.example:8080/opinion/a": "paper",
		"https://paper.example": "paper", "https://newspaper.example/": "", "https://a.b.wire.example/x": "below", "https://wire.example/x": "", "": "", "%": "",
	} {
		got := ""
		if r := set.For(url); r != nil {
			got = r.Name
			if !r.Matches(url) {
				t.Errorf("%s: set and rule disagree", url)
			}
		}
		if got != want {
			t.Errorf("%s: %q, want %q", url, got, want)
		}
	}
	if (*Set)(nil).For("https://paper.example/") != nil {
		t.Error("a nil set has a rule")
	}
}

func TestAFolderIsReadAgainAndKeepsItsRulesThroughFaults(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yaml", "name: a\nmatch: {hosts: a.example}\nheadline: h1\n")
	f, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if changed, err := f.Reload(); changed || err != nil {
		t.Errorf("nothing has changed: %t, %v", changed, err)
	}
	write("b.yaml", "name: a\nmatch: {hosts: b.example}\nheadline: h1\n")
	if _, err := f.Reload(); err == nil || !strings.Contains(err.Error(), "b.yaml: name: a is also the rule of") {
		t.Errorf("two rules of one name: %v", err)
	}
	write("b.yaml", "name: b\n")
	if _, err := f.Reload(); err == nil || f.For("https://a.example/") == nil {
		t.Errorf("a broken rule took the others away: %v", err)
	}
	write("b.yaml", "name: b\nmatch: {hosts: b.example}\nheadline: h1\n")
	if changed, err := f.Reload(); !changed || err != nil || f.For("https://b.example/") == nil {
		t.Errorf("the new rule is not there: %t, %v", changed, err)
	}
	if _, err := Open(filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that is not there was opened")
	}
}

// value is a tree as JSON decodes it.
func value(n *yamltree.Node) any {
	switch n.Kind {
	case yamltree.Map:
		m := map[string]any{}
		for _, e := range n.Entries {
			m[e.Key] = value(e.Value)
		}
		return m
	case yamltree.List:
		l := []any{}
		for _, i := range n.Items {
			l = append(l, value(i))
		}
		return l
	case yamltree.Number:
		return json.Number(n.Text)
	case yamltree.Bool:
		return n.Text == "true"
	case yamltree.Null:
		return nil
	}
	return n.Text
}

func TestTheSchemaTakesWhatParseTakes(t *testing.T) {
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema())))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(SchemaID, schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	for name, good := range map[string]bool{"hafenbote.yaml": true, "faults.bad.yaml": false} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		root, err := yamltree.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value(root)); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheStoredSchemaIsCurrent(t *testing.T) {
	const path = "../../docs/rule.schema.json"
	if *update {
		if err := os.WriteFile(path, Schema(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	stored, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(stored) != string(Schema()) {
		t.Errorf("%s is not what Schema gives: go test ./extractor/rules -update", path)
	}
}

func FuzzRule(f *testing.F) {
	for _, name := range []string{"hafenbote.yaml", "faults.bad.yaml"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var r *Rule
		var err error
		fuzzguard.Run(t, len(data), func() { r, err = Parse("fuzz.yaml", data) })
		if err != nil {
			var faults Errors
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("%v", err)
			}
			return
		}
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		var again Rule
		if err := json.Unmarshal(text, &again); err != nil || again.ID() != r.ID() {
			t.Fatalf("%v: %s and %s", err, r.ID(), again.ID())
		}
	})
}
