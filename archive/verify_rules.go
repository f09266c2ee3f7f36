package archive

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"newsreel/internal/objstore"
)

// maxSiteRule is far above what a site rule may have.
const maxSiteRule = 1 << 20

// siteRules verifies the site rules of a collection, which are named by their
// checksums.
func (v *verifier) siteRules(collection string) error {
	for o, err := range v.store.List(v.ctx, collection+"/rules/", "") {
		if err != nil {
			return err
		}
		v.rules[o.Key] = true
		data, err := v.store.GetBytes(v.ctx, o.Key, maxSiteRule)
		if err != nil {
			if v.ctx.Err() != nil {
				return err
			}
			v.fail(o.Key, "%v", err)
			continue
		}
		sum := sha256.Sum256(data)
		if digits := hex.EncodeToString(sum[:]); RuleKey(collection, digits) != o.Key {
			v.fail(o.Key, "has SHA-256 %s, and its name says another", digits)
		}
		v.report.Objects++
		v.report.Bytes += int64(len(data))
		v.progress(*v.report)
	}
	return nil
}

// runRules looks for the site rules that a finished run was made with.
func (v *verifier) runRules(key string, r *RunRecord) {
	var document struct {
		Extract struct {
			Rules []string `json:"rules"`
		} `json:"extract"`
	}
	if err := json.Unmarshal(r.Document, &document); err != nil {
		v.fail(key, "document: %v", err)
		return
	}
	for _, rule := range document.Extract.Rules {
		name, digits, _ := strings.Cut(rule, "@sha256:")
		rule := RuleKey(r.Summary.Collection, digits)
		if v.rules[rule] {
			continue
		}
		// It may have come since they were listed, with the run.
		_, err := v.store.Stat(v.ctx, rule)
		switch {
		case errors.Is(err, objstore.ErrNotFound):
			v.fail(rule, "is missing: run %d of job %s was made with it, site rule %s", r.Summary.Run, r.Summary.Job, name)
		case err != nil:
			v.fail(rule, "%v", err)
		}
	}
}
