package archive

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"newsreel/article"
	"newsreel/capture"
	"newsreel/stream"
)

// The column tables of docs/formats.md name every column of the tables, in
// their order and with their types, and no other.
func TestColumnTablesOfTheDocumentationAreThoseOfTheCode(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, schema := range map[string]*parquet.Schema{
		"captures": parquet.SchemaOf(new(capture.Row)),
		"articles": parquet.SchemaOf(new(ArticleRow)),
		"ledger":   parquet.SchemaOf(new(LedgerRow)),
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			for _, f := range schema.Fields() {
				// A list of records is a list of what the column's name says in plural.
				want = append(want, f.Name()+" "+strings.Replace(typeText(f), "list of record", "list of "+strings.TrimSuffix(strings.Replace(f.Name(), "ies", "ys", 1), "s"), 1))
			}
			if diff := cmp.Diff(want, documented(string(text), name)); diff != "" {
				t.Errorf("docs/formats.md, columns of %s (-code +documentation):\n%s", name, diff)
			}
		})
	}
}

var columnLine = regexp.MustCompile("^\\| `([a-z_]+)` \\| ([^|]+) \\|")

// documented returns "name type" of the rows of the table behind a marker.
func documented(text, name string) (columns []string) {
	_, rest, ok := strings.Cut(text, "<!-- columns: "+name+" -->")
	if !ok {
		return nil
	}
	rest, _, _ = strings.Cut(rest, "\n#")
	for _, line := range strings.Split(rest, "\n") {
		if m := columnLine.FindStringSubmatch(line); m != nil {
			columns = append(columns, m[1]+" "+strings.TrimSpace(m[2]))
		}
	}
	return columns
}

// typeText is a column's type as the documentation writes it.
func typeText(n parquet.Node) string {
	text := ""
	switch {
	case !n.Leaf() && len(n.Fields()) == 1 && n.Fields()[0].Name() == "list":
		element := n.Fields()[0].Fields()[0]
		if element.Leaf() {
			text = "list of " + typeText(element)
		} else {
			text = "list of record"
		}
	case n.Type().LogicalType() != nil:
		text = map[string]string{"STRING": "string", "DATE": "date",
			"TIMESTAMP(isAdjustedToUTC=true,unit=MICROS)": "timestamp",
			"INT(16,true)": "int16", "INT(32,true)": "int32", "INT(64,true)": "int64",
		}[n.Type().LogicalType().String()]
	case n.Type().Kind() == parquet.Boolean:
		text = "boolean"
	}
	if text == "" {
		text = n.String()
	}
	if n.Optional() {
		text += "?"
	}
	return text
}

// The sections of docs/formats.md on JSON name every field of what they
// describe, and their tables no other.
func TestJSONFieldsOfTheDocumentationAreThoseOfTheCode(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	for heading, types := range map[string][]reflect.Type{
		"Manifest":               {reflect.TypeFor[Manifest](), reflect.TypeFor[Counts](), reflect.TypeFor[Object]()},
		"Crawl log":              {reflect.TypeFor[stream.Outcome](), reflect.TypeFor[stream.Retry](), reflect.TypeFor[stream.Idle](), reflect.TypeFor[DeadLine]()},
		"Run record and summary": {reflect.TypeFor[RunRecord](), reflect.TypeFor[Summary]()},
		"Article JSON":           {reflect.TypeFor[article.Article](), reflect.TypeFor[article.Entry](), reflect.TypeFor[article.Photo](), reflect.TypeFor[article.Source]()},
	} {
		t.Run(heading, func(t *testing.T) {
			_, section, _ := strings.Cut(string(text), "\n## "+heading+"\n")
			section, _, _ = strings.Cut(section, "\n## ")
			fields := jsonNames(types)
			for _, name := range slices.Sorted(maps.Keys(fields)) {
				if !strings.Contains(section, "`"+name+"`") {
					t.Errorf("field %s is not described", name)
				}
			}
			for _, row := range fieldRow.FindAllStringSubmatch(section, -1) {
				for _, name := range quoted.FindAllStringSubmatch(row[1], -1) {
					if !fields[name[1]] {
						t.Errorf("field %s is described, and is not there", name[1])
					}
				}
			}
		})
	}
}

var (
	fieldRow = regexp.MustCompile("(?m)^\\| (`[^|]+) \\|")
	quoted   = regexp.MustCompile("`([^`]+)`")
)

func jsonNames(types []reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, typ := range types {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			names[name] = true
		}
	}
	return names
}
