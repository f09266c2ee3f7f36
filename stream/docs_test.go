package stream

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/synadia-io/orbit.go/jetstreamext"

	"newsreel/capture"
)

// table is a documented table: the first column by row, and the second.
type table struct {
	keys   []string
	values map[string]string
}

var code1 = regexp.MustCompile("`([^`]+)`")

// runLogTables reads the tables of the section of docs/formats.md, by the
// heading of their first column.
func runLogTables(t *testing.T) map[string]table {
	t.Helper()
	text, err := os.ReadFile("../docs/formats.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, ok := strings.Cut(string(text), "\n## Run log\n")
	if !ok {
		t.Fatal("docs/formats.md has no section on the run log")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	tables := map[string]table{}
	head := ""
	for line := range strings.Lines(section) {
		if !strings.HasPrefix(line, "|") {
			head = ""
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		first := strings.TrimSpace(cells[0])
		switch {
		case head == "":
			head = first
			tables[head] = table{values: map[string]string{}}
		case !strings.HasPrefix(first, "---"):
			key := strings.Trim(first, "`")
			tab := tables[head]
			tab.keys = append(tab.keys, key)
			tab.values[key] = strings.TrimSpace(cells[1])
			tables[head] = tab
		}
	}
	return tables
}

// constants returns the values of the package's string constants by name.
func constants(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, f := range sources(t) {
		for _, d := range f.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, spec := range g.Specs {
				v := spec.(*ast.ValueSpec)
				for i, name := range v.Names {
					if i >= len(v.Values) {
						continue
					}
					if lit, ok := v.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						found[name.Name], _ = strconv.Unquote(lit.Value)
					}
				}
			}
		}
	}
	return found
}

func sources(t *testing.T) []*ast.File {
	t.Helper()
	names, err := fs.Glob(os.DirFS("."), "*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	return files
}

// withPrefix returns the values of the constants with one of the prefixes.
func withPrefix(constants map[string]string, prefixes ...string) []string {
	var values []string
	for name, value := range constants {
		for _, p := range prefixes {
			if strings.HasPrefix(name, p) {
				values = append(values, value)
			}
		}
	}
	return values
}

// verbs returns the verbs that ParseLines knows.
func verbs(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, f := range sources(t) {
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Name.Name == "ParseLines" {
				ast.Inspect(fn, func(n ast.Node) bool {
					if c, ok := n.(*ast.CaseClause); ok {
						for _, e := range c.List {
							if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.CHAR {
								found = append(found, strings.Trim(lit.Value, "'"))
							}
						}
					}
					return true
				})
			}
		}
	}
	return found
}

func fields(v any) (names []string) {
	for f := range reflectFields(v) {
		if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); name != "-" {
			names = append(names, name)
		}
	}
	return names
}

func reflectFields(v any) func(func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		typ := reflect.TypeOf(v)
		for i := range typ.NumField() {
			if !yield(typ.Field(i)) {
				return
			}
		}
	}
}

func sameSet(t *testing.T, what string, documented, coded []string) {
	t.Helper()
	documented, coded = slices.Sorted(slices.Values(documented)), slices.Sorted(slices.Values(coded))
	if !slices.Equal(documented, coded) {
		t.Errorf("%s:\ndocumented %q\n      code %q", what, documented, coded)
	}
}

