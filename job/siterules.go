package job

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// What one job may bring along as site rules.
const (
	MaxSiteRules     = 1000
	MaxSiteRuleBytes = 8 << 20
)

// SiteRule is a rule for the pages of one site that a job brings along.
type SiteRule struct {
	// Name is the rule's own.
	Name string
	// SHA256 is that of its text, as 64 hex digits.
	SHA256 string
	// Text is nil where the document was stored and knows only the checksum.
	Text []byte
	// File is where the text was read from, "" where it was not.
	File string
}

// String names the rule as documents do once its text was read:
// NAME@sha256:DIGITS.
func (r SiteRule) String() string { return r.Name + "@sha256:" + r.SHA256 }

var siteRuleForm = regexp.MustCompile(`^([a-z0-9][a-z0-9-]{0,59})@sha256:([0-9a-f]{64})$`)

// parseSiteRule reads what String gives; false for anything else, such as a path.
func parseSiteRule(entry string) (SiteRule, bool) {
	m := siteRuleForm.FindStringSubmatch(entry)
	if m == nil {
		return SiteRule{}, false
	}
	return SiteRule{Name: m[1], SHA256: m[2]}, true
}

// SiteRules are the rules that extract.rules names, in order. It is an error if
// it still names files: ReadSiteRules reads them.
func (d *Document) SiteRules() ([]SiteRule, error) {
	list := make([]SiteRule, 0, len(d.Extract.Rules))
	for _, entry := range d.Extract.Rules {
		r, ok := parseSiteRule(entry)
		if !ok {
			return nil, fmt.Errorf("extract.rules: %s was not read", clip(entry))
		}
		r.Text = d.ruleTexts[r.SHA256]
		list = append(list, r)
	}
	return list, nil
}

// ReadSiteRules puts the site rules that read finds in each file or folder of
// extract.rules in its place, as NAME@sha256:DIGITS; entries that name rules so
// stay. From then on the document does not depend on files, and SiteRules has
// their texts. Faults come all at once, as Errors: those that read returns as
// Errors stand as they are, others are put down to the entry.
func (d *Document) ReadSiteRules(read func(path string) ([]SiteRule, error)) error {
	g := gatheredRules{named: map[string]SiteRule{}}
	var faults Errors
	for i, entry := range d.Extract.Rules {
		list, err := g.entry(entry, read)
		inner := Errors(nil)
		switch {
		case errors.As(err, &inner):
			faults = append(faults, inner...)
			continue
		case err == nil:
			err = g.add(list)
		}
		if errors.As(err, &inner) {
			faults = append(faults, inner...)
		} else if err != nil {
			faults = append(faults, d.fault(fmt.Sprintf("extract.rules[%d]", i), "%s", err))
		}
		if g.full {
			break
		}
	}
	if len(faults) > 0 {
		return faults.err()
	}
	d.setSiteRules(g.list)
	return nil
}

// gatheredRules are the rules of one document while they are read.
type gatheredRules struct {
	list  []SiteRule
	named map[string]SiteRule
	bytes int
	full  bool // there are more than a job may bring
}

func (g *gatheredRules) entry(entry string, read func(path string) ([]SiteRule, error)) ([]SiteRule, error) {
	if r, ok := parseSiteRule(entry); ok {
		return []SiteRule{r}, nil
	}
	list, err := read(entry)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s holds no site rules: files that end in .yaml or .yml", clip(entry))
	}
	return list, err
}

// add takes rules in. A file that is named twice counts once.
func (g *gatheredRules) add(list []SiteRule) error {
	var faults Errors
	for _, r := range list {
		other, twice := g.named[r.Name]
		switch {
		case twice && other.SHA256 == r.SHA256:
			continue
		case twice:
			faults = append(faults, Error{File: r.File, Key: "name", Text: fmt.Sprintf("%s is also the rule of %s", r.Name, cmp.Or(other.File, other.String()))})
			continue
		case len(g.list) == MaxSiteRules:
			g.full = true
			return fmt.Errorf("more than %d site rules in one job", MaxSiteRules)
		case g.bytes+len(r.Text) > MaxSiteRuleBytes:
			g.full = true
			return fmt.Errorf("the site rules have more than %s together", Bytes(MaxSiteRuleBytes))
		}
		g.bytes += len(r.Text)
		g.named[r.Name] = r
		g.list = append(g.list, r)
	}
	return faults.err()
}

func (d *Document) setSiteRules(list []SiteRule) {
	const key = "extract.rules"
	origins := map[string]origin{}
	for i, entry := range d.Extract.Rules {
		from, ok := d.origins[fmt.Sprintf("%s[%d]", key, i)]
		if !ok {
			from = d.origins[key]
		}
		origins[entry] = from
	}
	if d.origins == nil {
		d.origins = map[string]origin{}
	}
	maps.DeleteFunc(d.origins, func(path string, _ origin) bool { return strings.HasPrefix(path, key+"[") })
	texts := map[string][]byte{}
	entries := make([]string, len(list))
	for i, r := range list {
		entries[i] = r.String()
		from := origins[entries[i]]
		if r.File != "" {
			from = origin{file: r.File}
		}
		d.origins[fmt.Sprintf("%s[%d]", key, i)] = from
		if text := r.Text; text != nil {
			texts[r.SHA256] = text
		} else if text := d.ruleTexts[r.SHA256]; text != nil {
			texts[r.SHA256] = text
		}
	}
	d.ruleTexts = texts
	d.setList(findKey(key), entries)
}

// ruleFaults checks what extract.rules names, not the files.
func (d *Document) ruleFaults() (faults Errors) {
	for i, entry := range d.Extract.Rules {
		if strings.TrimSpace(entry) == "" {
			faults = append(faults, d.fault(fmt.Sprintf("extract.rules[%d]", i), "an empty path"))
		}
	}
	if len(d.Extract.Rules) > MaxSiteRules {
		faults = append(faults, d.fault("extract.rules", "more than %d site rules in one job", MaxSiteRules))
	}
	return faults
}

// placeRules makes the paths of extract.rules relative to the working directory,
// as flags give them; the document has them relative to its folder.
func (r *reader) placeRules(alone bool) {
	for i, entry := range r.doc.Extract.Rules {
		if _, stored := parseSiteRule(entry); stored || strings.TrimSpace(entry) == "" || filepath.IsAbs(entry) && !alone {
			continue
		}
		if alone {
			at := r.doc.origins[fmt.Sprintf("extract.rules[%d]", i)]
			r.fault(at.line, "extract.rules", "files beside the document are not read here")
			return
		}
		r.doc.Extract.Rules[i] = filepath.Join(filepath.Dir(r.file), entry)
	}
}

// KeepsRules says whether a run that began with old goes on with other site
// rules than new names: those of a run stay the same to its end.
func KeepsRules(old, new *Document) bool { return !slices.Equal(old.Extract.Rules, new.Extract.Rules) }
