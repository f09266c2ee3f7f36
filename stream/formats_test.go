package stream

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tableOf returns the cells of the rows of a table of docs/formats.md.
func tableOf(t *testing.T, name string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "<!-- run log: "+name+" -->\n\n")
	if !ok {
		t.Fatalf("docs/formats.md has no table %q", name)
	}
	table, _, _ := strings.Cut(rest, "\n\n")
	for _, line := range strings.Split(table, "\n")[2:] {
		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		rows = append(rows, cells)
	}
	return rows
}

// first returns the first column of a table, without the marks of code.
func first(rows [][]string) (names []string) {
	for _, cells := range rows {
		names = append(names, strings.Trim(cells[0], "`"))
	}
	slices.Sort(names)
	return names
}

// constants returns the values of the package's constants of text whose names
// begin with a prefix.
func constants(t *testing.T, prefix string) (values []string) {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			if lit, ok := spec.Values[0].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				value, _ := strconv.Unquote(lit.Value)
				values = append(values, value)
			}
			return true
		})
	}
	slices.Sort(values)
	return values
}

func TestRunLogTablesOfTheDocumentationAreThoseOfTheCode(t *testing.T) {
	var subjects []string
	for _, class := range constants(t, "Class") {
		if class != ClassControl {
			class += ".P"
		}
		subjects = append(subjects, class)
	}
	slices.Sort(subjects)
	for name, want := range map[string][]string{
		"subjects": subjects, "headers": constants(t, "Header"), "controls": constants(t, "Control"),
	} {
		if diff := cmp.Diff(want, first(tableOf(t, name))); diff != "" {
			t.Errorf("docs/formats.md, run log, %s (-code +documentation):\n%s", name, diff)
		}
	}
}

var codeWord = regexp.MustCompile("`([a-z_]+)`")

// A letter of a line that the documentation has is read, and no other; the
// fields of those in JSON are the ones of the code, in their order.
func TestRunLogLinesOfTheDocumentationAreThoseOfTheCode(t *testing.T) {
	documented := map[string][]string{}
	for _, cells := range tableOf(t, "lines") {
		var fields []string
		for _, m := range codeWord.FindAllStringSubmatch(cells[3], -1) {
			fields = append(fields, m[1])
		}
		documented[strings.Trim(cells[0], "`")] = fields
	}
	for c := byte(' '); c < 0x7f; c++ {
		err := ParseLines([]byte(string(c)+"\t\n"), Visitor{})
		known := err == nil || !strings.Contains(err.Error(), "unknown verb")
		if _, ok := documented[string(c)]; ok != known {
			t.Errorf("line %q: documented %v, read %v", c, ok, known)
		}
	}
	for verb, of := range map[string]any{"o": Outcome{}, "r": Retry{}, "t": RobotsAnswer{}, "s": Snapshot{}, "i": Idle{}} {
		var want []string
		for f := range reflect.TypeOf(of).Fields() {
			name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			want = append(want, name)
		}
		if diff := cmp.Diff(want, documented[verb]); diff != "" {
			t.Errorf("docs/formats.md, fields of line %s (-code +documentation):\n%s", verb, diff)
		}
	}
}
