package archive

import (
	"io"
	"maps"
)

// runs verifies the records and ledgers of the finished runs.
func (v *verifier) runs(collection string) error {
	for o, err := range v.store.List(v.ctx, collection+"/jobs/", "") {
		if err != nil {
			return err
		}
		data, err := v.store.GetBytes(v.ctx, o.Key, maxRunRecord)
		var r *RunRecord
		if err == nil {
			r, err = parseRun(o.Key, data)
		}
		if err != nil {
			if v.ctx.Err() != nil {
				return err
			}
			v.fail(o.Key, "%v", err)
			continue
		}
		if err := checkSeal(data, r.SHA256, new(RunRecord)); err != nil {
			v.fail(o.Key, "%v", err)
		}
		v.report.Runs++
		s := &r.Summary
		if key := RunKey(s.Collection, s.Job, s.Run); key != o.Key {
			v.fail(o.Key, "is the record that belongs at %s", key)
		}
		v.runCounts(o.Key, s)
		v.runRules(o.Key, r)
		if err := v.ledger(o.Key, r); err != nil {
			return err
		}
	}
	return nil
}

func (v *verifier) runCounts(key string, s *Summary) {
	sum := v.sums[runKey{job: s.Job, run: s.Run}]
	if sum == nil {
		v.fail(key, "the run has no segment")
		return
	}
	if !sum.last.End {
		v.fail(key, "the run is finished, and no segment holds its end")
	}
	v.same(key, "captures", s.Captures, sum.counts.Captures, "its segments have")
	v.same(key, "revisits", s.Revisits, sum.counts.Revisits, "its segments have")
	v.same(key, "articles", s.Articles, sum.counts.Articles, "its segments have")
	v.same(key, "segments", s.Segments, sum.segments, "there are")
	v.same(key, "discovered URLs", s.Discovered, s.Captured+total(s.Failed)+total(s.Skipped)+s.Waiting, "its fates add up to")
}

// same checks that two counts are.
func (v *verifier) same(key, what string, said, found int64, where string) {
	if said != found {
		v.fail(key, "says %d %s, and %s %d", said, what, where, found)
	}
}

func total(m map[string]int64) (n int64) {
	for count := range maps.Values(m) {
		n += count
	}
	return n
}

// ledger verifies a run's ledger against its record, which stands at recordKey.
func (v *verifier) ledger(recordKey string, r *RunRecord) error {
	key := LedgerKey(r.Summary.Collection, r.Summary.Job, r.Summary.Run)
	o := r.Ledger
	if o == nil {
		var err error
		if o, err = v.ledgerObject(key); err != nil || o == nil {
			return err
		}
	} else if o.Key != key || o.Kind != ObjectLedger {
		v.fail(recordKey, "names %s %s as its ledger, which is %s %s", o.Kind, o.Key, ObjectLedger, key)
		return nil
	}
	return v.object(o, func(*Object) error {
		if r.Ledger != nil {
			if err := v.hashed(o, func(io.Reader) error { return nil }); err != nil || v.broken[key] {
				return err // its rows are then not those that were stored
			}
		}
		return v.ledgerRows(o, r)
	})
}

func (v *verifier) ledgerRows(o *Object, r *RunRecord) error {
	fates := map[string]int64{}
	previous, rows := "", int64(0)
	for row, err := range scan[LedgerRow](v.ctx, v.store, o) {
		if err != nil {
			return damage(err)
		}
		if rows > 0 && row.URL <= previous {
			v.fail(o.Key, "row %d: %s does not come after %s", rows, row.URL, previous)
		}
		previous = row.URL
		rows++
		fates[row.Fate]++
	}
	v.report.Entries += rows
	s := &r.Summary
	for _, c := range []struct {
		what       string
		has, wants int64
	}{
		{"rows", rows, s.Discovered}, {"captured URLs", fates["captured"], s.Captured},
		{"failed URLs", fates["failed"], total(s.Failed)}, {"skipped URLs", fates["skipped"], total(s.Skipped)},
	} {
		if c.has != c.wants {
			v.fail(o.Key, "has %d %s, and the run's record says %d", c.has, c.what, c.wants)
		}
	}
	if r.Ledger != nil && rows != o.Rows {
		v.fail(o.Key, "has %d rows, and is recorded with %d", rows, o.Rows)
	}
	return nil
}

// ledgerObject is the ledger of a run whose record does not describe it; nil if
// it is missing.
func (v *verifier) ledgerObject(key string) (*Object, error) {
	stat, err := v.store.Stat(v.ctx, key)
	if isNotFound(err) {
		v.fail(key, "is missing")
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Object{Kind: ObjectLedger, Key: key, Size: stat.Size}, nil
}
