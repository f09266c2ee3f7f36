package runs

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sync/errgroup"

	"newsreel/archive"
	"newsreel/extractor"
	"newsreel/extractor/rules"
	"newsreel/internal/objstore"
	"newsreel/job"
)

// ReadSiteRules reads the files of a document's site rules and checks them whole,
// as job.Document.ReadSiteRules says. Paths that are not absolute are relative to
// the folder dir, or to the working directory where it is "".
func ReadSiteRules(d *job.Document, dir string) error {
	return d.ReadSiteRules(func(path string) ([]job.SiteRule, error) {
		if dir != "" && !filepath.IsAbs(path) {
			path = filepath.Join(dir, path)
		}
		return readSiteRules(path)
	})
}

func readSiteRules(path string) ([]job.SiteRule, error) {
	set, err := rules.Load(path)
	if err != nil {
		return nil, ruleFaults(err)
	}
	var list []job.SiteRule
	for _, r := range set.Rules() {
		sum := sha256.Sum256(r.Source())
		list = append(list, job.SiteRule{Name: r.Name, SHA256: hex.EncodeToString(sum[:]), Text: r.Source(), File: r.File})
	}
	return list, nil
}

// ruleFaults are the faults of rules as those of a document.
func ruleFaults(err error) error {
	var faults rules.Errors
	if errors.As(err, &faults) {
		list := make(job.Errors, len(faults))
		for i, f := range faults {
			list[i] = job.Error{File: f.File, Line: f.Line, Key: f.Key, Text: f.Text}
		}
		return list
	}
	var bad *fs.PathError
	if errors.As(err, &bad) {
		return fmt.Errorf("read %s: %w", bad.Path, bad.Err)
	}
	return err
}

// ruleTransfers is how many site rules are stored or read at once.
const ruleTransfers = 8

// KeepSiteRules stores the texts of a document's site rules in its collection,
// where the extractors of its runs find them. It is called before the document is
// stored. What is there already stays.
func (k *Keeper) KeepSiteRules(ctx context.Context, d *job.Document) error {
	return eachRule(ctx, d, func(ctx context.Context, _ int, r job.SiteRule) error {
		key := archive.RuleKey(d.Collection, r.SHA256)
		if r.Text == nil {
			_, err := k.Store.Stat(ctx, key)
			if errors.Is(err, objstore.ErrNotFound) {
				return fmt.Errorf("collection %s does not hold it: name its file (--rules)", d.Collection)
			}
			return err
		}
		err := k.Store.PutIfAbsent(ctx, key, r.Text, "application/yaml")
		if errors.Is(err, objstore.ErrExists) {
			return nil
		}
		return err
	})
}

// SiteRules reads the site rules that a run's document names from its collection.
// It is nil where there are none.
func (k *Keeper) SiteRules(ctx context.Context, d *job.Document) (extractor.Chooser, error) {
	if len(d.Extract.Rules) == 0 || !d.Extract.Enabled {
		return nil, nil
	}
	list := make([]*rules.Rule, len(d.Extract.Rules))
	err := eachRule(ctx, d, func(ctx context.Context, i int, r job.SiteRule) error {
		key := archive.RuleKey(d.Collection, r.SHA256)
		text, err := k.Store.GetBytes(ctx, key, rules.MaxBytes)
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != r.SHA256 {
			return fmt.Errorf("%s does not have the checksum that is its name", key)
		}
		list[i], err = rules.Parse(r.Name+".yaml", text)
		return err
	})
	if err != nil {
		return nil, err
	}
	return rules.NewSet(list).For, nil
}

// eachRule calls f with some of a document's site rules at a time.
func eachRule(ctx context.Context, d *job.Document, f func(ctx context.Context, i int, r job.SiteRule) error) error {
	list, err := d.SiteRules()
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(ruleTransfers)
	for i, r := range list {
		g.Go(func() error {
			if err := f(ctx, i, r); err != nil {
				return fmt.Errorf("site rule %s: %w", r.Name, err)
			}
			return nil
		})
	}
	return g.Wait()
}