func TestDocumentedNamesAreTheCodes(t *testing.T) {
	tables, names := runLogTables(t), constants(t)
	want := map[string][]string{
		"header":       withPrefix(names, "Header"),
		"result":       withPrefix(names, "Result"),
		"control type": withPrefix(names, "Control"),
		"verb":         verbs(t),
		"field of `o`": fields(Outcome{}),
		"field of `r`": fields(Retry{}),
		"field of `t`": fields(RobotsAnswer{}),
		"field of `s`": fields(Snapshot{}),
		"field of `i`": fields(Idle{}),
		"server's header": {nats.MsgIdHdr, jetstreamext.BatchIDHeader, jetstreamext.BatchSeqHeader, jetstreamext.BatchCommitHeader,
			jetstream.ExpectedLastSubjSeqHeader, jetstream.ExpectedLastSubjSeqSubjHeader, jetstream.MsgTTLHeader},
		"field of `counts`": fields(Counts{}),
		"field of `robots`": fields(Robots{}),
		"field of a claim":  fields(Ownership{}),
		"field of a lease":  fields(leaseBody{}),
		"field of a result": fields(resultBody{}),
		"field of control":  fields(Control{}),
		"field of `quota`":  fields(Quota{}),
		"field of a share":  fields(Share{}),
		"field of the row":  fields(capture.Row{}),
		"name":              {"CAPTURE", "result-CAPTURE", "snapshot-P-COVERS", "fates-P-NANOSECONDS"},
		"word":              {"kind", "fate", "reason of skipped", "reason of failed", "state of a robots.txt"},
		"subject":           nil,
		"setting":           nil,
		"consumer setting":  nil,
		"leases setting":    nil,
	}
	for _, class := range withPrefix(names, "Class") {
		if class != ClassControl {
			class += ".P"
		}
		want["subject"] = append(want["subject"], class)
	}
	for head, coded := range want {
		if coded != nil {
			sameSet(t, head, tables[head].keys, coded)
		}
	}
	for head := range tables {
		if _, known := want[head]; !known {
			t.Errorf("the table of %q is held to nothing", head)
		}
	}
	for word, prefix := range map[string]string{"kind": "Kind", "fate": "Fate", "reason of skipped": "Skip",
		"reason of failed": "Fail", "state of a robots.txt": "Robots"} {
		var documented []string
		for _, m := range code1.FindAllStringSubmatch(tables["word"].values[word], -1) {
			documented = append(documented, m[1])
		}
		sameSet(t, word, documented, withPrefix(names, prefix))
	}
}

func TestDocumentedOptionalFieldsAreThoseLeftOut(t *testing.T) {
	tables := runLogTables(t)
	for head, v := range map[string]any{"field of `o`": Outcome{}, "field of `r`": Retry{}, "field of `t`": RobotsAnswer{},
		"field of `s`": Snapshot{}, "field of `i`": Idle{}, "field of `counts`": Counts{}, "field of `robots`": Robots{},
		"field of a claim": Ownership{}, "field of a lease": leaseBody{}, "field of a result": resultBody{}, "field of control": Control{},
		"field of `quota`": Quota{}, "field of a share": Share{}} {
		for f := range reflectFields(v) {
			name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			said := strings.HasSuffix(tables[head].values[name], "; optional")
			if optional := options == "omitempty"; name != "-" && optional != said {
				t.Errorf("%s: %s is optional: %v, documented as optional: %v", head, name, optional, said)
			}
		}
	}
	for f := range reflectFields(capture.Row{}) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		column, _, _ := strings.Cut(f.Tag.Get("parquet"), ",")
		if got := strings.Trim(tables["field of the row"].values[name], "`"); got != column {
			t.Errorf("field %s of the row is column %s, documented as %s", name, column, got)
		}
	}
}

// settings are the settings of a configuration that are not zero.
func settings(t *testing.T, config any) map[string]string {
	t.Helper()
	data, err := json.Marshal(config)
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	set := map[string]string{}
	for key, value := range all {
		switch v := value.(type) {
		case []any:
			set[key] = fmt.Sprint(v[0])
		case float64:
			if set[key] = strconv.FormatFloat(v, 'f', -1, 64); strings.HasSuffix(key, "ttl") || strings.HasSuffix(key, "wait") {
				set[key] = time.Duration(v).String()
			}
		default:
			set[key] = fmt.Sprint(v)
		}
		if set[key] == "0" || set[key] == "false" || set[key] == "" || set[key] == "<nil>" || strings.HasPrefix(set[key], "map[") {
			delete(set, key)
		}
	}
	return set
}

func TestDocumentedSettingsAreTheCodes(t *testing.T) {
	tables := runLogTables(t)
	for head, config := range map[string]any{
		"setting":          Config{Job: "JOB", Run: 1, MaxBytes: 1, FirstSeq: 1}.stream(),
		"consumer setting": extractors(StreamName("JOB", 1), ExtractTime),
		"leases setting":   leasesConfig(1),
	} {
		set := settings(t, config)
		sameSet(t, head, tables[head].keys, slices.Collect(maps.Keys(set)))
		for key, value := range set {
			said := tables[head].values[key]
			if key == "max_bytes" || key == "first_seq" {
				continue // the caller's
			}
			if said != value && !strings.HasPrefix(said, value+", ") {
				t.Errorf("%s: %s is %q, documented as %q", head, key, value, said)
			}
		}
	}
}
