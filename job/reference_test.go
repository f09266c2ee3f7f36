package job

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The reference table of the documentation is Reference, and says what the code
// does. -update rewrites it.
func TestReferenceOfTheDocumentationIsThatOfTheCode(t *testing.T) {
	const head = "# The job document\n\n" +
		"Every key of the document, with its flag, the environment variable of the flag, the\n" +
		"values that it takes, and its default. A flag overrides its variable, which overrides\n" +
		"the document; `newsreel crawl --explain` prints the result and where each value is from.\n" +
		"Unknown keys, wrong types and contradictions are errors that name file, line and key,\n" +
		"and nothing starts before all of them are mended. A key or value marked as not in this\n" +
		"version is refused by name.\n\n" +
		"[job.schema.json](job.schema.json) is the same as a JSON Schema, for editors and other\n" +
		"programs. Both are generated from the struct tags of\n" +
		"[`job.Document`](../job/document.go).\n\n"
	path := filepath.Join("..", "docs", "job.md")
	want := head + Reference()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("docs/job.md differs from the code (-code +documentation); go test ./job -update rewrites it:\n%s", diff)
	}
}
