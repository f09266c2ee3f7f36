package job

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "rewrite the expected files")

var ignoreOrigins = cmpopts.IgnoreUnexported(Document{})

// golden compares text with a file beside the input, or rewrites it.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func testdata(t *testing.T, pattern string) []string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no %s: %v", pattern, err)
	}
	return paths
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("job.schema.json", parsed); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("job.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// asJSON is the YAML as a JSON schema validator sees it; what has aliases is
// not expanded.
func asJSON(data []byte) (any, error) {
	if bytes.Contains(data, []byte(": &")) {
		return nil, errors.New("aliases")
	}
	converted, err := yaml.YAMLToJSON(data)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(converted))
}

func TestGoodDocuments(t *testing.T) {
	schema := compiledSchema(t)
	for _, path := range testdata(t, "*.good.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".want", Explain(doc))
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			value, err := asJSON(data)
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); err != nil {
				t.Errorf("the schema refuses it: %v", err)
			}
		})
	}
}

func TestBadDocumentsNameEveryFault(t *testing.T) {
	schema := compiledSchema(t)
	for _, path := range testdata(t, "*.bad.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := ParseFile(path)
			if err == nil {
				t.Fatalf("accepted:\n%s", Explain(doc))
			}
			data, readErr := os.ReadFile(path)
			if readErr != nil {
				t.Fatal(readErr)
			}
			verdict := "accepted by the schema"
			value, yamlErr := asJSON(data)
			if yamlErr != nil {
				verdict = "not for the schema to judge"
			} else if schema.Validate(value) != nil {
				verdict = "refused by the schema"
			}
			golden(t, strings.TrimSuffix(path, ".yaml")+".want", fmt.Sprintf("# %s\n%v\n", verdict, err))
		})
	}
}

func TestDocumentsSurviveJSONAndYAML(t *testing.T) {
	for _, path := range testdata(t, "*.good.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			doc, err := ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var fromJSON, fromYAML Document
			data, err := json.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &fromJSON); err != nil {
				t.Fatal(err)
			}
			if data, err = yaml.Marshal(doc); err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(data, &fromYAML); err != nil {
				t.Fatal(err)
			}
			for form, back := range map[string]*Document{"JSON": &fromJSON, "YAML": &fromYAML, "a clone": doc.Clone()} {
				if diff := cmp.Diff(doc, back, ignoreOrigins); diff != "" {
					t.Errorf("through %s (-want +got):\n%s", form, diff)
				}
				if back.Hash() != doc.Hash() || back.Identity() != doc.Identity() {
					t.Errorf("through %s: another hash", form)
				}
				if err := back.Validate(); err != nil {
					t.Errorf("through %s: %v", form, err)
				}
			}
			again, err := Parse("again.yaml", []byte(Explain(doc)))
			if err != nil {
				t.Fatalf("what Explain prints: %v", err)
			}
			if diff := cmp.Diff(doc.Public(), again, ignoreOrigins); diff != "" {
				t.Errorf("through Explain (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDocumentsFromAfarReadNoFiles(t *testing.T) {
	_, err := ParseAlone("submitted", []byte("seeds:\n  files: [/etc/passwd]\n"))
	want := "submitted:2: seeds.files: files beside the document are not read here; list their URLs under seeds.urls"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestOversizedDocumentsAreRefused(t *testing.T) {
	data := append([]byte("seeds: {urls: [https://news.example/]}\n"), bytes.Repeat([]byte("# x\n"), MaxDocumentBytes/4)...)
	if _, err := Parse("big.yaml", data); err == nil || !strings.Contains(err.Error(), "larger than 1MiB") {
		t.Errorf("got %v", err)
	}
}

// hostileBytes is enough to tell time that grows with the square.
const hostileBytes = MaxDocumentBytes / 4

// The YAML parser is not ours: what it takes for much of the worst is
// bounded by what we let through to it.
func TestHostileDocumentsAreReadInBoundedTime(t *testing.T) {
	const nested = "nested deeper than 50"
	guards := map[string]string{
		"brackets": nested, "braces": nested, "entries on a line": nested, "question marks": nested, "tags": nested,
		"keys": "more than 5000 keys", "deeper lines": "unknown key",
	}
	for name, unit := range map[string]string{
		"brackets": "[", "braces": "{", "entries on a line": "- ", "question marks": "? ", "tags": "!!a ",
		"comments": "# x\n", "keys": "a: 1\n", "list items": "- a\n", "colons": "a:", "quotes": "\"\\\"", "one text": "a",
		"aliases": "*a ", "anchors": "&a ", "documents": "---\n", "blank lines": "\n", "pairs of brackets": "[],", "bars": "|\n a\n",
		"deeper lines": "deeper", "commas": ",", "tabs": "\t", "folded": ">\n", "single quotes": "'", "carriage returns": "a\r",
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(strings.Repeat(unit, hostileBytes/len(unit)))
			if name == "deeper lines" {
				data = deeper()
			}
			began := time.Now()
			_, err := ParseAlone("x.yaml", data)
			if err == nil {
				t.Fatal("accepted")
			}
			if want := guards[name]; !strings.Contains(err.Error(), want) {
				t.Errorf("%v, want %s", err, want)
			}
			if took := time.Since(began); took > time.Minute {
				t.Errorf("took %v", took)
			} else {
				t.Logf("%s: %v", name, took)
			}
		})
	}
}

// deeper is a document in which each line is indented by one more.
func deeper() []byte {
	var b bytes.Buffer
	for depth := 0; b.Len() < hostileBytes-depth-3; depth++ {
		b.WriteString(strings.Repeat(" ", depth) + "a:\n")
	}
	return b.Bytes()
}

func TestManyFaultsAreCutShort(t *testing.T) {
	var text strings.Builder
	for i := range 500 {
		fmt.Fprintf(&text, "k%d: 1\n", i)
	}
	_, err := Parse("x.yaml", []byte(text.String()))
	if lines := strings.Count(err.Error(), "\n") + 1; lines != mostErrors+1 {
		t.Errorf("%d lines", lines)
	}
}

func TestSchemaFileIsCurrent(t *testing.T) {
	golden(t, filepath.Join("..", "docs", "job.schema.json"), string(Schema()))
}

func TestReferenceTableNamesEveryKeyAndFlag(t *testing.T) {
	table := Reference()
	for _, key := range Keys() {
		if !strings.Contains(table, "`"+key.Path+"`") {
			t.Errorf("no row for %s", key.Path)
		}
		if key.Doc == "" {
			t.Errorf("%s has no explanation", key.Path)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/*.good.yaml", "testdata/*.bad.yaml"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, path := range paths {
			data, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := ParseAlone("fuzz.yaml", data)
		if err != nil {
			if err.Error() == "" {
				t.Error("an error without words")
			}
			return
		}
		again, err := ParseAlone("again.yaml", []byte(Explain(doc)))
		if err != nil {
			t.Fatalf("what Explain prints: %v\n%s", err, Explain(doc))
		}
		if again.Hash() != doc.Public().Hash() {
			t.Fatalf("another document came back:\n%s\n%s", Explain(doc), Explain(again))
		}
	})
}
