package runs

import (
	"bytes"
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
// as job.Document.ReadSiteRules says. The function place, if there is one, says
// where a path leads that is not absolute; without one it is relative to the
// working directory.
func ReadSiteRules(d *job.Document, place func(path string) (string, error)) error {
	return d.ReadSiteRules(func(path string) ([]job.SiteRule, error) {
		if place != nil && !filepath.IsAbs(path) {
			var err error
			if path, err = place(path); err != nil {
				return nil, err
			}
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
// stored. What is there already stays, unless it is damaged.
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
			_, err = k.ruleText(ctx, key, r.SHA256)
			if errors.Is(err, errLost) {
				err = k.Store.Put(ctx, key, bytes.NewReader(r.Text), int64(len(r.Text)), objstore.PutOptions{ContentType: "application/yaml"})
			}
		}
		return err
	})
}

// errLost says that a collection does not hold a site rule, or holds it damaged.
var errLost = errors.New("lost from the collection")

// ruleText reads a site rule. It is errLost where no other time will bring it.
func (k *Keeper) ruleText(ctx context.Context, key, digits string) ([]byte, error) {
	text, err := k.Store.GetBytes(ctx, key, rules.MaxBytes)
	if errors.Is(err, objstore.ErrNotFound) {
		return nil, fmt.Errorf("%w: there is no %s", errLost, key)
	}
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != digits {
		return nil, fmt.Errorf("%w: %s does not have the checksum that is its name", errLost, key)
	}
	return text, nil
}

// SiteRules reads the site rules that a run's document names from its collection.
// choose is nil where there are none. lost says that one of them is not there or
// damaged, and how it comes back: pages must not be extracted without it. err may
// go away.
func (k *Keeper) SiteRules(ctx context.Context, d *job.Document) (choose extractor.Chooser, lost, err error) {
	if len(d.Extract.Rules) == 0 || !d.Extract.Enabled {
		return nil, nil, nil
	}
	list := make([]*rules.Rule, len(d.Extract.Rules))
	err = eachRule(ctx, d, func(ctx context.Context, i int, r job.SiteRule) error {
		text, err := k.ruleText(ctx, archive.RuleKey(d.Collection, r.SHA256), r.SHA256)
		if err != nil {
			return err
		}
		list[i], err = rules.Parse(r.Name+".yaml", text)
		return err
	})
	if errors.Is(err, errLost) {
		return nil, fmt.Errorf("%w (job submit with the rule's file puts it back, then `newsreel dead retry --all %s` extracts)", err, d.Name), nil
	}
	if err != nil {
		return nil, nil, err
	}
	return rules.NewSet(list).For, nil, nil
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
