package runs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"newsreel/internal/datadir"
	"newsreel/job"
)

// document is one of a job with site rules, which are read.
func document(t *testing.T, rules ...string) *job.Document {
	t.Helper()
	text := "name: paper\nseeds:\n  urls: [https://paper.example/]\nextract:\n  rules: [" + strings.Join(rules, ", ") + "]\n"
	d, err := job.Parse("job.yaml", []byte(text))
	if err == nil {
		err = ReadSiteRules(d, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// stored is a document as the store of jobs gives it back.
func stored(t *testing.T, d *job.Document) *job.Document {
	t.Helper()
	data, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back job.Document
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	return &back
}

func TestSiteRulesAreKeptAndFound(t *testing.T) {
	rules, data := t.TempDir(), filepath.Join(t.TempDir(), "data")
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(rules, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.yaml", "name: paper\nmatch: {hosts: [paper.example], paths: ['^/a/']}\nbody: .a\n")
	write("b.yaml", "name: papers\nmatch: {hosts: [paper.example]}\nbody: .b\n")
	doc := document(t, rules)
	folder, err := datadir.Open(data, datadir.Purpose{Command: "test"}, datadir.RoleWait)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	store, err := folder.Store()
	if err != nil {
		t.Fatal(err)
	}
	k := &Keeper{Store: store}

	if err := k.KeepSiteRules(t.Context(), stored(t, doc)); err == nil || !strings.Contains(err.Error(), "collection paper does not hold it: name its file (--rules)") {
		t.Errorf("rules that are nowhere are kept: %v", err)
	}
	if _, lost, err := k.SiteRules(t.Context(), doc); err != nil || lost == nil || !strings.HasPrefix(lost.Error(), "site rule paper") {
		t.Errorf("rules that are nowhere are found: %v, %v", lost, err)
	}
	for range 2 {
		if err := k.KeepSiteRules(t.Context(), doc); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.KeepSiteRules(t.Context(), stored(t, doc)); err != nil {
		t.Error(err)
	}
	choose, lost, err := k.SiteRules(t.Context(), stored(t, doc))
	if err != nil || lost != nil {
		t.Fatal(lost, err)
	}
	for url, want := range map[string]string{"https://paper.example/a/1": "paper", "https://paper.example/b": "papers"} {
		if r := choose(url); r == nil || r.Name != want {
			t.Errorf("%s: %v, want %s", url, r, want)
		}
	}
	if r := choose("https://other.example/"); r != nil {
		t.Errorf("a rule for another site: %s", r.Name)
	}
	doc.Extract.Enabled = false
	if choose, lost, err := k.SiteRules(t.Context(), doc); choose != nil || lost != nil || err != nil {
		t.Errorf("rules where nothing is extracted: %v", err)
	}
	doc.Extract.Enabled = true

	damaged := filepath.Join(data, "s3", "newsreel", "paper", "rules", strings.Split(doc.Extract.Rules[1], ":")[1]+".yaml")
	if err := os.WriteFile(damaged, []byte("name: papers\nmatch: {hosts: [paper.example]}\nbody: .c\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, lost, err := k.SiteRules(t.Context(), doc); err != nil || lost == nil || !strings.Contains(lost.Error(), "does not have the checksum") {
		t.Errorf("a rule that was changed is used: %v, %v", lost, err)
	}
	if err := k.KeepSiteRules(t.Context(), doc); err != nil {
		t.Fatal(err)
	}
	if _, lost, err := k.SiteRules(t.Context(), doc); err != nil || lost != nil {
		t.Errorf("a rule that was given again is not mended: %v, %v", lost, err)
	}
}
