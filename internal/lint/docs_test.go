package lint

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"newsreel/job"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.+)$`)
	noSlug  = regexp.MustCompile("[^\\p{L}\\p{N} _-]")
)

// TestLinksOfTheDocumentationLeadSomewhere follows the links of the README and
// of docs/ to files, folders and headings of the tree.
func TestLinksOfTheDocumentationLeadSomewhere(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	pages = append(pages, filepath.Join(root, "README.md"), filepath.Join(root, "CHANGELOG.md"))
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			path, anchor, _ := strings.Cut(m[1], "#")
			target := page
			if path != "" {
				target = filepath.Join(filepath.Dir(page), path)
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s, which is not there", filepath.Base(page), m[1])
				continue
			}
			if anchor != "" && !hasHeading(t, target, anchor) {
				t.Errorf("%s: link to %s, which has no such heading", filepath.Base(page), m[1])
			}
		}
	}
}

// hasHeading says whether a page has a heading of that anchor, as code hosts
// make them: lower case, blanks to hyphens, everything else but letters,
// digits, hyphens and underscores left out.
func hasHeading(t *testing.T, page, anchor string) bool {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range heading.FindAllStringSubmatch(string(text), -1) {
		slug := noSlug.ReplaceAllString(strings.ToLower(m[1]), "")
		if strings.ReplaceAll(slug, " ", "-") == anchor {
			return true
		}
	}
	return false
}

// TestOperationsListsTheLimits holds the table of limits in docs/operations.md
// to the job document.
func TestOperationsListsTheLimits(t *testing.T) {
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range job.Keys() {
		limit := strings.HasPrefix(k.Path, "limits.") || strings.HasPrefix(k.Path, "politeness.") || strings.HasPrefix(k.Path, "archive.segment")
		if !limit || k.Default == "" {
			continue
		}
		row := fmt.Sprintf("| `%s` | `--%s` | %s | %s |", k.Path, k.Flag, k.Default, k.Doc)
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/operations.md has no row\n%s", row)
		}
	}
}
