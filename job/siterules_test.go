package job

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func siteRule(name, file string) SiteRule {
	text := []byte("name: " + name + " of " + file)
	sum := sha256.Sum256(text)
	return SiteRule{Name: name, SHA256: hex.EncodeToString(sum[:]), Text: text, File: file}
}

// folder reads a folder of the rules a and b, and files of one rule.
func folder(path string) ([]SiteRule, error) {
	switch {
	case path == "rules":
		return []SiteRule{siteRule("a", "rules/a.yaml"), siteRule("b", "rules/b.yaml")}, nil
	case path == "empty":
		return nil, nil
	case path == "bad":
		return nil, Errors{{File: "bad/x.yaml", Line: 3, Key: "published.zone", Text: "no such zone"}}
	case path == "many":
		var list []SiteRule
		for i := range MaxSiteRules + 1 {
			list = append(list, siteRule(fmt.Sprint("r", i), fmt.Sprintf("many/%d.yaml", i)))
		}
		return list, nil
	case path == "large":
		r := siteRule("large", "large.yaml")
		r.Text = make([]byte, MaxSiteRuleBytes+1)
		return []SiteRule{r}, nil
	case strings.HasSuffix(path, ".yaml"):
		name := strings.TrimSuffix(path[strings.LastIndexByte(path, '/')+1:], ".yaml")
		return []SiteRule{siteRule(name, path)}, nil
	}
	return nil, errors.New("read " + path + ": no such file or directory")
}

func TestSiteRulesAreReadIntoTheDocument(t *testing.T) {
	a, b, c := siteRule("a", "rules/a.yaml"), siteRule("b", "rules/b.yaml"), siteRule("c", "c.yaml")
	elsewhere := SiteRule{Name: "kept", SHA256: a.SHA256[1:] + "0"}
	for name, test := range map[string]struct {
		entries []string
		want    []SiteRule
		fault   string
	}{
		"none":                         {nil, nil, ""},
		"a folder and a file":          {[]string{"rules", "c.yaml"}, []SiteRule{a, b, c}, ""},
		"a file that comes twice":      {[]string{"rules/b.yaml", "rules"}, []SiteRule{b, a}, ""},
		"what is stored already":       {[]string{elsewhere.String(), "c.yaml"}, []SiteRule{elsewhere, c}, ""},
		"two of one name":              {[]string{"rules", "x/a.yaml"}, nil, "x/a.yaml: name: a is also the rule of rules/a.yaml"},
		"what is not there":            {[]string{"rules", "none"}, nil, "--rules: read none: no such file or directory"},
		"a folder without rules":       {[]string{"empty"}, nil, "--rules: empty holds no site rules: files that end in .yaml or .yml"},
		"a fault of a rule":            {[]string{"bad", "none"}, nil, "bad/x.yaml:3: published.zone: no such zone\n--rules: read none: no such file or directory"},
		"more than a job may bring":    {[]string{"many", "none"}, nil, "--rules: more than 1000 site rules in one job"},
		"larger than a job may bring":  {[]string{"c.yaml", "large"}, nil, "--rules: the site rules have more than 8MiB together"},
		"a name that is no checksum":   {[]string{"a@sha256:12"}, nil, "--rules: read a@sha256:12: no such file or directory"},
		"a checksum in large letters ": {[]string{"a@sha256:" + strings.ToUpper(a.SHA256)}, nil, "--rules: read a@sha256:"},
	} {
		t.Run(name, func(t *testing.T) {
			doc := parsed(t, "seeds: {urls: [https://news.example/]}")
			var args []string
			for _, entry := range test.entries {
				args = append(args, "--rules", entry)
			}
			if err := applied(t, doc, env(), args...); err != nil {
				t.Fatal(err)
			}
			err := doc.ReadSiteRules(folder)
			if test.fault != "" {
				if err == nil || !strings.HasPrefix(err.Error(), test.fault) {
					t.Fatalf("got %v\nwant %s", err, test.fault)
				}
				if _, err := doc.SiteRules(); err == nil {
					t.Error("a document whose rules were not read has some")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := doc.Clone().SiteRules()
			if err != nil {
				t.Fatal(err)
			}
			var want []SiteRule
			for _, r := range test.want {
				r.File = ""
				want = append(want, r)
			}
			if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			back, err := stored(t, doc).SiteRules()
			if err != nil || len(back) != len(want) {
				t.Errorf("stored: %v %v", back, err)
			}
			for _, r := range back {
				if r.Text != nil {
					t.Errorf("the text of %s came along", r)
				}
			}
		})
	}
}

func TestSiteRulesSayWhereTheyAreFrom(t *testing.T) {
	doc, err := Parse("jobs/paper.yaml", []byte("seeds: {urls: [https://news.example/]}\nextract:\n  rules:\n    - ../rules\n    - /c.yaml\n    - gone\n"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"rules", "/c.yaml", "jobs/gone"}, doc.Extract.Rules); diff != "" {
		t.Error(diff)
	}
	if err := doc.ReadSiteRules(folder); err == nil || err.Error() != "jobs/paper.yaml:6: extract.rules[2]: read jobs/gone: no such file or directory" {
		t.Errorf("got %v", err)
	}
	doc.Extract.Rules = doc.Extract.Rules[:2]
	if err := doc.ReadSiteRules(folder); err != nil {
		t.Fatal(err)
	}
	if again := doc.ReadSiteRules(func(string) ([]SiteRule, error) { return nil, errors.New("read again") }); again != nil {
		t.Error(again)
	}
	if list, err := doc.SiteRules(); err != nil || list[0].Text == nil {
		t.Errorf("%v %v", list, err)
	}
	explained := Explain(doc)
	for _, want := range []string{`- "a@sha256:` + siteRule("a", "rules/a.yaml").SHA256 + `" # rules/a.yaml`, `" # /c.yaml`} {
		if !strings.Contains(explained, want) {
			t.Errorf("no %s in\n%s", want, explained)
		}
	}
	again, err := ParseAlone("explained", []byte(explained))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(doc.Extract.Rules, again.Extract.Rules); diff != "" {
		t.Error(diff)
	}
	if _, err := ParseAlone("far", []byte("seeds: {urls: [https://news.example/]}\nextract:\n  rules: [/etc/x.yaml]\n")); err == nil ||
		err.Error() != "far:3: extract.rules: files beside the document are not read here" {
		t.Errorf("got %v", err)
	}
}

func TestARunKeepsTheSiteRulesThatItBeganWith(t *testing.T) {
	const base = "name: paper\nseeds: {urls: [https://news.example/]}\n"
	old, new := parsed(t, base), parsed(t, base+"limits: {pages: 9}\nextract: {rules: [c.yaml]}\n")
	if err := new.ReadSiteRules(folder); err != nil {
		t.Fatal(err)
	}
	keys, err := Resume(stored(t, old), new)
	if err != nil || strings.Join(keys, " ") != "limits.pages" || !KeepsRules(old, new) || KeepsRules(new, stored(t, new)) {
		t.Errorf("%v %v", keys, err)
	}
}
