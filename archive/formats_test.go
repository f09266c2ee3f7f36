package archive

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"newsreel/capture"
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
				want = append(want, f.Name()+" "+typeText(f))
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
			text = "list of photo"
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
