package gold

import (
	"strings"
	"testing"
)

func TestAnUnfamiliarPageKeepsAllButItsNames(t *testing.T) {
	const page = `<!DOCTYPE html><html lang="en"><script type="application/ld+json">{"headline":"A","articleBody":"B"}</script>
<div class="related hidden" id="related"><p title="a &amp; b">Text &amp; more</p></div><p class="related">Again</p></html>`
	got := string(Unfamiliar([]byte(page)))
	if strings.Contains(got, "related") || strings.Contains(got, "articleBody") {
		t.Errorf("names are left:\n%s", got)
	}
	for _, want := range []string{`{"headline":"A","xrticleBody":"B"}`, ` hidden" id="`, `<p title="a &amp; b">Text &amp; more</p>`, `lang="en"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is gone:\n%s", want, got)
		}
	}
	if name := renamed("related"); strings.Count(got, name) != 3 {
		t.Errorf("a name does not stay one:\n%s", got)
	}
}
